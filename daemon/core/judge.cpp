#include "daemon/core/judge.h"

#include <algorithm>
#include <cassert>
#include <unordered_map>
#include <utility>

#include "daemon/core/composite.h"
#include "daemon/core/dependencies.h"
#include "daemon/core/own_state.h"
#include "daemon/core/signoff_ruling.h"

namespace gonogo {
namespace {

// One run of the judge: each check is judged once, its dependencies first.
class Judgement {
 public:
  Judgement(std::shared_ptr<const Checklist> checklist, std::vector<CheckRecord> records,
            const Board& board, Now now)
      : board_(board), now_(now) {
    assert(records.size() == checklist->checks.size());
    result_.checklist = std::move(checklist);
    result_.at = now;
    result_.since = now.wall;
    result_.valid_until = SteadyTime::max();
    result_.checks.resize(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      result_.checks[i].check = &list().checks[i];
      result_.checks[i].record = std::move(records[i]);
    }
    result_.gates.resize(list().gates.size());
    progress_.resize(records.size(), Progress::open);
  }

  Snapshot pass() {
    result_.release = board_.release;
    result_.deployment = board_.deployment;
    for (const Signoff& signoff : board_.signoffs) {
      signoffs_[signoff.check].push_back(&signoff);
      // Also where nobody asks for it at present.
      if (signoff.until && !signoff.ended) lapses_at(*signoff.until);
    }
    for (const Waiver& waiver : board_.waivers) admit(waiver);
    for (const Check& check : list().checks) watch_signoffs(check);
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
    if (waiver.is_over || now_.wall >= waiver.until) return;
    lapses_at(now_.wall < waiver.from ? waiver.from : waiver.until);
    if (now_.wall < waiver.from) return;
    if (waiver.release && *waiver.release != board_.release) return;
    const auto check = list().find_check(waiver.check);
    if (!check || !list().checks[*check].waivable) return;
    result_.checks[*check].waiver = result_.waivers.size();
    result_.waivers.push_back(waiver);
  }

  // The end of a sign-off is noticed in time also while the check fails and asks for none. Else it
  // would count again after the clock is set back. One from the future counts from its time on.
  void watch_signoffs(const Check& check) {
    if (!check.signoff) return;
    for (const Signoff* signoff : signoffs_[check.id]) {
      lapses_at(signoff->at);
      const auto end = end_of(*signoff, check.signoff->end());
      if (end && !signoff->ended) lapses_at(*end);
    }
  }

  const CheckStatus& judge_check(std::size_t index) {
    CheckStatus& status = result_.checks[index];
    if (progress_[index] == Progress::done) return status;
    if (progress_[index] == Progress::judging) return status;  // a ring: stays pending, not good
    progress_[index] = Progress::judging;
    status.since = status.record.since;
    judge_parts(status);
    note_recovery(status);
    status.good = is_sound(status.state) || status.waiver.has_value();
    progress_[index] = Progress::done;
    return status;
  }

  // Before anything that depends on it is judged.
  void note_recovery(CheckStatus& status) const {
    CheckRecord& record = status.record;
    const bool is_good = is_sound(status.state);
    if (is_good && !record.was_sound) record.recovered = now_.steady;
    record.was_sound = is_good;
  }

  // A check with several parts needs all of them: its own results, its members, people's sign-offs
  // and the checks it depends on.
  void judge_parts(CheckStatus& status) {
    const Check& check = *status.check;
    // While it is still pending: a ring finds nothing good.
    for (const std::size_t index : check.depends_on) judge_check(index);
    status.state = CheckState::pass;
    status.reason = Reason::none;
    if (check.has_probe()) judge_results(status);
    if (status.state == CheckState::disabled) return;
    if (check.has_probe() && !check.depends_on.empty()) await(status);
    if (check.composite) judge_members(*check.composite, status);
    if (is_sound(status.state) && check.signoff) judge_signoffs(*check.signoff, status);
    judge_dependencies(status);
  }

  void judge_dependencies(CheckStatus& status) {
    for (const std::size_t index : status.check->depends_on) {
      const CheckStatus& needed = result_.checks[index];
      if (is_sound(needed.state)) continue;
      const std::size_t root = needed.awaits_run ? index : needed.cause.value_or(index);
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
      status.held_for.reset();
      status.awaits_run = false;
      return;
    }
  }

  // What a check above it that is about to fail, or has just recovered, makes of its own results.
  void await(CheckStatus& status) {
    const auto awaited = what_it_awaits(status, result_, dependencies_);
    if (!awaited) return;
    if (awaited->until) lapses_at(*awaited->until);
    explain_awaited(status, *awaited, list().checks[awaited->cause].id, now_);
  }

  void judge_results(CheckStatus& status) {
    const Check& check = *status.check;
    const CheckRecord& record = status.record;
    const OwnState own = own_state(check, record, now_.steady);
    status.state = own.state;
    status.reason = own.reason;
    if (record.decisive) lapses_at(record.decisive->at.steady + check.stale_after + Duration{1});
    if (is_held(record, now_.steady)) lapses_at(*record.held_until);
    explain_own_state(status, now_);
  }

  void judge_members(const CompositeRule& rule, CheckStatus& status) {
    std::vector<MemberStatus> members;
    for (const CompositeRule::Member& member : rule.members) {
      MemberStatus judged;
      judged.id = member.is_gate ? list().gates[member.index].id : list().checks[member.index].id;
      judged.is_good = member.is_gate ? is_gate_good(member.index, rule.all)
                                      : counts_as_good(member.index, rule.all);
      judged.since = since_of(member, judged.is_good);
      if (!judged.is_good) judged.earliest = earliest_of(member);
      members.push_back(judged);
    }
    fold_members(rule, members, status);
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

  // When the last of what has to clear first could clear; nothing when that cannot be known.
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

  bool is_gate_good(std::size_t gate, bool may_be_disabled) {
    bool has_evidence = may_be_disabled;
    for (const std::size_t index : list().gates[gate].checks) {
      if (list().checks[index].severity == Severity::advisory) continue;
      if (!judge_check(index).good) return false;
      has_evidence = has_evidence || counts_as_good(index, false);
    }
    return has_evidence;
  }

  void judge_signoffs(const SignoffRule& rule, CheckStatus& status) {
    const SignoffRuling ruling =
        rule_on(rule, signoffs_[status.check->id], board_.release, now_.wall);
    status.signed_until = ruling.until;
    for (const Signoff* signoff : ruling.counting) {
      status.since = signoff->at;
      status.signoffs.push_back(result_.signoffs.size());
      result_.signoffs.push_back(*signoff);
    }
    if (ruling.people >= static_cast<std::size_t>(rule.people)) return;
    status.state = ruling.lapsed ? CheckState::stale : CheckState::pending;
    status.reason = ruling.lapsed ? Reason::signoff_expired : Reason::unsigned_off;
    if (ruling.lapsed) status.since = *ruling.lapsed;
    status.summary = words_for_missing(rule, ruling, board_.release);
    status.clears_when = rule.role + " signs off";
    if (rule.per_release) status.clears_when += " for the release";
    status.earliest = now_.wall;
  }

  void judge_gate(std::size_t index) {
    GateStatus& gate = result_.gates[index];
    for (const std::size_t i : list().gates[index].checks) {
      const CheckStatus& status = result_.checks[i];
      ++gate.counts.at(static_cast<std::size_t>(status.state));
      if (list().checks[i].severity == Severity::blocker && !status.good) ++gate.blocking;
    }
    gate.go = gate.blocking == 0;
    gate.since = now_.wall;
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
  Dependencies dependencies_{result_};
  std::vector<Progress> progress_;
};

}  // namespace

Snapshot judge(std::shared_ptr<const Checklist> checklist, std::vector<CheckRecord> records,
               const Board& board, Now now) {
  return Judgement(std::move(checklist), std::move(records), board, now).pass();
}

FormerVerdicts verdicts_of(const Snapshot& snapshot) {
  FormerVerdicts verdicts;
  verdicts.whole = {snapshot.go, snapshot.since};
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i)
    verdicts.gates[snapshot.checklist->gates[i].id] = {is_go(snapshot, i), snapshot.gates[i].since};
  return verdicts;
}

void keep_since(Snapshot& snapshot, const FormerVerdicts& before) {
  snapshot.since = snapshot.at.wall;
  if (before.whole && before.whole->go == snapshot.go) snapshot.since = before.whole->since;
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    const auto former = before.gates.find(snapshot.checklist->gates[i].id);
    const bool is_same = former != before.gates.end() && former->second.go == is_go(snapshot, i);
    snapshot.gates[i].since = is_same ? former->second.since : snapshot.at.wall;
  }
}

}  // namespace gonogo
