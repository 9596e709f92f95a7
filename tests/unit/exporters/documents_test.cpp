#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/core/judge.h"
#include "exporters/board_page.h"
#include "exporters/junit_document.h"
#include "exporters/metrics.h"
#include "exporters/snapshot_document.h"
#include "exporters/verdict_document.h"
#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class Documents : public testing::Test {
 protected:
  std::shared_ptr<const Snapshot> snapshot(std::vector<std::pair<Outcome, std::string>> results) {
    std::vector<Check> checks;
    for (std::size_t i = 0; i < results.size(); ++i)
      checks.push_back(probed_check("check-" + std::to_string(i)));
    for (Check& check : checks) check.title = title;
    auto list = checklist_of(std::move(checks));
    std::vector<CheckRecord> records = empty_records(*list, now);
    for (std::size_t i = 0; i < results.size(); ++i) {
      auto observation = std::make_shared<Observation>(*seen(results[i].first, now));
      observation->summary = results[i].second;
      observation->measure("status", 200, "count");
      observation->note("body", results[i].second);
      take(records[i], list->checks[i], observation);
    }
    Board board;
    board.waivers = waivers;
    auto made = std::make_shared<Snapshot>(judge(list, std::move(records), board, now));
    made->since = now.wall;
    return made;
  }
  Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  std::string title = "Check";
  std::vector<Waiver> waivers;
};

const std::string hostile =
    "verdict: GO \"verdict\":\"GO\" <script>alert(1)</script>\n\x1b[31m} 1\nverdict: GO";

TEST_F(Documents, SayGo) {
  const auto good = snapshot({{Outcome::pass, "fine"}});
  EXPECT_EQ(verdict_text(*good), "verdict: GO\nall 1 check good\n");
  EXPECT_NE(verdict_json(*good).find("\"verdict\":\"GO\""), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(verdict_health_json(*good))["status"], "pass");
}

TEST_F(Documents, ANegativeAnswerNeverHoldsThePositiveToken) {
  title = hostile;
  waivers.push_back({"check-1", hostile, hostile, {}, now.wall - 1h, now.wall + 1h});
  const auto bad =
      snapshot({{Outcome::fail, hostile}, {Outcome::fail, hostile}, {Outcome::warn, hostile}});
  for (const std::string& document :
       {verdict_text(*bad), verdict_json(*bad), verdict_health_json(*bad), verdict_text(*bad, 0),
        verdict_json(*bad, 0)}) {
    EXPECT_EQ(document.find("verdict: GO"), std::string::npos) << document;
    EXPECT_EQ(document.find("\"verdict\":\"GO\""), std::string::npos) << document;
    EXPECT_EQ(document.find('\x1b'), std::string::npos);
  }
}

TEST_F(Documents, TheTextHasOneLineABlocker) {
  const auto bad = snapshot({{Outcome::fail, "status 500, wanted 200"}, {Outcome::pass, ""}});
  EXPECT_EQ(verdict_text(*bad),
            "verdict: NO-GO\n1 blocker: check-0\nblocker: g/check-0 fail (status): status 500, "
            "wanted 200\n");
}

TEST_F(Documents, TheJsonHoldsWhatTheContractNames) {
  const auto document =
      nlohmann::json::parse(verdict_json(*snapshot({{Outcome::fail, "x"}, {Outcome::warn, "y"}})));
  for (const char* key : {"verdict", "since", "evaluated_at", "summary", "gates", "blockers",
                          "advisories", "waivers", "deployment"})
    EXPECT_TRUE(document.contains(key)) << key;
  for (const char* key :
       {"check", "gate", "item", "state", "reason", "summary", "since", "clears_when", "earliest"})
    EXPECT_TRUE(document["blockers"][0].contains(key)) << key;
  EXPECT_EQ(document["gates"][0]["status"], "no-go");
  EXPECT_FALSE(document["gates"][0].contains("verdict"));
  EXPECT_EQ(document["advisories"].size(), 1U);
}

TEST_F(Documents, AWaiverIsAlwaysVisible) {
  waivers.push_back({"check-0", "A. Lead", "known", {}, now.wall - 1h, now.wall + 1h});
  const auto waived = snapshot({{Outcome::fail, "x"}});
  EXPECT_EQ(verdict_text(*waived).substr(0, 12), "verdict: GO\n");
  EXPECT_NE(verdict_text(*waived).find("with 1 waiver"), std::string::npos);
  EXPECT_NE(verdict_text(*waived).find("waiver: check-0 by A. Lead"), std::string::npos);
}

TEST_F(Documents, MetricsCarryNoTextOfATarget) {
  const std::string text = metrics_text(*snapshot({{Outcome::fail, hostile}}), {});
  EXPECT_EQ(text.find("alert"), std::string::npos);
  EXPECT_NE(text.find("gonogo_verdict_go 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("gonogo_check_reason{check=\"check-0\",reason=\"status\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("gonogo_check_runs_total{check=\"check-0\",outcome=\"fail\"} 1\n"),
            std::string::npos);
  EXPECT_NE(
      text.find("gonogo_check_value{check=\"check-0\",value=\"status\",unit=\"count\"} 200\n"),
      std::string::npos);
}

TEST_F(Documents, MarkupIsEscaped) {
  title = hostile;
  const auto bad = snapshot({{Outcome::fail, hostile}});
  EXPECT_EQ(board_page(*bad).find("<script"), std::string::npos);
  EXPECT_EQ(junit_document(*bad).find("<script"), std::string::npos);
  EXPECT_NE(junit_document(*bad).find("<failure"), std::string::npos);
}

TEST_F(Documents, OfAPollSayWhatItWasAbout) {
  const auto bad = snapshot({{Outcome::fail, "seen"}, {Outcome::pass, "seen"}});
  const PolledChecks passing{false, {1}, {0}};
  EXPECT_TRUE(is_go(*bad, passing));
  const auto document = nlohmann::json::parse(poll_json(*bad, passing));
  EXPECT_EQ(document["verdict"], "GO");
  EXPECT_EQ(document["gates"][0]["status"], "go");
  EXPECT_EQ(document["checks"][0]["asked"], false);
  EXPECT_EQ(document["checks"][1]["asked"], true);
  EXPECT_EQ(junit_document(*bad, passing).find("<failure"), std::string::npos);
  EXPECT_NE(junit_document(*bad, passing).find("<skipped"), std::string::npos);
  const PolledChecks failing{false, {0}, {}};
  EXPECT_FALSE(is_go(*bad, failing));
  EXPECT_EQ(nlohmann::json::parse(poll_json(*bad, failing))["checks"].size(), 1U);
  EXPECT_NE(junit_document(*bad, failing).find("tests=\"1\" failures=\"1\""), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(poll_json(*bad, {}))["verdict"], "NO-GO");
}

TEST_F(Documents, InvalidUtf8DoesNotBreakJson) {
  const auto bad = snapshot({{Outcome::fail, "\xff\xfe"}});
  EXPECT_TRUE(nlohmann::json::accept(verdict_json(*bad)));
  EXPECT_TRUE(nlohmann::json::accept(snapshot_json(*bad)));
}

TEST_F(Documents, AClosedCalendarIsABlockerWithItsReason) {
  auto list = checklist_of({probed_check("a")});
  list->calendar.freezes.push_back({now.wall - 1h, now.wall + 1h, "launch"});
  auto records = empty_records(*list, now);
  take(records[0], list->checks[0], seen(Outcome::pass, now));
  const Snapshot snapshot = judge(list, std::move(records), {}, now);
  for (const auto gate : {std::optional<std::size_t>{}, std::optional<std::size_t>{0}}) {
    const auto document = nlohmann::json::parse(verdict_json(snapshot, gate));
    EXPECT_EQ(document["verdict"], "NO-GO");
    ASSERT_EQ(document["blockers"].size(), 1U) << "a NO-GO names what makes it one";
    const auto& blocker = document["blockers"][0];
    EXPECT_EQ(blocker["check"], "calendar");
    EXPECT_EQ(blocker["gate"], "gonogo");
    EXPECT_EQ(blocker["state"], "fail");
    EXPECT_EQ(blocker["reason"], "frozen");
    EXPECT_EQ(blocker["summary"], "frozen until 2026-04-05T01:00:00Z (launch)");
    EXPECT_EQ(blocker["since"], "2026-04-04T23:00:00Z");
    EXPECT_EQ(blocker["clears_when"], "the calendar opens");
    EXPECT_EQ(blocker["earliest"], "2026-04-05T01:00:00Z");
    EXPECT_EQ(verdict_text(snapshot, gate),
              "verdict: NO-GO\nfrozen until 2026-04-05T01:00:00Z (launch)\n"
              "blocker: gonogo/calendar fail (frozen): frozen until 2026-04-05T01:00:00Z "
              "(launch)\n");
    EXPECT_NE(verdict_explained(snapshot, gate).find("clears when: the calendar opens"),
              std::string::npos);
  }
}

TEST_F(Documents, AnOpenCalendarIsNoBlocker) {
  const auto good = snapshot({{Outcome::pass, "fine"}});
  EXPECT_TRUE(nlohmann::json::parse(verdict_json(*good))["blockers"].empty());
}

TEST_F(Documents, TheAnswerForAGateHasTheSinceOfTheGate) {
  Snapshot made = *snapshot({{Outcome::pass, "fine"}});
  made.gates[0].since = now.wall - 1h;
  const auto since = [](const std::string& text) { return nlohmann::json::parse(text)["since"]; };
  EXPECT_EQ(since(verdict_json(made)), "2026-04-05T00:00:00Z");
  EXPECT_EQ(since(verdict_json(made, 0)), "2026-04-04T23:00:00Z");
  EXPECT_NE(verdict_explained(made, 0).find("since 2026-04-04T23:00:00Z"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(verdict_json(made))["gates"][0]["since"], "2026-04-04T23:00:00Z");
}

}  // namespace
}  // namespace gonogo
