// One life of the daemon in a simulation: its kernel and its store, under a clock that is moved.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/io/blocking_pool.h"
#include "daemon/kernel.h"
#include "tests/simulation/world.h"
#include "tests/support/fake_clock.h"

namespace gonogo::simulation {

class Life {
 public:
  // Begins at `now`, when the wall clock is so far ahead of where a FakeClock has it. `on_settled`
  // is called whenever the daemon has nothing more to do at an instant.
  Life(const std::string& path, SteadyTime now, Duration wall_ahead, World& world, Faults& faults,
       std::function<void()> on_settled);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void put_in_force(const Config& config) { kernel.put_in_force(config); }
  void decide(boost::asio::awaitable<Decided> deciding, std::function<void(bool)> decided);
  // Until loop and pool have nothing more to do at this instant. No time passes meanwhile.
  void drain();
  // Ends as the daemon does: nothing is run any more, and what was decided is written.
  void end();

  // What was heard of the verdict last.
  struct Heard {
    bool go = false;
    WallTime since{};
  };
  std::optional<Heard> heard;

 private:
  Faults& faults_;
  World& world_;

 public:
  boost::asio::io_context loop{1};
  FakeClock clock;
  BlockingPool pool;
  std::unique_ptr<Store> store;
  Kernel kernel;

 private:
  bool is_quiet() const;
  bool has_ended_ = false;
};

}  // namespace gonogo::simulation
