// File modes and names of users, as the configuration and people write them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

class Settings;

// "0640"; problems go to `settings`.
std::optional<mode_t> read_mode(Settings& settings, std::string_view key);

std::string octal(mode_t mode);

// The name, or the number when there is no name. The name service that they ask may block.
std::string user_name(uid_t id);
std::string group_name(gid_t id);

}  // namespace gonogo
