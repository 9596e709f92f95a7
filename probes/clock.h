// Whether this host's clock is right, as far as its kernel knows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// What adjtimex(2) reports.
struct KernelClock {
  bool is_synchronised = false;
  Duration estimated_error{};
  Duration maximum_error{};
};

// Steps of the wall clock between runs: how far it moved compared with the boot clock.
class ClockJumps {
 public:
  ClockJumps() = default;
  // Goes on with what note() of a former run gave, which may have been in another process. Steps
  // age by the boot clock within one boot, and by the wall clock across a boot.
  ClockJumps(const std::string& note, Now now);
  std::string note() const;

  // The worst step within the `window` that ends at `now`, with its sign.
  Duration worst(Now now, Duration window);

 private:
  struct Jump {
    SteadyTime at;
    Duration by;
  };
  std::optional<Now> last_;
  std::vector<Jump> jumps_;
};

std::unique_ptr<Probe> make_clock(Settings& settings, Resources& resources);

}  // namespace gonogo
