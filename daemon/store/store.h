// Keeps in an embedded SQLite file what has to outlive the process. Saving does not wait for the
// disk: one writer thread does the work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>

#include "daemon/core/board.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/core/snapshot.h"
#include "daemon/store/history.h"
#include "daemon/store/ledger.h"

namespace gonogo {

struct StoreWriter;

struct StoredCheck {
  std::string fingerprint;
  CheckRecord record;  // its times are on the present clocks; without results if it had none
};

struct StoredState {
  std::map<std::string, StoredCheck> checks;  // by check id
  std::map<std::string, PushRecord> pushes;   // by check id
  std::map<std::string, std::string> notes;   // notes of probes, by name
  std::optional<std::pair<bool, WallTime>> verdict;
  std::map<std::string, std::pair<bool, WallTime>> gates;  // their verdicts, by id
  Decisions decisions;
};

class Store {
 public:
  // Opens the file at `path`, or makes it with mode 0600. A damaged file is renamed and a new one
  // is made. After any other error the store saves nothing, and problem() says why.
  Store(std::string path, Duration retention, Now now);
  ~Store() { close(); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The content of the store when it was opened. Ages are converted to the present clocks: by the
  // boot clock within one boot, else by the wall clock, and always the older of the two. Records
  // dated in the future are left out.
  const StoredState& loaded() const { return loaded_; }

  // An `urgent` record is written at once, not with the next batch. Only the newest record of a
  // check is kept.
  void save_check(const std::string& id, const std::string& fingerprint, const CheckRecord& record,
                  bool urgent);
  // How a check without results of its own was judged last.
  void save_turn(const std::string& id, const CheckRecord& record, Now now);
  // A later process finds no record of this check, unless a newer one is saved.
  void forget_check(const std::string& id);
  void forget_push(const std::string& id);
  // `saved` is called once, unless the store closes on a hung disk, by any thread: when this record
  // or a newer one of the check is on disk, or with why it is not yet.
  using Saved = std::function<void(const std::string& failure)>;
  void save_push(const std::string& id, const PushRecord& record, Saved saved = {});
  void save_note(const std::string& name, const std::string& note, WallTime now);
  // The note last saved under this name, by this process or a former one.
  std::optional<std::string> note(const std::string& name) const;
  void save_verdict(bool go, WallTime since);
  void save_gates(const Snapshot& snapshot);
  void save_transition(Transition transition);
  void save_change(VerdictChange change);
  void save_progress(const Deployment& deployment);

  // Which release it is, as something else than a decision says. It counts in a later process until
  // the audit has a newer one.
  void save_release(const std::string& release);
  // What is in force already, in this order and before all later decisions: it is tried again until
  // it is written, at the latest when the store closes. A release replaces one that waits, and so
  // does a configuration.
  void write_later(Deed deed);

  // A decision. `answer` is called once, by another thread: with its place in the audit when it is
  // on disk, else with why it is not and will not be.
  using Answer = std::function<void(tl::expected<AuditHead, std::string>)>;
  using Asked = std::shared_ptr<void>;
  Asked decide(Deed deed, Answer answer);
  // It shall not be written any more; then it is never answered. False when it is too late for
  // that: the answer will come when the disk has answered.
  bool take_back(const Asked& asked);

  // These wait for the disk: call them from the blocking pool.
  tl::expected<std::string, std::string> history(HistoryQuestion question);
  tl::expected<std::string, std::string> audit_page(std::int64_t after, std::int64_t limit);
  tl::expected<std::string, std::string> deployments(std::int64_t limit);
  // Deletes history from before `history`, and audit entries from before `audit` if it is given.
  void prune(WallTime history, std::optional<WallTime> audit);

  // The store says again how everything is: what was restored after a crash was judged anew. Until
  // then an orderly end after a crash does not make good for it.
  void trust_again() { may_be_incomplete_ = false; }

  // Writes what is left, for at most two seconds. Nothing is saved afterwards, and nothing is
  // answered.
  void close();

  // Why what was stored before is not known, and what to do; empty when it is. There was a file,
  // and it could not be opened, or was damaged, or is empty.
  const std::string& was_lost() const { return was_lost_; }

  // Whether the process that had this store before has saved everything it knew when it ended, and
  // so had the one before, or this one has judged anew what that may have lost.
  // After a crash, or an end on a full disk, a result that is loaded may not be the last one.
  bool was_closed_well() const { return was_closed_well_; }

  // How many times what was waiting has been saved, and whether something waits now: a store that
  // has something to save and whose number stands still does not save.
  struct Progress {
    std::uint64_t commits = 0;
    bool has_unsaved = false;
    bool is_deciding = false;  // somebody waits for it
  };
  Progress progress() const;
  // Why nothing is saved at present; empty when saving works.
  std::string problem() const;
  // Why nothing can be decided and no stored decision counts; empty when the audit is good.
  std::string audit_problem() const;
  // What the tables beside the audit said differently when the store was opened, one line each. The
  // audit counts, and the tables are as it says again.
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  void save(const std::string& id, const std::string& fingerprint, const CheckRecord& record,
            Now now, bool urgent);
  void load(Now now);
  void restore_release(Now now);
  void repair_tables(Now now);
  tl::expected<std::string, std::string> read(
      std::function<std::string(SqliteDatabase&, Ledger&)> question);

  std::string path_;
  StoredState loaded_;
  std::string was_lost_;
  bool was_closed_well_ = false;
  bool may_be_incomplete_ = false;
  std::map<std::string, std::string> notes_;  // saved since
  std::vector<std::string> differences_;
  std::shared_ptr<StoreWriter> writer_;
  std::thread thread_;  // the writer's
};

}  // namespace gonogo
