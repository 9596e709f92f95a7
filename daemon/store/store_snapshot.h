// A copy of a store as it was at one moment, for whoever reads it beside the daemon that has it
// open.
#pragma once

#include <memory>
#include <string>

#include "daemon/store/sqlite.h"

namespace gonogo {

// Only reads the files of the store and takes no lock on them, so it disturbs nobody. The files of
// the copy are its owner's alone, and unlinked as soon as they are open. Throws SqliteError, whose
// text names the store.
class StoreSnapshot {
 public:
  explicit StoreSnapshot(const std::string& path);
  ~StoreSnapshot() = default;
  StoreSnapshot(const StoreSnapshot&) = delete;
  StoreSnapshot& operator=(const StoreSnapshot&) = delete;

  const SqliteDatabase& database() const { return *database_; }

 private:
  void copy(const std::string& path);

  std::string folder_;
  std::unique_ptr<SqliteDatabase> database_;
};

}  // namespace gonogo
