#include "daemon/core/signoff.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

Signoff by(const std::string& who, std::int64_t id, const std::string& release = "v1") {
  Signoff signoff;
  signoff.check = "drill";
  signoff.role = "lead";
  signoff.who = who;
  signoff.release = release;
  signoff.id = id;
  return signoff;
}

TEST(Signoff, OnePersonHasOneInARole) {
  std::vector<Signoff> given;
  put_signoff(given, by("A. Lead", 1));
  put_signoff(given, by("A. Lead", 2, "v2"));
  put_signoff(given, by("B. Lead", 3));
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].id, 2);
}

// Their completions may come in another order than their entries in the audit.
TEST(Signoff, OfTwoGivenAtOnceTheLaterEntryCounts) {
  std::vector<Signoff> given;
  put_signoff(given, by("A. Lead", 6));
  put_signoff(given, by("A. Lead", 5));
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].id, 6) << "so withdrawing ends the one that a later process would replay";
}

}  // namespace
}  // namespace gonogo
