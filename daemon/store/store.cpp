#include "daemon/store/store.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "daemon/store/record_json.h"
#include "daemon/store/sqlite.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t schema_version = 1;
constexpr auto batch_every = 100ms;
constexpr auto retry_every = 5s;
constexpr auto last_words = 2s;

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

std::string read_boot_id() {
  std::array<char, 64> text{};
  std::FILE* file = std::fopen("/proc/sys/kernel/random/boot_id", "re");
  if (file == nullptr) return {};
  if (std::fgets(text.data(), text.size(), file) == nullptr) text[0] = '\0';
  std::fclose(file);
  return text.data();
}

// Mode 0600 from the beginning: SQLite gives its other files the same.
void make_private(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) ::mkdir(folder.c_str(), 0700);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw SqliteError(SQLITE_CANTOPEN, path + ": " + std::strerror(errno));
  ::close(fd);
}

std::unique_ptr<SqliteDatabase> open_database(const std::string& path) {
  make_private(path);
  auto database = std::make_unique<SqliteDatabase>(path);
  // One process at a time: two would overwrite each other's results.
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
  database->run("PRAGMA user_version = " + std::to_string(schema_version));
  return database;
}

void set_aside(const std::string& path, Now now) {
  const std::string suffix =
      ".damaged-" + std::to_string(static_cast<std::int64_t>(to_epoch(now.wall)));
  for (const char* part : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::rename(path + part, path + suffix + part, ignored);
  }
}

struct Row {
  std::string table;  // "result", "push", "probe_note" or "note"
  std::string key;
  std::string fingerprint;
  std::string record;
  std::int64_t saved_at = 0;
};

}  // namespace

// The queue to the writer thread, and the thread's own database.
struct Store::Writer {
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable ended;
  std::map<std::pair<std::string, std::string>, Row> waiting;  // by table and key: the newest wins
  bool urgent = false;
  bool closing = false;
  bool is_done = false;
  std::string problem;

  std::unique_ptr<SqliteDatabase> database;  // the thread's alone, once it runs
  std::string boot_id;

  void add(Row row, bool is_urgent) {
    const std::scoped_lock lock(mutex);
    std::pair key{row.table, row.key};
    waiting.insert_or_assign(std::move(key), std::move(row));
    if (is_urgent && !urgent) {
      urgent = true;
      wake.notify_one();
    }
  }

  void write(const std::map<std::pair<std::string, std::string>, Row>& rows) {
    database->run("BEGIN IMMEDIATE");
    try {
      SqliteStatement result(*database, "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?)");
      SqliteStatement push(*database, "INSERT OR REPLACE INTO push VALUES (?, ?, ?)");
      SqliteStatement probe_note(*database, "INSERT OR REPLACE INTO probe_note VALUES (?, ?, ?)");
      SqliteStatement note(*database, "INSERT OR REPLACE INTO note VALUES (?, ?)");
      for (const auto& [key, row] : rows) {
        SqliteStatement& statement = row.table == "result"       ? result
                                     : row.table == "push"       ? push
                                     : row.table == "probe_note" ? probe_note
                                                                 : note;
        int parameter = 0;
        statement.bind(++parameter, row.key);
        if (row.table == "result") {
          statement.bind(++parameter, row.fingerprint);
          statement.bind(++parameter, boot_id);
        }
        statement.bind(++parameter, row.record);
        if (row.table != "note") statement.bind(++parameter, row.saved_at);
        statement.step();
        statement.reset();
      }
      database->run("COMMIT");
    } catch (const SqliteError&) {
      sqlite3_exec(database->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
  }

  void work() {
    // Saving may wait, looking may not. Where this is refused, it goes on as it was.
    ::setpriority(PRIO_PROCESS, 0, 10);
    std::unique_lock lock(mutex);
    auto pause = std::chrono::milliseconds{batch_every};
    while (true) {
      wake.wait_for(lock, pause, [this] { return urgent || closing; });
      urgent = false;
      if (waiting.empty()) {
        if (closing) break;
        continue;
      }
      auto rows = std::move(waiting);
      waiting.clear();
      lock.unlock();
      std::string failure;
      try {
        write(rows);
      } catch (const SqliteError& error) {
        failure = error.what();
      }
      lock.lock();
      problem = failure;
      pause = failure.empty() ? std::chrono::milliseconds{batch_every}
                              : std::chrono::milliseconds{retry_every};
      // What could not be written waits, unless something newer took its place.
      if (!failure.empty()) waiting.merge(rows);
      if (closing && (waiting.empty() || !failure.empty())) break;
      if (closing) urgent = true;
    }
    database.reset();
    is_done = true;
    ended.notify_all();
  }
};

Store::Store(std::string path, Duration retention, Now now)
    : path_(std::move(path)), writer_(std::make_shared<Writer>()) {
  writer_->boot_id = read_boot_id();
  try {
    try {
      writer_->database = open_database(path_);
    } catch (const SqliteError& error) {
      if (!error.means_damage()) throw;
      set_aside(path_, now);
      writer_->database = open_database(path_);
    }
    load(now);
    const auto oldest = (now.wall - retention).time_since_epoch() / 1us;
    for (const char* table : {"result", "push", "probe_note"}) {
      writer_->database->run(std::string("DELETE FROM ") + table + " WHERE saved_at < " +
                             std::to_string(static_cast<std::int64_t>(oldest)));
    }
  } catch (const SqliteError& error) {
    writer_->problem = error.what();
    writer_->database.reset();
    return;
  }
  std::thread([writer = writer_] { writer->work(); }).detach();
}

void Store::close() {
  std::unique_lock lock(writer_->mutex);
  if (!writer_->database && !writer_->problem.empty()) return;
  writer_->closing = true;
  writer_->wake.notify_one();
  // A hung disk must not keep the daemon from ending.
  writer_->ended.wait_for(lock, last_words, [this] { return writer_->is_done; });
}

void Store::load(Now now) {
  const SqliteDatabase& database = *writer_->database;
  SqliteStatement results(database, "SELECT check_id, fingerprint, boot_id, record FROM result");
  while (results.step()) {
    const bool same_boot = !writer_->boot_id.empty() && results.text(2) == writer_->boot_id;
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
  SqliteStatement verdict(database, "SELECT value FROM note WHERE name = 'verdict'");
  if (verdict.step()) {
    const std::string text = verdict.text(0);
    const auto since = parse_rfc3339(text.substr(text.find(' ') + 1));
    if (since && *since <= now.wall) loaded_.verdict = {text.starts_with("GO "), *since};
  }
}

void Store::save_check(const std::string& id, const std::string& fingerprint,
                       const CheckRecord& record, bool urgent) {
  if (!record.decisive) return;
  const Now now{record.decisive->at.steady, record.decisive->at.wall};
  writer_->add(
      {"result", id, fingerprint, to_json(record, now), now.wall.time_since_epoch().count()},
      urgent);
}

void Store::save_push(const std::string& id, const PushRecord& record) {
  const WallTime at =
      std::max(record.succeeded.value_or(WallTime{}),
               std::max(record.failed.value_or(WallTime{}), record.started.value_or(WallTime{})));
  writer_->add({"push", id, "", to_json(record), at.time_since_epoch().count()}, true);
}

void Store::save_note(const std::string& name, const std::string& note, WallTime now) {
  writer_->add({"probe_note", name, "", note, now.time_since_epoch().count()}, false);
}

void Store::save_verdict(bool go, WallTime since) {
  writer_->add({"note", "verdict", "", (go ? "GO " : "NO-GO ") + to_rfc3339(since, true), 0}, true);
}

std::string Store::problem() const {
  const std::scoped_lock lock(writer_->mutex);
  return writer_->problem;
}

}  // namespace gonogo
