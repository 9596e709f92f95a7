#include "daemon/formats/tracked_secrets.h"

#include <algorithm>

#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

// Of docs.aws.amazon.com; they are in thousands of repositories, and no account has them.
constexpr const char* documentation_keys = "AKIAIOSFODNN7EXAMPLE|AKIAI44QH8DHBEXAMPLE";

Pattern compiled(const std::string& text) {
  std::string problem;
  return TextPattern::compile(text, true, problem);
}

}  // namespace

std::vector<std::string> usual_secrets() {
  return {"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----",
          "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
          "PuTTY-User-Key-File-[0-9]",
          "(^|[^A-Za-z0-9])(AKIA|ASIA)[0-9A-Z]{16}([^A-Za-z0-9]|$)",
          "(sk|rk)_live_[0-9A-Za-z]{16,}",
          "whsec_[0-9A-Za-z]{24,}",
          "gh[pousr]_[0-9A-Za-z]{36,}",
          "github_pat_[0-9A-Za-z_]{36,}",
          "xox[baprs]-[0-9A-Za-z-]{10,}",
          "SG\\.[0-9A-Za-z_-]{16,}\\.[0-9A-Za-z_-]{16,}"};
}

TrackedSecrets::TrackedSecrets(const std::vector<std::string>& forms,
                               std::vector<Pattern> exceptions)
    : exceptions_(std::move(exceptions)) {
  for (const std::string& form : forms) forms_.push_back(compiled(form));
  exceptions_.push_back(compiled(documentation_keys));
}

bool TrackedSecrets::is_in(std::string_view line) const {
  std::string rest(line);
  for (const Pattern& exception : exceptions_) rest = exception->without(rest);
  if (rest == line) return true;
  const auto matches = [](std::string_view text) {
    return [text](const Pattern& form) { return form == nullptr || form->matches(text); };
  };
  // Where git has found it by what RE2 reads otherwise, nothing can be taken out of it.
  const bool is_read_alike = std::any_of(forms_.begin(), forms_.end(), matches(line));
  return !is_read_alike || std::any_of(forms_.begin(), forms_.end(), matches(rest));
}

std::vector<std::string> files_with_secrets(std::string_view printed,
                                            const TrackedSecrets& secrets) {
  std::vector<std::string> files;
  while (!printed.empty()) {
    const std::size_t name = printed.find('\0');
    const std::string_view file = printed.substr(0, name);
    printed.remove_prefix(name == std::string_view::npos ? printed.size() : name + 1);
    const std::size_t size = std::min(printed.find('\n'), printed.size());
    const bool is_known = !files.empty() && files.back() == file;
    if (!is_known && secrets.is_in(printed.substr(0, size))) files.emplace_back(file);
    printed.remove_prefix(std::min(size + 1, printed.size()));
  }
  return files;
}

std::vector<Pattern> read_secret_exceptions(Settings& settings, std::string_view key) {
  std::vector<Pattern> exceptions;
  for (const std::string& text : settings.texts(key)) {
    Pattern exception = compile_pattern(settings, key, text);
    if (!exception) continue;
    const bool is_all = exception->matches_whole("") ||
                        exception->matches_whole("-----BEGIN PRIVATE KEY-----") ||
                        exception->matches_whole("= \"AKIA0123456789ABCDEF\";");
    if (is_all) settings.complain_at(key, "excepts every secret (such as AKIA[0-9A-Z]*EXAMPLE)");
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

}  // namespace gonogo
