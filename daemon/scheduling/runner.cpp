#include "daemon/scheduling/runner.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gonogo {

struct Runner::Task {
  std::size_t index = 0;
  std::shared_ptr<Probe> probe;
  Schedule schedule;
  SteadyTime due{};
  Timer timer;
  std::shared_ptr<ProbeRun> run;
  bool again = false;  // asked for during the look
  bool waits = false;  // for room in its group
};

namespace {

// Boot: ticks are the same before and after a restart of the daemon.
constexpr SteadyTime epoch{};
constexpr SteadyTime never = SteadyTime::max();

}  // namespace

Runner::Runner(boost::asio::any_io_executor loop, Clock& clock, Sink sink)
    : loop_(std::move(loop)), clock_(clock), sink_(std::move(sink)) {}

Runner::~Runner() { stop(); }

void Runner::stop() {
  for (const auto& task : tasks_) {
    if (!task || !task->run) continue;
    task->run->abandon();
    leaving_.push_back(task->run);
  }
  tasks_.clear();
}

bool Runner::has_unwound() const {
  return std::all_of(leaving_.begin(), leaving_.end(),
                     [](const auto& run) { return run->is_unwound(); });
}

void Runner::start(std::shared_ptr<const Checklist> checklist,
                   std::vector<std::shared_ptr<Probe>> probes,
                   const std::vector<bool>& has_result) {
  std::map<std::string, std::shared_ptr<Task>> former;
  for (const auto& task : tasks_) {
    if (task) former.emplace(checklist_->checks[task->index].id, task);
  }
  std::vector<std::shared_ptr<Task>> tasks(checklist->checks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Check& check = checklist->checks[i];
    if (!check.has_probe) continue;
    const auto found = former.find(check.id);
    if (found != former.end()) {
      const Check& before = checklist_->checks[found->second->index];
      if (before.fingerprint == check.fingerprint && before.interval == check.interval &&
          before.on_demand == check.on_demand) {
        // The look under way goes on with the probe it began with.
        tasks[i] = std::move(found->second);
        former.erase(found);
        tasks[i]->index = i;
        tasks[i]->probe = std::move(probes[i]);
        continue;
      }
    }
    tasks[i] = std::make_shared<Task>();
    tasks[i]->index = i;
    tasks[i]->probe = std::move(probes[i]);
    tasks[i]->schedule = {check.interval, phase_of(check.id)};
    if (check.on_demand) {
      tasks[i]->due = never;
      continue;
    }
    const SteadyTime now = clock_.now();
    arm(tasks[i], has_result[i] ? next_start(tasks[i]->schedule, epoch, now)
                                : first_start(tasks[i]->schedule, tasks.size(), now));
  }
  for (const auto& [id, task] : former) {
    if (task && task->run) task->run->abandon();
  }
  tasks_ = std::move(tasks);
  checklist_ = std::move(checklist);
  // Looks of removed checks gave their places away.
  begin_waiting();
}

void Runner::arm(const std::shared_ptr<Task>& task, SteadyTime due) {
  task->due = due;
  task->timer = clock_.call_at(due, [this, weak = std::weak_ptr(task)] {
    if (const auto self = weak.lock()) tick(self);
  });
}

void Runner::tick(const std::shared_ptr<Task>& task) {
  const SteadyTime now = clock_.now();
  lateness_.add(now - task->due, now);
  if (checklist_->checks[task->index].on_demand) {
    task->due = never;
  } else {
    arm(task, next_start(task->schedule, epoch, now));
  }
  begin(task);
}

void Runner::begin(const std::shared_ptr<Task>& task) {
  if (task->run && !task->run->is_unwound()) {
    if (task->run->is_answered()) {
      Observation still(Finding::unknown(Reason::prober, "previous look still running"));
      still.at = clock_.both();
      sink_(task->index, std::move(still));
    }
    return;
  }
  const Check& check = checklist_->checks[task->index];
  if (check.group && is_full(*check.group)) {
    // Who waits already keeps its place; a wait that takes too long ages into `stale`.
    if (!task->waits) waiting_.push_back(task);
    task->waits = true;
    return;
  }
  task->again = false;
  task->run = ProbeRun::start(loop_, clock_, task->probe, check.timeout,
                              [this, weak = std::weak_ptr(task)](Observation seen) {
                                const auto self = weak.lock();
                                if (!self) return;
                                sink_(self->index, std::move(seen));
                                if (self->again) run_by(self->index, clock_.now());
                                begin_waiting();
                              });
}

bool Runner::is_full(std::size_t group) const {
  std::size_t under_way = 0;
  for (const auto& task : tasks_) {
    const bool runs = task && task->run && !task->run->is_answered();
    if (runs && checklist_->checks[task->index].group == group) ++under_way;
  }
  return under_way >= checklist_->groups[group].most_at_once;
}

void Runner::begin_waiting() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& weak : waiting) {
    const auto task = weak.lock();
    if (!task) continue;
    task->waits = false;
    begin(task);  // or waits again, behind who came before
  }
}

void Runner::run_now(std::size_t index) {
  const std::shared_ptr<Task>& task = tasks_[index];
  if (!task) return;
  task->again = task->run && !task->run->is_unwound();
  if (!task->again) run_by(index, clock_.now());
}

void Runner::run_by(std::size_t index, SteadyTime when) {
  const std::shared_ptr<Task>& task = tasks_[index];
  if (task && when < task->due) arm(task, when);
}

std::optional<SteadyTime> Runner::next_run(std::size_t index) const {
  if (!tasks_[index] || tasks_[index]->due == never) return std::nullopt;
  return tasks_[index]->due;
}

Duration Runner::overdue() const {
  const SteadyTime now = clock_.now();
  Duration worst{};
  for (const auto& task : tasks_) {
    if (task && task->due != never) worst = std::max(worst, now - task->due);
  }
  return worst;
}

}  // namespace gonogo
