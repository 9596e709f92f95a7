#include "daemon/attempt.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <new>

#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// Errors that say something of this host and nothing of the target.
bool is_ours(const boost::system::error_code& error) {
  if (error.category() != boost::system::system_category() &&
      error.category() != boost::system::generic_category())
    return false;
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOMEM ||
         error.value() == ENOBUFS || error.value() == EADDRNOTAVAIL;
}

Reason reason_at(Stage stage) {
  switch (stage) {
    case Stage::resolve: return Reason::dns;
    case Stage::connect:
    case Stage::proxy: return Reason::connect;
    case Stage::tls: return Reason::tls;
    case Stage::request:
    case Stage::response:
    case Stage::transfer: return Reason::protocol;
    default: return Reason::error;
  }
}

Finding finding_of(const std::exception_ptr& error, Stage stage) {
  const std::string where = std::string(name_of(stage)) + ": ";
  try {
    std::rethrow_exception(error);
  } catch (const LookEnded& ended) {
    return ended.finding();
  } catch (const boost::system::system_error& broken) {
    const std::string text = where + on_one_line(broken.code().message());
    if (is_ours(broken.code())) return Finding::unknown(Reason::prober, text);
    if (broken.code() == asio::error::timed_out) return Finding::fail(Reason::timeout, text);
    return Finding::fail(reason_at(stage), text);
  } catch (const std::bad_alloc&) {
    return Finding::unknown(Reason::prober, where + "out of memory");
  } catch (const std::exception& unexpected) {
    return Finding::fail(Reason::error, where + on_one_line(unexpected.what()));
  }
}

}  // namespace

Look::Look(Clock& clock, std::shared_ptr<Probe> probe, Duration timeout, Answer answer)
    : clock_(clock),
      probe_(std::move(probe)),
      timeout_(timeout),
      attempt_(clock, clock.now() + timeout),
      answer_(std::move(answer)) {}

std::shared_ptr<Look> Look::start(asio::any_io_executor loop, Clock& clock,
                                  std::shared_ptr<Probe> probe, Duration timeout, Answer answer) {
  auto look = std::make_shared<Look>(clock, std::move(probe), timeout, std::move(answer));
  look->deadline_ = clock.call_at(look->attempt_.deadline(), [weak = std::weak_ptr(look)] {
    if (const auto self = weak.lock()) self->out_of_time();
  });
  asio::co_spawn(loop, run(look),
                 asio::bind_cancellation_slot(
                     look->cancel_.slot(), [look](std::exception_ptr error, Finding finding) {
                       look->finished(std::move(error), std::move(finding));
                     }));
  return look;
}

asio::awaitable<Finding> Look::run(std::shared_ptr<Look> self) {
  co_return co_await self->probe_->look(self->attempt_);
}

void Look::abandon() {
  answer_ = nullptr;
  deadline_.cancel();
  if (!unwound_) cancel_.emit(asio::cancellation_type::terminal);
}

void Look::finished(std::exception_ptr error, Finding finding) {
  unwound_ = true;
  if (!answer_) return;
  // Who comes after the deadline, because the loop itself was held up, comes too late.
  if (clock_.now() > attempt_.deadline()) {
    out_of_time();
  } else {
    give(error ? finding_of(error, attempt_.stage()) : std::move(finding));
  }
}

void Look::out_of_time() {
  if (!answer_) return;
  const Duration late = clock_.now() - attempt_.deadline();
  const Stage stage = attempt_.stage();
  const std::string at = stage == Stage::start ? "" : " at " + std::string(name_of(stage));
  Finding finding = Finding::fail(stage == Stage::resolve ? Reason::dns : Reason::timeout,
                                  "no answer within " + to_words(timeout_) + at);
  // When this daemon was held up itself, the target is not to blame.
  if (late > std::max<Duration>(std::chrono::milliseconds{500}, timeout_ / 2)) {
    finding = Finding::unknown(
        Reason::prober, "this daemon was held up for " + to_words(late) + " during the look");
  }
  give(std::move(finding));
  if (!unwound_) cancel_.emit(asio::cancellation_type::terminal);
}

void Look::give(Finding finding) {
  deadline_.cancel();
  Observation observation(std::move(finding));
  observation.at = attempt_.began();
  observation.took = attempt_.elapsed();
  observation.phases = attempt_.take_phases();
  const Answer answer = std::exchange(answer_, nullptr);
  answer(std::move(observation));
}

}  // namespace gonogo
