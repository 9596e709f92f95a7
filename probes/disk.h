// Free space on a file system: bytes, inodes, and whether it can be written to.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_disk(Settings& settings, Resources& resources);

}  // namespace gonogo
