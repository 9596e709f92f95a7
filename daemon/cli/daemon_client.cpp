#include "daemon/cli/daemon_client.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_address.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
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

// One request, made like the run of a probe: with one deadline over everything.
class Question : public Probe {
 public:
  Question(DaemonAddress address, TlsOptions tls, HttpRequest request, Resources& resources)
      : address_(std::move(address)),
        tls_(std::move(tls)),
        request_(std::move(request)),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    HostPort target;
    std::string host = "localhost";
    if (address_.url.starts_with("unix:")) {
      attempt.enter(Stage::connect);
      target = HostPort{address_.url.substr(5), 0, HostPort::Via::unix_socket};
      request_.headers.emplace_back("Host", host);
    } else {
      const std::optional<Url> url = parse_url(address_.url);
      if (!url)
        throw RunEnded(Finding::fail(Reason::error, "no http URL: " + in_quotes(address_.url)));
      target = url->target;
      host = url->target.host;
      request_.headers.emplace_back("Host", host_header(*url));
    }
    std::unique_ptr<PlainConn> plain = co_await connect(target, resources_, attempt);
    std::unique_ptr<Conn> conn;
    if (address_.is_tls) {
      auto securing = secured(std::move(plain), host, attempt);
      conn = co_await std::move(securing);
    } else {
      conn = std::move(plain);
    }
    HttpRequest request = request_;
    response = co_await exchange(*conn, std::move(request), most_answer, attempt);
    co_return Finding::pass();
  }

  HttpResponse response;

 private:
  asio::awaitable<std::unique_ptr<Conn>> secured(std::unique_ptr<PlainConn> plain, std::string host,
                                                 Attempt& attempt) {
    auto context = std::make_shared<const TlsContext>(tls_);
    auto starting = start_tls(std::move(plain), context, host, attempt);
    TlsSession session = co_await std::move(starting);
    const ChainReport& report = session.report;
    // Nothing has been sent yet.
    if (!report.errors.empty() && !is_daemons_own(report)) {
      Finding why = judge_chain(report, {}, resources_.clock.wall());
      if (!address_.certificate_file.empty())
        why.summary += "; nor is it that of " + address_.certificate_file;
      why.summary += " (--ca FILE names the authorities to trust)";
      throw RunEnded(std::move(why));
    }
    co_return std::move(session.conn);
  }

  bool is_daemons_own(const ChainReport& report) const {
    const bool is_known = !address_.certificate_file.empty() || !address_.certificate.empty();
    if (!is_known || report.certificates.empty()) return false;
    try {
      TlsOptions options;
      options.verify = false;
      const TlsContext context(options);
      const ChainReport own = address_.certificate.empty()
                                  ? read_chain_file(address_.certificate_file, context, "")
                                  : read_chain(address_.certificate, "`cert`", context, "");
      const std::string& shown = report.certificates.front().fingerprint;
      return !shown.empty() && shown == own.certificates.front().fingerprint;
    } catch (const IoError&) {
      return false;
    }
  }

  DaemonAddress address_;
  TlsOptions tls_;
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
  const DaemonAddress address = find_daemon(common, daemon);
  TlsOptions tls;
  tls.ca_file = daemon.ca;
  tls.certificate_file = daemon.certificate;
  tls.key_file = daemon.key;
  Workbench bench;
  auto question = std::make_shared<Question>(address, tls, std::move(request), bench.resources);
  std::optional<Observation> answer;
  const auto run = ProbeRun::start(bench.loop.get_executor(), bench.clock, question, daemon.timeout,
                                   [&](Observation seen) {
                                     answer = std::move(seen);
                                     bench.loop.stop();
                                   });
  bench.loop.run();
  if (answer->outcome != Outcome::pass) {
    problem = "no answer from " + address.url + ": " + answer->summary + address.hint;
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
