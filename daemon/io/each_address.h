// Every address of a name is tried, one after the other, until one of them answers.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/io/conn.h"
#include "daemon/io/parts.h"

namespace gonogo {

// How much the failure at one address says of the whole target, the least first.
enum class Telling : std::uint8_t {
  answered,  // the target is there and said something bad: other addresses are not asked
  no_way,    // this host has no way to the address: often IPv6 is only half there
  silent,    // the address refused, or did not answer in time
  ours,      // this daemon could not try it: nothing is known
};
Telling telling_of(const std::exception_ptr& error);

// Keeps the most telling failure; of two that say as much, the later one.
class MostTelling {
 public:
  // Throws it at once when it makes trying other addresses pointless.
  void take(const std::exception_ptr& error, bool is_late);
  [[noreturn]] void rethrow() const { std::rethrow_exception(error_); }
  Telling telling() const { return telling_; }

 private:
  std::exception_ptr error_;
  Telling telling_ = Telling::answered;
};

// Gives what `try_one` gives for the first address that answers. One that does not is given half of
// the time left before the next is tried; the last has all the time there is, the run's own
// deadline ends it. `try_one` runs in the run itself: it may enter stages. When no address answers,
// the most telling failure is thrown. An answer that is not `good_enough` is only taken when no
// later address gives one: from the last address, or when the last cannot be asked from this host.
template <typename Answer>
struct EachAddress {
  using TryOne = std::function<boost::asio::awaitable<Answer>(Endpoint, SteadyTime deadline)>;

  EachAddress(std::vector<Endpoint> all, TryOne how)
      : endpoints(std::move(all)), try_one(std::move(how)) {}

  std::vector<Endpoint> endpoints;
  TryOne try_one;
  std::function<bool(const Answer&)> good_enough = [](const Answer&) { return true; };
};

template <typename Answer>
boost::asio::awaitable<Answer> first_answer(EachAddress<Answer> each, Io& io, Attempt& attempt) {
  MostTelling failure;
  std::optional<Answer> poor;  // the last that was not good enough
  for (std::size_t i = 0; i + 1 < each.endpoints.size(); ++i) {
    const SteadyTime deadline = io.clock.now() + attempt.remaining() / 2;
    std::vector<Part<Answer>> parts;
    parts.emplace_back(
        [&each, i, deadline](Attempt&) { return each.try_one(each.endpoints[i], deadline); });
    auto trying = run_parts<Answer>(io, deadline, std::move(parts));
    std::vector<PartResult<Answer>> results = co_await std::move(trying);
    PartResult<Answer>& result = results.front();
    if (result.error) failure.take(result.error, result.is_late);
    if (!result.answer) continue;
    if (each.good_enough(*result.answer)) co_return std::move(*result.answer);
    poor = std::move(result.answer);
  }
  try {
    auto trying = each.try_one(each.endpoints.back(), attempt.deadline());
    Answer answer = co_await std::move(trying);
    co_return std::move(answer);
  } catch (...) {
    failure.take(std::current_exception(), false);
  }
  // What this host could not ask takes nothing back that another address said.
  if (poor && failure.telling() != Telling::silent) co_return std::move(*poor);
  failure.rethrow();
}

}  // namespace gonogo
