// Which boot of this host it is.
#pragma once

#include <string>

namespace gonogo {

// The kernel's id of this boot (random(4)); empty when it cannot be read.
const std::string& boot_id();

// Whether something that was kept with this id is of this boot.
bool is_this_boot(const std::string& id);

}  // namespace gonogo
