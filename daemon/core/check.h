// One line of the checklist: what is required, not what was seen.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/debounce.h"
#include "daemon/core/signoff.h"
#include "daemon/core/time.h"

namespace gonogo {

class Probe;

enum class Severity : std::uint8_t { blocker, advisory };

constexpr std::string_view name_of(Severity severity) {
  return severity == Severity::blocker ? "blocker" : "advisory";
}

// A person in this role has to sign the check off.
struct SignoffRule {
  std::string role;
  std::optional<Duration> valid_for;  // without it a sign-off does not expire
  bool per_release = false;           // lapses when the release changes
  int people = 1;                     // this many different ones

  SignoffEnd end() const { return {valid_for, per_release}; }
};

// A fold of other checks and gates, by their index in the Checklist.
struct CompositeRule {
  struct Member {
    bool is_gate = false;
    std::size_t index = 0;
  };
  int at_least = 0;  // this many members have to be good
  // Whether all of them have to be good. Then a member that does not apply is passed over; where
  // some are enough, such a member is no evidence.
  bool all = false;
  std::vector<Member> members;
};

// More than `changes` changes between passing and failing runs within `window` hold the check at
// fail until none came for as long.
struct FlappingRule {
  int changes = 0;
  Duration window{};
};

struct Check {
  std::string id;
  std::string title;
  std::string item;  // of the user's checklist, such as "4.2.1"
  std::string kind;
  std::size_t gate = 0;  // index in the Checklist
  Severity severity = Severity::blocker;
  std::shared_ptr<Probe> probe;  // null: nothing is run, others decide
  bool on_demand = false;        // run only when asked; its interval means nothing
  bool needs_worker = false;     // its kind runs on the pool's threads
  bool is_of_release = false;    // what it finds is compared with the release in force
  bool is_builtin = false;       // not the user's: it alone is no reason to say GO

  Duration interval{};
  Duration timeout{};
  Duration retry_interval{};
  Duration stale_after{};
  DebounceRule debounce;
  std::optional<FlappingRule> flapping;

  std::optional<std::size_t> group;  // index in Checklist::groups
  std::vector<std::string> targets;  // what it asks, as "host:port"; never shown
  std::vector<std::size_t> depends_on;
  // After one of them has recovered, a failure counts from then on; without it, after one interval.
  std::optional<Duration> settle;
  std::optional<SignoffRule> signoff;
  std::optional<CompositeRule> composite;
  bool waivable = true;

  std::string runbook;
  std::string owner;
  std::map<std::string, std::string> labels;

  // A digest of all options that decide what a result means. A result made under another one never
  // counts.
  std::string fingerprint;

  bool has_probe() const { return probe != nullptr; }
};

}  // namespace gonogo
