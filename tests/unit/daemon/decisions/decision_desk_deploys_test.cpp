#include "daemon/decisions/decision_desk.h"

#include "tests/support/disk_test.h"

namespace gonogo {
namespace {

// What changes while a deploy is being written down.
class DeployRaceTest : public DiskTest {
 protected:
  DeployRaceTest() { EXPECT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""}))); }
  static DeployRequest request(const char* version) {
    DeployRequest asked;
    asked.version = version;
    asked.watch = 30min;
    return asked;
  }
  void make_no_go() {
    redefine(1, [](Check& check) { check.signoff->people = 2; });
    ASSERT_FALSE(process->board.verdict()->go);
  }
  // Begins a deploy; `meanwhile` happens before the first of its writes is done.
  Decided deploy(const DeployRequest& asked, const std::function<void()>& meanwhile) {
    std::optional<Decided> answered;
    ask(process->desk.deploy(ci, asked), answered);
    meanwhile();
    disk.thaw();
    return finish(answered);
  }
};

TEST_F(DeployRaceTest, ADeployIsAskedForGoAgainWhenItsReleaseIsWrittenDown) {
  const Decided decided = deploy(request("v1"), [this] { make_no_go(); });
  ASSERT_FALSE(decided) << *decided;
  EXPECT_EQ(decided.error().status, 409);
  EXPECT_NE(decided.error().text.find("lead"), std::string::npos) << decided.error().text;
  EXPECT_NE(decided.error().text.find("v1 is announced"), std::string::npos);
  EXPECT_FALSE(process->board.deployment());
  EXPECT_EQ(process->store->audit_page(0, 1000)->find("\"deployment\""), std::string::npos);
}

TEST_F(DeployRaceTest, ADeployIsAskedForGoAgainWhenItIsWrittenDown) {
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  const Decided decided = deploy(request("v1"), [this] { make_no_go(); });
  ASSERT_FALSE(decided) << *decided;
  EXPECT_EQ(decided.error().status, 409);
  EXPECT_NE(decided.error().text.find("lead"), std::string::npos) << decided.error().text;
  EXPECT_FALSE(process->board.deployment());
  EXPECT_TRUE(process->has_written("deployment-ended"));
  EXPECT_NE(process->store->deployments(10)->find("refused"), std::string::npos);
  target->up = false;
  pass_time(40min);
  EXPECT_EQ(hook->runs, 0);
  start();
  EXPECT_FALSE(process->board.deployment()) << "nor does a later process watch it";
  pass_time(40min);
  EXPECT_EQ(hook->runs, 0);
}

TEST_F(DeployRaceTest, ASignoffThatIsWithdrawnFirstRefusesTheDeploy) {
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  std::optional<Decided> withdrawn;
  std::optional<Decided> deployed;
  ask(process->desk.withdraw(lead, "lead"), withdrawn);
  boost::asio::co_spawn(
      process->loop, process->desk.deploy(ci, request("v1")),
      [&deployed](std::exception_ptr, Decided answer) { deployed = std::move(answer); });
  process->loop.restart();
  process->loop.poll();
  disk.thaw();
  EXPECT_TRUE(finish(withdrawn));
  const Decided decided = finish(deployed);
  ASSERT_FALSE(decided) << *decided;
  EXPECT_EQ(decided.error().status, 409);
}

TEST_F(DeployRaceTest, AnotherReleaseThatIsAnnouncedMeanwhileRefusesTheDeploy) {
  std::optional<Decided> other;
  const Decided decided = deploy(request("v1"), [&] {
    boost::asio::co_spawn(
        process->loop, process->desk.announce(ci, "v2"),
        [&other](std::exception_ptr, Decided answer) { other = std::move(answer); });
    process->loop.restart();
    process->loop.poll();
  });
  EXPECT_TRUE(finish(other));
  ASSERT_FALSE(decided) << *decided;
  EXPECT_EQ(decided.error().status, 409);
  EXPECT_NE(decided.error().text.find("the release is \"v2\""), std::string::npos)
      << decided.error().text;
}

TEST_F(DeployRaceTest, ADeployThatIsRefusedAtLastLeavesTheFormerOneWatched) {
  const Decided former = process->decide(process->desk.deploy(ci, request("v1")));
  ASSERT_TRUE(former);
  pass_time(5min);
  ASSERT_FALSE(deploy(request("v1"), [this] { make_no_go(); }));
  ASSERT_TRUE(process->board.deployment());
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  const std::int64_t id = process->deployment().id;
  ASSERT_TRUE(process->has_written("deployment-ended"));
  start();
  ASSERT_TRUE(process->board.deployment());
  EXPECT_EQ(process->deployment().id, id);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
}

TEST_F(DeployRaceTest, AForcedDeployBeginsWhateverComesMeanwhile) {
  DeployRequest forced = request("v1");
  forced.force = true;
  forced.reason = "the site is down";
  const Decided decided = deploy(forced, [this] { make_no_go(); });
  ASSERT_TRUE(decided) << decided.error().text;
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
}

TEST_F(DeployRaceTest, ADeployBeginsWhenGoComesBackInTime) {
  const Decided decided = deploy(request("v1"), [this] {
    make_no_go();
    redefine(1, [](Check& check) { check.signoff->people = 1; });
  });
  ASSERT_TRUE(decided) << decided.error().text;
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
}

}  // namespace
}  // namespace gonogo
