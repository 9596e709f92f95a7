#include "daemon/scheduling/runner.h"

#include <algorithm>
#include <utility>

namespace gonogo {
namespace {

// Boot: ticks are the same before and after a restart of the daemon.
constexpr SteadyTime epoch{};

// Of many checks that are to run soon so many run at once, and the others one after the other.
constexpr int most_at_once = 20;
constexpr Duration between = std::chrono::milliseconds{10};
// A run that begins later than this was held up by this daemon.
constexpr Duration most_late = std::chrono::milliseconds{500};

bool is_under_way(const CheckRuntime& runtime) { return runtime.run && !runtime.run->is_unwound(); }

// What is known when a run is due and the one before has answered, but has not ended. While
// debounce has not settled, a target that has still not answered counts as one more failure: a job
// that hangs must not keep a check good for longer than failing runs would. Likewise when the
// answer at the deadline was unknown, because this daemon was held up, and it is on time again.
Finding still_under_way(const CheckRuntime& runtime, bool is_on_time) {
  const ProbeRun& run = *runtime.run;
  const bool is_unanswered = run.is_overdue() && !run.has_timed_out() && is_on_time;
  const bool counts_on = run.has_timed_out() && runtime.record.debounce.is_undecided();
  if (is_unanswered || counts_on) {
    runtime.run->blame_target();
    return Finding::fail(Reason::timeout, "still no answer, and the previous run is under way");
  }
  return Finding::unknown(Reason::prober, "previous run still under way");
}

}  // namespace

Runner::Runner(boost::asio::any_io_executor loop, Clock& clock, Runtimes& runtimes, Sink sink)
    : loop_(std::move(loop)), clock_(clock), runtimes_(runtimes), sink_(std::move(sink)) {}

Runner::~Runner() { stop(); }

void Runner::stop() {
  is_stopped_ = true;
  waiting_.clear();
  for (const auto& runtime : runtimes_) {
    runtime->timer.cancel();
    runtime->due.reset();
    if (!runtime->run) continue;
    runtime->run->abandon();
    leaving_.push_back(std::move(runtime->run));
  }
}

bool Runner::has_unwound() const {
  return std::all_of(leaving_.begin(), leaving_.end(),
                     [](const auto& run) { return run->is_unwound(); });
}

void Runner::start() {
  if (is_stopped_) return;
  for (const auto& runtime : runtimes_) {
    if (runtime->definition->has_probe() && !runtime->schedule) schedule(*runtime);
    runtime->record.next_run = runtime->due;
  }
  // Runs of checks that are gone gave their places away.
  begin_waiting();
}

void Runner::schedule(CheckRuntime& runtime) {
  const Check& check = *runtime.definition;
  runtime.schedule = Schedule{check.interval, phase_of(check.id)};
  if (check.on_demand) return;
  const SteadyTime now = clock_.now();
  const auto& decisive = runtime.record.decisive;
  // A run that was missed, while this daemon was down or with a longer interval, is made up for.
  const bool has_result =
      decisive && now - decisive->at.steady < check.interval && !has_no_result(runtime);
  run_by(runtime, has_result ? next_start(*runtime.schedule, epoch, now)
                             : first_start(*runtime.schedule, runtimes_.size(), now));
  if (runtime.record.debounce.is_undecided()) run_by(runtime, now + check.retry_interval);
}

void Runner::arm(CheckRuntime& runtime, SteadyTime due) {
  runtime.due = due;
  runtime.timer = clock_.call_at(due, [this, weak = runtime.weak_from_this()] {
    if (const auto self = weak.lock()) tick(*self);
  });
}

void Runner::tick(CheckRuntime& runtime) {
  const SteadyTime now = clock_.now();
  const SteadyTime due = *runtime.due;
  const Duration late = now - due;
  lateness_.add(late, now);
  if (runtime.definition->on_demand) {
    runtime.due.reset();
  } else {
    arm(runtime, next_start(*runtime.schedule, epoch, now));
  }
  if (!is_under_way(runtime)) {
    // After a stall the run that is due may have begun already, when its group had room.
    if (!runtime.run || runtime.run->began() <= due) begin(runtime);
  } else if (runtime.run->is_answered()) {
    Observation still(still_under_way(runtime, late <= most_late));
    still.at = clock_.both();
    sink_(runtime, std::move(still));
  }
}

void Runner::begin(CheckRuntime& runtime) {
  if (is_stopped_ || is_under_way(runtime)) return;
  if (const auto& group = runtime.definition->group; group && is_full(*group)) {
    // One that waits already keeps its place; a wait that takes too long ages into `stale`.
    if (!runtime.waits) waiting_.push_back(runtime.weak_from_this());
    runtime.waits = true;
    return;
  }
  run(runtime);
}

void Runner::run(CheckRuntime& runtime) {
  const Check& check = *runtime.definition;
  runtime.again = false;
  runtime.run = ProbeRun::start(
      loop_, clock_, check.probe, check.timeout,
      [this, weak = runtime.weak_from_this()](Observation seen) {
        const auto self = weak.lock();
        if (!self) return;
        sink_(*self, std::move(seen));
        follow(*self);
        begin_waiting();
      },
      runtime.memory);
  runtime.run->call_when_unwound([this, weak = runtime.weak_from_this()] {
    if (const auto self = weak.lock()) follow(*self);
  });
}

// The run that was asked for while another was under way.
void Runner::follow(CheckRuntime& runtime) {
  if (runtime.again && !is_under_way(runtime)) run_by(runtime, clock_.now());
}

bool Runner::is_full(std::size_t group) const {
  std::size_t under_way = 0;
  for (const auto& runtime : runtimes_) {
    const bool runs = runtime->run && !runtime->run->is_answered();
    if (runs && runtime->definition->group == group) ++under_way;
  }
  return under_way >= runtimes_.checklist()->groups[group].most_at_once;
}

void Runner::begin_waiting() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& weak : waiting) {
    const auto runtime = weak.lock();
    if (!runtime) continue;
    runtime->waits = false;
    begin(*runtime);  // or it waits again, behind those that came before it
  }
}

void Runner::run_now(CheckRuntime& runtime) {
  if (!runtime.definition->has_probe()) return;
  runtime.again = is_under_way(runtime);
  // Beside one that hangs there is an answer at once: that it hangs.
  if (!runtime.again || runtime.run->is_answered()) run_by(runtime, clock_.now());
}

void Runner::run_soon(const std::vector<CheckRuntime*>& checks) {
  int begun = 0;
  for (CheckRuntime* runtime : checks) {
    if (runtime->definition->on_demand) continue;
    if (begun < most_at_once) {
      run_now(*runtime);
    } else {
      runtime->again = is_under_way(*runtime);
      run_by(*runtime, clock_.now() + between * (begun - most_at_once + 1));
    }
    ++begun;
    runtime->record.next_run = runtime->due;
  }
}

void Runner::run_by(CheckRuntime& runtime, SteadyTime when) {
  if (is_stopped_ || !runtime.definition->has_probe()) return;
  if (!runtime.due || when < *runtime.due) arm(runtime, when);
}

Duration Runner::overdue() const {
  const SteadyTime now = clock_.now();
  Duration worst{};
  for (const auto& runtime : runtimes_) {
    if (runtime->due) worst = std::max(worst, now - *runtime->due);
  }
  return worst;
}

}  // namespace gonogo
