#include "daemon/decisions/decision_desk.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/core/watch.h"
#include "daemon/formats/json_text.h"
#include "daemon/logging.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

constexpr std::size_t longest_words = 2000;
constexpr std::size_t longest_release = 200;

Refusal refusal(int status, std::string text) { return {status, std::move(text)}; }

std::string document_of(json document, const AuditHead& head) {
  document["audit"] = {{"seq", head.seq}, {"hash", head.hash}};
  return to_json_text(document) + "\n";
}

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::optional<Refusal> objection_to_words(const std::string& text, const char* what) {
  if (text.size() <= longest_words) return std::nullopt;
  return refusal(400, std::string(what) + " is of " + std::to_string(text.size()) +
                          " bytes, wanted at most " + std::to_string(longest_words));
}

std::optional<Refusal> objection_to_release(const std::string& release) {
  const bool is_plain = release == printable(release, longest_release);
  if (!trimmed(release).empty() && is_plain && trimmed(release) == release) return std::nullopt;
  return refusal(400, in_quotes(release) + " is no release (wanted one line of 1 to 200 bytes)");
}

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

}  // namespace

void DecisionDesk::open(const Decisions& decided, const Redactor& redactor) {
  redactor_ = &redactor;
  configuration_ = decided.configuration;
  signoff_ends_ = decided.signoff_ends;
}

void DecisionDesk::apply(const Config& config) {
  config_ = config.deploying;
  has_release_source_ = config.has_release_source;
  note_ended();
  SignoffEnds ends = signoff_ends_of(*config.checklist);
  if (configuration_ == config.digest && signoff_ends_ == ends) return;
  configuration_ = config.digest;
  signoff_ends_ = std::move(ends);
  writer_.write_later({"configuration", "gonogo", clock_.wall(),
                       configuration_to_json(configuration_, signoff_ends_)});
}

std::string DecisionDesk::cleaned(const std::string& text) const {
  return redactor_->clean(std::string(trimmed(text)));
}

asio::awaitable<DecisionDesk::Written> DecisionDesk::write(Deed deed) {
  auto writing = writer_.write(std::move(deed));
  const DecisionWriter::Written head = co_await std::move(writing);
  if (head) co_return *head;
  co_return tl::make_unexpected(
      refusal(503, "not done, for it could not be written down: " + head.error()));
}

std::optional<Refusal> DecisionDesk::objection_to_signing(const Caller& who,
                                                          const SignRequest& request,
                                                          const Check& check) const {
  if (!check.signoff)
    return refusal(409, check.id + " needs no sign-off: it is a " + check.kind + " check");
  const SignoffRule& rule = *check.signoff;
  if (!request.role.empty() && request.role != rule.role)
    return refusal(409, check.id + " is signed off by " + rule.role + ", not by " +
                            on_one_line(request.role, 80));
  if (!holds(who.roles, rule.role))
    return refusal(
        403, who.name + " is not in the role " + rule.role + " (its token's roles say who is)");
  const std::string release = board_.release();
  if (rule.per_release && release.empty())
    return refusal(409, check.id + " is signed off for a release, and none is announced");
  if (!request.release.empty() && request.release != release)
    return refusal(409,
                   "the release is " + in_quotes(release) + ", not " + in_quotes(request.release));
  return objection_to_words(request.note, "the note");
}

asio::awaitable<Decided> DecisionDesk::sign(Caller who, SignRequest request) {
  const auto index = board_.checklist().find_check(request.check);
  if (!index) co_return tl::make_unexpected(refusal(404, "no check " + in_quotes(request.check)));
  const Check check = board_.checklist().checks[*index];
  if (auto objection = objection_to_signing(who, request, check))
    co_return tl::make_unexpected(std::move(*objection));
  Signoff signoff{check.id,         who.name,     check.signoff->role, cleaned(request.note),
                  board_.release(), clock_.wall()};
  signoff.is_for_release = check.signoff->per_release;
  signoff.until = end_of(signoff, check.signoff->end());
  Deed deed{"signoff", signoff.who, signoff.at, to_json(signoff)};
  auto writing = write(std::move(deed));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  signoff.id = head->seq;
  board_.change([&signoff](Board& board) { put_signoff(board.signoffs, signoff); });
  log_info(signoff.who + " signed off " + signoff.check + " as " + signoff.role);
  json document{
      {"check", signoff.check}, {"by", signoff.who},          {"role", signoff.role},
      {"note", signoff.note},   {"release", signoff.release}, {"at", to_rfc3339(signoff.at)},
      {"until", nullptr}};
  if (signoff.until) document["until"] = to_rfc3339(*signoff.until);
  co_return document_of(std::move(document), *head);
}

asio::awaitable<Decided> DecisionDesk::withdraw(Caller who, std::string check) {
  // Also what was given in a role that the check asked for in a former configuration.
  std::vector<std::int64_t> given;
  for (const Signoff& signoff : board_.signoffs()) {
    if (signoff.check == check && signoff.who == who.name) given.push_back(signoff.id);
  }
  if (given.empty())
    co_return tl::make_unexpected(
        refusal(404, who.name + " has signed off no check " + in_quotes(check)));
  AuditHead last;
  for (const std::int64_t id : given) {
    Deed deed{"signoff-withdrawn", who.name, clock_.wall(),
              to_json_text(json{{"check", check}, {"seq", id}})};
    auto writing = write(std::move(deed));
    const Written head = co_await std::move(writing);
    if (!head) co_return tl::make_unexpected(head.error());
    last = *head;
    board_.change([id](Board& board) {
      std::erase_if(board.signoffs, [id](const Signoff& signoff) { return signoff.id == id; });
    });
  }
  log_info(who.name + " withdrew the sign-off of " + check);
  co_return document_of({{"check", check}, {"by", who.name}, {"withdrawn", true}}, last);
}

asio::awaitable<Decided> DecisionDesk::waive(Caller who, WaiveRequest request) {
  const auto index = board_.checklist().find_check(request.check);
  if (!index) co_return tl::make_unexpected(refusal(404, "no check " + in_quotes(request.check)));
  if (!board_.checklist().checks[*index].waivable)
    co_return tl::make_unexpected(
        refusal(409, request.check + " cannot be waived (waivable: false)"));
  Waiver waiver;
  waiver.check = request.check;
  waiver.who = who.name;
  waiver.why = cleaned(request.why);
  waiver.from = clock_.wall();
  waiver.until =
      request.until.value_or(waiver.from + std::chrono::duration_cast<std::chrono::microseconds>(
                                               request.lasts.value_or(Duration::zero())));
  if (waiver.why.empty())
    co_return tl::make_unexpected(
        refusal(400, "a waiver needs `why`: the reason for which it is accepted"));
  if (auto objection = objection_to_words(waiver.why, "the reason"))
    co_return tl::make_unexpected(std::move(*objection));
  if (waiver.until <= waiver.from)
    co_return tl::make_unexpected(
        refusal(400, "a waiver needs an end in the future (such as for 2h)"));
  if (waiver.until - waiver.from > config_.longest_waiver)
    co_return tl::make_unexpected(
        refusal(409, "a waiver of " + to_words(waiver.until - waiver.from) +
                         " is too long, wanted at most " + to_words(config_.longest_waiver)));
  if (request.this_release) {
    waiver.release = board_.release();
    if (waiver.release->empty())
      co_return tl::make_unexpected(refusal(409, "no release is announced to bind the waiver to"));
  }
  json body{{"check", waiver.check},
            {"why", waiver.why},
            {"until", waiver.until.time_since_epoch().count()},
            {"release", nullptr}};
  if (waiver.release) body["release"] = *waiver.release;
  Deed deed{"waiver", waiver.who, waiver.from, to_json_text(body)};
  auto writing = write(std::move(deed));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  waiver.id = head->seq;
  board_.change([&waiver](Board& board) { board.waivers.push_back(waiver); });
  log_warning(waiver.who + " waived " + waiver.check + " until " + to_rfc3339(waiver.until) + ": " +
              waiver.why);
  json document{{"check", waiver.check},
                {"by", waiver.who},
                {"why", waiver.why},
                {"from", to_rfc3339(waiver.from)},
                {"until", to_rfc3339(waiver.until)},
                {"release", body["release"]}};
  co_return document_of(std::move(document), *head);
}

asio::awaitable<Decided> DecisionDesk::end_waiver(Caller who, std::string check) {
  std::vector<std::int64_t> ended;
  for (const Waiver& waiver : board_.waivers()) {
    if (waiver.check == check && !waiver.is_over) ended.push_back(waiver.id);
  }
  if (ended.empty())
    co_return tl::make_unexpected(refusal(404, "no waiver covers " + in_quotes(check)));
  AuditHead last;
  for (const std::int64_t id : ended) {
    Deed deed{"waiver-ended", who.name, clock_.wall(),
              to_json_text(json{{"check", check}, {"seq", id}})};
    auto writing = write(std::move(deed));
    const Written head = co_await std::move(writing);
    if (!head) co_return tl::make_unexpected(head.error());
    last = *head;
    board_.change([id](Board& board) {
      std::erase_if(board.waivers, [id](const Waiver& waiver) { return waiver.id == id; });
    });
  }
  log_info(who.name + " ended the waiver of " + check);
  co_return document_of({{"check", check}, {"by", who.name}, {"ended", true}}, last);
}

void DecisionDesk::note_ended() {
  const auto note = [this](const char* what, const std::string& check, std::int64_t id) {
    if (!noted_ended_.insert(id).second) return;
    writer_.write_later(
        {what, "gonogo", clock_.wall(), to_json_text(json{{"check", check}, {"seq", id}})});
  };
  for (const Waiver& waiver : board_.waivers()) {
    if (waiver.is_over) note("waiver-ended", waiver.check, waiver.id);
  }
  for (const Signoff& signoff : board_.signoffs()) {
    if (signoff.ended) note("signoff-ended", signoff.check, signoff.id);
  }
}

asio::awaitable<Decided> DecisionDesk::announce(Caller who, std::string release) {
  if (has_release_source_)
    co_return tl::make_unexpected(refusal(
        409,
        "the release is read from where the configuration says (release:), nobody announces it"));
  if (auto objection = objection_to_release(release))
    co_return tl::make_unexpected(std::move(*objection));
  Deed deed{"release", who.name, clock_.wall(), to_json_text(json{{"release", release}})};
  auto writing = write(std::move(deed));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  board_.change([&release](Board& board) { board.release = release; });
  log_info(who.name + " announced release " + release);
  co_return document_of({{"release", release}, {"by", who.name}}, *head);
}

void DecisionDesk::release_seen(const std::string& release) {
  if (release == board_.release()) return;
  board_.change([&release](Board& board) { board.release = release; });
  log_info("the release is " + release);
  writer_.write_later(
      {"release", "gonogo", clock_.wall(), to_json_text(json{{"release", release}})});
}

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

asio::awaitable<Decided> DecisionDesk::deploy(Caller who, DeployRequest request) {
  if (auto objection = objection_to_deploying(request))
    co_return tl::make_unexpected(std::move(*objection));
  if (*is_deploying_)
    co_return tl::make_unexpected(Refusal{409, "another deploy is being begun at this moment"});
  const Held held(is_deploying_);
  std::vector<std::string> ran;
  if (request.run && !request.force) {
    std::vector<std::string> missing = missing_runs(verdict_for(request));
    if (!missing.empty())
      log_info("runs for the deploy of " + request.version + ": " + joined(missing));
    auto running = watch_.demand().run(std::move(missing), request.is_waited_for);
    DemandRuns::Ran done = co_await std::move(running);
    if (!done.problem.empty())
      co_return tl::make_unexpected(Refusal{409, "no deploy: " + done.problem});
    ran = std::move(done.checks);
    // The configuration may be another one by now.
    if (auto objection = objection_to_deploying(request))
      co_return tl::make_unexpected(std::move(*objection));
  }
  auto plan = planned(who, request);
  if (!plan) {
    Refusal refused = std::move(plan.error());
    if (!ran.empty()) refused.text += " (ran first: " + joined(ran) + ")";
    co_return tl::make_unexpected(std::move(refused));
  }
  if (!has_release_source_ && board_.release() != request.version) {
    auto announcing = announce(who, request.version);
    const Decided announced = co_await std::move(announcing);
    if (!announced) co_return tl::make_unexpected(announced.error());
  }
  Deed deed{"deployment", who.name, plan->started, to_json(*plan)};
  auto writing = write(std::move(deed));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  plan->id = head->seq;
  watch_.begin(*plan);
  json document = json::parse(to_json(*plan));
  document["ran"] = ran;
  co_return document_of(std::move(document), *head);
}

}  // namespace gonogo
