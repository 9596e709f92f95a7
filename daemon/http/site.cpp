#include "daemon/http/site.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/http/host_header.h"

namespace gonogo {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*.")) return pattern == name;
  const std::size_t dot = name.find('.');
  return dot != 0 && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

bool same_host(const RequestHost& host, const Url& url) {
  const std::uint16_t usual = url.is_tls ? 443 : 80;
  const auto other = parse_host(host_header(url));
  return other && other->name == host.name && host.port.value_or(usual) == url.target.port;
}

bool same_origin(const Url& a, const Url& b) {
  return a.is_tls == b.is_tls && a.target.port == b.target.port &&
         equal_ignoring_case(a.target.host, b.target.host);
}

}  // namespace

bool Site::knows_host_of(const Request& request) const {
  if (request.is_unix || request.host.empty()) return true;
  const auto host = parse_host(request.host);
  if (!host) return false;
  if (host->is_address || host->name.find('.') == std::string::npos) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&host](const std::string& name) { return matches(name, host->name); });
}

bool Site::is_foreign(const Request& request) const {
  // "same-site" is another origin all the same; "none" is the user, by the address bar.
  if (request.fetch_site && *request.fetch_site != "same-origin" && *request.fetch_site != "none")
    return true;
  return request.origin && !is_own_origin(request);
}

bool Site::is_own_origin(const Request& request) const {
  const auto origin = parse_url(*request.origin);
  if (!origin) return false;  // "null" among others
  if (external_url_ && same_origin(*origin, *external_url_)) return true;
  const auto host = parse_host(request.host);
  if (!host) return false;
  // A proxy may have ended TLS in front of a listener without it, but nothing starts TLS in front
  // of one that has it.
  if (request.is_tls && !origin->is_tls) return false;
  if (external_url_ && same_host(*host, *external_url_)) return false;
  return same_host(*host, *origin);
}

}  // namespace gonogo
