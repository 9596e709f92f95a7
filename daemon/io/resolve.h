// Resolves names to addresses, by c-ares on the loop: a dead name server delays only the lookups
// that ask it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/io/dns_channel.h"

namespace gonogo {

class Resolver {
 public:
  // Asks the system's name servers. They are read again when resolv.conf changes.
  explicit Resolver(boost::asio::any_io_executor loop);
  ~Resolver();

  // Asks these from now on, each "address" or "address:port"; the system's when there are none.
  void use_servers(std::vector<std::string> servers);
  const std::vector<std::string>& servers() const { return servers_; }

  // In the order of RFC 6724, hosts file included; an address is its own answer. At
  // least one: throws IoError (dns) when there is no address. Can be cancelled. `needed` notes
  // whether a name server had to be asked.
  boost::asio::awaitable<std::vector<boost::asio::ip::address>> resolve(std::string name,
                                                                        Dependence& needed);

  // Ends every query that is under way, for the end of the daemon: c-ares goes on with one whose
  // caller has given up.
  void give_up() {
    if (channel_) channel_->give_up();
  }
  // The name servers that are asked now, each "address:port".
  std::vector<std::string> asked_servers() { return current()->servers(); }

 private:
  std::shared_ptr<DnsChannel> current();

  boost::asio::any_io_executor loop_;
  std::vector<std::string> servers_;
  std::shared_ptr<DnsChannel> channel_;
  std::int64_t file_time_ = 0;
};

}  // namespace gonogo
