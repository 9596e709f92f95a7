#include "daemon/core/io_error.h"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <functional>
#include <new>
#include <stdexcept>

#include "daemon/core/probe.h"

namespace gonogo {
namespace {

struct Case {
  const char* name;
  std::function<void()> thrower;
  Stage stage;
  Outcome outcome;
  Reason reason;
  const char* summary;
};

[[noreturn]] void break_with(int error) {
  throw boost::system::system_error(error, boost::system::system_category());
}

const Case cases[] = {
    {"TheTargetIsAtFault", [] { throw IoError(Reason::missing, "/x does not exist"); }, Stage::read,
     Outcome::fail, Reason::missing, "/x does not exist"},
    {"APoolWithoutWorkersJudgesNothing",
     [] { throw IoError::cannot_judge(Reason::prober, "all 64 workers hang"); }, Stage::read,
     Outcome::unknown, Reason::prober, "all 64 workers hang"},
    {"HiddenRowsJudgeNothing",
     [] { throw IoError::cannot_judge(Reason::permission, "row-level security"); }, Stage::request,
     Outcome::unknown, Reason::permission, "row-level security"},
    {"AProbeEndsItsRun", [] { throw RunEnded(Finding::warn(Reason::threshold, "too few")); },
     Stage::judge, Outcome::warn, Reason::threshold, "too few"},
    {"ARefusedConnection", [] { break_with(ECONNREFUSED); }, Stage::connect, Outcome::fail,
     Reason::connect, "connect: Connection refused"},
    {"AResetDuringTheHandshake", [] { break_with(ECONNRESET); }, Stage::tls, Outcome::fail,
     Reason::tls, "tls: Connection reset by peer"},
    {"AResetDuringTheAnswer", [] { break_with(ECONNRESET); }, Stage::transfer, Outcome::fail,
     Reason::protocol, "transfer: Connection reset by peer"},
    {"AConnectionThatTimedOut", [] { break_with(ETIMEDOUT); }, Stage::connect, Outcome::fail,
     Reason::timeout, "connect: Connection timed out"},
    {"TooManyOpenFilesAreOurs", [] { break_with(EMFILE); }, Stage::connect, Outcome::unknown,
     Reason::prober, "connect: Too many open files"},
    {"NoFreeLocalAddressIsOurs", [] { break_with(EADDRNOTAVAIL); }, Stage::connect,
     Outcome::unknown, Reason::prober, "connect: Cannot assign requested address"},
    {"NoMemoryIsOurs", [] { throw std::bad_alloc(); }, Stage::response, Outcome::unknown,
     Reason::prober, "processing: out of memory"},
    {"AnythingElse", [] { throw std::runtime_error("odd thing"); }, Stage::judge, Outcome::fail,
     Reason::error, "judge: odd thing"},
};

class FindingOfAnError : public testing::TestWithParam<Case> {};

TEST_P(FindingOfAnError, HasItsOutcomeReasonAndText) {
  const Case& expected = GetParam();
  std::exception_ptr error;
  try {
    expected.thrower();
  } catch (...) {
    error = std::current_exception();
  }
  const Finding finding = finding_of(error, expected.stage);
  EXPECT_EQ(finding.outcome, expected.outcome);
  EXPECT_EQ(finding.reason, expected.reason);
  EXPECT_EQ(finding.summary, expected.summary);
}

INSTANTIATE_TEST_SUITE_P(Table, FindingOfAnError, testing::ValuesIn(cases),
                         [](const auto& entry) { return std::string(entry.param.name); });

}  // namespace
}  // namespace gonogo
