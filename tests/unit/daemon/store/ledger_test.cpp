#include "daemon/store/ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() { reopen(); }
  void reopen() {
    ledger.reset();
    database = std::make_unique<SqliteDatabase>(path);
    ledger = std::make_unique<Ledger>(*database, path);
  }
  AuditHead sign(const std::string& check, const std::string& who,
                 const std::string& release = "v1", const std::string& note = "fine") {
    return ledger->write({"signoff", who, now,
                          R"({"check":")" + check + R"(","role":"lead","note":")" + note +
                              R"(","release":")" + release + R"("})"});
  }
  AuditHead waive(const std::string& check, WallTime until) {
    return ledger->write({"waiver", "A. Lead", now,
                          R"({"check":")" + check + R"(","why":"known","until":)" +
                              std::to_string(until.time_since_epoch().count()) +
                              R"(,"release":null})"});
  }
  void fill() {
    for (const char* who : {"A", "B", "C"}) sign("drill", who);
    waive("api", now + 1h);
  }

  Scratch scratch;
  std::string path = scratch.path("gonogo.db");
  WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
  std::unique_ptr<SqliteDatabase> database;
  std::unique_ptr<Ledger> ledger;
};

TEST_F(LedgerTest, AKeyThatCouldNotBeWrittenAtTheStartIsMadeWithTheFirstDecision) {
  ledger.reset();
  std::filesystem::remove(path + ".key");
  std::filesystem::create_directory(path + ".key.new");  // no file can be written there
  reopen();
  EXPECT_NE(ledger->problem(), "");
  EXPECT_THROW(sign("drill", "A"), SqliteError);
  std::filesystem::remove(path + ".key.new");
  sign("drill", "A");
  EXPECT_EQ(ledger->problem(), "");
  reopen();
  EXPECT_EQ(ledger->problem(), "");
  EXPECT_EQ(ledger->load().signoffs.size(), 1U);
}

TEST_F(LedgerTest, WhatWasDecidedComesBackWordForWord) {
  const AuditHead head = sign("drill", "A. Lead", "v1", "looked at \xC3\xA4");
  waive("api", now + 1h);
  reopen();
  ASSERT_EQ(ledger->problem(), "");
  const Decisions decisions = ledger->load();
  ASSERT_EQ(decisions.signoffs.size(), 1U);
  const Signoff& signoff = decisions.signoffs[0];
  EXPECT_EQ(signoff.id, head.seq);
  EXPECT_EQ(signoff.check + signoff.who + signoff.role + signoff.note + signoff.release,
            "drillA. Leadleadlooked at \xC3\xA4v1");
  EXPECT_EQ(signoff.at, now);
  ASSERT_EQ(decisions.waivers.size(), 1U);
  EXPECT_EQ(decisions.waivers[0].until, now + 1h);
  EXPECT_FALSE(decisions.waivers[0].release);
}

TEST_F(LedgerTest, ANewerSignoffOfTheSamePersonTakesThePlaceOfTheOlder) {
  sign("drill", "A");
  sign("drill", "B");
  const AuditHead last = sign("drill", "A");
  const Decisions decisions = ledger->load();
  ASSERT_EQ(decisions.signoffs.size(), 2U);
  EXPECT_EQ(decisions.signoffs[1].id, last.seq);
}

TEST_F(LedgerTest, WhatWasTakenBackIsGoneAndStaysInTheAudit) {
  const AuditHead signoff = sign("drill", "A");
  const AuditHead waiver = waive("api", now + 1h);
  ledger->write({"signoff-withdrawn", "A", now, R"({"seq":)" + std::to_string(signoff.seq) + "}"});
  ledger->write({"waiver-ended", "A", now, R"({"seq":)" + std::to_string(waiver.seq) + "}"});
  reopen();
  EXPECT_TRUE(ledger->load().signoffs.empty());
  EXPECT_TRUE(ledger->load().waivers.empty());
  EXPECT_EQ(database->number("SELECT count(*) FROM audit"), 4);
}

// Whatever somebody does to the file, it is found, and nothing of it counts any more.
struct Tampering {
  const char* name;
  const char* statement;
  const char* found;
};
class TamperingTest : public LedgerTest, public testing::WithParamInterface<Tampering> {};

TEST_P(TamperingTest, IsFoundAndNothingStoredCounts) {
  fill();
  database->run(GetParam().statement);
  reopen();
  EXPECT_NE(ledger->problem().find(GetParam().found), std::string::npos) << ledger->problem();
  EXPECT_TRUE(ledger->load().signoffs.empty());
  EXPECT_TRUE(ledger->load().waivers.empty());
  EXPECT_THROW(sign("drill", "D"), SqliteError);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TamperingTest,
    testing::Values(
        Tampering{"edit", "UPDATE audit SET body = replace(body, 'fine', 'fake') WHERE seq = 2",
                  "entry 2 was changed after"},
        Tampering{"who", "UPDATE audit SET who = 'Z' WHERE seq = 1", "entry 1 was changed after"},
        Tampering{"when", "UPDATE audit SET at = at + 1 WHERE seq = 3",
                  "entry 3 was changed after"},
        Tampering{"cut_within", "DELETE FROM audit WHERE seq = 2", "an entry between is missing"},
        Tampering{"cut_begin", "DELETE FROM audit WHERE seq = 1", "an entry between is missing"},
        Tampering{"cut_end", "DELETE FROM audit WHERE seq = 4", "was removed"},
        Tampering{"cut_all", "DELETE FROM audit", "was removed"},
        Tampering{
            "reorder",
            "UPDATE audit SET seq = 10 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; "
            "UPDATE audit SET seq = 3 WHERE seq = 10",
            "entry 2 was changed after"},
        Tampering{"renumber", "UPDATE audit SET seq = seq + 1 WHERE seq = 4", "between is missing"},
        Tampering{"end_with_its_head",
                  "DELETE FROM audit WHERE seq = 4; UPDATE audit_head SET seq = 3, hash = (SELECT "
                  "hash FROM audit WHERE seq = 3)",
                  "head is not signed"},
        Tampering{"head_gone", "DELETE FROM audit_head", "head is missing"},
        Tampering{"forged_beginning",
                  "INSERT INTO audit_checkpoint SELECT 1, hash, 'ff' FROM audit WHERE seq = 1; "
                  "DELETE FROM audit WHERE seq = 1",
                  "checkpoint is not signed"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(LedgerTest, ARowThatTheAuditDoesNotConfirmIsNoDecision) {
  fill();
  database->run("UPDATE signoff SET check_id = 'other' WHERE seq = 1");
  database->run("INSERT INTO signoff VALUES (99, 'api', 'lead', 'forged', 'v1')");
  database->run("UPDATE waiver SET until = until + 1000000000");
  reopen();
  EXPECT_EQ(ledger->problem(), "") << "the audit itself holds";
  EXPECT_EQ(ledger->load().signoffs.size(), 3U) << "the audit counts";
  ASSERT_EQ(ledger->load().waivers.size(), 1U);
  EXPECT_EQ(ledger->load().waivers[0].until, now + 1h);
  EXPECT_EQ(ledger->differences().size(), 5U);
}

// Whatever is done to the tables beside the audit, the audit counts, it is reported, and once it is
// put right the tables say the same again.
struct Change {
  const char* name;
  const char* statement;
  const char* found;
};
class TableChangeTest : public LedgerTest, public testing::WithParamInterface<Change> {};

TEST_P(TableChangeTest, IsReportedAndTheAuditCounts) {
  fill();
  const AuditHead withdrawn = sign("old", "A");
  ledger->write(
      {"signoff-withdrawn", "A", now, R"({"seq":)" + std::to_string(withdrawn.seq) + "}"});
  const AuditHead waived = waive("other", now + 1h);
  ledger->write({"waiver-ended", "A", now, R"({"seq":)" + std::to_string(waived.seq) + "}"});
  ledger->write({"configuration", "gonogo", now, R"({"digest":"abc"})"});
  ledger->write({"deployment", "ci", now, to_json(Deployment{})});
  database->run(GetParam().statement);
  reopen();
  EXPECT_EQ(ledger->problem(), "");
  const Decisions decisions = ledger->load();
  EXPECT_EQ(decisions.signoffs.size(), 3U);
  EXPECT_EQ(decisions.waivers.size(), 1U);
  EXPECT_EQ(decisions.configuration, "abc");
  EXPECT_EQ(decisions.deployment->status, DeploymentStatus::watching);
  EXPECT_EQ(decisions.deployment->version, "");
  std::string all;
  for (const std::string& difference : ledger->differences()) all += difference + "\n";
  EXPECT_NE(all.find(GetParam().found), std::string::npos) << all;

  ledger->repair(now);
  const std::string page = ledger->page(0, 100);
  EXPECT_NE(page.find("tables-repaired"), std::string::npos) << page;
  reopen();
  EXPECT_TRUE(ledger->differences().empty()) << ledger->differences().front();
}

INSTANTIATE_TEST_SUITE_P(
    Table, TableChangeTest,
    testing::Values(
        Change{"withdrawn_signoff_put_back",
               "INSERT INTO signoff SELECT seq, body->>'check', body->>'role', body->>'note', "
               "body->>'release' FROM audit WHERE seq = 5",
               "not in force by the audit: signoff 5"},
        Change{"ended_waiver_put_back",
               "INSERT INTO waiver SELECT seq, body->>'check', body->>'why', body->>'until', "
               "body->>'release' FROM audit WHERE seq = 7",
               "not in force by the audit: waiver 7"},
        Change{"signoff_taken_away", "DELETE FROM signoff WHERE seq = 2",
               "missing beside the audit: signoff 2"},
        Change{"signoff_of_another_check", "UPDATE signoff SET check_id = 'api' WHERE seq = 1",
               "not in force by the audit: signoff 1"},
        Change{"longer_waiver", "UPDATE waiver SET until = until + 1000000",
               "not in force by the audit: waiver 4"},
        Change{"another_configuration", "UPDATE configuration SET digest = 'def'",
               "configuration 9"},
        Change{"ended_deployment",
               "UPDATE deployment SET record = replace(record, '\"version\":\"\"', "
               "'\"version\":\"v9\"')",
               "deployment 10"},
        Change{"deployment_taken_away", "DELETE FROM deployment", "deployment 10"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(LedgerTest, AStoreOfOlderRulesGetsItsTablesSilently) {
  sign("drill", "A", "v1");
  const AuditHead newest = sign("drill", "A", "v2");
  // An older version kept a sign-off for each release, and knew no version of its rules.
  database->run(
      "DROP TABLE ledger_version; INSERT INTO signoff SELECT seq, body->>'check', body->>'role', "
      "body->>'note', body->>'release' FROM audit WHERE seq = 1");
  reopen();
  EXPECT_TRUE(ledger->differences().empty());
  ASSERT_EQ(ledger->load().signoffs.size(), 1U);
  EXPECT_EQ(ledger->load().signoffs[0].id, newest.seq);
  EXPECT_EQ(database->number("SELECT count(*) FROM signoff"), 1);
}

TEST_F(LedgerTest, WhatPruningKeepsIsEnoughToRebuildEveryDecision) {
  ledger->write({"configuration", "gonogo", now, R"({"digest":"abc"})"});
  for (int i = 0; i < 5; ++i) sign("drill", "A", "v" + std::to_string(i));
  ledger->write({"release", "ci", now, R"({"release":"v1"})"});
  waive("over", now + 1h);
  now += 24h;
  waive("api", now + 48h);
  sign("drill", "B");
  const auto facts = [this] {
    const Decisions decisions = ledger->load();
    return std::to_string(decisions.signoffs.size()) + " " + decisions.release + " " +
           decisions.configuration + " " + decisions.waivers.back().check;
  };
  const std::string before = facts();
  for (int days = 1; days < 400; days += 10) {
    ledger->prune(now + days * 24h);
    reopen();
    ASSERT_EQ(ledger->problem(), "") << days;
    EXPECT_TRUE(ledger->differences().empty()) << ledger->differences().front();
    EXPECT_EQ(facts(), before) << days;
    if (days > 2) break;
  }
  ledger->write({"configuration", "gonogo", now, R"({"digest":"def"})"});
  ledger->prune(now + 400 * 24h);
  EXPECT_GT(database->number("SELECT min(seq) FROM audit"), 1) << "what is not needed goes";
}

TEST_F(LedgerTest, WithoutItsKeyOrWithAnotherNothingCounts) {
  fill();
  std::filesystem::rename(path + ".key", path + ".kept");
  reopen();
  EXPECT_NE(ledger->problem().find("put the file back"), std::string::npos) << ledger->problem();
  EXPECT_TRUE(ledger->load().signoffs.empty());
  std::ofstream(path + ".key") << std::string(64, 'a') << "\n";
  reopen();
  EXPECT_NE(ledger->problem().find("not signed"), std::string::npos) << ledger->problem();
  std::filesystem::rename(path + ".kept", path + ".key");
  reopen();
  EXPECT_EQ(ledger->problem(), "");
  EXPECT_EQ(ledger->load().signoffs.size(), 3U);
}

TEST_F(LedgerTest, PruningSignsWhereTheAuditBeginsAndKeepsWhatStillCounts) {
  const AuditHead withdrawn = sign("old", "A");
  ledger->write(
      {"signoff-withdrawn", "A", now, R"({"seq":)" + std::to_string(withdrawn.seq) + "}"});
  sign("drill", "A");
  now += 24h;
  sign("drill", "B");
  ledger->prune(now);
  EXPECT_EQ(database->number("SELECT min(seq) FROM audit"), 3) << "entry 3 is a sign-off in force";
  reopen();
  EXPECT_EQ(ledger->problem(), "");
  EXPECT_EQ(ledger->load().signoffs.size(), 2U);
  sign("drill", "C");
  reopen();
  EXPECT_EQ(ledger->problem(), "");
}

TEST_F(LedgerTest, AWriteThatFailsLeavesNothing) {
  sign("drill", "A");
  EXPECT_THROW(ledger->write({"signoff", "B", now, "no JSON"}), std::exception);
  reopen();
  EXPECT_EQ(ledger->problem(), "");
  EXPECT_EQ(database->number("SELECT count(*) FROM audit"), 1);
}

TEST_F(LedgerTest, ADeploymentsSpansComeBackAsTheyWere) {
  for (const auto span : {271674ms, 1ms, 299'999ms, 600'001ms, 86'399'999ms}) {
    Deployment deployment;
    deployment.version = "v1";
    deployment.watch = deployment.watched = deployment.paused = span;
    const auto known = deployment_from_json(to_json(deployment));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->watch, span);
    EXPECT_EQ(known->watched, span);
    EXPECT_EQ(known->paused, span);
  }
}

TEST_F(LedgerTest, ADeploymentEndsAsTheAuditSays) {
  Deployment deployment;
  deployment.version = "v1";
  deployment.who = "ci";
  deployment.started = now;
  deployment.watch = 30min;
  deployment.samples["api"] = 0;
  deployment.figures["api/duration"].baseline = 0.25;
  deployment.id = ledger->write({"deployment", "ci", now, to_json(deployment)}).seq;
  deployment.samples["api"] = 7;
  ledger->save_progress(deployment);
  reopen();
  ASSERT_TRUE(ledger->load().deployment);
  EXPECT_EQ(ledger->load().deployment->id, deployment.id);
  EXPECT_EQ(ledger->load().deployment->samples.at("api"), 7);
  EXPECT_EQ(ledger->load().deployment->figures.at("api/duration").baseline, 0.25);

  database->run("UPDATE deployment SET record = replace(record, 'watching', 'verified')");
  EXPECT_EQ(ledger->load().deployment->status, DeploymentStatus::watching) << "nobody said so";
  deployment.status = DeploymentStatus::regressed;
  deployment.findings = {"api fails"};
  ledger->write({"deployment-ended", "gonogo", now, to_json(deployment)});
  deployment.status = DeploymentStatus::watching;
  ledger->save_progress(deployment);
  reopen();
  EXPECT_EQ(ledger->load().deployment->status, DeploymentStatus::regressed);
  EXPECT_EQ(ledger->load().deployment->findings, std::vector<std::string>{"api fails"});
}

TEST_F(LedgerTest, APersonHasOneSignoffInARoleWhateverTheRelease) {
  sign("drill", "A", "v1");
  sign("drill", "B", "v1");
  const AuditHead last = sign("drill", "A", "v2");
  ASSERT_EQ(ledger->load().signoffs.size(), 2U);
  EXPECT_EQ(ledger->load().signoffs[1].id, last.seq);
  EXPECT_EQ(database->number("SELECT count(*) FROM signoff"), 2);
  ledger->write({"signoff-withdrawn", "A", now, R"({"seq":)" + std::to_string(last.seq) + "}"});
  reopen();
  ASSERT_EQ(ledger->load().signoffs.size(), 1U);
  EXPECT_EQ(ledger->load().signoffs[0].who, "B");
}

// A former version kept one sign-off for each release.
class OldStoreTest : public LedgerTest, public testing::WithParamInterface<const char*> {
 protected:
  OldStoreTest() {
    first = sign("drill", "A", "v1");
    last = sign("drill", "A", "v2");
    database->run(
        "INSERT OR IGNORE INTO signoff SELECT seq, body->>'check', body->>'role', "
        "body->>'note', body->>'release' FROM audit WHERE seq = " +
        std::to_string(first.seq));
    reopen();
  }
  AuditHead first, last;
};

TEST_P(OldStoreTest, TheNewestSignoffCountsAndItsEndIsTheEnd) {
  ASSERT_EQ(ledger->problem(), "");
  ASSERT_EQ(ledger->load().signoffs.size(), 1U);
  EXPECT_EQ(ledger->load().signoffs[0].release, "v2");
  ledger->write(
      {GetParam(), "A", now, R"({"check":"drill","seq":)" + std::to_string(last.seq) + "}"});
  reopen();
  EXPECT_TRUE(ledger->load().signoffs.empty()) << "the older one is not revived";
}

TEST_P(OldStoreTest, TheEndOfAReplacedSignoffLeavesTheNewer) {
  ledger->write(
      {GetParam(), "A", now, R"({"check":"drill","seq":)" + std::to_string(first.seq) + "}"});
  reopen();
  ASSERT_EQ(ledger->load().signoffs.size(), 1U);
  EXPECT_EQ(ledger->load().signoffs[0].release, "v2");
}

INSTANTIATE_TEST_SUITE_P(Ends, OldStoreTest, testing::Values("signoff-withdrawn", "signoff-ended"),
                         [](const auto& param) { return std::string(param.param).substr(8); });

TEST_F(LedgerTest, ASignoffKeepsTheRuleUnderWhichItWasGiven) {
  Signoff given{"drill", "A", "lead", "fine", "v1", now};
  given.is_for_release = true;
  given.until = now + 1h;
  ledger->write({"signoff", "A", now, to_json(given)});
  sign("drill", "B");  // as former versions wrote it
  reopen();
  ASSERT_EQ(ledger->problem(), "");
  EXPECT_TRUE(ledger->differences().empty());
  const Decisions decisions = ledger->load();
  ASSERT_EQ(decisions.signoffs.size(), 2U);
  EXPECT_TRUE(decisions.signoffs[0].is_for_release);
  EXPECT_EQ(decisions.signoffs[0].until, now + 1h);
  EXPECT_FALSE(decisions.signoffs[1].is_for_release);
  EXPECT_FALSE(decisions.signoffs[1].until);
}

TEST_F(LedgerTest, AConfigurationKeepsItsRulesForSignoffs) {
  ledger->write({"configuration", "gonogo", now, R"({"digest":"as former versions wrote it"})"});
  EXPECT_TRUE(ledger->load().signoff_ends.empty());
  const SignoffEnds ends{{"drill", {90 * 24h, false}}, {"lead", {{}, true}}};
  ledger->write({"configuration", "gonogo", now, configuration_to_json("d", ends)});
  reopen();
  EXPECT_EQ(ledger->load().configuration, "d");
  EXPECT_EQ(ledger->load().signoff_ends, ends);
}

class DeploymentLedgerTest : public LedgerTest {
 protected:
  Deployment begin(const std::string& version) {
    Deployment deployment;
    deployment.version = version;
    deployment.who = "ci";
    deployment.started = now;
    deployment.watch = 30min;
    deployment.samples["api"] = 0;
    deployment.id = ledger->write({"deployment", "ci", now, to_json(deployment)}).seq;
    return deployment;
  }
  void end(Deployment deployment, DeploymentStatus status) {
    deployment.status = status;
    ledger->write({"deployment-ended", "gonogo", now, to_json(deployment)});
  }
};

TEST_F(DeploymentLedgerTest, ARegressionThatOnlyTheProgressHasIsKnown) {
  Deployment deployment = begin("v1");
  EXPECT_FALSE(ledger->load().deployment->has_regressed);
  deployment.status = DeploymentStatus::regressed;
  deployment.findings = {"api fails"};
  ledger->save_progress(deployment);
  reopen();
  EXPECT_TRUE(ledger->differences().empty());
  EXPECT_EQ(ledger->load().deployment->status, DeploymentStatus::watching) << "by the audit";
  EXPECT_TRUE(ledger->load().deployment->has_regressed);
  EXPECT_EQ(ledger->load().deployment->findings, std::vector<std::string>{"api fails"});
}

TEST_F(DeploymentLedgerTest, ADeployThatWasRefusedWhenItWasWrittenNeverBegan) {
  const Deployment first = begin("v1");
  end(begin("v2"), DeploymentStatus::refused);
  reopen();
  ASSERT_TRUE(ledger->load().deployment);
  EXPECT_EQ(ledger->load().deployment->id, first.id);
  EXPECT_EQ(ledger->load().deployment->status, DeploymentStatus::watching);
  end(begin("v3"), DeploymentStatus::verified);
  reopen();
  EXPECT_EQ(ledger->load().deployment->version, "v3");
}

}  // namespace
}  // namespace gonogo
