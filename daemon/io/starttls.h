// The plain words before TLS begins, protocol by protocol.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "daemon/io/conn.h"

namespace gonogo {

// Speaks `protocol` (smtp, imap, pop3, ftp, postgres or ldap) up to the point where the server
// waits for a TLS handshake. Throws IoError (protocol) with the server's words when it does not
// offer one.
boost::asio::awaitable<void> ask_for_tls(Conn& conn, std::string protocol);

}  // namespace gonogo
