// What this daemon knows, decides and remembers, wired: the checks, their runs, the board, the
// decisions, the deploys and the store. App adds what reaches the world: configuration files, the
// listener, signals.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/decisions/decision_writer.h"
#include "daemon/decisions/deploy_watch.h"
#include "daemon/formats/redactor.h"
#include "daemon/scheduling/held_findings.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/push_desk.h"
#include "daemon/scheduling/renewal_watch.h"
#include "daemon/scheduling/runner.h"
#include "daemon/scheduling/runtimes.h"
#include "daemon/scheduling/subscriber.h"
#include "daemon/store/store.h"
#include "probes/resources.h"

namespace gonogo {

class Kernel {
 public:
  // Called after each change of the verdict, when it is written down; `before` is null at first.
  using VerdictListener = LiveBoard::VerdictListener;

  Kernel(boost::asio::io_context& loop, Clock& clock, BlockingPool& pool,
         VerdictListener on_verdict = {});

  // Once, before anything is put in force: what it holds from a former process counts when the
  // first configuration comes into force. `store` outlives the kernel's stop.
  void open(Store& store);

  // At the start and at each reload: build, compare, swap.
  void put_in_force(const Config& config);

  // Nothing is run or decided any more; what is under way is abandoned.
  void stop();
  bool has_unwound() const { return runner_.has_unwound(); }

  // Comes back when it is on disk. `is_cut`: there was more of the note.
  boost::asio::awaitable<Pushed> push(std::string key, PushKind kind, int exit_status,
                                      std::string note, bool is_cut, std::string run_id);
  // Why not; nothing when the check will be run.
  std::optional<std::string> run_now(const std::string& id);

  // How late runs begin at present.
  Duration lateness() const;
  // How this daemon fares, as its check `prober` judges it.
  ProberHealth health();

  LiveBoard& board() { return board_; }
  const LiveBoard& board() const { return board_; }
  Runner& runner() { return runner_; }
  const Runner& runner() const { return runner_; }
  Runtimes& runtimes() { return runtimes_; }
  const Runtimes& runtimes() const { return runtimes_; }
  DecisionDesk& desk() { return desk_; }
  DeployWatch& watch() { return watch_; }
  const DeployWatch& watch() const { return watch_; }
  HeartbeatPushes& pushes() { return pushes_.pushes(); }
  // In the order in which they take each observation.
  const std::vector<Subscriber>& subscribers() const { return subscribers_; }
  // What it hides never shows again, in nothing that leaves the kernel.
  Redactor& redactor() { return redactor_; }

 private:
  void take(CheckRuntime& runtime, Observation seen);
  bool is_host_impaired() const;
  void judge_oneself();
  // kernel_renewals.cpp: what changes on disk while the daemon runs.
  std::vector<std::string> renewed_by(const Config& config) const;
  void renewed(const std::vector<std::string>& checks);
  void renew_push_keys(const std::string& check);

  void restore_results();
  void run_what_was_restored();
  void run_what_was_pushed();
  void begin_anew_with_release();
  void forget_removed_results(const Checklist& next);
  void save_turns(const std::vector<std::size_t>& checks);
  void run_dependents(const std::vector<std::size_t>& checks);
  void note_if_too_old(CheckRuntime& runtime);
  void forget_former_results();
  void restore_decisions(Board& board);
  void record_verdict(const Snapshot* before, const Snapshot& after);
  void record_transitions(const Snapshot& before, const Snapshot& after,
                          const std::vector<std::size_t>& changed);

  Clock& clock_;
  BlockingPool& pool_;
  VerdictListener on_verdict_;
  Store* store_ = nullptr;
  Duration max_unsaved_{};
  NeededBy names_needed_by_ = NeededBy::none;
  // When results were saved last, and what was known of the store and the pool then.
  SteadyTime saved_at_{};
  std::uint64_t commits_seen_ = 0;
  std::uint64_t expired_seen_ = 0;
  std::optional<SteadyTime> job_expired_at_;
  Redactor redactor_;
  TextCleaner cleaner_{[this](std::string_view text, std::size_t most, Torn torn) {
    return redactor_.clean_beginning(text, most, torn);
  }};
  PushDesk pushes_;
  Runtimes runtimes_;
  LiveBoard board_;
  Runner runner_;
  HeldFindings held_;
  RenewalWatch renewals_;
  RenewalWatch::Renewables renewables_;  // of the configuration in force
  DecisionWriter writer_;
  DeployWatch watch_;
  DecisionDesk desk_;
  std::vector<Subscriber> subscribers_;
};

}  // namespace gonogo
