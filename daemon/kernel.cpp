#include "daemon/kernel.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "daemon/core/flips.h"
#include "daemon/core/text.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/process_figures.h"
#include "daemon/io/route.h"
#include "daemon/logging.h"
#include "daemon/subscribers.h"
#include "exporters/verdict_document.h"
#include "probes/prober.h"

namespace gonogo {
namespace {

// The poll, on one line.
std::string verdict_line(const Snapshot& snapshot) {
  std::string text = verdict_text(snapshot);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;)
    text.replace(at, 1, "; ");
  return text;
}

// Whether this host reaches `peer` by `gateway`, both addresses.
bool leads_beyond(const std::string& peer, const std::string& gateway) {
  boost::system::error_code error;
  const auto to = boost::asio::ip::make_address(peer, error);
  if (error) return false;
  const auto by = boost::asio::ip::make_address(gateway, error);
  return !error && is_beyond(to, by);
}

}  // namespace

Kernel::Kernel(boost::asio::io_context& loop, Clock& clock, BlockingPool& pool,
               VerdictListener on_verdict)
    : clock_(clock),
      pool_(pool),
      on_verdict_(std::move(on_verdict)),
      pushes_(loop, clock),
      board_(
          clock, runtimes_,
          [this](const Snapshot* before, const Snapshot& after) { record_verdict(before, after); },
          [this](const Snapshot& before, const Snapshot& after,
                 const std::vector<std::size_t>& changed) {
            record_transitions(before, after, changed);
          }),
      runner_(loop.get_executor(), clock, runtimes_,
              [this](CheckRuntime& runtime, Observation seen) { take(runtime, std::move(seen)); }),
      held_(
          clock, runtimes_, runner_,
          [this](CheckRuntime& runtime, Observation seen) {
            deliver(subscribers_, runtime, std::move(seen));
          },
          leads_beyond),
      renewals_(loop.get_executor(), clock, pool,
                [this](const std::vector<std::string>& checks) { renewed(checks); }),
      writer_(loop, clock),
      watch_(loop.get_executor(), clock, runtimes_, runner_, board_, writer_),
      desk_(clock, board_, writer_, watch_) {}

void Kernel::open(Store& store) {
  store_ = &store;
  writer_.open(store);
  pushes_.open(store);
  watch_.open(redactor_);
  desk_.open(store.loaded().decisions, redactor_);
  subscribers_ = make_subscribers({clock_, redactor_, board_, runner_, store, desk_, watch_});
  FormerVerdicts former;
  if (const auto& verdict = store.loaded().verdict)
    former.whole = {verdict->first, verdict->second};
  for (const auto& [id, verdict] : store.loaded().gates)
    former.gates[id] = {verdict.first, verdict.second};
  board_.restore_verdicts(std::move(former));
  // The sooner it is known how they are, the better.
  board_.call_for_awaiting([this](const std::vector<std::size_t>& checks) {
    std::vector<CheckRuntime*> awaiting;
    for (const std::size_t position : checks) awaiting.push_back(&runtimes_[position]);
    runner_.run_soon(awaiting);
  });
  board_.call_for_turns([this](const std::vector<std::size_t>& checks) {
    save_turns(checks);
    run_dependents(checks);
  });
  board_.call_for_release([this] { begin_anew_with_release(); });
  board_.call_for_endings([this] { desk_.note_ended(); });
  board_.call_for_gates([&store](const Snapshot& after) { store.save_gates(after); });
}

void Kernel::put_in_force(const Config& config) {
  const bool is_first = runtimes_.checklist() == nullptr;
  max_unsaved_ = config.max_unsaved;
  // A reload forgets no impairment: `prober` passes when its sentinels have found that it may.
  const bool is_impaired = is_host_impaired();
  if (!is_impaired) names_needed_by_ = NeededBy::none;
  held_.use(config.sentinels);
  clock_.doubt_steps(config.sentinels.clock);
  redactor_.hide_all_of(config.redactor);
  pushes_.declare(config.push_keys, *config.checklist);
  pushes_.follow_clock();
  if (is_first) pushes_.restore(*config.checklist);
  forget_removed_results(*config.checklist);
  runtimes_.put_in_force(config.checklist, clock_.both(),
                         [this](const std::string& key) { return store_->note(key); });
  if (is_first) restore_results();
  forget_former_results();
  if (!is_impaired) judge_oneself();
  board_.apply([this, is_first](Board& board) {
    if (is_first) restore_decisions(board);
  });
  runner_.start();
  if (is_first && !store_->was_closed_well()) run_what_was_restored();
  if (is_first) run_what_was_pushed();
  const std::vector<std::string> changed = renewed_by(config);
  renewables_ = config.renewables;
  renewals_.watch(renewables_);
  renewed(changed);
  watch_.apply(config.deploying);
  desk_.apply(config);
}

void Kernel::stop() {
  // One that is too old and blocked was never shown as stale.
  for (const auto& runtime : runtimes_) {
    const Check& check = *runtime->definition;
    if (store_ != nullptr && end_if_too_old(runtime->record, check, clock_.now()))
      store_->save_check(check.id, check.fingerprint, runtime->record, false);
  }
  const auto is_unconfirmed = [](const auto& runtime) { return runtime->record.is_unconfirmed; };
  const bool is_in_force = store_ != nullptr && runtimes_.checklist() != nullptr;
  if (is_in_force && std::none_of(runtimes_.begin(), runtimes_.end(), is_unconfirmed))
    store_->trust_again();
  watch_.demand().stop();
  held_.stop();
  renewals_.stop();
  runner_.stop();
}

void Kernel::take(CheckRuntime& runtime, Observation seen) {
  if (seen.needed.name_server) {
    const bool blocks = runtime.definition->severity == Severity::blocker;
    names_needed_by_ = std::max(names_needed_by_, blocks ? NeededBy::blocker : NeededBy::advisory);
  }
  held_.take(runtime, std::move(seen));
}

// By a sentinel that has to ask others.
bool Kernel::is_host_impaired() const {
  const CheckRuntime* prober = runtimes_.find("prober");
  if (prober == nullptr || !prober->record.last) return false;
  return is_failing(*prober->record.last, Sentinel::resolver) ||
         is_failing(*prober->record.last, Sentinel::route);
}

// The first verdict already knows how this daemon fares, as far as it need not ask anyone.
void Kernel::judge_oneself() {
  CheckRuntime* prober = runtimes_.find("prober");
  if (prober == nullptr || prober->record.last) return;
  const ProberHealth own = health();
  auto seen = std::make_shared<Observation>(prober_finding(readings_of(held_.rules(), own), own));
  seen->at = clock_.both();
  gonogo::take(prober->record, *prober->definition, std::move(seen));
}

ProberHealth Kernel::health() {
  const SteadyTime now = clock_.now();
  pushes_.follow_clock();
  ProberHealth health;
  health.lateness = lateness();
  const BlockingPool::Counts counts = pool_.counts();
  health.workers_stuck = counts.stuck;
  health.workers_most = counts.most;
  if (std::exchange(expired_seen_, counts.expired) != counts.expired) job_expired_at_ = now;
  if (job_expired_at_) health.job_expired = now - *job_expired_at_;
  std::tie(health.descriptors_open, health.descriptors_most) = count_descriptors();
  health.store_problem = store_->problem();
  health.store_was_lost = store_->was_lost();
  health.store_was_changed = !store_->differences().empty();
  const Store::Progress progress = store_->progress();
  const bool moves = std::exchange(commits_seen_, progress.commits) != progress.commits;
  const bool saves = health.store_problem.empty() && (moves || !progress.has_unsaved);
  if (saves || saved_at_ == SteadyTime{}) saved_at_ = now;
  health.unsaved_for = now - saved_at_;
  health.max_unsaved = max_unsaved_;
  health.clock_words = clock_.wall_reading().words;
  health.names_needed_by = names_needed_by_;
  return health;
}

void Kernel::restore_results() {
  for (const auto& runtime : runtimes_) {
    const Check& check = *runtime->definition;
    const auto stored = store_->loaded().checks.find(check.id);
    if (stored == store_->loaded().checks.end()) continue;
    // What a former process found out about itself says nothing about this one.
    if (!check.has_probe() || check.kind == "prober") {
      keep_recovery(runtime->record, stored->second.record);
      continue;
    }
    if (!stored->second.record.decisive) continue;
    // What is good in the store may have failed since, and nobody asks for another run.
    const bool may_be_old = check.on_demand && !store_->was_closed_well();
    if (may_be_old && stored->second.record.debounce.readiness() != Readiness::bad) continue;
    if (adopt(runtime->record, check, stored->second.record, stored->second.fingerprint)) {
      runtime->record.is_restored = true;
      runtime->record.is_unconfirmed =
          !store_->was_closed_well() && runtime->record.debounce.readiness() == Readiness::good;
      note_if_too_old(*runtime);
      // It is never younger again, whatever becomes of the clocks.
      store_->save_check(check.id, check.fingerprint, runtime->record, false);
    }
  }
}

// The former process may have known more than it could save.
void Kernel::run_what_was_restored() {
  std::vector<CheckRuntime*> restored;
  for (const auto& runtime : runtimes_) {
    if (runtime->record.is_restored && !runtime->definition->on_demand)
      restored.push_back(runtime.get());
  }
  if (!restored.empty())
    log_warning("the former process ended before it had saved everything: " +
                counted(restored.size(), "check") + " with results from it " +
                (restored.size() == 1 ? "is" : "are") + " run at once");
  runner_.run_soon(restored);
}

// The former process may have taken a push after the last run that it knew.
void Kernel::run_what_was_pushed() {
  std::vector<CheckRuntime*> pushed;
  for (const auto& [check, record] : store_->loaded().pushes) {
    CheckRuntime* const runtime = runtimes_.find(check);
    if (runtime != nullptr && runtime->record.is_restored) pushed.push_back(runtime);
  }
  runner_.run_soon(pushed);
}

// What they found they compared with the former release.
void Kernel::begin_anew_with_release() {
  for (const auto& runtime : runtimes_) {
    if (!runtime->definition->is_of_release) continue;
    const auto runs = runtime->record.runs;
    runtime->record = empty_record(*runtime->definition, clock_.both());
    runtime->record.runs = runs;
    store_->forget_check(runtime->id());
    if (!runtime->definition->on_demand) runner_.run_now(*runtime);
  }
}

// In the store as well, so that neither another rule nor another time makes it count again.
void Kernel::note_if_too_old(CheckRuntime& runtime) {
  const Check& check = *runtime.definition;
  if (!runtime.record.is_over && end_if_too_old(runtime.record, check, clock_.now()))
    store_->save_check(check.id, check.fingerprint, runtime.record, false);
}

// A check that begins anew is NO-GO until it has passed. A result from before must not make it GO
// at a later restart: not when the configuration came back to what it was, and not when the time
// has come of one that was dated in the future.
void Kernel::forget_former_results() {
  for (const auto& runtime : runtimes_) {
    if (!runtime->definition->has_probe()) {
      store_->save_turn(runtime->id(), runtime->record, clock_.both());
    } else if (!runtime->record.decisive) {
      store_->forget_check(runtime->id());
    }
  }
}

// Nor one of a check that was taken out and put back.
void Kernel::forget_removed_results(const Checklist& next) {
  std::unordered_set<std::string_view> stays;
  for (const Check& check : next.checks) stays.insert(check.id);
  const auto forget = [&](const std::string& id) {
    if (!stays.contains(id)) store_->forget_check(id);
  };
  if (const auto& former = runtimes_.checklist()) {
    for (const Check& check : former->checks) forget(check.id);
  } else {
    for (const auto& [id, stored] : store_->loaded().checks) forget(id);
  }
}

// Also what is not blocked meanwhile: it did not apply, or could not be judged. `checks` ascend.
void Kernel::run_dependents(const std::vector<std::size_t>& checks) {
  const auto has_recovered = [&](std::size_t index) {
    return runtimes_[index].record.was_sound &&
           std::binary_search(checks.begin(), checks.end(), index);
  };
  std::vector<CheckRuntime*> dependents;
  for (const auto& runtime : runtimes_) {
    const auto& needed = runtime->definition->depends_on;
    if (std::any_of(needed.begin(), needed.end(), has_recovered) &&
        runtimes_.has_outlived_its_result(*runtime))
      dependents.push_back(runtime.get());
  }
  runner_.run_soon(dependents);
}

// A later process has to know what those that depend on these checks have to run again for.
void Kernel::save_turns(const std::vector<std::size_t>& checks) {
  for (const std::size_t index : checks) {
    const CheckRuntime& runtime = runtimes_[index];
    const Check& check = *runtime.definition;
    if (runtime.record.decisive) {
      store_->save_check(check.id, check.fingerprint, runtime.record, false);
    } else if (!check.has_probe()) {
      store_->save_turn(check.id, runtime.record, clock_.both());
    }
  }
}

void Kernel::restore_decisions(Board& board) {
  const Decisions& decided = store_->loaded().decisions;
  board.signoffs = decided.signoffs;
  board.waivers = decided.waivers;
  board.release = decided.release;
  board.deployment = decided.deployment;
  // By the rules of the former process: what ended by them while this daemon was down stays ended.
  end_what_lapsed(board, decided.signoff_ends, clock_.wall());
}

void Kernel::record_verdict(const Snapshot* before, const Snapshot& after) {
  // A restart that changes nothing is no news.
  const auto& former = store_->loaded().verdict;
  if (before != nullptr || !former || former->first != after.go) {
    store_->save_change({after.at.wall, after.go,
                         before == nullptr ? std::vector<std::string>{"gonogo started"}
                                           : flipped_by(*before, after)});
  }
  store_->save_verdict(after.go, after.since);
  if (after.go) {
    log_info(verdict_line(after));
  } else if (before == nullptr) {
    log_info("verdict: NO-GO until every blocker has a result");
  } else {
    log_warning(verdict_line(after));
  }
  if (on_verdict_) on_verdict_(before, after);
}

void Kernel::record_transitions(const Snapshot& before, const Snapshot& after,
                                const std::vector<std::size_t>& changed) {
  for (const std::size_t index : changed) {
    const CheckStatus& status = after.checks[index];
    if (status.state == CheckState::stale) note_if_too_old(runtimes_[index]);
    store_->save_transition({after.at.wall, status.check->id,
                             std::string(name_of(before.checks[index].state)),
                             std::string(name_of(status.state)),
                             std::string(name_of(status.reason)), words_for(status)});
  }
}

boost::asio::awaitable<Pushed> Kernel::push(std::string key, PushKind kind, int exit_status,
                                            std::string note, bool is_cut, std::string run_id) {
  const std::string clean = redactor_.clean(note, Torn{.end = is_cut});
  const std::string* const check = pushes_.take(key, kind, exit_status, clean, run_id);
  if (check == nullptr) co_return Pushed{};
  runner_.run_now(*runtimes_.find(*check));
  auto saving = pushes_.save(*check);
  std::string unsaved = co_await std::move(saving);
  co_return Pushed{true, std::move(unsaved)};
}

std::optional<std::string> Kernel::run_now(const std::string& id) {
  CheckRuntime* runtime = runtimes_.find(id);
  if (runtime == nullptr) return "no check " + in_quotes(id);
  const Check& check = *runtime->definition;
  if (!check.has_probe()) return id + " is never run: it is a " + check.kind;
  runner_.run_now(*runtime);
  return std::nullopt;
}

Duration Kernel::lateness() const {
  return std::max(runner_.lateness().worst_recently(clock_.now()), runner_.overdue());
}

}  // namespace gonogo
