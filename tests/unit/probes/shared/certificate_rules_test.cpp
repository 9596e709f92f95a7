#include "probes/shared/certificate_rules.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Certificates, AreJudgedByTheEarliestInTheChain) {
  const WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
  const auto in_days = [&](int days) {
    return std::chrono::time_point_cast<std::chrono::seconds>(now) + std::chrono::hours{24} * days;
  };
  CertificateFacts leaf;
  leaf.subject = "CN=leaf";
  leaf.issuer = "CN=ca";
  leaf.names = {"example.org"};
  leaf.not_before = in_days(-10);
  leaf.not_after = in_days(60);
  leaf.key_bits = 2048;
  CertificateFacts ca;
  ca.subject = "CN=ca";
  ca.issuer = "CN=root";
  ca.not_before = in_days(-100);
  ca.not_after = in_days(20);
  ca.key_bits = 4096;
  ChainReport report{true, {}, {}, {leaf, ca}, "TLSv1.3", "X"};
  EXPECT_EQ(judge_chain(report, {}, now).outcome, Outcome::pass);
  EXPECT_EQ(judge_chain(report, {.min_left = 21 * 24h}, now).reason, Reason::threshold);
  EXPECT_EQ(judge_chain(report, {.warn_left = 21 * 24h}, now).outcome, Outcome::warn);
  EXPECT_EQ(judge_chain(report, {.min_key_bits = 3072}, now).outcome, Outcome::fail);
  EXPECT_EQ(judge_chain(report, {.issuer_contains = "Other"}, now).reason, Reason::content);
  report.errors = {Reason::cert_name};
  report.error_texts = {"other name"};
  const Finding wrong = judge_chain(report, {}, now);
  EXPECT_EQ(wrong.reason, Reason::cert_name);
  EXPECT_EQ(wrong.values.at(0).name, "days_left");
  EXPECT_NEAR(wrong.values.at(0).number, 20, 0.01);
  report.errors.clear();
  report.certificates[1].not_after = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
  EXPECT_EQ(judge_chain(report, {}, now).outcome, Outcome::pass);
  report.certificates[0].not_after = in_days(-1);
  EXPECT_EQ(judge_chain(report, {}, now).reason, Reason::cert_expired);
  EXPECT_EQ(judge_chain({}, {}, now).reason, Reason::tls);
}

TEST(Certificates, CanOnlyMakeAFindingWorse) {
  struct Case {
    const char* name;
    Finding finding;
    Finding chain;
    Outcome outcome;
    const char* summary;
  };
  const Finding pass = Finding::pass("200");
  const Finding warn = Finding::warn(Reason::threshold, "slow");
  const Finding fail = Finding::fail(Reason::status, "500");
  const Finding ends_soon = Finding::warn(Reason::threshold, "5d left");
  const Finding expired = Finding::fail(Reason::cert_expired, "expired");
  const Case cases[] = {{"both pass", pass, Finding::pass("valid"), Outcome::pass, "200"},
                        {"a warning", pass, ends_soon, Outcome::warn, "certificate: 5d left"},
                        {"a failure", pass, expired, Outcome::fail, "certificate: expired"},
                        {"two warnings", warn, ends_soon, Outcome::warn, "slow"},
                        {"worse", warn, expired, Outcome::fail, "certificate: expired"},
                        {"two failures", fail, expired, Outcome::fail, "500"}};
  for (const Case& each : cases) {
    Finding finding = each.finding;
    Finding chain = each.chain;
    chain.measure("days_left", 5, "days");
    add_certificate(finding, std::move(chain));
    EXPECT_EQ(finding.outcome, each.outcome) << each.name;
    EXPECT_EQ(finding.summary, each.summary) << each.name;
    ASSERT_EQ(finding.values.size(), 1U) << each.name;
    EXPECT_EQ(finding.values.front().name, "days_left") << each.name;
  }
}

}  // namespace
}  // namespace gonogo
