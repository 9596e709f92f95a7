#include "probes/scenario.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/redactor.h"
#include "daemon/formats/template.h"
#include "probes/resources.h"
#include "probes/shared/http_expectation.h"
#include "probes/shared/http_fetch.h"
#include "probes/shared/side_by_side.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct Capture {
  std::string name;
  enum class From : std::uint8_t { json, header, cookie, body, status } from = From::status;
  std::string of;   // the name of the header or cookie
  Pattern pattern;  // its first group, or all of the match
  std::shared_ptr<JqProgram> json;
};

struct Step {
  std::string name;
  std::string url;  // a template, absolute or a path below `base`
  std::string method = "GET";
  std::vector<HttpHeader> headers;  // templates
  std::string body;                 // a template
  bool has_secret_body = false;
  Fill body_fill = Fill::plain;
  bool anonymous = false;
  bool always = false;
  HttpExpectation expect;
  std::vector<Capture> captures;
};

struct ScenarioSettings {
  Url base;
  JudgedRoute route;
  JudgedRoute anonymous_route;  // the same without credentials
  std::vector<Step> steps;
  std::vector<Step> clean_up;  // the steps with `always`, in configuration order
};

// What one run captured and measured. It outlives the coroutine of the step that fills it.
struct Run {
  Captures captures;
  Redactor redactor;  // hides captured texts from every output
  std::string step;   // the step under way, or the one that failed
  std::vector<Value> values;
};

// All texts of a step that may contain {{name}}.
std::string texts_of(const Step& step) {
  std::string all = step.url + step.body;
  for (const HttpHeader& header : step.headers) all += header.value;
  return all;
}

bool has_slots(const std::string& text) { return !names_in_template(text).empty(); }

// True when scheme, host and port of the step's URL are in the configuration, not captured.
bool names_its_origin(const Step& step) {
  const std::size_t scheme = step.url.find("://");
  const std::size_t slot = step.url.find("{{");
  if (slot == std::string::npos) return true;
  return scheme != std::string::npos && step.url.find_first_of("/?#", scheme + 3) < slot;
}

class ScenarioProbe : public Probe {
 public:
  ScenarioProbe(ScenarioSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    auto run = std::make_shared<Run>();
    attempt.enter(Stage::request);
    // Time is reserved for the clean-up, however long the steps take.
    const Duration reserve =
        settings_.clean_up.empty() ? attempt.remaining() / 20 : attempt.remaining() / 4;
    Finding finding =
        co_await run_within(run, &settings_.steps, attempt.deadline() - reserve, true);
    if (!settings_.clean_up.empty()) {
      const SteadyTime latest = attempt.deadline() - attempt.remaining() / 20;
      Finding cleaned = co_await run_within(run, &settings_.clean_up, latest, false);
      if (cleaned.outcome != Outcome::pass && finding.outcome == Outcome::pass)
        finding = std::move(cleaned);
    }
    attempt.enter(Stage::judge);
    // These texts were cut before, when only the configured secrets were known.
    constexpr Torn cut_before{.begin = true, .end = true, .dots = true, .quotes = true};
    finding.summary = run->redactor.clean(finding.summary, cut_before);
    for (auto& [name, text] : finding.evidence) text = run->redactor.clean(text, cut_before);
    if (finding.outcome == Outcome::pass) {
      finding.summary = counted(settings_.steps.size() + settings_.clean_up.size(), "step") +
                        " in " + to_words(attempt.elapsed());
    }
    finding.values = std::move(run->values);
    co_return finding;
  }

 private:
  // With `in_a_row` the first step that fails ends the list; otherwise every step is tried.
  asio::awaitable<Finding> run_within(std::shared_ptr<Run> run, const std::vector<Step>* steps,
                                      SteadyTime latest, bool in_a_row) {
    Finding worst = Finding::pass();
    for (const Step& step : *steps) {
      run->step = step.name;
      std::vector<Part<Finding>> parts;
      parts.emplace_back([this, run, &step](Attempt& part) { return take_step(run, step, part); });
      auto taking = side_by_side<Finding>(resources_, latest, std::move(parts));
      std::vector<PartEnd<Finding>> ends = co_await std::move(taking);
      Finding finding =
          ends.front().answer ? std::move(*ends.front().answer) : ends.front().failure;
      run->values.push_back({"step_" + step.name, in_seconds(ends.front().took), "seconds"});
      if (finding.outcome == Outcome::pass) continue;
      finding.summary = "step " + step.name + ": " + finding.summary;
      if (worst.outcome == Outcome::pass) worst = std::move(finding);
      if (in_a_row) break;
    }
    co_return worst;
  }

  asio::awaitable<Finding> take_step(std::shared_ptr<Run> run, const Step& step, Attempt& attempt) {
    // Nothing has to be cleaned up when the names that the clean-up step uses were never captured.
    if (step.always && !has_all_names(step, run->captures)) co_return Finding::pass();
    const JudgedRoute& route = step.anonymous ? settings_.anonymous_route : settings_.route;
    HttpCall call = call_for(step, run->captures);
    auto asking = fetch_judged(route, std::move(call), std::nullopt, resources_, attempt);
    JudgedReply reply = co_await std::move(asking);
    auto judging = mismatch_in(reply.response, reply.took, step.expect, resources_, attempt);
    const std::optional<Mismatch> bad = co_await std::move(judging);
    if (bad) {
      Finding finding = Finding::fail(bad->reason, bad->text);
      finding.is_refused = bad->reason == Reason::status && writes_nothing() &&
                           refuses_credentials(reply.response, step.method);
      if (!reply.response.body.empty())
        finding.note("body", on_one_line(shown_body(reply.response), 400));
      co_return finding;
    }
    for (const Capture& capture : step.captures) {
      auto capturing = captured(capture, reply.response, attempt);
      const std::optional<std::string> value = co_await std::move(capturing);
      if (!value)
        co_return Finding::fail(Reason::missing,
                                "nothing to capture as " + in_quotes(capture.name));
      constexpr std::size_t shortest_hidden = 6;
      if (value->size() >= shortest_hidden) run->redactor.hide(*value);
      run->captures[capture.name] = *value;
    }
    if (reply.certificate && reply.certificate->outcome == Outcome::fail)
      co_return std::move(*reply.certificate);
    co_return Finding::pass();
  }

  bool writes_nothing() const {
    const auto reads = [](const Step& step) {
      return step.method == "GET" || step.method == "HEAD";
    };
    return std::all_of(settings_.steps.begin(), settings_.steps.end(), reads) &&
           std::all_of(settings_.clean_up.begin(), settings_.clean_up.end(), reads);
  }

  static bool has_all_names(const Step& step, const Captures& captures) {
    const std::vector<std::string> names = names_in_template(texts_of(step));
    return std::all_of(names.begin(), names.end(), [&captures](const std::string& name) {
      return captures.find(name) != captures.end();
    });
  }

  HttpCall call_for(const Step& step, const Captures& captures) const {
    HttpCall call;
    // A captured link is used exactly as it was written: encoding would change where it leads.
    const bool is_captured = names_in_template(step.url).size() == 1 &&
                             step.url.starts_with("{{") &&
                             step.url.find("}}") == step.url.size() - 2;
    const std::string url =
        fill_template(step.url, captures, is_captured ? Fill::plain : Fill::in_url);
    const auto parsed =
        url.starts_with('/') ? resolve_reference(settings_.base, url) : parse_url(url);
    if (!parsed) throw RunEnded(Finding::fail(Reason::content, in_quotes(url) + " is no URL"));
    call.url = *parsed;
    call.method = step.method;
    for (const auto& [name, value, is_secret] : step.headers) {
      std::string filled = fill_template(value, captures);
      // A captured line end must not begin another header.
      for (char& c : filled) c = c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
      // What was captured is for the origin alone, as what is configured as a secret.
      call.headers.push_back({name, std::move(filled), is_secret || has_slots(value)});
    }
    call.has_secret_body = step.has_secret_body || has_slots(step.body);
    if (call.has_secret_body && !is_same_origin(call.url, settings_.base) &&
        !names_its_origin(step))
      throw RunEnded(Finding::fail(
          Reason::redirect, "the captured URL leads to " + in_quotes(origin_text(call.url)) +
                                ", where the body would have to go, but it holds a secret; wanted "
                                "it to stay on " +
                                origin_text(settings_.base)));
    call.body = fill_template(step.body, captures, step.body_fill);
    return call;
  }

  asio::awaitable<std::optional<std::string>> captured(const Capture& capture,
                                                       const HttpResponse& response,
                                                       Attempt& attempt) const {
    switch (capture.from) {
      case Capture::From::status: co_return std::to_string(response.status);
      case Capture::From::body: co_return by_pattern(capture, response.body);
      case Capture::From::header: {
        const std::string* header = response.find_header(capture.of);
        co_return header == nullptr ? std::nullopt : by_pattern(capture, *header);
      }
      case Capture::From::cookie: co_return cookie(capture.of, response);
      case Capture::From::json: break;
    }
    if (response.is_cut) co_return std::nullopt;
    JqPrograms programs(1, capture.json);
    auto running = run_jq(std::move(programs), response.body, resources_, attempt);
    const JqRun run = co_await std::move(running);
    if (run.answers.empty() || run.answers.front().values.empty()) co_return std::nullopt;
    const std::string& first = run.answers.front().values.front();
    if (first == "null") co_return std::nullopt;
    const auto value = nlohmann::json::parse(first, nullptr, false);
    co_return value.is_string() ? value.get<std::string>() : first;
  }

  static std::optional<std::string> by_pattern(const Capture& capture, const std::string& text) {
    if (!capture.pattern) return text;
    const auto groups = capture.pattern->find(text);
    if (!groups) return std::nullopt;
    const auto& wanted = (*groups)[capture.pattern->groups() > 0 ? 1 : 0];
    return std::string(wanted.value_or(""));
  }

  static std::optional<std::string> cookie(const std::string& name, const HttpResponse& response) {
    for (const auto& [header, value] : response.headers) {
      if (!equal_ignoring_case(header, "Set-Cookie") || !value.starts_with(name + "=")) continue;
      return value.substr(name.size() + 1, value.find(';') - name.size() - 1);
    }
    return std::nullopt;
  }

  ScenarioSettings settings_;
  Resources& resources_;
};

// An unquoted scalar gets the type that YAML's core schema gives it.
nlohmann::json to_json(const Node& node) {
  if (node.is_null()) return nullptr;
  if (node.is_sequence()) {
    nlohmann::json array = nlohmann::json::array();
    for (const Node& item : node.items) array.push_back(to_json(item));
    return array;
  }
  if (node.is_map()) {
    nlohmann::json object = nlohmann::json::object();
    for (const Node::Entry& entry : node.entries) object[entry.key] = to_json(entry.value);
    return object;
  }
  if (node.is_quoted) return node.scalar;
  const auto value = nlohmann::json::parse(node.scalar, nullptr, false);
  return value.is_number() || value.is_boolean() || value.is_null() ? value
                                                                    : nlohmann::json(node.scalar);
}

bool holds_secret(const Node& node) {
  return node.holds_secret ||
         std::any_of(node.items.begin(), node.items.end(),
                     [](const Node& item) { return holds_secret(item); }) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [](const Node::Entry& entry) { return holds_secret(entry.value); });
}

void read_body(Settings& settings, Step& step) {
  step.body = settings.text_or("body", "");
  step.has_secret_body = gonogo::holds_secret(settings, "body");
  Node* json = settings.raw("json");
  if (json == nullptr) return;
  if (settings.has("body"))
    settings.complain_at("json", "cannot be combined with body (give one of the two)");
  step.body_fill = Fill::in_json;
  step.body = json->is_scalar() ? json->scalar : to_json_text(to_json(*json));
  step.has_secret_body = step.has_secret_body || holds_secret(*json);
  const auto is_type = [](const HttpHeader& header) {
    return equal_ignoring_case(header.name, "Content-Type");
  };
  if (std::none_of(step.headers.begin(), step.headers.end(), is_type))
    step.headers.push_back({"Content-Type", "application/json"});
}

Capture read_capture(const std::string& name, Settings settings) {
  Capture capture;
  capture.name = name;
  int given = 0;
  const auto from = [&](const char* key, Capture::From where) {
    if (!settings.has(key)) return;
    ++given;
    capture.from = where;
  };
  from("json", Capture::From::json);
  from("header", Capture::From::header);
  from("cookie", Capture::From::cookie);
  from("body", Capture::From::body);
  from("status", Capture::From::status);
  capture.json = read_jq(settings, "json", ".id");
  capture.of = settings.text_or("header", settings.text_or("cookie", ""));
  if (const auto text = settings.text("body"))
    capture.pattern = compile_pattern(settings, "body", *text);
  if (const auto text = settings.text("matches"))
    capture.pattern = compile_pattern(settings, "matches", *text);
  settings.flag("status");
  if (given != 1)
    settings.complain(
        "needs one of json, header, cookie, body and status: true (such as json: .id)");
  settings.finish();
  return capture;
}

Step read_step(Settings& settings) {
  Step step;
  step.name = settings.required_text("name", "estimate");
  step.url = settings.required_text("url", "/v1/estimate");
  step.headers = read_request_headers(settings);
  read_body(settings, step);
  step.method = read_method(settings, step.body.empty() ? "GET" : "POST");
  step.anonymous = settings.flag_or("anonymous", false);
  step.always = settings.flag_or("always", false);
  step.expect = read_http_expectation(settings.section("expect"), {{200, 299}});
  for (auto& [name, capture] : settings.sections("capture"))
    step.captures.push_back(read_capture(name, capture));
  return step;
}

// Every {{name}} has to be captured by a step before it.
void check_names(Settings& settings, const Step& step, const std::set<std::string>& known) {
  for (const std::string& name : names_in_template(texts_of(step))) {
    if (known.find(name) == known.end())
      settings.complain("uses {{" + on_one_line(name, 40) + "}}, which no earlier step captures");
  }
}

}  // namespace

std::unique_ptr<Probe> make_scenario(Settings& settings, Resources& resources) {
  ScenarioSettings scenario;
  const std::string base = settings.required_text("base", "https://api.example.org");
  const auto parsed = parse_url(base);
  if (!parsed && !base.empty())
    settings.complain_at("base", "is no http or https URL (such as https://api.example.org)");
  if (parsed) settings.reading().targets.push_back(to_text(parsed->target));
  scenario.base = parsed.value_or(Url{});
  // A step may lead to https even when the base does not.
  scenario.route = read_judged_route(settings, scenario.base, true);
  scenario.anonymous_route = scenario.route;
  scenario.anonymous_route.authorization.clear();
  scenario.anonymous_route.aws.reset();
  std::set<std::string> captured;
  std::set<std::string> names;
  for (auto& [number, section] : settings.sections("steps")) {
    Step step = read_step(section);
    check_names(section, step, captured);
    if (!names.insert(step.name).second)
      section.complain_at("name", in_quotes(step.name) + " is used twice (choose another name)");
    for (const Capture& capture : step.captures) captured.insert(capture.name);
    section.finish();
    (step.always ? scenario.clean_up : scenario.steps).push_back(std::move(step));
  }
  if (scenario.steps.empty())
    settings.complain("has no steps (such as steps: [{name: health, url: /healthz}])");
  settings.finish();
  return std::make_unique<ScenarioProbe>(std::move(scenario), resources);
}

}  // namespace gonogo
