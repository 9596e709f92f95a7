#include "daemon/io/json_conditions.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemon/config/document.h"
#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/jq_parts.h"
#include "daemon/formats/settings.h"
#include "tests/support/io_bench.h"
#include "tests/support/sanitizers.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr const char* why_not = "change how the process for jq ends";

JsonConditions conditions_of(const std::string& options, Problems& problems) {
  Reading reading;
  Node node = parse_document("x", options, reading.problems);
  Settings settings(&node, node.place, "expect", reading);
  JsonConditions conditions = read_json_conditions(settings, "json");
  problems = reading.problems;
  return conditions;
}

// The children of this process that run, which is all but those that nobody has reaped yet.
std::vector<int> processes() {
  std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::vector<int> found{std::istream_iterator<int>(list), {}};
  std::erase_if(found, [](int process) {
    std::string line;
    std::getline(std::ifstream("/proc/" + std::to_string(process) + "/stat"), line);
    const std::size_t name_end = line.rfind(')');
    return name_end == std::string::npos || line.at(name_end + 2) == 'Z';
  });
  return found;
}

// What is killed takes a moment.
bool all_end() {
  for (int i = 0; i < 1'000'000; ++i) {
    if (processes().empty()) return true;
    std::this_thread::yield();
  }
  return false;
}

// Runs on a loop whose time stands still, and waits for processes.
class JqBench : public IoBench {
 public:
  // What a run ended with: an answer, or what was thrown. A signal is for one run: its slot holds
  // one handler.
  template <typename T>
  struct End {
    std::optional<T> answer;
    Finding failure;
  };
  template <typename T>
  std::shared_ptr<End<T>> begin(boost::asio::awaitable<T> operation) {
    auto end = std::make_shared<End<T>>();
    boost::asio::co_spawn(loop, std::move(operation), taken_by(end));
    clock.settle();
    return end;
  }
  template <typename T>
  std::shared_ptr<End<T>> begin(boost::asio::awaitable<T> operation,
                                boost::asio::cancellation_signal& signal) {
    auto end = std::make_shared<End<T>>();
    boost::asio::co_spawn(loop, std::move(operation),
                          boost::asio::bind_cancellation_slot(signal.slot(), taken_by(end)));
    clock.settle();
    return end;
  }

  // Waits until so many processes run jq.
  void await_processes(std::size_t count) {
    const auto running = [] {
      std::size_t found = 0;
      for (const int process : processes()) {
        std::string name;
        std::ifstream("/proc/" + std::to_string(process) + "/comm") >> name;
        found += name == "gonogo-jq" ? 1 : 0;
      }
      return found;
    };
    while (running() != count) clock.settle();
    clock.settle();
  }
  void finish() {
    while (open_ > 0) {
      loop.restart();
      loop.run_one_for(30s);
    }
  }
  template <typename T>
  End<T> ended(boost::asio::awaitable<T> operation) {
    auto end = begin(std::move(operation));
    finish();
    return std::move(*end);
  }

  JqPrograms programs(const std::vector<std::string>& texts) {
    Reading reading;
    std::string list;
    for (const std::string& text : texts) list += "- " + nlohmann::json(text).dump() + "\n";
    Node node = parse_document("x", "json:\n" + list, reading.problems);
    Settings settings(&node, node.place, "expect", reading);
    JqPrograms read;
    for (const JsonCondition& each : read_json_conditions(settings, "json"))
      read.push_back(each.program);
    for (const Problem& problem : reading.problems) ADD_FAILURE() << to_text(problem);
    return read;
  }
  End<JqRun> run(const std::vector<std::string>& texts, const std::string& input) {
    Attempt attempt(clock, clock.now() + 10s);
    return ended(run_jq(programs(texts), input, resources, attempt));
  }

 private:
  template <typename T>
  auto taken_by(std::shared_ptr<End<T>> end) {
    ++open_;
    return [this, end](const std::exception_ptr& error, T value) {
      --open_;
      if (error) end->failure = finding_of(error, Stage::judge);
      if (!error) end->answer.emplace(std::move(value));
    };
  }

  int open_ = 0;
};

struct Case {
  const char* options;
  const char* text;
  const char* objection;  // empty: none
};

TEST(JsonConditions, ObjectToWhatIsNotTrue) {
  const std::vector<Case> cases{
      {"{json: .ok}", R"({"ok":true})", ""},
      {"{json: [.ok, '.jobs == 0']}", R"({"ok":true,"jobs":0})", ""},
      {"{json: [.ok, '.jobs == 0']}", R"({"ok":true,"jobs":2})",
       ".jobs == 0 is false, wanted true"},
      {"{json: .ok}", R"({"ok":1})", ".ok is 1, wanted true"},
      {"{json: '.[]'}", "[true,true]", ""},
      {"{json: '.[]'}", "[true,null]", ".[] is null, wanted true"},
      {"{json: '.[]'}", "[]", ".[] is nothing, wanted true"},
      {"{json: .ok.deeper}", R"({"ok":true})",
       ".ok.deeper is an error: Cannot index boolean with string \"deeper\", wanted true"},
      {"{json: .ok}", "", "body is not JSON: is empty; got \"\""},
      {"{json: .age < 300}", R"({"age":20})", ""},
      {"{json: .age < 300}", R"({"age":300})", ".age < 300 is false, wanted true"},
      {"{json: .age < 300}", "{}", ".age is null, wanted < 300"},
      {"{json: .age < 300}", R"({"age":NaN})",
       "body is not JSON: \"NaN\" is no JSON value; got \"{\"age\":NaN}\""},
      // The same in a process of its own.
      {"{json: '.age < 300 and (.name | test(\"a\"))'}", R"({"name":"a","age":20})", ""},
      {"{json: '.age < 300 and (.name | test(\"a\"))'}", R"({"name":"a"})",
       ".age is null, wanted < 300"},
      {"{json: '.name | test(\"a\")'}", R"({"name":"a","age":NaN})",
       "body is not JSON: \"NaN\" is no JSON value; got \"{\"name\":\"a\",\"age\":NaN}\""},
      {"{}", "{}", ""}};
  for (const auto& [options, text, expected] : cases) {
    Problems problems;
    const JsonConditions conditions = conditions_of(options, problems);
    EXPECT_TRUE(problems.empty()) << options;
    JqBench bench;
    Attempt attempt(bench.clock, bench.clock.now() + 10s);
    const auto end = bench.ended(objection_to(text, conditions, "body", bench.resources, attempt));
    ASSERT_TRUE(end.answer) << end.failure.summary;
    EXPECT_EQ(end.answer->value_or(""), expected) << options << text;
  }
}

TEST(JsonConditions, AnExpressionThatIsNoneIsAProblem) {
  Problems problems;
  EXPECT_TRUE(conditions_of("{json: '.a ='}", problems).empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path, "expect.json");
  EXPECT_NE(problems[0].text.find("is no jq expression"), std::string::npos) << problems[0].text;
}

TEST(JsonConditions, AProblemNamesABoundAsItIsWritten) {
  Problems problems;
  EXPECT_TRUE(conditions_of("{json: 'nosuch < 3'}", problems).empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].text.find("\"nosuch < 3\" is no jq expression"), 0U) << problems[0].text;
}

TEST(Jq, CompilesWhatItDoesNotKnowElsewhere) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"import \"a\" as a; 1", "it crashes jq: ended by signal 6"},
      {"nosuch(1)", "nosuch/1 is not defined"},
      {"def f: f; f", ""},
      {"[range(1e9)] | length", ""},
      {"\"" + std::string(70'000, 'x') + "\"", "it is longer than 64KiB"},
      {std::string(60'000, '['), "memory exhausted"}};
  for (const auto& [text, expected] : cases) {
    Problems problems;
    conditions_of("{json: " + nlohmann::json(text).dump() + "}", problems);
    const std::string seen = problems.empty() ? "" : problems[0].text;
    EXPECT_NE(seen.find(expected), std::string::npos) << text.substr(0, 80) << ": " << seen;
    EXPECT_EQ(seen.empty(), expected.empty()) << text.substr(0, 80) << ": " << seen;
  }
  EXPECT_TRUE(all_end());
}

TEST(Jq, RunsAnythingWithoutHarm) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const std::vector<std::tuple<const char*, const char*, const char*>> cases{
      {".n % -1", R"({"n":-9223372036854775808})", "crashes jq: ended by signal 8"},
      {"reduce range(1000000) as $i (0; [.])", "1", "crashes jq"},
      {"[range(300000)]", "1", "larger than 1MiB"}};
  for (const auto& [expression, input, expected] : cases) {
    const auto end = bench.run({expression}, input);
    EXPECT_FALSE(end.answer) << expression;
    EXPECT_EQ(end.failure.outcome, Outcome::fail) << expression;
    EXPECT_EQ(end.failure.reason, Reason::json) << expression;
    EXPECT_NE(end.failure.summary.find(expected), std::string::npos) << end.failure.summary;
  }
  EXPECT_TRUE(all_end());
}

#ifndef GONOGO_SHADOW_MEMORY
TEST(Jq, HasBoundedMemory) {
  JqBench bench;
  for (const char* expression :
       {"[range(1e9)] | length", "def f: 1 + f; f", "\"x\" * 1e9", "def f: [f, f]; f"}) {
    const auto end = bench.run({".", expression}, "{}");
    EXPECT_EQ(end.failure.reason, Reason::json) << expression;
    EXPECT_EQ(end.failure.summary.find(expression), 0U) << end.failure.summary;
    EXPECT_NE(end.failure.summary.find("needs more than 192MiB of memory"), std::string::npos)
        << end.failure.summary;
  }
}
#endif

TEST(Jq, EndsAtTheDeadline) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  const auto programs = bench.programs({"def f: f; f"});
  const auto end = bench.begin(run_jq(programs, "1", bench.resources, attempt));
  bench.await_processes(1);
  bench.clock.advance(10s);
  bench.finish();
  EXPECT_EQ(end->failure.reason, Reason::timeout);
  EXPECT_EQ(end->failure.outcome, Outcome::fail);
  EXPECT_EQ(end->failure.summary,
            "def f: f; f gave no answer within 10s (simplify the expression or raise the timeout)");
  // The next one finds the last one gone.
  EXPECT_EQ(bench.run({"range(2)"}, "1").answer->answers[0].values.size(), 2U);
  EXPECT_TRUE(all_end());
}

TEST(Jq, RunsFewAtOnceAndTheOthersInTurn) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const auto endless = bench.programs({"def f: f; f"});
  const auto quick = bench.programs({"range(3)"});
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  Attempt later(bench.clock, bench.clock.now() + 15s);
  std::vector<std::shared_ptr<JqBench::End<JqRun>>> first;
  for (int i = 0; i < 6; ++i)
    first.push_back(bench.begin(run_jq(endless, "1", bench.resources, attempt)));
  const auto last = bench.begin(run_jq(quick, "1", bench.resources, later));
  bench.await_processes(4);
  bench.clock.advance(10s);
  bench.finish();
  for (int i = 0; i < 6; ++i) {
    // Who only waited says nothing about its target.
    EXPECT_EQ(first[static_cast<std::size_t>(i)]->failure.outcome,
              i < 4 ? Outcome::fail : Outcome::unknown);
    EXPECT_EQ(first[static_cast<std::size_t>(i)]->failure.reason,
              i < 4 ? Reason::timeout : Reason::prober);
  }
  ASSERT_TRUE(last->answer) << last->failure.summary;
  EXPECT_EQ(last->answer->answers[0].values, (std::vector<std::string>{"0", "1", "2"}));
}

TEST(Jq, LeavesItsTurnToTheNextWhenItIsCancelled) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const auto endless = bench.programs({"def f: f; f"});
  const auto quick = bench.programs({"range(3)"});
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  boost::asio::cancellation_signal of_one_in_line;
  for (int i = 0; i < 4; ++i) bench.begin(run_jq(endless, "1", bench.resources, attempt));
  const auto one = bench.begin(run_jq(quick, "1", bench.resources, attempt), of_one_in_line);
  Attempt later(bench.clock, bench.clock.now() + 15s);
  const auto last = bench.begin(run_jq(quick, "1", bench.resources, later));
  bench.await_processes(4);
  of_one_in_line.emit(boost::asio::cancellation_type::terminal);
  bench.clock.settle();
  EXPECT_NE(one->failure.summary.find("canceled"), std::string::npos) << one->failure.summary;
  EXPECT_FALSE(last->answer);
  bench.clock.advance(10s);
  bench.finish();
  EXPECT_TRUE(last->answer) << last->failure.summary;
  EXPECT_EQ(bench.run({"range(1)"}, "1").answer->answers.size(), 1U);
  EXPECT_TRUE(all_end());
}

// Notes its name each time it was served.
boost::asio::awaitable<int> ask_again_and_again(JqBench& bench, JqPrograms programs,
                                                Attempt& attempt, std::string name, int times,
                                                std::vector<std::string>& served) {
  for (int i = 0; i < times; ++i) {
    JqPrograms asked = programs;
    auto running = run_jq(std::move(asked), "1", bench.resources, attempt);
    const JqRun run = co_await std::move(running);
    served.push_back(name);
  }
  co_return times;
}

TEST(Jq, ServesThoseInLineInTheOrderOfTheirArrival) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const auto endless = bench.programs({"def f: f; f"});
  const auto quick = bench.programs({"range(3)"});
  Attempt attempt(bench.clock, bench.clock.now() + 60s);
  std::vector<std::string> served;
  for (int i = 0; i < 3; ++i) bench.begin(run_jq(endless, "1", bench.resources, attempt));
  // One turn goes round. Who had it comes back at once, and is then the last in line.
  bench.begin(ask_again_and_again(bench, quick, attempt, "first", 3, served));
  for (const char* name : {"a", "b", "c"})
    bench.begin(ask_again_and_again(bench, quick, attempt, name, 1, served));
  while (served.size() < 6) {
    bench.loop.restart();
    ASSERT_GT(bench.loop.run_one_for(30s), 0U);
  }
  EXPECT_EQ(served, (std::vector<std::string>{"first", "a", "b", "c", "first", "first"}));
  bench.clock.advance(60s);
  bench.finish();
  EXPECT_TRUE(all_end());
}

TEST(Jq, WhoGoesAwayWhenItsTurnComesLeavesItToTheNext) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const auto endless = bench.programs({"def f: f; f"});
  const auto quick = bench.programs({"range(3)"});
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  Attempt later(bench.clock, bench.clock.now() + 60s);
  boost::asio::cancellation_signal of_one_that_runs;
  boost::asio::cancellation_signal of_the_first_in_line;
  for (int i = 0; i < 3; ++i) bench.begin(run_jq(endless, "1", bench.resources, attempt));
  bench.begin(run_jq(endless, "1", bench.resources, attempt), of_one_that_runs);
  const auto first = bench.begin(run_jq(quick, "1", bench.resources, later), of_the_first_in_line);
  const auto second = bench.begin(run_jq(quick, "1", bench.resources, later));
  bench.await_processes(4);
  // Both before the loop goes on.
  of_one_that_runs.emit(boost::asio::cancellation_type::terminal);
  of_the_first_in_line.emit(boost::asio::cancellation_type::terminal);
  while (!second->answer) {
    bench.loop.restart();
    ASSERT_GT(bench.loop.run_one_for(30s), 0U);
  }
  EXPECT_FALSE(first->answer);
  bench.clock.advance(10s);
  bench.finish();
  // No turn is lost.
  for (int i = 0; i < 5; ++i) bench.begin(run_jq(quick, "1", bench.resources, later));
  bench.finish();
  EXPECT_TRUE(all_end());
}

TEST(Jq, MayBeDroppedWithItsLoopAtAnyPoint) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  for (int i = 1; i < 7; ++i) {
    JqBench bench;
    const auto endless = bench.programs({"def f: f; f"});
    Attempt attempt(bench.clock, bench.clock.now() + 1h);
    for (int j = 0; j < i; ++j) bench.begin(run_jq(endless, "1", bench.resources, attempt));
  }
  JqBench bench;
  EXPECT_EQ(bench.run({"range(1)"}, "1").answer->answers.size(), 1U);
  EXPECT_TRUE(all_end());
}

TEST(Jq, IsOurOwnFaultWhenNoProcessCanBeStarted) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  JqBench bench;
  const auto programs = bench.programs({"range(2)"});
  rlimit former{};
  ::getrlimit(RLIMIT_NOFILE, &former);
  const rlimit none{3, former.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  const auto end = bench.ended(run_jq(programs, "1", bench.resources, attempt));
  ::setrlimit(RLIMIT_NOFILE, &former);
  EXPECT_EQ(end.failure.outcome, Outcome::unknown);
  EXPECT_EQ(end.failure.reason, Reason::prober);
  EXPECT_NE(end.failure.summary.find("the process for jq could not run: Too many open files"),
            std::string::npos)
      << end.failure.summary;
}

TEST(Jq, SeesNeitherFilesNorTheEnvironment) {
  ONLY_WITHOUT_SANITIZERS(why_not);
  ::setenv("GONOGO_TEST_SECRET", "hunter2-hunter2", 1);
  JqBench bench;
  const auto end =
      bench.run({"env.GONOGO_TEST_SECRET", "$ENV.GONOGO_TEST_SECRET",
                 "[env | keys[] | select(. != \"TZ\")]", "input", "[inputs]", "input_filename"},
                "1");
  ::unsetenv("GONOGO_TEST_SECRET");
  ASSERT_TRUE(end.answer) << end.failure.summary;
  const auto& answers = end.answer->answers;
  EXPECT_EQ(answers[0].values, std::vector<std::string>{"null"});
  EXPECT_EQ(answers[1].values, std::vector<std::string>{"null"});
  EXPECT_EQ(answers[2].values, std::vector<std::string>{"[\"LANG\"]"});
  EXPECT_TRUE(answers[3].values.empty());
  EXPECT_EQ(answers[4].values, std::vector<std::string>{"[]"});
  EXPECT_EQ(answers[5].values, std::vector<std::string>{"null"});
}

// Both ways run the same libjq, so they have to give the same.
TEST(Jq, GivesTheSameAnswersInBothWays) {
  const std::vector<std::string> expressions{".",
                                             ".ok",
                                             ".ok == true",
                                             ".list[]",
                                             ".list | length",
                                             "[.list[] | select(. > 1)]",
                                             ".list | map(. + 1)",
                                             ".text | startswith(\"a\")",
                                             ".missing.deeper",
                                             ".ok.deeper",
                                             ".text | tonumber",
                                             ".list | keys",
                                             "to_entries",
                                             ".list[1]",
                                             ".list[-1]",
                                             ".list[99]",
                                             ".text // 1, .missing // 2",
                                             ".ok and .missing",
                                             "any(.list[]; . == 2)",
                                             "all(.list[]; . > 0)",
                                             "{a: .text, list}",
                                             "[.list[] | tostring, type]",
                                             ".list | first, last",
                                             ".text | ltrimstr(\"a\")",
                                             ".text | contains(\"b\")",
                                             "has(\"ok\")",
                                             ".list[] / 2",
                                             ".list[1] % 2",
                                             "1e1000",
                                             "1e17",
                                             ".\"o k\"",
                                             "[.[]?]",
                                             "empty",
                                             ".list[].x",
                                             ".list[].x?",
                                             "not",
                                             "\"\\u0000\\ud83d\\ude00\"",
                                             ".text | ascii_upcase",
                                             ".list + .list",
                                             ".list[0] - 1.5",
                                             "[.list[] | . == 1] | any"};
  const std::vector<std::string> inputs{R"({"ok":true,"list":[1,2,3],"text":"abc","o k":0})",
                                        R"({"ok":null,"list":{"a":1},"text":"12"})",
                                        "[1,[2],{}]",
                                        "null",
                                        "\"text\"",
                                        "-0.0",
                                        R"({"list":[1.5,1e300,-1e-300,9007199254740993]})"};
  JqBench bench;
  const JqPrograms here = bench.programs(expressions);
  JqPrograms elsewhere;
  for (const std::string& text : expressions) {
    EXPECT_TRUE(is_harmless_jq(text)) << text;
    elsewhere.push_back(JqProgram::left_to_helper(with_judged_bounds(text)));
  }
  for (const std::string& input : inputs) {
    Attempt attempt(bench.clock, bench.clock.now() + 10s);
    const auto first = bench.ended(run_jq(here, input, bench.resources, attempt));
    EXPECT_TRUE(all_end());
    const auto second = bench.ended(run_jq(elsewhere, input, bench.resources, attempt));
    ASSERT_TRUE(first.answer && second.answer) << second.failure.summary;
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      const JqAnswers& one = first.answer->answers[i];
      const JqAnswers& other = second.answer->answers[i];
      EXPECT_EQ(one.values, other.values) << expressions[i] << " of " << input;
      EXPECT_EQ(one.problem, other.problem) << expressions[i] << " of " << input;
    }
  }
}

TEST(Jq, RunsElsewhereForALargeText) {
  JqBench bench;
  const auto text_of = [](std::size_t size) {
    const std::string start = R"({"ok":true,"filling":")";
    return start + std::string(size - start.size() - 2, 'x') + "\"}";
  };
  const JqPrograms harmless = bench.programs({".ok", ".filling | length"});
  for (const std::size_t size : {65'536UL, 65'537UL, 3'000'000UL}) {
    Attempt attempt(bench.clock, bench.clock.now() + 10s);
    const auto run = bench.begin(run_jq(harmless, text_of(size), bench.resources, attempt));
    EXPECT_EQ(processes().empty(), size == 65'536UL);
    bench.finish();
    ASSERT_TRUE(run->answer) << run->failure.summary;
    EXPECT_EQ(run->answer->answers[0].values, std::vector<std::string>{"true"});
    EXPECT_EQ(run->answer->answers[1].values, std::vector<std::string>{std::to_string(size - 24)});
  }
  const auto broken = bench.run({".ok"}, text_of(3'000'000) + "}");
  EXPECT_NE(broken.answer->text_problem, "");
  EXPECT_TRUE(broken.answer->answers.empty());
}

TEST(Jq, SaysForEachLineWhetherItIsTrue) {
  JqBench bench;
  Attempt attempt(bench.clock, bench.clock.now() + 10s);
  const auto program = bench.programs({".level | test(\"^err\")"}).front();
  std::vector<std::string> lines{R"({"level":"error"})", R"({"level":"info"})", "no JSON", "{}", "",
                                 R"({"level":"err"})"};
  const auto end = bench.ended(truths_of(program, std::move(lines), bench.resources, attempt));
  ASSERT_TRUE(end.answer) << end.failure.summary;
  EXPECT_EQ(*end.answer, (std::vector<JqTruth>{JqTruth::yes, JqTruth::no, JqTruth::no, JqTruth::no,
                                               JqTruth::no, JqTruth::yes}));
}

// In a process of its own as well as here.
TEST(Jq, SaysForEachLineWhetherItsBoundsCanBeJudged) {
  JqBench bench;
  for (const char* expression : {".ms < 5", ".ms < 5 and (.a | tostring | test(\"\"))"}) {
    Attempt attempt(bench.clock, bench.clock.now() + 10s);
    const auto program = bench.programs({expression}).front();
    const std::vector<std::string> lines{R"({"ms":1})", "{}", R"({"ms":7})", R"({"ms":"1"})", "x"};
    const std::vector<JqTruth> expected{JqTruth::yes, JqTruth::not_judged, JqTruth::no,
                                        JqTruth::not_judged, JqTruth::no};
    const auto end = bench.ended(truths_of(program, lines, bench.resources, attempt));
    ASSERT_TRUE(end.answer) << end.failure.summary;
    EXPECT_EQ(*end.answer, expected);
    if (!program->runs_here(10)) continue;
    for (std::size_t i = 0; i < lines.size(); ++i)
      EXPECT_EQ(truth_of(*program, lines[i]), expected[i]) << lines[i];
  }
}

}  // namespace
}  // namespace gonogo
