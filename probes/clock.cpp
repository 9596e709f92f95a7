#include "probes/clock.h"

#include <sys/timex.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/formats/json_text.h"
#include "daemon/formats/kept_time.h"
#include "daemon/formats/settings.h"
#include "daemon/io/boot_id.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

// What is kept beyond that is the largest.
constexpr std::size_t most_jumps = 64;

struct ClockSettings {
  bool synchronised = true;
  std::optional<Duration> max_error;
  std::optional<Duration> warn_error;
  std::optional<Duration> max_jump;
  Duration window{};
  std::string note_name;
};

// Only reads the clock's state: with `modes` 0 the call changes nothing.
KernelClock ask_kernel() {
  timex answer{};
  const int state = ::adjtimex(&answer);
  if (state < 0) {
    throw RunEnded(
        Finding::unknown(Reason::prober, std::string("adjtimex: ") + std::strerror(errno)));
  }
  KernelClock clock;
  clock.is_synchronised = state != TIME_ERROR && (answer.status & STA_UNSYNC) == 0;
  clock.estimated_error = std::chrono::microseconds{answer.esterror};
  clock.maximum_error = std::chrono::microseconds{answer.maxerror};
  return clock;
}

Duration size_of(Duration span) { return span < Duration::zero() ? -span : span; }

class ClockProbe : public Probe {
 public:
  ClockProbe(ClockSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::judge);
    const Now now = resources_.clock.both();
    ClockJumps jumps(attempt.memory().note().value_or(""), now);
    const Duration worst = jumps.worst(now, settings_.window);
    attempt.memory().write_note(jumps.note());
    co_return judge(ask_kernel(), worst);
  }

  std::string note_name() const override { return settings_.note_name; }

 private:
  Finding judge(const KernelClock& clock, Duration jump) const {
    const std::string error = to_words(clock.maximum_error);
    Finding finding = Finding::pass((clock.is_synchronised ? "synchronised, " : "") +
                                    std::string("at most ") + error + " off");
    if (settings_.synchronised && !clock.is_synchronised) {
      finding = Finding::fail(Reason::threshold,
                              "the kernel's clock is not synchronised, wanted synchronised");
    } else if (settings_.max_error && clock.maximum_error > *settings_.max_error) {
      finding =
          Finding::fail(Reason::threshold, "the clock may be " + error + " off, wanted at most " +
                                               to_words(*settings_.max_error));
    } else if (settings_.max_jump && size_of(jump) > *settings_.max_jump) {
      finding =
          Finding::fail(Reason::threshold, "the clock was set " + to_words(size_of(jump)) +
                                               (jump < Duration::zero() ? " back" : " forward") +
                                               " within " + to_words(settings_.window) +
                                               ", wanted at most " + to_words(*settings_.max_jump));
    } else if (settings_.warn_error && clock.maximum_error > *settings_.warn_error) {
      finding =
          Finding::warn(Reason::threshold, "the clock may be " + error + " off, a warning above " +
                                               to_words(*settings_.warn_error));
    }
    finding.measure("synchronised", clock.is_synchronised ? 1 : 0, "count");
    finding.measure("estimated_error", in_seconds(clock.estimated_error), "seconds");
    finding.measure("maximum_error", in_seconds(clock.maximum_error), "seconds");
    finding.measure("jump", in_seconds(jump), "seconds");
    return finding;
  }

  ClockSettings settings_;
  Resources& resources_;
};

}  // namespace

ClockJumps::ClockJumps(const std::string& note, Now now) {
  const json kept = json::parse(note, nullptr, false);
  if (!kept.is_object()) return;
  try {
    const bool same_boot = is_this_boot(kept.at("boot").get<std::string>());
    for (const json& jump : kept.at("jumps"))
      jumps_.push_back(
          {recalled_time(jump.at(0), same_boot, now), Duration{jump.at(1).get<std::int64_t>()}});
    // Both clocks of another boot began anew: nothing can be said of a step between them.
    if (!same_boot || kept.at("last").is_null()) return;
    const json& last = kept.at("last");
    last_ = Now{SteadyTime{Duration{last.at(0).get<std::int64_t>()}},
                WallTime{std::chrono::microseconds{last.at(1).get<std::int64_t>()}}};
    if (last_->steady > now.steady) last_.reset();
  } catch (const json::exception&) {
    jumps_.clear();
    last_.reset();
  }
}

std::string ClockJumps::note() const {
  if (!last_) return {};
  json kept{
      {"boot", boot_id()}, {"last", kept_time(last_->steady, *last_)}, {"jumps", json::array()}};
  for (const Jump& jump : jumps_)
    kept["jumps"].push_back({kept_time(jump.at, *last_), jump.by.count()});
  return to_json_text(kept);
}

Duration ClockJumps::worst(Now now, Duration window) {
  // Slewing moves a clock by at most 0.05% (adjtimex(2)); anything more was a step.
  if (last_) {
    const Duration passed = now.steady - last_->steady;
    const Duration moved = now.wall - last_->wall - passed;
    if (size_of(moved) > passed / 1000 + std::chrono::milliseconds{10})
      jumps_.push_back({now.steady, moved});
  }
  last_ = now;
  if (jumps_.size() > most_jumps) {
    jumps_.erase(std::min_element(jumps_.begin(), jumps_.end(), [](const Jump& a, const Jump& b) {
      return size_of(a.by) < size_of(b.by);
    }));
  }
  std::erase_if(jumps_, [&](const Jump& jump) { return now.steady - jump.at > window; });
  Duration worst{};
  for (const Jump& jump : jumps_) {
    if (size_of(jump.by) > size_of(worst)) worst = jump.by;
  }
  return worst;
}

std::unique_ptr<Probe> make_clock(Settings& settings, Resources& resources) {
  ClockSettings clock;
  clock.synchronised = settings.flag_or("synchronised", true);
  clock.max_error = settings.duration("max_error");
  clock.warn_error = settings.duration("warn_error");
  clock.max_jump = settings.duration("max_jump");
  clock.window = settings.duration("jump_window").value_or(std::chrono::minutes{10});
  clock.note_name = settings.path();
  settings.finish();
  return std::make_unique<ClockProbe>(std::move(clock), resources);
}

}  // namespace gonogo
