// What git prints with -z, as values.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gonogo {

// Each part is followed by a NUL; the last one may lack it.
std::vector<std::string> split_at_nul(std::string_view text);

using GitConfig = std::vector<std::pair<std::string, std::string>>;

// The output of `git config --list -z`. A key without a value is true.
GitConfig parse_git_config(std::string_view listing);

// The settings that say how files are stored and compared, and where origin is. None of them names
// a program, a folder to write to or a file with more settings. Only these are listed here: what a
// newer git adds is not among them.
GitConfig harmless_of(const GitConfig& config);

// A configuration file with what git needs to read the repository at all, and with harmless_of().
std::string harmless_file_of(const GitConfig& config, bool is_bare);

// The URL without the user and the password that it may hold. What stands before an "@" that does
// not belong into a URL is taken for a part of the password.
std::string without_credentials(std::string_view url);

// What none of the harmless settings may show: passwords in URLs, with what git takes for the name
// of a host when a password holds an "@", users without a password, which are tokens, and the
// values of http.extraHeader.
std::vector<std::string> secrets_of(const GitConfig& config);

// The filters (gitattributes(5)) that would run a program to compare a file.
std::set<std::string> filters_of(const GitConfig& config);

// What the index remembers of a file since it was checked out; git keeps 32 bits of each.
struct GitFileMark {
  std::uint32_t changed_seconds = 0;
  std::uint32_t changed_nanoseconds = 0;
  std::uint32_t modified_seconds = 0;
  std::uint32_t modified_nanoseconds = 0;
  std::uint32_t size = 0;
  bool operator==(const GitFileMark&) const = default;
};

// The output of `git ls-files --debug -z`. Empty when it is not understood.
std::vector<std::pair<std::string, GitFileMark>> parse_git_marks(std::string_view listing);

// The paths of submodules in the output of `git ls-files --stage -z`.
std::vector<std::string> submodules_of(std::string_view listing);

}  // namespace gonogo
