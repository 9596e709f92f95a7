#include "daemon/api/api.h"

#include "daemon/api/routes.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

Response unauthorized(std::string_view grant) {
  Response response = problem_response(
      401, "Unauthorized",
      "wanted a token that may " + std::string(grant) + " (server.tokens in the configuration)");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"gonogo\"");
  return response;
}

Response too_many_passwords() {
  Response response =
      problem_response(503, "Service Unavailable",
                       "the password cannot be compared now: too many others are being compared, "
                       "or no thread is free (try again in a second)");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<Response> refusal(const Authentication::Answer& caller, Grant needed) {
  if (caller && caller->may.count(needed) > 0) return std::nullopt;
  const std::string grant(grant_names.at(static_cast<std::size_t>(needed)));
  if (!caller && caller.error() == Unidentified::busy) return too_many_passwords();
  if (!caller || caller->name.empty()) return unauthorized(grant);
  return problem_response(
      403, "Forbidden",
      caller->name + " may not " + grant + " (give its token may: [" + grant + "])");
}

Response misdirected(const Request& request) {
  return problem_response(
      421, "Misdirected Request",
      "this server does not answer to the host " + in_quotes(request.host) +
          " without credentials (if that is its name, add it to server.names in the "
          "configuration)");
}

Response foreign(const Request& request) {
  const std::string from = request.origin ? " " + in_quotes(*request.origin) : std::string();
  return problem_response(403, "Forbidden",
                          "a page of another site" + from +
                              " made the browser send this (if it is this server's own page, set "
                              "server.external_url to its address)");
}

// Jobs send heartbeats by whatever name and with whatever type they like: the key in the path is
// their credential, and a page that knows it needs no browser.
bool is_ping(std::span<const Route> rows) { return !rows.empty() && rows.front().topic == "pings"; }

bool changes_state(const Request& request, std::span<const Route> rows) {
  return !is_reading(request) && request.method != "OPTIONS" && !is_ping(rows);
}

// A page of another site cannot send JSON with its visitor's password, nor a token. So what reads
// JSON wants it to be named even when there is none.
std::optional<Response> wrong_type(const Request& request, const Route& row, const Caller& caller) {
  const bool may_be_forged = !caller.has_token && !is_json(request);
  const bool reads_json = row.request != nullptr && row.request->content_type == "application/json";
  if (!may_be_forged || (request.body.empty() && !reads_json)) return std::nullopt;
  const std::string detail =
      "wanted Content-Type: application/json, got " + in_quotes(request.content_type);
  return request.body.empty() ? problem_response(400, "Bad Request", detail)
                              : problem_response(415, "Unsupported Media Type", detail);
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

asio::awaitable<Reception> Api::receive(const Request& head) {
  const std::span<const Route> rows = rows_of(head.path);
  const Route* row = row_for(rows, head.method);
  Reception reception;
  if (row == nullptr) co_return reception;
  reception.rule = row->body;
  if (row->body.most <= BodyRule{}.most) co_return reception;
  Caller caller;
  auto asking = refuse(head, rows, caller);
  reception.refusal = co_await std::move(asking);
  co_return reception;
}

asio::awaitable<std::optional<Response>> Api::refuse(const Request& request,
                                                     std::span<const Route> rows, Caller& caller) {
  const std::shared_ptr<Authentication> authentication = authentication_;
  const bool is_known_host = is_ping(rows) || site_.knows_host_of(request);
  std::optional<Response> refused;
  if (changes_state(request, rows) && site_.is_foreign(request)) {
    refused = foreign(request);
    co_return refused;
  }
  const std::optional<Grant> grant = needed_grant(rows, row_for(rows, request.method));
  if (!grant && is_known_host) co_return refused;
  const Authentication::Answer identified =
      co_await authentication->identify(request.authorization, context_.pool);
  const bool is_anonymous = !identified || request.authorization.empty();
  if (!is_known_host && is_anonymous) {
    refused = misdirected(request);
    co_return refused;
  }
  if (grant) refused = refusal(identified, *grant);
  if (identified) caller = *identified;
  co_return refused;
}

asio::awaitable<Response> Api::answer(Request request) {
  const std::span<const Route> rows = rows_of(request.path);
  const Route* row = row_for(rows, request.method);
  Call call;
  auto asking = refuse(request, rows, call.caller);
  std::optional<Response> refused = co_await std::move(asking);
  if (refused) co_return std::move(*refused);
  if (rows.empty())
    co_return problem_response(404, "Not Found", "nothing at " + in_quotes(request.path));
  if (row == nullptr) co_return wrong_method(allowed_at(rows));
  if (row->needs == Needs::name && call.caller.name.empty())
    co_return problem_response(403, "Forbidden",
                               "a decision needs a caller with a name (a token or a user)");
  std::optional<Response> wrong;
  if (changes_state(request, rows)) wrong = wrong_type(request, *row, call.caller);
  if (wrong) co_return std::move(*wrong);
  call.parts = *match_path(row->path, request.path);
  call.request = std::move(request);
  if (const auto* at_once = std::get_if<0>(&row->handler)) co_return (*at_once)(context_, call);
  auto handling = std::get<1>(row->handler)(context_, std::move(call));
  co_return co_await std::move(handling);
}

}  // namespace gonogo
