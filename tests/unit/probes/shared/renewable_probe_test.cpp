#include "probes/shared/renewable_probe.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "daemon/scheduling/attempt.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

Finding refused_with(Reason reason, bool is_refused) {
  Finding finding = Finding::fail(reason, "refused");
  finding.is_refused = is_refused;
  return finding;
}

class RenewableProbeTest : public testing::Test {
 protected:
  RenewableProbeTest() {
    bench.resources.hide = [this](const Redactor& more) {
      hidden.hide_all_of(more);
      events.push_back("hide");
    };
  }

  // A probe with this secret that finds as told; the sources hold `next` from now on.
  MadeProbe made(const std::string& secret, Finding finding) {
    MadeProbe made;
    made.values = {secret};
    made.redactor.hide(secret);
    made.probe = std::make_shared<ScriptedProbe>([this, secret, finding] {
      events.push_back(secret);
      return finding;
    });
    return made;
  }

  Observation run(RenewableProbe& probe) {
    std::optional<Observation> answer;
    const std::shared_ptr<Probe> shared(&probe, [](Probe*) {});
    const auto running = ProbeRun::start(bench.loop.get_executor(), bench.clock, shared, 5s,
                                         [&](Observation seen) { answer = std::move(seen); });
    bench.loop.restart();
    while (!answer) bench.loop.run_one();
    return std::move(*answer);
  }

  Workbench bench;
  Redactor hidden;
  std::vector<std::string> events;
  int readings = 0;
};

TEST_F(RenewableProbeTest, ARefusedCredentialIsReadAgainAndTriedOnceMore) {
  RenewableProbe probe(
      made("old-secret", refused_with(Reason::auth, false)),
      [this] {
        ++readings;
        return made("new-secret", Finding::pass("fine"));
      },
      bench.resources);
  EXPECT_EQ(run(probe).outcome, Outcome::pass);
  // It is hidden before it is used.
  EXPECT_EQ(events, (std::vector<std::string>{"old-secret", "hide", "new-secret"}));
  EXPECT_EQ(hidden.clean("new-secret"), "[secret]");
  EXPECT_EQ(run(probe).outcome, Outcome::pass);
  EXPECT_EQ(readings, 1);
}

TEST_F(RenewableProbeTest, ItIsTriedNoMoreThanOnce) {
  RenewableProbe probe(
      made("old-secret", refused_with(Reason::status, true)),
      [this] {
        ++readings;
        return made("new-secret-" + std::to_string(readings), refused_with(Reason::status, true));
      },
      bench.resources);
  EXPECT_EQ(run(probe).outcome, Outcome::fail);
  EXPECT_EQ(readings, 1);
  EXPECT_EQ(events.size(), 3U);
}

TEST_F(RenewableProbeTest, AnUnchangedSecretIsNotTriedAgain) {
  RenewableProbe probe(
      made("old-secret", refused_with(Reason::auth, false)),
      [this] { return made("old-secret", Finding::pass()); }, bench.resources);
  EXPECT_EQ(run(probe).reason, Reason::auth);
  EXPECT_EQ(events, (std::vector<std::string>{"old-secret", "hide"}));
}

TEST_F(RenewableProbeTest, AnythingElseThanRefusedCredentialsReadsNothing) {
  for (const Finding& finding :
       {Finding::pass(), refused_with(Reason::status, false), refused_with(Reason::connect, false),
        Finding::unknown(Reason::auth, "cannot tell")}) {
    RenewableProbe probe(
        made("old-secret", finding),
        [this] {
          ++readings;
          return made("new-secret", Finding::pass());
        },
        bench.resources);
    EXPECT_EQ(run(probe).outcome, finding.outcome);
  }
  EXPECT_EQ(readings, 0);
}

TEST_F(RenewableProbeTest, WhatLacksForAMomentReplacesNothing) {
  RenewableProbe probe(
      made("old-secret", refused_with(Reason::auth, false)),
      [this] {
        MadeProbe lacking = made("", Finding::pass());
        lacking.lack = "KEY is not in FILE";
        return lacking;
      },
      bench.resources);
  EXPECT_EQ(run(probe).reason, Reason::auth);
  EXPECT_EQ(run(probe).reason, Reason::auth);
}

TEST_F(RenewableProbeTest, AThrownRefusalCountsAndOtherErrorsKeepTheirReason) {
  MadeProbe throwing = made("old-secret", Finding::pass());
  Reason reason = Reason::auth;
  throwing.probe = std::make_shared<ScriptedProbe>(
      [&reason]() -> Finding { throw IoError(reason, "said the server"); });
  RenewableProbe probe(
      std::move(throwing), [this] { return made("new-secret", Finding::pass()); }, bench.resources);
  reason = Reason::database;
  EXPECT_EQ(run(probe).reason, Reason::database);
  reason = Reason::auth;
  EXPECT_EQ(run(probe).outcome, Outcome::pass);
}

TEST_F(RenewableProbeTest, WhatItRemembersIsThatOfTheProbe) {
  class RememberingProbe : public Probe {
   public:
    boost::asio::awaitable<Finding> run(Attempt&) override { co_return Finding::pass(); }
    std::string memory_key() const override { return "docker shop"; }
    std::string note_name() const override { return "gates.g.checks.one.docker"; }
  };
  MadeProbe remembering = made("secret-one", Finding::pass());
  remembering.probe = std::make_shared<RememberingProbe>();
  const RenewableProbe probe(
      std::move(remembering), [this] { return made("secret-one", Finding::pass()); },
      bench.resources);
  EXPECT_EQ(probe.memory_key(), "docker shop");
  EXPECT_EQ(probe.note_name(), "gates.g.checks.one.docker");
  MadeProbe lacking;
  lacking.lack = "KEY is not in FILE";
  const RenewableProbe none(
      std::move(lacking), [this] { return made("secret-one", Finding::pass()); }, bench.resources);
  EXPECT_EQ(none.note_name(), "");
}

TEST_F(RenewableProbeTest, WithoutItsSecretNothingIsRunAndARenewalBringsIt) {
  MadeProbe lacking = made("", Finding::pass());
  lacking.lack = "KEY is not in FILE";
  RenewableProbe probe(
      std::move(lacking), [this] { return made("new-secret", Finding::pass()); }, bench.resources);
  const Observation seen = run(probe);
  EXPECT_EQ(seen.reason, Reason::secret);
  EXPECT_EQ(seen.summary, "KEY is not in FILE");
  EXPECT_TRUE(events.empty());
  Renewable::Renewal renewal = probe.reader()();
  EXPECT_TRUE(renewal.is_sound);
  EXPECT_TRUE(renewal.put_in_force());
  EXPECT_EQ(run(probe).outcome, Outcome::pass);
  EXPECT_FALSE(probe.reader()().put_in_force()) << "the same again is no change";
}

}  // namespace
}  // namespace gonogo
