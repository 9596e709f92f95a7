// Several parts of one look at the same time: addresses, name servers, pipes of a program.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/io/resources.h"
#include "daemon/io/waiter.h"

namespace gonogo {

template <typename Answer>
struct PartEnd {
  std::optional<Answer> answer;
  Finding failure;  // why there is no answer
  Duration took{};
};

template <typename Answer>
using Part = std::function<boost::asio::awaitable<Answer>(Attempt&)>;

// Begins all parts and ends when each has ended; what is not done by `deadline` is cancelled and
// has failed with `timeout`. A part has an Attempt of its own. Leave the look itself some time
// after `deadline`, or nobody hears of it.
template <typename Answer>
boost::asio::awaitable<std::vector<PartEnd<Answer>>> side_by_side(Resources& resources,
                                                                  SteadyTime deadline,
                                                                  std::vector<Part<Answer>> parts) {
  namespace asio = boost::asio;
  struct Running {
    Running(const Clock& clock, SteadyTime until) : attempt(clock, until) {}
    Attempt attempt;
    asio::cancellation_signal cancel;
    bool has_ended = false;
  };
  struct Shared {
    std::vector<std::unique_ptr<Running>> running;
    std::vector<PartEnd<Answer>> ends;
    std::size_t open = 0;
    bool is_late = false;
    std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();

    void cancel_all() {
      for (const auto& part : running) {
        if (!part->has_ended) part->cancel.emit(asio::cancellation_type::terminal);
      }
    }
    void end(std::size_t index, const std::exception_ptr& error, Answer answer) {
      Running& part = *running[index];
      part.has_ended = true;
      ends[index].took = part.attempt.elapsed();
      if (!error) {
        ends[index].answer.emplace(std::move(answer));
      } else if (is_late) {
        ends[index].failure =
            Finding::fail(Reason::timeout, "no answer within " + to_words(ends[index].took) +
                                               " at " + std::string(name_of(part.attempt.stage())));
      } else {
        ends[index].failure = finding_of(error, part.attempt.stage());
      }
      if (--open == 0) waiter->resume({});
    }
  };

  auto shared = std::make_shared<Shared>();
  for (std::size_t i = 0; i < parts.size(); ++i)
    shared->running.push_back(std::make_unique<Running>(resources.clock, deadline));
  shared->ends.resize(parts.size());
  shared->open = parts.size();
  if (parts.empty()) co_return std::move(shared->ends);
  auto begin = [&resources, shared, parts = std::move(parts)] {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Running& part = *shared->running[i];
      asio::co_spawn(resources.loop, parts[i](part.attempt),
                     asio::bind_cancellation_slot(
                         part.cancel.slot(), [shared, i](std::exception_ptr error, Answer answer) {
                           shared->end(i, error, std::move(answer));
                         }));
    }
  };
  const Timer limit = resources.clock.call_at(deadline, [shared] {
    shared->is_late = true;
    shared->cancel_all();
  });
  auto cancelled = [shared] { shared->cancel_all(); };
  auto waiting = wait_for(shared->waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
  co_return std::move(shared->ends);
}

// The moment by which parts have to be done: a tenth of what is left is kept for the look itself.
inline SteadyTime deadline_of_parts(const Attempt& attempt) {
  return attempt.deadline() - attempt.remaining() / 10;
}

}  // namespace gonogo
