#include "daemon/scheduling/renewal_watch.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "daemon/io/blocking_pool.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// Often enough for checks of a few seconds' interval; a few calls of stat(2) cost nothing.
constexpr Duration interval = 2s;

}  // namespace

RenewalWatch::RenewalWatch(asio::any_io_executor loop, Clock& clock, BlockingPool& pool,
                           Renewed renewed)
    : loop_(std::move(loop)), clock_(clock), pool_(pool), renewed_(std::move(renewed)) {}

void RenewalWatch::watch(Renewables renewables) {
  renewables_ = std::move(renewables);
  unsound_.clear();
  timer_.cancel();
  if (!renewables_.empty()) timer_ = clock_.call_at(clock_.now() + interval, [this] { tick(); });
}

void RenewalWatch::stop() {
  renewables_.clear();
  timer_.cancel();
}

// Every renewable and its parts; one that several checks share comes once for each.
template <typename Action>
void RenewalWatch::for_each(Action action) const {
  for (const auto& [check, all] : renewables_) {
    for (const auto& renewable : all) {
      action(check, renewable);
      for (const auto& part : renewable->parts()) action(check, part);
    }
  }
}

void RenewalWatch::tick() {
  timer_ = clock_.call_at(clock_.now() + interval, [this] { tick(); });
  std::set<std::string> paths;
  for_each([&paths](const std::string&, const std::shared_ptr<Renewable>& renewable) {
    for (const auto& [path, stamp] : renewable->stamps()) paths.insert(path);
  });
  for (const std::string& path : paths) {
    if (!stamping_.insert(path).second) continue;
    asio::co_spawn(loop_, take_stamp(path), [this, path](std::exception_ptr) {
      // Without a worker nothing is known; the check `prober` reports that, and the next tick
      // tries.
      stamping_.erase(path);
    });
  }
}

asio::awaitable<void> RenewalWatch::take_stamp(std::string path) {
  auto work = [path] { return stamp_of(path); };
  auto taking = offload(pool_, std::move(work));
  const std::string stamp = co_await std::move(taking);
  std::map<const Renewable*, std::shared_ptr<Renewable>> changed;
  for_each([&](const std::string&, const std::shared_ptr<Renewable>& renewable) {
    const auto known = renewable->stamps().find(path);
    if (known != renewable->stamps().end() && known->second != stamp)
      changed.emplace(renewable.get(), renewable);
  });
  for (const auto& [address, renewable] : changed) {
    if (!reading_.insert(address).second) continue;
    asio::co_spawn(loop_, read(renewable), [this, key = address](std::exception_ptr) {
      reading_.erase(key);  // as above
    });
  }
}

asio::awaitable<void> RenewalWatch::read(std::shared_ptr<Renewable> renewable) {
  auto reader = renewable->reader();
  auto reading = offload(pool_, std::move(reader));
  Renewable::Renewal renewal = co_await std::move(reading);
  take(renewable, std::move(renewal));
}

void RenewalWatch::take(const std::shared_ptr<Renewable>& renewable, Renewable::Renewal renewal) {
  std::set<std::string> checks;
  for_each([&](const std::string& check, const std::shared_ptr<Renewable>& each) {
    if (each == renewable) checks.insert(check);
  });
  // A reload has replaced it meanwhile.
  if (checks.empty()) return;
  if (!renewal.is_sound && unsound_[renewable.get()] != renewal.stamps) {
    unsound_[renewable.get()] = std::move(renewal.stamps);
    return;
  }
  unsound_.erase(renewable.get());
  if (renewal.put_in_force()) renewed_({checks.begin(), checks.end()});
}

}  // namespace gonogo
