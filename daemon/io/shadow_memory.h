// GONOGO_SHADOW_MEMORY is defined where a sanitizer keeps memory of its own beside the program's:
// the address space cannot be bounded then.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GONOGO_SHADOW_MEMORY
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GONOGO_SHADOW_MEMORY
#endif
