// What a check says after one that it depends on has recovered, and that what is shown as good has
// its evidence.
#include <algorithm>
#include <random>

#include "daemon/store/record_json.h"
#include "tests/support/dependency_bench.h"

namespace gonogo {
namespace {

class RecoveryTest : public DependenciesTest {
 protected:
  // Both pass, the parent fails and recovers.
  RecoveryTest() {
    std::vector<Check> checks = list->checks;
    checks[parent].debounce.fall = 1;
    use(std::move(checks));
    begin();
    EXPECT_EQ(state(child), CheckState::blocked);
    pass_time(1s);
    see(parent, Outcome::pass);
  }
  void restart() {
    for (std::size_t i = 0; i < records.size(); ++i) {
      auto record = record_from_json(to_json(records[i], now), true, now);
      ASSERT_TRUE(record);
      records[i] = empty_record(list->checks[i], now);
      ASSERT_TRUE(adopt(records[i], list->checks[i], *record, "f1"));
    }
  }
};

TEST_F(RecoveryTest, AChildStaysBlockedUntilARunBegunSinceThenPasses) {
  EXPECT_EQ(state_of(child), "blocked awaits");
  records[child].next_run = now.steady + 3s;
  const Snapshot snapshot = judged();
  EXPECT_EQ(snapshot.checks[child].earliest, now.wall + 3s);
  EXPECT_EQ(snapshot.checks[child].cause, parent);
  EXPECT_NE(snapshot.checks[child].summary.find("parent has recovered"), std::string::npos);
  EXPECT_NE(snapshot.checks[child].clears_when.find("parent"), std::string::npos);
  see(child, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass");
}

TEST_F(RecoveryTest, ARunThatBeganBeforeSaysNothing) {
  auto before = std::make_shared<Observation>(*seen(Outcome::pass, now));
  before->at.steady -= 1s;
  before->took = 2s;
  take(records[child], list->checks[child], before);
  EXPECT_EQ(state_of(child), "blocked awaits");
}

TEST_F(RecoveryTest, AFailureCountsWhenTheCheckHasHadItsTimeToSettle) {
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "blocked awaits");
  EXPECT_EQ(judged().valid_until, now.steady + 30s) << "one interval";
  pass_time(30s - 1ns);
  EXPECT_EQ(state_of(child), "blocked awaits");
  pass_time(1ns);
  EXPECT_EQ(state_of(child), "fail");
  see(child, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass");
}

TEST_F(RecoveryTest, AfterAPassThereIsNothingToSettle) {
  see(child, Outcome::pass);
  pass_time(1s);
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(RecoveryTest, SettleSaysHowLong) {
  list->checks[child].settle = 5s;
  see(child, Outcome::fail);
  pass_time(5s - 1ns);
  EXPECT_EQ(state_of(child), "blocked awaits");
  pass_time(1ns);
  EXPECT_EQ(state_of(child), "fail");
  list->checks[child].settle = 0s;
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(RecoveryTest, AFailureFromBeforeIsNotShownAgain) {
  see(parent, Outcome::fail);
  see(child, Outcome::fail);
  pass_time(1s);
  see(parent, Outcome::pass);
  pass_time(40s);
  EXPECT_EQ(state_of(child), "blocked awaits") << "no run has said how it is";
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(RecoveryTest, AnUndecidedFailureIsNoPass) {
  list->checks[child].debounce.fall = 3;
  records[child].debounce = Debounce(list->checks[child].debounce, records[child].debounce.state());
  see(child, Outcome::fail);
  pass_time(31s);
  EXPECT_EQ(state_of(child), "blocked awaits");
}

TEST_F(RecoveryTest, AResultThatIsTooOldIsStale) {
  for (int run = 0; run < 4; ++run) {
    pass_time(15s);
    see(parent, Outcome::pass);
  }
  EXPECT_EQ(state_of(child), "stale");
}

TEST_F(RecoveryTest, ARestartChangesNothingOfIt) {
  restart();
  EXPECT_EQ(state_of(child), "blocked awaits");
  see(child, Outcome::fail);
  restart();
  EXPECT_EQ(state_of(child), "blocked awaits");
  EXPECT_EQ(judged().valid_until, now.steady + 30s);
  see(child, Outcome::pass);
  restart();
  EXPECT_EQ(state_of(child), "pass");
}

TEST_F(RecoveryTest, ARestartKeepsWhatIsHeld) {
  see(child, Outcome::pass);
  list->checks[parent].debounce.fall = 3;
  records[parent].debounce =
      Debounce(list->checks[parent].debounce, records[parent].debounce.state());
  pass_time(1s);
  see(parent, Outcome::fail);
  pass_time(1s);
  see(child, Outcome::fail);
  const SteadyTime until = judged().valid_until;
  const WallTime since = judged().checks[child].since;
  restart();
  EXPECT_EQ(state_of(child), "pass held");
  EXPECT_EQ(judged().valid_until, until);
  EXPECT_EQ(judged().checks[child].since, since);
}

// The check may be new because a reload changed one that failed.
TEST_F(RecoveryTest, AFirstPassIsARecoveryToo) {
  records = empty_records(*list, now);
  see(child, Outcome::pass);
  EXPECT_EQ(state(child), CheckState::blocked);
  pass_time(1s);
  see(parent, Outcome::pass);
  EXPECT_EQ(state_of(child), "blocked awaits");
  see(child, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass");
}

TEST_F(RecoveryTest, APassAfterAPassIsNone) {
  see(child, Outcome::pass);
  pass_time(1s);
  see(parent, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass");
}

// On random events over a random order of dependencies: what is shown as good has its evidence.
class EvidenceTest : public DependenciesTest {
 protected:
  static constexpr std::size_t count = 5;
  struct Witness {
    std::optional<SteadyTime> passed;         // the begin of its last run that passed
    std::optional<SteadyTime> failed;         // the end of the first that failed since then
    SteadyTime shown_bad{SteadyTime::min()};  // when it was last shown as fail
    SteadyTime recovered{SteadyTime::min()};
    bool was_bad = true;  // or not known
  };

  void build() {
    std::vector<Check> checks;
    for (std::size_t i = 0; i < count; ++i) {
      Check check = probed_check("c" + std::to_string(i), 30s, 5s);
      check.debounce = {1, 1 + static_cast<int>(random() % 3)};
      for (std::size_t needed = 0; needed < i; ++needed) {
        if (random() % 3 == 0) check.depends_on.push_back(needed);
      }
      checks.push_back(std::move(check));
    }
    use(std::move(checks));
    witnesses.assign(count, {});
  }
  void step() {
    const std::size_t index = random() % count;
    const Outcome outcome = random() % 10 < 6 ? Outcome::pass : Outcome::fail;
    if (random() % 8 != 0) {
      see(index, outcome);
      Witness& witness = witnesses[index];
      if (outcome == Outcome::pass) {
        witness.passed = now.steady;
        witness.failed.reset();
      } else if (!witness.failed) {
        witness.failed = now.steady;
      }
    }
    check();
    pass_time(std::chrono::milliseconds{1 + random() % 6000});
    check();
  }
  Duration longest_doubt(std::size_t index) const {
    Duration longest{};
    for (const std::size_t needed : list->checks[index].depends_on) {
      const Check& above = list->checks[needed];
      longest = std::max({longest, longest_doubt(needed),
                          above.debounce.fall * above.retry_interval + above.timeout});
    }
    return longest;
  }
  void check() {
    rule();
    const Snapshot snapshot = judged();
    for (std::size_t i = 0; i < count; ++i) {
      Witness& witness = witnesses[i];
      // Whatever made it so.
      const bool is_good = snapshot.checks[i].good;
      if (is_good && witness.was_bad) witness.recovered = now.steady;
      witness.was_bad = !is_good;
    }
    for (std::size_t i = 0; i < count; ++i) {
      Witness& witness = witnesses[i];
      const CheckStatus& status = snapshot.checks[i];
      const bool is_bad = records[i].debounce.readiness() == Readiness::bad;
      if (status.state == CheckState::fail) witness.shown_bad = now.steady;
      held += status.held_for ? 1 : 0;
      awaiting += status.awaits_run ? 1 : 0;
      if (!status.good) continue;
      ++good;
      ASSERT_TRUE(witness.passed);
      // A failure that debounce has not decided keeps the pass before it good.
      if (is_bad) {
        ASSERT_LE(now.steady - *witness.passed, list->checks[i].stale_after);
        ASSERT_LT(now.steady - records[i].former->until, longest_doubt(i));
      }
      ASSERT_GE(*witness.passed, witness.shown_bad) << "a failure that was shown is good again";
      for (const std::size_t needed : list->checks[i].depends_on) {
        ASSERT_TRUE(snapshot.checks[needed].good);
        ASSERT_GE(*witness.passed, witnesses[needed].recovered)
            << i << " needs " << needed << ": " << name_of(status.state) << " "
            << name_of(snapshot.checks[needed].state) << " held " << status.held_for.has_value();
      }
    }
  }

  std::mt19937 random{30};
  std::vector<Witness> witnesses;
  int held = 0, awaiting = 0, good = 0;
};

TEST_F(EvidenceTest, NothingIsGoodWithoutEvidence) {
  for (int round = 0; round < 300 && !HasFatalFailure(); ++round) {
    build();
    for (int i = 0; i < 100 && !HasFatalFailure(); ++i) step();
  }
  EXPECT_GT(held, 300);
  EXPECT_GT(awaiting, 3000);
  EXPECT_GT(good, 10'000);
}

}  // namespace
}  // namespace gonogo
