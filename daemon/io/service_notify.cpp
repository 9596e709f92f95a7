#include "daemon/io/service_notify.h"

#include <systemd/sd-daemon.h>

#include <ctime>

#include "daemon/core/text.h"

namespace gonogo {

void notify_ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + on_one_line(status)).c_str());
}

void notify_reloading() {
  // By the time stamp systemd knows that this answers its present request, not an older one.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", micros);
}

void notify_stopping() { ::sd_notify(0, "STOPPING=1"); }

void notify_status(const std::string& status) {
  ::sd_notify(0, ("STATUS=" + on_one_line(status)).c_str());
}

void notify_watchdog() { ::sd_notify(0, "WATCHDOG=1"); }

std::optional<Duration> watchdog_interval() {
  std::uint64_t micros = 0;
  if (::sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return std::chrono::microseconds{micros};
}

}  // namespace gonogo
