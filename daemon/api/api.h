// What each path answers. The only door through which the outside changes something.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/api/decision_api.h"
#include "daemon/core/daemon_figures.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/core/snapshot.h"
#include "daemon/http/authentication.h"
#include "daemon/http/message.h"

namespace gonogo {

// What the API needs of the daemon; the daemon fills it in.
struct ApiDoors {
  std::function<std::shared_ptr<const Snapshot>()> verdict;  // constant time
  std::function<std::shared_ptr<const Snapshot>()> latest;
  std::function<DaemonFigures()> figures;
  std::function<SteadyTime()> now;
  std::function<std::string()> not_ready;  // why, empty when ready
  // False when nobody waits for that key.
  std::function<bool(const std::string& key, PushKind kind, int exit_status,
                     const std::string& note, const std::string& run_id)>
      push;
  // The problems, one a line; empty when the new configuration is in force.
  std::function<boost::asio::awaitable<std::string>()> reload;
  // Looks at a check as soon as it can; why not, when there is nothing to look at.
  std::function<std::optional<std::string>(const std::string& check)> run_now;
};

class Api {
 public:
  Api(ApiDoors doors, BlockingPool& pool, DecisionApi& decisions);

  // Replaced at a reload.
  void admit(std::shared_ptr<Authentication> authentication) {
    authentication_ = std::move(authentication);
  }

  boost::asio::awaitable<Response> answer(Request request);

 private:
  struct Rendered {
    std::shared_ptr<const Snapshot> of;
    std::shared_ptr<const std::string> body;
  };

  Response open_answer(const Request& request);
  std::optional<Response> refusal(const std::optional<Caller>& caller, Grant wanted) const;
  Response verdict(const Request& request);
  Response metrics(const Request& request);
  Response ping(const Request& request);
  Response run_now(const Request& request, std::string_view check);
  boost::asio::awaitable<Response> reload();

  ApiDoors doors_;
  BlockingPool& pool_;
  DecisionApi& decisions_;
  std::shared_ptr<Authentication> authentication_;
  // Documents are made once a snapshot and served from memory.
  Rendered verdict_json_;
  Rendered verdict_text_;
  Rendered verdict_health_;
  Rendered snapshot_json_;
  Rendered metrics_text_;
  Rendered metrics_gzip_;
  SteadyTime metrics_at_{};
};

}  // namespace gonogo
