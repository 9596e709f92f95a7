// Which way packets leave this host.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace gonogo {

// Whether this host's routes lead to `peer` by the gateway `gateway`, or lead nowhere. Asks the
// kernel (rtnetlink(7)), which answers at once. False when it cannot be found out.
bool is_beyond(const boost::asio::ip::address& peer, const boost::asio::ip::address& gateway);

}  // namespace gonogo
