// Checks a git work tree with the git program.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_git(Settings& settings, Resources& resources);

}  // namespace gonogo
