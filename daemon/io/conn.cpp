#include "daemon/io/conn.h"

#include <array>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/io/docker_engine.h"
#include "daemon/io/each_address.h"
#include "daemon/io/io.h"
#include "daemon/io/resolve.h"

namespace gonogo {
namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<std::size_t> PlainConn::read_some(asio::mutable_buffer into) {
  boost::system::error_code error;
  const std::size_t size =
      co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::eof) co_return 0;
  if (error) throw boost::system::system_error(error);
  co_return size;
}

asio::awaitable<void> PlainConn::write(asio::const_buffer all) {
  co_await asio::async_write(socket_, all, asio::use_awaitable);
}

void PlainConn::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

namespace {

std::unique_ptr<PlainConn> connected(StreamSocket socket) {
  boost::system::error_code not_tcp;
  socket.set_option(asio::ip::tcp::no_delay(true), not_tcp);
  return std::make_unique<PlainConn>(std::move(socket));
}

}  // namespace

asio::ip::address address_of(const Endpoint& endpoint) {
  // Without its port: "192.0.2.1:0", "[2001:db8::1]:0".
  std::string text = endpoint.text.substr(0, endpoint.text.rfind(':'));
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  return asio::ip::make_address(text);
}

asio::awaitable<std::vector<Endpoint>> endpoints_of(HostPort target, Io& io, Attempt& attempt) {
  attempt.enter(Stage::resolve);
  std::vector<Endpoint> endpoints;
  if (target.via == HostPort::Via::unix_socket) {
    endpoints.push_back({asio::local::stream_protocol::endpoint(target.host), to_text(target)});
    co_return endpoints;
  }
  std::vector<asio::ip::address> addresses;
  if (target.via == HostPort::Via::docker) {
    auto finding = addresses_of_service(target.host, io, attempt);
    addresses = co_await std::move(finding);
    attempt.enter(Stage::resolve);
  } else {
    auto resolving = io.resolver.resolve(target.host, attempt.needed());
    addresses = co_await std::move(resolving);
  }
  attempt.needed().peers.clear();
  for (const asio::ip::address& address : addresses) {
    attempt.needed().peers.push_back(address.to_string());
    endpoints.push_back(
        {tcp::endpoint(address, target.port), to_text(HostPort{address.to_string(), target.port})});
  }
  co_return endpoints;
}

class DatagramConn : public Conn {
 public:
  using Socket = asio::generic::datagram_protocol::socket;
  explicit DatagramConn(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    co_return co_await socket_.async_receive(into, asio::use_awaitable);
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    co_await socket_.async_send(all, asio::use_awaitable);
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

std::unique_ptr<Conn> connect_datagram(const Endpoint& endpoint, Io& io, Attempt& attempt) {
  attempt.enter(Stage::connect);
  const asio::generic::datagram_protocol::endpoint address(endpoint.address.data(),
                                                           endpoint.address.size());
  DatagramConn::Socket socket(io.loop);
  socket.connect(address);  // only notes the address: nothing is sent
  return std::make_unique<DatagramConn>(std::move(socket));
}

asio::awaitable<std::unique_ptr<PlainConn>> connect(Endpoint endpoint, Io& io, Attempt& attempt) {
  attempt.enter(Stage::connect);
  StreamSocket socket(io.loop);
  co_await socket.async_connect(endpoint.address, asio::use_awaitable);
  co_return connected(std::move(socket));
}

asio::awaitable<std::unique_ptr<PlainConn>> connect(HostPort target, Io& io, Attempt& attempt) {
  auto finding = endpoints_of(target, io, attempt);
  std::vector<Endpoint> endpoints = co_await std::move(finding);
  EachAddress<std::unique_ptr<PlainConn>> each(
      std::move(endpoints),
      [&io, &attempt](Endpoint endpoint, SteadyTime) { return connect(endpoint, io, attempt); });
  auto trying = first_answer(std::move(each), io, attempt);
  co_return co_await std::move(trying);
}

asio::awaitable<std::string> read_until(Conn& conn, std::string_view end, std::size_t limit,
                                        std::string& rest) {
  std::string seen = std::move(rest);
  rest.clear();
  std::array<char, 2048> chunk{};
  while (true) {
    const std::size_t at = seen.find(end);
    if (at != std::string::npos) {
      rest = seen.substr(at + end.size());
      seen.resize(at + end.size());
      co_return seen;
    }
    if (seen.size() >= limit) {
      throw IoError(Reason::protocol, "no end of line within " + std::to_string(limit) +
                                          " bytes, got " +
                                          in_quotes(cleaned(seen, torn_at_both_ends)));
    }
    const asio::mutable_buffer into = asio::buffer(chunk);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) {
      throw IoError(Reason::protocol,
                    seen.empty()
                        ? "connection closed without a word"
                        : "connection closed after " + in_quotes(cleaned(seen, torn_at_both_ends)));
    }
    seen.append(chunk.data(), size);
  }
}

}  // namespace gonogo
