// A snapshot as a JUnit report, for CI systems that show one.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"
#include "exporters/polled_checks.h"

namespace gonogo {

// A gate is a test suite, a check a test case. An advisory that is not good counts as skipped, and
// so does what nobody asked for. A closed calendar is a failure of its own, in the suite
// "calendar".
std::string junit_document(const Snapshot& snapshot, const PolledChecks& polled = {});

}  // namespace gonogo
