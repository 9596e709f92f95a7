#include "daemon/app.h"

#include <malloc.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <iostream>

#include "daemon/core/flips.h"
#include "daemon/core/text.h"
#include "daemon/io/service_notify.h"
#include "daemon/logging.h"
#include "daemon/version.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t pool_workers = 4;
constexpr std::size_t pool_most = 64;
constexpr Duration longest_unwinding = 1s;
constexpr int exit_failed = 1;
constexpr int exit_bad_config = 78;

std::string joined(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_text(problem);
  return text;
}

// The configuration and what it names of the listener.
struct Loaded {
  Config config;
  WebConfig web;
};

tl::expected<Loaded, Problems> load(const std::string& path, const Overrides& overrides,
                                    Resources& resources) {
  auto config = load_config(path, overrides, resources);
  if (!config) return tl::make_unexpected(std::move(config.error()));
  Loaded loaded{std::move(*config), {}};
  if (!loaded.config.server.web_config.empty()) {
    auto web = load_web_config(loaded.config.server.web_config);
    if (!web) return tl::make_unexpected(std::move(web.error()));
    loaded.web = std::move(*web);
  }
  return loaded;
}

}  // namespace

App::App(std::string config_path, Overrides overrides)
    : config_path_(std::move(config_path)),
      overrides_(std::move(overrides)),
      pool_(loop_.get_executor(), pool_workers, pool_most),
      resolver_(loop_.get_executor()),
      resources_{
          {.loop = loop_,
           .clock = clock_,
           .pool = pool_,
           .resolver = resolver_,
           .docker_socket = {}},
          pushes_,
          [this] { return health(); },
          [this](const std::string& name) { return recall(name); },
          [this](const std::string& name, std::string note) { remember(name, std::move(note)); },
          [this] { return board_.release(); },
          [this] { return board_.deployment(); }},
      board_(
          clock_,
          [this](const Snapshot* before, const Snapshot& after) { report_verdict(before, after); },
          [this](const Snapshot& before, const Snapshot& after,
                 const std::vector<std::size_t>& changed) {
            save_transitions(before, after, changed);
          }),
      runner_(loop_.get_executor(), clock_,
              [this](std::size_t index, Observation seen) { take(index, std::move(seen)); }),
      desk_(loop_, clock_, pool_, board_,
            [this](std::size_t index, SteadyTime when) { runner_.run_by(index, when); }),
      api_(doors(), pool_, desk_),
      server_(loop_, clock_, [this](Request request) { return api_.answer(std::move(request)); }) {}

App::~App() = default;

int App::serve() {
  std::signal(SIGPIPE, SIG_IGN);
  // Before anything can be asked of us: from the first moment on, SIGTERM is an orderly end.
  await_signals();
  auto loaded = load(config_path_, overrides_, resources_);
  if (!loaded) {
    std::cerr << joined(loaded.error()) << "\n";
    return exit_bad_config;
  }
  start_logging();
  try {
    api_.admit(std::make_shared<Authentication>(loaded->config.server, loaded->web));
    server_.listen(loaded->config.server.listen, loaded->web.tls ? &*loaded->web.tls : nullptr);
  } catch (const std::runtime_error& error) {
    log_error(error.what());
    return exit_failed;
  }
  start(std::move(loaded->config));
  loop_.run();
  return 0;
}

void App::start(Config config) {
  config_.store_path = config.store_path;
  config_.retention = config.retention;
  open_store();
  put_in_force(std::move(config));
  reload_succeeded_at_ = clock_.wall();
  prune_daily();
  if (const auto interval = watchdog_interval()) feed_watchdog(*interval / 3);
  std::string where;
  for (const std::string& address : server_.addresses())
    where += (where.empty() ? "" : ", ") + address;
  const std::size_t checks = config_.checklist->checks.size();
  // Reading a configuration takes many times the memory that what was read from it keeps.
  ::malloc_trim(0);
  log_info(std::string("gonogo ") + version + " watches " + std::to_string(checks) +
           " checks, listens on " + where);
  notify_ready("watches " + std::to_string(checks) + " checks");
}

void App::open_store() {
  store_ = std::make_unique<Store>(config_.store_path, config_.retention, clock_.both());
  if (!store_->problem().empty()) log_error("what is seen is not saved: " + store_->problem());
  if (store_->loaded().verdict)
    board_.restore_verdict(store_->loaded().verdict->first, store_->loaded().verdict->second);
  if (const std::string problem = store_->audit_problem(); !problem.empty())
    log_error("no stored sign-off and no stored waiver counts: " + problem);
  desk_.open(*store_, redactor_);
  api_.open(*store_);
}

void App::put_in_force(Config config) {
  const bool is_first = config_.checklist == nullptr;
  for (const Problem& warning : config.warnings) log_warning("configuration: " + to_text(warning));
  redactor_.hide_all_of(config.redactor);
  resolver_.use_servers(config.name_servers);
  resources_.docker_socket = config.docker_socket;
  for (const auto& [key, index] : config_.push_keys) {
    if (config.push_keys.find(key) == config.push_keys.end()) pushes_.forget(key);
  }
  for (const auto& [key, index] : config.push_keys) pushes_.declare(key);
  if (is_first) {
    for (const auto& [key, index] : config.push_keys) {
      const auto stored = store_->loaded().pushes.find(config.checklist->checks[index].id);
      if (stored != store_->loaded().pushes.end()) pushes_.restore(key, stored->second);
    }
  }
  config_ = std::move(config);
  board_.apply(config_.checklist, [this, is_first](Board& board) {
    if (is_first) restore(board);
  });
  std::vector<bool> has_result;
  for (std::size_t i = 0; i < config_.checklist->checks.size(); ++i)
    has_result.push_back(board_.record(i).decisive != nullptr);
  runner_.start(config_.checklist, config_.probes, has_result);
  desk_.apply(config_);
  api_.use_list(config_.report_list);
  for (std::size_t i = 0; i < has_result.size(); ++i) board_.plan(i, runner_.next_run(i));
}

void App::restore(Board& board) {
  const Decisions& decided = store_->loaded().decisions;
  board.signoffs = decided.signoffs;
  board.waivers = decided.waivers;
  board.release = decided.release;
  board.deployment = decided.deployment;
  for (std::size_t i = 0; i < board.records.size(); ++i) {
    const Check& check = config_.checklist->checks[i];
    // How this process fares, only this process can say.
    if (check.is_builtin) continue;
    const auto stored = store_->loaded().checks.find(check.id);
    if (stored != store_->loaded().checks.end())
      adopt(board.records[i], check, stored->second.record, stored->second.fingerprint);
  }
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
    asio::co_spawn(loop_, reload(), [](std::exception_ptr failure, const std::string&) {
      if (failure) std::rethrow_exception(failure);
    });
    reload_by_signal();
  });
}

void App::stop() {
  log_info("ends as asked");
  notify_stopping();
  server_.stop();
  runner_.stop();
  finish(clock_.now() + longest_unwinding);
}

// What was abandoned unwinds first: a program that was started is ended with its look.
void App::finish(SteadyTime latest) {
  const SteadyTime now = clock_.now();
  if (!runner_.has_unwound() && now < latest) {
    watchdog_ = clock_.call_at(now + 5ms, [this, latest] { finish(latest); });
    return;
  }
  asio::post(loop_, [this] {
    store_->close();
    loop_.stop();
  });
}

void App::feed_watchdog(Duration interval) {
  // A scheduler that is late is not alive, whatever else still answers.
  if (runner_.overdue() < std::max(interval, most_overdue)) notify_watchdog();
  watchdog_ =
      clock_.call_at(clock_.now() + interval, [this, interval] { feed_watchdog(interval); });
}

asio::awaitable<std::string> App::reload() {
  // A storm of requests becomes one reload now and one after it.
  if (is_reloading_) {
    reload_again_ = true;
    co_return "another reload is under way; one more will follow it";
  }
  is_reloading_ = true;
  notify_reloading();
  std::string problems;
  do {
    reload_again_ = false;
    problems.clear();
    auto read = [this] { return load(config_path_, overrides_, resources_); };
    auto reading = offload(pool_, std::move(read));
    auto loaded = co_await std::move(reading);
    if (loaded) {
      const bool moved = loaded->config.server.listen != config_.server.listen ||
                         loaded->config.store_path != config_.store_path;
      if (moved) log_warning("server.listen or store.path changed: that takes a restart");
      try {
        server_.renew_tls();
        api_.admit(std::make_shared<Authentication>(loaded->config.server, std::move(loaded->web)));
        put_in_force(std::move(loaded->config));
      } catch (const std::runtime_error& error) {
        problems = error.what();
      }
    } else {
      problems = joined(loaded.error());
    }
    reload_successful_ = problems.empty();
    if (problems.empty()) {
      reload_succeeded_at_ = clock_.wall();
      ::malloc_trim(0);
      log_info("configuration reloaded: " + std::to_string(config_.checklist->checks.size()) +
               " checks");
    } else {
      log_error("configuration not reloaded, the former one stays in force:");
      std::string_view rest = problems;
      while (!rest.empty()) {
        log_error(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(std::min(rest.size(), rest.find('\n') == std::string_view::npos
                                                     ? rest.size()
                                                     : rest.find('\n') + 1));
      }
    }
  } while (reload_again_);
  is_reloading_ = false;
  notify_ready("watches " + std::to_string(config_.checklist->checks.size()) + " checks");
  co_return problems;
}

void App::take(std::size_t index, Observation seen) {
  // The one gate to everything that is shown, saved or logged of a look.
  if (!redactor_.is_empty()) {
    seen.summary = redactor_.clean(std::move(seen.summary));
    for (auto& [name, text] : seen.evidence) text = redactor_.clean(std::move(text));
  }
  const Check& check = config_.checklist->checks[index];
  const Readiness before = board_.record(index).debounce.readiness();
  const bool is_new = board_.record(index).decisive == nullptr;
  board_.take(index, std::move(seen));
  const CheckRecord& record = board_.record(index);
  if (record.debounce.is_undecided() && !check.on_demand)
    runner_.run_by(index, clock_.now() + check.retry_interval);
  if (const auto watched = desk_.tightened(index)) runner_.run_by(index, clock_.now() + *watched);
  board_.plan(index, runner_.next_run(index));
  store_->save_check(check.id, check.fingerprint, record,
                     is_new || record.debounce.readiness() != before);
  const std::shared_ptr<const Observation> last = record.last;
  if (config_.release_check == index && last->outcome == Outcome::pass) {
    for (const auto& [name, text] : last->evidence) {
      if (name == "release") desk_.release_seen(text);
    }
  }
  desk_.take(index, *last);
}

bool App::push(const std::string& key, PushKind kind, int exit_status, const std::string& note,
               const std::string& run_id) {
  if (!pushes_.take(key, kind, exit_status, redactor_.clean(note), clock_.wall(), run_id))
    return false;
  const std::size_t index = config_.push_keys.find(key)->second;
  store_->save_push(config_.checklist->checks[index].id, *pushes_.find(key));
  runner_.run_now(index);
  return true;
}

std::optional<std::string> App::recall(const std::string& name) {
  if (const auto found = notes_.find(name); found != notes_.end()) return found->second;
  const auto stored = store_->loaded().notes.find(name);
  if (stored == store_->loaded().notes.end()) return std::nullopt;
  return stored->second;
}

void App::remember(const std::string& name, std::string note) {
  store_->save_note(name, note, clock_.wall());
  notes_[name] = std::move(note);
}

std::optional<std::string> App::run_now(const std::string& id) {
  const auto index = config_.checklist->find_check(id);
  if (!index) return "no check " + in_quotes(id);
  if (!config_.checklist->checks[*index].has_probe)
    return id + " is not looked at: it is a " + config_.checklist->checks[*index].kind;
  runner_.run_now(*index);
  return std::nullopt;
}

void App::report_verdict(const Snapshot* before, const Snapshot& after) {
  store_->save_verdict(after.go, after.since);
  store_->save_change({after.at.wall, after.go,
                       before == nullptr ? std::vector<std::string>{"gonogo started"}
                                         : flipped_by(*before, after)});
  std::string text = verdict_text(after);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) c = c == '\n' ? ';' : c;
  if (after.go) {
    log_info(text);
  } else if (before == nullptr) {
    log_info("verdict: NO-GO until every blocker has been looked at");
  } else {
    log_warning(text);
  }
  notify_status(after.go ? "GO" : "NO-GO");
}

void App::save_transitions(const Snapshot& before, const Snapshot& after,
                           const std::vector<std::size_t>& changed) {
  for (const std::size_t index : changed) {
    const CheckStatus& status = after.checks[index];
    store_->save_transition({after.at.wall, after.checklist->checks[index].id,
                             std::string(name_of(before.checks[index].state)),
                             std::string(name_of(status.state)),
                             std::string(name_of(status.reason)), words_for(after, index)});
  }
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
        // A pool that is stuck is told of by `prober`; tomorrow it is tried again.
      });
  pruning_ = clock_.call_at(clock_.now() + std::chrono::hours{24}, [this] { prune_daily(); });
}

}  // namespace gonogo
