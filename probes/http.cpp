#include "probes/http.h"

#include <boost/beast/core/string.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "probes/support/http_expectation.h"
#include "probes/support/resources.h"
#include "probes/support/tls.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct JsonValue {
  std::string name;
  std::string unit;
  std::shared_ptr<JqProgram> program;
};

struct HttpSettings {
  Url url;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string authorization;  // only for the host of `url`
  std::string body;
  std::optional<HostPort> connect_to;
  std::optional<Url> proxy;
  std::string server_name;
  std::shared_ptr<const TlsContext> tls;
  CertificateRules certificate;
  int follow = 0;
  std::size_t max_body = 1 << 20;
  HttpExpectation expect;
  std::optional<HttpExpectation> warn;
  std::vector<JsonValue> values;
};

class HttpProbe : public Probe {
 public:
  HttpProbe(HttpSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> look(Attempt& attempt) override {
    Url url = settings_.url;
    std::optional<Finding> certificate;
    HttpResponse response = co_await fetch(url, certificate, attempt);
    for (int hop = 0; hop < settings_.follow && response.status / 100 == 3; ++hop) {
      const std::string* location = response.find_header("Location");
      if (location == nullptr) break;
      url = next_url(url, *location);
      response = co_await fetch(url, certificate, attempt);
    }
    Finding finding = judge(response, url, attempt);
    if (certificate) merge(finding, std::move(*certificate));
    co_return finding;
  }

 private:
  asio::awaitable<HttpResponse> fetch(const Url& url, std::optional<Finding>& certificate,
                                      Attempt& attempt) {
    const bool is_first_host = url.target.host == settings_.url.target.host;
    HostPort where = url.target;
    if (settings_.connect_to && is_first_host) where = *settings_.connect_to;
    if (settings_.proxy) where = settings_.proxy->target;
    std::unique_ptr<PlainConn> plain = co_await connect(where, resources_, attempt);
    std::unique_ptr<Conn> conn;
    if (url.is_tls) {
      if (settings_.proxy) co_await open_tunnel(*plain, url, attempt);
      const std::string name =
          settings_.server_name.empty() || !is_first_host ? url.target.host : settings_.server_name;
      TlsSession session = co_await start_tls(std::move(plain), settings_.tls, name, attempt);
      Finding chain = judge_chain(session.report, settings_.certificate, resources_.clock.wall());
      // Nothing is said to somebody whose name is not proven.
      if (!session.report.errors.empty()) throw LookEnded(std::move(chain));
      certificate = std::move(chain);
      conn = std::move(session.conn);
    } else {
      conn = std::move(plain);
    }
    HttpRequest request = request_for(url, is_first_host);
    co_return co_await exchange(*conn, std::move(request), settings_.max_body, attempt);
  }

  asio::awaitable<void> open_tunnel(PlainConn& conn, const Url& url, Attempt& attempt) {
    attempt.enter(Stage::proxy);
    const std::string target = to_text(url.target);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!settings_.proxy->user.empty()) {
      request += "Proxy-Authorization: Basic " +
                 base64(settings_.proxy->user + ":" + settings_.proxy->password) + "\r\n";
    }
    request += "\r\n";
    const asio::const_buffer out = asio::buffer(request);
    co_await conn.write(out);
    std::string rest;
    const std::string answer = co_await read_until(conn, "\r\n\r\n", 16384, rest);
    const std::string line = answer.substr(0, answer.find("\r\n"));
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[9] != '2') {
      throw LookEnded(
          Finding::fail(Reason::connect, "proxy refused the tunnel: " + in_quotes(line)));
    }
  }

  HttpRequest request_for(const Url& url, bool is_first_host) const {
    HttpRequest request;
    request.method = settings_.method;
    request.target = settings_.proxy && !url.is_tls ? to_text(url) : url.path;
    request.body = settings_.body;
    const auto add = [&request](std::string name, std::string value) {
      for (const auto& [key, unused] : request.headers) {
        if (boost::beast::iequals(key, name)) return;
      }
      request.headers.emplace_back(std::move(name), std::move(value));
    };
    if (is_first_host) {
      // What was configured for one host is not told to another.
      for (const auto& [name, value] : settings_.headers) add(name, value);
      if (!settings_.authorization.empty()) add("Authorization", settings_.authorization);
    }
    add("Host", host_header(url));
    add("User-Agent", "gonogo");
    add("Accept", "*/*");
    add("Connection", "close");
    if (settings_.proxy && !url.is_tls && !settings_.proxy->user.empty()) {
      add("Proxy-Authorization",
          "Basic " + base64(settings_.proxy->user + ":" + settings_.proxy->password));
    }
    return request;
  }

  static Url next_url(const Url& from, const std::string& location) {
    const std::optional<Url> next = resolve_reference(from, location);
    if (!next)
      throw LookEnded(Finding::fail(
          Reason::redirect, "redirect to " + in_quotes(location) + ", which is no http URL"));
    if (from.is_tls && !next->is_tls) {
      throw LookEnded(
          Finding::fail(Reason::redirect, "redirect from https to " + in_quotes(location)));
    }
    return *next;
  }

  Finding judge(const HttpResponse& response, const Url& url, Attempt& attempt) const {
    Finding finding =
        Finding::pass(std::to_string(response.status) + " in " + to_words(attempt.elapsed()));
    if (settings_.follow > 0 && response.status / 100 == 3) {
      finding = Finding::fail(Reason::redirect,
                              "more than " + std::to_string(settings_.follow) + " redirects");
    } else if (const auto bad = disappointment_in(response, attempt.elapsed(), settings_.expect)) {
      finding = Finding::fail(bad->reason, bad->text);
    } else if (settings_.warn) {
      const auto odd = disappointment_in(response, attempt.elapsed(), *settings_.warn);
      if (odd) finding = Finding::warn(odd->reason, odd->text);
    }
    finding.measure("status", response.status, "count");
    finding.measure("body_bytes", static_cast<double>(response.body.size()), "bytes");
    take_values(response, finding);
    if (finding.outcome != Outcome::pass) {
      if (!response.body.empty()) finding.note("body", on_one_line(response.body, 400));
      if (url.path != settings_.url.path || url.target.host != settings_.url.target.host)
        finding.note("final_url", on_one_line(to_text(url)));
    }
    return finding;
  }

  void take_values(const HttpResponse& response, Finding& finding) const {
    if (settings_.values.empty() || response.is_cut) return;
    std::string problem;
    const std::optional<Json> json = Json::parse(response.body, problem);
    if (!json) return;
    for (const JsonValue& value : settings_.values) {
      const std::vector<std::string> answers = value.program->run(*json, problem);
      if (answers.empty()) continue;
      const auto number = nlohmann::json::parse(answers.front(), nullptr, false);
      if (number.is_number()) finding.measure(value.name, number.get<double>(), value.unit);
      if (number.is_boolean()) finding.measure(value.name, number.get<bool>() ? 1 : 0, value.unit);
    }
  }

  // The certificate can only make it worse.
  static void merge(Finding& finding, Finding chain) {
    for (Value& value : chain.values) finding.values.push_back(std::move(value));
    const bool is_worse = finding.outcome == Outcome::pass ||
                          (finding.outcome == Outcome::warn && chain.outcome == Outcome::fail);
    if (chain.outcome == Outcome::pass || !is_worse) return;
    finding.outcome = chain.outcome;
    finding.reason = chain.reason;
    finding.summary = "certificate: " + chain.summary;
    for (auto& note : chain.evidence) finding.evidence.push_back(std::move(note));
  }

  HttpSettings settings_;
  Resources& resources_;
};

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && marks.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

void read_request(Settings& settings, HttpSettings& http) {
  const std::string url = settings.required_text("url", "https://example.org/healthz");
  if (const auto parsed = parse_url(url)) {
    http.url = *parsed;
    if (!http.url.user.empty() || !http.url.password.empty()) {
      settings.complain_at("url", "holds credentials (put them into basic_auth)");
    }
  } else if (!url.empty()) {
    settings.complain_at("url", "is no http or https URL (such as https://example.org/healthz)");
  }
  http.method = settings.text_or("method", "GET");
  if (!is_token(http.method))
    settings.complain_at("method",
                         in_quotes(http.method) + " is no HTTP method (such as GET, HEAD, POST)");
  http.headers = settings.text_map("headers");
  for (const auto& [name, value] : http.headers) {
    if (!is_token(name) ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      settings.complain_at("headers",
                           in_quotes(name) + " is no valid header (a name and one line)");
    }
    // Credentials that stand in a header are as secret as elsewhere.
    const bool is_secret = boost::beast::iequals(name, "Authorization") ||
                           boost::beast::iequals(name, "Cookie") ||
                           boost::beast::iequals(name, "X-Api-Key") ||
                           boost::beast::iequals(name, "Proxy-Authorization");
    Node* node = settings.raw("headers");
    if (is_secret && node != nullptr) {
      Settings(node, node->place, settings.path() + ".headers", settings.reading()).secret(name);
      // "Bearer TOKEN": the token alone is as telling.
      settings.reading().redactor.hide(std::string_view(value).substr(value.find(' ') + 1));
    }
  }
  http.body = settings.text_or("body", "");
}

void read_credentials(Settings& settings, HttpSettings& http) {
  if (settings.has("basic_auth")) {
    Settings basic = settings.section("basic_auth");
    const std::string user = basic.required_text("username", "monitor");
    const std::string password = basic.secret("password").value_or("");
    basic.finish();
    settings.reading().redactor.hide_credentials(user, password);
    http.authorization = "Basic " + base64(user + ":" + password);
  }
  if (const auto token = settings.secret("bearer")) {
    if (!http.authorization.empty())
      settings.complain_at("bearer", "stands beside basic_auth (one of the two)");
    http.authorization = "Bearer " + *token;
  }
}

void read_route(Settings& settings, HttpSettings& http) {
  if (const auto target = settings.text("connect_to")) {
    http.connect_to = parse_host_port(*target, http.url.target.port);
    if (!http.connect_to)
      settings.complain_at("connect_to",
                           in_quotes(*target) + " is no address (such as 127.0.0.1:443)");
  }
  if (const auto proxy = settings.text("proxy")) {
    http.proxy = parse_url(*proxy);
    if (!http.proxy || http.proxy->is_tls) {
      settings.complain_at("proxy", "is no http URL (such as http://proxy.example.org:3128)");
    } else if (!http.proxy->password.empty()) {
      settings.secret("proxy");
      settings.reading().redactor.hide_credentials(http.proxy->user, http.proxy->password);
    }
  }
  http.server_name = settings.text_or("server_name", "");
  http.follow = static_cast<int>(settings.integer("follow", 0, 20).value_or(0));
}

void read_values(Settings& settings, HttpSettings& http) {
  for (auto& [name, value] : settings.sections("values")) {
    JsonValue read{name, value.text_or("unit", "count"), nullptr};
    std::string problem;
    read.program = JqProgram::compile(value.required_text("jq", ".age_seconds"), problem);
    if (!read.program)
      value.complain_at("jq", "is no jq expression: " + problem + " (such as .age_seconds)");
    value.finish();
    http.values.push_back(std::move(read));
  }
}

}  // namespace

std::unique_ptr<Probe> make_http(Settings& settings, Resources& resources) {
  HttpSettings http;
  read_request(settings, http);
  read_credentials(settings, http);
  read_route(settings, http);
  // Plain requests need no roots, but a redirect may lead to https.
  const bool needs_tls = http.url.is_tls || http.follow > 0;
  if (needs_tls) {
    http.tls = read_tls_context(settings);
  } else {
    for (const char* key : {"ca", "client_certificate", "client_key", "min_tls", "verify"})
      settings.has(key);
  }
  Settings certificate = settings.section("certificate");
  http.certificate.min_left = certificate.duration("min_left");
  http.certificate.warn_left = certificate.duration("warn_left");
  certificate.finish();
  if (const auto most = settings.size("max_body")) http.max_body = static_cast<std::size_t>(*most);
  if (http.max_body > 64 << 20)
    settings.complain_at("max_body", "is over 64MiB (what is read is held in memory)");
  http.expect = read_http_expectation(settings.section("expect"), {{200, 299}});
  if (settings.has("warn")) http.warn = read_http_expectation(settings.section("warn"), {});
  read_values(settings, http);
  settings.finish();
  return std::make_unique<HttpProbe>(std::move(http), resources);
}

}  // namespace gonogo
