#include "daemon/core/judge.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <unordered_map>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

bool is_stale(const Check& check, const CheckRecord& record, SteadyTime now) {
  return record.decisive && now - record.decisive->at.steady > check.stale_after;
}

bool is_held(const CheckRecord& record, SteadyTime now) {
  return record.held_until && now < *record.held_until;
}

bool is_sound(CheckState state) {
  return state == CheckState::pass || state == CheckState::warn || state == CheckState::disabled;
}

// One run of the judge: each check is judged once, its dependencies first.
class Judgement {
 public:
  Judgement(std::shared_ptr<const Checklist> checklist, const Board& board, Now now)
      : board_(board), now_(now) {
    assert(board.records.size() == checklist->checks.size());
    result_.checklist = std::move(checklist);
    result_.at = now;
    result_.valid_until = SteadyTime::max();
    result_.checks.resize(list().checks.size());
    result_.gates.resize(list().gates.size());
    progress_.resize(list().checks.size(), Progress::open);
  }

  Snapshot pass() {
    result_.records = board_.records;
    result_.release = board_.release;
    result_.deployment = board_.deployment;
    for (const Signoff& signoff : board_.signoffs) signoffs_[signoff.check].push_back(&signoff);
    for (const Waiver& waiver : board_.waivers) admit(waiver);
    for (std::size_t i = 0; i < list().checks.size(); ++i) judge_check(i);
    bool every_gate_goes = true;
    for (std::size_t i = 0; i < list().gates.size(); ++i) {
      judge_gate(i);
      every_gate_goes = every_gate_goes && result_.gates[i].go;
    }
    consult_calendar();
    result_.go = every_gate_goes && !result_.frozen;
    return std::move(result_);
  }

 private:
  enum class Progress : std::uint8_t { open, judging, done };

  const Checklist& list() const { return *result_.checklist; }

  void lapses_at(SteadyTime when) {
    if (when > now_.steady) result_.valid_until = std::min(result_.valid_until, when);
  }
  void lapses_at(WallTime when) {
    // Far-off dates must not overflow the sum.
    const auto ahead =
        std::min<std::chrono::microseconds>(when - now_.wall, std::chrono::hours{24 * 365});
    lapses_at(now_.steady + ahead);
  }

  void admit(const Waiver& waiver) {
    if (now_.wall < waiver.from) {
      lapses_at(waiver.from);
      return;
    }
    if (waiver.is_over || now_.wall >= waiver.until) return;
    if (waiver.release && *waiver.release != board_.release) return;
    const auto check = list().find_check(waiver.check);
    if (!check || !list().checks[*check].waivable) return;
    lapses_at(waiver.until);
    result_.checks[*check].waiver = result_.waivers.size();
    result_.waivers.push_back(waiver);
  }

  const CheckStatus& judge_check(std::size_t index) {
    CheckStatus& status = result_.checks[index];
    if (progress_[index] == Progress::done) return status;
    if (progress_[index] == Progress::judging) return status;  // a ring: stays pending, not good
    progress_[index] = Progress::judging;
    const Check& check = list().checks[index];
    const CheckRecord& record = board_.records[index];
    status.since = record.since;
    judge_parts(check, record, status);
    status.good = is_sound(status.state) || status.waiver.has_value();
    progress_[index] = Progress::done;
    return status;
  }

  // A check with several parts needs them all: dependencies, then the machine's, then people's.
  void judge_parts(const Check& check, const CheckRecord& record, CheckStatus& status) {
    status.state = CheckState::pass;
    status.reason = Reason::none;
    if (check.has_probe) judge_results(check, record, status);
    if (status.state == CheckState::disabled) return;
    if (check.composite) judge_members(*check.composite, status);
    if (is_sound(status.state) && check.signoff) judge_signoffs(check, *check.signoff, status);
    judge_dependencies(check, status);
  }

  void judge_dependencies(const Check& check, CheckStatus& status) {
    for (const std::size_t index : check.depends_on) {
      const CheckStatus& needed = judge_check(index);
      if (is_sound(needed.state)) continue;
      const std::size_t root = needed.cause.value_or(index);
      const CheckStatus& root_status = result_.checks[root];
      status.state = CheckState::blocked;
      status.reason = Reason::blocked_by;
      status.cause = root;
      status.since = std::max(status.since, root_status.since);
      status.summary = "not judged: " + list().checks[root].id + " is " +
                       std::string(name_of(root_status.state));
      if (!root_status.summary.empty()) status.summary += " (" + root_status.summary + ")";
      status.clears_when = list().checks[root].id + " is good again";
      status.earliest = root_status.earliest;
      return;
    }
  }

  void judge_results(const Check& check, const CheckRecord& record, CheckStatus& status) {
    const OwnState own = own_state(check, record, now_.steady);
    status.state = own.state;
    status.reason = own.reason;
    if (record.decisive) lapses_at(record.decisive->at.steady + check.stale_after + Duration{1});
    if (is_held(record, now_.steady)) lapses_at(*record.held_until);
    explain_results(check, record, status);
  }

  void explain_results(const Check& check, const CheckRecord& record, CheckStatus& status) {
    if (status.state == CheckState::pass) return;
    if (record.explains) status.summary = record.explains->summary;
    const std::string unknown =
        record.last && record.last->outcome == Outcome::unknown ? record.last->summary : "";
    if (status.state == CheckState::warn || status.state == CheckState::disabled) return;
    int runs = record.debounce.passes_wanted();
    if (status.state == CheckState::stale) {
      const Duration age = now_.steady - record.decisive->at.steady;
      status.summary =
          "last result is " + to_words(age) + " old, wanted at most " + to_words(check.stale_after);
      if (!unknown.empty()) status.summary += "; last look: " + unknown;
      status.since = record.decisive->at.wall +
                     std::chrono::duration_cast<std::chrono::microseconds>(check.stale_after);
      runs = std::max(runs, 1);
    } else if (status.reason == Reason::flapping) {
      status.summary = "changed " + std::to_string(record.turns.size()) + " times within " +
                       to_words(check.flapping->window) + ", wanted at most " +
                       std::to_string(check.flapping->changes);
    } else if (status.state == CheckState::pending) {
      status.summary = record.decisive
                           ? "passed " + std::to_string(record.debounce.state().passes_in_a_row) +
                                 " of " + std::to_string(check.debounce.rise) +
                                 " times wanted in a row"
                           : "not looked at yet";
      if (!record.decisive && !unknown.empty()) status.summary = unknown;
    }
    if (check.on_demand) {
      status.clears_when = "it is looked at and passes (it looks only when asked)";
      status.earliest = now_.wall;
      return;
    }
    status.clears_when =
        runs > 1 ? std::to_string(runs) + " looks in a row pass" : "its next look passes";
    if (record.next_run) {
      SteadyTime earliest =
          std::max(*record.next_run, now_.steady) + (runs - 1) * check.retry_interval;
      if (is_held(record, now_.steady)) {
        status.clears_when = "it stays calm for " + to_words(check.flapping->window);
        earliest = std::max(earliest, *record.held_until);
      }
      status.earliest =
          now_.wall + std::chrono::ceil<std::chrono::microseconds>(earliest - now_.steady);
    }
  }

  void judge_members(const CompositeRule& rule, CheckStatus& status) {
    int good = 0;
    std::string bad;
    std::vector<std::optional<WallTime>> clearing;
    std::vector<WallTime> good_since;
    std::vector<WallTime> bad_since;
    for (const CompositeRule::Member& member : rule.members) {
      const bool is_good =
          member.is_gate ? is_gate_good(member.index) : counts_as_good(member.index, rule.all);
      (is_good ? good_since : bad_since).push_back(since_of(member, is_good));
      if (is_good) {
        ++good;
      } else {
        clearing.push_back(earliest_of(member));
        if (!bad.empty()) bad += ", ";
        bad += member.is_gate ? list().gates[member.index].id : list().checks[member.index].id;
      }
    }
    if (rule.members.empty()) {
      status.state = CheckState::fail;
      status.reason = Reason::composite;
      status.summary = "has no members";
      return;
    }
    // It turned with the member that made the difference.
    std::sort(good_since.begin(), good_since.end());
    std::sort(bad_since.begin(), bad_since.end());
    assert(rule.at_least >= 1 && rule.members.size() >= static_cast<std::size_t>(rule.at_least));
    const auto spare = rule.members.size() - static_cast<std::size_t>(rule.at_least);
    if (good >= rule.at_least) {
      status.since = good_since[static_cast<std::size_t>(rule.at_least) - 1];
      return;
    }
    status.since = bad_since[spare];
    status.state = CheckState::fail;
    status.reason = Reason::composite;
    status.summary = std::to_string(good) + " of " + std::to_string(rule.members.size()) +
                     " good, wanted " + std::to_string(rule.at_least) +
                     "; not good: " + on_one_line(bad, 160);
    const int missing = rule.at_least - good;
    status.clears_when = std::to_string(missing) + " more of them are good";
    // As soon as the quickest of them could; what nobody can tell comes last.
    std::sort(clearing.begin(), clearing.end(),
              [](const auto& a, const auto& b) { return a && (!b || *a < *b); });
    status.earliest = clearing[static_cast<std::size_t>(missing) - 1];
  }

  WallTime since_of(const CompositeRule::Member& member, bool is_good) {
    if (!member.is_gate) return judge_check(member.index).since;
    std::optional<WallTime> since;
    for (const std::size_t index : list().gates[member.index].checks) {
      if (list().checks[index].severity == Severity::advisory) continue;
      const CheckStatus& status = judge_check(index);
      if (status.good != is_good) continue;
      if (!since) since = status.since;
      since = is_good ? std::max(*since, status.since) : std::min(*since, status.since);
    }
    return since.value_or(now_.wall);
  }

  // The latest of what has to clear first; nothing when it cannot be told.
  std::optional<WallTime> earliest_of(const CompositeRule::Member& member) {
    if (!member.is_gate) return judge_check(member.index).earliest;
    std::optional<WallTime> latest;
    for (const std::size_t index : list().gates[member.index].checks) {
      const bool blocks =
          list().checks[index].severity == Severity::blocker && !judge_check(index).good;
      if (!blocks) continue;
      const auto earliest = result_.checks[index].earliest;
      if (!earliest) return std::nullopt;
      latest = latest ? std::max(*latest, *earliest) : earliest;
    }
    return latest;
  }

  bool counts_as_good(std::size_t index, bool may_be_disabled) {
    const CheckStatus& status = judge_check(index);
    return status.good && (may_be_disabled || status.state != CheckState::disabled);
  }

  bool is_gate_good(std::size_t gate) {
    return std::all_of(list().gates[gate].checks.begin(), list().gates[gate].checks.end(),
                       [this](std::size_t index) {
                         return list().checks[index].severity == Severity::advisory ||
                                judge_check(index).good;
                       });
  }

  void judge_signoffs(const Check& check, const SignoffRule& rule, CheckStatus& status) {
    std::set<std::string> people;
    std::optional<WallTime> lapsed;
    std::optional<WallTime> until;
    std::string other_release;
    const auto said = signoffs_.find(check.id);
    for (std::size_t i = 0; said != signoffs_.end() && i < said->second.size(); ++i) {
      const Signoff& signoff = *said->second[i];
      // One from the future is not trusted: the clock was set back, or the record is forged.
      if (signoff.role != rule.role || signoff.at > now_.wall) continue;
      if (rule.per_release && (board_.release.empty() || signoff.release != board_.release)) {
        other_release = signoff.release;
        continue;
      }
      const std::optional<WallTime> end = end_of(signoff, rule);
      if (end && (signoff.ended || now_.wall >= *end)) {
        lapsed = lapsed ? std::max(*lapsed, *end) : end;
        continue;
      }
      if (end) {
        lapses_at(*end);
        until = until ? std::min(*until, *end) : end;
      }
      people.insert(signoff.who);
      status.since = signoff.at;
      status.signoffs.push_back(result_.signoffs.size());
      result_.signoffs.push_back(signoff);
    }
    status.signed_until = until;
    if (people.size() >= static_cast<std::size_t>(rule.people)) return;
    status.state = lapsed ? CheckState::stale : CheckState::pending;
    status.reason = lapsed ? Reason::signoff_expired : Reason::unsigned_off;
    if (lapsed) status.since = *lapsed;
    status.summary = words_for_missing(rule, people.size(), lapsed, other_release);
    status.clears_when = rule.role + " signs off";
    if (rule.per_release) status.clears_when += " for the release";
    status.earliest = now_.wall;
  }

  static std::optional<WallTime> end_of(const Signoff& signoff, const SignoffRule& rule) {
    if (!rule.valid_for) return std::nullopt;
    return gonogo::end_of(signoff, *rule.valid_for);
  }

  std::string words_for_missing(const SignoffRule& rule, std::size_t people,
                                std::optional<WallTime> lapsed,
                                const std::string& other_release) const {
    std::string words = "no sign-off by " + rule.role;
    if (lapsed) words = "sign-off by " + rule.role + " ended " + to_rfc3339(*lapsed);
    if (rule.people > 1)
      words = std::to_string(people) + " of " + std::to_string(rule.people) + " people in role " +
              rule.role + " signed off";
    if (!rule.per_release) return words;
    if (board_.release.empty()) return words + "; no release is announced for which they could";
    words += " for release " + in_quotes(board_.release);
    if (!other_release.empty()) words += ", the last was for " + in_quotes(other_release);
    return words;
  }

  void judge_gate(std::size_t index) {
    GateStatus& gate = result_.gates[index];
    for (const std::size_t i : list().gates[index].checks) {
      const CheckStatus& status = result_.checks[i];
      ++gate.counts.at(static_cast<std::size_t>(status.state));
      if (list().checks[i].severity == Severity::blocker && !status.good) ++gate.blocking;
    }
    gate.go = gate.blocking == 0;
  }

  void consult_calendar() {
    CalendarState state = state_at(list().calendar, now_.wall);
    if (state.holds_until) lapses_at(*state.holds_until);
    result_.frozen = std::move(state.closed);
  }

  const Board& board_;
  std::unordered_map<std::string_view, std::vector<const Signoff*>> signoffs_;  // by check
  Now now_;
  Snapshot result_;
  std::vector<Progress> progress_;
};

}  // namespace

OwnState own_state(const Check& check, const CheckRecord& record, SteadyTime now) {
  const bool could_not_run = record.last && record.last->outcome == Outcome::unknown;
  if (!record.decisive) {
    return {CheckState::pending, could_not_run ? record.last->reason : Reason::never_run};
  }
  if (is_stale(check, record, now)) {
    return {CheckState::stale, could_not_run ? record.last->reason : Reason::stale};
  }
  if (record.decisive->outcome == Outcome::skipped) return {CheckState::disabled, Reason::none};
  if (is_held(record, now)) return {CheckState::fail, Reason::flapping};
  switch (record.debounce.readiness()) {
    case Readiness::undecided: return {CheckState::pending, Reason::never_run};
    case Readiness::bad: return {CheckState::fail, record.explains->reason};
    case Readiness::good: break;
  }
  const bool warns = record.explains->outcome == Outcome::warn;
  return {warns ? CheckState::warn : CheckState::pass,
          warns ? record.explains->reason : Reason::none};
}

Snapshot judge(std::shared_ptr<const Checklist> checklist, const Board& board, Now now) {
  return Judgement(std::move(checklist), board, now).pass();
}

}  // namespace gonogo
