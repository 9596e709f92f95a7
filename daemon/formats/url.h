// URLs of http and https (RFC 3986).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/formats/address.h"

namespace gonogo {

// The parts of an absolute http or https URL.
struct Url {
  bool is_tls = false;
  HostPort target;
  std::string path;  // with the query, without the fragment; never empty
  std::string user;  // percent-decoded
  std::string password;
};

std::optional<Url> parse_url(std::string_view text);

// "host" or "host:port" for the Host header; and the URL without credentials.
std::string host_header(const Url& url);
std::string to_text(const Url& url);

// The scheme, host and port are the same (RFC 6454).
bool is_same_origin(const Url& a, const Url& b);
// "https://example.org:8443", without what is the scheme's default.
std::string origin_text(const Url& url);

// The URL that a Location header names, seen from `base` (RFC 3986, 5.2).
std::optional<Url> resolve_reference(const Url& base, std::string_view location);

// Writes everything but unreserved characters as %XX (RFC 3986); the decoder leaves what is no
// code.
std::string percent_encoded(std::string_view text);
std::string percent_decoded(std::string_view text);

}  // namespace gonogo
