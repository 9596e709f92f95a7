// What a check may say beside its kind: each, when, interval: on_demand, group.
#include <gtest/gtest.h>

#include "daemon/config/config.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class Features : public testing::Test {
 protected:
  tl::expected<Config, Problems> load(const std::string& text) {
    return load_config(scratch.write("gonogo.yaml", text), {}, bench.resources);
  }
  Config loaded(const std::string& text) {
    auto config = load(text);
    if (!config) throw std::runtime_error(to_text(config.error().front()));
    return std::move(*config);
  }
  std::string refusal(const std::string& text) {
    const auto config = load(text);
    std::string lines;
    if (!config) {
      for (const Problem& problem : config.error())
        lines += problem.path + ": " + problem.text + "\n";
    }
    return lines;
  }
  Finding run_check(const Config& config, std::size_t index) {
    std::optional<Finding> answer;
    const auto run = ProbeRun::start(bench.loop.get_executor(), bench.clock,
                                     config.checklist->checks[index].probe, 5s,
                                     [&answer](Observation seen) { answer = std::move(seen); });
    bench.loop.restart();
    while (!answer) bench.loop.run_one();
    return *answer;
  }
  Workbench bench;
  Scratch scratch;
};

TEST_F(Features, EachMakesAChecksOfATextList) {
  const Config config = loaded(R"(
gates:
  g:
    checks:
      "job-${each}":
        each: [mail, export]
        title: Job ${each} runs
        file: {path: "/srv/${each}/$${each}"}
)");
  EXPECT_EQ(config.checklist->checks[0].id, "job-mail");
  EXPECT_EQ(config.checklist->checks[1].title, "Job export runs");
  EXPECT_NE(config.shown.find("/srv/mail/${each}"), std::string::npos) << config.shown;
}

TEST_F(Features, EachFillsTheKeysOfAMap) {
  const Config config = loaded(R"(
vars: {host: 127.0.0.1}
gates:
  g:
    checks:
      "${each.name}-is-closed":
        each: [{name: db, port: 5432}, {name: redis, port: 6379}]
        item: "1.1.${each.name}"
        tcp: {address: "${vars.host}:${each.port}", refused: true}
)");
  EXPECT_EQ(config.checklist->checks[1].id, "redis-is-closed");
  EXPECT_EQ(config.checklist->checks[0].item, "1.1.db");
  EXPECT_NE(config.shown.find("127.0.0.1:6379"), std::string::npos) << config.shown;
}

TEST_F(Features, AVersionWithoutOneToCompareWithIsOfTheRelease) {
  const Config config = loaded(
      "release: {file: /r}\n"
      "gates: {g: {checks: {a: {version: {file: /v}}, b: {version: {file: /v, is: v1}}}}}");
  for (const Check& check : config.checklist->checks)
    EXPECT_EQ(check.is_of_release, check.id == "a") << check.id;
  EXPECT_NE(refusal("gates: {g: {checks: {a: {version: {file: /v, is: ''}}}}}").find("is empty"),
            std::string::npos);
}

TEST_F(Features, EachSaysWhatIsWrongWithIt) {
  const auto wrong = [this](const std::string& check) {
    return refusal("gates: {g: {checks: {" + check + "}}}");
  };
  EXPECT_NE(wrong("a: {each: [x], file: {path: /x}}").find("an id that differs"),
            std::string::npos);
  EXPECT_NE(wrong("'a${each}': {each: [], file: {path: /x}}").find("no list of 1 to 1000"),
            std::string::npos);
  EXPECT_NE(wrong("'a${each}': {each: [x, x], file: {path: /x}}").find("twice"), std::string::npos);
  EXPECT_NE(wrong("'a${each.n}': {each: [{m: x}], file: {path: /x}}").find("it has ${each.m}"),
            std::string::npos);
  EXPECT_NE(wrong("'a${each}': {each: [[x]], file: {path: /x}}").find("neither a text nor a map"),
            std::string::npos);
}

TEST_F(Features, WhenDecidesAtEachLookWhetherACheckApplies) {
  const std::string env = scratch.write(".env", "MODE=smtp\nEMPTY=\n");
  const Config config = loaded(
      "gates: {g: {checks: {"
      "is: {when: {dotenv: " +
      env +
      ", key: MODE, is: smtp}, file: {path: /no/such}},"
      "is-one-of: {when: {dotenv: " +
      env +
      ", key: MODE, is: [off, sendgrid]}, file: {path: /no/such}},"
      "is-not: {when: {dotenv: " +
      env +
      ", key: MODE, is_not: smtp}, file: {path: /no/such}},"
      "set: {when: {dotenv: " +
      env +
      ", key: EMPTY, set: true}, file: {path: /no/such}},"
      "jq: {when: {dotenv: " +
      env + ", jq: '.MODE == \"smtp\"'}, file: {path: " + env +
      "}},"
      "nowhere: {when: {dotenv: /no/such/.env, key: MODE, is: x}, file: {path: " +
      env +
      "}}"
      "}}}");
  EXPECT_EQ(run_check(config, 0).reason, Reason::missing);
  EXPECT_EQ(run_check(config, 1).outcome, Outcome::skipped);
  EXPECT_EQ(run_check(config, 2).outcome, Outcome::skipped);
  EXPECT_EQ(run_check(config, 3).outcome, Outcome::skipped);
  EXPECT_EQ(run_check(config, 4).outcome, Outcome::pass);
  EXPECT_EQ(run_check(config, 5).outcome, Outcome::fail) << "what cannot be asked is not skipped";
  scratch.write(".env", "MODE=off\n");
  EXPECT_EQ(run_check(config, 0).outcome, Outcome::skipped);
  EXPECT_EQ(run_check(config, 1).outcome, Outcome::fail);
}

TEST_F(Features, AConditionThatFindsNoKeyAtAllIsNotSkipped) {
  const std::string env = scratch.write(".env", "");
  const Config config = loaded("gates: {g: {checks: {a: {when: {dotenv: " + env +
                               ", key: MODE, is: smtp}, file: {path: /}}}}}");
  EXPECT_EQ(run_check(config, 0).outcome, Outcome::fail) << "a file cut short says nothing";
}

TEST_F(Features, WhenFailsOnAFileThatComposeRefuses) {
  for (const char* broken :
       {"MODE=off\nMSG='it's'\n", "MODE=off\nA=\"x\n", "MODE=off\nMY KEY=1\n", "MODE=off\nA=${B\n",
        "MODE=off\nA=${NOPE:?set it}\n", "MODE=off\n<<<<<<< HEAD\n"}) {
    const std::string env = scratch.write(".env", broken);
    for (const char* question : {"key: MODE, is: smtp", "key: MODE, is_not: 'off'",
                                 "key: SMTP_HOST, set: true", "jq: '.MODE == \"smtp\"'"}) {
      const Config config = loaded("gates: {g: {checks: {a: {when: {dotenv: " + env + ", " +
                                   question + "}, file: {path: /}}}}}");
      const Finding seen = run_check(config, 0);
      EXPECT_EQ(seen.outcome, Outcome::fail) << broken << question;
      EXPECT_EQ(seen.reason, Reason::content);
      EXPECT_TRUE(seen.summary.starts_with(env + ", line 2, column ")) << seen.summary;
    }
  }
}

TEST_F(Features, WhenIgnoresCaseAndTakesTheEnvironmentThatItLists) {
  const std::string env = scratch.write(".env", "MODE=${APP_MODE}\n");
  const auto outcome = [&](const std::string& question) {
    const Config config = loaded("gates: {g: {checks: {a: {when: {dotenv: " + env +
                                 ", key: MODE, " + question + "}, file: {path: " + env + "}}}}}");
    return run_check(config, 0).outcome;
  };
  const std::string listed = "environment: {APP_MODE: SMTP}, ";
  EXPECT_EQ(outcome(listed + "is: [other, smtp]"), Outcome::pass);
  EXPECT_EQ(outcome(listed + "is_not: Smtp"), Outcome::skipped);
  EXPECT_EQ(outcome("is: smtp"), Outcome::skipped) << "it is unset where it is not listed";
  EXPECT_NE(refusal("gates: {g: {checks: {a: {when: {json: /x, jq: .a, environment: {A: b}}, "
                    "file: {path: /}}}}}")
                .find("is for `dotenv` only"),
            std::string::npos);
}

TEST_F(Features, AScheduleThatNeverComesIsRefused) {
  EXPECT_NE(
      refusal("gates: {g: {checks: {a: {heartbeat: {push: nightly-key-1, schedule: \"0 0 30 2 "
              "*\"}}}}}")
          .find("never comes"),
      std::string::npos);
}

TEST_F(Features, AConditionNeverTellsAValue) {
  const std::string env = scratch.write(".env", "TOKEN=very-secret-value\n");
  const Config config = loaded("gates: {g: {checks: {a: {when: {dotenv: " + env +
                               ", key: TOKEN, is: other}, file: {path: /}}}}}");
  EXPECT_EQ(run_check(config, 0).summary.find("very-secret"), std::string::npos);
}

TEST_F(Features, WhenAlsoStandsBesideASignOff) {
  const std::string state = scratch.write("s.json", R"({"live": false})");
  const Config config = loaded("gates: {g: {checks: {a: {when: {json: " + state +
                               ", jq: .live}, signoff: {role: lead}}}}}");
  EXPECT_EQ(config.checklist->checks[0].kind, "signoff");
  EXPECT_EQ(run_check(config, 0).outcome, Outcome::skipped);
  scratch.write("s.json", R"({"live": true})");
  EXPECT_EQ(run_check(config, 0).outcome, Outcome::pass);
  scratch.write("s.json", "no json");
  EXPECT_EQ(run_check(config, 0).outcome, Outcome::fail);
}

TEST_F(Features, TheConditionIsPartOfWhatAResultMeans) {
  const auto fingerprint = [this](const std::string& value) {
    return loaded("gates: {g: {checks: {a: {when: {dotenv: /e, key: K, is: " + value +
                  "}, file: {path: /x}}}}}")
        .checklist->checks[0]
        .fingerprint;
  };
  EXPECT_NE(fingerprint("one"), fingerprint("two"));
  EXPECT_EQ(fingerprint("one"), fingerprint("one"));
}

TEST_F(Features, OnDemandWantsToKnowHowLongAResultCounts) {
  const std::string check = "gates: {g: {checks: {a: {interval: on_demand, file: {path: /x}";
  EXPECT_NE(refusal(check + "}}}}").find("`stale_after` is missing"), std::string::npos);
  EXPECT_NE(refusal(check + ", stale_after: 1d, failures: 2}}}}").find("has no effect"),
            std::string::npos);
  const Config config =
      loaded("defaults: {failures: 3}\n" + check + ", stale_after: 12h, timeout: 10m}}}}");
  EXPECT_TRUE(config.checklist->checks[0].on_demand);
  EXPECT_EQ(config.checklist->checks[0].stale_after, 12h);
  EXPECT_EQ(config.checklist->checks[0].timeout, 10min);
  EXPECT_EQ(config.checklist->checks[0].debounce.fall, 1);
}

TEST_F(Features, AGroupIsNamedBeforeItIsJoined) {
  const std::string check = "gates: {g: {checks: {a: {group: databse, file: {path: /x}}}}}";
  EXPECT_NE(
      refusal("groups: {database: {max_concurrent: 2}}\n" + check).find("did you mean `database`"),
      std::string::npos);
  EXPECT_NE(refusal("groups: {databse: {}}\n" + check).find("`max_concurrent` is missing"),
            std::string::npos);
  const Config config = loaded("groups: {databse: {max_concurrent: 2}}\n" + check);
  EXPECT_EQ(config.checklist->groups.at(*config.checklist->checks[0].group).most_at_once, 2U);
  const Config beats = loaded(
      "groups: {few: {max_concurrent: 1}}\ngates: {g: {checks: {"
      "a: {group: few, heartbeat: {push: nightly-key-1, period: 1h}}, "
      "b: {group: few, file: {path: /x}}}}}");
  EXPECT_FALSE(beats.checklist->checks[0].group) << "what is pushed counts at once";
  EXPECT_TRUE(beats.checklist->checks[1].group);
}

TEST_F(Features, ASecretInAnArgumentVectorIsRefused) {
  ::setenv("GONOGO_TEST_SECRET", "sesame-1234", 1);
  const std::string text = R"(
secrets: {token: {env: GONOGO_TEST_SECRET}}
gates: {g: {checks: {a: {command: {argv: [curl, -H, "Authorization: ${secrets.token}"]}}}}}
)";
  EXPECT_NE(refusal(text).find("process list"), std::string::npos);
  EXPECT_EQ(refusal(text).find("sesame"), std::string::npos);
}

TEST_F(Features, OfSaysAmongHowManyRunsTheFailuresCount) {
  const auto rule = [&](const std::string& defaults, const std::string& keys) {
    return loaded("defaults: {" + defaults + "}\ngates: {g: {checks: {a: {" + keys +
                  "file: {path: /x}}}}}")
        .checklist->checks[0]
        .debounce;
  };
  EXPECT_EQ(rule("failures: 3", "").window(), 5);
  EXPECT_EQ(rule("", "failures: 3, of: 10, ").window(), 10);
  EXPECT_EQ(rule("", "failures: 3, of: 3, ").window(), 3);
  EXPECT_EQ(rule("failures: 2, of: 10", "").window(), 10);
  EXPECT_EQ(rule("failures: 2, of: 10", "failures: 20, ").window(), 39)
      << "the defaults' goes with the defaults' failures";
  EXPECT_EQ(rule("failures: 2", "of: 7, ").window(), 7);
}

TEST_F(Features, OfIsNotBelowFailures) {
  const auto refused = [&](const std::string& defaults, const std::string& keys) {
    return refusal("defaults: {" + defaults + "}\ngates: {g: {checks: {a: {" + keys +
                   "file: {path: /x}}}}}");
  };
  EXPECT_EQ(refused("", "failures: 3, of: 2, "),
            "gates.g.checks.a.of: is 2, fewer than failures: 3 (so many can never fail of 2 runs; "
            "give 3 or more)\n");
  EXPECT_NE(refused("failures: 4, of: 3", "").find("defaults.of: is 3"), std::string::npos);
  EXPECT_NE(refused("failures: 4", "of: 3, ").find("gates.g.checks.a.of: is 3"), std::string::npos);
  EXPECT_NE(refused("", "of: 0, ").find("gates.g.checks.a.of"), std::string::npos);
  EXPECT_NE(refused("", "of: 2001, ").find("gates.g.checks.a.of"), std::string::npos);
  EXPECT_NE(refused("", "interval: on_demand, stale_after: 1d, of: 3, ").find("has no effect"),
            std::string::npos);
}

TEST_F(Features, SettleIsADurationThatMayBeNothing) {
  const auto settle = [&](const std::string& keys) {
    return loaded("gates: {g: {checks: {a: {" + keys + "file: {path: /x}}}}}")
        .checklist->checks[0]
        .settle;
  };
  EXPECT_EQ(settle(""), std::nullopt);
  EXPECT_EQ(settle("settle: 90s, "), 90s);
  EXPECT_EQ(settle("settle: 0s, "), 0s);
  EXPECT_NE(refusal("gates: {g: {checks: {a: {settle: soon, file: {path: /x}}}}}")
                .find("gates.g.checks.a.settle: \"soon\" is no duration"),
            std::string::npos);
}

}  // namespace
}  // namespace gonogo
