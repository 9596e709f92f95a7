// The `calendar` section.
#pragma once

#include "daemon/core/calendar.h"
#include "daemon/formats/settings.h"

namespace gonogo {

// Reads `calendar` of `root`; problems go to its settings.
Calendar read_calendar(Settings& root);

}  // namespace gonogo
