#include "daemon/formats/tracked_secrets.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"

namespace gonogo {
namespace {

std::vector<Pattern> excepting(const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  std::string problem;
  for (const std::string& text : texts)
    patterns.push_back(TextPattern::compile(text, false, problem));
  return patterns;
}

// Secrets are put together here, so that this file has none.
const std::string amazon = std::string("AKIA") + "IOSFODNN7EXAMPLE";
const std::string real = std::string("AKIA") + "QWERTYUIOP234567";
const std::string stripe = std::string("sk_live_") + "0123456789abcdefXY";

TEST(TrackedSecrets, WhatIsExceptedIsTakenOutOfALineAndTheRestIsJudged) {
  struct Case {
    std::string line;
    std::vector<std::string> exceptions;
    bool is_secret;
  };
  const std::vector<Case> cases{
      {"key = " + amazon, {}, false},
      {"key = \"" + amazon + "\"; other", {}, false},
      {amazon + "," + amazon, {}, false},
      {"key = " + real, {}, true},
      {amazon + " " + real, {}, true},
      {amazon + "," + real, {}, true},
      {real + "," + amazon, {}, true},
      {amazon + amazon, {}, true},  // git has found something that is no key: nothing is said
      {stripe, {}, true},
      {stripe, {"sk_live_0123[0-9a-zA-Z]+"}, false},
      {stripe + " " + real, {"sk_live_0123[0-9a-zA-Z]+"}, true},
      {"-----BEGIN RSA PRIVATE KEY-----", {"BEGIN PUBLIC"}, true},
      {"-----BEGIN TEST PRIVATE KEY-----", {"BEGIN TEST PRIVATE KEY"}, false},
      {"\xff" + amazon, {}, false},
      {"\xff" + real, {}, true}};
  for (const auto& [line, exceptions, is_secret] : cases) {
    const TrackedSecrets secrets(usual_secrets(), excepting(exceptions));
    EXPECT_EQ(secrets.is_in(line), is_secret) << line;
  }
}

TEST(TrackedSecrets, TheUsualFormsAreThoseOfEachIssuer) {
  const TrackedSecrets secrets(usual_secrets(), {});
  const auto is_one = [&secrets](const std::string& line) {
    // A line in which nothing is excepted is what git has found: one form has to be read alike.
    return secrets.is_in(amazon + " " + line);
  };
  const std::string letters = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ";
  for (const std::string& line :
       {std::string("-----BEGIN PRIVATE KEY-----"), std::string("-----BEGIN RSA PRIVATE KEY-----"),
        std::string("-----BEGIN OPENSSH PRIVATE KEY-----"),
        std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        std::string("-----BEGIN PGP PRIVATE KEY BLOCK-----"),
        std::string("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"),
        std::string("PuTTY-User-Key-File-3: ssh-ed25519"), real, "ASIA" + real.substr(4), stripe,
        "rk" + stripe.substr(2), "github_" + ("pat_" + letters), "gh" + ("s_" + letters)})
    EXPECT_TRUE(is_one(line)) << line;
  for (const std::string& line :
       {std::string("-----BEGIN PUBLIC KEY-----"), std::string("-----BEGIN CERTIFICATE-----"),
        std::string("-----BEGIN PGP PUBLIC KEY BLOCK-----"), "ASIA" + real.substr(5),
        "pk" + stripe.substr(2), std::string("ASIAN_MARKETS_2026_REPORT"),
        std::string("github_pat_short")})
    EXPECT_FALSE(is_one(line)) << line;
}

TEST(TrackedSecrets, AFormThatRe2DoesNotReadExceptsNothing) {
  // \< is one of GNU's.
  const TrackedSecrets secrets({"\\<AKIA[0-9A-Z]{16}", "(broken"}, {});
  EXPECT_TRUE(secrets.is_in("key " + amazon));
}

TEST(TrackedSecrets, OnlyFilesWithASecretLeftAreNamed) {
  using namespace std::string_literals;
  const std::string printed = "README.md\0key = "s + amazon + "\na\nb.txt\0"s + real +
                              "\na\nb.txt\0"s + real + "\ndocs/x\0"s + amazon + "\ndocs/x\0"s +
                              stripe + "\n";
  EXPECT_EQ(files_with_secrets(printed, TrackedSecrets(usual_secrets(), {})),
            (std::vector<std::string>{"a\nb.txt", "docs/x"}));
  EXPECT_TRUE(files_with_secrets("", TrackedSecrets(usual_secrets(), {})).empty());
}

TEST(TrackedSecrets, WhatExceptsEverythingIsRefused) {
  for (const auto& [text, problems] :
       std::vector<std::pair<const char*, std::size_t>>{{"'.*'", 1U},
                                                        {"''", 1U},
                                                        {"'.+'", 1U},
                                                        {"'x*'", 1U},
                                                        {"'('", 1U},
                                                        {"[AKIA.*EXAMPLE, x]", 0U}}) {
    Reading reading;
    Node node = parse_document("x", std::string("{except: ") + text + "}", reading.problems);
    Settings settings(&node, node.place, "", reading);
    read_secret_exceptions(settings, "except");
    EXPECT_EQ(reading.problems.size(), problems) << text;
  }
}

}  // namespace
}  // namespace gonogo
