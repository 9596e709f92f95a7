// Judges the certificates of a TLS handshake or of a PEM file.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_tls(Settings& settings, Resources& resources);

}  // namespace gonogo
