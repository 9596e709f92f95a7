#include "probes/support/conn.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "probes/support/resolve.h"
#include "probes/support/resources.h"

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

std::string to_text(const HostPort& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

namespace {

// Connects within `budget`; an error otherwise (timed_out when the budget was the reason).
asio::awaitable<boost::system::error_code> connect_one(tcp::socket& socket, tcp::endpoint endpoint,
                                                       Clock& clock, Duration budget) {
  boost::system::error_code error;
  bool out_of_time = false;
  const Timer limit = clock.call_at(clock.now() + budget, [&socket, &out_of_time] {
    out_of_time = true;
    boost::system::error_code ignored;
    socket.cancel(ignored);
  });
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (out_of_time && error == asio::error::operation_aborted) error = asio::error::timed_out;
  co_return error;
}

}  // namespace

asio::awaitable<std::unique_ptr<PlainConn>> connect(HostPort target, Resources& resources,
                                                    Attempt& attempt) {
  attempt.enter(Stage::resolve);
  const std::vector<asio::ip::address> addresses = co_await resources.resolver.resolve(target.host);

  attempt.enter(Stage::connect);
  boost::system::error_code error;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const bool is_last = i + 1 == addresses.size();
    const tcp::endpoint endpoint(addresses[i], target.port);
    tcp::socket socket(resources.loop);
    // The last address has all the time that is left: the look's own deadline ends it.
    if (is_last) {
      co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    } else {
      const Duration budget = attempt.remaining() / 2;
      error = co_await connect_one(socket, endpoint, resources.clock, budget);
    }
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      co_return std::make_unique<PlainConn>(StreamSocket(std::move(socket)));
    }
    if (error == asio::error::operation_aborted) break;
  }
  throw boost::system::system_error(error, to_text(target));
}

asio::awaitable<std::unique_ptr<PlainConn>> connect_unix(std::string path,
                                                         asio::any_io_executor loop) {
  asio::local::stream_protocol::socket socket(loop);
  const asio::local::stream_protocol::endpoint endpoint(path);
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  co_return std::make_unique<PlainConn>(StreamSocket(std::move(socket)));
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
      throw LookEnded(Finding::fail(
          Reason::protocol,
          "no end of line within " + std::to_string(limit) + " bytes, got " + in_quotes(seen)));
    }
    const asio::mutable_buffer into = asio::buffer(chunk);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) {
      throw LookEnded(Finding::fail(Reason::protocol,
                                    seen.empty() ? "connection closed without a word"
                                                 : "connection closed after " + in_quotes(seen)));
    }
    seen.append(chunk.data(), size);
  }
}

}  // namespace gonogo
