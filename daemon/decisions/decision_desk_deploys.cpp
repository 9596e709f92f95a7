// How a deploy begins: it is asked for GO until it has begun.
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/core/watch.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/logging.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// True for as long as it lives, on every way out of a coroutine.
class Held {
 public:
  explicit Held(std::shared_ptr<bool> flag) : flag_(std::move(flag)) { *flag_ = true; }
  ~Held() { *flag_ = false; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::shared_ptr<bool> flag_;
};

// A deploy that is being written down, and why it does not begin after all.
struct Begun {
  Deployment deployment;
  std::optional<Refusal> refused;
};

}  // namespace

Snapshot DecisionDesk::verdict_for(const DeployRequest& request) const {
  return board_.if_release_were(has_release_source_ ? board_.release() : request.version);
}

tl::expected<Deployment, Refusal> DecisionDesk::planned(const Caller& who,
                                                        const DeployRequest& request) const {
  const Snapshot asked = verdict_for(request);
  if (!asked.go && !request.force)
    return tl::make_unexpected(Refusal{409, "no deploy: " + verdict_text(asked)});
  DeployWatch::Baselines baselines = watch_.baselines();
  if (!baselines.missing.empty() && !request.force)
    return tl::make_unexpected(Refusal{409, "nothing to compare with was seen yet of " +
                                                joined(baselines.missing) + " (or use force)"});
  Deployment deployment;
  deployment.version = request.version;
  deployment.who = who.name;
  deployment.forced = request.force;
  deployment.reason = cleaned(request.reason);
  deployment.started = clock_.wall();
  deployment.watch = request.watch.value_or(config_.window);
  deployment.figures = std::move(baselines.figures);
  for (const std::size_t index : to_be_watched(config_.watch, asked, request.force))
    deployment.samples[asked.checklist->checks[index].id] = 0;
  if (deployment.samples.empty())
    return tl::make_unexpected(Refusal{
        409, "no blocker runs on its own schedule: there is nothing to watch the deploy by"});
  return deployment;
}

std::optional<Refusal> DecisionDesk::objection_to_deploying(const DeployRequest& request) const {
  if (request.version.empty() || request.version != printable(request.version, 200))
    return Refusal{
        400, in_quotes(request.version) + " is no release (wanted one line of 1 to 200 bytes)"};
  if (request.force && trimmed(request.reason).empty())
    return Refusal{400, "`force` needs a `reason`"};
  if (request.watch && *request.watch <= config_.watch.settle)
    return Refusal{400, "a watch of " + to_words(*request.watch) + " ends before it has settled (" +
                            to_words(config_.watch.settle) + ")"};
  const std::string& release = board_.release();
  if (has_release_source_ && request.version != release && !request.force)
    return Refusal{409,
                   "the release is " + in_quotes(release) + ", not " + in_quotes(request.version)};
  return std::nullopt;
}

// What may have changed since it was planned, for example while the disk was written.
std::optional<Refusal> DecisionDesk::objection_to_beginning(const DeployRequest& request) const {
  if (request.force) return std::nullopt;
  const std::string& release = board_.release();
  if (release != request.version)
    return Refusal{409, "no deploy: the release is " + in_quotes(release) + ", not " +
                            in_quotes(request.version)};
  const auto verdict = board_.verdict();
  if (!verdict->go) return Refusal{409, "no deploy: " + verdict_text(*verdict)};
  return std::nullopt;
}

// What runs only when asked and has no fresh result, and what has none for this release.
asio::awaitable<std::optional<Refusal>> DecisionDesk::run_first(const DeployRequest& request,
                                                                std::vector<std::string>& ran) {
  if (!request.run || request.force) co_return std::nullopt;
  std::vector<std::string> missing = missing_runs(verdict_for(request));
  if (!missing.empty())
    log_info("runs for the deploy of " + request.version + ": " + joined(missing));
  auto running = watch_.demand().run(std::move(missing), request.is_waited_for);
  DemandRuns::Ran done = co_await std::move(running);
  if (!done.problem.empty()) co_return Refusal{409, "no deploy: " + done.problem};
  ran.insert(ran.end(), done.checks.begin(), done.checks.end());
  // The configuration may be another one by now.
  co_return objection_to_deploying(request);
}

asio::awaitable<Decided> DecisionDesk::deploy(Caller who, DeployRequest request) {
  if (auto objection = objection_to_deploying(request))
    co_return tl::make_unexpected(std::move(*objection));
  if (*is_deploying_)
    co_return tl::make_unexpected(Refusal{409, "another deploy is being begun at this moment"});
  const Held held(is_deploying_);
  std::vector<std::string> ran;
  auto running = run_first(request, ran);
  std::optional<Refusal> refused = co_await std::move(running);
  if (refused) co_return tl::make_unexpected(std::move(*refused));
  auto plan = planned(who, request);
  if (plan && !has_release_source_ && board_.release() != request.version) {
    auto announcing = announce(who, request.version);
    const Decided announced = co_await std::move(announcing);
    if (!announced) co_return tl::make_unexpected(announced.error());
    auto running_again = run_first(request, ran);
    refused = co_await std::move(running_again);
    if (!refused) refused = objection_to_deploying(request);
    if (!refused) refused = objection_to_beginning(request);
    if (refused) {
      refused->text += " (release " + request.version + " is announced)";
      co_return tl::make_unexpected(std::move(*refused));
    }
    plan = planned(who, request);
  }
  if (!plan) {
    if (!ran.empty()) plan.error().text += " (ran first: " + joined(ran) + ")";
    co_return tl::make_unexpected(std::move(plan.error()));
  }
  const auto begun = std::make_shared<Begun>();
  begun->deployment = std::move(*plan);
  Deed deed{"deployment", who.name, begun->deployment.started, to_json(begun->deployment)};
  auto effect = [this, begun, request](const AuditHead& head, bool is_late) {
    begun->deployment.id = head.seq;
    begun->refused = is_late ? Refusal{503, "whoever asked for it was answered before it was saved"}
                             : objection_to_beginning(request);
    if (begun->refused) {
      watch_.refuse(begun->deployment, begun->refused->text);
    } else {
      watch_.begin(begun->deployment);
    }
  };
  auto writing = write(std::move(deed), std::move(effect));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  if (begun->refused) co_return tl::make_unexpected(*begun->refused);
  nlohmann::json document = nlohmann::json::parse(to_json(begun->deployment));
  document["ran"] = ran;
  co_return document_of(std::move(document), *head);
}

}  // namespace gonogo
