// What the API needs of the daemon; the daemon fills it in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/daemon_figures.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// What came of a reload.
struct Reloaded {
  std::string problems;       // one a line; empty when the new configuration is in force
  bool is_postponed = false;  // they are of this daemon: the configuration may be right
};

struct ApiDoors {
  std::function<std::shared_ptr<const Snapshot>()> verdict;  // constant time
  std::function<std::shared_ptr<const Snapshot>()> latest;
  std::function<DaemonFigures()> figures;
  std::function<SteadyTime()> now;
  std::function<std::string()> not_ready;  // why, empty when ready
  // Comes back when it is on disk. `is_cut`: there was more of the note.
  std::function<boost::asio::awaitable<Pushed>(std::string key, PushKind kind, int exit_status,
                                               std::string note, bool is_cut, std::string run_id)>
      push;
  std::function<boost::asio::awaitable<Reloaded>()> reload;
  // The keys whose new values only a restart puts in force.
  std::function<std::vector<std::string>()> restart_required;
  // Has a check run at once; the problem when it cannot be run.
  std::function<std::optional<std::string>(const std::string& check)> run_now;
};

}  // namespace gonogo
