// Notices that files of secrets, keys and roots have changed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/io/renewable.h"

namespace gonogo {

class BlockingPool;

// Asks for the stamp of each file every few seconds, on the pool: one job a file at most, so that
// one that hangs holds up no other. What was made from a changed file is read again and put in
// force. What is missing or broken counts when it is so twice: somebody may be writing the file.
class RenewalWatch {
 public:
  using Renewables = std::map<std::string, std::vector<std::shared_ptr<Renewable>>>;
  // Called on the loop with the ids of checks (ascending) whose probes are new.
  using Renewed = std::function<void(const std::vector<std::string>& checks)>;

  RenewalWatch(boost::asio::any_io_executor loop, Clock& clock, BlockingPool& pool,
               Renewed renewed);

  // Watches these, by the id of the check, and no others any more.
  void watch(Renewables renewables);
  void stop();

 private:
  struct Watched;

  void tick();
  boost::asio::awaitable<void> take_stamp(std::string path);
  boost::asio::awaitable<void> read(std::shared_ptr<Renewable> renewable);
  void take(const std::shared_ptr<Renewable>& renewable, Renewable::Renewal renewal);
  template <typename Action>
  void for_each(Action action) const;

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  BlockingPool& pool_;
  Renewed renewed_;
  Renewables renewables_;
  std::set<std::string> stamping_;                  // a job is under way
  std::set<const Renewable*> reading_;              // the same
  std::map<const Renewable*, FileStamps> unsound_;  // as it was when found so
  Timer timer_;
};

}  // namespace gonogo
