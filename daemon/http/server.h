// The listener: HTTP/1.1 over TCP, TLS and UNIX sockets.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/http/listening_socket.h"
#include "daemon/http/message.h"
#include "daemon/http/server_rules.h"

namespace gonogo {

class ListenerTls;

// Slow, endless and malformed requests end by themselves: 10 s for a request to come, 60 s idle,
// 30 s to take the answer, 16 KiB of headers, of the body what the route takes, and so many
// connections, of which the one that makes the least progress makes room for the next.
class Server {
 public:
  struct Doors {
    // By the head of a request, before its body is read.
    std::function<boost::asio::awaitable<Reception>(const Request&)> receive;
    std::function<boost::asio::awaitable<Response>(Request)> handle;
  };
  static constexpr std::size_t usual_connections = 512;

  Server(boost::asio::io_context& loop, Clock& clock, Doors doors,
         std::size_t most_connections = usual_connections);
  ~Server();

  // Accepts from now on. `tls` may be null.
  void listen(std::vector<std::shared_ptr<ListeningSocket>> sockets,
              std::shared_ptr<const ListenerTls> tls);

  // What is listened on, with real port numbers.
  std::vector<std::string> addresses() const;
  std::size_t connections() const;

  // For new connections. Those that are open were made under other rules when the files or settings
  // changed: they end with the answer under way.
  void use_tls(std::shared_ptr<const ListenerTls> tls);

  // From the next request on.
  void use_rules(ServerRules rules);

  // Accepts no more; ends what is idle. Answers under way are finished.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace gonogo
