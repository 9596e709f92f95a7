#include "daemon/store/ledger.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/formats/json_text.h"
#include "daemon/formats/times.h"

namespace gonogo {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL,
  body TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL,
  signature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit_checkpoint (
  seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, signature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signoff (
  seq INTEGER PRIMARY KEY, check_id TEXT NOT NULL, role TEXT NOT NULL, note TEXT NOT NULL,
  release TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS waiver (
  seq INTEGER PRIMARY KEY, check_id TEXT NOT NULL, why TEXT NOT NULL, until INTEGER NOT NULL,
  release TEXT);
CREATE TABLE IF NOT EXISTS deployment (
  seq INTEGER PRIMARY KEY, version TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS configuration (seq INTEGER PRIMARY KEY, digest TEXT NOT NULL);
)";

// The statements that a deed runs after its audit entry ?1 is written. A newer sign-off by the same
// person replaces the older one.
struct Effect {
  std::string_view what;
  const char* statements;
};
constexpr std::array<Effect, 10> effects{{
    {"signoff", R"(
DELETE FROM signoff WHERE seq IN (
  SELECT s.seq FROM signoff s JOIN audit o ON o.seq = s.seq JOIN audit n ON n.seq = ?1
   WHERE s.check_id = n.body->>'check' AND s.role = n.body->>'role'
     AND s.release = n.body->>'release' AND o.who = n.who);
INSERT INTO signoff SELECT seq, body->>'check', body->>'role', body->>'note', body->>'release'
  FROM audit WHERE seq = ?1)"},
    {"signoff-withdrawn",
     "DELETE FROM signoff WHERE seq = (SELECT body->>'seq' FROM audit WHERE seq = ?1)"},
    {"signoff-ended",
     "DELETE FROM signoff WHERE seq = (SELECT body->>'seq' FROM audit WHERE seq = ?1)"},
    {"waiver", R"(
INSERT INTO waiver SELECT seq, body->>'check', body->>'why', body->>'until', body->>'release'
  FROM audit WHERE seq = ?1)"},
    {"waiver-ended",
     "DELETE FROM waiver WHERE seq = (SELECT body->>'seq' FROM audit WHERE seq = ?1)"},
    {"deployment", R"(
INSERT INTO deployment SELECT seq, body->>'version', body FROM audit WHERE seq = ?1)"},
    {"deployment-ended", R"(
UPDATE deployment SET record = (SELECT body FROM audit WHERE seq = ?1)
 WHERE seq = (SELECT body->>'id' FROM audit WHERE seq = ?1))"},
    {"configuration", R"(
INSERT INTO configuration SELECT seq, body->>'digest' FROM audit WHERE seq = ?1)"},
    {"release", ""},
    {"hook", ""},
}};

AuditEntry entry_from(const SqliteStatement& row) {
  return {row.number(0), WallTime{microseconds{row.number(1)}},
          row.text(2),   row.text(3),
          row.text(4),   row.text(5)};
}

void run_with(const SqliteDatabase& database, std::string_view statements, std::int64_t seq) {
  while (!statements.empty()) {
    const std::size_t end = statements.find(';');
    SqliteStatement statement(database, statements.substr(0, end));
    statement.bind(1, seq);
    while (statement.step()) {
    }
    statements.remove_prefix(end == std::string_view::npos ? statements.size() : end + 1);
  }
}

// One transaction that is on disk when it counts as done. Results of checks do not wait for the
// disk.
class DurableTransaction {
 public:
  explicit DurableTransaction(SqliteDatabase& database) : database_(database) {
    database_.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
  }
  ~DurableTransaction() {
    if (!done_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_exec(database_.handle(), "PRAGMA synchronous = NORMAL", nullptr, nullptr, nullptr);
  }
  DurableTransaction(const DurableTransaction&) = delete;
  DurableTransaction& operator=(const DurableTransaction&) = delete;

  void commit() {
    database_.run("COMMIT");
    done_ = true;
  }

 private:
  SqliteDatabase& database_;
  bool done_ = false;
};

}  // namespace

Ledger::Ledger(SqliteDatabase& database, const std::string& path)
    : database_(database), key_path_(path + ".key") {
  database_.run(schema);
  is_empty_ = database_.number("SELECT count(*) FROM audit_head") == 0 &&
              database_.number("SELECT count(*) FROM audit") == 0;
  open_key();
}

void Ledger::open_key() {
  try {
    key_ = std::make_unique<AuditKey>(key_path_, is_empty_);
    problem_ = is_empty_ ? "" : verify();
  } catch (const std::runtime_error& error) {
    problem_ = error.what();
  }
}

std::string Ledger::verify() {
  const std::string key = key_->public_key();
  SqliteStatement begins(
      database_, "SELECT seq, hash, signature FROM audit_checkpoint ORDER BY seq DESC LIMIT 1");
  AuditHead begin;
  if (begins.step()) {
    begin = {begins.number(0), begins.text(1)};
    if (!is_signed(key, "checkpoint", begin, begins.text(2)))
      return "the audit's checkpoint is not signed by this daemon";
  }
  AuditVerifier verifier(begin);
  SqliteStatement rows(database_, "SELECT seq, at, what, who, body, hash FROM audit ORDER BY seq");
  while (rows.step()) {
    if (const auto wrong = verifier.take(entry_from(rows)))
      return "the audit cannot be trusted: " + *wrong;
  }
  SqliteStatement head(database_, "SELECT seq, hash, signature FROM audit_head");
  if (!head.step()) return "the audit's head is missing";
  const AuditHead last{head.number(0), head.text(1)};
  if (!is_signed(key, "head", last, head.text(2)))
    return "the audit's head is not signed by this daemon";
  if (last.seq != verifier.head().seq || last.hash != verifier.head().hash)
    return "the audit ends at entry " + std::to_string(verifier.head().seq) + ", wanted " +
           std::to_string(last.seq) + ": its end was removed or changed";
  head_ = last;
  return {};
}

Decisions Ledger::load() const {
  Decisions decisions;
  if (!problem_.empty()) return decisions;
  SqliteStatement signoffs(database_, R"(
SELECT s.seq, s.check_id, a.who, s.role, s.note, s.release, a.at FROM signoff s
  JOIN audit a ON a.seq = s.seq AND a.what = 'signoff' AND a.body->>'check' = s.check_id
   AND a.body->>'role' = s.role AND a.body->>'note' = s.note AND a.body->>'release' = s.release
 ORDER BY s.seq)");
  while (signoffs.step()) {
    decisions.signoffs.push_back(
        {signoffs.text(1), signoffs.text(2), signoffs.text(3), signoffs.text(4), signoffs.text(5),
         WallTime{microseconds{signoffs.number(6)}}, std::nullopt, signoffs.number(0)});
  }
  SqliteStatement waivers(database_, R"(
SELECT w.seq, w.check_id, a.who, w.why, w.release IS NOT NULL, w.release, a.at, w.until FROM waiver w
  JOIN audit a ON a.seq = w.seq AND a.what = 'waiver' AND a.body->>'check' = w.check_id
   AND a.body->>'why' = w.why AND a.body->>'until' = w.until AND a.body->>'release' IS w.release
 ORDER BY w.seq)");
  while (waivers.step()) {
    Waiver waiver;
    waiver.id = waivers.number(0);
    waiver.check = waivers.text(1);
    waiver.who = waivers.text(2);
    waiver.why = waivers.text(3);
    if (waivers.number(4) != 0) waiver.release = waivers.text(5);
    waiver.from = WallTime{microseconds{waivers.number(6)}};
    waiver.until = WallTime{microseconds{waivers.number(7)}};
    decisions.waivers.push_back(std::move(waiver));
  }
  SqliteStatement release(database_, R"(
SELECT body->>'release' FROM audit WHERE what = 'release' ORDER BY seq DESC LIMIT 1)");
  if (release.step()) decisions.release = release.text(0);
  SqliteStatement configuration(database_,
                                "SELECT digest FROM configuration ORDER BY seq DESC LIMIT 1");
  if (configuration.step()) decisions.configuration = configuration.text(0);
  // The end of a deployment is an audit entry; until it ends, its record only counts samples.
  SqliteStatement deployment(database_, R"(
SELECT d.record, a.body FROM deployment d
  LEFT JOIN audit a ON a.what = 'deployment-ended' AND a.body->>'id' = d.seq
 ORDER BY d.seq DESC LIMIT 1)");
  if (deployment.step()) {
    const std::string ended = deployment.text(1);
    decisions.deployment = deployment_from_json(ended.empty() ? deployment.text(0) : ended);
    if (decisions.deployment && ended.empty())
      decisions.deployment->status = DeploymentStatus::watching;
  }
  return decisions;
}

AuditHead Ledger::write(const Deed& deed) {
  if (!key_ && is_empty_) open_key();
  if (!problem_.empty()) throw SqliteError(SQLITE_CORRUPT, problem_);
  AuditEntry entry{head_.seq + 1, deed.at, deed.what, deed.who, deed.body, {}};
  if (deed.what == "deployment") {
    // A deployment's id is the number of its entry.
    json record = json::parse(deed.body);
    record["id"] = entry.seq;
    entry.body = to_json_text(record);
  }
  entry.hash = hash_of(head_.hash, entry);
  const AuditHead next{entry.seq, entry.hash};
  DurableTransaction transaction(database_);
  SqliteStatement insert(database_, "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)");
  insert.bind(1, entry.seq);
  insert.bind(2, static_cast<std::int64_t>(entry.at.time_since_epoch().count()));
  insert.bind(3, entry.what);
  insert.bind(4, entry.who);
  insert.bind(5, entry.body);
  insert.bind(6, entry.hash);
  insert.step();
  for (const Effect& effect : effects) {
    if (effect.what == entry.what) run_with(database_, effect.statements, entry.seq);
  }
  SqliteStatement head(database_, "INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?, ?)");
  head.bind(1, next.seq);
  head.bind(2, next.hash);
  head.bind(3, key_->sign("head", next));
  head.step();
  transaction.commit();
  is_empty_ = false;
  head_ = next;
  return head_;
}

void Ledger::save_progress(const Deployment& deployment) {
  // A late count of samples must not reopen a deployment that has ended.
  SqliteStatement update(database_, R"(
UPDATE deployment SET record = ? WHERE seq = ? AND record->>'status' = 'watching')");
  update.bind(1, to_json(deployment));
  update.bind(2, deployment.id);
  update.step();
}

void Ledger::prune(WallTime oldest) {
  if (!problem_.empty()) return;
  SqliteStatement newest(database_, R"(
SELECT seq, hash FROM audit WHERE at < ?1 AND seq < coalesce(
    (SELECT min(seq) FROM (SELECT seq FROM signoff UNION SELECT seq FROM waiver WHERE until > ?1
      UNION SELECT max(seq) FROM deployment UNION SELECT max(seq) FROM audit WHERE what = 'release'
      UNION SELECT seq FROM audit_head)), 0)
 ORDER BY seq DESC LIMIT 1)");
  newest.bind(1, static_cast<std::int64_t>(oldest.time_since_epoch().count()));
  if (!newest.step()) return;
  const AuditHead begin{newest.number(0), newest.text(1)};
  newest.reset();
  DurableTransaction transaction(database_);
  SqliteStatement insert(database_, "INSERT OR REPLACE INTO audit_checkpoint VALUES (?, ?, ?)");
  insert.bind(1, begin.seq);
  insert.bind(2, begin.hash);
  insert.bind(3, key_->sign("checkpoint", begin));
  insert.step();
  for (const char* table : {"audit", "waiver"}) {
    SqliteStatement remove(database_, std::string("DELETE FROM ") + table + " WHERE seq <= ?");
    remove.bind(1, begin.seq);
    remove.step();
  }
  transaction.commit();
}

std::string Ledger::page(std::int64_t after, std::int64_t limit) const {
  json page = json::parse(audit_page(database_, after, limit));
  if (key_) page["public_key"] = key_->public_key();
  if (!problem_.empty()) page["problem"] = problem_;
  return to_json_text(page) + "\n";
}

std::string audit_page(const SqliteDatabase& database, std::int64_t after, std::int64_t limit) {
  const AuditHead none;
  json page{{"begins_after", {{"seq", none.seq}, {"hash", none.hash}}}, {"entries", json::array()}};
  SqliteStatement begin(database, R"(
SELECT seq, hash, signature FROM audit_checkpoint ORDER BY seq DESC LIMIT 1)");
  if (begin.step())
    page["begins_after"] = {
        {"seq", begin.number(0)}, {"hash", begin.text(1)}, {"signature", begin.text(2)}};
  SqliteStatement head(database, "SELECT seq, hash, signature FROM audit_head");
  if (head.step())
    page["head"] = {{"seq", head.number(0)}, {"hash", head.text(1)}, {"signature", head.text(2)}};
  SqliteStatement rows(database, R"(
SELECT seq, at, what, who, body, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?)");
  rows.bind(1, after);
  rows.bind(2, limit);
  while (rows.step()) {
    const AuditEntry entry = entry_from(rows);
    page["entries"].push_back({{"seq", entry.seq},
                               {"at", entry.at.time_since_epoch().count()},
                               {"time", to_rfc3339(entry.at)},
                               {"what", entry.what},
                               {"who", entry.who},
                               {"body", entry.body},
                               {"hash", entry.hash}});
  }
  return to_json_text(page) + "\n";
}

std::string Ledger::deployments(std::int64_t limit) const {
  json list{{"deployments", json::array()}};
  SqliteStatement rows(database_, "SELECT record FROM deployment ORDER BY seq DESC LIMIT ?");
  rows.bind(1, limit);
  while (rows.step()) list["deployments"].push_back(json::parse(rows.text(0), nullptr, false));
  return to_json_text(list) + "\n";
}

std::string to_json(const Deployment& deployment) {
  json record{{"id", deployment.id},
              {"version", deployment.version},
              {"by", deployment.who},
              {"forced", deployment.forced},
              {"reason", deployment.reason},
              {"started", to_rfc3339(deployment.started, true)},
              {"watch_seconds", in_seconds(deployment.watch)},
              {"status", name_of(deployment.status)},
              {"ended", deployment.ended ? json(to_rfc3339(*deployment.ended)) : json(nullptr)},
              {"findings", deployment.findings},
              {"samples", deployment.samples},
              {"figures", json::object()}};
  for (const auto& [name, figure] : deployment.figures) {
    record["figures"][name] = {{"baseline", figure.baseline},
                               {"last", figure.last ? json(*figure.last) : json(nullptr)},
                               {"beyond_in_a_row", figure.beyond_in_a_row}};
  }
  return to_json_text(record);
}

std::optional<Deployment> deployment_from_json(const std::string& text) {
  try {
    const json record = json::parse(text);
    Deployment deployment;
    record.at("id").get_to(deployment.id);
    record.at("version").get_to(deployment.version);
    record.at("by").get_to(deployment.who);
    record.at("forced").get_to(deployment.forced);
    record.at("reason").get_to(deployment.reason);
    const auto started = parse_rfc3339(record.at("started").get<std::string>());
    if (!started) return std::nullopt;
    deployment.started = *started;
    deployment.watch = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(record.at("watch_seconds").get<double>()));
    const auto status = record.at("status").get<std::string>();
    for (std::size_t i = 0; i < deployment_status_names.size(); ++i) {
      if (deployment_status_names.at(i) == status)
        deployment.status = static_cast<DeploymentStatus>(i);
    }
    if (record.at("ended").is_string())
      deployment.ended = parse_rfc3339(record.at("ended").get<std::string>());
    record.at("findings").get_to(deployment.findings);
    record.at("samples").get_to(deployment.samples);
    for (const auto& [name, figure] : record.at("figures").items()) {
      Figure& kept = deployment.figures[name];
      figure.at("baseline").get_to(kept.baseline);
      if (figure.at("last").is_number()) kept.last = figure.at("last").get<double>();
      figure.at("beyond_in_a_row").get_to(kept.beyond_in_a_row);
    }
    return deployment;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace gonogo
