// What is expected of an HTTP answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/http/http1.h"
#include "daemon/io/json_conditions.h"

namespace gonogo {

struct HttpExpectation {
  struct Header {
    std::string name;
    enum class Rule : std::uint8_t { present, absent, equals, matches } rule = Rule::present;
    std::string text;
    Pattern pattern;
  };
  // From and to, both included.
  std::vector<std::pair<int, int>> statuses;
  std::vector<Header> headers;
  std::vector<Pattern> body;
  std::vector<Pattern> body_not;
  JsonConditions json;
  std::optional<Duration> max_time;
  std::optional<int> version;  // 10, 11 or 20
};

// `status_default`: the expected status when the section has none.
HttpExpectation read_http_expectation(Settings settings,
                                      std::vector<std::pair<int, int>> status_default);

// The beginning of the answer's body, as it may be shown: without what is left of a secret at the
// end of what was read.
std::string shown_body(const HttpResponse& response);

struct Mismatch {
  Reason reason;
  std::string text;
};

// The first thing that is not as expected; nothing when all is. `took` is the time that the
// server and the way to it took. Throws IoError, as run_jq().
boost::asio::awaitable<std::optional<Mismatch>> mismatch_in(const HttpResponse& response,
                                                            Duration took,
                                                            const HttpExpectation& wanted, Io& io,
                                                            Attempt& attempt);

}  // namespace gonogo
