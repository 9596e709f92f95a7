#include "daemon/decisions/deploy_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/formats/json_text.h"
#include "daemon/logging.h"

namespace gonogo {
namespace {

// The baseline of a figure is the middle of this many numbers.
constexpr std::size_t samples_kept = 20;

double median_of(std::deque<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

bool is_watching(const std::optional<Deployment>& deployment) {
  return deployment && deployment->status == DeploymentStatus::watching;
}

bool says_something(const Observation& seen) {
  return seen.outcome != Outcome::unknown && seen.outcome != Outcome::skipped;
}

}  // namespace

void DeployWatch::apply(const DeployingConfig& config) {
  config_ = config;
  std::map<std::string, std::deque<double>> recent;
  for (const FigureRule& rule : config_.watch.figures)
    recent[name_of(rule)] = std::move(recent_[name_of(rule)]);
  recent_ = std::move(recent);
  if (!began_) resume();
  consider();
}

DeployWatch::Baselines DeployWatch::baselines() const {
  Baselines baselines;
  for (const auto& [name, numbers] : recent_) {
    if (numbers.empty()) {
      baselines.missing.push_back(name);
    } else {
      baselines.figures[name].baseline = median_of(numbers);
    }
  }
  return baselines;
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
  began_ = clock_.now();
  board_.change([&deployment](Board& board) { board.deployment = deployment; });
  for (const auto& [id, samples] : deployment.samples) {
    if (CheckRuntime* runtime = runtimes_.find(id))
      runner_.run_by(*runtime, *began_ + config_.watch.settle);
  }
  consider();
}

// In a new process only the wall clock knows how long ago the deploy began.
void DeployWatch::resume() {
  began_ = clock_.now();
  if (!is_watching(board_.deployment())) return;
  const Duration ago = clock_.wall() - board_.deployment()->started;
  *began_ -= std::max<Duration>(ago, Duration::zero());
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
    keep_numbers(check, seen);
    return;
  }
  // While a deploy is watched the baseline stands.
  Deployment updated = *board_.deployment();
  take_sample(updated, config_.watch, check, seen, *began_);
  board_.set_deployment(updated);
  writer_.save_progress(updated);
  consider();
}

void DeployWatch::keep_numbers(const Check& check, const Observation& seen) {
  if (!says_something(seen)) return;
  for (const FigureRule& rule : config_.watch.figures) {
    if (rule.check != check.id) continue;
    const auto number = figure_in(rule, seen);
    if (!number) continue;
    auto& numbers = recent_[name_of(rule)];
    if (numbers.size() >= samples_kept) numbers.pop_front();
    numbers.push_back(*number);
  }
}

void DeployWatch::consider() {
  timer_.cancel();
  if (!is_watching(board_.deployment())) return;
  const auto snapshot = board_.verdict();
  const Conclusion conclusion =
      conclude(*board_.deployment(), config_.watch, *snapshot, *began_, clock_.now());
  if (conclusion.status != DeploymentStatus::watching) {
    end(conclusion);
    return;
  }
  timer_ = clock_.call_at(*conclusion.ask_again, [this] { consider(); });
}

void DeployWatch::end(const Conclusion& conclusion) {
  Deployment ended = *board_.deployment();
  ended.status = conclusion.status;
  ended.findings = conclusion.findings;
  ended.ended = clock_.wall();
  timer_.cancel();
  board_.change([&ended](Board& board) { board.deployment = ended; });
  std::string text = "deploy of " + ended.version + ": " + std::string(name_of(ended.status));
  for (const std::string& finding : ended.findings) text += "; " + finding;
  if (ended.status == DeploymentStatus::regressed) {
    log_warning(text);
  } else {
    log_info(text);
  }
  writer_.write_later({"deployment-ended", "gonogo", *ended.ended, to_json(ended)});
  if (ended.status == DeploymentStatus::regressed) run_hook(ended);
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
