// Runs checks once, without a daemon, and prints each as it ends.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/workbench.h"
#include "daemon/config/config.h"
#include "daemon/core/judge.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/scheduling/attempt.h"

namespace gonogo {

// Which checks are run: those that were asked for, and what their verdict needs besides.
struct Selection {
  std::vector<std::size_t> asked;
  std::vector<std::size_t> needed;  // none of these was asked for
  bool by_name = false;             // then what runs only on demand runs as well
};

// Everything when `names` is empty. Nothing when one of them is no check and no gate; `problem`
// says which.
std::optional<Selection> select_checks(const Checklist& list, const std::vector<std::string>& names,
                                       std::string& problem);

struct PollOptions {
  bool speaks = true;   // prints a line for each check
  bool retries = true;  // what fails is run again, as `failures` and `retry_interval` say
};

// As gentle as the daemon: groups keep their limits, and no host and port gets more than a few
// requests at once.
class Poll {
 public:
  Poll(Config& config, Workbench& bench, const Selection& selection, PollOptions options);

  // Each check once, or until it has failed as often as `failures` says; each after all that it
  // depends on.
  void run();

  // What all that ran amounts to.
  Snapshot judged() const;

  // One line for a check as it is judged in `snapshot`.
  void print(std::size_t index, const Snapshot& snapshot) const;
  // It was printed when it ended.
  bool is_printed(std::size_t index) const { return printed_.at(index); }

 private:
  enum class Progress : std::uint8_t { none, waits, runs, pauses, done };

  bool is_to_be_run(std::size_t index, bool was_asked) const;
  void await_needs(std::size_t index, std::size_t of, std::vector<bool>& seen);
  bool has_room(const Check& check) const;
  void count(const Check& check, int change);
  void start_ready();
  void start(std::size_t index);
  void finished(std::size_t index, Observation seen);
  bool is_run_again(std::size_t index, const Observation& seen) const;
  bool is_blocked(std::size_t index) const;
  void settle(std::size_t index, Observation seen);
  void print_settled(std::size_t index);
  void print_seen(std::size_t index) const;
  void write_line(std::size_t index, std::string_view word, Reason reason,
                  const std::string& summary) const;
  void show_progress() const;
  void clear_progress() const;
  void unwind();

  Config& config_;
  TextCleaner cleaner_{[this](std::string_view text, std::size_t most, Torn torn) {
    return config_.redactor.clean_beginning(text, most, torn);
  }};
  const Checklist& list_;
  Workbench& bench_;
  const Selection& selection_;
  PollOptions options_;
  bool has_terminal_ = false;
  bool has_colour_ = false;
  std::vector<CheckRecord> records_;
  std::vector<Progress> progress_;
  std::vector<bool> printed_;
  std::vector<int> runs_;
  std::vector<std::size_t> needs_;  // how many checks have to end before this one begins
  std::vector<std::vector<std::size_t>> awaited_by_;
  std::deque<std::size_t> ready_;
  std::map<std::size_t, Timer> pauses_;
  std::map<std::string, int> under_way_at_;  // by "host:port", and by "group ID"
  std::vector<std::shared_ptr<ProbeRun>> started_;
  std::size_t under_way_ = 0;
  std::size_t open_ = 0;
  std::size_t all_ = 0;
};

}  // namespace gonogo
