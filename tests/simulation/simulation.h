// Plays a list of events on the real kernel and the real store, and holds both against the clerk
// after each of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/clerk.h"
#include "tests/simulation/deploys.h"
#include "tests/simulation/event.h"
#include "tests/simulation/life.h"
#include "tests/simulation/world.h"

namespace gonogo::simulation {

struct Figures {
  std::uint64_t events = 0;
  std::uint64_t restarts = 0;
  std::uint64_t gos = 0;
  std::uint64_t no_gos = 0;
  std::uint64_t decisions = 0;
  std::uint64_t regressed = 0;
  std::uint64_t verified = 0;
  std::uint64_t unproven = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t waived = 0;  // times a check that is not good by itself was
  std::uint64_t held = 0;    // times a check was, because it flapped
  std::uint64_t frozen = 0;
  std::uint64_t composites_bad = 0;
  std::uint64_t composites_good = 0;
  std::uint64_t hung = 0;     // runs that did not answer in time
  std::uint64_t reached = 0;  // the verdict, after NO-GO

  using Field = std::pair<const char*, std::uint64_t Figures::*>;
  static const std::vector<Field>& fields();
};

class Simulation {
 public:
  // `folder` is empty, and is the simulation's own.
  explicit Simulation(std::string folder);
  ~Simulation();

  // Plays one more event. False when something was wrong; then fault() says what.
  bool play(const Event& event);
  // Ends the last life.
  void finish();
  const std::optional<std::string>& fault() const { return faults_.first; }
  const Figures& figures() const { return figures_; }

 private:
  void act(const Event& event);
  void write(const Event& event);
  void pass_time(const Event& event);
  void act_on_targets(const Event& event);
  void reload();
  void begin_life(SteadyTime now);
  void restart(Duration down, Duration step);
  Config config();

  void ask(boost::asio::awaitable<Decided> deciding, std::function<void()> write_down);
  void decide(const Event& event);
  void waive(const Event& event, WallTime asked);
  void deploy(const Event& event);

  void settled();
  void compare(const Event& event);
  void compare_runs(Now now);
  void compare_verdict();
  void compare_states(const Snapshot& snapshot, const Bounds& ruled);
  void count(const Snapshot& snapshot);
  void compare_heard(const Bounds& ruled, Now now);
  void expect_evidence(const Event& event);

  std::string path_;
  Faults faults_;
  Clerk clerk_;
  World world_;
  Deploys deploys_;
  Plan written_;   // in the file
  Plan in_force_;  // in the daemon
  int reloads_ = 0;
  int undecided_ = 0;      // decisions that are not answered yet
  Duration wall_ahead_{};  // of the boot clock
  std::unique_ptr<Life> life_;
  bool was_go_ = true;
  bool was_set_ = false;  // the wall clock, since the verdict was asked for
  std::optional<SteadyTime> differs_since_;
  struct Sound {
    bool is_sound = false;
    CheckSpec spec{};
  };
  std::map<std::int64_t, Sound> sound_;  // after the last event
  Figures figures_;
};

// Why the events end with a fault, and after how many of them; nothing when all is well.
struct Failure {
  std::string text;
  std::size_t events = 0;
};
std::optional<Failure> play(const std::vector<Event>& events, Figures* figures = nullptr);

}  // namespace gonogo::simulation
