// The store's writer thread, its queues and its database.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/deployment.h"
#include "daemon/store/closing_mark.h"
#include "daemon/store/history.h"
#include "daemon/store/ledger.h"
#include "daemon/store/sqlite.h"

namespace gonogo {

struct StoreWriter {
  struct Row {
    std::string table;  // "result", "push", "probe_note" or "note"
    std::string key;
    std::string fingerprint;
    std::string record;
    std::int64_t saved_at = 0;
  };
  using Rows = std::map<std::pair<std::string, std::string>, Row>;  // by table and key
  // Called under the lock, with why what was added is not on disk, or with nothing.
  using Saved = std::function<void(const std::string& failure)>;
  using HistoryEvent = std::variant<Transition, VerdictChange, Deployment>;

  // Work on the database for a caller that waits for the result.
  struct Question {
    std::function<void(SqliteDatabase&, Ledger&)> work;
    // Called by the thread, under the lock, with why it was not done or with nothing.
    std::function<void(const std::string&)> answer;
    bool is_decision = false;  // comes after all deeds that are kept
    bool is_begun = false;
    bool is_done = false;
    std::string failure;
  };
  using Asked = std::shared_ptr<Question>;

  // These may be called from any thread. When a row is added twice, only the newer one is written.
  // `saved` is called once, by the thread or before this returns: also when too many wait already.
  void add(Row row, bool is_urgent, Saved saved = {});
  void add(HistoryEvent event);
  // What is in force already: it is tried again until it is written, in this order. Of what the
  // next of its kind replaces only the newest is kept.
  void keep(Deed deed);
  // Waits until the work is done; any thread may call it. Returns why it was not done, or nothing.
  std::string ask(std::function<void(SqliteDatabase&, Ledger&)> work);
  // Does not wait; `answer` may be called before this returns.
  void begin(const Asked& question);
  // False when it has begun: then its answer will come.
  bool take_back(const Asked& question);
  // Whoever waits is never answered: the thread hangs, and is left behind.
  void forget_questions();

  // The body of the thread of a store that could not be opened: what this process sees is not in
  // it. It ends after `closing`.
  void take_mark_away();
  // The body of the thread. It ends after `closing`, when everything that waits is written.
  void work();

  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable ended;
  std::condition_variable answered;
  Rows waiting;
  std::vector<Saved> awaited;    // that `waiting` is on disk
  std::vector<Saved> answering;  // that what is being written is
  std::deque<HistoryEvent> history;
  std::deque<Deed> kept;
  std::deque<Asked> questions;
  Asked begun;  // the question under way
  bool urgent = false;
  bool closing = false;
  bool may_leave_mark = true;  // when closing
  bool is_done = false;
  bool is_writing = false;
  std::uint64_t commits = 0;
  std::int64_t audit_seq = 0;  // of the last entry that was written
  std::string problem;         // why nothing is saved at present
  std::string audit_problem;   // found when the store was opened; never changes

  std::unique_ptr<SqliteDatabase> database;  // used only by the thread once it runs
  std::unique_ptr<Ledger> ledger;            // used only by the thread once it runs
  std::optional<ClosingMark> mark;
  std::string boot_id;

 private:
  bool has_unsaved() const { return !kept.empty() || !waiting.empty() || !history.empty(); }
  void end(const Asked& question, const std::string& failure);
  void answer_questions(std::unique_lock<std::mutex>& lock);
  // These return why not everything was written, or nothing.
  std::string write_kept(std::unique_lock<std::mutex>& lock);
  std::string write_rows(std::unique_lock<std::mutex>& lock);
  void leave_mark(std::unique_lock<std::mutex>& lock);
  void write(const Rows& rows, const std::deque<HistoryEvent>& events, bool is_awaited);
  void write_history(const std::deque<HistoryEvent>& events);
};

}  // namespace gonogo
