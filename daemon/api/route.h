// One row of the table of routes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>
#include <variant>

#include "daemon/api/api_context.h"
#include "daemon/api/path_pattern.h"
#include "daemon/api/schema.h"
#include "daemon/http/authentication.h"
#include "daemon/http/message.h"

namespace gonogo {

// A request that may be served, by whom it comes, and what its path says.
struct Call {
  Request request;
  Caller caller;
  PathParts parts;

  const std::string& part(std::string_view name) const { return parts.find(name)->second; }
};

// The first answers at once, the second waits for something.
using Handler = std::variant<Response (*)(ApiContext& api, const Call& call),
                             boost::asio::awaitable<Response> (*)(ApiContext& api, Call call)>;

enum class Needs : std::uint8_t { nothing, name };

struct Route {
  std::string_view method;     // GET serves HEAD, too
  std::string_view path;       // a pattern of match_path()
  std::optional<Grant> grant;  // none: anybody may ask, with whatever credentials
  Needs needs;                 // a decision needs a caller with a name
  std::string_view topic;      // its handler is in daemon/api/<topic>.cpp
  std::string_view summary;
  std::span<const Field> query;
  const Schema* request;  // null: no body is read
  int success;            // the status of an answer that refuses nothing
  const Schema* answer;
  Handler handler;
  BodyRule body = {};  // how much of a request's body is taken
};

}  // namespace gonogo
