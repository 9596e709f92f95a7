#include "daemon/store/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "daemon/formats/times.h"
#include "daemon/io/boot_id.h"
#include "daemon/io/left_threads.h"
#include "daemon/store/record_json.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/store_writer.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t schema_version = 2;
constexpr auto longest_close = 2s;
constexpr const char* release_note = "release";

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS result (
  check_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, boot_id TEXT NOT NULL,
  record TEXT NOT NULL, saved_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS push (
  check_id TEXT PRIMARY KEY, record TEXT NOT NULL, saved_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS probe_note (
  name TEXT PRIMARY KEY, record TEXT NOT NULL, saved_at INTEGER NOT NULL) WITHOUT ROWID;
)";

// Makes the file with mode 0600 from the start; SQLite gives its other files the same mode.
void make_private(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) ::mkdir(folder.c_str(), 0700);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    throw SqliteError(SQLITE_CANTOPEN, path + ": " + std::strerror(errno) +
                                           " (wanted a folder in which the user that gonogo runs "
                                           "as may write)");
  ::close(fd);
}

std::unique_ptr<SqliteDatabase> open_database(const std::string& path) {
  make_private(path);
  auto database = std::make_unique<SqliteDatabase>(path);
  // Only one process may open the store: two would overwrite each other's results.
  database->run(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
      "BEGIN IMMEDIATE; COMMIT");
  const std::int64_t version = database->number("PRAGMA user_version");
  if (version > schema_version) {
    throw SqliteError(SQLITE_MISMATCH, path + " is of version " + std::to_string(version) +
                                           ", wanted at most " + std::to_string(schema_version) +
                                           " (made by a newer gonogo)");
  }
  SqliteStatement sound(*database, "PRAGMA quick_check(1)");
  if (sound.step() && sound.text(0) != "ok")
    throw SqliteError(SQLITE_CORRUPT, path + ": " + sound.text(0));
  database->run(schema);
  make_history_tables(*database);
  database->run("PRAGMA user_version = " + std::to_string(schema_version));
  return database;
}

// Returns the name that it has now.
std::string set_aside(const std::string& path, Now now) {
  const std::string suffix =
      ".damaged-" + std::to_string(static_cast<std::int64_t>(to_epoch(now.wall)));
  for (const char* part : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::rename(path + part, path + suffix + part, ignored);
  }
  return path + suffix;
}

constexpr const char* how_to_accept =
    "; see whether a sign-off, a waiver or a deploy has to be given again, then start gonogo again";

// Its key is beside it, and it has nothing.
std::string why_empty(const std::string& path) {
  std::error_code unknown;
  const bool is_empty = std::filesystem::file_size(path, unknown) == 0 && !unknown;
  if (!is_empty || !std::filesystem::exists(path + ".key", unknown)) return {};
  return path + " was empty, though its key is there" + how_to_accept;
}

// Also a link that leads nowhere.
bool may_be_there(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::symlink_status(path, unknown).type() !=
         std::filesystem::file_type::not_found;
}

}  // namespace

Store::Store(std::string path, Duration retention, Now now)
    : path_(std::move(path)), writer_(std::make_shared<StoreWriter>()) {
  writer_->boot_id = boot_id();
  writer_->mark.emplace(path_);
  const bool was_there = may_be_there(path_);
  was_lost_ = why_empty(path_);
  try {
    try {
      writer_->database = open_database(path_);
    } catch (const SqliteError& error) {
      if (!error.means_damage()) throw;
      was_lost_ = "the store was damaged, and is now " + set_aside(path_, now) + how_to_accept;
      writer_->database = open_database(path_);
    }
    was_closed_well_ = writer_->mark->was_of(*writer_->database);
    writer_->ledger = std::make_unique<Ledger>(*writer_->database, path_);
    writer_->audit_problem = writer_->ledger->problem();
    differences_ = writer_->ledger->differences();
    repair_tables(now);
    load(now);
    may_be_incomplete_ = was_there && !was_closed_well_;
    prune_history(*writer_->database,
                  now.wall - std::chrono::duration_cast<std::chrono::microseconds>(retention));
    const auto oldest = (now.wall - retention).time_since_epoch() / 1us;
    for (const char* table : {"result", "probe_note"}) {
      writer_->database->run(std::string("DELETE FROM ") + table + " WHERE saved_at < " +
                             std::to_string(static_cast<std::int64_t>(oldest)));
    }
    // What a job said counts for as long as its check wants to hear of it.
    writer_->database->run("DELETE FROM push WHERE record = ''");
  } catch (const SqliteError& error) {
    writer_->problem = error.what();
    writer_->audit_problem = error.what();
    writer_->ledger.reset();
    writer_->database.reset();
    if (was_there)
      was_lost_ = "the store could not be opened: " + writer_->problem +
                  " (mend that, then start gonogo again)";
    thread_ = std::thread([writer = writer_] { writer->take_mark_away(); });
    return;
  }
  thread_ = std::thread([writer = writer_] { writer->work(); });
}

// If they cannot be put right now, they are at the next start.
void Store::repair_tables(Now now) {
  try {
    writer_->ledger->repair(now.wall);
  } catch (const std::exception& error) {
    differences_.push_back(std::string("they could not be put right: ") + error.what());
  }
}

void Store::close() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(writer_->mutex);
  writer_->closing = true;
  writer_->may_leave_mark = !may_be_incomplete_;
  writer_->wake.notify_one();
  // A hung disk must not keep the daemon from ending.
  const bool has_ended =
      writer_->ended.wait_for(lock, longest_close, [this] { return writer_->is_done; });
  lock.unlock();
  if (has_ended) {
    thread_.join();
  } else {
    writer_->forget_questions();
    leave_behind(std::move(thread_));
  }
}

// The audit may not have the release that was read last: it could not be written in time.
void Store::restore_release(Now now) {
  const SqliteDatabase& database = *writer_->database;
  writer_->audit_seq = writer_->ledger->head().seq;
  if (!writer_->ledger->problem().empty()) return;
  SqliteStatement row(database, "SELECT value FROM note WHERE name = ?");
  row.bind(1, release_note);
  if (!row.step()) return;
  const auto saved = release_from_json(row.text(0));
  Decisions& decisions = loaded_.decisions;
  if (!saved || saved->audit_seq < decisions.release_seq || saved->release == decisions.release)
    return;
  decisions.release = saved->release;
  writer_->keep({"release", "gonogo", now.wall, release_body(saved->release)});
}

void Store::load(Now now) {
  const SqliteDatabase& database = *writer_->database;
  SqliteStatement results(database, "SELECT check_id, fingerprint, boot_id, record FROM result");
  while (results.step()) {
    const bool same_boot = is_this_boot(results.text(2));
    auto record = record_from_json(results.text(3), same_boot, now);
    if (record) loaded_.checks[results.text(0)] = {results.text(1), std::move(*record)};
  }
  SqliteStatement pushes(database, "SELECT check_id, record FROM push");
  while (pushes.step()) {
    if (auto record = push_from_json(pushes.text(1), now))
      loaded_.pushes[pushes.text(0)] = std::move(*record);
  }
  SqliteStatement notes(database, "SELECT name, record FROM probe_note");
  while (notes.step()) loaded_.notes[notes.text(0)] = notes.text(1);
  loaded_.decisions = writer_->ledger->load();
  restore_release(now);
  SqliteStatement verdict(database, "SELECT value FROM note WHERE name = 'verdict'");
  if (verdict.step()) {
    const std::string text = verdict.text(0);
    const auto since = parse_rfc3339(text.substr(text.find(' ') + 1));
    if (since && *since <= now.wall) loaded_.verdict = {text.starts_with("GO "), *since};
  }
  SqliteStatement gates(database, "SELECT value FROM note WHERE name = 'gates'");
  if (gates.step()) loaded_.gates = gates_from_json(gates.text(0), now);
}

void Store::save_check(const std::string& id, const std::string& fingerprint,
                       const CheckRecord& record, bool urgent) {
  if (!record.decisive) return;
  save(id, fingerprint, record, {record.decisive->at.steady, record.decisive->at.wall}, urgent);
}

void Store::save_turn(const std::string& id, const CheckRecord& record, Now now) {
  save(id, "", record, now, false);
}

void Store::save(const std::string& id, const std::string& fingerprint, const CheckRecord& record,
                 Now now, bool urgent) {
  writer_->add(
      {"result", id, fingerprint, to_json(record, now), now.wall.time_since_epoch().count()},
      urgent);
}

void Store::forget_check(const std::string& id) { writer_->add({"result", id, "", "", 0}, true); }

void Store::forget_push(const std::string& id) { writer_->add({"push", id, "", "", 0}, true); }

void Store::save_push(const std::string& id, const PushRecord& record, Saved saved) {
  const WallTime at =
      std::max(record.succeeded.value_or(WallTime{}),
               std::max(record.failed.value_or(WallTime{}), record.started.value_or(WallTime{})));
  writer_->add({"push", id, "", to_json(record), at.time_since_epoch().count()}, true,
               std::move(saved));
}

void Store::save_note(const std::string& name, const std::string& note, WallTime now) {
  notes_[name] = note;
  writer_->add({"probe_note", name, "", note, now.time_since_epoch().count()}, false);
}

std::optional<std::string> Store::note(const std::string& name) const {
  for (const auto* notes : {&notes_, &loaded_.notes}) {
    if (const auto found = notes->find(name); found != notes->end()) return found->second;
  }
  return std::nullopt;
}

void Store::save_verdict(bool go, WallTime since) {
  writer_->add({"note", "verdict", "", (go ? "GO " : "NO-GO ") + to_rfc3339(since, true), 0}, true);
}

void Store::save_gates(const Snapshot& snapshot) {
  writer_->add({"note", "gates", "", gates_to_json(snapshot), 0}, true);
}

void Store::save_transition(Transition transition) { writer_->add(std::move(transition)); }

void Store::save_change(VerdictChange change) { writer_->add(std::move(change)); }

void Store::save_progress(const Deployment& deployment) { writer_->add(deployment); }

void Store::save_release(const std::string& release) {
  std::int64_t seq = 0;
  {
    const std::scoped_lock lock(writer_->mutex);
    seq = writer_->audit_seq;
  }
  writer_->add({"note", release_note, "", release_to_json({release, seq}), 0}, true);
}

void Store::write_later(Deed deed) { writer_->keep(std::move(deed)); }

Store::Asked Store::decide(Deed deed, Answer answer) {
  const auto head = std::make_shared<AuditHead>();
  auto question = std::make_shared<StoreWriter::Question>();
  question->is_decision = true;
  question->work = [head, deed = std::move(deed)](SqliteDatabase&, Ledger& ledger) {
    *head = ledger.write(deed);
  };
  question->answer = [head, answer = std::move(answer)](const std::string& failure) {
    if (failure.empty()) {
      answer(*head);
    } else {
      answer(tl::make_unexpected(failure));
    }
  };
  writer_->begin(question);
  return question;
}

bool Store::take_back(const Asked& asked) {
  return writer_->take_back(std::static_pointer_cast<StoreWriter::Question>(asked));
}

tl::expected<std::string, std::string> Store::history(HistoryQuestion question) {
  return read([question = std::move(question)](SqliteDatabase& database, Ledger&) {
    return history_json(database, question);
  });
}

tl::expected<std::string, std::string> Store::audit_page(std::int64_t after, std::int64_t limit) {
  return read(
      [after, limit](SqliteDatabase&, Ledger& ledger) { return ledger.page(after, limit); });
}

tl::expected<std::string, std::string> Store::deployments(std::int64_t limit) {
  return read([limit](SqliteDatabase&, Ledger& ledger) { return ledger.deployments(limit); });
}

tl::expected<std::string, std::string> Store::read(
    std::function<std::string(SqliteDatabase&, Ledger&)> question) {
  const auto text = std::make_shared<std::string>();
  const std::string failure = writer_->ask(
      [text, question = std::move(question)](SqliteDatabase& database, Ledger& ledger) {
        *text = question(database, ledger);
      });
  if (!failure.empty()) return tl::make_unexpected(failure);
  return std::move(*text);
}

void Store::prune(WallTime history, std::optional<WallTime> audit) {
  writer_->ask([history, audit](SqliteDatabase& database, Ledger& ledger) {
    prune_history(database, history);
    if (audit) ledger.prune(*audit);
  });
}

std::string Store::audit_problem() const { return writer_->audit_problem; }

Store::Progress Store::progress() const {
  const std::scoped_lock lock(writer_->mutex);
  const bool is_deciding = !writer_->questions.empty() || writer_->begun;
  const bool waits =
      !writer_->kept.empty() || !writer_->waiting.empty() || !writer_->history.empty();
  return {writer_->commits, waits || writer_->is_writing, is_deciding};
}

std::string Store::problem() const {
  const std::scoped_lock lock(writer_->mutex);
  return writer_->problem;
}

}  // namespace gonogo
