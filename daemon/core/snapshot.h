// What the judge found at one moment. Exporters show it and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/board.h"
#include "daemon/core/checklist.h"

namespace gonogo {

enum class CheckState : std::uint8_t { pass, warn, fail, pending, stale, blocked, disabled };
inline constexpr std::array<std::string_view, 7> state_names{
    "pass", "warn", "fail", "pending", "stale", "blocked", "disabled"};

constexpr std::string_view name_of(CheckState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

// Good by itself, without a waiver.
constexpr bool is_sound(CheckState state) {
  return state == CheckState::pass || state == CheckState::warn || state == CheckState::disabled;
}

// What the judge found of one check.
struct CheckStatus {
  const Check* check = nullptr;  // in the snapshot's checklist
  CheckRecord record;            // what it was judged by
  CheckState state = CheckState::pending;
  Reason reason = Reason::never_run;
  bool good = false;                  // pass, warn or disabled, or waived
  std::optional<std::size_t> waiver;  // index in Snapshot::waivers
  std::string summary;                // of what does not pass; words_for() has it for all
  WallTime since{};
  std::optional<std::size_t> cause;  // blocked: the check at the root of it
  // It failed, but is shown as it was before: this check above it is about to fail, and decides
  // first.
  std::optional<std::size_t> held_for;
  bool awaits_run = false;           // blocked: the cause is good again, but it has not run since
  std::string clears_when;           // for what is not good
  std::optional<WallTime> earliest;  // when that could be, if it can be known
  std::optional<WallTime> signed_until;  // a live sign-off's end
  std::vector<std::size_t> signoffs;     // that count: indices in Snapshot::signoffs
};

struct GateStatus {
  bool go = false;
  WallTime since{};  // of its verdict, the calendar included; filled in by keep_since()
  std::array<std::size_t, state_names.size()> counts{};  // of checks by state
  std::size_t blocking = 0;                              // blockers that are not good
};

struct Snapshot {
  std::shared_ptr<const Checklist> checklist;
  Now at{};
  // At this moment something lapses of itself: the verdict has to be judged anew then.
  SteadyTime valid_until{};
  bool go = false;
  WallTime since{};                 // of this verdict; filled in by keep_since()
  std::vector<GateStatus> gates;    // same index as Checklist::gates
  std::vector<CheckStatus> checks;  // same index as Checklist::checks
  std::vector<Waiver> waivers;      // live ones
  std::vector<Signoff> signoffs;    // that count
  std::string release;
  std::optional<Deployment> deployment;
  std::optional<Closure> frozen;  // by the calendar
};

// The verdict of one gate: no gate goes while the calendar is closed.
inline bool is_go(const Snapshot& snapshot, std::size_t gate) {
  return snapshot.gates[gate].go && !snapshot.frozen;
}

// The summary of a check: what was seen when it passes, else why it does not pass. (A judgement of
// ten thousand passing checks copies no texts.)
inline const std::string& words_for(const CheckStatus& status) {
  const bool has_own_words =
      status.state != CheckState::pass || status.held_for || !status.record.explains;
  return has_own_words ? status.summary : status.record.explains->summary;
}
inline const std::string& words_for(const Snapshot& snapshot, std::size_t index) {
  return words_for(snapshot.checks[index]);
}

}  // namespace gonogo
