// A TLS handshake, or a PEM file, judged by its certificates.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_tls(Settings& settings, Resources& resources);

}  // namespace gonogo
