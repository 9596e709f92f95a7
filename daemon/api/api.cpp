#include "daemon/api/api.h"

#include "daemon/api/routes.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

std::optional<Response> refusal(const std::optional<Caller>& caller, Grant needed) {
  if (caller && caller->may.count(needed) > 0) return std::nullopt;
  const std::string grant(grant_names.at(static_cast<std::size_t>(needed)));
  if (caller && !caller->name.empty()) {
    return problem_response(
        403, "Forbidden",
        caller->name + " may not " + grant + " (give its token may: [" + grant + "])");
  }
  Response response = problem_response(
      401, "Unauthorized",
      "wanted a token that may " + grant + " (server.tokens in the configuration)");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"gonogo\"");
  return response;
}

// Grants are checked first, so that a caller without them learns nothing about paths. An unknown
// path needs `read`, and a method that no row serves needs the grant of the path's last row.
std::optional<Grant> needed_grant(std::span<const Route> rows, const Route* row) {
  if (rows.empty()) return Grant::read;
  return row != nullptr ? row->grant : rows.back().grant;
}

}  // namespace

Api::Api(ApiDoors doors, BlockingPool& pool, DecisionDesk& desk)
    : context_{std::move(doors), pool, desk, nullptr, {}, {}} {}

asio::awaitable<Response> Api::answer(Request request) {
  const std::span<const Route> rows = rows_of(request.path);
  const Route* row = row_for(rows, request.method);
  Call call;
  if (const std::optional<Grant> grant = needed_grant(rows, row)) {
    const std::shared_ptr<Authentication> authentication = authentication_;
    const std::optional<Caller> caller =
        co_await authentication->identify(request.authorization, context_.pool);
    std::optional<Response> refused = refusal(caller, *grant);
    if (refused) co_return std::move(*refused);
    call.caller = *caller;
  }
  if (rows.empty())
    co_return problem_response(404, "Not Found", "nothing at " + in_quotes(request.path));
  if (row == nullptr) co_return wrong_method(allowed_at(rows));
  if (row->needs == Needs::name && call.caller.name.empty())
    co_return problem_response(403, "Forbidden",
                               "a decision needs a caller with a name (a token or a user)");
  call.parts = *match_path(row->path, request.path);
  call.request = std::move(request);
  if (const auto* at_once = std::get_if<0>(&row->handler)) co_return (*at_once)(context_, call);
  auto handling = std::get<1>(row->handler)(context_, std::move(call));
  co_return co_await std::move(handling);
}

}  // namespace gonogo
