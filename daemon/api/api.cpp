#include "daemon/api/api.h"

#include <zlib.h>

#include <charconv>
#include <stdexcept>

#include "daemon/core/text.h"
#include "exporters/board_page.h"
#include "exporters/metrics.h"
#include "exporters/snapshot_document.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// RFC 1952; level 1: the loop waits for it.
std::string gzipped(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

template <typename Render>
std::shared_ptr<const std::string> rendered(auto& cache,
                                            const std::shared_ptr<const Snapshot>& snapshot,
                                            Render render) {
  if (cache.of != snapshot) {
    cache.body = std::make_shared<const std::string>(render(*snapshot));
    cache.of = snapshot;
  }
  return cache.body;
}

// "key", "key/start", "key/fail", "key/log", "key/3".
struct Ping {
  std::string key;
  PushKind kind = PushKind::success;
  int exit_status = 0;
};

std::optional<Ping> parse_ping(std::string_view path) {
  path.remove_prefix(std::string_view("/ping/").size());
  const std::size_t slash = path.find('/');
  Ping ping{std::string(path.substr(0, slash))};
  if (slash == std::string_view::npos) return ping;
  const std::string_view word = path.substr(slash + 1);
  if (word == "start") {
    ping.kind = PushKind::start;
  } else if (word == "log") {
    ping.kind = PushKind::log;
  } else if (word == "fail") {
    ping.kind = PushKind::fail;
    ping.exit_status = 1;
  } else {
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), ping.exit_status);
    if (error != std::errc{} || end != word.data() + word.size() || ping.exit_status < 0 ||
        ping.exit_status > 255)
      return std::nullopt;
    ping.kind = ping.exit_status == 0 ? PushKind::success : PushKind::fail;
  }
  return ping;
}

// The check in "/api/v1/checks/ID/run".
std::optional<std::string_view> check_to_run(std::string_view path) {
  constexpr std::string_view before = "/api/v1/checks/";
  constexpr std::string_view after = "/run";
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  return path.substr(before.size(), path.size() - before.size() - after.size());
}

}  // namespace

Api::Api(ApiDoors doors, BlockingPool& pool, DecisionApi& decisions)
    : doors_(std::move(doors)), pool_(pool), decisions_(decisions) {}

asio::awaitable<Response> Api::answer(Request request) {
  const bool is_ping = request.path.starts_with("/ping/");
  const bool is_reload = request.path == "/-/reload";
  const std::optional<std::string_view> to_run = check_to_run(request.path);
  // Liveness says nothing that anybody could not know.
  if (request.path == "/healthz" || request.path == "/readyz") co_return open_answer(request);
  const std::shared_ptr<Authentication> authentication = authentication_;
  const std::optional<Caller> caller =
      co_await authentication->identify(request.authorization, pool_);
  const std::optional<Grant> decides = DecisionApi::wanted_for(request);
  const Grant wanted = is_ping     ? Grant::ping
                       : is_reload ? Grant::reload
                       : to_run    ? Grant::run
                                   : decides.value_or(Grant::read);
  std::optional<Response> refused = refusal(caller, wanted);
  if (refused) co_return std::move(*refused);
  if (is_ping) co_return ping(request);
  if (to_run) co_return run_now(request, *to_run);
  if (decides) {
    Caller who = *caller;
    co_return co_await decisions_.answer(std::move(request), std::move(who));
  }
  if (is_reload) {
    if (request.method != "POST") co_return wrong_method("POST");
    co_return co_await reload();
  }
  co_return open_answer(request);
}

std::optional<Response> Api::refusal(const std::optional<Caller>& caller, Grant wanted) const {
  if (caller && caller->may.count(wanted) > 0) return std::nullopt;
  const std::string grant(grant_names.at(static_cast<std::size_t>(wanted)));
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

Response Api::open_answer(const Request& request) {
  const std::string& path = request.path;
  const bool is_known = path == "/verdict" || path == "/metrics" || path == "/healthz" ||
                        path == "/readyz" || path == "/api/v1/snapshot" || path == "/";
  if (!is_known) return problem_response(404, "Not Found", "nothing at " + in_quotes(path));
  if (!is_reading(request)) return wrong_method("GET, HEAD");
  if (path == "/verdict") return verdict(request);
  if (path == "/metrics") return metrics(request);
  if (path == "/healthz") return text_response(200, "ok\n");
  if (path == "/readyz") {
    const std::string why = doors_.not_ready();
    return why.empty() ? text_response(200, "ready\n")
                       : text_response(503, "not ready: " + why + "\n");
  }
  Response response;
  const std::shared_ptr<const Snapshot> snapshot = doors_.latest();
  if (path == "/") {
    response = text_response(200, board_page(*snapshot));
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return response;
  }
  response.content_type = "application/json";
  response.body = rendered(snapshot_json_, snapshot, snapshot_json);
  return response;
}

Response Api::verdict(const Request& request) {
  const std::shared_ptr<const Snapshot> snapshot = doors_.verdict();
  std::optional<std::size_t> gate;
  if (const auto wanted = request.query.find("gate"); wanted != request.query.end()) {
    gate = snapshot->checklist->find_gate(wanted->second);
    // Not 503: an uptime monitor must not take a typing error for a verdict.
    if (!gate) return problem_response(404, "Not Found", "no gate " + in_quotes(wanted->second));
  }
  const auto format = request.query.find("format");
  const std::string wish = format != request.query.end() ? format->second : "";
  const bool wants_health =
      wish == "health" ||
      (wish.empty() && request.accept.find("application/health+json") != std::string::npos);
  const bool wants_text =
      wish == "text" || (wish.empty() && request.accept.find("text/plain") != std::string::npos &&
                         request.accept.find("json") == std::string::npos);
  if (!wish.empty() && wish != "text" && wish != "json" && wish != "health" && wish != "explain") {
    return problem_response(
        400, "Bad Request",
        "format " + in_quotes(wish) + " is not known (json, text, explain, health)");
  }
  Response response;
  response.status = is_go(*snapshot, gate) ? 200 : 503;
  const auto make = [&](Rendered& cache, auto render) {
    if (gate) return std::make_shared<const std::string>(render(*snapshot, gate));
    return rendered(cache, snapshot,
                    [&render](const Snapshot& whole) { return render(whole, std::nullopt); });
  };
  if (wish == "explain") {
    response.body = std::make_shared<const std::string>(verdict_explained(*snapshot, gate));
  } else if (wants_text) {
    response.body = make(verdict_text_, verdict_text);
  } else if (wants_health) {
    response.content_type = "application/health+json";
    response.body = make(verdict_health_, verdict_health_json);
  } else {
    response.content_type = "application/json";
    response.body = make(verdict_json_, verdict_json);
  }
  return response;
}

Response Api::metrics(const Request& request) {
  const std::shared_ptr<const Snapshot> snapshot = doors_.latest();
  // The daemon's own figures move without a new snapshot, but no scraper wants them twice a second.
  const SteadyTime now = doors_.now();
  if (metrics_text_.of != snapshot || now - metrics_at_ >= std::chrono::seconds{1}) {
    metrics_text_.of = snapshot;
    metrics_text_.body =
        std::make_shared<const std::string>(metrics_text(*snapshot, doors_.figures()));
    metrics_gzip_ = {};
    metrics_at_ = now;
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.body = metrics_text_.body;
  if (request.accept_encoding.find("gzip") != std::string::npos) {
    if (!metrics_gzip_.body)
      metrics_gzip_.body = std::make_shared<const std::string>(gzipped(*metrics_text_.body));
    response.body = metrics_gzip_.body;
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

Response Api::ping(const Request& request) {
  if (!is_reading(request) && request.method != "POST") return wrong_method("GET, HEAD, POST");
  const std::optional<Ping> ping = parse_ping(request.path);
  if (!ping)
    return problem_response(400, "Bad Request",
                            "wanted /ping/KEY, or with /start, /fail, /log or /EXIT-STATUS");
  const auto rid = request.query.find("rid");
  const std::string run_id = rid == request.query.end() ? "" : rid->second;
  if (!doors_.push(ping->key, ping->kind, ping->exit_status, request.body, run_id)) {
    return problem_response(404, "Not Found", "no heartbeat waits for this key");
  }
  return text_response(200, "OK\n");
}

Response Api::run_now(const Request& request, std::string_view check) {
  if (request.method != "POST") return wrong_method("POST");
  const auto problem = doors_.run_now(std::string(check));
  if (problem) return problem_response(404, "Not Found", *problem);
  return text_response(202, "looks\n");
}

asio::awaitable<Response> Api::reload() {
  auto reloading = doors_.reload();
  const std::string problems = co_await std::move(reloading);
  if (problems.empty()) co_return text_response(200, "reloaded\n");
  co_return problem_response(422, "Bad Configuration", problems);
}

}  // namespace gonogo
