#include "daemon/store/sqlite.h"

#include <utility>

namespace gonogo {
namespace {

// What an error of SQLite means to whoever is responsible for the file.
std::string words_for(int code, const std::string& text) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "is in use by another process, such as a gonogo that runs already (stop that one, or "
             "set another store.path)";
    case SQLITE_FULL: return "its disk is full (make room; what waits is then saved)";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "cannot be written: " + text +
             " (wanted a file of the user that gonogo runs as, on a file system that is not "
             "read-only)";
    case SQLITE_CANTOPEN:
      return "cannot be opened: " + text +
             " (wanted a folder that is there, in which the user that gonogo runs as may write)";
    case SQLITE_IOERR: return "cannot be read or written: " + text + " (its disk may be failing)";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "is damaged, or no store of gonogo: " + text + " (put a copy of it back)";
    default: return "cannot be used as a store: " + text;
  }
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::string& path, Access access, const std::string& shown_as)
    : path_(shown_as.empty() ? path : shown_as) {
  const int flags =
      access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const SqliteError error(code, path_ + ": " +
                                      words_for(code, handle_ != nullptr ? sqlite3_errmsg(handle_)
                                                                         : sqlite3_errstr(code)));
    sqlite3_close_v2(handle_);
    throw error;
  }
  sqlite3_busy_timeout(handle_, 500);
}

void SqliteDatabase::refuse(int code) const {
  throw SqliteError(code, path_ + ": " + words_for(code, sqlite3_errmsg(handle_)));
}

void SqliteDatabase::run(const std::string& statements) {
  const int code = sqlite3_exec(handle_, statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) refuse(code);
}

std::int64_t SqliteDatabase::number(const std::string& query) {
  SqliteStatement statement(*this, query);
  return statement.step() ? statement.number(0) : 0;
}

SqliteTransaction::SqliteTransaction(SqliteDatabase& database, Ends ends) : database_(database) {
  if (ends == Ends::on_disk) database_.run("PRAGMA synchronous = FULL");
  database_.run("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
  if (!is_done_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_exec(database_.handle(), "PRAGMA synchronous = NORMAL", nullptr, nullptr, nullptr);
}

void SqliteTransaction::commit() {
  database_.run("COMMIT");
  is_done_ = true;
}

SqliteStatement::SqliteStatement(const SqliteDatabase& database, std::string_view text)
    : database_(database) {
  const int code = sqlite3_prepare_v2(database_.handle(), text.data(),
                                      static_cast<int>(text.size()), &handle_, nullptr);
  if (code != SQLITE_OK) database_.refuse(code);
}

void SqliteStatement::bind(int parameter, std::string_view text) {
  const int code = sqlite3_bind_text(handle_, parameter, text.data(), static_cast<int>(text.size()),
                                     SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_.refuse(code);
}

void SqliteStatement::bind(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(handle_, parameter, number);
  if (code != SQLITE_OK) database_.refuse(code);
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.refuse(code);
  return false;
}

void SqliteStatement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

std::string SqliteStatement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return text == nullptr
             ? std::string()
             : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

}  // namespace gonogo
