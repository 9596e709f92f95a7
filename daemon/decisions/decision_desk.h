// Where people's decisions are taken: looked over, written down, and only then put in force.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>

#include "daemon/config/config.h"
#include "daemon/core/watch.h"
#include "daemon/http/authentication.h"
#include "daemon/scheduling/attempt.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/store/store.h"

namespace gonogo {

class BlockingPool;

struct SignRequest {
  std::string check;
  std::string role;  // empty: the one that is asked for
  std::string note;
  std::string release;  // empty: the one in force; else it has to be that one
};

struct WaiveRequest {
  std::string check;
  std::string why;
  std::optional<Duration> lasts;
  std::optional<WallTime> until;
  bool this_release = false;  // only for the release in force
};

struct DeployRequest {
  std::string version;
  std::optional<Duration> watch;
  bool force = false;
  std::string reason;
};

// Why not, as HTTP says it: 400 asked wrongly, 403 may not, 404 no such thing, 409 not as things
// stand, 503 could not be written down.
struct Refusal {
  int status = 400;
  std::string text;
};
// A JSON document of what was decided, with its place in the audit.
using Decided = tl::expected<std::string, Refusal>;

class DecisionDesk {
 public:
  // `run_by`: has the check at an index looked at no later than then.
  using RunBy = std::function<void(std::size_t index, SteadyTime when)>;

  DecisionDesk(boost::asio::io_context& loop, Clock& clock, BlockingPool& pool, LiveBoard& board,
               RunBy run_by);

  // Once, before anything is judged: what was decided before this process.
  void open(Store& store, const Redactor& redactor);
  // A configuration is in force; the board is as it was restored.
  void apply(const Config& config);

  // Each of these is on disk when it comes back with a document.
  boost::asio::awaitable<Decided> sign(Caller who, SignRequest request);
  boost::asio::awaitable<Decided> withdraw(Caller who, std::string check);
  boost::asio::awaitable<Decided> waive(Caller who, WaiveRequest request);
  boost::asio::awaitable<Decided> end_waiver(Caller who, std::string check);
  boost::asio::awaitable<Decided> announce(Caller who, std::string release);
  boost::asio::awaitable<Decided> deploy(Caller who, DeployRequest request);

  // The release as its source has it. Takes effect at once: what was bound to another lapses.
  void release_seen(const std::string& release);
  // Called with every observation, after the board has it.
  void take(std::size_t index, const Observation& seen);
  // Writes down what has ended of itself, so that no clock that is set back revives it in a later
  // process. take() calls it with each look of the daemon at itself.
  void note_ended();
  // How soon a watched check is to be looked at again.
  std::optional<Duration> tightened(std::size_t index) const;

 private:
  using Written = tl::expected<AuditHead, Refusal>;
  boost::asio::awaitable<Written> write(Deed deed);
  // For what is in force already: tried until it is on disk.
  void write_later(Deed deed);
  boost::asio::awaitable<void> write_or_keep(Deed deed);

  std::optional<Refusal> objection_to_signing(const Caller& who, const SignRequest& request,
                                              const Check& check) const;
  tl::expected<Deployment, Refusal> planned(const Caller& who, const DeployRequest& request) const;
  tl::expected<std::map<std::string, Figure>, Refusal> baselines(bool may_lack) const;
  void begin_watch(Deployment deployment);
  void resume_watch();
  void consider_watch();
  void end_watch(const Conclusion& conclusion);
  void run_hook(const Deployment& deployment);
  std::string cleaned(const std::string& text) const;

  boost::asio::io_context& loop_;
  Clock& clock_;
  BlockingPool& pool_;
  LiveBoard& board_;
  RunBy run_by_;
  Store* store_ = nullptr;
  const Redactor* redactor_ = nullptr;
  DeployingConfig config_;
  bool has_release_source_ = false;
  std::string configuration_;  // the last one's digest that the audit knows
  bool is_deploying_ = false;
  // The last numbers of each figure of the watch rule, by "check/value".
  std::map<std::string, std::deque<double>> recent_;
  SteadyTime watch_began_{};  // of the deploy that is watched
  Timer watch_timer_;
  std::set<std::int64_t> noted_ended_;
  std::vector<Deed> unwritten_;
  Timer retry_;
  std::shared_ptr<ProbeRun> hook_;
};

}  // namespace gonogo
