// What turned and when: the states of checks, and the verdict with what flipped it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/time.h"
#include "daemon/store/sqlite.h"

namespace gonogo {

struct Transition {
  WallTime at{};
  std::string check;
  std::string from;  // a state's name
  std::string to;
  std::string reason;
  std::string summary;
};

struct VerdictChange {
  WallTime at{};
  bool go = false;
  std::vector<std::string> flipped_by;  // "gate/check state (reason): summary"
};

struct HistoryQuestion {
  std::string check;  // empty: all, and the verdict too
  std::optional<WallTime> since;
  bool since_last_go = false;  // from where the verdict last ceased to be GO
  std::int64_t limit = 200;    // of each list, the newest
};

void make_history_tables(SqliteDatabase& database);
void write(const SqliteDatabase& database, const Transition& transition);
void write(const SqliteDatabase& database, const VerdictChange& change);
void prune_history(const SqliteDatabase& database, WallTime oldest);

// {"verdicts": [...], "transitions": [...]}, the newest last.
std::string history_json(const SqliteDatabase& database, const HistoryQuestion& question);

}  // namespace gonogo
