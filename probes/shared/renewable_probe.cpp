#include "probes/shared/renewable_probe.h"

#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/io/blocking_pool.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

RenewableProbe::RenewableProbe(MadeProbe first, Maker again, Resources& resources)
    : made_(std::move(first)), again_(std::move(again)), resources_(resources) {}

asio::awaitable<Finding> RenewableProbe::run(Attempt& attempt) {
  if (!made_.lack.empty()) co_return Finding::fail(Reason::secret, made_.lack);
  const std::vector<std::string> used = made_.values;
  auto first = run_once(made_.probe, attempt);
  Finding finding = co_await std::move(first);
  if (finding.outcome != Outcome::fail) co_return finding;
  if (finding.reason != Reason::auth && !finding.is_refused) co_return finding;
  const Stage refused_at = attempt.stage();
  attempt.enter(Stage::read);
  auto reading = read_again(used);
  const bool differs = co_await std::move(reading);
  attempt.enter(refused_at);
  if (!differs) co_return finding;
  auto second = run_once(made_.probe, attempt);
  finding = co_await std::move(second);
  co_return finding;
}

// `probe` lives until its run has ended, even if another takes its place meanwhile.
asio::awaitable<Finding> RenewableProbe::run_once(std::shared_ptr<Probe> probe, Attempt& attempt) {
  std::exception_ptr error;
  Finding finding;
  try {
    auto running = probe->run(attempt);
    finding = co_await std::move(running);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) finding = finding_of(error, attempt.stage());
  co_return finding;
}

// Whether there are other secrets than those that were refused. What lacks for a moment, because
// somebody is writing the file, replaces nothing.
asio::awaitable<bool> RenewableProbe::read_again(const std::vector<std::string>& refused) {
  MadeProbe made;
  try {
    Maker again = again_;
    auto reading = offload(resources_.pool, std::move(again));
    made = co_await std::move(reading);
  } catch (const IoError&) {
    co_return false;
  }
  if (!made.lack.empty()) co_return false;
  take(std::move(made));
  co_return made_.lack.empty() && made_.values != refused;
}

bool RenewableProbe::take(MadeProbe made) {
  resources_.hide(made.redactor);
  const bool differs = made.values != made_.values || made.lack != made_.lack;
  // Unchanged secrets leave the probe as it is, with what it holds.
  if (differs) {
    made_ = std::move(made);
  } else {
    made_.stamps = std::move(made.stamps);
  }
  return differs;
}

std::string RenewableProbe::memory_key() const {
  return made_.probe ? made_.probe->memory_key() : std::string();
}

std::string RenewableProbe::note_name() const {
  return made_.probe ? made_.probe->note_name() : std::string();
}

std::function<Renewable::Renewal()> RenewableProbe::reader() {
  return [this, again = again_] {
    auto made = std::make_shared<MadeProbe>(again());
    return Renewal{made->stamps, made->lack.empty(), [this, made] { return take(*made); }};
  };
}

bool RenewableProbe::is_as(const Renewable& other) const {
  const auto* probe = dynamic_cast<const RenewableProbe*>(&other);
  return probe != nullptr && probe->made_.values == made_.values && probe->made_.lack == made_.lack;
}

}  // namespace gonogo
