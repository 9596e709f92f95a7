// The paths by which people decide, and by which their decisions and the history are read.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "daemon/decisions/decision_desk.h"
#include "daemon/http/authentication.h"
#include "daemon/http/message.h"
#include "daemon/store/store.h"

namespace gonogo {

class BlockingPool;

class DecisionApi {
 public:
  DecisionApi(DecisionDesk& desk, BlockingPool& pool,
              std::function<std::shared_ptr<const Snapshot>()> latest);

  void open(Store& store) { store_ = &store; }
  // The checklist of /report.md; empty: none.
  void use_list(std::string path) { list_path_ = std::move(path); }

  // What a request to this path wants; nothing when the path is none of these.
  static std::optional<Grant> wanted_for(const Request& request);
  boost::asio::awaitable<Response> answer(Request request, Caller who);

 private:
  using Question = std::function<tl::expected<std::string, std::string>(Store&)>;

  boost::asio::awaitable<Response> decide(Request request, Caller who);
  boost::asio::awaitable<Response> decide_on_check(Request request, Caller who);
  boost::asio::awaitable<Response> report(Request request);
  boost::asio::awaitable<Response> report_of(std::function<std::string()> list, bool html);
  boost::asio::awaitable<Response> read(Request request);
  boost::asio::awaitable<Response> read_store(Question question);
  boost::asio::awaitable<Response> read_history(Request request, std::string check);
  Response read_snapshot(const Request& request) const;

  DecisionDesk& desk_;
  BlockingPool& pool_;
  std::function<std::shared_ptr<const Snapshot>()> latest_;
  Store* store_ = nullptr;
  std::string list_path_;
};

}  // namespace gonogo
