#include "probes/shared/condition.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "probes/docker.h"
#include "tests/support/io_bench.h"

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

}  // namespace
}  // namespace gonogo
