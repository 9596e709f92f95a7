// The part of the decision desk that begins deploys and watches them.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "daemon/core/judge.h"
#include "daemon/core/text.h"
#include "daemon/core/watch.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/logging.h"
#include "daemon/scheduling/attempt.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// Of each figure: what the baseline is the middle of.
constexpr std::size_t samples_kept = 20;

double median_of(std::deque<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

bool is_watching(const std::optional<Deployment>& deployment) {
  return deployment && deployment->status == DeploymentStatus::watching;
}

}  // namespace

tl::expected<std::map<std::string, Figure>, Refusal> DecisionDesk::baselines(bool may_lack) const {
  std::map<std::string, Figure> figures;
  std::string missing;
  for (const auto& [name, numbers] : recent_) {
    if (numbers.empty()) {
      missing += (missing.empty() ? "" : ", ") + name;
    } else {
      figures[name].baseline = median_of(numbers);
    }
  }
  if (!missing.empty() && !may_lack)
    return tl::make_unexpected(
        Refusal{409, "nothing to compare with was seen yet of " + missing + " (or use force)"});
  return figures;
}

tl::expected<Deployment, Refusal> DecisionDesk::planned(const Caller& who,
                                                        const DeployRequest& request) const {
  const std::string release = board_.release();
  const bool is_other = has_release_source_ && request.version != release;
  if (is_other && !request.force)
    return tl::make_unexpected(Refusal{
        409, "the release is " + in_quotes(release) + ", not " + in_quotes(request.version)});
  const Snapshot asked = board_.if_release_were(has_release_source_ ? release : request.version);
  if (!asked.go && !request.force)
    return tl::make_unexpected(Refusal{409, "no deploy: " + verdict_text(asked)});
  auto figures = baselines(request.force);
  if (!figures) return tl::make_unexpected(figures.error());
  Deployment deployment;
  deployment.version = request.version;
  deployment.who = who.name;
  deployment.forced = request.force;
  deployment.reason = cleaned(request.reason);
  deployment.started = clock_.wall();
  deployment.watch = request.watch.value_or(config_.window);
  deployment.figures = std::move(*figures);
  for (const std::size_t index : to_be_watched(config_.watch, asked, request.force))
    deployment.samples[asked.checklist->checks[index].id] = 0;
  if (deployment.samples.empty())
    return tl::make_unexpected(
        Refusal{409, "no blocker looks by itself: there is nothing to watch the deploy by"});
  return deployment;
}

asio::awaitable<Decided> DecisionDesk::deploy(Caller who, DeployRequest request) {
  if (request.version.empty() || request.version != on_one_line(request.version, 200))
    co_return tl::make_unexpected(Refusal{
        400, in_quotes(request.version) + " is no release (wanted one line of 1 to 200 bytes)"});
  if (request.force && trimmed(request.reason).empty())
    co_return tl::make_unexpected(Refusal{400, "why is it forced? force wants a reason"});
  if (request.watch && *request.watch <= config_.watch.settle)
    co_return tl::make_unexpected(Refusal{400, "a watch of " + to_words(*request.watch) +
                                                   " ends before it has settled (" +
                                                   to_words(config_.watch.settle) + ")"});
  if (is_deploying_)
    co_return tl::make_unexpected(Refusal{409, "another deploy is being begun at this moment"});
  auto plan = planned(who, request);
  if (!plan) co_return tl::make_unexpected(plan.error());
  is_deploying_ = true;
  if (!has_release_source_ && board_.release() != request.version) {
    auto announcing = announce(who, request.version);
    const Decided announced = co_await std::move(announcing);
    if (!announced) {
      is_deploying_ = false;
      co_return tl::make_unexpected(announced.error());
    }
  }
  Deed deed{"deployment", who.name, plan->started, to_json(*plan)};
  auto writing = write(std::move(deed));
  const Written head = co_await std::move(writing);
  is_deploying_ = false;
  if (!head) co_return tl::make_unexpected(head.error());
  plan->id = head->seq;
  begin_watch(*plan);
  nlohmann::json document = nlohmann::json::parse(to_json(*plan));
  document["audit"] = {{"seq", head->seq}, {"hash", head->hash}};
  co_return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void DecisionDesk::begin_watch(Deployment deployment) {
  if (is_watching(board_.deployment())) {
    Conclusion superseded;
    superseded.status = DeploymentStatus::superseded;
    superseded.findings.push_back("the deploy of " + deployment.version + " began");
    end_watch(superseded);
  }
  log_info("deploy of " + deployment.version + " begun by " + deployment.who +
           (deployment.forced ? ", forced: " + deployment.reason : "") + "; watched for " +
           to_words(deployment.watch));
  watch_began_ = clock_.now();
  board_.change([&deployment](Board& board) { board.deployment = deployment; });
  for (const auto& [id, samples] : deployment.samples) {
    if (const auto index = board_.checklist().find_check(id))
      run_by_(*index, clock_.now() + config_.watch.settle);
  }
  consider_watch();
}

// In a new process the wall clock alone tells how long ago that was.
void DecisionDesk::resume_watch() {
  watch_began_ = clock_.now();
  if (!is_watching(board_.deployment())) return;
  const Duration ago = clock_.wall() - board_.deployment()->started;
  watch_began_ -= std::max<Duration>(ago, Duration::zero());
}

std::optional<Duration> DecisionDesk::tightened(std::size_t index) const {
  const auto& deployment = board_.deployment();
  if (!is_watching(deployment)) return std::nullopt;
  const Check& check = board_.checklist().checks[index];
  const auto measures = [&check](const FigureRule& rule) { return rule.check == check.id; };
  const bool is_watched =
      deployment->samples.count(check.id) > 0 ||
      std::any_of(config_.watch.figures.begin(), config_.watch.figures.end(), measures);
  if (!is_watched || check.on_demand) return std::nullopt;
  return watch_interval(config_.watch, check, deployment->watch);
}

void DecisionDesk::take(std::size_t index, const Observation& seen) {
  const Check& check = board_.checklist().checks[index];
  if (check.is_builtin) note_ended();
  const auto& deployment = board_.deployment();
  const bool watches = is_watching(deployment);
  // While a deploy is watched the baseline stands.
  for (const FigureRule& rule : config_.watch.figures) {
    const auto number = rule.check == check.id && !watches ? figure_in(rule, seen) : std::nullopt;
    if (!number || seen.outcome == Outcome::unknown || seen.outcome == Outcome::skipped) continue;
    auto& numbers = recent_[name_of(rule)];
    if (numbers.size() >= samples_kept) numbers.pop_front();
    numbers.push_back(*number);
  }
  if (!watches) return;
  Deployment updated = *deployment;
  take_sample(updated, config_.watch, check, seen, watch_began_);
  board_.set_deployment(updated);
  store_->save_progress(updated);
  consider_watch();
}

void DecisionDesk::consider_watch() {
  watch_timer_.cancel();
  if (!is_watching(board_.deployment())) return;
  const auto snapshot = board_.verdict();
  const Conclusion conclusion =
      conclude(*board_.deployment(), config_.watch, *snapshot, watch_began_, clock_.now());
  if (conclusion.status != DeploymentStatus::watching) {
    end_watch(conclusion);
    return;
  }
  watch_timer_ = clock_.call_at(*conclusion.ask_again, [this] { consider_watch(); });
}

void DecisionDesk::end_watch(const Conclusion& conclusion) {
  Deployment ended = *board_.deployment();
  ended.status = conclusion.status;
  ended.findings = conclusion.findings;
  ended.ended = clock_.wall();
  watch_timer_.cancel();
  board_.change([&ended](Board& board) { board.deployment = ended; });
  std::string text = "deploy of " + ended.version + ": " + std::string(name_of(ended.status));
  for (const std::string& finding : ended.findings) text += "; " + finding;
  if (ended.status == DeploymentStatus::regressed) {
    log_warning(text);
  } else {
    log_info(text);
  }
  write_later({"deployment-ended", "gonogo", *ended.ended, to_json(ended)});
  if (ended.status == DeploymentStatus::regressed) run_hook(ended);
}

void DecisionDesk::run_hook(const Deployment& deployment) {
  if (!config_.on_regressed) return;
  log_warning("on_regressed runs for the deploy of " + deployment.version);
  hook_ = ProbeRun::start(
      loop_.get_executor(), clock_, config_.on_regressed, config_.on_regressed_timeout,
      [this, id = deployment.id](Observation seen) {
        const std::string said = redactor_->clean(seen.summary);
        const std::string text = std::string(name_of(seen.outcome)) + ": " + said;
        log_warning("on_regressed: " + text);
        const nlohmann::json body{{"deployment", id}, {"result", text}};
        write_later({"hook", "gonogo", clock_.wall(),
                     body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
      });
}

}  // namespace gonogo
