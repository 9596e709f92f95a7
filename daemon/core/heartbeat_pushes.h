// What jobs report of themselves through /ping/{key}.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

enum class PushKind : std::uint8_t { success, start, fail, log };

struct PushRecord {
  std::optional<WallTime> first;
  std::optional<WallTime> started;  // since then no end was reported
  std::optional<WallTime> succeeded;
  std::optional<WallTime> failed;  // cleared by a success
  int exit_status = 0;             // of the last reported end
  int failures_in_a_row = 0;
  std::string note;                  // the last body, bounded
  std::string failure_note;          // of the last failure; kept when successes follow
  std::optional<Duration> run_time;  // of the last run whose start and end were reported
  std::map<std::string, WallTime, std::less<>> runs;  // open ones that gave an id, by it

  // The beginnings of the runs that are open, the oldest first. A run is taken for lost, and is
  // open no more, when a success was pushed later than `longest` after its beginning.
  std::vector<WallTime> open_runs(std::optional<Duration> longest) const;
};

// What came of a push.
struct Pushed {
  bool is_known = false;  // a check waits for its key
  std::string unsaved;    // why it may not outlive this process; it counts all the same
};

class HeartbeatPushes {
 public:
  static constexpr std::size_t longest_note = 2000;
  static constexpr std::size_t longest_run_id = 64;
  static constexpr std::size_t most_runs = 20;  // open at once; beyond, the oldest is forgotten

  // Only declared keys are taken: what others send makes no entry. What was pushed for the check
  // under a former key counts.
  void declare(const std::string& key, const std::string& check) {
    keys_[key] = check;
    records_.try_emplace(check);
  }
  void declare(const std::string& key) { declare(key, key); }
  // Takes nothing under this key any more. What was pushed for its check is kept.
  void forget(std::string_view key) {
    if (const auto found = keys_.find(key); found != keys_.end()) keys_.erase(found);
  }
  // Forgets what was pushed for other checks than these, and returns which those were.
  std::vector<std::string> keep_only(const std::function<bool(const std::string& check)>& is_known);
  bool is_declared(std::string_view key) const { return keys_.find(key) != keys_.end(); }

  // The wall clock may have been set since the last call: moves every record along, so that what
  // was pushed is as old as it really is. What a former process took is known by the wall clock
  // alone: a clock that was behind may make it older now, never younger. Before each use.
  void follow(Now now);
  // Whether records were moved since the last call: then they want to be saved.
  bool take_moved() { return std::exchange(is_moved_, false); }

  // False when the key is not declared. `exit_status` counts for success and fail. `run_id` joins a
  // start with its end; without one, an end ends whatever was begun. A success also ends the runs
  // that began before its own: one of them may have died without a word.
  bool take(std::string_view key, PushKind kind, int exit_status, std::string_view note,
            WallTime now, std::string_view run_id = {});

  // Nothing when the key is not declared.
  const PushRecord* find(std::string_view key) const;
  // Nothing when no key of this check was ever declared.
  const PushRecord* of(std::string_view check) const;
  // What a former process took for this check, read at this moment.
  void restore(const std::string& check, PushRecord record, WallTime now) {
    records_[check] = {std::move(record), now};
  }

 private:
  struct Kept {
    PushRecord record;
    std::optional<WallTime> restored_at;  // what is older is from a former process
  };
  static void move(Kept& kept, std::chrono::microseconds step);

  std::map<std::string, std::string, std::less<>> keys_;  // to the check
  std::map<std::string, Kept, std::less<>> records_;      // by check
  std::optional<Duration> offset_;  // wall clock against boot clock, by which the records are
  bool is_moved_ = false;
};

}  // namespace gonogo
