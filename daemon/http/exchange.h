// HTTP/1.1 on one connection: requests are read, answers are written. Beast stays in exchange.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/clock.h"
#include "daemon/http/connections.h"
#include "daemon/http/message.h"

namespace gonogo {

// What a client sends beyond this is refused.
inline constexpr std::uint32_t most_header_bytes = 16 * 1024;

class Exchange {
 public:
  // Both have to outlive it.
  Exchange(Connection& connection, Clock& clock);
  ~Exchange();

  // A request without its body; nothing when the client went away or sent no request, which
  // refusal() answers then.
  boost::asio::awaitable<std::optional<Request>> read_head();
  // Reads the body into `request`; false when the client went away or sent too much.
  boost::asio::awaitable<bool> read_body(Request& request, BodyRule rule);
  std::optional<Response> take_refusal();

  // True when the body may be longer than usual.
  bool expects_long_body() const;
  // True when the connection can take another request after the answer.
  bool keeps_alive() const;
  boost::asio::awaitable<void> send(const Response& response, bool is_head, bool keep_alive);
  // Takes what the client still sends, bounded: a client that is cut off while it sends may not see
  // its answer.
  boost::asio::awaitable<void> drain();

 private:
  struct Parts;
  boost::asio::awaitable<bool> read_more();
  boost::asio::awaitable<void> write(std::string_view text);

  std::unique_ptr<Parts> parts_;
};

}  // namespace gonogo
