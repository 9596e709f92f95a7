#include "daemon/formats/url.h"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>
#include <cstdio>

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"

namespace gonogo {

std::optional<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || text.size() > 8000) return std::nullopt;
  const boost::urls::url_view& view = *parsed;
  Url url;
  const std::string_view scheme = view.scheme();
  if (equal_ignoring_case(scheme, "https")) {
    url.is_tls = true;
  } else if (!equal_ignoring_case(scheme, "http")) {
    return std::nullopt;
  }
  url.target.host = std::string(view.host_address());
  url.target.port = url.is_tls ? 443 : 80;
  // Not port_number(): it wraps around for numbers out of range.
  if (view.has_port() && !view.port().empty()) {
    const std::string_view port = view.port();
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535) {
      return std::nullopt;
    }
    url.target.port = static_cast<std::uint16_t>(number);
  }
  // A host is written out in full: a code in it could hide a NUL or the end of a header's line.
  boost::system::error_code no_address;
  boost::asio::ip::make_address(url.target.host, no_address);
  if (no_address && !is_host_name(url.target.host)) return std::nullopt;
  url.user = view.user();
  url.password = view.password();
  url.path = std::string(view.encoded_path());
  if (url.path.empty()) url.path = "/";
  // Boost takes what follows the digits of a port ("http://api:8o80/") for the path.
  if (!url.path.starts_with('/')) return std::nullopt;
  if (view.has_query()) url.path += "?" + std::string(view.encoded_query());
  return url;
}

std::string host_header(const Url& url) {
  const bool is_default = url.target.port == (url.is_tls ? 443 : 80);
  const std::string full = to_text(url.target);
  return is_default ? full.substr(0, full.rfind(':')) : full;
}

std::string origin_text(const Url& url) {
  return (url.is_tls ? "https://" : "http://") + host_header(url);
}

std::string to_text(const Url& url) { return origin_text(url) + url.path; }

bool is_same_origin(const Url& a, const Url& b) {
  return a.is_tls == b.is_tls && a.target.port == b.target.port &&
         equal_ignoring_case(a.target.host, b.target.host);
}

std::optional<Url> resolve_reference(const Url& base, std::string_view location) {
  const std::string base_text = to_text(base);
  const auto parsed_base = boost::urls::parse_uri(base_text);
  const auto reference = boost::urls::parse_uri_reference(location);
  if (!parsed_base || !reference) return std::nullopt;
  boost::urls::url joined;
  if (!boost::urls::resolve(*parsed_base, *reference, joined)) return std::nullopt;
  return parse_url(std::string_view(joined.buffer().data(), joined.buffer().size()));
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      std::array<char, 4> code{};
      std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte =
        text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    out += byte ? byte->front() : text[i];
    if (byte) i += 2;
  }
  return out;
}

}  // namespace gonogo
