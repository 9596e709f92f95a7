#include "daemon/formats/git_listing.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using namespace std::string_literals;

TEST(GitListing, IsSplitAtNul) {
  EXPECT_EQ(split_at_nul("a\0b c\0"s), (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(split_at_nul("a\0\0b"s), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_TRUE(split_at_nul("").empty());
}

TEST(GitListing, ASettingMayHaveNoValueOrSeveralLines) {
  const GitConfig config = parse_git_config("core.bare\0alias.x\n!one\ntwo\0"s);
  EXPECT_EQ(config, (GitConfig{{"core.bare", "true"}, {"alias.x", "!one\ntwo"}}));
}

struct Case {
  const char* key;
  bool is_harmless;
};

const Case cases[] = {
    {"core.autocrlf", true},
    {"core.filemode", true},
    {"remote.origin.url", true},
    {"http.proxy", true},
    {"http.https://example.org/a.b.extraheader", true},
    {"url.https://example.org/.insteadof", true},
    {"core.fsmonitor", false},
    {"core.hookspath", false},
    {"core.sshcommand", false},
    {"core.gitproxy", false},
    {"core.askpass", false},
    {"core.pager", false},
    {"core.worktree", false},
    {"core.alternaterefscommand", false},
    {"include.path", false},
    {"includeif.gitdir:/x.path", false},
    {"filter.x.clean", false},
    {"filter.x.process", false},
    {"diff.x.textconv", false},
    {"remote.origin.uploadpack", false},
    {"remote.origin.vcs", false},
    {"remote.origin.promisor", false},
    {"remote.x.url", false},
    {"credential.helper", false},
    {"credential.https://example.org.helper", false},
    {"protocol.ext.allow", false},
    {"extensions.partialclone", false},
    {"extensions.worktreeconfig", false},
    {"http.sslengine", false},
    {"http.cookiefile", false},
    {"http.savecookies", false},
    {"http.https://example.org/.savecookies", false},
    {"url.https://example.org/.pushinsteadof", false},
    {"http.proxy.uploadpack", false},
    {"whatever.a.newer.git.has", false},
    {"core", false},
    {"", false},
};

class GitSettings : public testing::TestWithParam<Case> {};

TEST_P(GitSettings, AreKeptWhenTheyAreKnownToBeHarmless) {
  const GitConfig kept = harmless_of({{GetParam().key, "value"}});
  EXPECT_EQ(kept.size(), GetParam().is_harmless ? 1U : 0U) << GetParam().key;
}

INSTANTIATE_TEST_SUITE_P(Table, GitSettings, testing::ValuesIn(cases));

TEST(GitSettingsFile, HoldsTheFormatAndWhatIsHarmless) {
  const GitConfig config{{"core.repositoryformatversion", "1"},
                         {"extensions.objectformat", "sha256"},
                         {"extensions.partialclone", "origin"},
                         {"core.bare", "true"},
                         {"core.fsmonitor", "/trap"},
                         {"core.eol", "lf"},
                         {"url.a\"b\\.insteadof", "x\"\n[core]\n\tfsmonitor = /trap\\"}};
  EXPECT_EQ(harmless_file_of(config, false),
            "[core]\n\trepositoryformatversion = \"1\"\n[core]\n\tbare = \"false\"\n"
            "[extensions]\n\tobjectformat = \"sha256\"\n[core]\n\teol = \"lf\"\n"
            "[url \"a\\\"b\\\\\"]\n\tinsteadof = "
            "\"x\\\"\\n[core]\\n\tfsmonitor = /trap\\\\\"\n");
}

TEST(GitUrl, IsShownWithoutWhatStandsBeforeTheHost) {
  struct Shown {
    const char* url;
    const char* shown;
  };
  for (const Shown& c :
       {Shown{"https://user:p@ss@host:1/x.git", "https://host:1/x.git"},
        Shown{"https://tok@ghp@host/x.git", "https://host/x.git"},
        Shown{"https://user:a/b@host/x.git", "https://host/x.git"},
        Shown{"https://user:a?b#c@host/x.git", "https://host/x.git"},
        Shown{"https://user@host/x@y.git", "https://host/x@y.git"},
        Shown{"https://@host/", "https://host/"}, Shown{"https://host/a@b", "https://host/a@b"},
        Shown{"https://user:p@ss/word@host:1/x.git", "https://host:1/x.git"},
        Shown{"https://user:12/34word@host:1/x", "https://host:1/x"},
        // It could be the user "host" with a password.
        Shown{"https://host:443/a@b", "https://b"}, Shown{"https://[::1]/a@b", "https://[::1]/a@b"},
        Shown{"https://[::1]:8/a@b", "https://[::1]:8/a@b"}, Shown{"git@host:a/b", "git@host:a/b"},
        Shown{"/srv/a@b", "/srv/a@b"}, Shown{"", ""}})
    EXPECT_EQ(without_credentials(c.url), c.shown) << c.url;
}

TEST(GitUrl, HoldsSecretsInEachWayToReadIt) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(secrets_of({{"remote.origin.url", "https://user:p@ss@host/x"}}),
            (Texts{"user:p@ss", "p@ss", "p", "ss", "ss"}));
  EXPECT_EQ(secrets_of({{"remote.origin.url", "https://token@host/x"}}),
            (Texts{"token", "token", "token"}));
  EXPECT_EQ(secrets_of({{"url.https://user:pass@host/.insteadof", "short:"}}),
            (Texts{"user:pass", "pass", "pass"}));
  EXPECT_EQ(secrets_of({{"http.https://host/.extraheader", "Authorization: Basic YTpi"}}),
            (Texts{"Basic YTpi", "YTpi"}));
  EXPECT_EQ(secrets_of({{"http.extraheader", ""}, {"remote.origin.url", "git@host:x"}}),
            Texts({"", ""}));
}

TEST(GitSettingsFile, TakesNoOddFormat) {
  const GitConfig config{{"core.repositoryformatversion", "1\n[core]"},
                         {"extensions.objectformat", "\"; fsmonitor"}};
  EXPECT_EQ(harmless_file_of(config, true),
            "[core]\n\trepositoryformatversion = \"0\"\n[core]\n\tbare = \"true\"\n");
}

TEST(GitFilters, AreThoseThatRunAProgramToCompare) {
  const GitConfig config{{"filter.lfs.clean", "git-lfs clean"},
                         {"filter.lfs.smudge", "x"},
                         {"filter.a.b.process", "x"},
                         {"filter.smudged.smudge", "x"},
                         {"filter.off.clean", ""},
                         {"filter.clean", "x"},
                         {"filter.needed.required", "true"}};
  EXPECT_EQ(filters_of(config), (std::set<std::string>{"a.b", "lfs"}));
}

// As git 2.39 prints it.
const std::string marks =
    "a b\0  ctime: 1796031148:126307941\n  mtime: 1600000000:5\n  dev: 65024\tino: 9994316\n"
    "  uid: 0\tgid: 0\n  size: 13\tflags: 20200000\n"
    "z\0  ctime: 1:2\n  mtime: 3:4\n  dev: 5\tino: 6\n  uid: 7\tgid: 8\n  size: 9\tflags: 0\n"s;

TEST(GitMarks, AreWhatTheIndexRemembers) {
  const auto seen = parse_git_marks(marks);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].first, "a b");
  EXPECT_EQ(seen[0].second, (GitFileMark{1796031148, 126307941, 1600000000, 5, 13}));
  EXPECT_EQ(seen[1].first, "z");
  EXPECT_EQ(seen[1].second, (GitFileMark{1, 2, 3, 4, 9}));
}

TEST(GitMarks, AreNoneWhenTheOutputIsCutOrAnother) {
  EXPECT_TRUE(parse_git_marks("").empty());
  EXPECT_TRUE(parse_git_marks("name").empty());
  EXPECT_TRUE(parse_git_marks("name\0  created: 1:2\n"s).empty());
  for (std::size_t size = 0; size < marks.size(); ++size) {
    EXPECT_LE(parse_git_marks(std::string_view(marks).substr(0, size)).size(), 2U);
  }
}

TEST(GitSubmodules, AreTheEntriesOfMode160000) {
  EXPECT_EQ(submodules_of("100644 1111 0\ta\000160000 2222 0\tpart one\000160000 33"s),
            std::vector<std::string>{"part one"});
}

}  // namespace
}  // namespace gonogo
