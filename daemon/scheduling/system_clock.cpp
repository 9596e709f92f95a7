#include "daemon/scheduling/system_clock.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>

namespace gonogo {
namespace {

timespec read(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return time;
}

int open_timer() {
  const int fd = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "timerfd_create");
  return fd;
}

}  // namespace

SystemClock::SystemClock(boost::asio::io_context& loop) : descriptor_(loop, open_timer()) {
  wait();
}

SteadyTime SystemClock::now() const {
  const timespec time = read(CLOCK_BOOTTIME);
  return SteadyTime{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

WallTime SystemClock::read_wall() const {
  const timespec time = read(CLOCK_REALTIME);
  return WallTime{std::chrono::seconds{time.tv_sec} +
                  std::chrono::microseconds{time.tv_nsec / 1000}};
}

Timer SystemClock::call_at(SteadyTime when, std::function<void()> action) {
  const std::uint64_t id = queue_.add(when, std::move(action));
  arm();
  return timer(id);
}

void SystemClock::cancel(std::uint64_t id) {
  // The timer may now fire for nothing: cheaper than setting it anew for every cancelled deadline.
  queue_.remove(id);
}

void SystemClock::arm() {
  const std::optional<SteadyTime> earliest = queue_.earliest();
  if (!earliest || (armed_for_ && *armed_for_ <= *earliest)) return;
  armed_for_ = earliest;
  // Zero would disarm it; a moment in the past fires at once.
  const Duration since_boot = std::max(earliest->time_since_epoch(), Duration{1});
  itimerspec setting{};
  setting.it_value.tv_sec = since_boot / std::chrono::seconds{1};
  setting.it_value.tv_nsec = (since_boot % std::chrono::seconds{1}).count();
  ::timerfd_settime(descriptor_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

void SystemClock::wait() {
  descriptor_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
        if (error) return;
        std::uint64_t expirations = 0;
        [[maybe_unused]] const ssize_t size =
            ::read(descriptor_.native_handle(), &expirations, sizeof expirations);
        armed_for_.reset();
        run_due();
        arm();
        wait();
      });
}

void SystemClock::run_due() {
  // Runs only what is due at this moment. What those actions add waits for the next call, so that
  // sockets are served in between.
  const SteadyTime moment = now();
  while (auto action = queue_.take_due(moment)) action();
}

}  // namespace gonogo
