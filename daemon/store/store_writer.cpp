#include "daemon/store/store_writer.h"

#include <sys/resource.h>

#include <iterator>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr auto batch_every = 100ms;
constexpr auto retry_every = 5s;
constexpr auto longest_question = 10s;
// How many history events wait while the disk takes none; then the oldest are dropped.
constexpr std::size_t most_history_waiting = 10'000;

}  // namespace

void StoreWriter::add(Row row, bool is_urgent) {
  const std::scoped_lock lock(mutex);
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

std::string StoreWriter::ask(std::function<void(SqliteDatabase&, Ledger&)> work) {
  auto question = std::make_shared<Question>();
  question->work = std::move(work);
  std::unique_lock lock(mutex);
  if (is_done || closing || !database) return problem.empty() ? "the store is closed" : problem;
  questions.push_back(question);
  urgent = true;
  wake.notify_one();
  answered.wait_for(lock, longest_question, [&] { return question->is_done; });
  if (question->is_done) return question->failure;
  if (question->is_begun)
    return "the disk has not answered within " + to_words(longest_question) +
           ": it is not known whether the decision was saved";
  std::erase(questions, question);
  return "the disk has been busy with other writes for " + to_words(longest_question);
}

void StoreWriter::answer_questions(std::unique_lock<std::mutex>& lock) {
  while (!questions.empty()) {
    const std::shared_ptr<Question> question = questions.front();
    questions.pop_front();
    question->is_begun = true;
    lock.unlock();
    std::string failure;
    try {
      question->work(*database, *ledger);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    lock.lock();
    question->failure = failure;
    question->is_done = true;
    answered.notify_all();
  }
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

void StoreWriter::write(const Rows& rows, const std::deque<HistoryEvent>& events) {
  database->run("BEGIN IMMEDIATE");
  try {
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
    database->run("COMMIT");
  } catch (const SqliteError&) {
    sqlite3_exec(database->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void StoreWriter::work() {
  // Saving may wait, but checks must run on time. Without permission the priority stays as it is.
  ::setpriority(PRIO_PROCESS, 0, 10);
  std::unique_lock lock(mutex);
  auto pause = std::chrono::milliseconds{batch_every};
  while (true) {
    wake.wait_for(lock, pause, [this] { return urgent || closing; });
    urgent = false;
    answer_questions(lock);
    if (waiting.empty() && history.empty()) {
      if (closing) break;
      continue;
    }
    auto rows = std::move(waiting);
    waiting.clear();
    auto events = std::move(history);
    history.clear();
    is_writing = true;
    lock.unlock();
    std::string failure;
    try {
      write(rows, events);
    } catch (const SqliteError& error) {
      failure = error.what();
    }
    lock.lock();
    is_writing = false;
    if (failure.empty()) ++commits;
    problem = failure;
    pause = failure.empty() ? std::chrono::milliseconds{batch_every}
                            : std::chrono::milliseconds{retry_every};
    // Rows that could not be written are tried again, unless newer ones have replaced them.
    if (!failure.empty()) {
      waiting.merge(rows);
      history.insert(history.begin(), std::make_move_iterator(events.begin()),
                     std::make_move_iterator(events.end()));
    }
    if (closing && ((waiting.empty() && history.empty()) || !failure.empty())) break;
    if (closing) urgent = true;
  }
  ledger.reset();
  database.reset();
  is_done = true;
  for (const auto& question : questions) {
    question->failure = "the store is closed";
    question->is_done = true;
  }
  answered.notify_all();
  ended.notify_all();
}

}  // namespace gonogo
