#include "tests/simulation/run.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/simulation/shrink.h"

namespace gonogo::simulation {
namespace {

void add(Figures& sum, const Figures& figures) {
  for (const auto& [name, field] : Figures::fields()) sum.*field += figures.*field;
}

// Without the numbers of checks, spans and the like: what kind of fault it is.
std::string kind_of(const Failure& failure) {
  std::string kind = failure.text;
  std::erase_if(kind, [](char c) { return c >= '0' && c <= '9'; });
  return kind;
}

std::string explain(std::uint64_t seed, std::vector<Event> events, const Failure& failure) {
  std::string text = "seed " + std::to_string(seed) + ", event " + std::to_string(failure.events) +
                     ": " + failure.text + "\n";
  events.resize(failure.events);
  const std::string kind = kind_of(failure);
  const Fails fails = [&kind](const std::vector<Event>& list) {
    const auto other = play(list);
    return other && kind_of(*other) == kind;
  };
  const std::vector<Event> few = shrunk(std::move(events), fails);
  const auto again = play(few);
  text += "shrunk to " + std::to_string(few.size()) +
          " events: " + (again ? again->text : "nothing is wrong (not deterministic)") + "\n";
  return text + to_text(few);
}

// What several threads do: each takes the next seed, until there is none or one has failed.
class Series {
 public:
  explicit Series(const RunPlan& plan) : plan_(plan) {}

  void work() {
    while (const auto seed = next()) {
      Figures figures;
      std::vector<Event> events = draw_events(*seed, events_of(*seed));
      const auto failure = play(events, &figures);
      const std::scoped_lock lock(mutex_);
      add(report_.figures, figures);
      ++report_.seeds;
      if (!failure || (failed_ && *failed_ < *seed)) continue;
      failed_ = *seed;
      failure_ = *failure;
    }
  }

  RunReport report() {
    if (failed_)
      report_.failure = explain(*failed_, draw_events(*failed_, events_of(*failed_)), failure_);
    return report_;
  }

 private:
  std::uint64_t last() const { return plan_.first_seed + (plan_.events - 1) / plan_.each; }
  std::uint64_t events_of(std::uint64_t seed) const {
    const std::uint64_t before = (seed - plan_.first_seed) * plan_.each;
    return std::min(plan_.each, plan_.events - before);
  }
  std::optional<std::uint64_t> next() {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t seed = plan_.first_seed + taken_;
    if (failed_ || seed > last()) return std::nullopt;
    ++taken_;
    return seed;
  }

  const RunPlan& plan_;
  std::mutex mutex_;
  std::uint64_t taken_ = 0;
  RunReport report_;
  std::optional<std::uint64_t> failed_;  // the first seed that failed
  Failure failure_;
};

}  // namespace

RunReport run_simulations(const RunPlan& plan) {
  if (plan.events == 0 || plan.each == 0) return {};
  Series series(plan);
  std::vector<std::thread> others;
  for (std::uint64_t job = 1; job < plan.jobs; ++job)
    others.emplace_back([&series] { series.work(); });
  series.work();
  for (std::thread& other : others) other.join();
  return series.report();
}

std::string to_text(const RunReport& report) {
  std::string text = report.failure + std::to_string(report.seeds) + " seeds";
  for (const auto& [name, field] : Figures::fields())
    text += ", " + std::to_string(report.figures.*field) + " " + name;
  return text;
}

}  // namespace gonogo::simulation
