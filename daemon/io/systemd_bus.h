// systemd's manager over D-Bus (org.freedesktop.systemd1(5)). All of it blocks, within a bound: for
// the pool. Throws IoError.
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
  // The system bus, or, for root where there is none, systemd's private socket.
  explicit SystemdBus(Duration timeout);
  ~SystemdBus();
  SystemdBus(const SystemdBus&) = delete;
  SystemdBus& operator=(const SystemdBus&) = delete;

  UnitFacts unit(const std::string& name);
  std::vector<std::string> failed_units();
  std::vector<std::string> timers();
  // `now`: by both clocks, for what systemd tells by the monotonic one.
  TimerFacts timer(const std::string& name, Now now);
  // The command lines of a service, each as one text.
  std::vector<std::string> commands_of(const std::string& service);

 private:
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
