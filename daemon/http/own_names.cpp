#include "daemon/http/own_names.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/http/host_header.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_domains = 6;  // as resolv.conf(5) once had it

std::vector<std::vector<std::string>> words_of(std::string_view text) {
  std::vector<std::vector<std::string>> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find_first_of("#;"));
    std::vector<std::string> words;
    while (!(line = trimmed(line)).empty()) {
      const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
      words.emplace_back(line.substr(0, blank));
      line.remove_prefix(blank);
    }
    if (words.size() > 1) lines.push_back(std::move(words));
  }
  return lines;
}

// A host may lack either file.
std::string text_of_file(const char* path) {
  try {
    return read_bounded_file(path, most_bytes);
  } catch (const IoError&) {
    return {};
  }
}

}  // namespace

std::vector<std::string> own_names(std::string_view host_name, std::string_view hosts,
                                   std::string_view resolv_conf) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name) {
    const std::string plain = host_name_in_lower_case(name);
    if (!plain.empty() && std::find(names.begin(), names.end(), plain) == names.end())
      names.push_back(plain);
  };
  const std::string own = host_name_in_lower_case(host_name);
  if (own.empty()) return names;
  add(own);
  for (const auto& words : words_of(hosts)) {
    const bool is_own = std::any_of(
        words.begin() + 1, words.end(),
        [&own](const std::string& name) { return host_name_in_lower_case(name) == own; });
    if (is_own) add(words[1]);
  }
  if (own.find('.') != std::string::npos) return names;
  for (const auto& words : words_of(resolv_conf)) {
    if (words[0] != "search" && words[0] != "domain") continue;
    for (std::size_t i = 1; i < words.size() && i <= most_domains; ++i) add(own + "." + words[i]);
  }
  return names;
}

std::vector<std::string> names_of_this_host() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return own_names(name.data(), text_of_file("/etc/hosts"), text_of_file("/etc/resolv.conf"));
}

}  // namespace gonogo
