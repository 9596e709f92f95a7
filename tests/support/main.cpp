#include <gmock/gmock.h>

#include "daemon/io/jq_helper.h"

// libjq 1.6 forgets some of its own messages.
extern "C" const char* __lsan_default_suppressions() { return "leak:libjq\n"; }

// The helper for jq is the executable that starts it: here the tests.
int main(int argc, char** argv) {
  if (gonogo::is_jq_helper(argc, argv)) return gonogo::run_jq_helper(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
