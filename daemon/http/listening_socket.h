// Sockets that wait for clients: TCP and UNIX, opened by address or passed by systemd.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

namespace gonogo {

using ListeningSocket = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

// `address` as in the configuration: "127.0.0.1:9880", "[::1]:9880" or "unix:/run/g.sock". Throws
// std::runtime_error with the address when it cannot be listened on.
std::shared_ptr<ListeningSocket> open_socket(boost::asio::io_context& loop,
                                             const std::string& address);

// Takes over a descriptor that systemd passed; throws std::runtime_error when it is no socket.
std::shared_ptr<ListeningSocket> adopt_socket(boost::asio::io_context& loop, int descriptor);

// The address with its real port number.
std::string address_of(ListeningSocket& socket);

}  // namespace gonogo
