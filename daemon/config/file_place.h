// Names of files that places may refer to.
#pragma once

#include <string_view>

#include "daemon/formats/node.h"

namespace gonogo {

// Where `file` begins. Its name is kept for as long as the process lives.
Place beginning_of(std::string_view file);

}  // namespace gonogo
