// Asks name servers, by c-ares on the loop. c-ares stays inside dns_channel.cpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/observation.h"

namespace gonogo {

struct DnsOptions {
  std::vector<std::string> servers;  // "address:port"; the system's when empty
  bool as_it_is = false;             // an answer is given as it is, even an error code
  bool by_tcp = false;               // with `as_it_is`
};

class DnsChannel {
 public:
  // Throws std::runtime_error when the servers are not understood.
  DnsChannel(boost::asio::any_io_executor loop, const DnsOptions& options);

  // In the order of RFC 6724, hosts file included, at least one. Throws IoError (dns). Can be
  // cancelled. `needed` outlives the call.
  boost::asio::awaitable<std::vector<boost::asio::ip::address>> addresses_of(std::string name,
                                                                             Dependence& needed);

  // The message that answers (RFC 1035, 4.1), whatever its code. `type` is a number of the registry
  // (1 is A). Throws IoError (dns) when no server answers. Cancelling gives up all replies of
  // this channel.
  boost::asio::awaitable<std::string> reply_to(std::string name, int type);

  // Ends every query that is under way, without an answer. Not from inside a reply.
  void give_up();
  // Whom it asks, each "address:port".
  std::vector<std::string> servers() const;

 private:
  class Native;
  std::shared_ptr<Native> native_;
};

}  // namespace gonogo
