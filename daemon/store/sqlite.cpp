#include "daemon/store/sqlite.h"

namespace gonogo {
namespace {

[[noreturn]] void refuse(sqlite3* database, int code, const std::string& doing) {
  const char* text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  throw SqliteError(code, doing + ": " + text);
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::string& path, Access access) {
  const int flags =
      access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const SqliteError error(
        code, path + ": " + (handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)));
    sqlite3_close_v2(handle_);
    throw error;
  }
  sqlite3_busy_timeout(handle_, 500);
}

void SqliteDatabase::run(const std::string& statements) {
  const int code = sqlite3_exec(handle_, statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) refuse(handle_, code, statements.substr(0, 40));
}

std::int64_t SqliteDatabase::number(const std::string& query) {
  SqliteStatement statement(*this, query);
  return statement.step() ? statement.number(0) : 0;
}

SqliteStatement::SqliteStatement(const SqliteDatabase& database, std::string_view text)
    : database_(database.handle()) {
  const int code =
      sqlite3_prepare_v2(database_, text.data(), static_cast<int>(text.size()), &handle_, nullptr);
  if (code != SQLITE_OK) refuse(database_, code, std::string(text.substr(0, 40)));
}

void SqliteStatement::bind(int parameter, std::string_view text) {
  const int code = sqlite3_bind_text(handle_, parameter, text.data(), static_cast<int>(text.size()),
                                     SQLITE_TRANSIENT);
  if (code != SQLITE_OK) refuse(database_, code, "bind");
}

void SqliteStatement::bind(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(handle_, parameter, number);
  if (code != SQLITE_OK) refuse(database_, code, "bind");
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) refuse(database_, code, "step");
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
