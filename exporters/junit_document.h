// A snapshot as a JUnit report, for CI systems that show one.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

// A gate is a test suite, a check a test case. An advisory that is not good counts as skipped.
std::string junit_document(const Snapshot& snapshot);

}  // namespace gonogo
