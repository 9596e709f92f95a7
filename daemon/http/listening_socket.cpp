#include "daemon/http/listening_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "daemon/config/listen_address.h"
#include "daemon/formats/address.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// Removes a socket file that no process listens on any more. One that answers belongs to another
// process and stays.
void remove_dead_socket(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  asio::io_context probe;
  asio::local::stream_protocol::socket socket(probe);
  boost::system::error_code error;
  socket.connect(asio::local::stream_protocol::endpoint(path), error);
  if (error) ::unlink(path.c_str());
}

using Sockets = std::vector<std::shared_ptr<ListeningSocket>>;

std::shared_ptr<ListeningSocket> bound_to(
    asio::io_context& loop, const asio::generic::stream_protocol::endpoint& endpoint) {
  auto acceptor = std::make_shared<ListeningSocket>(loop);
  acceptor->open(endpoint.protocol());
  acceptor->set_option(asio::socket_base::reuse_address(true));
  acceptor->bind(endpoint);
  return acceptor;
}

// This host has no such address, or not its whole family.
bool is_missing(const boost::system::error_code& error) {
  return error == boost::system::errc::address_not_available ||
         error == boost::system::errc::address_family_not_supported;
}

void open_at(asio::io_context& loop, const ListenAddress& address, Sockets& sockets) {
  if (!address.path.empty()) {
    remove_dead_socket(address.path);
    sockets.push_back(bound_to(loop, asio::local::stream_protocol::endpoint(address.path)));
    ::chmod(address.path.c_str(), 0660);
    return;
  }
  std::optional<boost::system::system_error> missing;
  bool has_one = false;
  for (const std::string& host : address.hosts) {
    try {
      const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(host), address.port);
      sockets.push_back(bound_to(loop, endpoint));
      has_one = true;
    } catch (const boost::system::system_error& error) {
      if (!is_missing(error.code())) throw;
      missing = error;
    }
  }
  if (!has_one) throw boost::system::system_error(*missing);
}

std::shared_ptr<ListeningSocket> adopt_socket(asio::io_context& loop, int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  int listens = 0;
  socklen_t flag = sizeof listens;
  const bool is_listening =
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
      ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag) == 0 && listens != 0;
  if (!is_listening) {
    throw std::runtime_error("descriptor " + std::to_string(descriptor) +
                             " passed by systemd is no listening socket (the .socket unit needs "
                             "ListenStream= and Accept=no)");
  }
  auto acceptor = std::make_shared<ListeningSocket>(loop);
  acceptor->assign(asio::generic::stream_protocol(address.ss_family, 0), descriptor);
  return acceptor;
}

}  // namespace

std::vector<std::shared_ptr<ListeningSocket>> open_sockets(asio::io_context& loop,
                                                           const std::vector<std::string>& listen) {
  Sockets sockets;
  for (const std::string& text : listen) {
    try {
      const auto address = parse_listen(text);
      if (!address) throw std::runtime_error("it is no address");
      open_at(loop, *address, sockets);
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error("cannot listen on " + text + ": " + error.code().message());
    } catch (const std::exception& error) {
      throw std::runtime_error("cannot listen on " + text + ": " + error.what());
    }
  }
  // Two processes may have bound to one address; only one of them can listen.
  for (const auto& socket : sockets) {
    boost::system::error_code error;
    socket->listen(1024, error);
    if (error)
      throw std::runtime_error("cannot listen on " + address_of(*socket) + ": " + error.message());
  }
  return sockets;
}

std::vector<std::shared_ptr<ListeningSocket>> adopt_passed_sockets(asio::io_context& loop) {
  Sockets sockets;
  const int passed = ::sd_listen_fds(1);
  for (int i = 0; i < passed; ++i) sockets.push_back(adopt_socket(loop, SD_LISTEN_FDS_START + i));
  return sockets;
}

std::string address_of(ListeningSocket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.local_endpoint(error);
  if (error) return "?";
  const sockaddr* raw = endpoint.data();
  if (raw->sa_family == AF_UNIX) {
    const std::size_t known = offsetof(sockaddr_un, sun_path);
    const char* path = reinterpret_cast<const sockaddr_un*>(raw)->sun_path;
    const std::size_t length = endpoint.size() > known ? endpoint.size() - known : 0;
    // The name of an abstract socket begins with a NUL byte, shown as "@".
    if (length > 0 && path[0] == '\0') return "unix:@" + std::string(path + 1, length - 1);
    return "unix:" + std::string(path, ::strnlen(path, length));
  }
  if (raw->sa_family != AF_INET && raw->sa_family != AF_INET6)
    return "a socket of family " + std::to_string(raw->sa_family);
  asio::ip::tcp::endpoint tcp;
  std::memcpy(tcp.data(), raw, endpoint.size());
  tcp.resize(endpoint.size());
  return to_text(HostPort{tcp.address().to_string(), tcp.port()});
}

}  // namespace gonogo
