// What the daemon says of itself, and what it does for the API.
#include "daemon/app.h"
#include "daemon/core/text.h"
#include "daemon/io/process_figures.h"
#include "daemon/io/service_notify.h"
#include "daemon/logging.h"
#include "daemon/version.h"

namespace gonogo {
namespace {

// A daemon whose runs begin later than this is not ready.
constexpr Duration most_late = std::chrono::seconds{1};

}  // namespace

void App::report_start() const {
  const std::string where = joined(server_.addresses());
  const std::string checks = counted(kernel_.runtimes().size(), "check");
  log_info(std::string("gonogo ") + version + " watches " + checks + ", listens on " + where);
  notify_ready("watches " + checks);
}

void App::report_warnings(const Config& config) const {
  for (const auto* all : {&config.warnings, &config.lacks}) {
    for (const Problem& warning : *all) log_warning("configuration: " + to_text(warning));
  }
}

void App::report_reload(const std::string& problems) {
  reload_successful_ = problems.empty();
  if (problems.empty()) {
    reload_succeeded_at_ = clock_.wall();
    log_info("configuration reloaded: " + counted(kernel_.runtimes().size(), "check"));
    return;
  }
  log_error("configuration not reloaded, the former one stays in force:");
  std::string_view rest = problems;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    log_error(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

DaemonFigures App::figures() const {
  DaemonFigures figures;
  figures.lateness = kernel_.runner().lateness();
  figures.reload_successful = reload_successful_;
  figures.reload_succeeded_at = reload_succeeded_at_;
  figures.restart_required = !restart_required_.empty();
  figures.version = version;
  figures.revision = revision;
  figures.store_healthy = store_->problem().empty();
  const BlockingPool::Counts counts = pool_.counts();
  figures.workers = counts.workers;
  figures.workers_stuck = counts.stuck;
  figures.connections = server_.connections();
  figures.deployments = kernel_.watch().endings();
  measure_process(figures);
  return figures;
}

std::string App::not_ready() const {
  if (const std::string problem = store_->problem(); !problem.empty())
    return "results are not saved: " + problem;
  if (const Duration late = kernel_.lateness(); late > most_late)
    return "runs begin " + to_words(late) + " late";
  return {};
}

ApiDoors App::doors() {
  ApiDoors doors;
  doors.verdict = [this] { return kernel_.board().verdict(); };
  doors.latest = [this] { return kernel_.board().latest(); };
  doors.figures = [this] { return figures(); };
  doors.now = [this] { return clock_.now(); };
  doors.not_ready = [this] { return not_ready(); };
  doors.push = [this](std::string key, PushKind kind, int exit_status, std::string note,
                      bool is_cut, std::string run_id) {
    return kernel_.push(std::move(key), kind, exit_status, std::move(note), is_cut,
                        std::move(run_id));
  };
  doors.reload = [this] { return reload(); };
  doors.restart_required = [this] { return restart_required_; };
  doors.run_now = [this](const std::string& id) { return kernel_.run_now(id); };
  return doors;
}

}  // namespace gonogo
