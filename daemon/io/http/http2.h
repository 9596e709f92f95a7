// One HTTP/2 request and its answer, over any Conn (RFC 9113). nghttp2 stays inside the .cpp.
#pragma once

#include "daemon/io/http/http1.h"

namespace gonogo {

// As exchange() of http1.h, with the same bounds. The server has to speak HTTP/2 from its first
// byte (ALPN "h2", or prior knowledge without TLS). `scheme` is "https" or "http".
boost::asio::awaitable<HttpResponse> exchange_http2(Conn& conn, HttpRequest request,
                                                    std::string scheme, std::size_t max_body,
                                                    Attempt& attempt);

}  // namespace gonogo
