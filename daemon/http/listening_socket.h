// Sockets that wait for clients: TCP and UNIX, opened by address or passed by systemd.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

namespace gonogo {

using ListeningSocket = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

// Opens a socket at each of `listen`, written as in the configuration; two for "localhost", or the
// one of them that this host has. Throws std::runtime_error with the address that cannot be had.
std::vector<std::shared_ptr<ListeningSocket>> open_sockets(boost::asio::io_context& loop,
                                                           const std::vector<std::string>& listen);

// Takes over the descriptors that systemd passed, if any. Throws std::runtime_error when one is no
// listening socket.
std::vector<std::shared_ptr<ListeningSocket>> adopt_passed_sockets(boost::asio::io_context& loop);

// The address with its real port number; "unix:..." for a UNIX socket of any kind.
std::string address_of(ListeningSocket& socket);

}  // namespace gonogo
