// Owns SQLite's C handles and checks every call.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gonogo {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  // The file is no database or is damaged: it can only be replaced.
  bool means_damage() const {
    return (code_ & 0xFF) == SQLITE_CORRUPT || (code_ & 0xFF) == SQLITE_NOTADB;
  }

 private:
  int code_;
};

class SqliteDatabase {
 public:
  enum class Access : std::uint8_t { read, write };

  // `shown_as`: the path in messages, where it is another than `path`.
  explicit SqliteDatabase(const std::string& path, Access access = Access::write,
                          const std::string& shown_as = {});
  ~SqliteDatabase() { sqlite3_close_v2(handle_); }
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  void run(const std::string& statements);
  std::int64_t number(const std::string& query);
  sqlite3* handle() const { return handle_; }
  // Throws what `code` means for this file, and what to do; no message holds a statement.
  [[noreturn]] void refuse(int code) const;

 private:
  std::string path_;  // as it is shown
  sqlite3* handle_ = nullptr;
};

// Rolled back unless it is committed.
class SqliteTransaction {
 public:
  // When commit() comes back, it outlives this process; or also a power failure.
  enum class Ends : std::uint8_t { written, on_disk };

  SqliteTransaction(SqliteDatabase& database, Ends ends);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  void commit();

 private:
  SqliteDatabase& database_;
  bool is_done_ = false;
};

// A prepared statement; parameters count from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteDatabase& database, std::string_view text);
  ~SqliteStatement() { sqlite3_finalize(handle_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::int64_t number);
  bool step();  // false when there is no further row
  void reset();
  std::string text(int column) const;
  std::int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }

 private:
  const SqliteDatabase& database_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace gonogo
