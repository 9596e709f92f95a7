// Several parts of one run at the same time: addresses, name servers, pipes of a program.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/core/probe.h"
#include "daemon/io/io.h"
#include "daemon/io/waiter.h"

namespace gonogo {

// How one part ended.
template <typename Answer>
struct PartResult {
  std::optional<Answer> answer;
  std::exception_ptr error;  // why there is no answer
  bool is_late = false;      // there is no answer because the deadline passed
  Stage stage = Stage::start;
  Duration took{};
};

template <typename Answer>
using Part = std::function<boost::asio::awaitable<Answer>(Attempt&)>;

// The parts that run, and how those ended that have ended.
template <typename Answer>
struct RunningParts {
  struct Running {
    Running(const Clock& clock, SteadyTime deadline) : attempt(clock, deadline) {}
    Attempt attempt;
    boost::asio::cancellation_signal cancel;
    bool has_ended = false;
  };

  void cancel_all() {
    for (const auto& part : running) {
      if (!part->has_ended) part->cancel.emit(boost::asio::cancellation_type::terminal);
    }
  }

  void end(std::size_t index, std::exception_ptr error, Answer answer) {
    Running& part = *running[index];
    PartResult<Answer>& result = results[index];
    part.has_ended = true;
    result.took = part.attempt.elapsed();
    result.stage = part.attempt.stage();
    result.is_late = error && is_late;
    if (!error) result.answer.emplace(std::move(answer));
    result.error = std::move(error);
    if (--open == 0) waiter->resume({});
  }

  // Held by the parts alone. Who waits for parts that are dropped with their io_context is dropped
  // with them: it holds `waiter`, and `waiter` holds it.
  struct Awaited {
    explicit Awaited(std::shared_ptr<Waiter> by) : waiter(std::move(by)) {}
    ~Awaited() { waiter->forget(); }
    Awaited(const Awaited&) = delete;
    Awaited& operator=(const Awaited&) = delete;
    std::shared_ptr<Waiter> waiter;
  };

  std::vector<std::unique_ptr<Running>> running;
  std::vector<PartResult<Answer>> results;
  std::size_t open = 0;
  bool is_late = false;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
};

// Starts all parts and returns when each has ended. A part that has not ended by `deadline` is
// cancelled. Each part has an Attempt of its own.
template <typename Answer>
boost::asio::awaitable<std::vector<PartResult<Answer>>> run_parts(Io& io, SteadyTime deadline,
                                                                  std::vector<Part<Answer>> parts) {
  namespace asio = boost::asio;
  auto shared = std::make_shared<RunningParts<Answer>>();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    shared->running.push_back(
        std::make_unique<typename RunningParts<Answer>::Running>(io.clock, deadline));
  }
  shared->results.resize(parts.size());
  shared->open = parts.size();
  if (parts.empty()) co_return std::move(shared->results);
  auto begin = [&io, shared, parts = std::move(parts)] {
    const auto awaited = std::make_shared<typename RunningParts<Answer>::Awaited>(shared->waiter);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto& part = *shared->running[i];
      asio::co_spawn(
          io.loop, parts[i](part.attempt),
          asio::bind_cancellation_slot(
              part.cancel.slot(), [shared, awaited, i](std::exception_ptr error, Answer answer) {
                shared->end(i, std::move(error), std::move(answer));
              }));
    }
  };
  const Timer limit = io.clock.call_at(deadline, [shared] {
    shared->is_late = true;
    shared->cancel_all();
  });
  auto cancelled = [shared] { shared->cancel_all(); };
  auto waiting = wait_for(shared->waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
  co_return std::move(shared->results);
}

}  // namespace gonogo
