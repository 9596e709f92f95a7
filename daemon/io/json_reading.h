// JSON that somebody else wrote, without holding up the loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

namespace gonogo {

struct Io;

// As parse_json(): here for a small text, on the pool for one above 64 KiB.
boost::asio::awaitable<tl::expected<nlohmann::json, std::string>> read_json(std::string text,
                                                                            Io& io);

}  // namespace gonogo
