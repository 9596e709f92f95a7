// A disk that is full, or that hangs, when a test says so: below SQLite, for every file that it
// opens while this lives.
#pragma once

#include <sqlite3.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

namespace gonogo {

class ScriptedDisk {
 public:
  ScriptedDisk() {
    theirs_ = sqlite3_vfs_find(nullptr);
    ours_ = *theirs_;
    ours_.zName = "scripted";
    ours_.xOpen = open;
    current_ = this;
    sqlite3_vfs_register(&ours_, 1);
  }
  ~ScriptedDisk() {
    thaw();
    sqlite3_vfs_unregister(&ours_);
    sqlite3_vfs_register(theirs_, 1);
  }
  ScriptedDisk(const ScriptedDisk&) = delete;
  ScriptedDisk& operator=(const ScriptedDisk&) = delete;

  // Nothing can be written while it is full.
  void fill(bool is_full = true) {
    const std::scoped_lock lock(mutex_);
    is_full_ = is_full;
  }
  // Whoever writes hangs until it thaws.
  void freeze() {
    const std::scoped_lock lock(mutex_);
    is_frozen_ = true;
  }
  void thaw() {
    const std::scoped_lock lock(mutex_);
    is_frozen_ = false;
    changed_.notify_all();
  }
  // Until somebody hangs.
  void await_hanging() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return hanging_ > 0; });
  }

 private:
  struct Methods {
    sqlite3_io_methods ours{};
    const sqlite3_io_methods* theirs = nullptr;
  };

  bool may_write() {
    std::unique_lock lock(mutex_);
    ++hanging_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_frozen_; });
    --hanging_;
    return !is_full_;
  }

  static const sqlite3_io_methods* theirs(sqlite3_file* file) {
    return reinterpret_cast<const Methods*>(file->pMethods)->theirs;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    if (!current_->may_write()) return SQLITE_FULL;
    return theirs(file)->xWrite(file, data, size, at);
  }
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* got) {
    ScriptedDisk& disk = *current_;
    const int result = disk.theirs_->xOpen(disk.theirs_, name, file, flags, got);
    if (result != SQLITE_OK || file->pMethods == nullptr) return result;
    const std::scoped_lock lock(disk.mutex_);
    auto& methods = disk.methods_[file->pMethods];
    if (!methods) {
      methods = std::make_unique<Methods>();
      methods->ours = *file->pMethods;
      methods->ours.xWrite = write;
      methods->theirs = file->pMethods;
    }
    file->pMethods = &methods->ours;
    return result;
  }

  static inline ScriptedDisk* current_ = nullptr;
  sqlite3_vfs* theirs_ = nullptr;
  sqlite3_vfs ours_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_full_ = false;
  bool is_frozen_ = false;
  int hanging_ = 0;
  std::map<const sqlite3_io_methods*, std::unique_ptr<Methods>> methods_;
};

}  // namespace gonogo
