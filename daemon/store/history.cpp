#include "daemon/store/history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

std::int64_t count_of(WallTime time) { return time.time_since_epoch().count(); }

std::string time_of(std::int64_t count) { return to_rfc3339(WallTime{microseconds{count}}, true); }

json verdicts_since(const SqliteDatabase& database, std::int64_t since, std::int64_t limit) {
  json list = json::array();
  SqliteStatement rows(database, R"(
SELECT at, go, flipped_by FROM verdict_change WHERE at >= ? ORDER BY id DESC LIMIT ?)");
  rows.bind(1, since);
  rows.bind(2, limit);
  while (rows.step()) {
    list.push_back({{"at", time_of(rows.number(0))},
                    {"to", rows.number(1) != 0 ? "GO" : "NO-GO"},
                    {"flipped_by", json::parse(rows.text(2), nullptr, false)}});
  }
  std::reverse(list.begin(), list.end());
  return list;
}

json transitions_since(const SqliteDatabase& database, const std::string& check, std::int64_t since,
                       std::int64_t limit) {
  json list = json::array();
  SqliteStatement rows(database, R"(
SELECT at, check_id, from_state, to_state, reason, summary FROM transition
 WHERE at >= ?1 AND (?2 = '' OR check_id = ?2) ORDER BY id DESC LIMIT ?3)");
  rows.bind(1, since);
  rows.bind(2, check);
  rows.bind(3, limit);
  while (rows.step()) {
    list.push_back({{"at", time_of(rows.number(0))},
                    {"check", rows.text(1)},
                    {"from", rows.text(2)},
                    {"to", rows.text(3)},
                    {"reason", rows.text(4)},
                    {"summary", rows.text(5)}});
  }
  std::reverse(list.begin(), list.end());
  return list;
}

}  // namespace

void make_history_tables(SqliteDatabase& database) {
  database.run(R"(
CREATE TABLE IF NOT EXISTS transition (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, check_id TEXT NOT NULL, from_state TEXT NOT NULL,
  to_state TEXT NOT NULL, reason TEXT NOT NULL, summary TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS transition_at ON transition (at);
CREATE INDEX IF NOT EXISTS transition_check ON transition (check_id, id);
CREATE TABLE IF NOT EXISTS verdict_change (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, go INTEGER NOT NULL, flipped_by TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS verdict_change_at ON verdict_change (at);
)");
}

void write(const SqliteDatabase& database, const Transition& transition) {
  SqliteStatement insert(database, "INSERT INTO transition VALUES (NULL, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, count_of(transition.at));
  int parameter = 1;
  for (const std::string* text : {&transition.check, &transition.from, &transition.to,
                                  &transition.reason, &transition.summary})
    insert.bind(++parameter, *text);
  insert.step();
}

void write(const SqliteDatabase& database, const VerdictChange& change) {
  SqliteStatement insert(database, "INSERT INTO verdict_change VALUES (NULL, ?, ?, ?)");
  insert.bind(1, count_of(change.at));
  insert.bind(2, std::int64_t{change.go ? 1 : 0});
  const json flipped_by = change.flipped_by;
  insert.bind(3, to_json_text(flipped_by));
  insert.step();
}

void prune_history(const SqliteDatabase& database, WallTime oldest) {
  for (const char* table : {"transition", "verdict_change"}) {
    SqliteStatement remove(database, std::string("DELETE FROM ") + table + " WHERE at < ?");
    remove.bind(1, count_of(oldest));
    remove.step();
  }
}

std::string history_json(const SqliteDatabase& database, const HistoryQuestion& question) {
  std::int64_t since = question.since ? count_of(*question.since) : 0;
  json document;
  if (question.since_last_go) {
    SqliteStatement last(database, R"(
SELECT at FROM verdict_change
 WHERE go = 0 AND id > coalesce((SELECT max(id) FROM verdict_change WHERE go = 1), 0)
 ORDER BY id LIMIT 1)");
    if (last.step()) {
      since = last.number(0);
      document["not_go_since"] = time_of(since);
    }
  }
  if (question.check.empty())
    document["verdicts"] = verdicts_since(database, since, question.limit);
  document["transitions"] = transitions_since(database, question.check, since, question.limit);
  return to_json_text(document) + "\n";
}

}  // namespace gonogo
