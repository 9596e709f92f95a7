// What the daemon lends to its probes. All of it outlives every probe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "daemon/core/deployment.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/formats/redactor.h"
#include "daemon/io/io.h"

namespace gonogo {

// Whose runs asked this host's name servers since the last reload.
enum class NeededBy : std::uint8_t { none, advisory, blocker };

// How this daemon itself fares.
struct ProberHealth {
  Duration lateness{};            // how late the latest runs began at most
  std::size_t workers_stuck = 0;  // of the blocking pool
  std::size_t workers_most = 0;
  std::optional<Duration> job_expired;  // since a run found no free worker in time
  std::size_t descriptors_open = 0;
  std::size_t descriptors_most = 0;
  std::string store_problem;   // empty when results are saved
  std::string store_was_lost;  // why it is not known what was decided and seen before
  // Somebody had changed the store beside its audit when this daemon opened it.
  bool store_was_changed = false;
  Duration unsaved_for{};  // since results were saved, when they are not
  Duration max_unsaved{};
  std::string clock_words;  // why the wall clock is in doubt; empty when it is not
  NeededBy names_needed_by = NeededBy::none;
};

struct Resources : Io {
  HeartbeatPushes& pushes;
  std::function<ProberHealth()> health;

  // The release that is to be deployed; empty when it is not known. And the last deploy that began.
  std::function<std::string()> release = [] { return std::string(); };
  std::function<std::optional<Deployment>()> deployment = [] { return std::nullopt; };

  // Hides what a secret's new value is. Called on the loop before anything uses it.
  std::function<void(const Redactor&)> hide = [](const Redactor&) {};
};

}  // namespace gonogo
