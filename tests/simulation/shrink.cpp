#include "tests/simulation/shrink.h"

#include <algorithm>
#include <utility>

namespace gonogo::simulation {
namespace {

class Shrinker {
 public:
  Shrinker(std::vector<Event> events, const Fails& fails, int tries)
      : events_(std::move(events)), fails_(fails), tries_(tries) {}

  std::vector<Event> shrunk() {
    std::size_t before = events_.size() + 1;
    while (events_.size() < before && tries_ > 0) {
      before = events_.size();
      leave_out();
      join_waits();
    }
    make_plain();
    return std::move(events_);
  }

 private:
  bool becomes(std::vector<Event> other) {
    if (tries_-- <= 0 || !fails_(other)) return false;
    events_ = std::move(other);
    return true;
  }

  // Delta debugging: large pieces first, from the end, where most events come too late to matter.
  void leave_out() {
    for (std::size_t piece = events_.size(); piece >= 1; piece /= 2) {
      std::size_t end = events_.size();
      while (end > 0 && tries_ > 0) {
        const std::size_t begin = end > piece ? end - piece : 0;
        std::vector<Event> other = events_;
        other.erase(other.begin() + static_cast<std::ptrdiff_t>(begin),
                    other.begin() + static_cast<std::ptrdiff_t>(end));
        becomes(std::move(other));
        end = std::min(begin, events_.size());
      }
    }
  }

  // Of two waits in a row one is enough, if it is long enough.
  void join_waits() {
    for (std::size_t i = 0; i + 1 < events_.size() && tries_ > 0;) {
      const bool are_waits =
          events_[i].kind == EventKind::wait && events_[i + 1].kind == EventKind::wait;
      std::vector<Event> other = events_;
      other[i].span += other[i + 1].span;
      other.erase(other.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      if (!are_waits || !becomes(std::move(other))) ++i;
    }
  }

  void make_plain() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      for (std::size_t field = 0; field < field_count(); ++field) {
        for (const Event& plainer : plainer_forms(events_[i], field)) {
          std::vector<Event> other = events_;
          other[i] = plainer;
          if (becomes(std::move(other))) break;
        }
      }
    }
  }

  std::vector<Event> events_;
  const Fails& fails_;
  int tries_;
};

}  // namespace

std::vector<Event> shrunk(std::vector<Event> events, const Fails& fails, int most_tries) {
  return Shrinker(std::move(events), fails, most_tries).shrunk();
}

}  // namespace gonogo::simulation
