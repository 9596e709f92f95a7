#include "daemon/io/file_mode.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {

std::optional<mode_t> read_mode(Settings& settings, std::string_view key) {
  const auto text = settings.text(key);
  if (!text) return std::nullopt;
  mode_t mode = 0;
  for (const char c : *text) {
    if (c < '0' || c > '7' || text->size() > 5) {
      settings.complain_at(key, in_quotes(*text) + " is no file mode (such as \"0640\")");
      return std::nullopt;
    }
    mode = mode * 8 + static_cast<mode_t>(c - '0');
  }
  return mode & 07777;
}

std::string user_name(uid_t id) {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(id, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
  std::array<char, 4096> memory{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(id, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

}  // namespace gonogo
