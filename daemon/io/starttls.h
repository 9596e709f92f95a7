// The plain-text dialogue before TLS begins, for each protocol.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "daemon/io/conn.h"

namespace gonogo {

// Speaks `protocol` (smtp, imap, pop3, ftp, postgres or ldap) up to the point where the server
// waits for a TLS handshake. Throws IoError (protocol) with the server's words when the server does
// not offer TLS.
boost::asio::awaitable<void> ask_for_tls(Conn& conn, std::string protocol);

}  // namespace gonogo
