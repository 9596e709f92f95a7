#include "probes/kinds.h"

#include <array>

#include "probes/clock.h"
#include "probes/command.h"
#include "probes/cron.h"
#include "probes/deployment.h"
#include "probes/disk.h"
#include "probes/dns.h"
#include "probes/docker.h"
#include "probes/dotenv.h"
#include "probes/file.h"
#include "probes/git.h"
#include "probes/heartbeat.h"
#include "probes/http.h"
#include "probes/load.h"
#include "probes/log.h"
#include "probes/marker.h"
#include "probes/memory.h"
#include "probes/ping.h"
#include "probes/postgres.h"
#include "probes/prober.h"
#include "probes/promql.h"
#include "probes/scenario.h"
#include "probes/systemd.h"
#include "probes/tcp.h"
#include "probes/tls.h"
#include "probes/version.h"

namespace gonogo {
namespace {

constexpr bool needs_worker = true;

constexpr std::array table{
    Kind{"clock", make_clock},
    Kind{"command", make_command},
    Kind{"cron", make_cron, needs_worker},
    Kind{"deployment", make_deployment},
    Kind{"disk", make_disk, needs_worker},
    Kind{"dns", make_dns},
    Kind{"docker", make_docker},
    Kind{"dotenv", make_dotenv, needs_worker},
    Kind{"file", make_file, needs_worker},
    Kind{"git", make_git, needs_worker},
    Kind{"heartbeat", make_heartbeat},
    Kind{"http", make_http},
    Kind{"load", make_load, needs_worker},
    Kind{"log", make_log, needs_worker},
    Kind{"marker", make_marker, needs_worker},
    Kind{"memory", make_memory, needs_worker},
    Kind{"ping", make_ping},
    Kind{"postgres", make_postgres, needs_worker},
    Kind{"prober", make_prober},
    Kind{"promql", make_promql},
    Kind{"scenario", make_scenario},
    Kind{"systemd", make_systemd, needs_worker},
    Kind{"tcp", make_tcp},
    Kind{"tls", make_tls, needs_worker},
    Kind{"version", make_version},
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
