// The listener: HTTP/1.1 over TCP, TLS and UNIX sockets. Beast and OpenSSL stay in server.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/http/message.h"

namespace gonogo {

struct ServerTls {
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;  // empty: clients need no certificate
  std::string min_version;     // "TLS12" or "TLS13", as exporter-toolkit writes it
};

// Slow, endless and malformed requests end by themselves: 10 s for a request to come, 60 s idle,
// 30 s to take the answer, 16 KiB of headers, 64 KiB of body, 512 connections, of which the one
// that has kept us waiting longest makes room for the next.
class Server {
 public:
  using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

  Server(boost::asio::io_context& loop, Clock& clock, Handler handler);
  ~Server();

  // Addresses as in the configuration, or descriptors passed by systemd, which win. Throws
  // std::runtime_error with the address that could not be had.
  void listen(const std::vector<std::string>& addresses, const ServerTls* tls);

  // What is listened on, with real port numbers.
  std::vector<std::string> addresses() const;
  std::size_t connections() const;

  // Reads certificate and key anew; throws std::runtime_error and keeps the old ones if they are
  // bad.
  void renew_tls();

  // Accepts no more; ends what is idle. Answers under way are finished.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace gonogo
