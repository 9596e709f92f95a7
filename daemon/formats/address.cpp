#include "daemon/formats/address.h"

#include <charconv>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {

std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return std::nullopt;
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
    if (host.find(':') != std::string_view::npos) return std::nullopt;
  }
  if (host.empty() || host.find_first_of(" /@?#") != std::string_view::npos) return std::nullopt;
  HostPort target{std::string(host), default_port};
  if (port.empty()) return default_port == 0 ? std::nullopt : std::optional(target);
  port.remove_prefix(1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535) {
    return std::nullopt;
  }
  target.port = static_cast<std::uint16_t>(number);
  return target;
}

std::optional<HostPort> parse_target(std::string_view text, std::uint16_t default_port) {
  constexpr std::string_view unix_prefix = "unix:";
  constexpr std::string_view docker_prefix = "docker://";
  if (text.starts_with(unix_prefix)) {
    text.remove_prefix(unix_prefix.size());
    constexpr std::size_t longest_path = 107;  // unix(7)
    if (!text.starts_with('/') || text.size() > longest_path) return std::nullopt;
    return HostPort{std::string(text), 0, HostPort::Via::unix_socket};
  }
  if (!text.starts_with(docker_prefix)) return parse_host_port(text, default_port);
  text.remove_prefix(docker_prefix.size());
  const std::size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  auto service = parse_host_port(text.substr(slash + 1), default_port);
  if (!service) return std::nullopt;
  service->host = std::string(text.substr(0, slash + 1)) + service->host;
  service->via = HostPort::Via::docker;
  return service;
}

bool is_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  bool is_in_label = false;
  for (const char c : text) {
    const bool is_label_char = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                               (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!is_label_char && (c != '.' || !is_in_label)) return false;
    is_in_label = is_label_char;
  }
  return is_in_label;
}

std::string to_text(const HostPort& target) {
  if (target.via == HostPort::Via::unix_socket) return "unix:" + target.host;
  const std::string port = ":" + std::to_string(target.port);
  if (target.via == HostPort::Via::docker) return "docker://" + target.host + port;
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + target.host + "]" : target.host) + port;
}

std::optional<HostPort> read_target(Settings& settings, std::string_view key,
                                    std::uint16_t default_port, std::string_view example) {
  const auto text = settings.text(key);
  if (!text) return std::nullopt;
  auto target = parse_target(*text, default_port);
  if (!target) {
    settings.complain_at(key, in_quotes(*text) + " is no address (such as " + std::string(example) +
                                  ", unix:/run/app.sock, docker://PROJECT/SERVICE:PORT)");
  } else {
    settings.reading().targets.push_back(to_text(*target));
  }
  return target;
}

}  // namespace gonogo
