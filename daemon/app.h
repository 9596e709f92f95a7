// The daemon: owns everything that lives as long as it does, and wires it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>

#include "daemon/api/api.h"
#include "daemon/config/config.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/http/server.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/resolve.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"
#include "daemon/scheduling/system_clock.h"
#include "daemon/store/store.h"
#include "probes/resources.h"

namespace gonogo {

class App {
 public:
  App(std::string config_path, Overrides overrides);
  ~App();

  // Serves until SIGTERM or SIGINT. The exit code: 0 ended as asked, 1 cannot serve, 78 the
  // configuration is bad (its problems are on standard error).
  int serve();

 private:
  // A look that begins later than this: the scheduler is not on time.
  static constexpr Duration most_overdue = std::chrono::seconds{1};

  void start(Config config);
  void open_store();
  void put_in_force(Config config);
  void restore(Board& board);
  void stop();
  void finish(SteadyTime latest);

  void await_signals();
  void feed_watchdog(Duration interval);
  boost::asio::awaitable<std::string> reload();
  void reload_by_signal();

  void take(std::size_t index, Observation seen);
  bool push(const std::string& key, PushKind kind, int exit_status, const std::string& note,
            const std::string& run_id);
  std::optional<std::string> recall(const std::string& name);
  void remember(const std::string& name, std::string note);
  std::optional<std::string> run_now(const std::string& id);
  void report_verdict(const Snapshot* before, const Snapshot& after);
  void save_transitions(const Snapshot& before, const Snapshot& after,
                        const std::vector<std::size_t>& changed);
  void prune_daily();
  ProberHealth health() const;
  DaemonFigures figures() const;
  std::string not_ready() const;
  ApiDoors doors();

  std::string config_path_;
  Overrides overrides_;
  boost::asio::io_context loop_{1};
  SystemClock clock_{loop_};
  BlockingPool pool_;
  Resolver resolver_;
  HeartbeatPushes pushes_;
  Resources resources_;
  Config config_;
  Redactor redactor_;
  LiveBoard board_;
  Runner runner_;
  std::unique_ptr<Store> store_;
  DecisionDesk desk_;
  std::map<std::string, std::string> notes_;  // of probes, newer than what the store loaded
  Api api_;
  Server server_;
  boost::asio::signal_set ending_{loop_};
  boost::asio::signal_set reloading_{loop_};
  Timer watchdog_;
  Timer pruning_;
  bool is_reloading_ = false;
  bool reload_again_ = false;
  bool reload_successful_ = true;
  WallTime reload_succeeded_at_{};
};

}  // namespace gonogo
