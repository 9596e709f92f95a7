// Where the daemon listens, as the configuration writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct ListenAddress {
  std::string path;  // of a UNIX socket; else empty
  // Addresses, at least one where there is no path. Those of "localhost" are 127.0.0.1 and ::1, of
  // which a host may lack one.
  std::vector<std::string> hosts;
  std::uint16_t port = 0;  // 0: any that is free
};

// "127.0.0.1:9880", "[::1]:9880", "localhost:9880" or "unix:/run/g.sock"; nothing when the text is
// anything else. No name server is asked for other names: what it says does not decide who may
// connect.
std::optional<ListenAddress> parse_listen(std::string_view text);

// True when only this host can connect there: loopback, or a UNIX socket of any kind ("unix:...").
bool is_on_this_host_only(std::string_view listen);

// What of `all` cannot be opened because an earlier one is the same, or is all addresses of its
// family at that port.
struct ListenedTwice {
  std::string earlier;
  std::string later;
};
std::optional<ListenedTwice> find_listened_twice(const std::vector<std::string>& all);

}  // namespace gonogo
