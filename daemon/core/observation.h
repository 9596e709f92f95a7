// What one run saw.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/reason.h"
#include "daemon/core/time.h"

namespace gonogo {

// `unknown` means that this daemon could not find out: it moves no threshold. `skipped` means that
// the check does not apply at present (its `when` says so).
enum class Outcome : std::uint8_t { pass, warn, fail, unknown, skipped };
inline constexpr std::array<std::string_view, 5> outcome_names{"pass", "warn", "fail", "unknown",
                                                               "skipped"};

constexpr std::string_view name_of(Outcome outcome) {
  return outcome_names.at(static_cast<std::size_t>(outcome));
}

// The parts of a run, in the order in which they can happen.
enum class Stage : std::uint8_t {
  start,
  resolve,
  connect,
  proxy,
  tls,
  login,
  request,
  response,
  transfer,
  read,
  judge
};
inline constexpr std::array<std::string_view, 11> stage_names{
    "start",   "resolve",    "connect",  "proxy", "tls",  "login",
    "request", "processing", "transfer", "read",  "judge"};

constexpr std::string_view name_of(Stage stage) {
  return stage_names.at(static_cast<std::size_t>(stage));
}

// A measured number. Names are fixed by the probe's kind or the configuration, never by a target;
// the unit is "seconds", "bytes", "ratio", "count", "days" or "timestamp_seconds".
struct Value {
  std::string name;
  double number = 0;
  std::string unit;
};

// What a probe returns.
struct Finding {
  Finding() = default;
  Finding(Outcome seen, Reason why, std::string text)
      : outcome(seen), reason(why), summary(std::move(text)) {}

  static Finding pass(std::string summary = {}) {
    return {Outcome::pass, Reason::none, std::move(summary)};
  }
  static Finding warn(Reason why, std::string summary) {
    return {Outcome::warn, why, std::move(summary)};
  }
  static Finding fail(Reason why, std::string summary) {
    return {Outcome::fail, why, std::move(summary)};
  }
  static Finding unknown(Reason why, std::string summary) {
    return {Outcome::unknown, why, std::move(summary)};
  }

  static Finding skipped(std::string summary) {
    return {Outcome::skipped, Reason::none, std::move(summary)};
  }

  void measure(std::string name, double number, std::string unit) {
    values.push_back({std::move(name), number, std::move(unit)});
  }
  // Bounded facts for people: "issuer" -> "CN=...".
  void note(std::string name, std::string text) {
    evidence.emplace_back(std::move(name), std::move(text));
  }

  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::error;
  // A failure that the next run cannot see again: it decides at once, however many are required.
  bool is_seen_once = false;
  // The other side refused the credentials of a request that writes nothing: with another value of
  // a secret it may be tried again.
  bool is_refused = false;
  std::string summary;  // one line: what was seen and what was expected
  std::vector<Value> values;
  std::vector<std::pair<std::string, std::string>> evidence;
  std::optional<std::string> release;  // which one is to be deployed, where this probe reads it
};

struct Phase {
  Stage stage = Stage::start;
  Duration took{};
};

// What of this host a run depended on: while that is impaired, its failure says nothing of the
// target.
struct Dependence {
  bool name_server = false;        // it asked one of this host's name servers
  std::vector<std::string> peers;  // the IP addresses that it was to reach
};

// A finding, and when it was made.
struct Observation : Finding {
  Observation() = default;
  explicit Observation(Finding finding) : Finding(std::move(finding)) {}

  Dependence needed;

  Now at{};  // when the run began: what it saw is no newer than that
  Duration took{};
  std::vector<Phase> phases;
};

}  // namespace gonogo
