#include "daemon/scheduling/attempt.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

ProbeRun::ProbeRun(asio::any_io_executor loop, Clock& clock, std::shared_ptr<Probe> probe,
                   Duration timeout, Answer answer, std::shared_ptr<ProbeMemory> memory)
    : loop_(std::move(loop)),
      clock_(clock),
      probe_(std::move(probe)),
      timeout_(timeout),
      attempt_(clock, clock.now() + timeout, std::move(memory)),
      answer_(std::move(answer)) {}

std::shared_ptr<ProbeRun> ProbeRun::start(asio::any_io_executor loop, Clock& clock,
                                          std::shared_ptr<Probe> probe, Duration timeout,
                                          Answer answer, std::shared_ptr<ProbeMemory> memory) {
  if (!memory) memory = std::make_shared<ProbeMemory>();
  auto run = std::make_shared<ProbeRun>(loop, clock, std::move(probe), timeout, std::move(answer),
                                        std::move(memory));
  run->deadline_ = clock.call_at(run->attempt_.deadline(), [weak = std::weak_ptr(run)] {
    if (const auto self = weak.lock()) self->out_of_time();
  });
  asio::co_spawn(loop, drive(run),
                 asio::bind_cancellation_slot(run->cancel_.slot(),
                                              [run](std::exception_ptr error, Finding finding) {
                                                run->finished(std::move(error), std::move(finding));
                                              }));
  return run;
}

asio::awaitable<Finding> ProbeRun::drive(std::shared_ptr<ProbeRun> self) {
  co_return co_await self->probe_->run(self->attempt_);
}

void ProbeRun::abandon() {
  answer_ = nullptr;
  ended_ = nullptr;
  deadline_.cancel();
  if (!unwound_) cancel_.emit(asio::cancellation_type::terminal);
}

void ProbeRun::finished(std::exception_ptr error, Finding finding) {
  unwound_ = true;
  const std::function<void()> ended = std::exchange(ended_, nullptr);
  if (answer_ && is_overdue()) {
    Finding seen = error ? finding_of(error, attempt_.stage()) : Finding::pass();
    const bool is_ours = seen.outcome == Outcome::unknown && seen.reason == Reason::prober;
    if (is_ours) own_fault_ = std::move(seen);
  } else if (answer_ && clock_.now() > attempt_.deadline()) {
    // When the loop itself was held up, the end of a run can be handled before its deadline is.
    out_of_time();
  } else if (answer_) {
    give(error ? finding_of(error, attempt_.stage()) : std::move(finding));
  }
  if (ended && is_answered()) ended();
}

void ProbeRun::out_of_time() {
  if (!answer_ || is_overdue()) return;
  late_ = clock_.now() - attempt_.deadline();
  if (!unwound_) cancel_.emit(asio::cancellation_type::terminal);
  // What waits for this daemon itself unwinds at once, and says so.
  asio::post(loop_, [self = shared_from_this()] { self->answer_late(); });
}

void ProbeRun::answer_late() {
  if (!answer_) return;
  const Stage stage = attempt_.stage();
  const std::string at = stage == Stage::start ? "" : " at " + std::string(name_of(stage));
  Finding finding = Finding::fail(stage == Stage::resolve ? Reason::dns : Reason::timeout,
                                  "no answer within " + to_words(timeout_) + at);
  // When this daemon was held up itself, the target is not to blame.
  if (*late_ > std::max<Duration>(std::chrono::milliseconds{500}, timeout_ / 2)) {
    finding = Finding::unknown(
        Reason::prober, "this daemon was held up for " + to_words(*late_) + " during the run");
  } else if (own_fault_) {
    finding = std::move(*own_fault_);
  }
  timed_out_ = finding.outcome == Outcome::fail;
  give(std::move(finding));
}

void ProbeRun::give(Finding finding) {
  deadline_.cancel();
  Observation observation(std::move(finding));
  observation.at = attempt_.began();
  observation.took = attempt_.elapsed();
  observation.phases = attempt_.take_phases();
  observation.needed = std::move(attempt_.needed());
  const Answer answer = std::exchange(answer_, nullptr);
  answer(std::move(observation));
}

}  // namespace gonogo
