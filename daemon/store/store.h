// What has to outlive the process, in an embedded SQLite file. Nobody waits for it: saving hands
// over to one writer thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/board.h"
#include "daemon/core/heartbeat_pushes.h"

namespace gonogo {

struct StoredCheck {
  std::string fingerprint;
  CheckRecord record;  // its times are on the present clocks
};

struct StoredState {
  std::map<std::string, StoredCheck> checks;  // by check id
  std::map<std::string, PushRecord> pushes;   // by check id
  std::map<std::string, std::string> notes;   // of probes, by name
  std::optional<std::pair<bool, WallTime>> verdict;
};

class Store {
 public:
  // Opens or makes the file at `path` (mode 0600). A damaged one is set aside and a new one begun;
  // whatever else is wrong leaves a store that saves nothing and says why in problem().
  Store(std::string path, Duration retention, Now now);
  ~Store() { close(); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // What was there when the store was opened. Ages are told on the present clocks: by the boot
  // clock within one boot, else by the wall clock, and never younger than either says. A record
  // from the future is not there.
  const StoredState& loaded() const { return loaded_; }

  // `urgent`: at once, not with the next batch. Only the newest record of a check is kept.
  void save_check(const std::string& id, const std::string& fingerprint, const CheckRecord& record,
                  bool urgent);
  void save_push(const std::string& id, const PushRecord& record);
  void save_note(const std::string& name, const std::string& note, WallTime now);
  void save_verdict(bool go, WallTime since);

  // Writes what is left, for at most two seconds; nothing is saved after it.
  void close();

  // Why nothing is saved at present; empty when all is well.
  std::string problem() const;

 private:
  struct Writer;
  void load(Now now);

  std::string path_;
  StoredState loaded_;
  std::shared_ptr<Writer> writer_;
};

}  // namespace gonogo
