#include "daemon/io/echo_socket.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "daemon/core/io_error.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using Descriptor = asio::posix::stream_descriptor;

constexpr std::size_t header_size = 8;  // an echo's header
constexpr std::size_t largest_packet = 2048;

// The checksum of RFC 1071. The kernel fills it in for IPv6.
std::uint16_t checksum(std::string_view data) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); i += 2) {
    const auto high = static_cast<unsigned char>(data[i]);
    const auto low = i + 1 < data.size() ? static_cast<unsigned char>(data[i + 1]) : 0;
    sum += static_cast<std::uint32_t>(high << 8 | low);
  }
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put16(std::string& packet, std::size_t at, std::uint16_t value) {
  packet[at] = static_cast<char>(value >> 8);
  packet[at + 1] = static_cast<char>(value & 0xFF);
}
std::uint16_t get16(std::string_view packet, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(packet[at]) << 8 |
                                    static_cast<unsigned char>(packet[at + 1]));
}

}  // namespace

EchoSocket::EchoSocket(asio::io_context& loop, const asio::ip::address& address)
    : descriptor_(loop), is_v6_(address.is_v6()) {
  const int family = is_v6_ ? AF_INET6 : AF_INET;
  const int protocol = is_v6_ ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP);
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  int handle = ::socket(family, SOCK_DGRAM | flags, protocol);
  if (handle < 0 && (errno == EACCES || errno == EPERM)) {
    handle = ::socket(family, SOCK_RAW | flags, protocol);
    is_raw_ = true;
  }
  if (handle < 0) {
    const int error = errno;
    const bool is_forbidden = error == EACCES || error == EPERM;
    throw IoError::cannot_judge(
        Reason::prober,
        std::string("no socket for ICMP: ") + std::strerror(error) +
            (is_forbidden ? " (put this group into net.ipv4.ping_group_range, or grant CAP_NET_RAW)"
                          : ""));
  }
  descriptor_.assign(handle);
  static std::uint16_t next_id = 0;
  id_ = static_cast<std::uint16_t>(::getpid() * 31 + ++next_id);
  connect(address);
}

void EchoSocket::connect(const asio::ip::address& address) {
  sockaddr_storage target{};
  socklen_t size = 0;
  if (address.is_v6()) {
    auto* in = reinterpret_cast<sockaddr_in6*>(&target);
    in->sin6_family = AF_INET6;
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(&in->sin6_addr, bytes.data(), bytes.size());
    in->sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
    size = sizeof(sockaddr_in6);
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&target);
    in->sin_family = AF_INET;
    const auto bytes = address.to_v4().to_bytes();
    std::memcpy(&in->sin_addr, bytes.data(), bytes.size());
    size = sizeof(sockaddr_in);
  }
  if (::connect(descriptor_.native_handle(), reinterpret_cast<const sockaddr*>(&target), size) != 0)
    throw boost::system::system_error(errno, boost::system::system_category());
}

void EchoSocket::send(std::uint16_t sequence, std::size_t payload) {
  std::string packet(header_size + payload, 'g');
  packet[0] = static_cast<char>(is_v6_ ? ICMP6_ECHO_REQUEST : ICMP_ECHO);
  packet[1] = 0;
  put16(packet, 2, 0);
  put16(packet, 4, id_);
  put16(packet, 6, sequence);
  if (!is_v6_) put16(packet, 2, checksum(packet));
  if (::send(descriptor_.native_handle(), packet.data(), packet.size(), 0) < 0)
    throw boost::system::system_error(errno, boost::system::system_category());
}

// The sequence number of an answer that has arrived, or nothing.
std::optional<std::uint16_t> EchoSocket::receive() {
  std::array<char, largest_packet> memory;
  // A raw socket also receives packets for others; many of them must not block the loop.
  constexpr int most_at_once = 64;
  for (int i = 0; i < most_at_once; ++i) {
    const ssize_t size = ::recv(descriptor_.native_handle(), memory.data(), memory.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
    if (size < 0) throw boost::system::system_error(errno, boost::system::system_category());
    std::string_view packet(memory.data(), static_cast<std::size_t>(size));
    // A raw IPv4 socket returns the IP header too.
    if (is_raw_ && !is_v6_) {
      const std::size_t header =
          packet.empty() ? 0 : (static_cast<unsigned char>(packet[0]) & 15U) * 4U;
      packet.remove_prefix(std::min(header, packet.size()));
    }
    if (packet.size() < header_size) continue;
    const auto type = static_cast<unsigned char>(packet[0]);
    if (type != (is_v6_ ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY)) continue;
    // An unprivileged socket receives only its own answers, with an id that the kernel chose.
    if (is_raw_ && get16(packet, 4) != id_) continue;
    return get16(packet, 6);
  }
  return std::nullopt;
}

asio::awaitable<bool> EchoSocket::is_readable(Clock& clock, SteadyTime latest) {
  bool is_late = false;
  const Timer limit = clock.call_at(latest, [this, &is_late] {
    is_late = true;
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
  });
  boost::system::error_code error;
  co_await descriptor_.async_wait(Descriptor::wait_read,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error && !is_late) throw boost::system::system_error(error);
  co_return !error;
}

asio::awaitable<bool> EchoSocket::is_answered(std::uint16_t sequence, Clock& clock,
                                              SteadyTime latest) {
  while (true) {
    const std::optional<std::uint16_t> seen = receive();
    if (seen == sequence) co_return true;
    if (seen) continue;  // a late answer to an echo that already counts as lost
    const bool goes_on = co_await is_readable(clock, latest);
    if (!goes_on) co_return false;
  }
}

asio::awaitable<void> EchoSocket::wait_until(Clock& clock, SteadyTime when) {
  while (clock.now() < when) {
    co_await is_readable(clock, when);
    receive();
  }
}

}  // namespace gonogo
