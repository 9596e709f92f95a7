#include "daemon/core/timer_queue.h"

#include <utility>

namespace gonogo {

std::uint64_t TimerQueue::add(SteadyTime when, std::function<void()> action) {
  const std::uint64_t id = ++last_id_;
  actions_.emplace(std::pair{when, id}, std::move(action));
  times_.emplace(id, when);
  return id;
}

void TimerQueue::remove(std::uint64_t id) {
  const auto found = times_.find(id);
  if (found == times_.end()) return;
  // The action may own what owns this timer: it dies after the queue is whole again.
  const auto node = actions_.extract({found->second, id});
  times_.erase(found);
}

std::optional<SteadyTime> TimerQueue::earliest() const {
  if (actions_.empty()) return std::nullopt;
  return actions_.begin()->first.first;
}

std::function<void()> TimerQueue::take_due(SteadyTime now) {
  if (actions_.empty() || actions_.begin()->first.first > now) return {};
  auto node = actions_.extract(actions_.begin());
  times_.erase(node.key().second);
  return std::move(node.mapped());
}

}  // namespace gonogo
