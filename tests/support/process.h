// One life of a daemon after the other: its kernel and its store, under a clock that is moved.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "daemon/io/blocking_pool.h"
#include "daemon/kernel.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {

using namespace std::chrono_literals;

// How the target is; the probes of all processes ask the same one.
struct Target {
  bool up = true;
  double restarts = 3;
  std::string said = "up";
  std::optional<std::string> release;
  std::optional<Finding> says;  // instead of all that
};

class TargetProbe : public Probe {
 public:
  explicit TargetProbe(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  boost::asio::awaitable<Finding> run(Attempt&) override {
    if (target_->says) co_return *target_->says;
    Finding finding = target_->up ? Finding::pass(target_->said)
                                  : Finding::fail(Reason::connect, "connection refused");
    finding.measure("restarts", target_->restarts, "count");
    finding.release = target_->release;
    co_return finding;
  }

 private:
  std::shared_ptr<Target> target_;
};

// One life of a daemon.
class Process {
 public:
  // `adjust` changes the configuration that it begins with.
  Process(const std::string& path, const std::shared_ptr<Target>& target, Duration since_start,
          const WatchRule& rule, const std::function<void(Config&)>& adjust = {})
      : clock(loop), pool(loop.get_executor(), 2, 8), kernel(loop, clock, pool) {
    clock.stall(since_start);
    open(path);
    Check api = probed_check("api", 30s, 5s);
    api.probe = std::make_shared<TargetProbe>(target);
    Check lead;
    lead.id = "lead";
    lead.kind = "signoff";
    lead.signoff = SignoffRule{"lead", 7 * 24h, true, 1};
    config.checklist = checklist_of({api, lead});
    config.deploying.watch = rule;
    if (adjust) adjust(config);
    put_in_force();
  }

  ~Process() {
    kernel.stop();
    settle();
    store->close();
  }

  void open(const std::string& path) {
    store = std::make_unique<Store>(path, 90 * 24h, clock.both());
    kernel.open(*store);
  }

  void put_in_force() { kernel.put_in_force(config); }

  // Until it is answered.
  template <typename Answer>
  Answer decide(boost::asio::awaitable<Answer> deciding) {
    std::optional<Answer> decided;
    boost::asio::co_spawn(loop, std::move(deciding),
                          [&](std::exception_ptr failure, Answer answer) {
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
    // The store answers in the order in which it is asked: what came before this is written.
    EXPECT_TRUE(store->history({}) || !store->problem().empty());
    clock.settle();
  }

  // Waits until the audit holds a decision of this kind: a pool thread takes it there.
  bool has_written(const std::string& what) {
    for (int i = 0; i < 10'000; ++i) {
      settle();
      const auto page = store->audit_page(0, 1000);
      if (page && page->find("\"" + what + "\"") != std::string::npos) return true;
    }
    return false;
  }

  const Deployment& deployment() { return *board.deployment(); }

  boost::asio::io_context loop{1};
  FakeClock clock;
  BlockingPool pool;
  std::unique_ptr<Store> store;
  Kernel kernel;
  Redactor& redactor = kernel.redactor();
  Runtimes& runtimes = kernel.runtimes();
  LiveBoard& board = kernel.board();
  DeployWatch& watch = kernel.watch();
  DecisionDesk& desk = kernel.desk();
  Config config;
};

// The wall clock has whole microseconds.
inline constexpr Duration tick = std::chrono::microseconds{1};

inline const Caller lead{"A. Lead", {Grant::sign}, {"lead"}};
inline const Caller ci{"ci", {Grant::deploy}, {}};

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
  // Ends the daemon if it runs, and starts it after it was down for `down`.
  void start(Duration down = {}) {
    process.reset();
    elapsed += down;
    process = std::make_unique<Process>(scratch.path("gonogo.db"), target, elapsed, rule, adjust);
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

  std::uint64_t endings_of(DeploymentStatus status) const {
    return process->watch.endings().at(static_cast<std::size_t>(status));
  }
  // A hook that runs when a deploy regressed, in this process.
  std::shared_ptr<ScriptedProbe> use_hook() {
    auto hook = ScriptedProbe::answering(Finding::pass("rolled back"));
    process->config.deploying.on_regressed = hook;
    process->put_in_force();
    return hook;
  }

  // Changes a check of the configuration in force.
  void redefine(std::size_t check, const std::function<void(Check&)>& change) {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    change(list->checks[check]);
    process->config.checklist = list;
    process->put_in_force();
  }
  // The next processes begin with this rule for the sign-off of the lead.
  void begin_with_rule(SignoffRule rule_of_lead) {
    adjust = [rule_of_lead](Config& config) {
      auto list = std::make_shared<Checklist>(*config.checklist);
      list->checks[1].signoff = rule_of_lead;
      config.checklist = list;
    };
  }

  Scratch scratch;
  std::function<void(Config&)> adjust;  // for the processes that are started from now on
  std::shared_ptr<Target> target = std::make_shared<Target>();
  WatchRule rule;
  Duration elapsed{};
  std::unique_ptr<Process> process;
};

}  // namespace gonogo
