// The API with a board, a desk and a store as the daemon has them, without a listener.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>

#include "daemon/api/api.h"
#include "daemon/formats/redactor.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/scheduling/live_board.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch.h"

namespace gonogo {

class ApiBench {
 public:
  ApiBench()
      : clock(loop),
        pool(loop.get_executor(), 2, 8),
        board(clock, runtimes, [](const Snapshot*, const Snapshot&) {}),
        runner(loop.get_executor(), clock, runtimes, [](CheckRuntime&, Observation) {}),
        writer(loop, clock),
        watch(loop.get_executor(), clock, runtimes, runner, board, writer),
        desk(clock, board, writer, watch),
        api(doors(), pool, desk) {
    store =
        std::make_unique<Store>(scratch.path("gonogo.db"), std::chrono::hours{24}, clock.both());
    writer.open(*store);
    watch.open(redactor);
    desk.open(store->loaded().decisions, redactor);
    api.open(*store);
    api.use_list(scratch.write("list.md", "# List\n\n- [ ] 1.1 the API answers\n"));
    Check lead;
    lead.id = "lead";
    lead.kind = "signoff";
    lead.signoff = SignoffRule{"lead", std::nullopt, false, 1};
    Config config;
    config.checklist = checklist_of({probed_check("api"), lead});
    runtimes.put_in_force(config.checklist, clock.both());
    board.apply();
    watch.apply(config.deploying);
    desk.apply(config);
    admit();
  }

  ~ApiBench() {
    clock.settle();
    store->close();
  }

  Response answer(Request request) {
    std::optional<Response> answer;
    boost::asio::co_spawn(loop, api.answer(std::move(request)),
                          [&](std::exception_ptr failure, Response response) {
                            EXPECT_FALSE(failure);
                            answer = std::move(response);
                          });
    loop.restart();
    while (!answer) loop.run_one();
    return *answer;
  }

  Reception reception(const Request& head) {
    std::optional<Reception> reception;
    boost::asio::co_spawn(loop, api.receive(head), [&](std::exception_ptr failure, Reception made) {
      EXPECT_FALSE(failure);
      reception = std::move(made);
    });
    loop.restart();
    while (!reception) loop.run_one();
    return *reception;
  }

  // `who`: the name of a grant for somebody who holds that one alone, "all" for somebody who holds
  // every one, "" for a caller without a token.
  static Request request(const std::string& method, const std::string& path,
                         const std::string& who = "all") {
    Request request;
    request.method = method;
    request.path = path;
    if (!who.empty()) request.authorization = "Bearer token-of-" + who;
    request.content_type = "application/json";
    return request;
  }

  // What callers without a token may do.
  void admit(std::set<Grant> anonymous = {}) {
    ServerConfig config;
    config.anonymous = std::move(anonymous);
    TokenConfig all{"all", "All", "token-of-all", {}, {"lead"}};
    for (std::size_t i = 0; i < grant_names.size(); ++i) {
      const std::string name(grant_names.at(i));
      const auto grant = static_cast<Grant>(i);
      all.may.insert(grant);
      config.tokens.push_back({name, name, "token-of-" + name, {grant}, {"lead"}});
    }
    config.tokens.push_back(all);
    api.admit(std::make_shared<Authentication>(config), site);
  }

  ApiDoors doors() {
    ApiDoors doors;
    doors.verdict = [this] { return board.verdict(); };
    doors.latest = [this] { return board.latest(); };
    doors.figures = [] { return DaemonFigures{}; };
    doors.now = [this] { return clock.now(); };
    doors.not_ready = [this] { return not_ready; };
    doors.push = [this](const std::string& key, PushKind kind, int exit_status,
                        const std::string& note, bool is_cut, const std::string& run_id) {
      constexpr std::array<const char*, 4> kinds{"success", "start", "fail", "log"};
      pushed = key + " " + kinds.at(static_cast<std::size_t>(kind)) + " " +
               std::to_string(exit_status) + " " + note + (is_cut ? "..." : "") + " " + run_id;
      return answer_push(key == "KEY");
    };
    doors.restart_required = [this] { return restart_required; };
    doors.reload = [this]() -> boost::asio::awaitable<Reloaded> { return reload(); };
    doors.run_now = [this](const std::string& check) -> std::optional<std::string> {
      if (check != "api") return "no check " + check;
      ++runs;
      return std::nullopt;
    };
    return doors;
  }

  boost::asio::awaitable<Pushed> answer_push(bool is_known) { co_return Pushed{is_known, unsaved}; }
  boost::asio::awaitable<Reloaded> reload() { co_return reloaded; }

  Scratch scratch;
  boost::asio::io_context loop{1};
  FakeClock clock;
  BlockingPool pool;
  Redactor redactor;
  Runtimes runtimes;
  LiveBoard board;
  Runner runner;
  DecisionWriter writer;
  DeployWatch watch;
  DecisionDesk desk;
  Api api;
  std::unique_ptr<Store> store;
  std::string not_ready;
  std::string pushed;
  std::string unsaved;
  Reloaded reloaded;
  std::vector<std::string> restart_required;
  Site site;
  int runs = 0;
};

}  // namespace gonogo
