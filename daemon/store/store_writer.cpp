#include "daemon/store/store_writer.h"

#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr auto batch_every = 100ms;
constexpr auto retry_every = 5s;
constexpr auto retry_mark_every = 1s;
constexpr auto longest_question = 10s;
// How many history events wait while the disk takes none; then the oldest are dropped.
constexpr std::size_t most_history_waiting = 10'000;
// How many callers wait for the disk; each of them gives up long before there are more.
constexpr std::size_t most_awaited = 10'000;

bool is_replaced_by_the_next(const Deed& deed) {
  return deed.what == "release" || deed.what == "configuration";
}

}  // namespace

void StoreWriter::add(Row row, bool is_urgent, Saved saved) {
  const std::scoped_lock lock(mutex);
  if (saved && (is_done || !database)) {
    saved(problem.empty() ? "the store is closed" : problem);
  } else if (saved && awaited.size() >= most_awaited) {
    saved("the disk hangs, and " + std::to_string(most_awaited) + " wait for it already");
  } else if (saved) {
    awaited.push_back(std::move(saved));
  }
  std::pair key{row.table, row.key};
  waiting.insert_or_assign(std::move(key), std::move(row));
  if (is_urgent && !urgent) {
    urgent = true;
    wake.notify_one();
  }
}

void StoreWriter::add(HistoryEvent event) {
  const std::scoped_lock lock(mutex);
  if (history.size() >= most_history_waiting) history.pop_front();
  history.push_back(std::move(event));
}

void StoreWriter::keep(Deed deed) {
  const std::scoped_lock lock(mutex);
  if (is_replaced_by_the_next(deed))
    std::erase_if(kept, [&](const Deed& older) { return older.what == deed.what; });
  kept.push_back(std::move(deed));
  urgent = true;
  wake.notify_one();
}

std::string StoreWriter::ask(std::function<void(SqliteDatabase&, Ledger&)> work) {
  const auto question = std::make_shared<Question>();
  question->work = std::move(work);
  begin(question);
  std::unique_lock lock(mutex);
  answered.wait_for(lock, longest_question, [&] { return question->is_done; });
  if (question->is_done) return question->failure;
  std::erase(questions, question);
  return "the disk has been busy for " + to_words(longest_question);
}

void StoreWriter::begin(const Asked& question) {
  const std::scoped_lock lock(mutex);
  if (is_done || closing || !database) {
    end(question, problem.empty() ? "the store is closed" : problem);
    return;
  }
  questions.push_back(question);
  urgent = true;
  wake.notify_one();
}

bool StoreWriter::take_back(const Asked& question) {
  const std::scoped_lock lock(mutex);
  return std::erase(questions, question) > 0;
}

void StoreWriter::forget_questions() {
  const std::scoped_lock lock(mutex);
  if (begun) begun->answer = {};
  questions.clear();
  awaited.clear();
  answering.clear();
}

void StoreWriter::end(const Asked& question, const std::string& failure) {
  question->failure = failure;
  question->is_done = true;
  if (const auto answer = std::exchange(question->answer, {})) answer(failure);
  answered.notify_all();
}

void StoreWriter::answer_questions(std::unique_lock<std::mutex>& lock) {
  while (!questions.empty()) {
    const Asked question = questions.front();
    if (question->is_decision) {
      const std::string failure = write_kept(lock);
      // It may have been taken back meanwhile.
      if (questions.empty() || questions.front() != question) continue;
      if (!failure.empty()) {
        questions.pop_front();
        end(question, failure);
        continue;
      }
    }
    questions.pop_front();
    question->is_begun = true;
    begun = question;
    lock.unlock();
    std::string failure;
    try {
      question->work(*database, *ledger);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    lock.lock();
    begun.reset();
    audit_seq = ledger->head().seq;
    end(question, failure);
  }
}

std::string StoreWriter::write_kept(std::unique_lock<std::mutex>& lock) {
  while (!kept.empty()) {
    const Deed deed = std::move(kept.front());
    kept.pop_front();
    is_writing = true;
    lock.unlock();
    std::string failure;
    try {
      ledger->write(deed);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    lock.lock();
    is_writing = false;
    audit_seq = ledger->head().seq;
    if (failure.empty()) {
      ++commits;
      continue;
    }
    // Nothing is ever written into an audit that cannot be trusted.
    if (ledger->is_closed()) continue;
    const auto is_newer = [&deed](const Deed& other) { return other.what == deed.what; };
    if (!is_replaced_by_the_next(deed) || std::none_of(kept.begin(), kept.end(), is_newer))
      kept.push_front(deed);
    return failure;
  }
  return {};
}

void StoreWriter::write_history(const std::deque<HistoryEvent>& events) {
  for (const auto& event : events) {
    if (const auto* transition = std::get_if<Transition>(&event))
      gonogo::write(*database, *transition);
    if (const auto* change = std::get_if<VerdictChange>(&event)) gonogo::write(*database, *change);
    if (const auto* deployment = std::get_if<Deployment>(&event))
      ledger->save_progress(*deployment);
  }
}

void StoreWriter::write(const Rows& rows, const std::deque<HistoryEvent>& events, bool is_awaited) {
  using Ends = SqliteTransaction::Ends;
  SqliteTransaction transaction(*database, is_awaited ? Ends::on_disk : Ends::written);
  SqliteStatement result(*database, "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?)");
  SqliteStatement push(*database, "INSERT OR REPLACE INTO push VALUES (?, ?, ?)");
  SqliteStatement probe_note(*database, "INSERT OR REPLACE INTO probe_note VALUES (?, ?, ?)");
  SqliteStatement note(*database, "INSERT OR REPLACE INTO note VALUES (?, ?)");
  for (const auto& [key, row] : rows) {
    SqliteStatement& statement = row.table == "result"       ? result
                                 : row.table == "push"       ? push
                                 : row.table == "probe_note" ? probe_note
                                                             : note;
    int parameter = 0;
    statement.bind(++parameter, row.key);
    if (row.table == "result") {
      statement.bind(++parameter, row.fingerprint);
      statement.bind(++parameter, boot_id);
    }
    statement.bind(++parameter, row.record);
    if (row.table != "note") statement.bind(++parameter, row.saved_at);
    statement.step();
    statement.reset();
  }
  write_history(events);
  transaction.commit();
}

std::string StoreWriter::write_rows(std::unique_lock<std::mutex>& lock) {
  if (waiting.empty() && history.empty()) return {};
  auto rows = std::move(waiting);
  waiting.clear();
  auto events = std::move(history);
  history.clear();
  answering = std::exchange(awaited, {});
  const bool is_awaited = !answering.empty();
  is_writing = true;
  lock.unlock();
  std::string failure;
  try {
    write(rows, events, is_awaited);
  } catch (const SqliteError& error) {
    failure = error.what();
  }
  lock.lock();
  is_writing = false;
  for (const Saved& saved : std::exchange(answering, {})) saved(failure);
  if (failure.empty()) {
    ++commits;
    return {};
  }
  // Rows that could not be written are tried again, unless newer ones have replaced them.
  waiting.merge(rows);
  history.insert(history.begin(), std::make_move_iterator(events.begin()),
                 std::make_move_iterator(events.end()));
  return failure;
}

// Without it the next process trusts less of what it finds.
void StoreWriter::leave_mark(std::unique_lock<std::mutex>& lock) {
  if (has_unsaved() || !problem.empty() || !may_leave_mark) return;
  lock.unlock();
  try {
    mark->leave(*database);
  } catch (const SqliteError&) {
    // There is no room for it.
  }
  lock.lock();
}

void StoreWriter::take_mark_away() {
  std::unique_lock lock(mutex);
  bool is_gone = false;
  while (!is_gone) {
    lock.unlock();
    is_gone = mark->take_away();
    lock.lock();
    if (closing) break;
    if (!is_gone) wake.wait_for(lock, retry_mark_every, [this] { return closing; });
  }
  is_done = true;
  ended.notify_all();
}

void StoreWriter::work() {
  // Saving may wait, but checks must run on time. Without permission the priority stays as it is.
  ::setpriority(PRIO_PROCESS, 0, 10);
  std::unique_lock lock(mutex);
  auto pause = std::chrono::milliseconds{batch_every};
  while (true) {
    wake.wait_for(lock, pause, [this] { return urgent || closing; });
    urgent = false;
    const bool has_work = has_unsaved();
    std::string failure = write_kept(lock);
    answer_questions(lock);
    const std::string failure_of_rows = write_rows(lock);
    if (failure.empty()) failure = failure_of_rows;
    if (has_work) problem = failure;
    pause = failure.empty() ? std::chrono::milliseconds{batch_every}
                            : std::chrono::milliseconds{retry_every};
    if (closing && (!has_unsaved() || !failure.empty())) break;
    if (closing) urgent = true;
  }
  leave_mark(lock);
  ledger.reset();
  database.reset();
  is_done = true;
  for (const Asked& question : std::exchange(questions, {})) end(question, "the store is closed");
  for (const Saved& saved : std::exchange(awaited, {})) saved("the store is closed");
  answered.notify_all();
  ended.notify_all();
}

}  // namespace gonogo
