#include "daemon/store/ledger.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

constexpr std::string_view tables_repaired = "tables-repaired";

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
CREATE TABLE IF NOT EXISTS ledger_version (
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL);
)";

// By these rules the tables beside the audit follow from it. A store of older rules gets its tables
// anew, silently.
constexpr std::int64_t ledger_version = 1;

// The statements that a deed runs after its audit entry ?1 is written. A newer sign-off by the same
// person replaces the older one.
struct Effect {
  std::string_view what;
  const char* statements;
};
constexpr std::array<Effect, 11> effects{{
    {"signoff", R"(
DELETE FROM signoff WHERE seq IN (
  SELECT s.seq FROM signoff s JOIN audit o ON o.seq = s.seq JOIN audit n ON n.seq = ?1
   WHERE s.check_id = n.body->>'check' AND s.role = n.body->>'role' AND o.who = n.who);
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
    {tables_repaired, ""},
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

void insert(const SqliteDatabase& database, const Signoff& signoff) {
  SqliteStatement row(database, "INSERT INTO signoff VALUES (?, ?, ?, ?, ?)");
  row.bind(1, signoff.id);
  row.bind(2, signoff.check);
  row.bind(3, signoff.role);
  row.bind(4, signoff.note);
  row.bind(5, signoff.release);
  row.step();
}

void insert(const SqliteDatabase& database, const Waiver& waiver) {
  SqliteStatement row(database, "INSERT INTO waiver VALUES (?, ?, ?, ?, ?)");
  row.bind(1, waiver.id);
  row.bind(2, waiver.check);
  row.bind(3, waiver.why);
  row.bind(4, static_cast<std::int64_t>(waiver.until.time_since_epoch().count()));
  if (waiver.release) row.bind(5, *waiver.release);
  row.step();
}

// How far the watch of a deployment was, which only the table says. What it is compared with and
// watched by is the audit's.
void add_progress(const SqliteDatabase& database, Deployment& deployment) {
  SqliteStatement row(database, "SELECT record FROM deployment WHERE seq = ?");
  row.bind(1, deployment.id);
  if (!row.step()) return;
  const auto progress = deployment_from_json(row.text(0));
  if (!progress) return;
  for (auto& [check, samples] : deployment.samples) {
    const auto found = progress->samples.find(check);
    if (found != progress->samples.end()) samples = found->second;
  }
  for (auto& [name, figure] : deployment.figures) {
    const auto found = progress->figures.find(name);
    if (found == progress->figures.end()) continue;
    figure.last = found->second.last;
    figure.beyond_in_a_row = found->second.beyond_in_a_row;
  }
  deployment.watched = progress->watched;
  deployment.paused = progress->paused;
  if (progress->status == DeploymentStatus::regressed) {
    deployment.has_regressed = true;
    deployment.findings = progress->findings;
  }
}

}  // namespace

Ledger::Ledger(SqliteDatabase& database, const std::string& path)
    : database_(database), key_path_(path + ".key") {
  database_.run(schema);
  is_empty_ = database_.number("SELECT count(*) FROM audit_head") == 0 &&
              database_.number("SELECT count(*) FROM audit") == 0;
  open_key();
  compare_tables();
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

DecisionReplay Ledger::replay() const {
  DecisionReplay replay;
  SqliteStatement rows(database_, "SELECT seq, at, what, who, body, hash FROM audit ORDER BY seq");
  while (rows.step()) replay.take(entry_from(rows));
  return replay;
}

Decisions Ledger::load() const {
  if (!problem_.empty()) return {};
  Decisions decisions = replay().decisions();
  if (decisions.deployment && decisions.deployment->status == DeploymentStatus::watching)
    add_progress(database_, *decisions.deployment);
  return decisions;
}

void Ledger::compare_tables() {
  if (!problem_.empty()) return;
  if (tables_follow_audit(database_)) {
    differences_ = replay().differences(database_);
    return;
  }
  try {
    remake_tables();
  } catch (const SqliteError&) {
    // There was no room for it: at the next start, then. Nothing is decided by these tables.
  }
}

void Ledger::repair(WallTime now) {
  if (differences_.empty()) return;
  write({std::string(tables_repaired), "gonogo", now,
         to_json_text(json{{"differences", differences_}})});
  remake_tables();
}

// Deployments from before the audit begins stay in the list: they decide nothing.
void Ledger::remake_tables() {
  SqliteTransaction transaction(database_, SqliteTransaction::Ends::on_disk);
  database_.run("DELETE FROM signoff; DELETE FROM waiver; DELETE FROM configuration");
  const DecisionReplay known = replay();
  for (const Signoff& signoff : known.signoffs()) insert(database_, signoff);
  for (const Waiver& waiver : known.waivers()) insert(database_, waiver);
  database_.run(R"(
INSERT INTO configuration SELECT seq, body->>'digest' FROM audit
 WHERE what = 'configuration' ORDER BY seq DESC LIMIT 1)");
  for (const auto& [seq, record] : known.wrong_deployments(database_)) {
    SqliteStatement row(
        database_,
        "INSERT OR REPLACE INTO deployment VALUES (?1, coalesce(?2->>'version', ''), ?2)");
    row.bind(1, seq);
    row.bind(2, record);
    row.step();
  }
  database_.run("INSERT OR REPLACE INTO ledger_version VALUES (1, " +
                std::to_string(ledger_version) + ")");
  transaction.commit();
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
  SqliteTransaction transaction(database_, SqliteTransaction::Ends::on_disk);
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
  const std::int64_t needed = replay().first_needed(oldest).value_or(head_.seq);
  SqliteStatement newest(database_, R"(
SELECT seq, hash FROM audit WHERE at < ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1)");
  newest.bind(1, static_cast<std::int64_t>(oldest.time_since_epoch().count()));
  newest.bind(2, std::min(needed, head_.seq));
  if (!newest.step()) return;
  const AuditHead begin{newest.number(0), newest.text(1)};
  newest.reset();
  SqliteTransaction transaction(database_, SqliteTransaction::Ends::on_disk);
  SqliteStatement insert(database_, "INSERT OR REPLACE INTO audit_checkpoint VALUES (?, ?, ?)");
  insert.bind(1, begin.seq);
  insert.bind(2, begin.hash);
  insert.bind(3, key_->sign("checkpoint", begin));
  insert.step();
  for (const char* table : {"audit", "waiver", "configuration"}) {
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
  if (!differences_.empty()) page["differences"] = differences_;
  return to_json_text(page) + "\n";
}

bool tables_follow_audit(const SqliteDatabase& database) {
  SqliteStatement table(database, "SELECT 1 FROM sqlite_master WHERE name = 'ledger_version'");
  if (!table.step()) return false;
  SqliteStatement version(database, "SELECT version FROM ledger_version");
  return version.step() && version.number(0) == ledger_version;
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

}  // namespace gonogo
