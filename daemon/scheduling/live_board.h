// The verdict as it is now: takes what is seen, has it judged, calls those who listen.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/clock.h"
#include "daemon/core/judge.h"
#include "daemon/scheduling/runtimes.h"

namespace gonogo {

class LiveBoard {
 public:
  // Called after each new judgement that differs in its verdict. `before` is null at first.
  using VerdictListener = std::function<void(const Snapshot* before, const Snapshot& after)>;

  // Called after each new judgement in which these checks are in another state than before.
  using StateListener = std::function<void(const Snapshot& before, const Snapshot& after,
                                           const std::vector<std::size_t>& changed)>;

  // Called after each new judgement that differs in the verdict of a gate.
  using GatesListener = std::function<void(const Snapshot& after)>;

  LiveBoard(Clock& clock, Runtimes& runtimes, VerdictListener listener,
            StateListener on_changes = {});

  void call_for_gates(GatesListener listener) { on_gates_ = std::move(listener); }
  // Called after each new judgement in which these checks await a run and did not before: what they
  // depend on is good again, and what they saw before that says nothing any more.
  using AwaitingListener = std::function<void(const std::vector<std::size_t>& checks)>;
  void call_for_awaiting(AwaitingListener listener) { on_awaiting_ = std::move(listener); }
  // Called when these checks have become good, or are so no longer, as they were judged.
  using TurnListener = std::function<void(const std::vector<std::size_t>& checks)>;
  void call_for_turns(TurnListener listener) { on_turns_ = std::move(listener); }
  // Called when the release in force has become another one, before anything is judged by it.
  void call_for_release(std::function<void()> listener) { on_release_ = std::move(listener); }
  // Called when a sign-off or a waiver has ended by itself.
  void call_for_endings(std::function<void()> listener) { on_endings_ = std::move(listener); }

  // A checklist has come into force: has it judged. `restore` may put what people decided onto the
  // board before that.
  void apply(const std::function<void(Board&)>& restore = {});
  // The verdicts from before this process: their `since` goes on if the first ones are the same.
  void restore_verdicts(FormerVerdicts former) { former_ = std::move(former); }

  // Takes an observation into the record of its check.
  void take(CheckRuntime& runtime, std::shared_ptr<const Observation> seen);

  // Changes what people decided, and has it judged.
  void change(const std::function<void(Board&)>& by);
  // Shows how a deploy goes that is being watched. It changes no verdict.
  void set_deployment(Deployment deployment);

  const std::string& release() const { return board_.release; }
  const std::vector<Signoff>& signoffs() const { return board_.signoffs; }
  const std::vector<Waiver>& waivers() const { return board_.waivers; }
  const std::optional<Deployment>& deployment() const { return board_.deployment; }
  // What the verdict would be if this were the release.
  Snapshot if_release_were(const std::string& release) const;

  const Checklist& checklist() const { return *runtimes_.checklist(); }

  // The verdict as it is at this moment. Constant time, unless something lapsed since it was made.
  std::shared_ptr<const Snapshot> verdict();
  // The same with every last value in it.
  std::shared_ptr<const Snapshot> latest();
  // When all that is known was judged last; nothing while a change has not been judged.
  std::optional<SteadyTime> judged_at() const {
    return changed_ || !snapshot_ ? std::nullopt : std::optional(snapshot_->at.steady);
  }

 private:
  bool end_what_is_over();
  void judge_now();
  void judge_by(SteadyTime when);
  bool is_lapsed() const;
  bool shows_as_sound(const CheckRuntime& runtime) const;
  std::vector<std::size_t> keep_recoveries();
  bool is_awaiting(const CheckRuntime& runtime) const;
  void report_changes(const Snapshot& before) const;
  void report_awaiting(const Snapshot* before) const;

  Clock& clock_;
  Runtimes& runtimes_;
  VerdictListener listener_;
  StateListener on_changes_;
  GatesListener on_gates_;
  std::function<void()> on_endings_;
  AwaitingListener on_awaiting_;
  TurnListener on_turns_;
  std::function<void()> on_release_;
  Board board_;
  std::shared_ptr<const Snapshot> snapshot_;
  FormerVerdicts former_;
  bool changed_ = false;  // a state changed: the snapshot does not hold any more
  bool dirty_ = false;    // something was seen that the snapshot does not show
  Timer next_judgement_;
  std::optional<SteadyTime> next_judgement_at_;
};

}  // namespace gonogo
