// Takes what jobs report of themselves through /ping/{key}, and answers when it is on disk.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/core/heartbeat_pushes.h"

namespace gonogo {

struct Checklist;
class Store;
class Waiter;

class PushDesk {
 public:
  using Keys = std::map<std::string, std::string, std::less<>>;  // to the id of the check

  PushDesk(boost::asio::io_context& loop, Clock& clock) : loop_(loop), clock_(clock) {}
  // Whoever still waits is never resumed.
  ~PushDesk();
  PushDesk(const PushDesk&) = delete;
  PushDesk& operator=(const PushDesk&) = delete;

  // Once, before anything is pushed.
  void open(Store& store) { store_ = &store; }
  // What was pushed for other checks than those of `list` is forgotten, also by later processes,
  // and no other key than these is taken any more.
  void declare(const Keys& keys, const Checklist& list);
  // What a former process took, also for checks whose key is not there yet.
  void restore(const Checklist& list);
  // `check` has these keys from now on. What was pushed under a former one counts.
  void renew_keys(const std::string& check, const std::vector<std::string>& keys);
  // What was pushed is as old as before when the wall clock was set, in a later process as well.
  // Before each use.
  void follow_clock();

  // The check for which it counts from now on; nothing when no check has this key.
  const std::string* take(const std::string& key, PushKind kind, int exit_status,
                          const std::string& note, const std::string& run_id);
  // Waits until what was pushed last for this check is on disk. Returns why that is not known,
  // after a failure or when the disk has not answered for ten seconds, or nothing.
  boost::asio::awaitable<std::string> save(std::string check);

  HeartbeatPushes& pushes() { return pushes_; }

 private:
  boost::asio::io_context& loop_;
  Clock& clock_;
  Store* store_ = nullptr;
  HeartbeatPushes pushes_;
  Keys keys_;
  std::set<std::shared_ptr<Waiter>> waiting_;
};

}  // namespace gonogo
