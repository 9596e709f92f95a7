#include "daemon/subscribers.h"

#include "tests/support/process.h"

namespace gonogo {
namespace {

class SubscribersTest : public DeployTest {};

TEST_F(SubscribersTest, TakeEachObservationInThisOrder) {
  std::vector<std::string_view> names;
  for (const Subscriber& subscriber : process->kernel.subscribers())
    names.push_back(subscriber.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"redact", "record", "retry", "store", "release",
                                                  "endings", "watch"}));
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

}  // namespace
}  // namespace gonogo
