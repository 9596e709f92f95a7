// The daemon: owns everything that lives as long as it does, and wires it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/api/api.h"
#include "daemon/config/config.h"
#include "daemon/http/server.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/resolve.h"
#include "daemon/kernel.h"
#include "daemon/scheduling/renewal_watch.h"
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
  // app.cpp: start, reload, stop.
  bool start(Config config);
  boost::asio::awaitable<Reloaded> reload();
  boost::asio::awaitable<Reloaded> reload_once();
  void stop();

  void await_signals();
  void reload_by_signal();
  bool take_passed_sockets();
  bool listen(const Config& config);
  void admit(const ServerConfig& server);
  void watch_certificate();
  void use_renewed(std::shared_ptr<const ListenerTls> tls);
  void open_store(const Config& config);
  Reloaded renew(Config config);
  void note_what_needs_a_restart(const Config& config);
  void put_in_force(Config config);
  void prune_daily();
  void feed_watchdog();
  void unwind(SteadyTime latest);
  void close();

  // app_reports.cpp: what the daemon says of itself, and what it does for the API.
  void report_start() const;
  void report_warnings(const Config& config) const;
  void report_reload(const std::string& problems);
  DaemonFigures figures() const;
  std::string not_ready() const;
  ApiDoors doors();

  std::string config_path_;
  Overrides overrides_;
  boost::asio::io_context loop_{1};
  SystemClock clock_{loop_};
  BlockingPool pool_;
  Resolver resolver_;
  std::unique_ptr<Store> store_;
  Kernel kernel_;
  Resources resources_;
  Config config_;
  Api api_;
  Server server_;
  RenewalWatch certificate_watch_;
  std::vector<std::shared_ptr<ListeningSocket>> passed_sockets_;
  std::vector<std::string> started_listen_;
  std::string started_store_;
  std::vector<std::string> restart_required_;  // keys whose new values only a restart uses
  boost::asio::signal_set ending_{loop_};
  boost::asio::signal_set reloading_{loop_};
  Timer watchdog_;
  Timer unwinding_;
  Timer pruning_;
  bool is_stopping_ = false;
  bool is_reloading_ = false;
  bool reload_again_ = false;
  bool reload_successful_ = true;
  WallTime reload_succeeded_at_{};
};

}  // namespace gonogo
