#include "daemon/scheduling/push_desk.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "daemon/core/checklist.h"
#include "daemon/io/waiter.h"
#include "daemon/store/store.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr Duration longest_wait = std::chrono::seconds{10};

// What somebody waits for, used on the loop's thread. Only the first answer counts.
struct Pending {
  std::optional<std::string> problem;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();

  void end(const std::string& why) {
    if (problem) return;
    problem = why;
    waiter->resume({});
  }
};

std::unordered_set<std::string_view> ids_of(const Checklist& list) {
  std::unordered_set<std::string_view> ids;
  for (const Check& check : list.checks) ids.insert(check.id);
  return ids;
}

}  // namespace

PushDesk::~PushDesk() {
  for (const auto& waiter : std::exchange(waiting_, {})) waiter->forget();
}

void PushDesk::declare(const Keys& keys, const Checklist& list) {
  const auto known = ids_of(list);
  const auto is_known = [&known](const std::string& check) { return known.contains(check); };
  for (const std::string& check : pushes_.keep_only(is_known)) store_->forget_push(check);
  for (const auto& [key, check] : keys_) {
    if (keys.find(key) == keys.end()) pushes_.forget(key);
  }
  keys_ = keys;
  for (const auto& [key, check] : keys_) pushes_.declare(key, check);
}

void PushDesk::restore(const Checklist& list) {
  const auto known = ids_of(list);
  for (const auto& [check, record] : store_->loaded().pushes) {
    if (known.contains(check)) {
      pushes_.restore(check, record, clock_.wall());
    } else {
      store_->forget_push(check);
    }
  }
}

void PushDesk::renew_keys(const std::string& check, const std::vector<std::string>& keys) {
  for (auto known = keys_.begin(); known != keys_.end();) {
    const bool is_gone =
        known->second == check && std::find(keys.begin(), keys.end(), known->first) == keys.end();
    if (is_gone) pushes_.forget(known->first);
    known = is_gone ? keys_.erase(known) : std::next(known);
  }
  for (const std::string& key : keys) {
    if (keys_.emplace(key, check).second) pushes_.declare(key, check);
  }
}

void PushDesk::follow_clock() {
  pushes_.follow(clock_.both());
  if (!pushes_.take_moved()) return;
  for (const auto& [key, check] : keys_) {
    if (const PushRecord* record = pushes_.find(key)) store_->save_push(check, *record);
  }
}

const std::string* PushDesk::take(const std::string& key, PushKind kind, int exit_status,
                                  const std::string& note, const std::string& run_id) {
  follow_clock();
  if (!pushes_.take(key, kind, exit_status, note, clock_.wall(), run_id)) return nullptr;
  return &keys_.find(key)->second;
}

asio::awaitable<std::string> PushDesk::save(std::string check) {
  const auto pending = std::make_shared<Pending>();
  // The loop has work until the store has answered.
  auto answer = [guard = asio::make_work_guard(loop_), pending](const std::string& failure) {
    asio::post(guard.get_executor(), [pending, failure] { pending->end(failure); });
  };
  store_->save_push(check, *pushes_.of(check), std::move(answer));
  const Timer patience = clock_.call_at(clock_.now() + longest_wait, [pending] {
    pending->end("the disk has not answered within " + to_words(longest_wait));
  });
  const auto waiter = pending->waiter;
  waiting_.insert(waiter);
  auto begin = [] {};
  // It is waited for all the same.
  auto cancelled = [] {};
  auto waiting = wait_for(waiter, begin, cancelled);
  co_await std::move(waiting);
  waiting_.erase(waiter);
  co_return *pending->problem;
}

}  // namespace gonogo
