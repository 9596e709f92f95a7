#include "daemon/formats/git_listing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace gonogo {

namespace {

constexpr std::array<std::string_view, 16> harmless{
    "core.attributesfile", "core.autocrlf",       "core.checkstat",          "core.eol",
    "core.filemode",       "core.ignorecase",     "core.precomposeunicode",  "core.protecthfs",
    "core.protectntfs",    "core.sparsecheckout", "core.sparsecheckoutcone", "core.symlinks",
    "core.trustctime",     "index.sparse",        "remote.origin.proxy",     "remote.origin.url"};

// Of http.* and http.URL.*. Not among them: cookieFile with saveCookies, which writes, and
// sslEngine, which loads a library.
constexpr std::array<std::string_view, 19> harmless_of_http{
    "curloptresolve", "emptyauth", "extraheader",   "followredirects", "lowspeedlimit",
    "lowspeedtime",   "nohttp2",   "proactiveauth", "proxy",           "proxyauthmethod",
    "proxysslcainfo", "sslcainfo", "sslcapath",     "sslcert",         "sslciphers",
    "sslkey",         "sslverify", "sslversion",    "useragent"};

template <typename List>
bool has(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_harmless(std::string_view key) {
  if (has(harmless, key) || key == "http.version") return true;
  const std::string_view name = key.substr(key.rfind('.') + 1);
  if (key.starts_with("http.")) return has(harmless_of_http, name);
  return key.starts_with("url.") && name == "insteadof";
}

std::string_view value_in(const GitConfig& config, std::string_view key) {
  std::string_view value;
  for (const auto& [name, text] : config) {
    if (name == key) value = text;
  }
  return value;
}

bool is_word(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

// In double quotes, as git reads it.
std::string in_git_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// `section.name` or `section.any text.name`.
void add_setting(std::string& text, const std::pair<std::string, std::string>& setting) {
  const std::string_view key = setting.first;
  const std::size_t first = key.find('.');
  const std::size_t last = key.rfind('.');
  if (first == std::string_view::npos) return;
  text.append("[").append(key.substr(0, first));
  if (last > first) text.append(" ").append(in_git_quotes(key.substr(first + 1, last - first - 1)));
  text.append("]\n\t").append(key.substr(last + 1)).append(" = ");
  text.append(in_git_quotes(setting.second)).append("\n");
}

// Takes "word: 123" from the text.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view before) {
  if (!text.starts_with(before)) return std::nullopt;
  text.remove_prefix(before.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// What stands between "://" and the host. A password may hold any character, and then each program
// reads the URL in its own way: what could be one, up to the last "@", is taken for one.
std::string_view credentials_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = url.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const bool may_have_password = !rest.starts_with('[') && authority.find(':') < authority.size();
  const std::size_t at = may_have_password ? rest.rfind('@') : authority.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : rest.substr(0, at);
}

void add_secrets_in(std::string_view url, std::vector<std::string>& secrets) {
  const std::string_view credentials = credentials_in(url);
  if (credentials.empty()) return;
  secrets.emplace_back(credentials);
  const std::size_t colon = credentials.find(':');
  std::string_view password =
      colon == std::string_view::npos ? credentials : credentials.substr(colon + 1);
  secrets.emplace_back(password);
  while (!password.empty()) {
    const std::size_t end = std::min(password.find_first_of("@/?#"), password.size());
    secrets.emplace_back(password.substr(0, end));
    password.remove_prefix(std::min(end + 1, password.size()));
    if (!password.empty()) secrets.emplace_back(password);
  }
}

}  // namespace

std::vector<std::string> split_at_nul(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

GitConfig parse_git_config(std::string_view listing) {
  GitConfig config;
  for (const std::string& entry : split_at_nul(listing)) {
    const std::size_t end = entry.find('\n');
    if (end == std::string::npos) {
      config.emplace_back(entry, "true");
    } else {
      config.emplace_back(entry.substr(0, end), entry.substr(end + 1));
    }
  }
  return config;
}

GitConfig harmless_of(const GitConfig& config) {
  GitConfig kept;
  for (const auto& setting : config) {
    if (is_harmless(setting.first)) kept.push_back(setting);
  }
  return kept;
}

std::string harmless_file_of(const GitConfig& config, bool is_bare) {
  const std::string_view version = value_in(config, "core.repositoryformatversion");
  GitConfig written{{"core.repositoryformatversion", std::string(is_word(version) ? version : "0")},
                    {"core.bare", is_bare ? "true" : "false"}};
  for (const char* key : {"extensions.objectformat", "extensions.refstorage"}) {
    if (const std::string_view value = value_in(config, key); is_word(value))
      written.emplace_back(key, value);
  }
  std::string text;
  for (const auto& setting : written) add_setting(text, setting);
  for (const auto& setting : harmless_of(config)) add_setting(text, setting);
  return text;
}

std::string without_credentials(std::string_view url) {
  const std::string_view credentials = credentials_in(url);
  if (credentials.data() == nullptr) return std::string(url);
  const auto begin = static_cast<std::size_t>(credentials.data() - url.data());
  return std::string(url.substr(0, begin)) +
         std::string(url.substr(begin + credentials.size() + 1));
}

std::vector<std::string> secrets_of(const GitConfig& config) {
  std::vector<std::string> secrets;
  for (const auto& [key, value] : harmless_of(config)) {
    add_secrets_in(value, secrets);
    add_secrets_in(key, secrets);
    if (!key.starts_with("http.") || !key.ends_with(".extraheader")) continue;
    // "Authorization: Basic ..."
    const std::size_t colon = std::min(value.find(':'), value.size());
    secrets.push_back(value.substr(std::min(colon + 2, value.size())));
    secrets.push_back(value.substr(std::min(value.rfind(' ') + 1, value.size())));
  }
  return secrets;
}

std::set<std::string> filters_of(const GitConfig& config) {
  constexpr std::string_view section = "filter.";
  std::set<std::string> names;
  for (const auto& [key, value] : config) {
    const std::size_t dot = key.rfind('.');
    if (!key.starts_with(section) || dot < section.size() || value.empty()) continue;
    const std::string_view name = std::string_view(key).substr(dot + 1);
    if (name == "clean" || name == "process")
      names.insert(key.substr(section.size(), dot - section.size()));
  }
  return names;
}

std::vector<std::pair<std::string, GitFileMark>> parse_git_marks(std::string_view listing) {
  std::vector<std::pair<std::string, GitFileMark>> marks;
  while (!listing.empty()) {
    const std::size_t end = listing.find('\0');
    if (end == std::string_view::npos) return {};
    const std::string path(listing.substr(0, end));
    listing.remove_prefix(end + 1);
    const auto changed = take_number(listing, "  ctime: ");
    const auto changed_rest = take_number(listing, ":");
    const auto modified = take_number(listing, "\n  mtime: ");
    const auto modified_rest = take_number(listing, ":");
    take_number(listing, "\n  dev: ");
    take_number(listing, "\tino: ");
    take_number(listing, "\n  uid: ");
    take_number(listing, "\tgid: ");
    const auto size = take_number(listing, "\n  size: ");
    if (!changed || !changed_rest || !modified || !modified_rest || !size) return {};
    marks.emplace_back(path,
                       GitFileMark{*changed, *changed_rest, *modified, *modified_rest, *size});
    // The flags are hexadecimal.
    listing.remove_prefix(std::min(listing.find('\n'), listing.size() - 1) + 1);
  }
  return marks;
}

std::vector<std::string> submodules_of(std::string_view listing) {
  constexpr std::string_view mode = "160000 ";
  std::vector<std::string> paths;
  while (!listing.empty()) {
    const std::size_t end = std::min(listing.find('\0'), listing.size());
    const std::string_view entry = listing.substr(0, end);
    const std::size_t tab = entry.find('\t');
    if (entry.starts_with(mode) && tab != std::string_view::npos)
      paths.emplace_back(entry.substr(tab + 1));
    listing.remove_prefix(std::min(end + 1, listing.size()));
  }
  return paths;
}

}  // namespace gonogo
