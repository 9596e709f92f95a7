#include "daemon/config/web_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "daemon/config/document.h"
#include "daemon/config/listener_tls_section.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/http/listener_renewal.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t bcrypt_length = 60;

// "$2b$10$" and 53 characters. What cannot be computed would keep its user out, without a word.
bool is_bcrypt(std::string_view hash) {
  constexpr std::string_view alphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (hash.size() != bcrypt_length || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$')
    return false;
  if (std::string_view("abxy").find(hash[2]) == std::string_view::npos) return false;
  int cost = 0;
  const auto [end, error] = std::from_chars(hash.data() + 4, hash.data() + 6, cost);
  if (error != std::errc{} || end != hash.data() + 6 || cost < 4 || cost > 31) return false;
  return hash.substr(7).find_first_not_of(alphabet) == std::string_view::npos;
}

void read_tls(Settings section, const std::string& path, WebConfig& web) {
  const std::optional<ListenerTlsSettings> settings = read_listener_tls(section, path);
  if (!settings) return;
  std::vector<ListenerTlsProblem> problems;
  // Before the reading: what changes after it is noticed.
  const FileStamps stamps = stamps_of(*settings);
  web.tls = load_listener_tls(*settings, problems);
  if (web.tls)
    web.tls_source = std::make_shared<ListenerTlsSource>(ListenerTlsSource{*settings, stamps});
  for (ListenerTlsProblem& problem : problems)
    section.complain_at(problem.key, std::move(problem.text));
}

// A name that the toolkit lets a configuration set, and the values that it takes; empty: any.
struct HeaderRule {
  std::string_view name;
  std::array<std::string_view, 2> values;
};
constexpr std::array<HeaderRule, 5> header_rules{{{"Strict-Transport-Security", {}},
                                                  {"X-Content-Type-Options", {"nosniff", ""}},
                                                  {"X-Frame-Options", {"deny", "sameorigin"}},
                                                  {"X-XSS-Protection", {}},
                                                  {"Content-Security-Policy", {}}}};

// What is wrong with the value; empty: nothing.
std::string wrong_value(const HeaderRule& rule, const std::string& value) {
  const auto is_control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
  if (std::any_of(value.begin(), value.end(), is_control))
    return "holds a line break or another control character (a field is one line)";
  if (rule.values[0].empty() || value == rule.values[0]) return {};
  if (!rule.values[1].empty() && value == rule.values[1]) return {};
  return in_quotes(value) + " is not known (" + std::string(rule.values[0]) +
         (rule.values[1].empty() ? "" : " or " + std::string(rule.values[1])) + ")";
}

void read_header(Settings& section, const std::string& name, std::string value,
                 ServerRules& rules) {
  const auto found = std::find_if(header_rules.begin(), header_rules.end(),
                                  [&name](const HeaderRule& rule) { return rule.name == name; });
  if (found == header_rules.end()) {
    section.complain_at("headers",
                        in_quotes(name) +
                            " cannot be set (Strict-Transport-Security, X-Content-Type-Options, "
                            "X-Frame-Options, X-XSS-Protection and Content-Security-Policy can)");
    return;
  }
  value = std::string(trimmed(value));
  if (const std::string problem = wrong_value(*found, value); !problem.empty()) {
    section.complain_at("headers", name + ": " + problem);
  } else if (!value.empty()) {
    rules.headers.emplace_back(name, std::move(value));
  }
}

void read_http(Settings section, ServerRules& rules) {
  if (yaml11_flag(section, "http2") == true) {
    section.reading().warnings.push_back(
        {section.place_of("http2"), section.path() + ".http2",
         "HTTP/2 is not served: clients are answered in HTTP/1.1 (remove it, or write false)"});
  }
  if (const Node* headers = section.raw("headers"); headers != nullptr && headers->is_map()) {
    for (const Node::Entry& entry : headers->entries) {
      // Empty is unset.
      if (entry.value.is_null()) continue;
      if (entry.value.is_scalar())
        read_header(section, entry.key, entry.value.scalar, rules);
      else
        section.complain_at("headers", in_quotes(entry.key) + " has no text as its value");
    }
  } else {
    section.text_map("headers");
  }
  section.finish();
}

// As Go writes durations: "1m30s", "0.5s", "100ms"; a bare number counts nanoseconds.
std::optional<Duration> parse_go_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> units{{{"ns", 1},
                                                                      {"us", 1e3},
                                                                      {"\xC2\xB5s", 1e3},
                                                                      {"\xCE\xBCs", 1e3},
                                                                      {"ms", 1e6},
                                                                      {"s", 1e9},
                                                                      {"m", 60e9},
                                                                      {"h", 3600e9}}};
  constexpr double most = 86400e9 * 366;
  double total = 0;
  const bool is_bare = text.find_first_not_of("0123456789") == std::string_view::npos;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::size_t size = std::min(text.find_first_of("0123456789.+-"), text.size());
    const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& entry) {
      return entry.first == text.substr(0, size);
    });
    if (unit == units.end() && !(is_bare && text.empty())) return std::nullopt;
    total += number * (unit == units.end() ? 1 : unit->second);
    if (total > most) return std::nullopt;
    text.remove_prefix(size);
  }
  return Duration(static_cast<Duration::rep>(total));
}

void read_rate(Settings section, ServerRules& rules) {
  const Node* interval = section.raw("interval");
  const auto text = section.text("interval");
  const auto burst = section.integer("burst", -1'000'000'000, 1'000'000'000);
  section.finish();
  if (!text) return;
  const bool is_quoted_number =
      interval->is_quoted && text->find_first_not_of("0123456789") == std::string::npos;
  const auto parsed = text->empty() || is_quoted_number ? std::nullopt : parse_go_duration(*text);
  if (!parsed) {
    section.complain_at("interval",
                        in_quotes(*text) + " is no duration (such as 100ms, 1s or 1m30s)");
    return;
  }
  if (*parsed == Duration::zero()) return;
  if (burst.value_or(0) <= 0) {
    if (burst || !section.has("burst"))
      section.complain("admits no request: `burst` is how many come at once (such as burst: 20)");
    return;
  }
  rules.interval = *parsed;
  rules.burst = *burst;
}

void read_users(Settings& root, WebConfig& web) {
  for (auto& [user, hash] : root.text_map("basic_auth_users")) {
    const std::string plain(trimmed(hash));
    if (!is_bcrypt(plain)) {
      root.complain_at("basic_auth_users",
                       in_quotes(user) + " has no bcrypt hash (htpasswd -nBC 10 \"\" makes one)");
    }
    web.users[user] = plain;
  }
}

// To the toolkit a key without a value is not there.
void allow_empty(Node& node) {
  node.may_be_empty = node.is_null();
  for (Node& item : node.items) allow_empty(item);
  for (Node::Entry& entry : node.entries) allow_empty(entry.value);
}

}  // namespace

bool WebConfig::verifies_clients() const {
  return tls_source && tls_source->settings.clients.auth == ClientAuth::require_and_verify;
}

WebConfig read_web_config(const std::string& path, Settings& server) {
  WebConfig web;
  Reading& reading = server.reading();
  const std::size_t known = reading.problems.size();
  Node tree;
  try {
    tree = parse_document(path, read_bounded_file(path, most_document_bytes), reading.problems);
  } catch (const IoError& broken) {
    server.complain_at("web_config", broken.what());
    return web;
  }
  allow_empty(tree);
  Settings root(&tree, tree.place, "", reading);
  if (tree.is_null() && reading.problems.size() == known) {
    reading.warnings.push_back(
        {tree.place, "", "is empty: no TLS and no users (remove server.web_config, or fill it)"});
  }
  if (root.has("tls_server_config")) read_tls(root.section("tls_server_config"), path, web);
  read_http(root.section("http_server_config"), web.rules);
  read_rate(root.section("rate_limit"), web.rules);
  read_users(root, web);
  root.finish();
  return web;
}

}  // namespace gonogo
