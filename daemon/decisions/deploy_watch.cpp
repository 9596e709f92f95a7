#include "daemon/decisions/deploy_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/logging.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// A longer silence is a pause: nothing was seen in it. It must not be most of the window.
Duration longest_silence(const Deployment& deployment) {
  return std::min<Duration>(15s, deployment.watch / 4);
}

// While a deploy is watched, time is noted at least this often: a silence is well above that.
Duration note_every(const Deployment& deployment) { return longest_silence(deployment) / 3; }

constexpr std::size_t longest_finding = 2000;
constexpr const char* figures_note = "deploy watch: figures";
constexpr const char* definitions_note = "deploy watch: definitions";

std::string text_of(const Definitions& definitions, std::int64_t deployment) {
  const nlohmann::json saved{{"deployment", deployment},
                             {"samples", definitions.samples},
                             {"baselines", definitions.baselines}};
  return to_json_text(saved);
}

// Nothing when the text is of another deploy, or of another kind.
Definitions definitions_from(const std::string& text, std::int64_t deployment) {
  Definitions definitions;
  try {
    const auto saved = nlohmann::json::parse(text);
    if (saved.at("deployment") != deployment) return {};
    saved.at("samples").get_to(definitions.samples);
    saved.at("baselines").get_to(definitions.baselines);
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return definitions;
}

bool is_watching(const std::optional<Deployment>& deployment) {
  return deployment && deployment->status == DeploymentStatus::watching;
}

}  // namespace

void DeployWatch::apply(const DeployingConfig& config) {
  config_ = config;
  const Checklist& checklist = board_.checklist();
  history_.follow(config_.watch.figures, checklist);
  if (!std::exchange(has_resumed_, true)) {
    if (const auto saved = writer_.note(figures_note))
      history_.restore(*saved, checklist, clock_.wall());
    resume();
  }
  follow();
  tighten(clock_.now());
  consider();
}

void DeployWatch::begin(const Deployment& deployment) {
  if (is_watching(board_.deployment())) {
    Conclusion superseded;
    superseded.status = DeploymentStatus::superseded;
    superseded.findings.push_back("the deploy of " + deployment.version + " began");
    end(superseded);
  }
  log_info("deploy of " + deployment.version + " begun by " + deployment.who +
           (deployment.forced ? ", forced: " + deployment.reason : "") + "; watched for " +
           to_words(deployment.watch));
  noted_ = clock_.now();
  times_ = {noted_, noted_};
  board_.change([&deployment](Board& board) { board.deployment = deployment; });
  definitions_ = definitions_at_begin(config_.watch, board_.checklist());
  follow();
  for (const auto& runtime : runtimes_) {
    if (tightened(*runtime->definition))
      runner_.run_by(*runtime, times_.began + config_.watch.settle);
  }
  consider();
}

// In a new process the watch goes on where the former one left it.
void DeployWatch::resume() {
  if (!is_watching(board_.deployment())) return;
  Deployment resumed = *board_.deployment();
  noted_ = clock_.now();
  // A former version saved none: then what is in force is what the samples are of.
  if (const auto saved = writer_.note(definitions_note))
    definitions_ = definitions_from(*saved, resumed.id);
  times_.began = noted_ - resumed.watched;
  if (resumed.has_regressed) {
    // Its hook has run.
    Conclusion regressed;
    regressed.status = DeploymentStatus::regressed;
    regressed.findings = resumed.findings;
    ended_by(regressed);
    return;
  }
  const Duration since_start = clock_.wall() - resumed.started;
  const Duration down =
      std::max<Duration>(since_start - resumed.watched - resumed.paused, Duration::zero());
  pause_until(noted_, down, std::move(resumed));
}

void DeployWatch::follow() {
  if (!is_watching(board_.deployment())) return;
  release_ = board_.release();
  Deployment followed = *board_.deployment();
  if (!follow_definitions(followed, definitions_, config_.watch, board_.checklist(), release_))
    return;
  board_.set_deployment(followed);
  // In this order: what is dropped must not count in a later process.
  writer_.save_progress(followed);
  writer_.save_note(definitions_note, text_of(definitions_, followed.id));
}

void DeployWatch::note_time() {
  const SteadyTime now = clock_.now();
  const Duration silence = now - noted_;
  noted_ = now;
  if (silence <= longest_silence(*board_.deployment())) return;
  log_warning("the watch of the deploy of " + board_.deployment()->version + " paused for " +
              to_words(silence) + ": the daemon was suspended or held up");
  times_.began += silence;
  pause_until(now, silence, *board_.deployment());
}

void DeployWatch::pause_until(SteadyTime now, Duration paused, Deployment deployment) {
  times_.resumed = now;
  deployment.paused += paused;
  forget_figures(deployment);
  board_.set_deployment(deployment);
  tighten(now);
}

// What is watched runs more often, whatever its interval became.
void DeployWatch::tighten(SteadyTime now) {
  for (const auto& runtime : runtimes_) {
    if (const auto interval = tightened(*runtime->definition))
      runner_.run_by(*runtime, now + *interval);
  }
}

std::optional<Duration> DeployWatch::tightened(const Check& check) const {
  const auto& deployment = board_.deployment();
  if (!is_watching(deployment)) return std::nullopt;
  const auto measures = [&check](const FigureRule& rule) { return rule.check == check.id; };
  const bool is_watched =
      deployment->samples.count(check.id) > 0 ||
      std::any_of(config_.watch.figures.begin(), config_.watch.figures.end(), measures);
  if (!is_watched || check.on_demand) return std::nullopt;
  return watch_interval(config_.watch, check, deployment->watch);
}

void DeployWatch::take(const Check& check, const Observation& seen) {
  if (!is_watching(board_.deployment())) {
    if (history_.take(config_.watch.figures, check, seen))
      writer_.save_note(figures_note, history_.text());
    return;
  }
  // While a deploy is watched the baseline stands.
  note_time();
  // Some checks begin anew with the release.
  if (board_.release() != release_) follow();
  Deployment updated = *board_.deployment();
  take_sample(updated, config_.watch, check, seen, times_);
  updated.watched = noted_ - times_.began;
  board_.set_deployment(updated);
  writer_.save_progress(updated);
  consider();
}

void DeployWatch::consider() {
  timer_.cancel();
  if (!is_watching(board_.deployment())) return;
  note_time();
  const auto snapshot = board_.verdict();
  const Conclusion conclusion =
      conclude(*board_.deployment(), config_.watch, *snapshot, times_, noted_, definitions_);
  if (conclusion.status != DeploymentStatus::watching) {
    end(conclusion);
    return;
  }
  const SteadyTime next = noted_ + note_every(*board_.deployment());
  timer_ = clock_.call_at(std::min(*conclusion.ask_again, next), [this] { consider(); });
}

void DeployWatch::refuse(Deployment deployment, const std::string& why) {
  deployment.status = DeploymentStatus::refused;
  deployment.findings.push_back(on_one_line(why, longest_finding));
  deployment.ended = clock_.wall();
  log_warning("the deploy of " + deployment.version + " does not begin: " + why);
  writer_.write_later({"deployment-ended", "gonogo", *deployment.ended, to_json(deployment)});
}

void DeployWatch::end(const Conclusion& conclusion) {
  const Deployment ended = ended_by(conclusion);
  if (ended.status == DeploymentStatus::regressed) run_hook(ended);
}

Deployment DeployWatch::ended_by(const Conclusion& conclusion) {
  Deployment ended = *board_.deployment();
  ended.status = conclusion.status;
  ended.findings = conclusion.findings;
  ended.watched = clock_.now() - times_.began;
  ended.ended = clock_.wall();
  ++endings_.at(static_cast<std::size_t>(ended.status));
  timer_.cancel();
  board_.change([&ended](Board& board) { board.deployment = ended; });
  std::string text = "deploy of " + ended.version + ": " + std::string(name_of(ended.status));
  for (const std::string& finding : ended.findings) text += "; " + finding;
  if (ended.status == DeploymentStatus::regressed || ended.status == DeploymentStatus::unproven) {
    log_warning(text);
  } else {
    log_info(text);
  }
  // Should this process end before the audit has it, the next one knows that the hook has run.
  writer_.save_progress(ended);
  writer_.write_later({"deployment-ended", "gonogo", *ended.ended, to_json(ended)});
  return ended;
}

void DeployWatch::run_hook(const Deployment& deployment) {
  if (!config_.on_regressed) return;
  log_warning("on_regressed runs for the deploy of " + deployment.version);
  hook_ =
      ProbeRun::start(loop_, clock_, config_.on_regressed, config_.on_regressed_timeout,
                      [this, id = deployment.id](Observation seen) {
                        const std::string said = redactor_->clean(seen.summary);
                        const std::string text = std::string(name_of(seen.outcome)) + ": " + said;
                        log_warning("on_regressed: " + text);
                        const nlohmann::json body{{"deployment", id}, {"result", text}};
                        writer_.write_later({"hook", "gonogo", clock_.wall(), to_json_text(body)});
                      });
}

}  // namespace gonogo
