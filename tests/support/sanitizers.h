// What sanitizers change. Their programs start slowly, catch signals, and need memory and
// descriptors of their own.
#pragma once

#include <gtest/gtest.h>

#include "daemon/io/shadow_memory.h"

#ifdef GONOGO_SHADOW_MEMORY
#define ONLY_WITHOUT_SANITIZERS(why) GTEST_SKIP() << "sanitizers " << (why)
#else
#define ONLY_WITHOUT_SANITIZERS(why) static_cast<void>(why)
#endif
