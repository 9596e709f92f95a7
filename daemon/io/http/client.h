// How an HTTP request gets to its server: shared by every kind that speaks HTTP.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/formats/aws_signature.h"
#include "daemon/formats/url.h"
#include "daemon/io/http/http1.h"
#include "daemon/io/tls.h"

namespace gonogo {

struct HttpRoute {
  Url origin;  // credentials, client certificates and headers with secrets are for it alone
  std::optional<HostPort> connect_to;
  std::optional<Url> proxy;
  std::string server_name;
  std::shared_ptr<const TlsContext> tls;
  std::shared_ptr<const TlsContext> tls_elsewhere;  // the same without a client certificate
  bool is_http2 = false;
  bool asks_compressed = false;
  std::size_t max_body = 1 << 20;
  std::string authorization;
  std::optional<AwsKeys> aws;
};

// Reads connect_to, proxy, server_name, protocol, compressed, max_body, basic_auth, bearer, aws
// and the TLS options. `may_be_tls`: some URL may be https.
HttpRoute read_http_route(Settings& settings, const Url& first, bool may_be_tls);

// Reads `url`; problems go to `settings`.
Url read_url(Settings& settings, std::string_view example);

struct HttpHeader {
  std::string name;
  std::string value;
  bool is_secret = false;  // it holds a secret, or is named like one that does
};

// Reads `headers`: names and single lines. Credentials in them are hidden from every output.
std::vector<HttpHeader> read_request_headers(Settings& settings);

// Reads `key` as text; true when it holds a secret.
bool holds_secret(Settings& settings, std::string_view key);

// Reads `method`.
std::string read_method(Settings& settings, std::string fallback);

struct HttpCall {
  Url url;
  std::string method = "GET";
  std::vector<HttpHeader> headers;
  std::string body;
  bool has_secret_body = false;
  // Some answer has led to another origin: from then on no secret is sent, wherever it leads.
  bool has_left_origin = false;
};

struct HttpReply {
  HttpResponse response;
  std::optional<ChainReport> chain;  // of a TLS connection
  Duration took{};                   // from asking for the address until all was read, packed

  // False when the chain does not verify: then nothing was sent, and there is no response.
  bool is_answered() const { return !chain || chain->errors.empty(); }
};

// Connects, proves the server's name, asks and reads the answer, unpacked. `at`: connects there
// instead of to an address of the URL's host. Throws IoError or system_error. Nothing is sent to a
// server whose certificate does not verify: the reply then says why and holds no answer.
boost::asio::awaitable<HttpReply> fetch(const HttpRoute& route, HttpCall call,
                                        std::optional<Endpoint> at, Io& io, Attempt& attempt);

// Where fetch() would connect to for `url`.
HostPort first_hop(const HttpRoute& route, const Url& url);

}  // namespace gonogo
