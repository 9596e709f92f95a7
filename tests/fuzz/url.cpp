// A URL, and behind "%%" a Location that is seen from it.
#include "daemon/formats/url.h"

#include "daemon/formats/postgres_target.h"
#include "daemon/http/host_header.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

void inspect(const Url& url) {
  hold(!url.target.host.empty() && url.target.port != 0, "a URL has a host and a port");
  hold(url.target.host.find_first_of("/@?#") == std::string::npos, "a host is a host");
  hold(url.path.starts_with('/'), "a path begins with a slash: " + url.path);
  hold(url.path.find_first_of(std::string_view(" \r\n\0", 4)) == std::string::npos,
       "a path breaks no request line");
  const std::string text = to_text(url);
  const auto again = parse_url(text);
  hold(again.has_value(), "a URL is read as it is shown: " + text);
  hold(again->target.host == url.target.host && again->target.port == url.target.port &&
           again->is_tls == url.is_tls && again->path == url.path,
       "a URL that is shown is the same: " + text);
  hold(again->user.empty() && again->password.empty(), "a URL is shown without credentials");
  hold(is_same_origin(url, *again), "a URL is of its own origin");
  const std::string header = host_header(url);
  hold(header.find_first_of(std::string_view("\r\n\0/@", 5)) == std::string::npos,
       "a Host header is one header: " + header);
}

// What a redirect leads to, it is no other than what the reference says.
void follow(const Url& base, std::string_view location) {
  const auto target = resolve_reference(base, location);
  if (!target) return;
  inspect(*target);
  if (location.find("//") == std::string_view::npos && location.find(':') == std::string_view::npos)
    hold(is_same_origin(base, *target), "a path leads to the same origin");
}

}  // namespace

void fuzz(std::string_view input) {
  const auto parts = parts_of(input, 2);
  hold(percent_decoded(percent_encoded(input)) == input, "percent codes give the text back");
  if (const auto url = parse_url(parts.front())) {
    inspect(*url);
    follow(*url, parts.back());
  }
  if (const auto host = parse_host(input)) {
    hold(!host->name.empty(), "a host has a name");
    hold(host->name.find_first_of("/@ \r\n") == std::string::npos, "a host's name is a name");
  }
  std::string problem;
  const auto database = parse_postgres_target(parts.front(), problem);
  hold(database.has_value() == problem.empty(), "a connection string is read, or it is said why");
}

}  // namespace gonogo
