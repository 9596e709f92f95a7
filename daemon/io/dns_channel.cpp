#include "daemon/io/dns_channel.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/core/text.h"
#include "daemon/formats/address.h"
#include "daemon/io/waiter.h"

namespace gonogo {
namespace asio = boost::asio;
using asio::ip::address;

namespace {

constexpr int query_timeout_ms = 1500;  // of the first try; c-ares doubles it for the next
constexpr int query_tries = 3;

struct Query {
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
  bool is_answered = false;
  int status = ARES_SUCCESS;
  std::vector<address> addresses;
  std::string message;
};

void init_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) throw std::runtime_error(ares_strerror(status));
}

void take_addresses(Query& query, const ares_addrinfo* found) {
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      asio::ip::address_v4::bytes_type bytes;
      const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      std::memcpy(bytes.data(), &in->sin_addr, bytes.size());
      query.addresses.emplace_back(asio::ip::address_v4(bytes));
    } else if (node->ai_family == AF_INET6) {
      asio::ip::address_v6::bytes_type bytes;
      const auto* in = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      std::memcpy(bytes.data(), &in->sin6_addr, bytes.size());
      query.addresses.emplace_back(asio::ip::address_v6(bytes, in->sin6_scope_id));
    }
  }
}

// What c-ares would hide: it takes a file that it cannot open for an empty one, and a socket that
// it cannot open for a name server that is not there.
void require_readable(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  const int error = file < 0 ? errno : 0;
  if (file >= 0) ::close(file);
  if (is_own_error(error)) {
    throw IoError::cannot_judge(Reason::prober, std::string(path) + ": " + std::strerror(error));
  }
}

// The sockets of c-ares are opened here, so that the reason why there is none is known. `argument`
// is the int that keeps it.
const ares_socket_functions& sockets_of_ours() {
  static const ares_socket_functions functions{
      [](int family, int type, int protocol, void* argument) -> ares_socket_t {
        const int socket = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
        *static_cast<int*>(argument) = socket < 0 ? errno : 0;
        const int on = 1;
        if (socket >= 0 && type == SOCK_STREAM)
          ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return socket;
      },
      [](ares_socket_t socket, void*) { return ::close(socket); },
      [](ares_socket_t socket, const sockaddr* address, ares_socklen_t size, void*) {
        return ::connect(socket, address, size);
      },
      [](ares_socket_t socket, void* into, std::size_t size, int flags, sockaddr* from,
         ares_socklen_t* from_size,
         void*) -> ares_ssize_t { return ::recvfrom(socket, into, size, flags, from, from_size); },
      [](ares_socket_t socket, const iovec* parts, int count, void*) -> ares_ssize_t {
        return ::writev(socket, parts, count);
      }};
  return functions;
}

std::string why_no_address(const std::string& name, int status) {
  const std::string quoted = in_quotes(name);
  switch (status) {
    case ARES_ENOTFOUND: return "name " + quoted + " does not exist";
    case ARES_ENODATA: return "name " + quoted + " has no address";
    case ARES_ETIMEOUT: return "no name server answered for " + quoted;
    case ARES_ECONNREFUSED: return "the name server is not there (asked for " + quoted + ")";
    case ARES_ESERVFAIL: return "the name server failed on " + quoted + " (SERVFAIL)";
    case ARES_EBADNAME: return quoted + " is no name";
    default: return "resolving " + quoted + ": " + ares_strerror(status);
  }
}

}  // namespace

// Lives until its last query is answered.
class DnsChannel::Native : public std::enable_shared_from_this<DnsChannel::Native> {
 public:
  Native(asio::any_io_executor loop, const DnsOptions& wanted)
      : loop_(std::move(loop)), timer_(loop_) {
    init_library();
    if (wanted.servers.empty()) require_readable("/etc/resolv.conf");
    ares_options options{};
    options.timeout = query_timeout_ms;
    options.tries = query_tries;
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (wanted.as_it_is) {
      // What the server says, even if that is SERVFAIL; nothing is added to the name.
      options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
                      (wanted.by_tcp ? ARES_FLAG_USEVC : 0);
      mask |= ARES_OPT_FLAGS;
    }
    options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<Native*>(self)->watch(socket, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int status = ares_init_options(&channel_, &options, mask);
    if (status != ARES_SUCCESS) throw std::runtime_error(ares_strerror(status));
    ares_set_socket_functions(channel_, &sockets_of_ours(), &socket_error_);
    const std::string list = joined(wanted.servers, ",");
    if (!list.empty() && ares_set_servers_ports_csv(channel_, list.c_str()) != ARES_SUCCESS) {
      ares_destroy(channel_);
      throw std::runtime_error("name servers not understood: " + list);
    }
  }
  ~Native() { ares_destroy(channel_); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  // False when no name server had to be asked: the hosts file knows the name.
  bool ask(const std::string& name, const std::shared_ptr<Query>& query) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    auto* held = new Held{shared_from_this(), query};
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Native::answered, held);
    arm_timer();
    return !query->is_answered;
  }

  void query(const std::string& name, int type, const std::shared_ptr<Query>& query) {
    constexpr int internet = 1;  // the class IN
    auto* held = new Held{shared_from_this(), query};
    ares_query(channel_, name.c_str(), internet, type, &Native::replied, held);
    arm_timer();
  }

  std::vector<std::string> servers() const {
    ares_addr_port_node* list = nullptr;
    if (ares_get_servers_ports(channel_, &list) != ARES_SUCCESS) return {};
    std::vector<std::string> servers;
    for (const ares_addr_port_node* server = list; server != nullptr; server = server->next) {
      std::array<char, INET6_ADDRSTRLEN> text{};
      if (::inet_ntop(server->family, &server->addr, text.data(), text.size()) == nullptr) continue;
      servers.push_back(to_text(HostPort{
          text.data(), static_cast<std::uint16_t>(server->udp_port == 0 ? 53 : server->udp_port)}));
    }
    ares_free_data(list);
    return servers;
  }

  // Throws when the query's end says something of this daemon and nothing of the name servers.
  void require_own_health(int status) const {
    const bool has_no_socket = status == ARES_ECONNREFUSED && is_own_error(socket_error_);
    if (!has_no_socket && status != ARES_ENOMEM && status != ARES_EFILE) return;
    const std::string why = has_no_socket ? std::strerror(socket_error_) : ares_strerror(status);
    throw IoError::cannot_judge(Reason::prober, "no name could be resolved: " + why);
  }

  // Ends every query of this channel: each one's waiter goes on without an answer.
  void give_up() { ares_cancel(channel_); }

  const asio::any_io_executor& loop() const { return loop_; }

 private:
  // The query and its channel, for as long as c-ares may answer.
  struct Held {
    std::shared_ptr<Native> channel;
    std::shared_ptr<Query> query;
  };

  struct Watched {
    explicit Watched(const asio::any_io_executor& loop) : descriptor(loop) {}
    asio::posix::stream_descriptor descriptor;
    bool reads = false;
    bool writes = false;
  };

  static void answered(void* argument, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<Held> held(static_cast<Held*>(argument));
    held->query->status = status;
    if (found != nullptr) {
      take_addresses(*held->query, found);
      ares_freeaddrinfo(found);
    }
    finish(*held);
  }

  static void replied(void* argument, int status, int, unsigned char* message, int size) {
    const std::unique_ptr<Held> held(static_cast<Held*>(argument));
    held->query->status = status;
    if (message != nullptr && size > 0)
      held->query->message.assign(reinterpret_cast<const char*>(message),
                                  static_cast<std::size_t>(size));
    finish(*held);
  }

  static void finish(const Held& held) {
    held.query->is_answered = true;
    // Not from inside c-ares: the coroutine that goes on may ask again, or drop the channel.
    asio::post(held.channel->loop_,
               [channel = held.channel, query = held.query] { query->waiter->resume({}); });
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    const auto found = sockets_.find(socket);
    if (!readable && !writable) {
      if (found == sockets_.end()) return;
      found->second->descriptor.release();  // c-ares closes it
      sockets_.erase(found);
      return;
    }
    std::shared_ptr<Watched> watched;
    if (found == sockets_.end()) {
      watched = std::make_shared<Watched>(loop_);
      watched->descriptor.assign(socket);
      sockets_.emplace(socket, watched);
    } else {
      watched = found->second;
    }
    if (readable && !watched->reads) wait(watched, asio::posix::stream_descriptor::wait_read);
    if (writable && !watched->writes) wait(watched, asio::posix::stream_descriptor::wait_write);
  }

  void wait(const std::shared_ptr<Watched>& watched,
            asio::posix::stream_descriptor::wait_type type) {
    const bool reads = type == asio::posix::stream_descriptor::wait_read;
    (reads ? watched->reads : watched->writes) = true;
    watched->descriptor.async_wait(
        type, [self = weak_from_this(), watched, type, reads](boost::system::error_code error) {
          (reads ? watched->reads : watched->writes) = false;
          const auto channel = self.lock();
          if (!channel || error || !watched->descriptor.is_open()) return;
          const ares_socket_t socket = watched->descriptor.native_handle();
          ares_process_fd(channel->channel_, reads ? socket : ARES_SOCKET_BAD,
                          reads ? ARES_SOCKET_BAD : socket);
          const auto again = channel->sockets_.find(socket);
          const bool still = again != channel->sockets_.end() && again->second == watched;
          if (still && reads && !watched->reads) channel->wait(watched, type);
          channel->arm_timer();
        });
  }

  void arm_timer() {
    timeval limit{};
    timeval* next = ares_timeout(channel_, nullptr, &limit);
    if (next == nullptr) return;
    timer_.expires_after(std::chrono::seconds{next->tv_sec} +
                         std::chrono::microseconds{next->tv_usec});
    timer_.async_wait([self = weak_from_this()](boost::system::error_code error) {
      const auto channel = self.lock();
      if (error || !channel) return;
      ares_process_fd(channel->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      channel->arm_timer();
    });
  }

  asio::any_io_executor loop_;
  asio::steady_timer timer_;
  ares_channel channel_ = nullptr;
  int socket_error_ = 0;  // of the last socket that was opened
  std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
};

namespace {

asio::awaitable<void> wait_for_answer(std::shared_ptr<Query> query, std::function<void()> begin,
                                      std::function<void()> cancelled) {
  auto waiting = wait_for(query->waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
}

}  // namespace

DnsChannel::DnsChannel(asio::any_io_executor loop, const DnsOptions& options)
    : native_(std::make_shared<Native>(std::move(loop), options)) {}

asio::awaitable<std::vector<address>> DnsChannel::addresses_of(std::string name,
                                                               Dependence& needed) {
  auto query = std::make_shared<Query>();
  const std::shared_ptr<Native> native = native_;
  auto begin = [query, native, name, &needed] {
    if (native->ask(name, query)) needed.name_server = true;
  };
  // c-ares goes on with the query, for other queries share the channel; its answer is dropped.
  auto cancelled = [query, native] {
    asio::post(native->loop(), [query] { query->waiter->resume(asio::error::operation_aborted); });
  };
  auto waiting = wait_for_answer(query, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
  if (query->addresses.empty()) {
    native->require_own_health(query->status);
    throw IoError(Reason::dns, why_no_address(name, query->status));
  }
  co_return std::move(query->addresses);
}

void DnsChannel::give_up() { native_->give_up(); }

std::vector<std::string> DnsChannel::servers() const { return native_->servers(); }

asio::awaitable<std::string> DnsChannel::reply_to(std::string name, int type) {
  auto query = std::make_shared<Query>();
  const std::shared_ptr<Native> native = native_;
  auto begin = [query, native, name, type] { native->query(name, type, query); };
  auto cancelled = [native] { asio::post(native->loop(), [native] { native->give_up(); }); };
  auto waiting = wait_for_answer(query, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
  if (query->message.empty()) {
    native->require_own_health(query->status);
    throw IoError(Reason::dns, why_no_address(name, query->status));
  }
  co_return std::move(query->message);
}

}  // namespace gonogo
