// The section `tls_server_config` of a web configuration.
#pragma once

#include <optional>
#include <string>

#include "daemon/formats/settings.h"
#include "daemon/http/listener_tls.h"

namespace gonogo {

// exporter-toolkit's files are YAML 1.1, where yes, no, on, off and y are truth values.
std::optional<bool> yaml11_flag(Settings& settings, std::string_view key);

// Reads the section of the file at `path`. Nothing when a certificate or a key is missing; problems
// and warnings go to `section`.
std::optional<ListenerTlsSettings> read_listener_tls(Settings& section, const std::string& path);

}  // namespace gonogo
