// Where something listens, as the configuration writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

class Settings;

struct HostPort {
  enum class Via : std::uint8_t { network, unix_socket, docker };
  std::string host;  // a name or an address without brackets; a path; "project/service"
  std::uint16_t port = 0;
  Via via = Via::network;
};

// "host:port", "[::1]:443"; nothing when the text is anything else. With a `default_port` the port
// may be missing.
std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port = 0);

// As parse_host_port, and also "unix:/path" and "docker://PROJECT/SERVICE:PORT". The latter is a
// container, found by its compose labels at each run.
std::optional<HostPort> parse_target(std::string_view text, std::uint16_t default_port = 0);

// True for labels of ASCII letters, digits, "-" and "_" between dots, and maybe a dot at the end. A
// name in other letters has to be written as A-labels ("xn--...", RFC 5890).
bool is_host_name(std::string_view text);

std::string to_text(const HostPort& target);  // brackets an IPv6 address

// Reads the address at `key`; problems go to `settings`.
std::optional<HostPort> read_target(Settings& settings, std::string_view key,
                                    std::uint16_t default_port, std::string_view example);

}  // namespace gonogo
