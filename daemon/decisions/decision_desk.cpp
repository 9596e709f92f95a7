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

std::string document_of(nlohmann::json document, const AuditHead& head) {
  document["audit"] = {{"seq", head.seq}, {"hash", head.hash}};
  return to_json_text(document) + "\n";
}

asio::awaitable<DecisionDesk::Written> DecisionDesk::write(Deed deed,
                                                           DecisionWriter::Effect effect) {
  auto writing = writer_.write(std::move(deed), std::move(effect));
  const DecisionWriter::Written head = co_await std::move(writing);
  if (head) co_return *head;
  const std::string& why = head.error().why;
  if (!head.error().may_follow)
    co_return tl::make_unexpected(
        refusal(503, "not done, for it could not be written down: " + why));
  co_return tl::make_unexpected(
      refusal(503, "not known yet whether it is done: " + why +
                       "; if it is saved after all, it takes effect then, and the audit has it"));
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
  auto effect = [this, signoff](const AuditHead& place, bool) {
    Signoff given = signoff;
    given.id = place.seq;
    board_.change([&given](Board& board) { put_signoff(board.signoffs, given); });
    log_info(given.who + " signed off " + given.check + " as " + given.role);
  };
  auto writing = write(std::move(deed), std::move(effect));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
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
  const std::string words = who.name + " withdrew the sign-off of " + check;
  AuditHead last;
  for (const std::int64_t id : given) {
    Deed deed{"signoff-withdrawn", who.name, clock_.wall(),
              to_json_text(json{{"check", check}, {"seq", id}})};
    auto effect = [this, id, words](const AuditHead&, bool) {
      board_.change([id](Board& board) {
        std::erase_if(board.signoffs, [id](const Signoff& signoff) { return signoff.id == id; });
      });
      log_info(words);
    };
    auto writing = write(std::move(deed), std::move(effect));
    const Written head = co_await std::move(writing);
    if (!head) co_return tl::make_unexpected(head.error());
    last = *head;
  }
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
  auto effect = [this, waiver](const AuditHead& place, bool) {
    Waiver given = waiver;
    given.id = place.seq;
    board_.change([&given](Board& board) { board.waivers.push_back(given); });
    log_warning(given.who + " waived " + given.check + " until " + to_rfc3339(given.until) + ": " +
                given.why);
  };
  auto writing = write(std::move(deed), std::move(effect));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
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
  const std::string words = who.name + " ended the waiver of " + check;
  AuditHead last;
  for (const std::int64_t id : ended) {
    Deed deed{"waiver-ended", who.name, clock_.wall(),
              to_json_text(json{{"check", check}, {"seq", id}})};
    auto effect = [this, id, words](const AuditHead&, bool) {
      board_.change([id](Board& board) {
        std::erase_if(board.waivers, [id](const Waiver& waiver) { return waiver.id == id; });
      });
      log_info(words);
    };
    auto writing = write(std::move(deed), std::move(effect));
    const Written head = co_await std::move(writing);
    if (!head) co_return tl::make_unexpected(head.error());
    last = *head;
  }
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
  Deed deed{"release", who.name, clock_.wall(), release_body(release)};
  auto effect = [this, release, by = who.name](const AuditHead&, bool) {
    board_.change([&release](Board& board) { board.release = release; });
    log_info(by + " announced release " + release);
  };
  auto writing = write(std::move(deed), std::move(effect));
  const Written head = co_await std::move(writing);
  if (!head) co_return tl::make_unexpected(head.error());
  co_return document_of({{"release", release}, {"by", who.name}}, *head);
}

void DecisionDesk::release_seen(const std::string& release) {
  if (release == board_.release()) return;
  board_.change([&release](Board& board) { board.release = release; });
  log_info("the release is " + release);
  writer_.write_later({"release", "gonogo", clock_.wall(), release_body(release)});
  writer_.save_release(release);
}

}  // namespace gonogo
