#include "daemon/config/config.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

std::string folder_of_broken() {
  return std::string(GONOGO_SOURCE_DIR) + "/tests/unit/daemon/config/broken";
}

std::vector<std::string> broken_configurations() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of_broken())) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class BrokenConfigTest : public testing::TestWithParam<std::string> {};

// Each NN-name.yaml beside the exact lines it has to be answered with.
TEST_P(BrokenConfigTest, IsAnsweredWithEveryProblemAtItsPlace) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_of_broken());
  Workbench bench;
  const auto config = load_config(GetParam() + ".yaml", {}, bench.resources);
  std::filesystem::current_path(before);
  ASSERT_FALSE(config);
  std::string lines;
  for (const Problem& problem : config.error()) lines += to_text(problem) + "\n";
  EXPECT_EQ(lines, read_all(folder_of_broken() + "/" + GetParam() + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenConfigTest, testing::ValuesIn(broken_configurations()),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

class ConfigTest : public testing::Test {
 protected:
  Config load(const std::string& text) {
    auto config = load_config(scratch.write("gonogo.yaml", text), {}, bench.resources);
    if (!config) {
      for (const Problem& problem : config.error()) ADD_FAILURE() << to_text(problem);
      throw std::runtime_error("bad configuration");
    }
    return std::move(*config);
  }
  std::string refusal(const std::string& text) {
    auto config = load_config(scratch.write("gonogo.yaml", text), {}, bench.resources);
    std::string lines;
    if (!config) {
      for (const Problem& problem : config.error()) lines += to_text(problem) + "\n";
    }
    return lines;
  }
  Scratch scratch;
  Workbench bench;
};

TEST_F(ConfigTest, TheContractsExampleIsUnderstood) {
  scratch.write(".env", "DATABASE_URL=postgresql+psycopg://u:longpassword@db:5432/cleaning\n");
  scratch.write("ci.token", "0123456789abcdef0123456789abcdef\n");
  std::filesystem::create_directory(scratch.path("checks.d"));
  scratch.write("checks.d/more.yaml", "gates: {health: {checks: {more: {disk: {path: /}}}}}");
  const Config config = load(R"(
server:
  listen: 127.0.0.1:9880
  tokens:
    ci: {file: ci.token, may: [read, deploy, ping]}
store: {path: /tmp/x.db, retention: 90d}
defaults: {interval: 30s, timeout: 5s, failures: 2}
vars: {api: "https://api.panidobro.com"}
secrets:
  database_url: {dotenv: .env, key: DATABASE_URL}
include: ["checks.d/*.yaml"]
gates:
  health:
    title: Health Checks
    checks:
      api-liveness: {http: {url: "${vars.api}/healthz"}}
      api-readiness:
        title: Readiness
        item: 4.2.2
        runbook: https://example.org/
        interval: 15s
        depends_on: [api-liveness]
        http:
          url: ${vars.api}/readyz
          expect:
            status: 200
            json: ['.ok', '.checks[] | select(.name == "db") | .ok']
      backup-marker:
        item: 7.1.5
        marker: {path: /opt/backups/postgres/LAST_SUCCESS.txt, max_age: 26h}
      restore-drill:
        item: 7.2.2
        signoff: {role: infrastructure-owner, valid_for: 90d}
      jobs: {heartbeat: {database: "${secrets.database_url}", job: jobs-runner, max_age: 180s}}
)");
  ASSERT_EQ(config.checklist->checks.size(), 7U);
  const Check& readiness = config.checklist->checks[1];
  EXPECT_EQ(readiness.interval, 15s);
  EXPECT_EQ(readiness.stale_after, 35s);
  EXPECT_EQ(readiness.debounce.fall, 2);
  EXPECT_EQ(readiness.depends_on, std::vector<std::size_t>{0});
  EXPECT_EQ(config.checklist->checks[5].id, "more");
  EXPECT_EQ(config.checklist->checks.back().id, "prober");
  EXPECT_EQ(config.server.tokens.at(0).may,
            (std::set<Grant>{Grant::read, Grant::deploy, Grant::ping}));
}

TEST_F(ConfigTest, TheFingerprintFollowsWhatDecidesAResultAndNothingElse) {
  const auto print = [this](const std::string& check) {
    return load("gates: {g: {checks: {a: " + check + "}}}").checklist->checks[0].fingerprint;
  };
  const std::string plain = print("{disk: {path: /, min_free: 1GiB}}");
  EXPECT_EQ(print("{title: Other, interval: 1m, disk: {min_free: 1GiB, path: /}}"), plain);
  EXPECT_NE(print("{disk: {path: /, min_free: 2GiB}}"), plain);
}

TEST_F(ConfigTest, ARotatedSecretLeavesTheFingerprintAndAnotherSourceDoesNot) {
  const auto print = [this](const std::string& source, const std::string& bearer) {
    return load("secrets: {s: {" + source +
                "}}\ngates: {g: {checks: {a: {http: {url: 'http://x/', " + "bearer: '" + bearer +
                "'}}}}}")
        .checklist->checks[0]
        .fingerprint;
  };
  scratch.write("s", "first-secret");
  const std::string before = print("file: s", "${secrets.s}");
  scratch.write("s", "second-secret");
  EXPECT_EQ(print("file: s", "${secrets.s}"), before);
  std::filesystem::remove(scratch.path("s"));
  EXPECT_EQ(print("file: s", "${secrets.s}"), before);
  EXPECT_NE(print("file: t", "${secrets.s}"), before);
  EXPECT_NE(print("file: s, default: none-at-all", "${secrets.s}"), before);
  EXPECT_NE(print("file: s", "x${secrets.s}"), before);
  EXPECT_NE(print("file: s", "written-in-the-file-1"), print("file: s", "written-in-the-file-2"));
}

TEST_F(ConfigTest, SecretsAppearByNameInWhatIsShown) {
  scratch.write("s", "hunter2hunter2");
  const Config config = load(R"(
secrets: {s: {file: s}}
gates: {g: {checks: {
  a: {http: {url: 'http://x/?key=${secrets.s}', bearer: '${secrets.s}'}},
  b: {http: {url: 'http://x/', basic_auth: {username: u, password: plainly-written}}},
  c: {http: {url: 'http://x/', headers: {Authorization: "Token in-a-header"}}},
  d: {heartbeat: {push: push-key-of-d, period: 1h}}}}}
)");
  for (const char* secret : {"hunter2hunter2", "plainly-written", "in-a-header", "push-key-of-d"}) {
    EXPECT_EQ(config.shown.find(secret), std::string::npos) << secret << " in\n" << config.shown;
    EXPECT_NE(config.redactor.clean(secret), secret);
  }
  EXPECT_NE(config.shown.find("${secrets.s}"), std::string::npos);
}

std::string lines_of(const Problems& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += to_text(problem) + "\n";
  return lines;
}

TEST_F(ConfigTest, AValueThatDoesNotFitIsNoProblemAndNotShown) {
  scratch.write("s", "hunter2hunter2");
  const Config config = load(R"(
secrets: {s: {file: s}}
gates: {g: {checks: {
  a: {disk: {path: /, min_free: '${secrets.s}'}},
  b: {http: {url: 'ftp://${secrets.s}/'}},
  c: {http: {url: 'http://x/', expect: {body: '(${secrets.s}', json: ['.a == ${secrets.s} ('] }}},
  d: {dns: {name: example.org, servers: ['${secrets.s}/']}},
  e: {http: {url: 'http://x/', headers: {Token: "${secrets.s}\nx"}}}}}}
)");
  const std::string lines = lines_of(config.lacks);
  EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
  for (const char* path : {"a.disk.min_free", "b.http.url", "c.http.expect.body", "d.dns.servers"})
    EXPECT_NE(lines.find(std::string("checks.") + path), std::string::npos) << path << lines;
}

TEST_F(ConfigTest, ProblemsDoNotShowSecrets) {
  scratch.write("s", "hunter2hunter2");
  const std::string lines = refusal(R"(
secrets: {s: {file: s}}
resolver: {servers: ['${secrets.s}/']}
gates: {g: {checks: {
  a: {disk: {path: /}, interval: '${secrets.s}'},
  d: {heartbeat: {database: 'postgresql://u:hunter2hunter2@[x/', max_age: 1m}}}}}
)");
  EXPECT_NE(lines.find("a.interval"), std::string::npos) << lines;
  EXPECT_NE(lines.find("resolver.servers"), std::string::npos) << lines;
  EXPECT_NE(lines.find("d.heartbeat.database"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
}

TEST_F(ConfigTest, WhatTheWorldLacksIsNamedOnceWithTheChecksThatFailForIt) {
  scratch.write(".env", "SHORT=abc\nEMPTY=\n");
  const auto lacks = [this](const std::string& source) {
    const Config config = load("secrets: {s: {" + source + R"(}}
gates: {g: {checks: {
  a: {http: {url: 'http://x/', bearer: '${secrets.s}'}},
  b: {http: {url: 'http://x/', headers: {Token: '${secrets.s}'}}},
  c: {when: {dotenv: .env, key: '${secrets.s}', set: true}, disk: {path: /}},
  d: {disk: {path: /}}}}}
)");
    EXPECT_EQ(config.lacks.size(), 1U) << lines_of(config.lacks);
    return lines_of(config.lacks);
  };
  for (const auto& [source, words] :
       {std::pair{"dotenv: .env, key: NONE", "NONE is not in "},
        std::pair{"dotenv: .env, key: SHORT", "SHORT in "},
        std::pair{"dotenv: .env, key: SHORT", " is shorter than 4 characters"},
        std::pair{"dotenv: .env, key: EMPTY", " is empty"},
        std::pair{"file: none", "none does not exist"}, std::pair{"file: .", " is a directory"},
        std::pair{"env: GONOGO_TEST_NOT_SET", "GONOGO_TEST_NOT_SET is not set in the environment"},
        std::pair{"credential: none", "LoadCredential"}}) {
    const std::string lines = lacks(source);
    EXPECT_NE(lines.find(words), std::string::npos) << source << ": " << lines;
    EXPECT_NE(lines.find("3 checks fail: a, b, c"), std::string::npos) << lines;
    EXPECT_EQ(lines.find("abc"), std::string::npos) << lines;
  }
}

TEST_F(ConfigTest, ADefaultIsTakenForWhatIsNotThereAndNotForWhatIsTooShort) {
  scratch.write(".env", "SHORT=abc\n");
  const auto lacks = [this](const std::string& source) {
    return load("secrets: {s: {" + source +
                "}}\ngates: {g: {checks: {a: {http: {url: 'http://x/', bearer: "
                "'${secrets.s}'}}}}}")
        .lacks.size();
  };
  EXPECT_EQ(lacks("dotenv: .env, key: NONE, default: ''"), 0U);
  EXPECT_EQ(lacks("file: none, default: x"), 0U);
  EXPECT_EQ(lacks("env: GONOGO_TEST_NOT_SET, default: x"), 0U);
  EXPECT_EQ(lacks("dotenv: .env, key: SHORT, default: ''"), 1U);
}

TEST_F(ConfigTest, AFileThatComposeRefusesHoldsNoSecretAndNoDefaultStandsInForIt) {
  scratch.write(".env", "TOKEN=very-secret-value\nMSG='it's'\n");
  const auto lacks = [this](const std::string& more) {
    return lines_of(load("secrets: {s: {dotenv: .env, key: TOKEN" + more +
                         "}}\ngates: {g: {checks: {a: {http: {url: 'http://x/', bearer: "
                         "'${secrets.s}'}}}}}")
                        .lacks);
  };
  for (const char* more : {"", ", default: something"}) {
    EXPECT_NE(lacks(more).find(".env, line 2, column 10: "), std::string::npos) << lacks(more);
    EXPECT_EQ(lacks(more).find("very-secret"), std::string::npos);
  }
  scratch.write(".env", "TOKEN=${PREFIX:?set the prefix}-secret\n");
  EXPECT_NE(lacks("").find("needs PREFIX"), std::string::npos) << lacks("");
  EXPECT_EQ(lacks(", environment: {PREFIX: very}"), "");
  EXPECT_NE(refusal("secrets: {s: {file: x, environment: {A: b}}}\n"
                    "gates: {g: {checks: {a: {disk: {path: /}}}}}")
                .find("is for `dotenv` only"),
            std::string::npos);
}

TEST_F(ConfigTest, WhatCannotWaitForASecretIsRefusedWithoutIt) {
  const std::string secrets = "secrets: {s: {env: GONOGO_TEST_NOT_SET}}\n";
  const std::string disk = "gates: {g: {checks: {a: {disk: {path: /}}}}}";
  for (const std::string& text :
       {"server: {listen: '${secrets.s}'}\n" + disk, "store: {path: '${secrets.s}'}\n" + disk,
        std::string("gates: {g: {checks: {a: {title: '${secrets.s}', disk: {path: /}}}}}"),
        std::string("gates: {g: {title: '${secrets.s}', checks: {a: {disk: {path: /}}}}}")})
    EXPECT_NE(refusal(secrets + text).find("needs a secret: GONOGO_TEST_NOT_SET is not set"),
              std::string::npos)
        << text << refusal(secrets + text);
  // The hook of a watch, and the release, wait as checks do.
  EXPECT_EQ(load(secrets + disk +
                 "\nwatch: {on_regressed: {argv: [/bin/true], env: {A: '${secrets.s}'}}}\n"
                 "release: {http: {url: 'http://x/', jq: .a, bearer: '${secrets.s}'}}\n")
                .lacks.size(),
            1U);
}

TEST_F(ConfigTest, ADoubledDollarIsALiteral) {
  EXPECT_NE(
      load("vars: {x: '$${vars.y}'}\ngates: {g: {checks: {a: {disk: {path: '/$${vars.x}'}}}}}")
          .shown.find("/${vars.x}"),
      std::string::npos);
}

TEST_F(ConfigTest, AFolderIsReadInOrderAndGatesAreJoined) {
  std::filesystem::create_directory(scratch.path("conf"));
  scratch.write("conf/a.yaml", "gates: {g: {title: Gate, checks: {a: {disk: {path: /}}}}}");
  scratch.write("conf/b.yaml", "gates: {g: {checks: {b: {disk: {path: /}}}}}");
  const auto config = load_config(scratch.path("conf"), {}, bench.resources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->checklist->gates[0].checks.size(), 2U);
  scratch.write("conf/c.yaml", "gates: {g: {checks: {b: {disk: {path: /}}}}}");
  const auto twice = load_config(scratch.path("conf"), {}, bench.resources);
  ASSERT_FALSE(twice);
  EXPECT_NE(to_text(twice.error().front()).find("is already given in"), std::string::npos);
}

TEST_F(ConfigTest, AFormerKeyIsTakenWithAWarning) {
  const auto with = [](const std::string& keys) {
    return "gates:\n  g: {checks: {a: {log: {path: /var/log/x, max: 0, " + keys + "}}}}";
  };
  const Config config = load(with("first_look: 4KiB"));
  ASSERT_EQ(config.warnings.size(), 1U);
  EXPECT_NE(to_text(config.warnings.front())
                .find("gonogo.yaml:2:64: gates.g.checks.a.log.first_look: is now called "
                      "`first_run` (rename it)"),
            std::string::npos)
      << to_text(config.warnings.front());
  EXPECT_TRUE(load(with("first_run: 4KiB")).warnings.empty());
  EXPECT_NE(refusal(with("first_run: 4KiB, first_look: 4KiB")).find("former name of `first_run`"),
            std::string::npos);
  EXPECT_NE(refusal(with("first_look: much")).find("first_look: \"much\" is no size"),
            std::string::npos);
}

TEST_F(ConfigTest, FlagsOverrideTheFile) {
  Overrides overrides;
  overrides.listen = {"127.0.0.1:0"};
  overrides.store_path = "/tmp/elsewhere.db";
  scratch.write("gonogo.yaml",
                "server: {listen: 127.0.0.1:1}\nstore: {path: /tmp/here.db}\ngates: {g: {checks: "
                "{a: {disk: {path: /}}}}}");
  const auto config = load_config(scratch.path("gonogo.yaml"), overrides, bench.resources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.listen, overrides.listen);
  EXPECT_EQ(config->store_path, overrides.store_path);
}

constexpr const char* one_check = "\ngates: {g: {checks: {a: {disk: {path: /}}}}}";

TEST_F(ConfigTest, NamesOfTheServerAreItsOwnOrThoseOfThisHost) {
  const auto names = [this](const std::string& server) {
    return load("server: {" + server + "}" + one_check).server.names;
  };
  EXPECT_EQ(names("names: [A.Example.org., b]"), (std::vector<std::string>{"a.example.org", "b"}));
  EXPECT_EQ(names("names: []"), std::vector<std::string>{});
  EXPECT_FALSE(names("listen: 127.0.0.1:1").empty());
  const auto both = names("names: [a], external_url: 'https://Board.example.org/x'");
  EXPECT_EQ(both, (std::vector<std::string>{"a", "board.example.org"}));
}

TEST_F(ConfigTest, WhoMayAskIsJudgedByTheSocketsThatAreUsed) {
  scratch.write("t", "0123456789abcdef");
  struct Case {
    const char* listen;
    std::vector<std::string> passed;
    std::vector<std::string> open;
    bool has_token;
    const char* problem;  // empty: none
    bool anybody_reads;
    const char* web = nullptr;  // the text of web_config
  };
  const std::string users =
      "basic_auth_users: {a: $2b$10$abcdefghijklmnopqrstuuVQd2nHGdRaMrM7JR0n3tCbRJgdhm8Oy}";
  const char* tokens = ", tokens: {t: {file: t, may: [read]}}";
  for (const Case& row : {
           Case{"127.0.0.1:1", {}, {}, false, "", true},
           Case{"0.0.0.0:1",
                {},
                {},
                false,
                "0.0.0.0:1 is reachable from other hosts without",
                false},
           Case{"0.0.0.0:1", {}, {}, true, "", false},
           Case{"localhost:1", {}, {}, false, "", true},
           Case{"localhost:1", {}, {}, true, "", true},
           Case{
               "127.0.0.1:1", {"0.0.0.0:2"}, {}, false, "the socket 0.0.0.0:2 that systemd", false},
           Case{"127.0.0.1:1", {"127.0.0.1:3", "[::]:2"}, {}, true, "", false},
           Case{"0.0.0.0:1", {"127.0.0.1:2", "unix:@x"}, {}, false, "", true},
           Case{"127.0.0.1:1", {}, {"0.0.0.0:1"}, false, "until a restart", false},
           Case{"127.0.0.1:1", {}, {"0.0.0.0:1"}, true, "", false},
           Case{"127.0.0.1:1", {}, {"127.0.0.1:2"}, false, "", true},
           // A web_config without users says nothing of who is asking.
           Case{"127.0.0.1:1", {}, {}, false, "", true, "{}"},
           Case{"127.0.0.1:1", {}, {}, true, "", false, "{}"},
           Case{"127.0.0.1:1", {}, {}, false, "", false, users.c_str()},
           Case{
               "0.0.0.0:1", {}, {}, false, "(give server.tokens, or basic_auth_users", false, "{}"},
           Case{"0.0.0.0:1", {}, {}, true, "", false, "{}"},
           Case{"0.0.0.0:1", {}, {}, false, "", false, users.c_str()},
           Case{
               "127.0.0.1:1", {"[::]:2"}, {}, false, "the socket [::]:2 that systemd", false, "{}"},
           Case{"127.0.0.1:1", {}, {"0.0.0.0:1"}, false, "until a restart", false, "{}"},
       }) {
    Overrides overrides;
    overrides.passed = row.passed;
    overrides.open = row.open;
    scratch.write("gonogo.yaml", "server: {listen: '" + std::string(row.listen) + "'" +
                                     (row.has_token ? tokens : "") +
                                     (row.web != nullptr ? ", web_config: web.yml" : "") + "}" +
                                     one_check);
    scratch.write("web.yml", row.web != nullptr ? row.web : "");
    const auto config = load_config(scratch.path("gonogo.yaml"), overrides, bench.resources);
    const std::string name = std::string(row.listen) + " " + row.problem +
                             (row.web != nullptr ? std::string(" ") + row.web : "");
    ASSERT_EQ(config.has_value(), *row.problem == '\0') << name;
    if (config) {
      EXPECT_EQ(config->server.anonymous.count(Grant::read) == 1, row.anybody_reads) << name;
    } else {
      EXPECT_NE(to_text(config.error().front()).find(row.problem), std::string::npos)
          << to_text(config.error().front());
    }
  }
}

TEST_F(ConfigTest, AWebConfigThatIsNotReadIsNotTakenForOneWithoutUsers) {
  const std::string server = "server: {listen: '0.0.0.0:1', web_config: nosuch.yml}";
  const std::string text = server + one_check;
  const std::string said = refusal(text);
  EXPECT_NE(said.find("nosuch.yml"), std::string::npos);
  EXPECT_EQ(said.find("without authentication"), std::string::npos) << said;
  Overrides overrides;
  overrides.serves = false;
  EXPECT_TRUE(load_config(scratch.write("gonogo.yaml", text), overrides, bench.resources));
}

TEST_F(ConfigTest, WarnsOfUsersWhoCannotLogIn) {
  scratch.write(
      "web.yml",
      "basic_auth_users: {ada: $2b$10$abcdefghijklmnopqrstuuVQd2nHGdRaMrM7JR0n3tCbRJgdhm8Oy}");
  const auto warnings = [&](const std::string& users) {
    std::string lines;
    for (const Problem& warning :
         load("server: {web_config: web.yml, users: {" + users + "}}" + one_check).warnings)
      lines += to_text(warning) + "\n";
    return lines;
  };
  EXPECT_EQ(warnings("ada: {may: [sign]}"), "");
  const std::string said = warnings("ada: {may: [sign]}, bob: {may: [sign]}");
  EXPECT_NE(said.find("server.users: \"bob\" is not in basic_auth_users"), std::string::npos)
      << said;
  EXPECT_EQ(said.find("ada"), std::string::npos) << said;
}

}  // namespace
}  // namespace gonogo
