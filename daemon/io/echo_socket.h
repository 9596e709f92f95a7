// ICMP echoes to one address (RFC 792, RFC 4443).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <optional>

#include "daemon/core/clock.h"

namespace gonogo {

// An unprivileged socket where the kernel allows it (net.ipv4.ping_group_range, icmp(7)), else a
// raw one (CAP_NET_RAW).
class EchoSocket {
 public:
  // Throws IoError (prober, it cannot judge) when this daemon may have neither, system_error when
  // there is no way to the address.
  EchoSocket(boost::asio::io_context& loop, const boost::asio::ip::address& address);

  // With `payload` bytes. Throws system_error.
  void send(std::uint16_t sequence, std::size_t payload);

  // Waits for the answer to the echo with this number, until `latest`; true when it came. Answers
  // to others are dropped. Throws system_error.
  boost::asio::awaitable<bool> is_answered(std::uint16_t sequence, Clock& clock, SteadyTime latest);
  // Waits until `when`, and drops late answers.
  boost::asio::awaitable<void> wait_until(Clock& clock, SteadyTime when);

 private:
  void connect(const boost::asio::ip::address& address);
  std::optional<std::uint16_t> receive();
  boost::asio::awaitable<bool> is_readable(Clock& clock, SteadyTime latest);

  boost::asio::posix::stream_descriptor descriptor_;
  bool is_v6_;
  bool is_raw_ = false;
  std::uint16_t id_ = 0;
};

}  // namespace gonogo
