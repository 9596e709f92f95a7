// A file, a directory, or the newest of many, judged by what the file system says of it.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_file(Settings& settings, Resources& resources);

}  // namespace gonogo
