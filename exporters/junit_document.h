// A snapshot as a JUnit report, for CI systems that show one.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

// A gate is a test suite, a check a test case. An advisory that is unwell is skipped, not failed.
std::string junit_document(const Snapshot& snapshot);

}  // namespace gonogo
