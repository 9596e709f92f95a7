// The history: which checks changed their state and when, and what changed the verdict.
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
  std::string check;  // empty: all checks, and the verdict too
  std::optional<WallTime> since;
  bool since_last_go = false;  // begin where the verdict last stopped being GO
  std::int64_t limit = 200;    // how many of the newest entries each list holds
};

void make_history_tables(SqliteDatabase& database);
void write(const SqliteDatabase& database, const Transition& transition);
void write(const SqliteDatabase& database, const VerdictChange& change);
void prune_history(const SqliteDatabase& database, WallTime oldest);

// Returns {"verdicts": [...], "transitions": [...]} with the newest entries last.
std::string history_json(const SqliteDatabase& database, const HistoryQuestion& question);

}  // namespace gonogo
