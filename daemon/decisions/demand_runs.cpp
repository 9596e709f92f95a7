#include "daemon/decisions/demand_runs.h"

#include <set>
#include <utility>

#include "daemon/core/own_state.h"
#include "daemon/core/text.h"
#include "daemon/io/waiter.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr Duration ask_every = 100ms;
// A run waits for room in its group, beside its own timeout.
constexpr Duration longest_wait = 1min;
constexpr Duration longest_in_all = 30min;

class MissingRuns {
 public:
  explicit MissingRuns(const Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<std::string> find() {
    for (std::size_t i = 0; i < snapshot_.checks.size(); ++i) {
      if (list().checks[i].severity == Severity::blocker) need(i);
    }
    return std::move(missing_);
  }

 private:
  const Checklist& list() const { return *snapshot_.checklist; }

  void need(std::size_t index) {
    if (snapshot_.checks[index].waiver || !seen_.insert(index).second) return;
    const Check& check = list().checks[index];
    for (const std::size_t needed : check.depends_on) need(needed);
    if (check.composite) {
      for (const CompositeRule::Member& member : check.composite->members) need(member);
    }
    const CheckRecord& record = snapshot_.checks[index].record;
    // It has compared nothing with the release in force yet.
    const bool lacks_release = check.is_of_release && !record.decisive;
    if (!check.has_probe() || (!check.on_demand && !lacks_release)) return;
    const CheckState state = own_state(check, record, snapshot_.at.steady).state;
    if (state == CheckState::pending || state == CheckState::stale) missing_.push_back(check.id);
  }

  void need(const CompositeRule::Member& member) {
    if (!member.is_gate) {
      need(member.index);
      return;
    }
    for (const std::size_t index : list().gates[member.index].checks) {
      if (list().checks[index].severity == Severity::blocker) need(index);
    }
  }

  const Snapshot& snapshot_;
  std::set<std::size_t> seen_;
  std::vector<std::string> missing_;
};

}  // namespace

std::vector<std::string> missing_runs(const Snapshot& snapshot) {
  return MissingRuns(snapshot).find();
}

asio::awaitable<void> DemandRuns::pause() {
  const auto waiter = std::make_shared<Waiter>();
  pausing_ = waiter;
  timer_ = clock_.call_at(clock_.now() + ask_every, [waiter] { waiter->resume({}); });
  auto begin = [] {};
  auto cancelled = [] {};  // the timer comes soon
  auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
}

void DemandRuns::stop() {
  is_stopped_ = true;
  timer_.cancel();
  if (const auto waiter = std::exchange(pausing_, nullptr)) waiter->resume({});
}

asio::awaitable<DemandRuns::Ran> DemandRuns::run(std::vector<std::string> ids,
                                                 std::function<bool()> is_waited_for) {
  Ran ran;
  const SteadyTime latest_of_all = clock_.now() + longest_in_all;
  for (const std::string& id : ids) {
    CheckRuntime* runtime = runtimes_.find(id);
    if (runtime == nullptr) continue;  // a reload took it away
    const std::shared_ptr<const Observation> before = runtime->record.last;
    const SteadyTime latest =
        std::min(latest_of_all, clock_.now() + runtime->definition->timeout + longest_wait);
    runner_.run_now(*runtime);
    ran.checks.push_back(id);
    while (runtime != nullptr && runtime->record.last == before) {
      if (is_stopped_) {
        ran.problem = "this daemon is stopping";
        co_return ran;
      }
      if (!is_waited_for()) {
        ran.problem = "nobody waits for the answer any more";
        co_return ran;
      }
      if (clock_.now() >= latest) {
        ran.problem = in_quotes(id) + " was run and has no result yet";
        co_return ran;
      }
      auto pausing = pause();
      co_await std::move(pausing);
      runtime = runtimes_.find(id);
    }
  }
  if (!is_waited_for()) ran.problem = "nobody waits for the answer any more";
  co_return ran;
}

}  // namespace gonogo
