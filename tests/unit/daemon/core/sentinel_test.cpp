#include "daemon/core/sentinel.h"

#include <gtest/gtest.h>

#include "tests/support/checklists.h"

namespace gonogo {
namespace {

struct Case {
  const char* name;
  Outcome outcome;
  Reason reason;
  bool name_server;
  bool needs_worker;
  bool is_beyond_gateway;
  std::optional<Sentinel> expected;
};

class CouldExplainTest : public testing::TestWithParam<Case> {};

TEST_P(CouldExplainTest, NamesTheSentinel) {
  const Case& wanted = GetParam();
  Check check = probed_check("a");
  check.needs_worker = wanted.needs_worker;
  Observation seen(Finding(wanted.outcome, wanted.reason, "seen"));
  seen.needed.name_server = wanted.name_server;
  SentinelRules rules;
  rules.gateway = "192.0.2.1";
  EXPECT_EQ(could_explain(rules, check, seen, wanted.is_beyond_gateway), wanted.expected);
  SentinelRules none;
  none.pool = none.resolver = false;
  EXPECT_EQ(could_explain(none, check, seen, wanted.is_beyond_gateway), std::nullopt);
}

constexpr auto fail = Outcome::fail;

INSTANTIATE_TEST_SUITE_P(
    Findings, CouldExplainTest,
    testing::Values(
        Case{"name_asked", fail, Reason::dns, true, false, false, Sentinel::resolver},
        Case{"name_in_hosts_or_named_server", fail, Reason::dns, false, false, false, {}},
        Case{"refused_beyond", fail, Reason::connect, true, false, true, Sentinel::route},
        Case{"silent_beyond", fail, Reason::timeout, false, false, true, Sentinel::route},
        Case{"refused_here", fail, Reason::connect, true, false, false, {}},
        Case{"silent_here", fail, Reason::timeout, true, false, false, {}},
        Case{"file_timed_out", fail, Reason::timeout, false, true, false, Sentinel::pool},
        Case{"file_is_old", fail, Reason::stale_data, false, true, false, {}},
        Case{"answers_503", fail, Reason::status, true, false, true, {}},
        Case{"bad_certificate", fail, Reason::cert_expired, true, false, true, {}},
        Case{"passes", Outcome::pass, Reason::none, true, true, true, {}},
        Case{"warns", Outcome::warn, Reason::timeout, true, true, true, {}},
        Case{"unknown_already", Outcome::unknown, Reason::dns, true, true, true, {}}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Sentinel, WhatNoOtherRunCanSeeAgainIsNotExplainedAway) {
  Check check = probed_check("log");
  check.needs_worker = true;
  Observation seen(Finding::fail(Reason::timeout, "seen"));
  seen.is_seen_once = true;
  EXPECT_EQ(could_explain({}, check, seen, true), std::nullopt);
}

TEST(Sentinel, OnlyOneAtFailExplains) {
  Observation prober(Finding::fail(Reason::prober, "no name server answers"));
  prober.measure("resolver", static_cast<double>(Health::fail), "count");
  prober.measure("pool", static_cast<double>(Health::warn), "count");
  EXPECT_TRUE(is_failing(prober, Sentinel::resolver));
  EXPECT_FALSE(is_failing(prober, Sentinel::pool));
  EXPECT_FALSE(is_failing(prober, Sentinel::route)) << "it did not run";
}

TEST(Sentinel, WhatIsExplainedIsUnknownAndKeepsWhatWasSeen) {
  Observation seen(Finding::fail(Reason::dns, "no name server answered for \"api\""));
  const Observation now = explained(seen, "no name server answers");
  EXPECT_EQ(now.outcome, Outcome::unknown);
  EXPECT_EQ(now.reason, Reason::prober);
  EXPECT_EQ(now.summary, "no name server answers; this run: no name server answered for \"api\"");
}

}  // namespace
}  // namespace gonogo
