#include "daemon/io/json_reading.h"

#include <utility>

#include "daemon/formats/jq.h"
#include "daemon/formats/json_document.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/io.h"

namespace gonogo {
namespace asio = boost::asio;

asio::awaitable<tl::expected<nlohmann::json, std::string>> read_json(std::string text, Io& io) {
  if (text.size() <= largest_text_here) co_return parse_json(text);
  auto parse = [text = std::move(text)] { return parse_json(text); };
  auto parsing = offload(io.pool, std::move(parse));
  co_return co_await std::move(parsing);
}

}  // namespace gonogo
