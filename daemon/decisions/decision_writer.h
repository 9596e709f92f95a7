// Writes down what was decided.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>

#include "daemon/core/clock.h"
#include "daemon/store/ledger.h"

namespace gonogo {

class Store;
class Waiter;

class DecisionWriter {
 public:
  // Why it is not on disk. `may_follow`: the disk has not answered yet, and may still save it.
  struct Unwritten {
    std::string why;
    bool may_follow = false;
  };
  // The place in the audit.
  using Written = tl::expected<AuditHead, Unwritten>;
  // Puts a decision in force. Called on the loop as soon as it is on disk, in the order of the
  // audit. `is_late`: its caller was answered already that it is not known.
  using Effect = std::function<void(const AuditHead&, bool is_late)>;

  DecisionWriter(boost::asio::io_context& loop, Clock& clock) : loop_(loop), clock_(clock) {}
  // Whoever still waits is never resumed.
  ~DecisionWriter();
  DecisionWriter(const DecisionWriter&) = delete;
  DecisionWriter& operator=(const DecisionWriter&) = delete;

  // Once, before anything is written.
  void open(Store& store) { store_ = &store; }

  // When it comes back with a place, the decision is on disk, and has had its effect. The caller is
  // not kept waiting for longer than a disk may need.
  boost::asio::awaitable<Written> write(Deed deed, Effect effect);
  // For what is in force already: tried again until it is on disk.
  void write_later(Deed deed);
  // Which release it is, whatever becomes of its deed.
  void save_release(const std::string& release);
  // How far a deploy is; nobody waits for it.
  void save_progress(const Deployment& deployment);
  // A text that outlives the process, by its name; nobody waits for it, and the last one counts.
  void save_note(const std::string& name, const std::string& text);
  std::optional<std::string> note(const std::string& name) const;

 private:
  boost::asio::io_context& loop_;
  Clock& clock_;
  Store* store_ = nullptr;
  std::set<std::shared_ptr<Waiter>> waiting_;
};

}  // namespace gonogo
