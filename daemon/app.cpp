#include "daemon/app.h"

#include <malloc.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <iostream>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/http/listener_renewal.h"
#include "daemon/io/left_threads.h"
#include "daemon/io/service_notify.h"
#include "daemon/logging.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t pool_workers = 4;
constexpr std::size_t pool_most = 256;
constexpr Duration longest_unwinding = 1s;
// A scheduler that is later than this is not alive, even if systemd's interval is longer.
constexpr Duration least_overdue = 1s;
constexpr int exit_failed = 1;
constexpr int exit_bad_config = 78;

std::string lines_of(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_text(problem);
  return text;
}

Reloaded postponed(std::string why) { return {std::move(why), true}; }

}  // namespace

App::App(std::string config_path, Overrides overrides)
    : config_path_(std::move(config_path)),
      overrides_(std::move(overrides)),
      pool_(loop_.get_executor(), pool_workers, pool_most),
      resolver_(loop_.get_executor()),
      kernel_(
          loop_, clock_, pool_,
          [](const Snapshot*, const Snapshot& after) { notify_status(after.go ? "GO" : "NO-GO"); }),
      resources_{{.loop = loop_,
                  .clock = clock_,
                  .pool = pool_,
                  .resolver = resolver_,
                  .docker_socket = {}},
                 kernel_.pushes(),
                 [this] { return kernel_.health(); },
                 [this] { return kernel_.board().release(); },
                 [this] { return kernel_.board().deployment(); },
                 [this](const Redactor& more) { kernel_.redactor().hide_all_of(more); }},
      api_(doors(), pool_, kernel_.desk()),
      server_(loop_, clock_,
              {[this](const Request& head) { return api_.receive(head); },
               [this](Request request) { return api_.answer(std::move(request)); }}),
      certificate_watch_(loop_.get_executor(), clock_, pool_,
                         [](const std::vector<std::string>&) {}) {}

App::~App() = default;

int App::serve() {
  std::signal(SIGPIPE, SIG_IGN);
  // First of all: SIGTERM is an orderly end from the first moment on.
  await_signals();
  if (!take_passed_sockets()) return exit_bad_config;
  auto loaded = load_config(config_path_, overrides_, resources_);
  if (!loaded) {
    std::cerr << lines_of(loaded.error()) << "\n";
    return exit_bad_config;
  }
  start_logging();
  if (!start(std::move(*loaded))) return exit_failed;
  loop_.run();
  // A job that still runs may use what the destructors would take away.
  if (!pool_.close(longest_unwinding)) end_process(0);
  return 0;
}

bool App::start(Config config) {
  open_store(config);
  // Before the listener opens: the first answer is the one that the stored results give.
  put_in_force(std::move(config));
  if (!listen(config_)) return false;
  reload_succeeded_at_ = clock_.wall();
  prune_daily();
  feed_watchdog();
  // Reading a configuration takes many times the memory that what was read from it keeps.
  ::malloc_trim(0);
  report_start();
  return true;
}

asio::awaitable<Reloaded> App::reload() {
  Reloaded reloaded;
  // A storm of requests becomes one reload now and one after it.
  if (is_reloading_) {
    reload_again_ = true;
    reloaded = postponed("another reload is under way; one more will follow it");
    co_return reloaded;
  }
  is_reloading_ = true;
  notify_reloading();
  do {
    reload_again_ = false;
    auto reloading = reload_once();
    reloaded = co_await std::move(reloading);
    report_reload(reloaded.problems);
  } while (reload_again_ && !is_stopping_);
  is_reloading_ = false;
  if (!is_stopping_) notify_ready("watches " + counted(kernel_.runtimes().size(), "check"));
  co_return reloaded;
}

asio::awaitable<Reloaded> App::reload_once() {
  auto read = [this] { return load_config(config_path_, overrides_, resources_); };
  tl::expected<Config, Problems> loaded = tl::make_unexpected(Problems{});
  Reloaded reloaded;
  try {
    auto reading = offload(pool_, std::move(read));
    loaded = co_await std::move(reading);
  } catch (const std::exception& error) {
    // Whatever it is: the daemon lives, and the next reload works.
    reloaded = postponed(std::string("the configuration could not be read now: ") + error.what());
  }
  if (is_stopping_) reloaded = postponed("the daemon is stopping");
  if (reloaded.is_postponed) co_return reloaded;
  if (loaded) {
    reloaded = renew(std::move(*loaded));
  } else {
    reloaded.problems = lines_of(loaded.error());
  }
  co_return reloaded;
}

Reloaded App::renew(Config config) {
  try {
    note_what_needs_a_restart(config);
    server_.use_tls(config.server.web.tls);
    server_.use_rules(config.server.web.rules);
    admit(config.server);
    put_in_force(std::move(config));
  } catch (const std::runtime_error& error) {
    return postponed(error.what());
  }
  ::malloc_trim(0);
  return {};
}

void App::note_what_needs_a_restart(const Config& config) {
  restart_required_.clear();
  // Sockets that systemd passed stay, whatever `listen` says.
  if (passed_sockets_.empty() && config.server.listen != started_listen_)
    restart_required_.emplace_back("server.listen");
  if (config.store_path != started_store_) restart_required_.emplace_back("store.path");
  for (const std::string& key : restart_required_)
    log_warning(key + " changed: restart the daemon to use the new value");
}

void App::put_in_force(Config config) {
  report_warnings(config);
  resolver_.use_servers(config.name_servers);
  resources_.docker_socket = config.docker_socket;
  kernel_.put_in_force(config);
  api_.use_list(config.report_list);
  config_ = std::move(config);
  watch_certificate();
}

void App::stop() {
  is_stopping_ = true;
  log_info("ends as asked");
  notify_stopping();
  server_.stop();
  certificate_watch_.stop();
  kernel_.stop();
  resolver_.give_up();
  unwind(clock_.now() + longest_unwinding);
}

// What was abandoned unwinds first: a program that was started is ended with its run.
void App::unwind(SteadyTime latest) {
  const SteadyTime now = clock_.now();
  if (kernel_.has_unwound() || now >= latest) {
    asio::post(loop_, [this] { close(); });
    return;
  }
  unwinding_ = clock_.call_at(now + 5ms, [this, latest] { unwind(latest); });
}

void App::close() {
  store_->close();
  loop_.stop();
}

void App::await_signals() {
  ending_.add(SIGTERM);
  ending_.add(SIGINT);
  ending_.async_wait([this](boost::system::error_code error, int) {
    if (!error) stop();
  });
  reloading_.add(SIGHUP);
  reload_by_signal();
}

void App::reload_by_signal() {
  reloading_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    asio::co_spawn(loop_, reload(), [](std::exception_ptr failure, const Reloaded&) {
      if (failure) std::rethrow_exception(failure);
    });
    reload_by_signal();
  });
}

bool App::take_passed_sockets() {
  try {
    passed_sockets_ = adopt_passed_sockets(loop_);
  } catch (const std::runtime_error& error) {
    std::cerr << "server.listen: " << error.what() << "\n";
    return false;
  }
  for (const auto& socket : passed_sockets_) overrides_.passed.push_back(address_of(*socket));
  return true;
}

bool App::listen(const Config& config) {
  try {
    admit(config.server);
    server_.use_rules(config.server.web.rules);
    server_.listen(
        passed_sockets_.empty() ? open_sockets(loop_, config.server.listen) : passed_sockets_,
        config.server.web.tls);
  } catch (const std::runtime_error& error) {
    log_error(error.what());
    return false;
  }
  overrides_.open = server_.addresses();
  started_listen_ = config.server.listen;
  started_store_ = config.store_path;
  return true;
}

void App::admit(const ServerConfig& server) {
  api_.admit(std::make_shared<Authentication>(server), Site(server.names, server.external_url));
}

// Who renews a certificate need not know of the daemon.
void App::watch_certificate() {
  RenewalWatch::Renewables watched;
  const WebConfig& web = config_.server.web;
  if (web.tls && web.tls_source) {
    ListenerRenewal::Doors doors{
        [this](std::shared_ptr<const ListenerTls> tls) { use_renewed(std::move(tls)); },
        [](const std::string& problem) {
          log_error("the listener's TLS files changed and are not used: " + problem +
                    "; the former ones stay in force");
        }};
    watched["server.web_config"] = {
        std::make_shared<ListenerRenewal>(*web.tls_source, web.tls->digest(), std::move(doors))};
  }
  certificate_watch_.watch(std::move(watched));
}

void App::use_renewed(std::shared_ptr<const ListenerTls> tls) {
  log_info("the listener's TLS files changed; they are in force from now on");
  server_.use_tls(tls);
  ServerConfig& server = config_.server;
  if (server.takes_names_of_certificate) {
    for (const std::string& each : tls->names()) {
      const std::string name = lower_case(each);
      const auto known = std::find(server.names.begin(), server.names.end(), name);
      if (known == server.names.end()) server.names.push_back(name);
    }
    admit(server);
  }
  server.web.tls = std::move(tls);
}

void App::open_store(const Config& config) {
  store_ = std::make_unique<Store>(config.store_path, config.retention, clock_.both());
  if (!store_->problem().empty()) log_error("results are not saved: " + store_->problem());
  if (const std::string& lost = store_->was_lost(); !lost.empty() && store_->problem().empty())
    log_error("it is not known what was decided before: " + lost);
  if (const std::string problem = store_->audit_problem(); !problem.empty())
    log_error("no stored sign-off and no stored waiver counts: " + problem);
  for (const std::string& difference : store_->differences())
    log_error("store " + config.store_path +
              " was changed beside its audit, which counts: " + difference);
  kernel_.open(*store_);
  api_.open(*store_);
}

void App::feed_watchdog() {
  const auto interval = watchdog_interval();
  if (!interval) return;
  const Duration pause = *interval / 3;
  // A scheduler that is late is not alive, whatever else still answers.
  if (kernel_.runner().overdue() < std::max(pause, least_overdue)) notify_watchdog();
  watchdog_ = clock_.call_at(clock_.now() + pause, [this] { feed_watchdog(); });
}

void App::prune_daily() {
  const auto ago = [this](Duration span) {
    return clock_.wall() - std::chrono::duration_cast<std::chrono::microseconds>(span);
  };
  const WallTime history = ago(config_.retention);
  std::optional<WallTime> audit;
  if (config_.audit_retention) audit = ago(*config_.audit_retention);
  asio::co_spawn(
      loop_, pool_.submit([store = store_.get(), history, audit] { store->prune(history, audit); }),
      [](std::exception_ptr) {
        // The check `prober` reports a pool that is stuck; tomorrow this is tried again.
      });
  pruning_ = clock_.call_at(clock_.now() + std::chrono::hours{24}, [this] { prune_daily(); });
}

}  // namespace gonogo
