#include "probes/promql.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/pattern.h"
#include "daemon/formats/url.h"
#include "daemon/io/json_reading.h"
#include "probes/resources.h"
#include "probes/shared/http_fetch.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

constexpr std::size_t most_shown = 5;

struct Bounds {
  std::optional<double> min;
  std::optional<double> max;
  std::optional<double> equals;
};

struct PromqlSettings {
  HttpCall call;
  JudgedRoute route;
  std::string query;
  Bounds wanted;
  std::optional<Bounds> warn;
  bool every = true;  // every sample has to be within the bounds; otherwise one is enough
  bool pass_without_data = false;
  bool pass_without_number = false;  // NaN
  std::optional<Duration> max_sample_age;
  bool no_alerts = false;
  std::vector<Pattern> alerts_except;
  std::vector<std::string> severities;
  bool is_alertmanager = false;
  std::vector<std::string> rules;
  std::vector<std::string> targets_up;  // jobs
};

struct Sample {
  std::string labels;
  double value = 0;
  double time = 0;
};

std::string labels_in_words(const json& metric) {
  std::string text;
  if (!metric.is_object()) return "{}";
  for (const auto& [name, value] : metric.items()) {
    if (name == "__name__") continue;
    text += (text.empty() ? "" : ",") + name + "=" + in_quotes(text_of(value), 40);
  }
  return on_one_line(text_of(member(metric, "__name__")) + "{" + text + "}", 120);
}

// Prometheus writes numbers as JSON texts, because JSON has no NaN and no +Inf.
double sample_number(const json& value) {
  const std::string text = text_of(value);
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  return fits ? number : std::numeric_limits<double>::quiet_NaN();
}

std::vector<Sample> samples_of(const json& data) {
  std::vector<Sample> samples;
  const std::string type = text_of(member(data, "resultType"));
  const json& result = member(data, "result");
  const auto add = [&samples](const json& metric, const json& pair) {
    // A histogram has no value: it is judged as what is not a number, and not left out.
    const bool is_sample = pair.is_array() && pair.size() == 2;
    const json nothing;
    samples.push_back({labels_in_words(metric), sample_number(is_sample ? pair[1] : nothing),
                       number_of(is_sample ? pair[0] : nothing, 0)});
  };
  if (type == "scalar") {
    add(json(), result);
  } else if (type == "vector") {
    for (const json& entry : result) add(member(entry, "metric"), member(entry, "value"));
  } else {
    throw RunEnded(Finding::fail(Reason::content, "the query gives a " + on_one_line(type, 20) +
                                                      ", wanted an instant vector or a scalar"));
  }
  return samples;
}

bool fits(const Bounds& wanted, double value) {
  return (!wanted.min || value >= *wanted.min) && (!wanted.max || value <= *wanted.max) &&
         (!wanted.equals || value == *wanted.equals);
}

std::string in_words(const Bounds& wanted) {
  std::string text;
  const auto add = [&text](const char* what, const std::optional<double>& bound) {
    if (bound) text += (text.empty() ? "" : " and ") + std::string(what) + number_in_words(*bound);
  };
  add("", wanted.equals);
  add("at least ", wanted.min);
  add("at most ", wanted.max);
  return text;
}

class PromqlProbe : public Probe {
 public:
  PromqlProbe(PromqlSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    Finding finding = Finding::pass();
    if (!settings_.query.empty()) finding = co_await inspect_samples(attempt);
    if (settings_.no_alerts) co_await inspect_alerts(finding, attempt);
    if (!settings_.rules.empty()) co_await inspect_rules(finding, attempt);
    if (!settings_.targets_up.empty()) co_await inspect_targets(finding, attempt);
    attempt.enter(Stage::judge);
    co_return finding;
  }

 private:
  [[noreturn]] static void fail(Reason reason, const std::string& text) {
    throw RunEnded(Finding::fail(reason, text));
  }
  static void add_words(Finding& finding, const std::string& words) {
    finding.summary += (finding.summary.empty() ? "" : ", ") + words;
  }

  // Sends a GET to the server's API and returns its JSON.
  asio::awaitable<json> ask(std::string path, Attempt& attempt) {
    HttpCall call = settings_.call;
    while (call.url.path.ends_with('/')) call.url.path.pop_back();
    call.url.path += path;
    auto asking = fetch_judged(settings_.route, std::move(call), std::nullopt, resources_, attempt);
    const JudgedReply reply = co_await std::move(asking);
    const HttpResponse& response = reply.response;
    if (response.is_cut) fail(Reason::threshold, "the answer is larger than max_body");
    if (response.status / 100 != 2) {
      auto reading = read_json(response.body, resources_);
      const auto read = co_await std::move(reading);
      const json problem = read ? *read : json();
      const std::string words = text_of(member(problem, "error"));
      Finding finding =
          Finding::fail(Reason::status, "status " + std::to_string(response.status) +
                                            (words.empty() ? "" : ": " + on_one_line(words, 200)));
      finding.is_refused = refuses_credentials(response, "GET");
      throw RunEnded(std::move(finding));
    }
    auto reading = read_json(response.body, resources_);
    auto answer = co_await std::move(reading);
    if (!answer) fail(Reason::json, "the answer " + answer.error());
    co_return std::move(*answer);
  }

  // Returns the `data` of a successful answer from Prometheus.
  asio::awaitable<json> ask_prometheus(std::string path, Attempt& attempt) {
    json answer = co_await ask(path, attempt);
    if (text_of(member(answer, "status")) != "success")
      fail(Reason::content, "the answer says " + in_quotes(text_of(member(answer, "error"))));
    co_return member(answer, "data");
  }

  asio::awaitable<Finding> inspect_samples(Attempt& attempt) {
    const json data =
        co_await ask_prometheus("/api/v1/query?query=" + percent_encoded(settings_.query), attempt);
    attempt.enter(Stage::judge);
    co_return judge(samples_of(data));
  }

  Finding judge(const std::vector<Sample>& samples) const {
    if (samples.empty()) {
      return settings_.pass_without_data ? Finding::pass("no data")
                                         : Finding::fail(Reason::missing, "no data, wanted some");
    }
    Finding finding =
        Finding::pass(samples.size() == 1 ? "value " + number_in_words(samples[0].value)
                                          : counted(samples.size(), "sample"));
    judge_by(samples, settings_.wanted, Outcome::fail, finding);
    if (finding.outcome == Outcome::pass && settings_.warn)
      judge_by(samples, *settings_.warn, Outcome::warn, finding);
    finding.measure("samples", static_cast<double>(samples.size()), "count");
    const auto [least, most] =
        std::minmax_element(samples.begin(), samples.end(),
                            [](const Sample& a, const Sample& b) { return a.value < b.value; });
    finding.measure("least", least->value, "count");
    finding.measure("most", most->value, "count");
    return finding;
  }

  void judge_by(const std::vector<Sample>& samples, const Bounds& wanted, Outcome outcome,
                Finding& finding) const {
    const double now = to_epoch(resources_.clock.wall());
    std::size_t good = 0;
    std::string bad;
    std::size_t breaking = 0;
    Reason reason = Reason::threshold;
    for (const Sample& sample : samples) {
      std::string objection;
      if (std::isnan(sample.value)) {
        if (!settings_.pass_without_number) objection = "is not a number";
      } else if (!fits(wanted, sample.value)) {
        objection = "is " + number_in_words(sample.value);
      } else if (settings_.max_sample_age &&
                 now - sample.time > in_seconds(*settings_.max_sample_age)) {
        objection = "is old";
        reason = Reason::stale_data;
      }
      if (objection.empty()) {
        ++good;
      } else if (breaking++ < most_shown) {
        bad += (bad.empty() ? "" : ", ") + sample.labels + " " + objection;
      }
    }
    if (settings_.every ? good == samples.size() : good > 0) return;
    const std::string wish = outcome == Outcome::warn ? ", a warning unless " : ", wanted ";
    finding = Finding(
        outcome, reason,
        on_one_line(bad + (breaking > most_shown ? " and more" : "") + wish + in_words(wanted),
                    400));
  }

  asio::awaitable<void> inspect_alerts(Finding& finding, Attempt& attempt) {
    json alerts;
    if (settings_.is_alertmanager) {
      alerts = co_await ask("/api/v2/alerts?active=true&silenced=false&inhibited=false", attempt);
    } else {
      const json data = co_await ask_prometheus("/api/v1/alerts", attempt);
      alerts = member(data, "alerts");
    }
    if (!alerts.is_array()) fail(Reason::content, "the answer holds no list of alerts");
    std::set<std::string> firing;
    std::size_t excepted = 0;
    for (const json& alert : alerts) {
      // Alertmanager lists only alerts that fire.
      if (!settings_.is_alertmanager && text_of(member(alert, "state")) != "firing") continue;
      const std::string name = text_of(member(member(alert, "labels"), "alertname"));
      const std::string severity = text_of(member(member(alert, "labels"), "severity"));
      const bool is_asked = settings_.severities.empty() ||
                            std::find(settings_.severities.begin(), settings_.severities.end(),
                                      severity) != settings_.severities.end();
      if (!is_asked) continue;
      const bool is_excepted =
          std::any_of(settings_.alerts_except.begin(), settings_.alerts_except.end(),
                      [&name](const Pattern& pattern) { return pattern->matches_whole(name); });
      if (is_excepted) {
        ++excepted;
      } else {
        firing.insert(on_one_line(name, 60));
      }
    }
    finding.measure("alerts_firing", static_cast<double>(firing.size()), "count");
    if (!firing.empty())
      fail(Reason::reported, "firing: " + on_one_line(joined(firing), 300) + ", wanted none");
    add_words(finding, "no alert fires" +
                           (excepted == 0 ? "" : " but " + std::to_string(excepted) + " excepted"));
  }

  asio::awaitable<void> inspect_rules(Finding& finding, Attempt& attempt) {
    const json data = co_await ask_prometheus("/api/v1/rules", attempt);
    std::set<std::string> names;
    std::set<std::string> broken;
    for (const json& group : member(data, "groups")) {
      for (const json& rule : member(group, "rules")) {
        const std::string name = text_of(member(rule, "name"));
        names.insert(name);
        if (text_of(member(rule, "health")) == "err") broken.insert(name);
      }
    }
    for (const std::string& wanted : settings_.rules) {
      if (names.find(wanted) == names.end())
        fail(Reason::missing,
             "no rule " + in_quotes(wanted) + " among " + counted(names.size(), "rule"));
      if (broken.find(wanted) != broken.end())
        fail(Reason::error, "rule " + in_quotes(wanted) + " cannot be evaluated");
    }
    add_words(finding, counted(settings_.rules.size(), "rule") +
                           (settings_.rules.size() == 1 ? " is loaded" : " are loaded"));
  }

  asio::awaitable<void> inspect_targets(Finding& finding, Attempt& attempt) {
    const json data = co_await ask_prometheus("/api/v1/targets?state=active", attempt);
    for (const std::string& job : settings_.targets_up) {
      std::size_t up = 0;
      std::string down;
      for (const json& target : member(data, "activeTargets")) {
        if (text_of(member(member(target, "labels"), "job")) != job) continue;
        if (text_of(member(target, "health")) == "up") {
          ++up;
        } else {
          down += (down.empty() ? "" : ", ") +
                  on_one_line(text_of(member(member(target, "labels"), "instance")), 60) + " (" +
                  on_one_line(text_of(member(target, "lastError")), 100) + ")";
        }
      }
      if (!down.empty())
        fail(Reason::reported,
             "target of " + in_quotes(job) + " is not up: " + on_one_line(down, 300));
      if (up == 0) fail(Reason::missing, "no target of job " + in_quotes(job));
    }
    add_words(finding, "targets are up");
  }

  PromqlSettings settings_;
  Resources& resources_;
};

Bounds read_bounds(Settings settings) {
  Bounds bounds;
  bounds.min = settings.number("min", -1e300, 1e300);
  bounds.max = settings.number("max", -1e300, 1e300);
  bounds.equals = settings.number("equals", -1e300, 1e300);
  settings.finish();
  return bounds;
}

void read_query(Settings& settings, PromqlSettings& promql) {
  promql.query = settings.text_or("query", "");
  promql.wanted = read_bounds(settings.section("expect"));
  if (settings.has("warn")) promql.warn = read_bounds(settings.section("warn"));
  const Bounds& wanted = promql.wanted;
  const bool has_bound = wanted.min || wanted.max || wanted.equals || promql.warn;
  if (promql.query.empty() == has_bound)
    settings.complain(
        "`query` and `expect` go together (such as query: up{job=\"api\"}, expect: {equals: 1})");
  promql.every = settings.one_of("samples", {"every", "any"}).value_or("every") == "every";
  promql.pass_without_data =
      settings.one_of("no_data", {"fail", "pass"}).value_or("fail") == "pass";
  promql.pass_without_number = settings.one_of("nan", {"fail", "pass"}).value_or("fail") == "pass";
  promql.max_sample_age = settings.duration("max_sample_age");
}

}  // namespace

std::unique_ptr<Probe> make_promql(Settings& settings, Resources& resources) {
  PromqlSettings promql;
  promql.call.url = read_url(settings, "http://127.0.0.1:9090");
  promql.call.headers = read_request_headers(settings);
  promql.route = read_judged_route(settings, promql.call.url, promql.call.url.is_tls);
  if (!settings.has("max_body")) promql.route.max_body = 8 << 20;
  read_query(settings, promql);
  promql.no_alerts = settings.flag_or("no_alerts", false);
  promql.alerts_except = read_patterns(settings, "alerts_except");
  promql.severities = settings.texts("severities");
  promql.is_alertmanager = settings.flag_or("alertmanager", false);
  promql.rules = settings.texts("rules");
  promql.targets_up = settings.texts("targets_up");
  if (promql.query.empty() && !promql.no_alerts && promql.rules.empty() &&
      promql.targets_up.empty() && !settings.has("expect"))
    settings.complain("asks nothing (one of query, no_alerts, rules, targets_up)");
  if (promql.is_alertmanager &&
      (!promql.query.empty() || !promql.rules.empty() || !promql.targets_up.empty()))
    settings.complain_at("alertmanager", "has only alerts (no query, rules or targets)");
  settings.finish();
  return std::make_unique<PromqlProbe>(std::move(promql), resources);
}

}  // namespace gonogo
