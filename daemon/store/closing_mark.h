// Whether the process that had the store before has saved everything it knew.
#pragma once

#include <string>

#include "daemon/store/sqlite.h"

namespace gonogo {

// The mark is a random word that both the store and a file beside it hold. Taking it away needs no
// room on the disk, and a store that is put in the place of another has no mark.
class ClosingMark {
 public:
  // Before the store is opened. The mark is gone afterwards, even if the disk is full or the store
  // cannot be opened; not where nothing can be removed, as on a file system that is read-only.
  explicit ClosingMark(const std::string& store_path);
  // Whether there is none any more.
  bool take_away() const;

  // Whether the mark was that of this store.
  bool was_of(SqliteDatabase& database) const;
  // Everything is saved. Leaves no mark when it cannot be written.
  void leave(SqliteDatabase& database) const;

 private:
  std::string path_;
  std::string found_;
};

}  // namespace gonogo
