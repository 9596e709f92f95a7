// Serves requests by the table of routes: only through it does the outside change something.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/api/api_context.h"
#include "daemon/api/api_doors.h"
#include "daemon/api/route.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/http/authentication.h"
#include "daemon/http/message.h"
#include "daemon/http/site.h"

namespace gonogo {

class Api {
 public:
  Api(ApiDoors doors, BlockingPool& pool, DecisionDesk& desk);

  // Once, before the first request.
  void open(Store& store) { context_.store = &store; }
  // Replaced at a reload.
  void admit(std::shared_ptr<Authentication> authentication, Site site = {}) {
    authentication_ = std::move(authentication);
    site_ = std::move(site);
  }
  // The checklist of /report.md; an empty path when none is configured.
  void use_list(std::string path) { context_.list_path = std::move(path); }

  // How much of the body is read. A route that takes more than usual is refused here to whom it is
  // not granted.
  boost::asio::awaitable<Reception> receive(const Request& head);
  boost::asio::awaitable<Response> answer(Request request);

 private:
  // Nothing when the caller may do it.
  boost::asio::awaitable<std::optional<Response>> refuse(const Request& request,
                                                         std::span<const Route> rows,
                                                         Caller& caller);

  ApiContext context_;
  std::shared_ptr<Authentication> authentication_;
  Site site_;
};

}  // namespace gonogo
