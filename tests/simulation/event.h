// What happens in a simulation, as a list that is written down: each event carries its own
// parameters, so that a list from which some are taken out still means something.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gonogo::simulation {

enum class EventKind : std::uint8_t {
  check,      // it is written into the configuration, or changed there
  remove,     // it is taken out of the configuration
  group,      // so many checks of the group may run at once
  freeze,     // a freeze is written into the calendar
  reload,     // the configuration is put in force
  restart,    // the daemon ends, is down for a time, and starts with what the store has
  wait,       // time passes
  stall,      // time passes while the daemon stands still, as in a suspended host
  unnoticed,  // time passes, the verdict is asked for, and only then timers are called
  wall,       // the wall clock is set
  answer,     // the target of a check is like this from now on
  heal,       // all targets are well, and nothing hangs
  release,    // what hangs goes on
  run,        // a check is run because somebody asks for it
  sign,
  withdraw,
  waive,
  unwaive,
  announce,
  deploy,
};

// How a target answers.
enum class Answer : std::uint8_t { pass, warn, fail, unknown, skipped, throws, cannot_look, once };
// When it answers: `hangs` ends when it is cancelled, `stubborn` only when it is released;
// `pooled` asks a worker of the pool, `pool_hangs` keeps that worker until it is released.
enum class Pace : std::uint8_t { at_once, slow, hangs, stubborn, pooled, pool_hangs };

// One check of a simulated configuration. Checks and gates are numbers, spans are seconds; -1 is
// none.
struct CheckSpec {
  std::int64_t version = 1;  // of what its results mean
  std::int64_t gate = 0;
  std::int64_t advisory = 0;
  std::int64_t probed = 1;
  std::int64_t on_demand = 0;
  std::int64_t interval = 30;
  std::int64_t timeout = 5;
  std::int64_t retry = 10;
  std::int64_t failures = 1;
  std::int64_t of = 0;
  std::int64_t successes = 1;
  std::int64_t flaps = 0;  // more changes of outcome than this hold it at fail; 0: no such rule
  std::int64_t calm = 0;
  std::int64_t group = -1;
  std::int64_t parent = -1;
  std::int64_t second_parent = -1;
  std::int64_t settle = 0;
  std::int64_t people = 0;  // who have to sign it off
  std::int64_t valid_for = 0;
  std::int64_t per_release = 0;
  std::int64_t unwaivable = 0;
  std::int64_t at_least = 0;  // of its members; 0: it is no composite, -1: all of them
  std::int64_t member = -1;
  std::int64_t second_member = -1;
  std::int64_t third_member = -1;
  std::int64_t member_gate = -1;

  bool operator==(const CheckSpec&) const = default;
  std::int64_t stale_after() const { return 2 * interval + timeout; }
};

struct Event {
  EventKind kind = EventKind::wait;
  std::int64_t number = 0;  // of the check, group, or release
  std::int64_t span = 0;    // milliseconds
  std::int64_t from = 0;    // milliseconds from now: when a freeze begins
  std::int64_t limit = 1;   // of a group
  std::int64_t person = 0;
  std::int64_t bound = 0;  // 1: a waiver for this release only, a deploy that is forced
  std::int64_t answer = 0;
  std::int64_t pace = 0;
  CheckSpec spec{};
};

// "wait span=5000", one line an event.
std::string to_text(const Event& event);
std::string to_text(const std::vector<Event>& events);
// Nothing when a line is no event.
std::optional<std::vector<Event>> events_from(const std::string& text);

// The event with one of its parameters at its usual value, or rounder; none where it is.
std::size_t field_count();
std::vector<Event> plainer_forms(const Event& event, std::size_t field);

// The events of a seed: a configuration first, then what happens to it.
std::vector<Event> draw_events(std::uint64_t seed, std::size_t count);

}  // namespace gonogo::simulation
