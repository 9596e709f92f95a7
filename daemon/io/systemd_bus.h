// systemd's manager over D-Bus (org.freedesktop.systemd1(5)). Every call blocks, within a bound:
// make it on the pool. Each may throw IoError.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

struct UnitFacts {
  std::string id;
  std::string load_state;    // "loaded", "not-found", "masked"
  std::string active_state;  // "active", "failed", "inactive"
  std::string sub_state;     // "running", "dead"
  std::string result;        // of a service: "success", "exit-code"; empty for others
  std::int64_t restarts = 0;
};

struct TimerFacts {
  std::string id;
  std::string triggers;  // the unit it starts
  std::optional<WallTime> last;
  std::optional<WallTime> next;
};

class SystemdBus {
 public:
  // Uses the system bus; root uses systemd's private socket where there is no bus.
  explicit SystemdBus(Duration timeout);
  ~SystemdBus();
  SystemdBus(const SystemdBus&) = delete;
  SystemdBus& operator=(const SystemdBus&) = delete;

  UnitFacts unit(const std::string& name);
  std::vector<std::string> failed_units();
  std::vector<std::string> timers();
  // `now` is the time of both clocks, because some times of systemd are monotonic.
  TimerFacts timer(const std::string& name, Now now);
  // The command lines of a service, each as one text.
  std::vector<std::string> commands_of(const std::string& service);

 private:
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
