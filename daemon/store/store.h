// What has to outlive the process, in an embedded SQLite file. Nobody waits for it: saving hands
// over to one writer thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "daemon/core/board.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/store/history.h"
#include "daemon/store/ledger.h"

namespace gonogo {

struct StoreWriter;

struct StoredCheck {
  std::string fingerprint;
  CheckRecord record;  // its times are on the present clocks
};

struct StoredState {
  std::map<std::string, StoredCheck> checks;  // by check id
  std::map<std::string, PushRecord> pushes;   // by check id
  std::map<std::string, std::string> notes;   // of probes, by name
  std::optional<std::pair<bool, WallTime>> verdict;
  Decisions decisions;
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
  void save_transition(Transition transition);
  void save_change(VerdictChange change);
  void save_progress(const Deployment& deployment);

  // These wait for the disk: call them from the blocking pool. A decision that comes back with a
  // head is on disk; one that comes back with a problem has had no effect, unless it says that this
  // is not known.
  tl::expected<AuditHead, std::string> decide(Deed deed);
  tl::expected<std::string, std::string> history(HistoryQuestion question);
  tl::expected<std::string, std::string> audit_page(std::int64_t after, std::int64_t limit);
  tl::expected<std::string, std::string> deployments(std::int64_t limit);
  // Forgets history from before `history`, and audit entries from before `audit` where one is
  // given.
  void prune(WallTime history, std::optional<WallTime> audit);

  // Writes what is left, for at most two seconds; nothing is saved after it.
  void close();

  // Why nothing is saved at present; empty when all is well.
  std::string problem() const;
  // Why nobody can decide anything and no stored decision counts; empty when all is well.
  std::string audit_problem() const;

 private:
  void load(Now now);
  tl::expected<std::string, std::string> read(
      std::function<std::string(SqliteDatabase&, Ledger&)> question);

  std::string path_;
  StoredState loaded_;
  std::shared_ptr<StoreWriter> writer_;
};

}  // namespace gonogo
