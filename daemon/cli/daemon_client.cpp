#include "daemon/cli/daemon_client.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/workbench.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/url.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/http/http1.h"
#include "daemon/io/tls.h"
#include "daemon/scheduling/attempt.h"
#include "probes/shared/certificate_rules.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_answer = 64 << 20;

// The first configured listener, as a URL or "unix:/path". The rest of the configuration may be
// unreadable for the user who asks.
std::string configured_url(const CommonOptions& common) {
  std::vector<std::string> listen = common.overrides.listen;
  if (listen.empty()) {
    Reading reading;
    Node tree = read_sources(common.config, reading);
    if (Node* server = tree.find("server"))
      listen = Settings(server, server->place, "server", reading).texts("listen");
  }
  if (listen.empty()) return "http://127.0.0.1:9880";
  if (listen.front().starts_with("unix:")) return listen.front();
  const auto target = parse_host_port(listen.front());
  if (!target) return "http://127.0.0.1:9880";
  const bool is_any = target->host == "0.0.0.0" || target->host == "::";
  return "http://" + to_text(HostPort{is_any ? "127.0.0.1" : target->host, target->port});
}

// One request, made like the run of a probe: with one deadline over everything.
class Question : public Probe {
 public:
  Question(std::string url, HttpRequest request, Resources& resources)
      : url_(std::move(url)), request_(std::move(request)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    std::unique_ptr<Conn> conn;
    if (url_.starts_with("unix:")) {
      attempt.enter(Stage::connect);
      request_.headers.emplace_back("Host", "localhost");
      const HostPort socket{url_.substr(5), 0, HostPort::Via::unix_socket};
      conn = co_await connect(socket, resources_, attempt);
    } else {
      const std::optional<Url> url = parse_url(url_);
      if (!url) throw RunEnded(Finding::fail(Reason::error, "no http URL: " + in_quotes(url_)));
      request_.headers.emplace_back("Host", host_header(*url));
      std::unique_ptr<PlainConn> plain = co_await connect(url->target, resources_, attempt);
      if (url->is_tls) {
        TlsOptions defaults;
        auto context = std::make_shared<const TlsContext>(defaults);
        TlsSession session =
            co_await start_tls(std::move(plain), context, url->target.host, attempt);
        if (!session.report.errors.empty())
          throw RunEnded(judge_chain(session.report, {}, resources_.clock.wall()));
        conn = std::move(session.conn);
      } else {
        conn = std::move(plain);
      }
    }
    HttpRequest request = request_;
    response = co_await exchange(*conn, std::move(request), most_answer, attempt);
    co_return Finding::pass();
  }

  HttpResponse response;

 private:
  std::string url_;
  HttpRequest request_;
  Resources& resources_;
};

// "check: lead, by: A. Lead, ..." and "audit: SEQ:HASH", which `audit verify --head` takes.
std::string in_words(const nlohmann::json& decision) {
  std::string words;
  for (const auto& [name, value] : decision.items()) {
    if (value.is_null() || value.is_object()) continue;
    std::string text;
    if (value.is_array()) {
      for (const auto& item : value)
        text += (text.empty() ? "" : " ") +
                on_one_line(item.is_string() ? item.get<std::string>() : to_json_text(item), 400);
    } else {
      text = value.is_string() ? on_one_line(value.get<std::string>(), 400) : to_json_text(value);
    }
    if (text.empty()) continue;
    words.append(words.empty() ? "" : ", ").append(name).append(": ").append(text);
  }
  if (const auto audit = decision.find("audit"); audit != decision.end() && audit->is_object())
    words += "\naudit: " + to_json_text(audit->at("seq")) + ":" + audit->value("hash", "");
  return words + "\n";
}

}  // namespace

std::string DaemonAnswer::detail() const {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  if (document.is_object() && document.contains("detail") && document["detail"].is_string())
    return document["detail"].get<std::string>();
  return std::string(trimmed(body));
}

bool DaemonAnswer::is_problem() const {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  return document.is_object() && document.contains("title") && document.contains("detail");
}

std::optional<DaemonAnswer> ask_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                                       const std::string& method, const std::string& target,
                                       std::string& problem, const std::string& body) {
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.headers = {
      {"User-Agent", "gonogo"}, {"Accept", "application/json"}, {"Connection", "close"}};
  if (!body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
  }
  if (!daemon.token_file.empty()) {
    try {
      request.headers.emplace_back(
          "Authorization",
          "Bearer " + std::string(trimmed(read_bounded_file(daemon.token_file, 4096))));
    } catch (const IoError& broken) {
      problem = broken.what();
      return std::nullopt;
    }
  }
  std::string url = daemon.url.empty() ? configured_url(common) : daemon.url;
  while (url.ends_with('/')) url.pop_back();
  Workbench bench;
  auto question = std::make_shared<Question>(url, std::move(request), bench.resources);
  std::optional<Observation> answer;
  const auto run = ProbeRun::start(bench.loop.get_executor(), bench.clock, question, daemon.timeout,
                                   [&](Observation seen) {
                                     answer = std::move(seen);
                                     bench.loop.stop();
                                   });
  bench.loop.run();
  if (answer->outcome != Outcome::pass) {
    problem = "no answer from " + url + ": " + answer->summary;
    return std::nullopt;
  }
  return DaemonAnswer{question->response.status, std::move(question->response.body)};
}

int send_to_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                   const std::string& method, const std::string& target, const std::string& body) {
  std::string problem;
  const std::optional<DaemonAnswer> answer =
      ask_daemon(common, daemon, method, target, problem, body);
  if (!answer) {
    std::cerr << problem << "\n";
    return exit_no_answer;
  }
  if (answer->status >= 300) {
    std::cerr << answer->detail() << "\n";
    // 503: it could not be recorded and may be asked for again. Anything else is a refusal.
    return answer->status == 503 ? exit_no_answer : exit_no_go;
  }
  std::cout << in_words(nlohmann::json::parse(answer->body, nullptr, false));
  return exit_go;
}

}  // namespace gonogo
