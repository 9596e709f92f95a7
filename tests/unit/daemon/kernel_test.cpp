#include "daemon/kernel.h"

#include "tests/support/process.h"

namespace gonogo {
namespace {

class KernelTest : public DeployTest {};

TEST_F(KernelTest, WhatEndedByItselfIsWrittenDownAtOnce) {
  begin();
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, false})));
  pass_time(1h);
  EXPECT_TRUE(process->has_written("waiver-ended"));
  pass_time(7 * 24h);
  EXPECT_TRUE(process->has_written("signoff-ended"));
}

}  // namespace
}  // namespace gonogo
