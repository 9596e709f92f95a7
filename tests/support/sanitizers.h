// What sanitizers change. Their programs start slowly, catch signals, and need memory and
// descriptors of their own.
#pragma once

#include <gtest/gtest.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GONOGO_SHADOW_MEMORY
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GONOGO_SHADOW_MEMORY
#endif

#ifdef GONOGO_SHADOW_MEMORY
#define ONLY_WITHOUT_SANITIZERS(why) GTEST_SKIP() << "sanitizers " << (why)
#else
#define ONLY_WITHOUT_SANITIZERS(why) static_cast<void>(why)
#endif
