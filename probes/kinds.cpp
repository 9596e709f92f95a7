#include "probes/kinds.h"

#include <array>

#include "probes/disk.h"
#include "probes/file.h"
#include "probes/heartbeat.h"
#include "probes/http.h"
#include "probes/marker.h"
#include "probes/prober.h"
#include "probes/tls.h"

namespace gonogo {
namespace {

constexpr std::array table{
    Kind{"disk", make_disk}, Kind{"file", make_file},     Kind{"heartbeat", make_heartbeat},
    Kind{"http", make_http}, Kind{"marker", make_marker}, Kind{"prober", make_prober},
    Kind{"tls", make_tls},
};

}  // namespace

std::span<const Kind> kinds() { return table; }

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : table) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace gonogo
