// Serves requests by the table of routes: only through it does the outside change something.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/api/api_context.h"
#include "daemon/api/api_doors.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/http/authentication.h"
#include "daemon/http/message.h"

namespace gonogo {

class Api {
 public:
  Api(ApiDoors doors, BlockingPool& pool, DecisionDesk& desk);

  // Once, before the first request.
  void open(Store& store) { context_.store = &store; }
  // Replaced at a reload.
  void admit(std::shared_ptr<Authentication> authentication) {
    authentication_ = std::move(authentication);
  }
  // The checklist of /report.md; an empty path when none is configured.
  void use_list(std::string path) { context_.list_path = std::move(path); }

  boost::asio::awaitable<Response> answer(Request request);

 private:
  ApiContext context_;
  std::shared_ptr<Authentication> authentication_;
};

}  // namespace gonogo
