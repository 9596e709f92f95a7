// What the daemon tells of itself, and the doors that it gives to the API.
#include "daemon/app.h"
#include "daemon/io/process_figures.h"
#include "daemon/version.h"

namespace gonogo {

ProberHealth App::health() const {
  ProberHealth health;
  health.lateness = std::max(runner_.lateness().worst_recently(clock_.now()), runner_.overdue());
  health.workers_stuck = pool_.counts().stuck;
  std::tie(health.descriptors_open, health.descriptors_most) = count_descriptors();
  health.store_problem = store_->problem();
  return health;
}

DaemonFigures App::figures() const {
  DaemonFigures figures;
  figures.lateness = runner_.lateness();
  figures.reload_successful = reload_successful_;
  figures.reload_succeeded_at = reload_succeeded_at_;
  figures.version = version;
  figures.revision = revision;
  figures.store_healthy = store_->problem().empty();
  const BlockingPool::Counts counts = pool_.counts();
  figures.workers = counts.workers;
  figures.workers_stuck = counts.stuck;
  figures.connections = server_.connections();
  measure_process(figures);
  return figures;
}

std::string App::not_ready() const {
  if (const std::string problem = store_->problem(); !problem.empty())
    return "what is seen is not saved: " + problem;
  const Duration late =
      std::max(runner_.lateness().worst_recently(clock_.now()), runner_.overdue());
  if (late > most_overdue) return "looks begin " + to_words(late) + " late";
  return {};
}

ApiDoors App::doors() {
  ApiDoors doors;
  doors.verdict = [this] { return board_.verdict(); };
  doors.latest = [this] { return board_.latest(); };
  doors.figures = [this] { return figures(); };
  doors.now = [this] { return clock_.now(); };
  doors.not_ready = [this] { return not_ready(); };
  doors.push = [this](const std::string& key, PushKind kind, int exit_status,
                      const std::string& note, const std::string& run_id) {
    return push(key, kind, exit_status, note, run_id);
  };
  doors.reload = [this] { return reload(); };
  doors.run_now = [this](const std::string& id) { return run_now(id); };
  return doors;
}

}  // namespace gonogo
