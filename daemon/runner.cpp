#include "daemon/runner.h"

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
  std::shared_ptr<Look> look;
  bool again = false;  // asked for during the look
};

namespace {

// Boot: ticks are the same before and after a restart of the daemon.
constexpr SteadyTime epoch{};

}  // namespace

Runner::Runner(boost::asio::any_io_executor loop, Clock& clock, Sink sink)
    : loop_(std::move(loop)), clock_(clock), sink_(std::move(sink)) {}

Runner::~Runner() { stop(); }

void Runner::stop() {
  for (const auto& task : tasks_) {
    if (task && task->look) task->look->abandon();
  }
  tasks_.clear();
}

void Runner::run(std::shared_ptr<const Checklist> checklist,
                 std::vector<std::shared_ptr<Probe>> probes, const std::vector<bool>& has_result) {
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
      if (before.fingerprint == check.fingerprint && before.interval == check.interval) {
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
    const SteadyTime now = clock_.now();
    arm(tasks[i], has_result[i] ? next_start(tasks[i]->schedule, epoch, now)
                                : first_start(tasks[i]->schedule, tasks.size(), now));
  }
  for (const auto& [id, task] : former) {
    if (task && task->look) task->look->abandon();
  }
  tasks_ = std::move(tasks);
  checklist_ = std::move(checklist);
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
  arm(task, next_start(task->schedule, epoch, now));
  begin(task);
}

void Runner::begin(const std::shared_ptr<Task>& task) {
  if (task->look && !task->look->is_unwound()) {
    if (task->look->is_answered()) {
      Observation still(Finding::unknown(Reason::prober, "previous look still running"));
      still.at = clock_.both();
      sink_(task->index, std::move(still));
    }
    return;
  }
  const Check& check = checklist_->checks[task->index];
  task->again = false;
  task->look = Look::start(loop_, clock_, task->probe, check.timeout,
                           [this, weak = std::weak_ptr(task)](Observation seen) {
                             const auto self = weak.lock();
                             if (!self) return;
                             sink_(self->index, std::move(seen));
                             if (self->again) look_by(self->index, clock_.now());
                           });
}

void Runner::look_now(std::size_t index) {
  const std::shared_ptr<Task>& task = tasks_[index];
  if (!task) return;
  task->again = task->look && !task->look->is_unwound();
  if (!task->again) look_by(index, clock_.now());
}

void Runner::look_by(std::size_t index, SteadyTime when) {
  const std::shared_ptr<Task>& task = tasks_[index];
  if (task && when < task->due) arm(task, when);
}

std::optional<SteadyTime> Runner::next_look(std::size_t index) const {
  if (!tasks_[index]) return std::nullopt;
  return tasks_[index]->due;
}

Duration Runner::overdue() const {
  const SteadyTime now = clock_.now();
  Duration worst{};
  for (const auto& task : tasks_) {
    if (task) worst = std::max(worst, now - task->due);
  }
  return worst;
}

}  // namespace gonogo
