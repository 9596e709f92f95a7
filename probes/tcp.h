// A connection, encrypted or not, and a dialogue over it: what Redis, SMTP, SSH and others speak.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_tcp(Settings& settings, Resources& resources);

}  // namespace gonogo
