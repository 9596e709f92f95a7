// The whole kernel under a clock that is moved: results of all kinds, hangs, reloads, restarts,
// clock steps, decisions and deploys, and after each event the invariants, said in a second way.
// tests/simulation holds it; `simulate` plays more of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulation/run.h"
#include "tests/simulation/shrink.h"

namespace gonogo::simulation {
namespace {

// Sanitizers make it ten times slower, and find what only they find: those of clang play more. (g++
// plays them a second time.) Elsewhere `simulate` plays a million events beside these.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t events_played = 100'000;
#else
constexpr std::uint64_t events_played = 20'000;
#endif
#else
constexpr std::uint64_t events_played = 20'000;
#endif

TEST(Simulation, KeepsTheInvariantsWhateverHappens) {
  RunPlan plan;
  plan.events = events_played;
  const RunReport report = run_simulations(plan);
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.figures.events, events_played);
  // What is drawn no more would be missed.
  for (const auto& [name, field] : Figures::fields()) EXPECT_GT(report.figures.*field, 0U) << name;
  EXPECT_GT(report.figures.gos, events_played / 20)
      << "a simulation that is never GO proves little";
  EXPECT_GT(report.figures.no_gos, events_played / 20);
  EXPECT_GT(report.figures.decisions, events_played / 100);
  EXPECT_GT(report.figures.restarts, events_played / 1000);
}

TEST(Simulation, PlaysTheSameEventsInTheSameWay) {
  const std::vector<Event> events = draw_events(7, 600);
  Figures first;
  Figures second;
  play(events, &first);
  play(events, &second);
  EXPECT_EQ(first.gos, second.gos);
  EXPECT_EQ(first.no_gos, second.no_gos);
  EXPECT_EQ(first.decisions, second.decisions);
}

TEST(Simulation, EventsAreWrittenDownAndReadBack) {
  const std::vector<Event> events = draw_events(3, 400);
  const std::string text = to_text(events);
  const auto read = events_from(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), events.size());
  EXPECT_EQ(to_text(*read), text);
}

TEST(Simulation, TextThatIsNoEventIsRefused) {
  EXPECT_FALSE(events_from("wait span=5\nsleep span=5\n"));
  EXPECT_FALSE(events_from("wait spam=5\n"));
  EXPECT_TRUE(events_from("\nwait span=5\n"));
}

// Found by the simulation: a result that grew too old below a check that nobody had signed off was
// never shown as stale, and counted again after a restart with a longer interval.
TEST(Simulation, AResultThatGrewTooOldWhileBlockedStaysSoInTheNextLife) {
  const auto events = events_from(
      "check number=5 people=1\ncheck number=7 on_demand=1 parent=5\nreload\nrun number=7\n"
      "wait span=540000\ncheck number=7 interval=900\nrestart\n");
  ASSERT_TRUE(events);
  const auto failure = play(*events);
  EXPECT_FALSE(failure) << failure->text;
}

// Deploys that random play seldom meets, and that the clerk has a rule for: what happens to the
// only check in the middle of a window. By the evidence from before it, each was verified.
TEST(Simulation, ADeployIsVerifiedByEvidenceThatReachesToItsEnd) {
  struct Case {
    const char* name;
    const char* before;
    const char* after;
    bool is_verified;  // when the watch went on for a while
    int window = 60'000;
  };
  for (const Case& one : {
           Case{"failing, and not decided",
                "check number=1 interval=10 timeout=2 retry=5 failures=30\n",
                "wait span=52000\nanswer number=1 answer=2\nwait span=70000\n", false},
           Case{"unknown, and not stale", "check number=1 interval=60 timeout=2\n",
                "wait span=200000\nanswer number=1 answer=3\nwait span=420000\n", false, 300'000},
           Case{"blocked by an advisory check",
                "check number=0 interval=10 advisory=1\ncheck number=1 interval=10 parent=0\n",
                "wait span=12000\nanswer number=0 answer=2\nwait span=110000\n", false},
           Case{"run only when asked", "check number=1 interval=30\n",
                "wait span=50000\ncheck number=1 interval=30 on_demand=1\nreload\n"
                "wait span=75000\n",
                false},
           Case{"of another definition", "check number=1 interval=30 timeout=2\n",
                "wait span=58000\ncheck number=1 interval=30 timeout=2 version=2\nreload\n"
                "run number=1\nwait span=70000\n",
                true},
           Case{"well", "check number=1 interval=30\n", "wait span=70000\n", true},
       }) {
    const auto events = events_from(std::string(one.before) + "reload\nwait span=70000\n" +
                                    "deploy number=1 bound=1 span=" + std::to_string(one.window) +
                                    "\n" + std::string(one.after));
    ASSERT_TRUE(events) << one.name;
    Figures figures;
    const auto failure = play(*events, &figures);
    EXPECT_FALSE(failure) << one.name << ": " << failure->text;
    EXPECT_EQ(figures.verified, one.is_verified ? 1U : 0U) << one.name;
    EXPECT_EQ(figures.unproven, one.is_verified ? 0U : 1U) << one.name;
  }
}

// A planted fault: the third stall of at least ten seconds, after a reload with a grouped check.
bool is_broken(const std::vector<Event>& events) {
  bool is_grouped = false;
  int stalls = 0;
  for (const Event& event : events) {
    if (event.kind == EventKind::check && event.spec.group >= 0) is_grouped = true;
    if (is_grouped && event.kind == EventKind::stall && event.span >= 10'000) ++stalls;
  }
  return stalls >= 3;
}

TEST(Simulation, AFailureShrinksToTheEventsThatMakeIt) {
  std::vector<Event> events = draw_events(11, 1000);
  for (int i = 0; i < 3; ++i) {
    Event stall;
    stall.kind = EventKind::stall;
    stall.span = 61'234;
    events.insert(events.begin() + 300 + 200 * i, stall);
  }
  Event check;
  check.kind = EventKind::check;
  check.spec.group = 1;
  check.spec.people = 2;
  events.insert(events.begin(), check);
  ASSERT_TRUE(is_broken(events));
  const std::vector<Event> few = shrunk(events, is_broken);
  EXPECT_TRUE(is_broken(few));
  ASSERT_EQ(few.size(), 4U) << to_text(few);
  EXPECT_EQ(few[0].kind, EventKind::check);
  EXPECT_EQ(few[0].spec.people, 0) << "what does not matter has its usual value";
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(few[i].kind, EventKind::stall);
    EXPECT_EQ(few[i].span % 1000, 0);
  }
  // What is printed plays again.
  const auto again = events_from(to_text(few));
  ASSERT_TRUE(again);
  EXPECT_TRUE(is_broken(*again));
}

// The clerk has to be able to disagree: told of a pass that the daemon never saw, it does.
TEST(Simulation, TheClerkDisagreesWithCountsThatNothingExplains) {
  Faults faults;
  Clerk clerk(faults);
  Plan plan;
  plan.checks[0] = CheckSpec{};
  const Now now{SteadyTime{std::chrono::hours{1}}, WallTime{std::chrono::hours{1}}};
  clerk.put_in_force(plan, now);
  EXPECT_FALSE(clerk.rule(now, true).most.go);
  clerk.compare_counts(0, Counts{1, 0, 0, 0, 0}, now);
  ASSERT_TRUE(faults.first);
  EXPECT_NE(faults.first->find("no run says so"), std::string::npos) << *faults.first;
}

TEST(Simulation, TheClerkKeepsAPassAsLongAsItIsFresh) {
  Faults faults;
  Clerk clerk(faults);
  Plan plan;
  plan.checks[0] = CheckSpec{};
  Now now{SteadyTime{std::chrono::hours{1}}, WallTime{std::chrono::hours{1}}};
  clerk.put_in_force(plan, now);
  clerk.answered(clerk.began(0, now), Answer::pass, now);
  EXPECT_TRUE(clerk.rule(now, true).most.go);
  now.steady += std::chrono::seconds{CheckSpec{}.stale_after()};
  EXPECT_TRUE(clerk.rule(now, true).most.go);
  now.steady += Duration{1};
  EXPECT_FALSE(clerk.rule(now, true).most.go);
  EXPECT_FALSE(faults.first);
}

}  // namespace
}  // namespace gonogo::simulation
