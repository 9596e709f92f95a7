// Judges a file, a directory, or one of several files: type, mode, owner, size, age and content.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_file(Settings& settings, Resources& resources);

}  // namespace gonogo
