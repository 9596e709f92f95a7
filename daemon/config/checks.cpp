#include "daemon/config/checks.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "daemon/config/calendar.h"
#include "daemon/config/fingerprint.h"
#include "daemon/config/references.h"
#include "daemon/config/secret_options.h"
#include "daemon/config/surroundings.h"
#include "daemon/core/text.h"
#include "probes/kinds.h"
#include "probes/prober.h"
#include "probes/shared/condition.h"
#include "probes/version.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr DurationBounds interval_bounds{.least = 1s, .most = 24h * 366};
constexpr DurationBounds timeout_bounds{.least = 10ms, .most = 1h};

struct Defaults {
  Duration interval = 30s;
  Duration timeout = 5s;
  std::optional<Duration> retry_interval;
  int failures = 1;
  int of = 0;
  int successes = 1;
  std::optional<FlappingRule> flapping;
};

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::optional<FlappingRule> read_flapping(Settings& settings) {
  if (!settings.has("flapping")) return std::nullopt;
  Settings section = settings.section("flapping");
  FlappingRule rule;
  rule.changes = static_cast<int>(section.integer("changes", 1, 1000).value_or(6));
  rule.window = section.duration("window").value_or(15min);
  section.finish();
  return rule;
}

// Among so many last runs `failures` of them make it fail.
std::optional<int> read_of(Settings& settings, int failures) {
  const auto of = settings.integer("of", 1, Debounce::most_runs);
  if (!of) return std::nullopt;
  if (*of < failures)
    settings.complain_at(
        "of", "is " + std::to_string(*of) + ", fewer than failures: " + std::to_string(failures) +
                  " (so many can never fail of " + counted(static_cast<std::size_t>(*of), "run") +
                  "; give " + std::to_string(failures) + " or more)");
  return static_cast<int>(*of);
}

class ChecksReader {
 public:
  ChecksReader(Settings& root, const Surroundings& surroundings, Resources& resources)
      : root_(root), surroundings_(surroundings), resources_(resources) {}

  ReadChecks read() {
    read_defaults();
    read_groups();
    for (auto& [id, gate] : root_.sections("gates")) read_gate(id, gate);
    const bool has_blocker =
        std::any_of(list().checks.begin(), list().checks.end(),
                    [](const Check& check) { return check.severity == Severity::blocker; });
    if (!has_blocker && root_.reading().problems.empty()) {
      root_.complain_at("gates",
                        "contain no blocker, so the verdict would always be GO (give at least one "
                        "check without severity: advisory)");
    }
    add_own_gate();
    resolve_references(list(), references_);
    list().calendar = read_calendar(root_);
    return std::move(read_);
  }

 private:
  Checklist& list() { return read_.checklist; }

  void read_defaults() {
    Settings settings = root_.section("defaults");
    defaults_.interval =
        settings.duration("interval", interval_bounds).value_or(defaults_.interval);
    defaults_.timeout = settings.duration("timeout", timeout_bounds).value_or(defaults_.timeout);
    defaults_.retry_interval = settings.duration("retry_interval", interval_bounds);
    defaults_.failures =
        static_cast<int>(settings.integer("failures", 1, 1000).value_or(defaults_.failures));
    defaults_.of = read_of(settings, defaults_.failures).value_or(0);
    defaults_.successes =
        static_cast<int>(settings.integer("successes", 1, 1000).value_or(defaults_.successes));
    defaults_.flapping = read_flapping(settings);
    settings.finish();
  }

  void read_groups() {
    for (auto& [id, group] : root_.sections("groups")) {
      if (!is_id(id)) group.complain("is no group id (up to 64 letters, digits, - _ .)");
      if (!group.has("max_concurrent"))
        group.complain("`max_concurrent` is missing (such as max_concurrent: 2)");
      const auto most = group.integer("max_concurrent", 1, 10'000).value_or(1);
      group.finish();
      list().groups.push_back({id, static_cast<std::size_t>(most)});
    }
  }

  void read_group(Check& check, Settings& settings) {
    const auto name = settings.text("group");
    if (!name) return;
    for (std::size_t i = 0; i < list().groups.size(); ++i) {
      if (list().groups[i].id == *name) check.group = i;
    }
    std::vector<std::string_view> known;
    for (const Group& group : list().groups) known.push_back(group.id);
    const auto meant = closest(*name, known);
    if (!check.group) {
      settings.complain_at("group",
                           in_quotes(*name) + " is no group" +
                               (meant ? " (did you mean `" + std::string(*meant) + "`?)"
                                      : " (name it under groups: {ID: {max_concurrent: 2}})"));
    }
  }

  void read_gate(const std::string& id, Settings& settings) {
    if (!is_id(id)) settings.complain("is no gate id (up to 64 letters, digits, - _ .)");
    if (id == "gonogo") settings.complain("is the daemon's own gate (choose another id)");
    const std::size_t index = list().gates.size();
    list().gates.push_back({id, settings.text_or("title", id), {}});
    auto checks = settings.sections("checks");
    if (checks.empty())
      settings.complain("has no checks (such as checks: {api: {http: {url: ...}}})");
    for (auto& [check_id, check] : checks) read_check(index, check_id, check);
    settings.finish();
  }

  void read_check(std::size_t gate, const std::string& id, Settings& settings) {
    const std::size_t problems_before = settings.reading().problems.size();
    if (!is_id(id)) settings.complain("is no check id (up to 64 letters, digits, - _ .)");
    if (!ids_.insert(id).second || id == "prober" || id == "release")
      settings.complain("is used twice: check ids are unique over all gates (choose another id)");
    Check check;
    check.id = id;
    check.gate = gate;
    read_words(check, settings);
    read_rhythm(check, settings);
    read_group(check, settings);
    check.signoff = read_signoff(settings);
    References references{list().checks.size(), settings, settings.texts("depends_on"), {},
                          std::nullopt,         false};
    read_composite(check, settings, references);
    Reading& reading = settings.reading();
    reading.targets.clear();
    reading.renewables.clear();
    check.probe = read_probe(check, settings);
    if (settings.has("when")) {
      check.fingerprint = print_of(check.kind + check.fingerprint, check.id, settings.raw("when"));
      check.probe = make_with_secrets(
          settings, "when",
          [probe = check.probe](Settings& section, Resources& resources) -> std::shared_ptr<Probe> {
            const auto condition = read_condition(section);
            return condition ? only_when(condition, probe, resources) : nullptr;
          },
          resources_, read_.lacks);
    }
    take_made(check, settings.raw(check.kind));
    settings.finish();
    const bool is_understood = settings.reading().problems.size() == problems_before;
    if (check.kind.empty() && is_understood) {
      settings.complain("has nothing to judge by (give one of " + kind_names() +
                        ", signoff, composite)");
    }
    const std::size_t index = list().checks.size();
    list().gates[gate].checks.push_back(index);
    list().checks.push_back(std::move(check));
    references_.push_back(std::move(references));
  }

  static void read_words(Check& check, Settings& settings) {
    check.title = settings.text_or("title", check.id);
    check.item = settings.text_or("item", "");
    const auto severity = settings.one_of("severity", {"blocker", "advisory"});
    check.severity = severity == "advisory" ? Severity::advisory : Severity::blocker;
    check.waivable = settings.flag_or("waivable", true);
    check.runbook = settings.text_or("runbook", "");
    check.owner = settings.text_or("owner", "");
    for (auto& [name, value] : settings.text_map("labels")) check.labels[name] = value;
  }

  // Such a check runs only when asked. One run decides, and its result counts for `stale_after`.
  static void read_on_demand(Check& check, Settings& settings) {
    check.on_demand = true;
    check.interval = timeout_bounds.most;
    check.timeout = settings.duration("timeout", timeout_bounds).value_or(60s);
    check.retry_interval = check.interval;
    for (const char* key : {"retry_interval", "failures", "of", "successes", "settle"}) {
      if (settings.has(key)) settings.complain_at(key, "has no effect with interval: on_demand");
    }
    if (!settings.has("stale_after"))
      settings.complain("`stale_after` is missing: how long a result counts (such as 24h)");
    check.stale_after = settings.duration("stale_after").value_or(24h);
    check.flapping = read_flapping(settings);
  }

  void read_rhythm(Check& check, Settings& settings) {
    if (const Node* interval = settings.raw("interval");
        interval != nullptr && interval->is_scalar() && interval->scalar == "on_demand") {
      read_on_demand(check, settings);
      return;
    }
    check.interval = settings.duration("interval", interval_bounds).value_or(defaults_.interval);
    const auto timeout = settings.duration("timeout", timeout_bounds);
    if (timeout && *timeout > check.interval) {
      settings.complain_at("timeout", "is longer than the interval of " + to_words(check.interval) +
                                          " (runs would overlap)");
    }
    check.timeout = std::min(timeout.value_or(defaults_.timeout), check.interval);
    const Duration retry = std::min(check.interval, std::max<Duration>(check.interval / 3, 1s));
    check.retry_interval = std::min(settings.duration("retry_interval", interval_bounds)
                                        .value_or(defaults_.retry_interval.value_or(retry)),
                                    check.interval);
    check.debounce.fall =
        static_cast<int>(settings.integer("failures", 1, 1000).value_or(defaults_.failures));
    // The defaults' `of` belongs to the defaults' `failures`.
    check.debounce.of = read_of(settings, check.debounce.fall)
                            .value_or(settings.has("failures") ? 0 : defaults_.of);
    check.debounce.rise =
        static_cast<int>(settings.integer("successes", 1, 1000).value_or(defaults_.successes));
    check.stale_after =
        settings.duration("stale_after").value_or(2 * check.interval + check.timeout);
    if (check.stale_after < check.interval + check.timeout) {
      settings.complain_at("stale_after", to_words(check.stale_after) +
                                              " is shorter than interval and timeout together (" +
                                              to_words(check.interval + check.timeout) +
                                              ": it would be stale between two runs)");
    }
    check.flapping = settings.has("flapping") ? read_flapping(settings) : defaults_.flapping;
    check.settle = settings.duration("settle", {.least = Duration::zero()});
  }

  static std::optional<SignoffRule> read_signoff(Settings& settings) {
    if (!settings.has("signoff")) return std::nullopt;
    Settings section = settings.section("signoff");
    SignoffRule rule;
    rule.role = section.required_text("role", "release-manager");
    rule.valid_for = section.duration("valid_for");
    rule.per_release = section.flag_or("per_release", false);
    rule.people = static_cast<int>(section.integer("people", 1, 20).value_or(1));
    section.finish();
    return rule;
  }

  static void read_composite(Check& check, Settings& settings, References& references) {
    if (!settings.has("composite")) return;
    Settings section = settings.section("composite");
    const auto all = section.texts("all_of");
    const auto any = section.texts("any_of");
    const auto of = section.texts("of");
    references.at_least = section.integer("at_least", 1, 100'000);
    section.finish();
    const int given = (all.empty() ? 0 : 1) + (any.empty() ? 0 : 1) + (of.empty() ? 0 : 1);
    if (given != 1 || references.at_least.has_value() == of.empty()) {
      section.complain("needs one of all_of: [...], any_of: [...], or at_least: N with of: [...]");
    }
    references.members = !all.empty() ? all : !any.empty() ? any : of;
    references.any = !any.empty();
    check.composite.emplace();
    check.kind = "composite";
  }

  std::shared_ptr<Probe> read_probe(Check& check, Settings& settings) {
    const Kind* kind = nullptr;
    for (const Kind& candidate : kinds()) {
      if (!settings.has(candidate.name)) continue;
      if (kind != nullptr) {
        settings.complain_at(candidate.name, "cannot be combined with `" + std::string(kind->name) +
                                                 "` (give one kind for each check)");
        continue;
      }
      kind = &candidate;
    }
    if (kind == nullptr) {
      if (check.kind.empty() && check.signoff) check.kind = "signoff";
      return nullptr;
    }
    if (check.composite)
      settings.complain_at(kind->name, "cannot be combined with `composite` (give one of the two)");
    check.kind = kind->name;
    check.needs_worker = kind->needs_worker;
    check.fingerprint = print_of(check.kind, check.id, settings.raw(kind->name));
    Settings options = settings.section(kind->name);
    check.is_of_release = check.kind == "version" && !options.has("is");
    const std::size_t keys_before = settings.reading().push_keys.size();
    std::shared_ptr<Probe> probe = make_with_secrets(
        settings, std::string(kind->name),
        [kind](Settings& section, Resources& resources) -> std::shared_ptr<Probe> {
          return kind->make(section, resources);
        },
        resources_, read_.lacks);
    for (std::size_t i = keys_before; i < settings.reading().push_keys.size(); ++i) {
      const auto [entry, is_new] =
          read_.push_keys.emplace(settings.reading().push_keys[i], check.id);
      if (!is_new)
        options.refuse_at("push", "is already the key of another check (choose another)");
      // It asks no target, and a failure that was pushed counts at once.
      check.group.reset();
    }
    return probe;
  }

  // A result means the same as before when the value of a secret changed, but not when it comes
  // from elsewhere.
  std::string print_of(std::string kind, const std::string& check, const Node* options) {
    const auto& secrets = root_.reading().secrets;
    for (const std::string& name :
         options == nullptr || !secrets ? std::vector<std::string>() : secrets_in(*options)) {
      std::vector<std::string>& needing = read_.needed_by[name];
      if (needing.empty() || needing.back() != check) needing.push_back(check);
      const SecretSource& source = secrets->entries.at(name).source;
      kind += " " + in_words(source) + " " + source.otherwise.value_or("");
    }
    return fingerprint_of(kind, options);
  }

  // What was found while the check's probe was made.
  void take_made(Check& check, const Node* options) {
    Reading& reading = root_.reading();
    check.targets = std::move(reading.targets);
    std::sort(check.targets.begin(), check.targets.end());
    check.targets.erase(std::unique(check.targets.begin(), check.targets.end()),
                        check.targets.end());
    if (!check.fingerprint.empty()) {
      const std::string around = surroundings_of(check, options, surroundings_);
      check.fingerprint = fingerprint_of(check.fingerprint + " " + around, nullptr);
    }
    if (!reading.renewables.empty())
      read_.renewables[check.id] = std::exchange(reading.renewables, {});
  }

  static std::string kind_names() {
    std::vector<std::string_view> names;
    for (const Kind& kind : kinds()) names.push_back(kind.name);
    return joined(names);
  }

  // The daemon's own gate: whether it runs its checks on time, and whether it knows the release
  // that is to be deployed.
  void add_own_gate() {
    list().gates.push_back({"gonogo", "gonogo itself", {}});
    Settings prober = root_.section("prober");
    Check check;
    check.id = "prober";
    check.title = "This daemon runs its checks on time";
    check.kind = "prober";
    check.interval = 5s;
    check.timeout = 3s;
    read_.sentinels = read_sentinels(prober);
    check.fingerprint = fingerprint_of(
        check.kind + " " + surroundings_of_prober(read_.sentinels.resolver, surroundings_),
        root_.raw("prober"));
    check.probe = make_prober(read_.sentinels, resources_);
    add_own(std::move(check));
    if (!root_.has("release")) return;
    Settings release = root_.section("release");
    check = Check();
    check.id = "release";
    check.title = "The release to be deployed is known";
    check.kind = "version";
    check.interval = release.duration("interval", interval_bounds).value_or(30s);
    check.timeout =
        std::min(release.duration("timeout", timeout_bounds).value_or(10s), check.interval);
    check.fingerprint = print_of("release", check.id, root_.raw("release"));
    root_.reading().renewables.clear();
    check.probe = make_with_secrets(
        root_, "release",
        [](Settings& section, Resources& resources) -> std::shared_ptr<Probe> {
          for (const char* key : {"interval", "timeout"}) section.has(key);
          std::shared_ptr<Probe> probe = make_release(section, resources);
          section.finish();
          return probe;
        },
        resources_, read_.lacks);
    take_made(check, root_.raw("release"));
    read_.has_release_source = true;
    add_own(std::move(check));
  }

  void add_own(Check check) {
    check.gate = list().gates.size() - 1;
    check.is_builtin = true;
    check.waivable = false;
    check.retry_interval = 1s;
    check.stale_after = 2 * check.interval + check.timeout;
    list().gates.back().checks.push_back(list().checks.size());
    list().checks.push_back(std::move(check));
  }

  Settings& root_;
  const Surroundings& surroundings_;
  Resources& resources_;
  Defaults defaults_;
  ReadChecks read_;
  std::vector<References> references_;
  std::unordered_set<std::string> ids_;
};

}  // namespace

ReadChecks read_checks(Settings& root, const Surroundings& surroundings, Resources& resources) {
  return ChecksReader(root, surroundings, resources).read();
}

}  // namespace gonogo
