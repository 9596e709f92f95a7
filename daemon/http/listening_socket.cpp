#include "daemon/http/listening_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>
#include <stdexcept>

#include "daemon/io/conn.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

asio::generic::stream_protocol::endpoint endpoint_of(const std::string& address) {
  if (address.starts_with("unix:"))
    return asio::local::stream_protocol::endpoint(address.substr(5));
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const int port = std::stoi(address.substr(colon + 1));
  return asio::ip::tcp::endpoint(asio::ip::make_address(host), static_cast<std::uint16_t>(port));
}

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

}  // namespace

std::shared_ptr<ListeningSocket> open_socket(asio::io_context& loop, const std::string& address) {
  auto acceptor = std::make_shared<ListeningSocket>(loop);
  try {
    const auto endpoint = endpoint_of(address);
    if (address.starts_with("unix:")) remove_dead_socket(address.substr(5));
    acceptor->open(endpoint.protocol());
    acceptor->set_option(asio::socket_base::reuse_address(true));
    acceptor->bind(endpoint);
    if (address.starts_with("unix:")) ::chmod(address.substr(5).c_str(), 0660);
    acceptor->listen(1024);
  } catch (const std::exception& error) {
    throw std::runtime_error("cannot listen on " + address + ": " + error.what());
  }
  return acceptor;
}

std::shared_ptr<ListeningSocket> adopt_socket(asio::io_context& loop, int descriptor) {
  auto acceptor = std::make_shared<ListeningSocket>(loop);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("descriptor " + std::to_string(descriptor) +
                             " passed by systemd is no socket");
  }
  acceptor->assign(asio::generic::stream_protocol(address.ss_family, 0), descriptor);
  return acceptor;
}

std::string address_of(ListeningSocket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.local_endpoint(error);
  if (error) return "?";
  const sockaddr* raw = endpoint.data();
  if (raw->sa_family == AF_UNIX) {
    return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(raw)->sun_path;
  }
  asio::ip::tcp::endpoint tcp;
  std::memcpy(tcp.data(), raw, endpoint.size());
  tcp.resize(endpoint.size());
  return to_text(HostPort{tcp.address().to_string(), tcp.port()});
}

}  // namespace gonogo
