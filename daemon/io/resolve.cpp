#include "daemon/io/resolve.h"

#include <sys/stat.h>

#include <utility>

namespace gonogo {
namespace asio = boost::asio;
using asio::ip::address;

Resolver::Resolver(asio::any_io_executor loop) : loop_(std::move(loop)) {}

Resolver::~Resolver() = default;

void Resolver::use_servers(std::vector<std::string> servers) {
  if (servers == servers_) return;
  servers_ = std::move(servers);
  channel_.reset();
}

std::shared_ptr<DnsChannel> Resolver::current() {
  struct stat info {};
  const bool readable = servers_.empty() && ::stat("/etc/resolv.conf", &info) == 0;
  const std::int64_t time =
      readable ? info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec : 0;
  if (!channel_ || time != file_time_) {
    DnsOptions options;
    options.servers = servers_;
    channel_ = std::make_shared<DnsChannel>(loop_, options);
    file_time_ = time;
  }
  return channel_;
}

asio::awaitable<std::vector<address>> Resolver::resolve(std::string name, Dependence& needed) {
  boost::system::error_code not_an_address;
  const address literal = asio::ip::make_address(name, not_an_address);
  std::vector<address> addresses;
  if (!not_an_address) {
    addresses.push_back(literal);
    co_return addresses;
  }
  const std::shared_ptr<DnsChannel> channel = current();
  co_return co_await channel->addresses_of(std::move(name), needed);
}

}  // namespace gonogo
