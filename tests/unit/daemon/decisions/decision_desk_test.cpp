// The desk with a board, a runner and a store as the daemon has them, under a clock that is moved.
#include "daemon/decisions/decision_desk.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "daemon/io/blocking_pool.h"
#include "daemon/scheduling/runner.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

// What the target is like; the probes of every process look at the same one.
struct Target {
  bool up = true;
  double restarts = 3;
};

class TargetProbe : public Probe {
 public:
  explicit TargetProbe(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  asio::awaitable<Finding> run(Attempt&) override {
    Finding finding =
        target_->up ? Finding::pass("up") : Finding::fail(Reason::connect, "connection refused");
    finding.measure("restarts", target_->restarts, "count");
    co_return finding;
  }

 private:
  std::shared_ptr<Target> target_;
};

// One life of a daemon.
class Process {
 public:
  Process(const std::string& path, const std::shared_ptr<Target>& target, Duration since_start,
          const WatchRule& rule)
      : clock(loop),
        pool(loop.get_executor(), 2, 8),
        board(clock, [](const Snapshot*, const Snapshot&) {}),
        runner(loop.get_executor(), clock,
               [this](std::size_t index, Observation seen) { take(index, std::move(seen)); }),
        desk(loop, clock, pool, board,
             [this](std::size_t index, SteadyTime when) { runner.run_by(index, when); }) {
    clock.stall(since_start);
    store = std::make_unique<Store>(path, 90 * 24h, clock.both());
    desk.open(*store, redactor);
    Check check = probed_check("api", 30s, 5s);
    Check lead;
    lead.id = "lead";
    lead.kind = "signoff";
    lead.signoff = SignoffRule{"lead", 7 * 24h, true, 1};
    list = checklist_of({check, lead});
    Config config;
    config.checklist = list;
    config.deploying.watch = rule;
    board.apply(list, [this](Board& to) {
      const Decisions& decided = store->loaded().decisions;
      to.signoffs = decided.signoffs;
      to.release = decided.release;
      to.deployment = decided.deployment;
      const auto stored = store->loaded().checks.find("api");
      if (stored != store->loaded().checks.end())
        adopt(to.records[0], list->checks[0], stored->second.record, stored->second.fingerprint);
    });
    desk.apply(config);
    runner.start(list, {std::make_shared<TargetProbe>(target), nullptr},
                 {board.record(0).decisive != nullptr, false});
  }

  ~Process() {
    runner.stop();
    settle();
    store->close();
  }

  void take(std::size_t index, Observation seen) {
    board.take(index, std::move(seen));
    if (const auto watched = desk.tightened(index)) runner.run_by(index, clock.now() + *watched);
    store->save_check("api", "f1", board.record(index), true);
    const std::shared_ptr<const Observation> last = board.record(index).last;
    desk.take(index, *last);
  }

  Decided decide(asio::awaitable<Decided> deciding) {
    std::optional<Decided> decided;
    asio::co_spawn(loop, std::move(deciding), [&](std::exception_ptr failure, Decided answer) {
      EXPECT_FALSE(failure);
      decided = std::move(answer);
    });
    loop.restart();
    while (!decided) loop.run_one();
    return *decided;
  }

  // Until what was to be written is written.
  void settle() {
    clock.settle();
    decide_nothing();
  }
  void decide_nothing() {
    // Writes are taken in their order: when this one has come back, those before it have.
    EXPECT_TRUE(store->history({}));
    clock.settle();
  }

  // Until the audit holds a decision of this kind: the pool takes it there in its own time.
  bool has_written(const std::string& what) {
    for (int i = 0; i < 10'000; ++i) {
      settle();
      const auto page = store->audit_page(0, 1000);
      if (page && page->find("\"" + what + "\"") != std::string::npos) return true;
    }
    return false;
  }

  const Deployment& deployment() { return *board.deployment(); }

  asio::io_context loop{1};
  FakeClock clock;
  BlockingPool pool;
  Redactor redactor;
  LiveBoard board;
  Runner runner;
  DecisionDesk desk;
  std::unique_ptr<Store> store;
  std::shared_ptr<Checklist> list;
};

// The wall clock tells whole microseconds.
constexpr Duration tick = 1us;

const Caller lead{"A. Lead", {Grant::sign}, {"lead"}};
const Caller ci{"ci", {Grant::deploy}, {}};

class DeployTest : public testing::Test {
 protected:
  DeployTest() {
    rule.settle = 2min;
    rule.min_samples = 5;
    FigureRule restarts;
    restarts.check = "api";
    restarts.value = "restarts";
    restarts.max_increase = 0;
    rule.figures.push_back(restarts);
    start();
  }
  void start() {
    process.reset();
    process = std::make_unique<Process>(scratch.path("gonogo.db"), target, elapsed, rule);
  }
  void pass_time(Duration span) {
    elapsed += span;
    process->clock.advance(span);
    process->settle();
  }
  void begin(const std::string& version = "v1") {
    pass_time(2min);
    ASSERT_TRUE(process->decide(process->desk.announce(ci, version)));
    ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
    DeployRequest request;
    request.version = version;
    request.watch = 30min;
    const Decided decided = process->decide(process->desk.deploy(ci, request));
    ASSERT_TRUE(decided) << decided.error().text;
  }

  Scratch scratch;
  std::shared_ptr<Target> target = std::make_shared<Target>();
  WatchRule rule;
  Duration elapsed{};
  std::unique_ptr<Process> process;
};

TEST_F(DeployTest, OneThatHoldsIsVerifiedWhenItsWindowIsOver) {
  begin();
  pass_time(29min + 59s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  EXPECT_GE(process->deployment().samples.at("api"), 5);
}

TEST_F(DeployTest, OneThatRegressesInMinuteTwelveIsCalledWithinOneInterval) {
  begin();
  pass_time(12min);
  target->up = false;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings,
            std::vector<std::string>{"api fails: connection refused"});
}

TEST_F(DeployTest, AFigureThatLeavesItsBoundsIsARegressionThoughEveryCheckPasses) {
  begin();
  pass_time(12min);
  target->restarts = 4;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings,
            std::vector<std::string>{"api/restarts is 4, wanted at most 3 (before the deploy: 3)"});
  EXPECT_TRUE(process->board.verdict()->go) << "the verdict is about the checks";
}

TEST_F(DeployTest, NothingIsHeldAgainstItBeforeItHasSettled) {
  begin();
  target->up = false;
  pass_time(1min + 50s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  target->up = true;
  pass_time(29min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, ARestartInTheMiddleChangesNeitherEnd) {
  begin();
  pass_time(10min);
  const int samples = process->deployment().samples.at("api");
  start();
  ASSERT_TRUE(process->board.deployment());
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  EXPECT_EQ(process->deployment().samples.at("api"), samples);
  EXPECT_EQ(process->deployment().figures.at("api/restarts").baseline, 3);
  pass_time(20min + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);

  begin("v2");
  pass_time(10min);
  start();
  pass_time(2min);
  target->up = false;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  start();
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
}

TEST_F(DeployTest, AWallClockThatIsSetEndsNoWatch) {
  begin();
  pass_time(5min);
  process->clock.set_wall_ahead(2h);
  pass_time(5min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  process->clock.set_wall_ahead(-4h);
  pass_time(20min + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, WithoutEnoughEvidenceItIsNeverVerified) {
  rule.min_samples = 2000;  // more than fit
  start();
  begin();
  pass_time(30min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching) << "waited for";
  pass_time(30min + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings.front(), "not enough evidence");
}

TEST_F(DeployTest, ItAsksForGoFirst) {
  pass_time(2min);
  DeployRequest request;
  request.version = "v1";
  Decided decided = process->decide(process->desk.deploy(ci, request));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().status, 409);
  EXPECT_NE(decided.error().text.find("lead"), std::string::npos) << decided.error().text;
  EXPECT_EQ(process->board.release(), "") << "a refused deploy changes nothing";
  request.force = true;
  EXPECT_EQ(process->decide(process->desk.deploy(ci, request)).error().status, 400);
  request.reason = "the site is down";
  decided = process->decide(process->desk.deploy(ci, request));
  ASSERT_TRUE(decided) << decided.error().text;
  EXPECT_TRUE(process->deployment().forced);
  EXPECT_EQ(process->board.release(), "v1");
}

TEST_F(DeployTest, ANewReleaseLapsesTheSignoffsOfTheOldAtThatInstant) {
  begin();
  EXPECT_TRUE(process->board.verdict()->go);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  EXPECT_FALSE(process->board.verdict()->go);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_TRUE(process->board.verdict()->go) << "they were given for v1";
}

TEST_F(DeployTest, TheNextDeployEndsTheWatchOfTheOneBefore) {
  begin();
  pass_time(5min);
  begin("v2");
  EXPECT_EQ(process->deployment().version, "v2");
  ASSERT_TRUE(process->has_written("deployment-ended"));
  const auto list = process->store->deployments(10);
  ASSERT_TRUE(list);
  EXPECT_NE(list->find("superseded"), std::string::npos) << *list;
}

TEST_F(DeployTest, WatchedChecksAreLookedAtMoreOften) {
  begin();
  pass_time(3min);
  const auto before = process->board.record(0).runs;
  pass_time(5min);
  const auto after = process->board.record(0).runs;
  EXPECT_GE(after[0] - before[0], 18U) << "every 15 s instead of every 30";
}

class DeskTest : public DeployTest {
 protected:
  int refused(Decided decided) { return decided ? 0 : decided.error().status; }
};

TEST_F(DeskTest, SignsOnlyInTheRoleThatIsAskedFor) {
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_EQ(refused(process->decide(process->desk.sign(ci, {"lead", "", "", ""}))), 403);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "owner", "", ""}))), 409);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"nobody", "", "", ""}))), 404);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"api", "", "", ""}))), 409);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "", "", "v2"}))), 409);
  EXPECT_EQ(
      refused(process->decide(process->desk.sign(lead, {"lead", "", std::string(3000, 'x'), ""}))),
      400);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "lead", "", "v1"}))), 0);
}

TEST_F(DeskTest, KeepsSecretsOutOfNotes) {
  process->redactor.hide("super-secret");
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  const Decided decided =
      process->decide(process->desk.sign(lead, {"lead", "", "used super-secret", ""}));
  ASSERT_TRUE(decided);
  EXPECT_EQ(decided->find("super-secret"), std::string::npos) << *decided;
}

TEST_F(DeskTest, WaivesForAWhileAndNoLongerThanItMay) {
  pass_time(2min);
  WaiveRequest request{"api", "known", 1h, {}, false};
  EXPECT_EQ(
      refused(process->decide(process->desk.waive(lead, {"api", "known", 8 * 24h, {}, false}))),
      409);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", " ", 1h, {}, false}))), 400);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", "known", {}, {}, false}))),
            400);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, true}))),
            409)
      << "no release to bind it to";
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, request))), 0);
  target->up = false;
  pass_time(2min);
  EXPECT_TRUE(process->board.verdict()->checks[0].good);
  EXPECT_EQ(refused(process->decide(process->desk.end_waiver(lead, "api"))), 0);
  EXPECT_FALSE(process->board.verdict()->checks[0].good);
  EXPECT_EQ(refused(process->decide(process->desk.end_waiver(lead, "api"))), 404);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, request))), 0);
  pass_time(1h - 1s);
  EXPECT_TRUE(process->board.verdict()->checks[0].good);
  pass_time(1s);
  EXPECT_FALSE(process->board.verdict()->checks[0].good) << "at that instant";
}

TEST_F(DeskTest, WhatHasEndedIsNotRevivedByAClockSetBackBeforeTheNextProcess) {
  begin();
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, false})));
  pass_time(7 * 24h);
  EXPECT_FALSE(process->board.verdict()->go) << "the sign-off has ended";
  process->desk.note_ended();
  ASSERT_TRUE(process->has_written("signoff-ended"));
  ASSERT_TRUE(process->has_written("waiver-ended"));
  // The next process begins with a clock of before the end of both.
  elapsed -= 7 * 24h - 30min;
  start();
  EXPECT_TRUE(process->store->loaded().decisions.signoffs.empty());
  EXPECT_TRUE(process->store->loaded().decisions.waivers.empty());
}

}  // namespace
}  // namespace gonogo
