#include "daemon/config/sources.h"

#include <gtest/gtest.h>

#include "daemon/config/config.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

class SourcesTest : public testing::Test {
 protected:
  // What is wrong with a configuration; of problems within it.
  std::vector<std::string> problems_of(const std::string& path) {
    auto config = load_config(path, {}, bench.resources);
    std::vector<std::string> lines;
    if (config) return lines;
    for (const Problem& problem : config.error()) lines.push_back(to_text(problem));
    return lines;
  }
  std::vector<std::string> refusal(const std::string& text) {
    return problems_of(scratch.write("gonogo.yaml", text));
  }

  Scratch scratch;
  Workbench bench;
};

const std::string disk = "gates: {g: {checks: {a: {disk: {path: /}}}}}\n";

TEST_F(SourcesTest, AMissingSecretIsOneProblem) {
  const std::string secret = "secrets: {s: {env: GONOGO_TEST_NOT_SET}}\n";
  for (const std::string& text :
       {"server: {listen: '${secrets.s}'}\n" + disk,
        "server: {listen: ['127.0.0.1:0', '${secrets.s}']}\n" + disk,
        "server: {external_url: '${secrets.s}'}\n" + disk,
        "server: {names: ['${secrets.s}/']}\n" + disk,
        "store: {retention: '${secrets.s}'}\n" + disk,
        "resolver: {servers: ['${secrets.s}/']}\n" + disk,
        "docker: {socket: '${secrets.s}'}\n" + disk,
        // Needed by several options.
        "server: {external_url: '${secrets.s}'}\nstore: {path: '${secrets.s}'}\n"
        "docker: {socket: 'x${secrets.s}${secrets.s}'}\n" +
            disk,
        std::string("gates: {g: {checks: {a: {interval: '${secrets.s}', disk: {path: /}}}}}\n")}) {
    const auto lines = refusal(secret + text);
    ASSERT_EQ(lines.size(), 1U) << text << lines.back();
    EXPECT_NE(lines[0].find("needs a secret: GONOGO_TEST_NOT_SET is not set"), std::string::npos)
        << lines[0];
  }
}

TEST_F(SourcesTest, WhatFollowsFromAVariableThatIsNotThereIsNoProblemOfItsOwn) {
  for (const char* value : {"https://${vars.nosuch}/", "${vars.nosuch}", "${secrets.nosuch}x",
                            "https://${vars.unclosed"}) {
    const auto lines =
        refusal("gates: {g: {checks: {a: {http: {url: '" + std::string(value) + "'}}}}}\n");
    EXPECT_EQ(lines.size(), 1U) << value << lines.back();
  }
  // The secret names no source: that is said where it is defined.
  const auto lines = refusal(
      "secrets: {s: {key: x}}\n"
      "gates: {g: {checks: {a: {http: {url: '${secrets.s}'}}}}}\n");
  ASSERT_EQ(lines.size(), 1U) << lines.back();
  EXPECT_NE(lines[0].find("secrets.s: names no source"), std::string::npos) << lines[0];
}

TEST_F(SourcesTest, TwoSecretsThatAreMissingAreTwoProblems) {
  EXPECT_EQ(refusal("secrets: {s: {env: GONOGO_TEST_NOT_SET}, t: {env: GONOGO_TEST_NOT_SET_2}}\n"
                    "server: {external_url: '${secrets.s}'}\nstore: {path: '${secrets.t}'}\n" +
                    disk)
                .size(),
            2U);
}

TEST_F(SourcesTest, AnEmptyOrBinaryFileIsAProblemWithItsPlace) {
  std::filesystem::create_directory(scratch.path("conf"));
  scratch.write("conf/a.yaml", disk);
  for (const auto& [content, words] : std::vector<std::pair<std::string, const char*>>{
           {"", "b.yaml:1:1: is empty"},
           {"\n \n", "b.yaml:1:1: is empty"},
           {std::string("\0\0\0", 3), "b.yaml:1:1: has the byte \\x00"},
           {"a: 1\n\x1f\x8b", "b.yaml:2:1: has the byte \\x1f"},
           {"\xFF\xFE"
            "a",
            "b.yaml:1:1: is UTF-16"},
           {"- a\n", "b.yaml:1:1: is no map"}}) {
    scratch.write("conf/b.yaml", content);
    const auto lines = problems_of(scratch.path("conf"));
    ASSERT_EQ(lines.size(), 1U) << words;
    EXPECT_NE(lines[0].find(words), std::string::npos) << lines[0];
  }
  for (const char* content : {"# all of it is commented out\n", "---\n"}) {
    scratch.write("conf/b.yaml", content);
    EXPECT_TRUE(problems_of(scratch.path("conf")).empty()) << content;
  }
  const auto lines = refusal("# nothing\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("gonogo.yaml:1:1: holds no configuration"), std::string::npos)
      << lines[0];
}

TEST_F(SourcesTest, TenThousandChecksInManyFilesAreOneConfiguration) {
  std::filesystem::create_directory(scratch.path("conf"));
  for (int file = 0; file < 20; ++file) {
    std::string text = "gates:\n  g:\n    checks:\n";
    for (int i = 0; i < 500; ++i)
      text += "      c" + std::to_string(file * 500 + i) +
              ": {title: A check, item: 1.2, owner: me, labels: {a: b, c: d}, interval: 1m, "
              "disk: {path: /, min_free: 1GiB}}\n";
    scratch.write("conf/" + std::to_string(file) + ".yaml", text);
  }
  const auto config = load_config(scratch.path("conf"), {}, bench.resources);
  ASSERT_TRUE(config) << to_text(config.error().front());
  EXPECT_EQ(config->checklist->checks.size(), 10'001U);
}

}  // namespace
}  // namespace gonogo
