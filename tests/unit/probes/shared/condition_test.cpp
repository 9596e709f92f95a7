#include "probes/shared/condition.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "probes/docker.h"
#include "tests/support/io_bench.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

class ConditionTest : public testing::Test {
 protected:
  std::shared_ptr<Condition> condition() {
    Node node =
        parse_document("when", "{dotenv: /opt/app/.env, key: MODE, set: true}", reading.problems);
    return read_condition(Settings(&node, node.place, "when", reading));
  }

  std::shared_ptr<Probe> docker(const std::string& path) {
    Node node = parse_document("docker", "{project: shop, services: [db]}", reading.problems);
    Settings settings(&node, node.place, path, reading);
    return make_docker(settings, bench.resources);
  }

  IoBench bench;
  Reading reading;
};

TEST_F(ConditionTest, WhatAConditionalProbeRemembersIsThatOfTheProbe) {
  for (const char* path : {"gates.g.checks.one.docker", "gates.g.checks.two.docker"}) {
    const std::shared_ptr<Probe> probe = docker(path);
    const auto conditional = only_when(condition(), probe, bench.resources);
    EXPECT_EQ(conditional->memory_key(), probe->memory_key());
    EXPECT_EQ(conditional->note_name(), path) << "two checks have not the same note";
  }
  const auto alone = only_when(condition(), nullptr, bench.resources);
  EXPECT_EQ(alone->memory_key(), "");
  EXPECT_EQ(alone->note_name(), "");
  EXPECT_TRUE(reading.problems.empty());
}

// Runs as a check with `when` runs.
class ConditionalRun : public testing::Test {
 protected:
  // `kind` is json or dotenv.
  Observation run(const std::string& kind, const std::string& jq, const std::string& content) {
    const std::string path = scratch.write("state", content);
    Reading reading;
    Node node =
        parse_document("when", "{" + kind + ": " + path + ", jq: '" + jq + "'}", reading.problems);
    const auto condition = read_condition(Settings(&node, node.place, "when", reading));
    const auto probe = only_when(condition, nullptr, bench.resources);
    std::optional<Observation> answer;
    const auto run =
        ProbeRun::start(bench.loop.get_executor(), bench.clock, probe, std::chrono::seconds{5},
                        [&](Observation seen) { answer = std::move(seen); });
    bench.loop.restart();
    while (!answer) bench.loop.run_one();
    if (const std::size_t at = answer->summary.find("state"); at != std::string::npos)
      answer->summary.erase(0, at + 5);
    return std::move(*answer);
  }

  Workbench bench;
  Scratch scratch;
};

// null comes before every number: without the file's numbers nobody knows whether the check
// applies, and a check that does not apply is good.
TEST_F(ConditionalRun, FailsWhereItsBoundsCannotBeJudged) {
  struct Case {
    const char* kind;
    const char* jq;
    const char* content;
    const char* summary;
  };
  for (const Case& c :
       {Case{"json", ".workers > 0", "{}", ": .workers is null, wanted > 0"},
        Case{"json", ".workers < 1 | not", "{}", ": .workers is null, wanted < 1"},
        Case{"json", ".workers > 0", R"({"workers":"3"})", ": .workers is a string, wanted > 0"},
        Case{"json", ".a > .b", R"({"a":1})", ": .b is null, wanted a value"},
        Case{"dotenv", ".WORKERS > 0", "WORKERS=3\n", ": .WORKERS is a string, wanted > 0"},
        Case{"dotenv", "(.WORKERS|tonumber) > .N", "WORKERS=3\n",
             ": .N is null, wanted a value"}}) {
    const Observation seen = run(c.kind, c.jq, c.content);
    EXPECT_EQ(seen.outcome, Outcome::fail) << c.jq;
    EXPECT_EQ(seen.reason, Reason::json);
    EXPECT_EQ(seen.summary, c.summary);
  }
}

// jq itself takes every value but null and false for true.
TEST_F(ConditionalRun, FailsWhereTheAnswerIsNeitherTrueNorFalse) {
  struct Case {
    const char* content;
    const char* summary;
  };
  for (const Case& c : {Case{R"({"live":"yes-secret"})", ": .live is a text, wanted true or false"},
                        Case{R"({"live":1})", ": .live is a number, wanted true or false"},
                        Case{R"({"live":[]})", ": .live is a list, wanted true or false"},
                        Case{R"({"live":{}})", ": .live is an object, wanted true or false"}}) {
    const Observation seen = run("json", ".live", c.content);
    EXPECT_EQ(seen.outcome, Outcome::fail);
    EXPECT_EQ(seen.summary, c.summary);
  }
}

// The controls.
TEST_F(ConditionalRun, AppliesOrNotWhereItCanBeJudged) {
  EXPECT_EQ(run("json", ".workers > 0", R"({"workers":3})").outcome, Outcome::pass);
  EXPECT_EQ(run("json", ".workers > 0", R"({"workers":0})").outcome, Outcome::skipped);
  EXPECT_EQ(run("json", ".workers != null and .workers > 0", "{}").outcome, Outcome::skipped);
  EXPECT_EQ(run("json", ".live", R"({"live":true})").outcome, Outcome::pass);
  EXPECT_EQ(run("json", ".live", R"({"live":false})").outcome, Outcome::skipped);
  EXPECT_EQ(run("json", ".live", "{}").outcome, Outcome::skipped);
  EXPECT_EQ(run("json", ".mode == \"live\"", "{}").outcome, Outcome::skipped);
  EXPECT_EQ(run("json", "select(.live) | true", "{}").outcome, Outcome::skipped);
  EXPECT_EQ(run("dotenv", "(.WORKERS|tonumber) > 0", "WORKERS=3\n").outcome, Outcome::pass);
}

}  // namespace
}  // namespace gonogo
