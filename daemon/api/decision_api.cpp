#include "daemon/api/decision_api.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_document.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "exporters/checklist_report.h"
#include "exporters/snapshot_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

constexpr std::string_view checks_path = "/api/v1/checks/";
constexpr std::int64_t most_rows = 1000;
constexpr std::size_t longest_list = 1 << 20;

// "/api/v1/checks/ID/VERB"
struct CheckPath {
  std::string id;
  std::string verb;  // empty: the check itself
};

std::optional<CheckPath> parse_check_path(std::string_view path) {
  if (!path.starts_with(checks_path)) return std::nullopt;
  path.remove_prefix(checks_path.size());
  const std::size_t slash = path.find('/');
  CheckPath parsed{std::string(path.substr(0, slash)),
                   slash == std::string_view::npos ? "" : std::string(path.substr(slash + 1))};
  if (parsed.id.empty()) return std::nullopt;
  return parsed;
}

Response json_response(int status, std::string text) {
  Response response = text_response(status, std::move(text));
  response.content_type = "application/json";
  return response;
}

Response of(const Decided& decided) {
  if (decided) return json_response(201, *decided);
  constexpr std::array<std::pair<int, const char*>, 5> titles{{{400, "Bad Request"},
                                                               {403, "Forbidden"},
                                                               {404, "Not Found"},
                                                               {409, "Conflict"},
                                                               {503, "Service Unavailable"}}};
  for (const auto& [status, title] : titles) {
    if (status == decided.error().status)
      return problem_response(status, title, decided.error().text);
  }
  return problem_response(500, "Internal Server Error", decided.error().text);
}

// A request's members; a member of another type than wanted, or of a name nobody knows, is told.
class Body {
 public:
  // Only JSON, and said to be so even where it is empty: a page of another origin cannot send that
  // with somebody's credentials.
  explicit Body(const Request& request) {
    if (!request.content_type.starts_with("application/json")) {
      problem_ = "wanted Content-Type: application/json, got " + in_quotes(request.content_type);
      return;
    }
    value_ = json::object();
    if (request.body.empty()) return;
    try {
      value_ = parse_json(request.body, "the body");
    } catch (const RunEnded& ended) {
      problem_ = ended.what();
    }
    if (problem_.empty() && !value_.is_object()) problem_ = "the body is no JSON object";
  }

  std::string text(const char* key) {
    const json* found = find(key);
    if (found == nullptr) return {};
    if (found->is_string()) return found->get<std::string>();
    complain(key, "no text");
    return {};
  }
  bool flag(const char* key) {
    const json* found = find(key);
    if (found == nullptr) return false;
    if (found->is_boolean()) return found->get<bool>();
    complain(key, "neither true nor false");
    return false;
  }
  std::optional<Duration> duration(const char* key) {
    const std::string written = text(key);
    if (written.empty()) return std::nullopt;
    const auto parsed = parse_duration(written);
    if (!parsed) complain(key, "no duration (such as 30m, 2h)");
    return parsed;
  }
  std::optional<WallTime> time(const char* key) {
    const std::string written = text(key);
    if (written.empty()) return std::nullopt;
    const auto parsed = parse_rfc3339(written);
    if (!parsed) complain(key, "no time (such as 2026-12-24T18:00:00Z)");
    return parsed;
  }
  // What is wrong; empty when all is well.
  std::string problem() {
    if (!problem_.empty() || !value_.is_object()) return problem_;
    for (const auto& [key, value] : value_.items()) {
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
        return "nobody knows " + in_quotes(key) + " here";
    }
    return {};
  }

 private:
  const json* find(const char* key) {
    asked_.emplace_back(key);
    if (!value_.is_object()) return nullptr;
    const auto found = value_.find(key);
    return found == value_.end() || found->is_null() ? nullptr : &*found;
  }
  void complain(const char* key, const char* what) {
    if (problem_.empty()) problem_ = std::string(key) + " is " + what;
  }

  json value_;
  std::string problem_;
  std::vector<std::string> asked_;
};

std::int64_t number_in(const Request& request, const char* key, std::int64_t fallback) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return fallback;
  std::int64_t number = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 0 ? number
                                                                                 : fallback;
}

std::string query_text(const Request& request, const char* key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? "" : found->second;
}

Response bad_request(const std::string& why) { return problem_response(400, "Bad Request", why); }

}  // namespace

DecisionApi::DecisionApi(DecisionDesk& desk, BlockingPool& pool,
                         std::function<std::shared_ptr<const Snapshot>()> latest)
    : desk_(desk), pool_(pool), latest_(std::move(latest)) {}

std::optional<Grant> DecisionApi::wanted_for(const Request& request) {
  const std::string& path = request.path;
  if (const auto check = parse_check_path(path)) {
    if (check->verb == "signoff") return Grant::sign;
    if (check->verb == "waiver") return Grant::waive;
    return check->verb.empty() || check->verb == "history" ? std::optional(Grant::read)
                                                           : std::nullopt;
  }
  if (path == "/api/v1/report" || path == "/report.md") return Grant::read;
  if (path == "/api/v1/deployments" || path == "/api/v1/release")
    return is_reading(request) ? Grant::read : Grant::deploy;
  for (const char* known : {"/api/v1/checks", "/api/v1/gates", "/api/v1/signoffs",
                            "/api/v1/waivers", "/api/v1/audit", "/api/v1/history"}) {
    if (path == known) return Grant::read;
  }
  return std::nullopt;
}

asio::awaitable<Response> DecisionApi::answer(Request request, Caller who) {
  if (request.path == "/api/v1/report" || request.path == "/report.md")
    co_return co_await report(std::move(request));
  if (is_reading(request)) co_return co_await read(std::move(request));
  co_return co_await decide(std::move(request), std::move(who));
}

asio::awaitable<Response> DecisionApi::report(Request request) {
  if (request.path == "/report.md") {
    if (list_path_.empty())
      co_return problem_response(404, "Not Found",
                                 "no checklist is configured (report: {list: PATH})");
    auto read = [path = list_path_] { return read_bounded_file(path, longest_list); };
    co_return co_await report_of(std::move(read), query_text(request, "format") == "html");
  }
  if (request.method != "POST") co_return wrong_method("POST");
  Body body(request);
  std::string text = body.text("list");
  const bool html = body.flag("html");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto list = [text = std::move(text)] { return text; };
  co_return co_await report_of(std::move(list), html);
}

// On the pool: parsing somebody's Markdown may take its time.
asio::awaitable<Response> DecisionApi::report_of(std::function<std::string()> list, bool html) {
  auto render = [list = std::move(list), html, snapshot = latest_()] {
    return html ? checklist_page(list(), *snapshot) : checklist_report(list(), *snapshot);
  };
  std::string text;
  std::string problem;
  try {
    auto rendering = offload(pool_, std::move(render));
    text = co_await std::move(rendering);
  } catch (const IoError& broken) {
    problem = broken.what();
  }
  if (!problem.empty()) co_return problem_response(503, "Service Unavailable", problem);
  Response response = text_response(200, std::move(text));
  response.content_type =
      html ? "text/html; charset=utf-8" : "text/markdown; charset=utf-8; variant=GFM";
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  co_return response;
}

asio::awaitable<Response> DecisionApi::decide(Request request, Caller who) {
  // Who is nobody in particular decides nothing, whatever it may.
  if (who.name.empty())
    co_return problem_response(403, "Forbidden", "a decision wants a name (of a token or a user)");
  if (parse_check_path(request.path))
    co_return co_await decide_on_check(std::move(request), std::move(who));
  const bool is_known = request.path == "/api/v1/deployments" || request.path == "/api/v1/release";
  if (!is_known) co_return wrong_method("GET, HEAD");
  if (request.method != "POST") co_return wrong_method("GET, HEAD, POST");
  Body body(request);
  if (request.path == "/api/v1/release") {
    std::string release = body.text("release");
    if (const std::string problem = body.problem(); !problem.empty())
      co_return bad_request(problem);
    auto announcing = desk_.announce(std::move(who), std::move(release));
    const Decided decided = co_await std::move(announcing);
    co_return of(decided);
  }
  DeployRequest wanted;
  wanted.version = body.text("version");
  wanted.watch = body.duration("watch");
  wanted.force = body.flag("force");
  wanted.reason = body.text("reason");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto deploying = desk_.deploy(std::move(who), std::move(wanted));
  const Decided decided = co_await std::move(deploying);
  co_return of(decided);
}

asio::awaitable<Response> DecisionApi::decide_on_check(Request request, Caller who) {
  CheckPath path = *parse_check_path(request.path);
  const bool is_decision = path.verb == "signoff" || path.verb == "waiver";
  if (!is_decision) co_return wrong_method("GET, HEAD");
  if (request.method == "DELETE") {
    if (path.verb == "signoff") {
      auto withdrawing = desk_.withdraw(std::move(who), std::move(path.id));
      const Decided decided = co_await std::move(withdrawing);
      co_return of(decided);
    }
    auto ending = desk_.end_waiver(std::move(who), std::move(path.id));
    const Decided decided = co_await std::move(ending);
    co_return of(decided);
  }
  if (request.method != "POST") co_return wrong_method("POST, DELETE");
  Body body(request);
  if (path.verb == "signoff") {
    SignRequest wanted;
    wanted.check = std::move(path.id);
    wanted.role = body.text("role");
    wanted.note = body.text("note");
    wanted.release = body.text("release");
    if (const std::string problem = body.problem(); !problem.empty())
      co_return bad_request(problem);
    auto signing = desk_.sign(std::move(who), std::move(wanted));
    const Decided decided = co_await std::move(signing);
    co_return of(decided);
  }
  WaiveRequest wanted;
  wanted.check = std::move(path.id);
  wanted.why = body.text("why");
  wanted.lasts = body.duration("for");
  wanted.until = body.time("until");
  wanted.this_release = body.flag("this_release");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto waiving = desk_.waive(std::move(who), std::move(wanted));
  const Decided decided = co_await std::move(waiving);
  co_return of(decided);
}

asio::awaitable<Response> DecisionApi::read_store(Question question) {
  tl::expected<std::string, std::string> answer;
  try {
    auto ask = [store = store_, question = std::move(question)] { return question(*store); };
    auto asking = offload(pool_, std::move(ask));
    answer = co_await std::move(asking);
  } catch (const IoError& broken) {
    answer = tl::make_unexpected(std::string(broken.what()));
  }
  if (answer) co_return json_response(200, std::move(*answer));
  co_return problem_response(503, "Service Unavailable", answer.error());
}

asio::awaitable<Response> DecisionApi::read_history(Request request, std::string check) {
  HistoryQuestion question;
  question.check = std::move(check);
  question.limit = std::clamp<std::int64_t>(number_in(request, "limit", 200), 1, most_rows);
  question.since_last_go = query_text(request, "since") == "go";
  if (const std::string since = query_text(request, "since");
      !since.empty() && !question.since_last_go) {
    question.since = parse_rfc3339(since);
    if (!question.since)
      co_return bad_request(in_quotes(since) + " is no time (such as 2026-12-24T18:00:00Z, or go)");
  }
  Question ask = [question](Store& store) { return store.history(question); };
  co_return co_await read_store(std::move(ask));
}

asio::awaitable<Response> DecisionApi::read(Request request) {
  const auto check = parse_check_path(request.path);
  if (check && check->verb == "history")
    co_return co_await read_history(std::move(request), check->id);
  if (request.path == "/api/v1/history") co_return co_await read_history(std::move(request), "");
  if (request.path == "/api/v1/audit") {
    const std::int64_t after = number_in(request, "after", 0);
    const std::int64_t limit =
        std::clamp<std::int64_t>(number_in(request, "limit", 500), 1, most_rows);
    Question ask = [after, limit](Store& store) { return store.audit_page(after, limit); };
    co_return co_await read_store(std::move(ask));
  }
  if (request.path == "/api/v1/deployments") {
    const std::int64_t limit =
        std::clamp<std::int64_t>(number_in(request, "limit", 50), 1, most_rows);
    Question ask = [limit](Store& store) { return store.deployments(limit); };
    co_return co_await read_store(std::move(ask));
  }
  co_return read_snapshot(request);
}

Response DecisionApi::read_snapshot(const Request& request) const {
  const std::shared_ptr<const Snapshot> snapshot = latest_();
  const std::string& path = request.path;
  if (path == "/api/v1/checks") return json_response(200, checks_json(*snapshot));
  if (path == "/api/v1/gates") return json_response(200, gates_json(*snapshot));
  if (path == "/api/v1/signoffs") return json_response(200, signoffs_json(*snapshot));
  if (path == "/api/v1/waivers") return json_response(200, waivers_json(*snapshot));
  if (path == "/api/v1/release")
    return json_response(200, json{{"release", snapshot->release}}.dump(
                                  -1, ' ', false, json::error_handler_t::replace) +
                                  "\n");
  const auto check = parse_check_path(path);
  if (!check || !check->verb.empty()) return wrong_method("POST, DELETE");
  const auto index = snapshot->checklist->find_check(check->id);
  if (!index) return problem_response(404, "Not Found", "no check " + in_quotes(check->id));
  return json_response(200, check_json(*snapshot, *index));
}

}  // namespace gonogo
