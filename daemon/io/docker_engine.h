// The Docker Engine's API on its UNIX socket (docs.docker.com/engine/api, v1.41 and later).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace gonogo {

struct Io;
class Attempt;

// GET `path` of the Engine, at most 8 MiB of JSON. Throws IoError (missing on 404, permission,
// connect, status, json).
boost::asio::awaitable<nlohmann::json> ask_engine(std::string path, Io& io, Attempt& attempt);

// All containers of a compose project, by its label, running or not.
boost::asio::awaitable<nlohmann::json> containers_of_project(std::string project, Io& io,
                                                             Attempt& attempt);

// The service that a container belongs to; empty when it has no such label.
std::string service_of(const nlohmann::json& container);

// Addresses of the running containers of "project/service", at least one; a container in the host's
// network is at the loopback address. Throws IoError (missing) when there is none.
boost::asio::awaitable<std::vector<boost::asio::ip::address>> addresses_of_service(
    std::string project_and_service, Io& io, Attempt& attempt);

}  // namespace gonogo
