#include "probes/shared/http_fetch.h"

#include <utility>

#include "daemon/core/probe.h"
#include "daemon/formats/settings.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

JudgedRoute read_judged_route(Settings& settings, const Url& first, bool may_be_tls) {
  JudgedRoute route{read_http_route(settings, first, may_be_tls), {}};
  Settings certificate = settings.section("certificate");
  route.certificate.min_left = certificate.duration("min_left");
  route.certificate.warn_left = certificate.duration("warn_left");
  certificate.finish();
  return route;
}

bool refuses_credentials(const HttpResponse& response, const std::string& method) {
  const bool writes = method != "GET" && method != "HEAD" && method != "OPTIONS";
  // Services with keys instead of users (S3 among them) answer 403.
  return !writes && (response.status == 401 || response.status == 403 || response.status == 407);
}

asio::awaitable<JudgedReply> fetch_judged(const JudgedRoute& route, HttpCall call,
                                          std::optional<Endpoint> at, Resources& resources,
                                          Attempt& attempt) {
  auto fetching = fetch(route, std::move(call), std::move(at), resources, attempt);
  HttpReply reply = co_await std::move(fetching);
  JudgedReply judged;
  if (reply.chain)
    judged.certificate =
        judge_chain(*reply.chain, route.certificate, resources.clock.wall_reading());
  if (!reply.is_answered()) throw RunEnded(std::move(*judged.certificate));
  judged.response = std::move(reply.response);
  judged.took = reply.took;
  co_return judged;
}

}  // namespace gonogo
