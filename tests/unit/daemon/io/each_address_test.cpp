#include "daemon/io/each_address.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// What happens at an address: it answers with this number, breaks with this error, or hangs.
struct Fate {
  int answer = 0;
  std::exception_ptr error;
  bool hangs = false;
};

Fate answers(int number) { return {number, nullptr, false}; }
Fate hangs() { return {0, nullptr, true}; }
Fate breaks(int error) {
  return {
      0,
      std::make_exception_ptr(boost::system::system_error(error, boost::system::system_category())),
      false};
}
Fate breaks(const IoError& error) { return {0, std::make_exception_ptr(error), false}; }
Fate ends(const Finding& finding) { return {0, std::make_exception_ptr(RunEnded(finding)), false}; }

class FirstAnswer : public testing::Test {
 protected:
  // Gives the answer, or how the run failed, or "runs" when it has not ended.
  std::string seen() const {
    if (!end) return "runs";
    if (*end) return finding_of(*end, Stage::connect).summary;
    return std::to_string(answer);
  }

  void start(std::vector<Fate> fates, bool wants_more_than_zero = false) {
    std::vector<Endpoint> endpoints;
    for (std::size_t i = 0; i < fates.size(); ++i)
      endpoints.push_back({asio::ip::tcp::endpoint(), std::to_string(i)});
    EachAddress<int> each(std::move(endpoints),
                          [this, fates](Endpoint endpoint, SteadyTime deadline) {
                            const auto at = static_cast<std::size_t>(std::stoi(endpoint.text));
                            tried.push_back(endpoint.text);
                            limits.push_back(deadline - bench.clock.now());
                            return meet(fates[at]);
                          });
    if (wants_more_than_zero) each.good_enough = [](const int& number) { return number > 0; };
    asio::co_spawn(bench.loop, first_answer(std::move(each), bench.resources, attempt),
                   [this](std::exception_ptr error, int number) {
                     end = error;
                     answer = number;
                   });
    bench.clock.settle();
  }

  asio::awaitable<int> meet(Fate fate) {
    if (fate.hangs) co_return co_await bench.hang(attempt, Stage::connect);
    if (fate.error) std::rethrow_exception(fate.error);
    co_return fate.answer;
  }

  IoBench bench;
  Attempt attempt{bench.clock, bench.clock.now() + 8s};
  std::vector<std::string> tried;
  std::vector<Duration> limits;
  std::optional<std::exception_ptr> end;
  int answer = 0;
};

TEST_F(FirstAnswer, IsThatOfTheFirstAddress) {
  start({answers(1), answers(2)});
  EXPECT_EQ(seen(), "1");
  EXPECT_EQ(tried, std::vector<std::string>{"0"});
}

TEST_F(FirstAnswer, IsOfTheNextWhenOneRefuses) {
  start({breaks(ECONNREFUSED), breaks(IoError(Reason::connect, "gone")), answers(3)});
  EXPECT_EQ(seen(), "3");
}

TEST_F(FirstAnswer, ASilentAddressHasHalfOfTheTimeThatIsLeft) {
  start({hangs(), hangs(), answers(3)});
  EXPECT_EQ(seen(), "runs");
  bench.clock.advance(4s);
  EXPECT_EQ(tried.size(), 2U);
  bench.clock.advance(2s);
  EXPECT_EQ(seen(), "3");
  EXPECT_EQ(limits, (std::vector<Duration>{4s, 2s, 2s}));
}

TEST_F(FirstAnswer, TheLastAddressHasAllTheTimeThereIs) {
  start({hangs()});
  EXPECT_EQ(limits, std::vector<Duration>{8s});
  bench.clock.advance(8s);
  EXPECT_EQ(seen(), "runs") << "the run's own deadline ends it";
}

TEST_F(FirstAnswer, ATargetThatSaysNoIsAskedAtNoOtherAddress) {
  start({breaks(IoError(Reason::auth, "wrong password")), answers(2)});
  EXPECT_EQ(seen(), "wrong password");
  EXPECT_EQ(tried.size(), 1U);
}

TEST_F(FirstAnswer, AProbeThatHasJudgedAsksNoOtherAddress) {
  start({ends(Finding::fail(Reason::content, "bad")), answers(2)});
  EXPECT_EQ(seen(), "bad");
  EXPECT_EQ(tried.size(), 1U);
}

TEST_F(FirstAnswer, OneThatIsNotGoodEnoughIsTakenFromTheLastAddressAlone) {
  start({answers(0), answers(5)}, true);
  EXPECT_EQ(seen(), "5");
  end.reset();
  start({answers(0), answers(0)}, true);
  EXPECT_EQ(seen(), "0");
}

TEST_F(FirstAnswer, OneThatIsNotGoodEnoughCountsWhenTheLastAddressCannotBeAsked) {
  for (const Fate& last : {breaks(ENETUNREACH), breaks(EAFNOSUPPORT), breaks(EMFILE),
                           breaks(IoError::cannot_judge(Reason::prober, "no socket"))}) {
    end.reset();
    start({answers(-1), answers(0), last}, true);
    EXPECT_EQ(seen(), "0");
  }
  end.reset();
  start({breaks(EMFILE), answers(0), breaks(ENETUNREACH)}, true);
  EXPECT_EQ(seen(), "0");
  end.reset();
  start({answers(0), breaks(ENETUNREACH), answers(5)}, true);
  EXPECT_EQ(seen(), "5");
}

TEST_F(FirstAnswer, OneThatIsNotGoodEnoughHidesNoOtherFailure) {
  start({answers(0), breaks(ECONNREFUSED)}, true);
  EXPECT_EQ(seen(), "connect: Connection refused");
  end.reset();
  start({answers(0), breaks(IoError(Reason::auth, "wrong password"))}, true);
  EXPECT_EQ(seen(), "wrong password");
}

TEST_F(FirstAnswer, CancellingTheRunEndsTheAddressThatIsTried) {
  asio::cancellation_signal cancel;
  std::vector<Endpoint> endpoints(2, Endpoint{asio::ip::tcp::endpoint(), "0"});
  EachAddress<int> each(std::move(endpoints), [this](Endpoint, SteadyTime) {
    tried.emplace_back("one");
    return bench.hang(attempt, Stage::connect);
  });
  asio::co_spawn(bench.loop, first_answer(std::move(each), bench.resources, attempt),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [this](std::exception_ptr error, int) { end = error; }));
  bench.clock.settle();
  cancel.emit(asio::cancellation_type::terminal);
  bench.clock.settle();
  EXPECT_TRUE(end && *end);
  EXPECT_EQ(tried.size(), 1U);
}

struct Case {
  const char* name;
  std::vector<Fate> fates;
  const char* summary;
};

const Case cases[] = {
    {"TheLaterOfTwo",
     {breaks(ECONNREFUSED), breaks(ECONNRESET)},
     "connect: Connection reset by peer"},
    {"NoWayHidesNoRefusal",
     {breaks(ECONNREFUSED), breaks(ENETUNREACH)},
     "connect: Connection refused"},
    {"NoLocalAddressHidesNoRefusal",
     {breaks(ECONNREFUSED), breaks(EADDRNOTAVAIL)},
     "connect: Connection refused"},
    {"NoWayInWordsHidesNoRefusal",
     {breaks(IoError(Reason::connect, "connection failed: Connection refused")),
      breaks(IoError(Reason::connect, "connection failed: Network is unreachable"))},
     "connection failed: Connection refused"},
    {"NoWayAlone", {breaks(EAFNOSUPPORT), breaks(ENETUNREACH)}, "connect: Network is unreachable"},
    {"WhatCouldNotBeTriedProvesNothing",
     {breaks(EMFILE), breaks(ECONNREFUSED)},
     "connect: Too many open files"},
    {"NorDoesAProber",
     {breaks(IoError::cannot_judge(Reason::prober, "no socket")), breaks(ECONNREFUSED)},
     "no socket"},
};

class AllAddressesFail : public FirstAnswer, public testing::WithParamInterface<Case> {};

TEST_P(AllAddressesFail, TheMostTellingFailureIsReported) {
  start(GetParam().fates);
  EXPECT_EQ(seen(), GetParam().summary);
  EXPECT_EQ(tried.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Table, AllAddressesFail, testing::ValuesIn(cases),
                         [](const auto& entry) { return std::string(entry.param.name); });

}  // namespace
}  // namespace gonogo
