#include "daemon/config/listen_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "daemon/core/text.h"
#include "daemon/formats/address.h"

namespace gonogo {
namespace {

constexpr std::string_view unix_prefix = "unix:";

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    const auto mapped =
        boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return mapped.is_loopback();
  }
  return address.is_loopback();
}

boost::asio::ip::address plain_address(const std::string& host) {
  const auto address = boost::asio::ip::make_address(host);
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

// Whether all addresses of the IPv6 family are those of IPv4 too depends on the host.
bool is_same_place(const std::string& one, const std::string& other) {
  const auto a = plain_address(one);
  const auto b = plain_address(other);
  if (a == b) return true;
  return a.is_v4() == b.is_v4() && (a.is_unspecified() || b.is_unspecified());
}

bool is_same_place(const ListenAddress& one, const ListenAddress& other) {
  if (!one.path.empty() || !other.path.empty()) return one.path == other.path;
  if (one.port != other.port || one.port == 0) return false;
  return std::any_of(one.hosts.begin(), one.hosts.end(), [&](const std::string& host) {
    return std::any_of(other.hosts.begin(), other.hosts.end(),
                       [&](const std::string& each) { return is_same_place(host, each); });
  });
}

}  // namespace

std::optional<ListenAddress> parse_listen(std::string_view text) {
  ListenAddress listen;
  if (text.starts_with(unix_prefix)) {
    const auto target = parse_target(text);
    if (!target) return std::nullopt;
    listen.path = target->host;
    return listen;
  }
  const bool is_any_port = text.ends_with(":0");
  const std::string written =
      is_any_port ? std::string(text.substr(0, text.size() - 1)) + "1" : std::string(text);
  const auto target = parse_host_port(written);
  if (!target) return std::nullopt;
  listen.port = is_any_port ? std::uint16_t{0} : target->port;
  if (equal_ignoring_case(target->host, "localhost")) {
    listen.hosts = {"127.0.0.1", "::1"};
    return listen;
  }
  boost::system::error_code error;
  boost::asio::ip::make_address(target->host, error);
  if (error) return std::nullopt;
  listen.hosts = {target->host};
  return listen;
}

bool is_on_this_host_only(std::string_view listen) {
  if (listen.starts_with(unix_prefix)) return true;
  const auto address = parse_listen(listen);
  return address && std::all_of(address->hosts.begin(), address->hosts.end(), is_loopback);
}

std::optional<ListenedTwice> find_listened_twice(const std::vector<std::string>& all) {
  for (std::size_t later = 1; later < all.size(); ++later) {
    const auto address = parse_listen(all[later]);
    for (std::size_t earlier = 0; address && earlier < later; ++earlier) {
      const auto other = parse_listen(all[earlier]);
      if (other && is_same_place(*other, *address)) return ListenedTwice{all[earlier], all[later]};
    }
  }
  return std::nullopt;
}

}  // namespace gonogo
