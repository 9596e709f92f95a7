// Which requests are meant for this server: by the host that they name, and by the page that made a
// browser send them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/formats/url.h"
#include "daemon/http/message.h"

namespace gonogo {

class Site {
 public:
  Site() = default;
  // `names` as in a certificate: in lower case, "*." stands for one label. `external_url`: under
  // which browsers know this server, behind a proxy for example.
  Site(std::vector<std::string> names, std::optional<Url> external_url)
      : names_(std::move(names)), external_url_(std::move(external_url)) {}

  // False for a name that somebody else's name server may lead here: the page of that name would be
  // of the same origin, and could read all answers. Addresses, localhost, single labels and
  // requests that name no host are known, and whoever reaches a UNIX socket is no browser.
  bool knows_host_of(const Request& request) const;

  // True when a browser says that a page of another origin made the request.
  bool is_foreign(const Request& request) const;

 private:
  bool is_own_origin(const Request& request) const;

  std::vector<std::string> names_;
  std::optional<Url> external_url_;
};

}  // namespace gonogo
