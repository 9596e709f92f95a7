#include "daemon/io/docker_engine.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/url.h"
#include "daemon/io/http/http1.h"
#include "daemon/io/io.h"
#include "daemon/io/json_reading.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_answer = 8 << 20;

}  // namespace

asio::awaitable<nlohmann::json> ask_engine(std::string path, Io& io, Attempt& attempt) {
  attempt.enter(Stage::connect);
  StreamSocket socket(io.loop);
  const asio::local::stream_protocol::endpoint engine(io.docker_socket);
  boost::system::error_code refused;
  co_await socket.async_connect(engine, asio::redirect_error(asio::use_awaitable, refused));
  if (refused == asio::error::operation_aborted) throw boost::system::system_error(refused);
  if (refused) {
    const bool is_ours_alone = refused == boost::system::errc::permission_denied;
    throw IoError::of(refused.value(), is_ours_alone ? Reason::permission : Reason::connect,
                      "the Docker Engine at " + io.docker_socket + ": " + refused.message());
  }
  PlainConn conn(std::move(socket));
  HttpRequest request;
  request.target = path;
  request.headers = {{"Host", "docker"}, {"User-Agent", "gonogo"}, {"Connection", "close"}};
  auto asking = exchange(conn, std::move(request), largest_answer, attempt);
  const HttpResponse response = co_await std::move(asking);
  if (response.status != 200) {
    auto reading = read_json(response.body, io);
    const auto read = co_await std::move(reading);
    const nlohmann::json problem = read ? *read : nlohmann::json();
    throw IoError(response.status == 404 ? Reason::missing : Reason::status,
                  "the Docker Engine answered " + std::to_string(response.status) + " to " +
                      on_one_line(path, 80) + ": " +
                      on_one_line(text_of(member(problem, "message")), 160));
  }
  if (response.is_cut) {
    throw IoError(Reason::threshold, "the Docker Engine's answer is larger than 8MiB");
  }
  auto reading = read_json(response.body, io);
  auto answer = co_await std::move(reading);
  if (!answer) throw IoError(Reason::json, "the Docker Engine's answer " + answer.error());
  co_return std::move(*answer);
}

asio::awaitable<nlohmann::json> containers_of_project(std::string project, Io& io,
                                                      Attempt& attempt) {
  const nlohmann::json filter{{"label", {"com.docker.compose.project=" + project}}};
  const std::string path =
      "/containers/json?all=1&filters=" + percent_encoded(to_json_text(filter));
  auto asking = ask_engine(path, io, attempt);
  nlohmann::json containers = co_await std::move(asking);
  if (!containers.is_array()) {
    throw IoError(Reason::json, "the Docker Engine's list is no list");
  }
  // One-off containers (`compose run`) are nobody's service.
  nlohmann::json services = nlohmann::json::array();
  for (nlohmann::json& container : containers) {
    const nlohmann::json& labels = member(container, "Labels");
    if (text_of(member(labels, "com.docker.compose.oneoff")) != "True")
      services.push_back(std::move(container));
  }
  co_return services;
}

std::string service_of(const nlohmann::json& container) {
  return text_of(member(member(container, "Labels"), "com.docker.compose.service"));
}

asio::awaitable<std::vector<asio::ip::address>> addresses_of_service(
    std::string project_and_service, Io& io, Attempt& attempt) {
  const std::size_t slash = project_and_service.find('/');
  const std::string project = project_and_service.substr(0, slash);
  const std::string service = project_and_service.substr(slash + 1);
  auto asking = containers_of_project(project, io, attempt);
  const nlohmann::json containers = co_await std::move(asking);
  std::vector<asio::ip::address> addresses;
  std::string states;
  for (const nlohmann::json& container : containers) {
    if (service_of(container) != service) continue;
    const std::string state = text_of(member(container, "State"));
    if (state != "running") {
      states += (states.empty() ? "" : ", ") + on_one_line(state, 20);
      continue;
    }
    if (text_of(member(member(container, "HostConfig"), "NetworkMode")) == "host")
      addresses.emplace_back(asio::ip::address_v4::loopback());
    const nlohmann::json& networks = member(member(container, "NetworkSettings"), "Networks");
    for (const nlohmann::json& network : networks) {
      boost::system::error_code none;
      const auto address = asio::ip::make_address(text_of(member(network, "IPAddress")), none);
      if (!none) addresses.push_back(address);
    }
  }
  if (addresses.empty()) {
    throw IoError(Reason::missing, "no running container of service " + in_quotes(service) +
                                       " with an address in project " + in_quotes(project) +
                                       (states.empty() ? "" : " (it is " + states + ")"));
  }
  co_return addresses;
}

}  // namespace gonogo
