// One HTTP/1.1 request and its answer, over any Conn. Beast stays inside http1.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/formats/http_message.h"
#include "daemon/io/conn.h"

namespace gonogo {

// Enters request, response and transfer. Reads at most `max_body` bytes of the body, 64 KiB of
// headers, and past any 1xx answers. Throws IoError (protocol) or system_error.
boost::asio::awaitable<HttpResponse> exchange(Conn& conn, HttpRequest request, std::size_t max_body,
                                              Attempt& attempt);

}  // namespace gonogo
