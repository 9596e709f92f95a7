// The host that a request is for (RFC 9110, 7.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

struct RequestHost {
  std::string name;  // a name in lower case without a final dot, or an address without brackets
  std::optional<std::uint16_t> port;
  bool is_address = false;
};

// "example.org", "example.org.:9880", "[::1]:9880"; nothing when the text is anything else.
std::optional<RequestHost> parse_host(std::string_view text);

// In lower case and without a final dot; empty when `name` is no host name.
std::string host_name_in_lower_case(std::string_view name);

}  // namespace gonogo
