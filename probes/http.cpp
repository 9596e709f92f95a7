#include "probes/http.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/times.h"
#include "probes/resources.h"
#include "probes/shared/http_expectation.h"
#include "probes/shared/http_fetch.h"
#include "probes/shared/side_by_side.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct JsonValue {
  std::string name;
  std::string unit;
  std::shared_ptr<JqProgram> program;
};

struct AgeRule {
  std::string header;  // the header that holds the date, or
  JsonCondition json;  // the field that holds it
  std::optional<Duration> max;
  std::optional<Duration> warn;
};

struct HttpSettings {
  HttpCall call;
  JudgedRoute route;
  int follow = 0;
  bool may_leave_host = false;
  std::vector<HttpExpectation> hops;  // one for each redirect, in order
  HttpExpectation expect;
  std::optional<HttpExpectation> warn;
  std::optional<AgeRule> age;
  std::vector<JsonValue> values;
  bool each_address = false;
  std::size_t least_addresses = 0;  // how many have to pass; 0: all
};

class HttpProbe : public Probe {
 public:
  HttpProbe(HttpSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    if (settings_.each_address) co_return co_await inspect_all(attempt);
    co_return co_await ask(std::nullopt, attempt);
  }

 private:
  asio::awaitable<Finding> ask(std::optional<Endpoint> at, Attempt& attempt) {
    HttpCall call = settings_.call;
    HttpCall sent = call;
    auto first = fetch_judged(settings_.route, std::move(sent), at, resources_, attempt);
    JudgedReply reply = co_await std::move(first);
    // What this daemon itself waits for, such as a turn for jq, is no time of the servers.
    Duration took = reply.took;
    std::size_t hop = 0;
    while (is_redirect(reply.response) && hop < static_cast<std::size_t>(settings_.follow)) {
      co_await judge_hop(reply.response, took, hop, attempt);
      const Url next = next_url(call.url, *reply.response.find_header("Location"));
      if (!is_same_origin(next, call.url)) at.reset();
      redirect(call, reply.response, next);
      HttpCall again = call;
      auto following = fetch_judged(settings_.route, std::move(again), at, resources_, attempt);
      reply = co_await std::move(following);
      took += reply.took;
      ++hop;
    }
    if (hop < settings_.hops.size()) {
      co_return Finding::fail(Reason::redirect, counted(hop, "redirect") + ", wanted " +
                                                    std::to_string(settings_.hops.size()));
    }
    auto judging = judge(reply.response, took, call.url, attempt);
    Finding finding = co_await std::move(judging);
    finding.measure("redirects", static_cast<double>(hop), "count");
    if (reply.certificate) add_certificate(finding, std::move(*reply.certificate));
    co_return finding;
  }

  asio::awaitable<Finding> inspect_all(Attempt& attempt) {
    const HostPort where = first_hop(settings_.route, settings_.call.url);
    const std::vector<Endpoint> endpoints = co_await endpoints_of(where, resources_, attempt);
    std::vector<Part<Finding>> parts;
    for (const Endpoint& endpoint : endpoints)
      parts.emplace_back([this, endpoint](Attempt& part) { return ask(endpoint, part); });
    attempt.enter(Stage::request);
    auto asking = side_by_side<Finding>(resources_, deadline_of_parts(attempt), std::move(parts));
    std::vector<PartEnd<Finding>> ends = co_await std::move(asking);
    attempt.enter(Stage::judge);
    co_return judge_addresses(endpoints, std::move(ends));
  }

  Finding judge_addresses(const std::vector<Endpoint>& endpoints,
                          std::vector<PartEnd<Finding>> ends) const {
    std::size_t good = 0;
    const Finding* first_good = nullptr;
    const Finding* first_bad = nullptr;
    std::string details;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const Finding& finding = ends[i].answer ? *ends[i].answer : ends[i].failure;
      const bool is_good = finding.outcome == Outcome::pass || finding.outcome == Outcome::warn;
      if (is_good) {
        ++good;
        const bool is_worse = first_good != nullptr && first_good->outcome == Outcome::pass &&
                              finding.outcome == Outcome::warn;
        if (first_good == nullptr || is_worse) first_good = &finding;
      } else {
        if (first_bad == nullptr) first_bad = &finding;
        details += "; " + endpoints[i].text + ": " + finding.summary;
      }
    }
    const std::size_t wanted =
        settings_.least_addresses == 0 ? ends.size() : settings_.least_addresses;
    const std::string count = std::to_string(good) + " of " +
                              counted(ends.size(), "address", "addresses") +
                              (good == 1 ? " passes" : " pass");
    Finding finding;
    if (good >= wanted) {
      finding = *first_good;
      finding.summary += "; " + count;
      if (!details.empty()) finding.note("failing", on_one_line(details.substr(2), 400));
    } else {
      finding = Finding(first_bad == nullptr ? Outcome::fail : first_bad->outcome,
                        first_bad == nullptr ? Reason::dns : first_bad->reason,
                        on_one_line(count + ", wanted " + std::to_string(wanted) + details, 400));
      finding.is_refused = first_bad != nullptr && first_bad->is_refused;
    }
    finding.measure("addresses", static_cast<double>(ends.size()), "count");
    finding.measure("addresses_good", static_cast<double>(good), "count");
    return finding;
  }

  static bool is_redirect(const HttpResponse& response) {
    return response.status / 100 == 3 && response.find_header("Location") != nullptr;
  }

  // Makes `call` the one that follows `response`, as curl --location does it (RFC 9110, 15.4): a
  // 303 is followed by a GET. So is, as all clients do it, a 301 or 302 that answers a POST. What
  // has become a GET stays one.
  void redirect(HttpCall& call, const HttpResponse& response, const Url& url) const {
    const bool was_post = call.method == "POST" && response.status <= 302;
    if ((response.status == 303 && call.method != "HEAD") || was_post) {
      call.method = "GET";
      call.body.clear();
    }
    call.url = url;
    if (is_same_origin(url, settings_.call.url)) return;
    call.has_left_origin = true;
    if (!call.has_secret_body || call.body.empty()) return;
    throw RunEnded(Finding::fail(
        Reason::redirect, std::to_string(response.status) + " leads to " +
                              in_quotes(origin_text(url)) +
                              ", where the body would have to go, but it holds a secret; wanted it "
                              "to stay on " +
                              origin_text(settings_.call.url)));
  }

  asio::awaitable<void> judge_hop(const HttpResponse& response, Duration took, std::size_t hop,
                                  Attempt& attempt) const {
    if (settings_.hops.empty()) co_return;
    const std::string which = "redirect " + std::to_string(hop + 1) + ": ";
    if (hop >= settings_.hops.size()) {
      throw RunEnded(Finding::fail(
          Reason::redirect, which + "leads to " + in_quotes(*response.find_header("Location")) +
                                ", wanted only " + counted(settings_.hops.size(), "redirect")));
    }
    const HttpExpectation& wanted = settings_.hops[hop];
    auto judging = mismatch_in(response, took, wanted, resources_, attempt);
    const std::optional<Mismatch> bad = co_await std::move(judging);
    if (bad) throw RunEnded(Finding::fail(bad->reason, which + bad->text));
  }

  Url next_url(const Url& from, const std::string& location) const {
    const auto fail = [](const std::string& text) {
      throw RunEnded(Finding::fail(Reason::redirect, text));
    };
    const std::optional<Url> next = resolve_reference(from, location);
    if (!next) fail("redirect to " + in_quotes(location) + ", which is no http URL");
    if (from.is_tls && !next->is_tls) fail("redirect from https to " + in_quotes(location));
    if (!settings_.may_leave_host &&
        !equal_ignoring_case(next->target.host, settings_.call.url.target.host)) {
      fail("redirect to another host, " + in_quotes(location) + ", wanted it to stay on " +
           settings_.call.url.target.host);
    }
    return *next;
  }

  asio::awaitable<Finding> judge(const HttpResponse& response, Duration took, const Url& url,
                                 Attempt& attempt) const {
    Finding finding = Finding::pass(std::to_string(response.status) + " in " + to_words(took));
    if (settings_.follow > 0 && is_redirect(response)) {
      finding =
          Finding::fail(Reason::redirect, "more than " + counted(settings_.follow, "redirect"));
    } else {
      auto judging = mismatch_in(response, took, settings_.expect, resources_, attempt);
      const std::optional<Mismatch> bad = co_await std::move(judging);
      if (bad) {
        finding = Finding::fail(bad->reason, bad->text);
        finding.is_refused =
            bad->reason == Reason::status && refuses_credentials(response, settings_.call.method);
      }
      if (!bad && settings_.age) co_await judge_age(response, *settings_.age, finding, attempt);
    }
    if (settings_.warn && finding.outcome == Outcome::pass) {
      auto judging = mismatch_in(response, took, *settings_.warn, resources_, attempt);
      const std::optional<Mismatch> odd = co_await std::move(judging);
      if (odd) {
        finding.outcome = Outcome::warn;
        finding.reason = odd->reason;
        finding.summary = odd->text;
      }
    }
    finding.measure("status", response.status, "count");
    finding.measure("body_bytes", static_cast<double>(response.body.size()), "bytes");
    co_await take_values(response, finding, attempt);
    if (finding.outcome != Outcome::pass) {
      if (!response.body.empty()) finding.note("body", on_one_line(shown_body(response), 400));
      if (url.path != settings_.call.url.path || url.target.host != settings_.call.url.target.host)
        finding.note("final_url", on_one_line(to_text(url)));
    }
    co_return finding;
  }

  asio::awaitable<void> judge_age(const HttpResponse& response, const AgeRule& rule,
                                  Finding& finding, Attempt& attempt) const {
    const auto fail = [&finding](Reason reason, const std::string& text) {
      finding = Finding::fail(reason, text);
    };
    std::string seen;
    std::optional<WallTime> time;
    const std::string what = rule.json ? on_one_line(rule.json.text, 80) : rule.header;
    if (rule.json) {
      auto asking = first_answer(response, rule.json.program, attempt);
      seen = co_await std::move(asking);
      time = time_of_json(seen);
    } else if (const std::string* header = response.find_header(rule.header)) {
      seen = *header;
      time = parse_http_date(seen);
    }
    if (seen.empty()) {
      fail(Reason::missing, "no " + what + ", wanted a time");
      co_return;
    }
    if (!time) {
      fail(Reason::content, what + " is " + in_quotes(seen) + ", wanted a time");
      co_return;
    }
    const Duration age = resources_.clock.wall() - *time;
    finding.measure("age", in_seconds(age), "seconds");
    const auto judged = [&](Finding other) {
      other.values = finding.values;
      finding = std::move(other);
    };
    if (age < std::chrono::minutes{-1}) {
      judged(Finding::fail(Reason::future, what + " is " + to_words(-age) + " in the future"));
    } else if (rule.max && age > *rule.max) {
      judged(Finding::fail(Reason::stale_data, what + " is " + to_words(age) +
                                                   " old, wanted at most " + to_words(*rule.max)));
    } else if (rule.warn && age > *rule.warn) {
      judged(Finding::warn(
          Reason::stale_data,
          what + " is " + to_words(age) + " old, a warning above " + to_words(*rule.warn)));
    }
  }

  asio::awaitable<std::string> first_answer(const HttpResponse& response,
                                            std::shared_ptr<JqProgram> program,
                                            Attempt& attempt) const {
    if (response.is_cut) co_return std::string();
    JqPrograms programs;
    programs.push_back(std::move(program));
    auto running = run_jq(std::move(programs), response.body, resources_, attempt);
    const JqRun run = co_await std::move(running);
    if (run.answers.empty() || run.answers.front().values.empty()) co_return std::string();
    const std::string& first = run.answers.front().values.front();
    co_return first == "null" ? std::string() : first;
  }

  // Reads an RFC 3339 text, or seconds since 1970; a number above 10^11 counts as milliseconds.
  static std::optional<WallTime> time_of_json(const std::string& text) {
    const auto value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_string()) return parse_rfc3339(value.get<std::string>());
    if (!value.is_number()) return std::nullopt;
    double seconds = value.get<double>();
    if (seconds > 1e11) seconds /= 1000;
    if (!(seconds >= 0 && seconds < 9e9)) return std::nullopt;
    return WallTime{std::chrono::microseconds{static_cast<std::int64_t>(seconds * 1e6)}};
  }

  asio::awaitable<void> take_values(const HttpResponse& response, Finding& finding,
                                    Attempt& attempt) const {
    if (settings_.values.empty() || response.is_cut) co_return;
    JqPrograms programs;
    bool runs_here = true;
    for (const JsonValue& value : settings_.values) {
      programs.push_back(value.program);
      runs_here = runs_here && value.program->runs_here(response.body.size());
    }
    // A failure that is known counts, even if jq cannot be asked.
    if (finding.outcome == Outcome::fail && !runs_here) co_return;
    auto running = run_jq(std::move(programs), response.body, resources_, attempt);
    const JqRun run = co_await std::move(running);
    for (std::size_t i = 0; i < run.answers.size(); ++i) {
      const JsonValue& value = settings_.values[i];
      const std::vector<std::string>& answers = run.answers[i].values;
      if (answers.empty()) continue;
      const auto number = nlohmann::json::parse(answers.front(), nullptr, false);
      if (number.is_number()) finding.measure(value.name, number.get<double>(), value.unit);
      if (number.is_boolean()) finding.measure(value.name, number.get<bool>() ? 1 : 0, value.unit);
    }
  }

  HttpSettings settings_;
  Resources& resources_;
};

void read_values(Settings& settings, HttpSettings& http) {
  for (auto& [name, value] : settings.sections("values")) {
    JsonValue read{name, value.text_or("unit", "count"), read_jq(value, "jq", ".age_seconds")};
    if (!value.has("jq")) value.complain("`jq` is missing (such as jq: .age_seconds)");
    value.finish();
    http.values.push_back(std::move(read));
  }
}

void read_redirects(Settings& settings, HttpSettings& http) {
  http.follow = static_cast<int>(settings.integer("follow", 0, 20).value_or(0));
  http.may_leave_host = settings.flag_or("leave_host", false);
  for (auto& [number, hop] : settings.sections("hops"))
    http.hops.push_back(read_http_expectation(hop, {{300, 399}}));
  if (!http.hops.empty() && !settings.has("follow"))
    http.follow = static_cast<int>(http.hops.size());
  if (http.hops.size() > static_cast<std::size_t>(http.follow))
    settings.complain_at("hops", "are more than `follow` allows");
}

void read_age(Settings& settings, HttpSettings& http) {
  if (!settings.has("age")) return;
  Settings section = settings.section("age");
  AgeRule rule;
  rule.header = section.text_or("header", "Last-Modified");
  rule.json = read_json_condition(section, "json", ".updated_at");
  if (section.has("json") && section.has("header"))
    section.complain_at("header", "cannot be combined with json (give one of the two)");
  rule.max = section.duration("max");
  rule.warn = section.duration("warn");
  if (!section.has("max") && !section.has("warn"))
    section.complain("needs `max` or `warn` (such as max: 26h)");
  section.finish();
  http.age = std::move(rule);
}

void read_addresses(Settings& settings, HttpSettings& http) {
  const std::string text = settings.text_or("addresses", "first");
  http.each_address = text != "first";
  if (text == "first" || text == "all") return;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), http.least_addresses);
  if (error != std::errc{} || end != text.data() + text.size() || http.least_addresses == 0)
    settings.complain_at("addresses",
                         in_quotes(text) + " is not known (first, all, or how many have to pass)");
}

}  // namespace

std::unique_ptr<Probe> make_http(Settings& settings, Resources& resources) {
  HttpSettings http;
  http.call.url = read_url(settings, "https://example.org/healthz");
  http.call.method = read_method(settings, "GET");
  http.call.body = settings.text_or("body", "");
  read_redirects(settings, http);
  // Plain requests need no roots, but a redirect may lead to https.
  http.route = read_judged_route(settings, http.call.url, http.call.url.is_tls || http.follow > 0);
  read_addresses(settings, http);
  http.expect = read_http_expectation(settings.section("expect"), {{200, 299}});
  if (settings.has("warn")) http.warn = read_http_expectation(settings.section("warn"), {});
  read_age(settings, http);
  read_values(settings, http);
  // Last, because until here the section's own secrets were read.
  http.call.has_secret_body = holds_secret(settings, "body");
  http.call.headers = read_request_headers(settings);
  settings.finish();
  return std::make_unique<HttpProbe>(std::move(http), resources);
}

}  // namespace gonogo
