#include "daemon/subscribers.h"

#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

class SubscribersTest : public DeployTest {};

TEST_F(SubscribersTest, TakeEachObservationInThisOrder) {
  std::vector<std::string_view> names;
  for (const Subscriber& subscriber : process->kernel.subscribers())
    names.push_back(subscriber.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"redact", "record", "retry", "store", "release",
                                                  "watch"}));
}

TEST(Deliver, EachSubscriberSeesWhatTheOnesBeforeItDid) {
  const auto list = checklist_of({probed_check("a")});
  CheckRuntime runtime(std::shared_ptr<const Check>(list, &list->checks[0]), 0,
                       std::make_shared<ProbeMemory>(), {});
  std::vector<std::string> seen;
  const auto append = [&seen](const char* letter) {
    return [&seen, letter](Arrival& arrival) {
      arrival.seen->summary += letter;
      seen.push_back(arrival.seen->summary);
    };
  };
  deliver({{"first", append("1")}, {"second", append("2")}}, runtime,
          Observation(Finding::pass("seen ")));
  EXPECT_EQ(seen, (std::vector<std::string>{"seen 1", "seen 12"}));
}

TEST_F(SubscribersTest, ASecretIsGoneBeforeAnythingIsRecordedOrStored) {
  process->redactor.hide("super-secret");
  target->said = "answered super-secret";
  target->release = "v1-super-secret";
  pass_time(1min);
  const CheckRecord& record = process->runtimes[0].record;
  EXPECT_EQ(record.last->summary.find("super-secret"), std::string::npos) << record.last->summary;
  EXPECT_EQ(process->board.release().find("super-secret"), std::string::npos);
  EXPECT_NE(process->board.release(), "");
  start();
  EXPECT_EQ(process->store->loaded().checks.at("api").record.decisive->summary.find("super-secret"),
            std::string::npos);
}

TEST_F(SubscribersTest, AReleaseThatIsReadIsInForceAndWrittenDown) {
  target->release = "v7";
  pass_time(1min);
  EXPECT_EQ(process->board.release(), "v7");
  ASSERT_TRUE(process->has_written("release"));
  target->up = false;
  target->release = "v8";
  pass_time(1min);
  EXPECT_EQ(process->board.release(), "v7") << "a failed run reads none";
}

TEST_F(SubscribersTest, TheNextRunIsKnownToTheJudge) {
  pass_time(1min);
  EXPECT_EQ(process->runtimes[0].record.next_run, process->runtimes[0].due);
}

class NotingProbe : public Probe {
 public:
  explicit NotingProbe(std::string name) : name_(std::move(name)) {}
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.memory().write_note("at 7");
    co_return Finding::pass();
  }
  std::string memory_key() const override { return name_; }

 private:
  std::string name_;
};

TEST_F(SubscribersTest, ANoteWithoutANameIsNotStored) {
  Check check = probed_check("api", 30s, 5s);
  check.probe = std::make_shared<NotingProbe>("");
  process->config.checklist = checklist_of({check});
  process->put_in_force();
  pass_time(1min);
  EXPECT_EQ(process->store->note(""), std::nullopt);
}

TEST_F(SubscribersTest, ANoteOfAProbeIsStoredUnderItsKey) {
  Check check = probed_check("api", 30s, 5s);
  check.probe = std::make_shared<NotingProbe>("gates.g.checks.api.log /var/log/app.log");
  process->config.checklist = checklist_of({check});
  process->put_in_force();
  pass_time(1min);
  EXPECT_EQ(process->store->note("gates.g.checks.api.log /var/log/app.log"), "at 7");
  start();
  EXPECT_EQ(process->store->note("gates.g.checks.api.log /var/log/app.log"), "at 7");
}

// A check that depends on another, and one that runs only when asked.
class DependentsTest : public SubscribersTest {
 protected:
  DependentsTest() {
    Check above = process->config.checklist->checks[0];
    Check below = probed_check("below", 24h, 5s);
    below.probe = probe = std::make_shared<ScriptedProbe>([this] { return said; });
    below.depends_on = {0};
    below.retry_interval = 10s;
    Check asked = probed_check("asked", 24h, 5s);
    asked.probe = asked_probe = std::make_shared<ScriptedProbe>([] { return Finding::pass(); });
    asked.on_demand = true;
    asked.depends_on = {0};
    Check behind = probed_check("behind", 24h, 5s);
    behind.probe = behind_probe = std::make_shared<ScriptedProbe>([] { return Finding::pass(); });
    behind.depends_on = {1};
    process->config.checklist = checklist_of({above, below, asked, behind});
    process->put_in_force();
    pass_time(1min);
  }
  void fail_and_recover() {
    target->up = false;
    pass_time(1min);
    EXPECT_EQ(process->board.verdict()->checks[1].state, CheckState::blocked);
    target->up = true;
    pass_time(1min);
  }
  Finding said = Finding::pass();
  std::shared_ptr<ScriptedProbe> probe, asked_probe, behind_probe;
};

TEST_F(DependentsTest, RunAtOnceWhenWhatTheyDependOnHasRecovered) {
  const int runs = probe->runs;
  const int runs_behind = behind_probe->runs;
  fail_and_recover();
  EXPECT_EQ(probe->runs, runs + 1);
  EXPECT_EQ(behind_probe->runs, runs_behind + 1) << "what depends on it through another too";
  EXPECT_EQ(asked_probe->runs, 0) << "it runs only when asked";
  const auto snapshot = process->board.verdict();
  EXPECT_EQ(snapshot->checks[1].state, CheckState::pass);
  EXPECT_EQ(snapshot->checks[3].state, CheckState::pass);
}

TEST_F(DependentsTest, AreRunAgainSoonUntilOnePasses) {
  said = Finding::unknown(Reason::prober, "no descriptor");
  const int runs = probe->runs;
  fail_and_recover();
  EXPECT_GT(probe->runs, runs + 1);
  EXPECT_TRUE(process->board.verdict()->checks[1].awaits_run);
  said = Finding::pass();
  pass_time(10s);
  EXPECT_EQ(process->board.verdict()->checks[1].state, CheckState::pass);
  const int runs_then = probe->runs;
  pass_time(10min);
  EXPECT_EQ(probe->runs, runs_then) << "and then on its schedule";
}

TEST_F(DependentsTest, ARunThatBeganBeforeTheRecoveryIsFollowedByAnother) {
  target->up = false;
  pass_time(1min);
  probe->hang();
  process->kernel.runner().run_now(process->runtimes[1]);
  pass_time(1ms);
  target->up = true;
  process->kernel.runner().run_now(process->runtimes[0]);
  pass_time(1ms);
  const int runs = probe->runs;
  probe->release();
  pass_time(1ms);
  EXPECT_EQ(probe->runs, runs + 1);
  probe->release();
}

TEST_F(DependentsTest, AResultFromBeforeTheRecoveryIsOutlivedAfterARestartToo) {
  const CheckRuntime& below = process->runtimes[1];
  EXPECT_FALSE(process->runtimes.has_outlived_its_result(below));
  probe->hang();
  target->up = false;
  pass_time(1min);
  target->up = true;
  process->kernel.runner().run_now(process->runtimes[0]);
  pass_time(20ms);
  ASSERT_TRUE(process->board.verdict()->checks[1].awaits_run);
  EXPECT_TRUE(process->runtimes.has_outlived_its_result(below));
  EXPECT_FALSE(process->runtimes.has_outlived_its_result(process->runtimes[0]));
  probe->release();
}

TEST_F(SubscribersTest, TheVerdictOfAGateIsStoredWithItsSince) {
  pass_time(2min);
  const auto before = process->board.verdict();
  ASSERT_FALSE(before->gates[0].go) << "nobody has signed";
  start(1min);
  EXPECT_EQ(process->board.verdict()->gates[0].since, before->gates[0].since);
}

// What one observation makes of the check: whether it is saved at once.
class UrgencyTest : public SubscribersTest {
 protected:
  bool is_urgent(Outcome outcome) {
    CheckRuntime& runtime = process->runtimes[0];
    process->clock.pass_unnoticed(1s);
    auto observation = std::make_shared<Observation>(Finding(outcome, Reason::status, "seen"));
    observation->at = process->clock.both();
    Arrival arrival{runtime, std::move(observation)};
    for (const Subscriber& subscriber : process->kernel.subscribers()) {
      if (subscriber.name == "record") subscriber.take(arrival);
    }
    return arrival.decides;
  }
};

TEST_F(UrgencyTest, AChangeOfStateIsSavedAtOnceWhateverMadeIt) {
  redefine(0, [](Check& check) { check.flapping = FlappingRule{2, 10min}; });
  EXPECT_TRUE(is_urgent(Outcome::pass)) << "the first";
  EXPECT_FALSE(is_urgent(Outcome::pass));
  EXPECT_TRUE(is_urgent(Outcome::fail));
  EXPECT_TRUE(is_urgent(Outcome::pass));
  EXPECT_TRUE(is_urgent(Outcome::fail)) << "and flapping now";
  EXPECT_FALSE(is_urgent(Outcome::fail));
}

TEST_F(UrgencyTest, ThatItDoesNotApplyIsSavedAtOnceAndThatItAppliesAgainToo) {
  EXPECT_TRUE(is_urgent(Outcome::fail));
  EXPECT_TRUE(is_urgent(Outcome::skipped));
  EXPECT_FALSE(is_urgent(Outcome::skipped));
  EXPECT_TRUE(is_urgent(Outcome::fail)) << "it failed before, and did not apply meanwhile";
}

TEST_F(UrgencyTest, FlappingThatBeginsWithAPassIsSavedAtOnce) {
  redefine(0, [](Check& check) {
    check.flapping = FlappingRule{1, 10min};
    check.debounce = {.rise = 1, .fall = 5};
  });
  EXPECT_TRUE(is_urgent(Outcome::pass));
  EXPECT_FALSE(is_urgent(Outcome::fail)) << "one of five";
  EXPECT_TRUE(is_urgent(Outcome::pass)) << "it is held at fail";
}

}  // namespace
}  // namespace gonogo
