// Writes down what was decided.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/store/ledger.h"

namespace gonogo {

class BlockingPool;
class Store;

class DecisionWriter {
 public:
  // The place in the audit, or why nothing was written.
  using Written = tl::expected<AuditHead, std::string>;

  DecisionWriter(boost::asio::io_context& loop, Clock& clock, BlockingPool& pool)
      : loop_(loop), clock_(clock), pool_(pool) {}

  // Once, before anything is written.
  void open(Store& store) { store_ = &store; }

  // On disk when it comes back with a place.
  boost::asio::awaitable<Written> write(Deed deed);
  // For what is in force already: tried again until it is on disk.
  void write_later(Deed deed);
  // How far a deploy is; nobody waits for it.
  void save_progress(const Deployment& deployment);
  // A text that outlives the process, by its name; nobody waits for it, and the last one counts.
  void save_note(const std::string& name, const std::string& text);
  std::optional<std::string> note(const std::string& name) const;

 private:
  boost::asio::awaitable<void> write_or_keep(Deed deed);

  boost::asio::io_context& loop_;
  Clock& clock_;
  BlockingPool& pool_;
  Store* store_ = nullptr;
  std::vector<Deed> unwritten_;
  Timer retry_;
};

}  // namespace gonogo
