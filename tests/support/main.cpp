#include <gmock/gmock.h>

#include "daemon/io/jq_helper.h"

// The helper for jq is the executable that starts it: here the tests.
int main(int argc, char** argv) {
  if (gonogo::is_jq_helper(argc, argv)) return gonogo::run_jq_helper(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
