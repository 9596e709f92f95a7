// The man page, made from the table of verbs.
#pragma once

#include <string>

namespace gonogo {

// For man(1): `gonogo.8`.
std::string man_page();

}  // namespace gonogo
