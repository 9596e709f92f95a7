#include "daemon/io/boot_id.h"

#include <array>
#include <cstdio>

namespace gonogo {
namespace {

std::string read_boot_id() {
  std::array<char, 64> text{};
  std::FILE* file = std::fopen("/proc/sys/kernel/random/boot_id", "re");
  if (file == nullptr) return {};
  if (std::fgets(text.data(), text.size(), file) == nullptr) text[0] = '\0';
  std::fclose(file);
  return text.data();
}

}  // namespace

const std::string& boot_id() {
  static const std::string id = read_boot_id();
  return id;
}

bool is_this_boot(const std::string& id) { return !id.empty() && id == boot_id(); }

}  // namespace gonogo
