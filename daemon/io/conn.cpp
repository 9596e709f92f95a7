#include "daemon/io/conn.h"

#include <array>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/docker_engine.h"
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
  }
  return target;
}

namespace {

// Connects within `budget`; an error otherwise (timed_out when the budget was the reason).
asio::awaitable<boost::system::error_code> connect_within(StreamSocket& socket, Endpoint endpoint,
                                                          Clock& clock, Duration budget) {
  boost::system::error_code error;
  bool out_of_time = false;
  const Timer limit = clock.call_at(clock.now() + budget, [&socket, &out_of_time] {
    out_of_time = true;
    boost::system::error_code ignored;
    socket.cancel(ignored);
  });
  co_await socket.async_connect(endpoint.address, asio::redirect_error(asio::use_awaitable, error));
  if (out_of_time && error == asio::error::operation_aborted) error = asio::error::timed_out;
  co_return error;
}

std::unique_ptr<PlainConn> connected(StreamSocket socket) {
  boost::system::error_code not_tcp;
  socket.set_option(asio::ip::tcp::no_delay(true), not_tcp);
  return std::make_unique<PlainConn>(std::move(socket));
}

}  // namespace

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
    auto resolving = io.resolver.resolve(target.host);
    addresses = co_await std::move(resolving);
  }
  for (const asio::ip::address& address : addresses) {
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
  const std::vector<Endpoint> endpoints = co_await endpoints_of(target, io, attempt);

  attempt.enter(Stage::connect);
  boost::system::error_code error;
  for (std::size_t i = 0; i + 1 < endpoints.size(); ++i) {
    StreamSocket socket(io.loop);
    const Duration budget = attempt.remaining() / 2;
    error = co_await connect_within(socket, endpoints[i], io.clock, budget);
    if (!error) co_return connected(std::move(socket));
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  }
  // The last address has all the time that is left: the run's own deadline ends it.
  co_return co_await connect(endpoints.back(), io, attempt);
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
                                          " bytes, got " + in_quotes(seen));
    }
    const asio::mutable_buffer into = asio::buffer(chunk);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) {
      throw IoError(Reason::protocol, seen.empty() ? "connection closed without a word"
                                                   : "connection closed after " + in_quotes(seen));
    }
    seen.append(chunk.data(), size);
  }
}

}  // namespace gonogo
