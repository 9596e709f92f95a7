#include "daemon/config/sources.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "daemon/config/config.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

const std::string disk = "gates: {g: {checks: {a: {disk: {path: /}}}}}\n";
const std::string more = "gates: {g: {checks: {b: {disk: {path: /}}}}}\n";

// Root reads every folder.
class AsNobody {
 public:
  AsNobody() : is_changed_(::geteuid() == 0 && ::seteuid(65534) == 0) {}
  ~AsNobody() {
    if (is_changed_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool is_changed_;
};

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
  // Of a configuration that is good.
  std::vector<std::string> warnings_of(const std::string& path) {
    auto config = load_config(path, {}, bench.resources);
    std::vector<std::string> lines;
    if (!config) return {"refused: " + to_text(config.error().front())};
    for (const Problem& warning : config->warnings) lines.push_back(to_text(warning));
    return lines;
  }
  std::vector<std::string> warnings_with(const std::string& pattern) {
    return warnings_of(scratch.write("gonogo.yaml", "include: ['" + pattern + "']\n" + disk));
  }

  Scratch scratch;
  Workbench bench;
};

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
  for (const char* content :
       {"---\n", "~\n", "null # later\n", "{}\n", "--- {}\n", "...\n", "\xEF\xBB\xBF", "\"\"\n"}) {
    scratch.write("conf/b.yaml", content);
    const auto lines = problems_of(scratch.path("conf"));
    ASSERT_EQ(lines.size(), 1U) << content;
    EXPECT_NE(lines[0].find("b.yaml:1:"), std::string::npos) << lines[0];
  }
  for (const char* content :
       {"# all of it is commented out\n", "---\n# a\n", "\xEF\xBB\xBF# a\r\n  # b\r\n"}) {
    scratch.write("conf/b.yaml", content);
    EXPECT_TRUE(problems_of(scratch.path("conf")).empty()) << content;
  }
  const auto lines = refusal("# nothing\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("gonogo.yaml:1:1: holds no configuration"), std::string::npos)
      << lines[0];
}

TEST_F(SourcesTest, AFileThatIsTooLargeHasAPlace) {
  const auto lines = refusal(disk + "#" + std::string(std::size_t{17} << 20, 'x') + "\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("gonogo.yaml:1:1: is larger than 16MiB"), std::string::npos) << lines[0];
}

TEST_F(SourcesTest, AHundredProblemsAreShownAndTheOthersCounted) {
  std::string text = disk + "vars:\n";
  for (int i = 0; i < 5000; ++i) text += "  v" + std::to_string(i) + ": [a]\n";
  const auto lines = refusal(text);
  ASSERT_EQ(lines.size(), 101U);
  EXPECT_NE(lines[99].find("vars.v99: "), std::string::npos) << lines[99];
  EXPECT_EQ(lines[100], "and 4900 more problems");
}

TEST_F(SourcesTest, AnIncludedFolderThatIsNotThereIsAProblem) {
  std::filesystem::create_directories(scratch.path("a/checks.d"));
  std::filesystem::create_directories(scratch.path("b"));
  for (const char* pattern : {"check.d/*.yaml", "a/check.d/*.yaml", "gonogo.yaml/*.yaml",
                              "nosuch/*/x.yaml", "nosuch/x.yaml"}) {
    const auto lines = refusal("include: ['" + std::string(pattern) + "']\n" + disk);
    ASSERT_EQ(lines.size(), 1U) << pattern;
    EXPECT_NE(lines[0].find("gonogo.yaml:1:"), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find("include: "), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find(" does not exist"), std::string::npos) << lines[0];
  }
  // A pattern may find the folder in some folders only.
  scratch.write("a/checks.d/m.yaml", more);
  EXPECT_EQ(warnings_with("*/checks.d/*.yaml"), std::vector<std::string>{});
}

TEST_F(SourcesTest, AnIncludedFolderThatMayNotBeReadIsAProblem) {
  namespace fs = std::filesystem;
  fs::create_directories(scratch.path("checks.d"));
  fs::create_directories(scratch.path("more/deep"));
  scratch.write("checks.d/m.yaml", more);
  scratch.write("more/deep/m.yaml", more);
  fs::permissions(scratch.path(""), fs::perms(0755));
  for (const char* pattern :
       {"checks.d/*.yaml", "checks.d/m.yaml", "more/deep/*.yaml", "more/*/m.yaml", "*/m.yaml"}) {
    const std::string path =
        scratch.write("gonogo.yaml", "include: ['" + std::string(pattern) + "']\n" + disk);
    for (const char* folder : {"checks.d", "more/deep", "more"})
      fs::permissions(scratch.path(folder), fs::perms(0));
    std::vector<std::string> lines;
    {
      const AsNobody nobody;
      lines = problems_of(path);
    }
    for (const char* folder : {"more", "checks.d", "more/deep"})
      fs::permissions(scratch.path(folder), fs::perms(0755));
    ASSERT_FALSE(lines.empty()) << pattern;
    EXPECT_NE(lines[0].find("may not be read"), std::string::npos) << lines[0];
  }
  EXPECT_EQ(warnings_with("checks.d/*.yaml"), std::vector<std::string>{});
}

TEST_F(SourcesTest, AFolderThatMayNotBeReadIsNoEmptyConfiguration) {
  namespace fs = std::filesystem;
  fs::create_directories(scratch.path("conf"));
  scratch.write("conf/a.yaml", disk);
  fs::permissions(scratch.path(""), fs::perms(0755));
  fs::permissions(scratch.path("conf"), fs::perms(0));
  std::vector<std::string> lines;
  {
    const AsNobody nobody;
    lines = problems_of(scratch.path("conf"));
  }
  fs::permissions(scratch.path("conf"), fs::perms(0755));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("conf may not be read"), std::string::npos) << lines[0];
}

TEST_F(SourcesTest, APatternWithoutAMatchIsAWarning) {
  std::filesystem::create_directories(scratch.path("checks.d/inner"));
  for (const char* pattern : {"checks.d/*.yaml", "checks.d/x?.yaml", "checks.d/*/*.yaml"}) {
    const auto lines = warnings_with(pattern);
    ASSERT_EQ(lines.size(), 1U) << pattern;
    EXPECT_NE(lines[0].find("include: \"" + std::string(pattern) + "\" matches no file"),
              std::string::npos)
        << lines[0];
  }
}

TEST_F(SourcesTest, FilesWithAnotherEndingAreNamed) {
  std::filesystem::create_directories(scratch.path("checks.d"));
  scratch.write("checks.d/b.yml", more);
  auto lines = warnings_with("checks.d/*.yaml");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("b.yml"), std::string::npos) << lines[0];
  scratch.write("checks.d/c.yaml", "gates: {g: {checks: {c: {disk: {path: /}}}}}\n");
  scratch.write("checks.d/d.YAML", more);
  scratch.write("checks.d/e.yaml.bak", more);
  scratch.write("checks.d/.f.yml", more);
  lines = warnings_with("checks.d/*.yaml");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("b.yml, "), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("d.YAML "), std::string::npos) << lines[0];
  // Included by another pattern.
  std::filesystem::remove(scratch.path("checks.d/d.YAML"));
  EXPECT_EQ(warnings_of(scratch.write("gonogo.yaml",
                                      "include: ['checks.d/*.yaml', 'checks.d/*.yml']\n" + disk)),
            std::vector<std::string>{});
  // A configuration that is a folder.
  lines = warnings_of(scratch.path("checks.d"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("checks.d/b.yml"), std::string::npos) << lines[0];
  std::filesystem::remove(scratch.path("checks.d/b.yml"));
  EXPECT_EQ(warnings_of(scratch.path("checks.d")), std::vector<std::string>{});
}

TEST_F(SourcesTest, AFolderNamedLikeAPatternIsFound) {
  std::filesystem::create_directories(scratch.path("conf[1]/checks.d"));
  scratch.write("conf[1]/a.yaml", "include: ['checks.d/*.yaml']\n" + disk);
  scratch.write("conf[1]/checks.d/b.yaml", more);
  for (const char* path : {"conf[1]", "conf[1]/a.yaml"}) {
    const auto config = load_config(scratch.path(path), {}, bench.resources);
    ASSERT_TRUE(config) << path << to_text(config.error().front());
    EXPECT_EQ(config->checklist->checks.size(), 3U) << path;
  }
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
