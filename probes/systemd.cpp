#include "probes/systemd.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/systemd_bus.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct SystemdSettings {
  std::string unit;
  std::vector<std::string> states;
  std::optional<std::int64_t> max_restarts;
  bool no_failed = false;
  std::vector<std::string> except;
  std::string timer;
  std::optional<Duration> max_since_last;
  std::optional<Duration> max_until_next;
};

std::string in_words(const UnitFacts& unit) {
  if (unit.load_state != "loaded") return unit.id + " is " + unit.load_state;
  std::string text = unit.id + " is " + unit.active_state + " (" + unit.sub_state + ")";
  if (!unit.result.empty() && unit.result != "success") text += ", result " + unit.result;
  return text;
}

Finding judge_unit(const SystemdSettings& wanted, const UnitFacts& unit) {
  const std::string seen = in_words(unit);
  Finding finding = Finding::pass(seen);
  const bool is_wanted = std::find(wanted.states.begin(), wanted.states.end(), unit.active_state) !=
                         wanted.states.end();
  if (unit.load_state == "not-found") {
    finding = Finding::fail(Reason::missing, seen);
  } else if (!is_wanted || unit.load_state != "loaded") {
    finding = Finding::fail(Reason::status, seen + ", wanted " + joined(wanted.states));
  } else if (wanted.max_restarts && unit.restarts > *wanted.max_restarts) {
    finding = Finding::fail(Reason::threshold,
                            unit.id + " was restarted " + counted(unit.restarts, "time") +
                                ", wanted at most " + std::to_string(*wanted.max_restarts));
  }
  finding.measure("restarts", static_cast<double>(unit.restarts), "count");
  return finding;
}

Finding judge_failed(const SystemdSettings& wanted, std::vector<std::string> failed) {
  std::erase_if(failed, [&wanted](const std::string& unit) {
    return std::any_of(
        wanted.except.begin(), wanted.except.end(),
        [&unit](const std::string& pattern) { return matches_wildcard(pattern, unit); });
  });
  Finding finding = Finding::pass("no failed unit");
  if (!failed.empty())
    finding = Finding::fail(Reason::status, "failed: " + on_one_line(joined(failed), 300));
  finding.measure("failed_units", static_cast<double>(failed.size()), "count");
  return finding;
}

Finding judge_timer(const SystemdSettings& wanted, const UnitFacts& unit, const TimerFacts& timer,
                    const UnitFacts& triggered, WallTime now) {
  if (unit.load_state == "not-found") return Finding::fail(Reason::missing, in_words(unit));
  const std::string name = unit.id;
  std::string seen =
      name + (timer.last ? " ran " + to_words(now - *timer.last) + " ago" : " has not run");
  if (timer.next) seen += ", runs in " + to_words(*timer.next - now);
  Finding finding = Finding::pass(seen);
  if (unit.active_state != "active") {
    finding = Finding::fail(Reason::status, in_words(unit) + ", wanted active");
  } else if (triggered.load_state != "loaded") {
    finding = Finding::fail(
        Reason::missing, "the unit that " + name + " starts is not loaded: " + in_words(triggered));
  } else if (!triggered.result.empty() && triggered.result != "success") {
    finding = Finding::fail(Reason::reported, in_words(triggered) + ", wanted success");
  } else if (wanted.max_since_last && !timer.last) {
    finding = Finding::fail(Reason::never_run, seen + ", wanted a run");
  } else if (wanted.max_since_last && now - *timer.last > *wanted.max_since_last) {
    finding = Finding::fail(Reason::stale_data,
                            seen + ", wanted at most " + to_words(*wanted.max_since_last) + " ago");
  } else if (wanted.max_until_next && !timer.next) {
    finding = Finding::fail(Reason::missing, seen + ", and has no next run");
  } else if (wanted.max_until_next && *timer.next - now > *wanted.max_until_next) {
    finding = Finding::fail(Reason::threshold,
                            seen + ", wanted within " + to_words(*wanted.max_until_next));
  }
  if (timer.last) finding.measure("since_last", in_seconds(now - *timer.last), "seconds");
  if (timer.next) finding.measure("until_next", in_seconds(*timer.next - now), "seconds");
  return finding;
}

// Blocks, so it runs on the pool.
Finding inspect(const SystemdSettings& wanted, Now now, Duration timeout) {
  SystemdBus bus(timeout);
  if (!wanted.unit.empty()) return judge_unit(wanted, bus.unit(wanted.unit));
  if (wanted.no_failed) return judge_failed(wanted, bus.failed_units());
  const UnitFacts unit = bus.unit(wanted.timer);
  TimerFacts timer;
  UnitFacts triggered;
  if (unit.load_state == "loaded") {
    timer = bus.timer(wanted.timer, now);
    triggered = bus.unit(timer.triggers);
  }
  return judge_timer(wanted, unit, timer, triggered, now.wall);
}

class SystemdProbe : public Probe {
 public:
  SystemdProbe(SystemdSettings settings, Resources& resources)
      : settings_(std::make_shared<const SystemdSettings>(std::move(settings))),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::request);
    auto ask = [settings = settings_, now = resources_.clock.both(), left = attempt.remaining()] {
      return inspect(*settings, now, left);
    };
    auto asking = offload(resources_.pool, std::move(ask));
    co_return co_await std::move(asking);
  }

 private:
  std::shared_ptr<const SystemdSettings> settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_systemd(Settings& settings, Resources& resources) {
  SystemdSettings systemd;
  systemd.unit = settings.text_or("unit", "");
  systemd.states = settings.texts("state");
  if (systemd.states.empty()) systemd.states = {"active"};
  systemd.max_restarts = settings.integer("max_restarts", 0, 1'000'000);
  systemd.no_failed = settings.flag_or("no_failed", false);
  systemd.except = settings.texts("except");
  systemd.timer = settings.text_or("timer", "");
  systemd.max_since_last = settings.duration("max_since_last");
  systemd.max_until_next = settings.duration("max_until_next");
  const int given = (systemd.unit.empty() ? 0 : 1) + (systemd.no_failed ? 1 : 0) +
                    (systemd.timer.empty() ? 0 : 1);
  if (given != 1)
    settings.complain(
        "needs one of `unit`, `timer` and `no_failed: true` (such as unit: docker.service)");
  if (!systemd.timer.empty() && !systemd.timer.ends_with(".timer"))
    settings.complain_at("timer", in_quotes(systemd.timer) + " is no timer (such as backup.timer)");
  settings.finish();
  return std::make_unique<SystemdProbe>(std::move(systemd), resources);
}

}  // namespace gonogo
