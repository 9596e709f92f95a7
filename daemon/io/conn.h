// A connection over TCP, TLS, UDP or a UNIX socket. It is type-erased, so that the code that uses
// it is compiled once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/address.h"

namespace gonogo {

struct Io;
class Attempt;

class Conn {
 public:
  virtual ~Conn() = default;
  // 0 at the end of the stream; throws boost::system::system_error otherwise.
  virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into) = 0;
  virtual boost::asio::awaitable<void> write(boost::asio::const_buffer all) = 0;
  virtual void close() = 0;
};

using StreamSocket = boost::asio::generic::stream_protocol::socket;

// TCP or UNIX, without encryption.
class PlainConn : public Conn {
 public:
  explicit PlainConn(StreamSocket socket) : socket_(std::move(socket)) {}
  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into) override;
  boost::asio::awaitable<void> write(boost::asio::const_buffer all) override;
  void close() override;
  StreamSocket take_socket() { return std::move(socket_); }

 private:
  StreamSocket socket_;
};

// One address to connect to.
struct Endpoint {
  boost::asio::generic::stream_protocol::endpoint address;
  std::string text;  // "192.0.2.1:443", "unix:/path"
};

// Of an endpoint that is no UNIX socket.
boost::asio::ip::address address_of(const Endpoint& endpoint);

// All places of `target`, at least one. Enters resolve. Throws IoError (dns; missing when there is
// no such container).
boost::asio::awaitable<std::vector<Endpoint>> endpoints_of(HostPort target, Io& io,
                                                           Attempt& attempt);

// Enters connect. Throws system_error.
boost::asio::awaitable<std::unique_ptr<PlainConn>> connect(Endpoint endpoint, Io& io,
                                                           Attempt& attempt);

// Finds `target` and connects to its first address that answers; an address that does not is
// given half of the time left before the next is tried. Enters resolve and connect. Throws
// IoError (dns) or system_error.
boost::asio::awaitable<std::unique_ptr<PlainConn>> connect(HostPort target, Io& io,
                                                           Attempt& attempt);

// A UDP socket as a Conn: a read gives one datagram, a write sends one. Enters connect.
std::unique_ptr<Conn> connect_datagram(const Endpoint& endpoint, Io& io, Attempt& attempt);

// Reads until `end` was seen and gives all of it, at most `limit` bytes. Throws IoError
// (protocol) past that or when the stream ends before. What follows `end` in the same read is kept
// in `rest`.
boost::asio::awaitable<std::string> read_until(Conn& conn, std::string_view end, std::size_t limit,
                                               std::string& rest);

}  // namespace gonogo
