// Asks over HTTP, and judges the certificate of the server that answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "daemon/io/http/client.h"
#include "probes/shared/certificate_rules.h"

namespace gonogo {

struct Resources;

// A route, and what its servers' certificates have to be.
struct JudgedRoute : HttpRoute {
  CertificateRules certificate;
};

struct JudgedReply {
  HttpResponse response;
  std::optional<Finding> certificate;  // of a TLS connection: its chain, judged
  Duration took{};                     // as of HttpReply
};

// Reads what read_http_route() reads, and `certificate`.
JudgedRoute read_judged_route(Settings& settings, const Url& first, bool may_be_tls);

// Whether this answer refuses the credentials of a request that writes nothing.
bool refuses_credentials(const HttpResponse& response, const std::string& method);

// As fetch(). Throws RunEnded (cert_*) when the certificate does not verify.
boost::asio::awaitable<JudgedReply> fetch_judged(const JudgedRoute& route, HttpCall call,
                                                 std::optional<Endpoint> at, Resources& resources,
                                                 Attempt& attempt);

}  // namespace gonogo
