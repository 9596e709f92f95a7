// What the daemon says of itself, and what it does for the API.
#include "daemon/app.h"
#include "daemon/core/flips.h"
#include "daemon/core/text.h"
#include "daemon/io/process_figures.h"
#include "daemon/io/service_notify.h"
#include "daemon/logging.h"
#include "daemon/version.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace {

// A daemon whose runs begin later than this is not ready.
constexpr Duration most_late = std::chrono::seconds{1};

}  // namespace

void App::report_start() const {
  const std::string where = joined(server_.addresses());
  const std::string checks = counted(runtimes_.size(), "check");
  log_info(std::string("gonogo ") + version + " watches " + checks + ", listens on " + where);
  notify_ready("watches " + checks);
}

void App::report_warnings(const Config& config) const {
  for (const Problem& warning : config.warnings) log_warning("configuration: " + to_text(warning));
}

void App::report_reload(const std::string& problems) {
  reload_successful_ = problems.empty();
  if (problems.empty()) {
    reload_succeeded_at_ = clock_.wall();
    log_info("configuration reloaded: " + counted(runtimes_.size(), "check"));
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

void App::report_verdict(const Snapshot* before, const Snapshot& after) {
  store_->save_verdict(after.go, after.since);
  store_->save_change({after.at.wall, after.go,
                       before == nullptr ? std::vector<std::string>{"gonogo started"}
                                         : flipped_by(*before, after)});
  std::string text = verdict_text(after);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;)
    text.replace(at, 1, "; ");
  if (after.go) {
    log_info(text);
  } else if (before == nullptr) {
    log_info("verdict: NO-GO until every blocker has a result");
  } else {
    log_warning(text);
  }
  notify_status(after.go ? "GO" : "NO-GO");
}

void App::save_transitions(const Snapshot& before, const Snapshot& after,
                           const std::vector<std::size_t>& changed) {
  for (const std::size_t index : changed) {
    const CheckStatus& status = after.checks[index];
    store_->save_transition({after.at.wall, status.check->id,
                             std::string(name_of(before.checks[index].state)),
                             std::string(name_of(status.state)),
                             std::string(name_of(status.reason)), words_for(status)});
  }
}

Duration App::lateness() const {
  return std::max(runner_.lateness().worst_recently(clock_.now()), runner_.overdue());
}

ProberHealth App::health() const {
  ProberHealth health;
  health.lateness = lateness();
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
    return "results are not saved: " + problem;
  if (const Duration late = lateness(); late > most_late)
    return "runs begin " + to_words(late) + " late";
  return {};
}

bool App::push(const std::string& key, PushKind kind, int exit_status, const std::string& note,
               const std::string& run_id) {
  if (!pushes_.take(key, kind, exit_status, redactor_.clean(note), clock_.wall(), run_id))
    return false;
  const std::string& check = config_.push_keys.find(key)->second;
  store_->save_push(check, *pushes_.find(key));
  runner_.run_now(*runtimes_.find(check));
  return true;
}

std::optional<std::string> App::run_now(const std::string& id) {
  CheckRuntime* runtime = runtimes_.find(id);
  if (runtime == nullptr) return "no check " + in_quotes(id);
  const Check& check = *runtime->definition;
  if (!check.has_probe()) return id + " is never run: it is a " + check.kind;
  runner_.run_now(*runtime);
  return std::nullopt;
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
