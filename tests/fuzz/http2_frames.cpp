// The frames that an HTTP/2 server sends.
#include "daemon/io/http/http2.h"

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "tests/fuzz/fuzz.h"
#include "tests/support/io_bench.h"
#include "tests/support/scripted_conn.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_body = 1000;

std::optional<HttpResponse> ask(std::deque<std::string> replies) {
  static auto* const bench = new IoBench;
  ScriptedConn conn(std::move(replies));
  Attempt attempt(bench->clock, bench->clock.now() + 5s);
  HttpRequest request;
  request.headers = {{"Host", "example.org"}, {"User-Agent", "gonogo"}};
  std::optional<HttpResponse> response;
  bool is_over = false;
  boost::asio::co_spawn(
      bench->loop, exchange_http2(conn, std::move(request), "https", max_body, attempt),
      [&](const std::exception_ptr& error, HttpResponse answer) {
        is_over = true;
        if (!error) response = std::move(answer);
        if (error) hold(!finding_of(error, attempt.stage()).summary.empty(), "a refusal has words");
      });
  bench->clock.settle();
  hold(is_over, "an exchange ends with its stream");
  return response;
}

void inspect(const HttpResponse& response) {
  hold(response.status >= 200 && response.status <= 999, "an answer has a final status");
  hold(response.version == 20, "an answer has its version");
  hold(response.body.size() <= max_body, "a body is bounded");
  std::size_t bytes = 0;
  for (const auto& [name, value] : response.headers) bytes += name.size() + value.size();
  hold(bytes <= 65'536, "headers are bounded");
}

}  // namespace

void fuzz(std::string_view input) {
  const auto whole = ask({std::string(input)});
  if (whole) inspect(*whole);
  const auto pieces = in_pieces(input);
  const auto torn = ask({pieces.begin(), pieces.end()});
  if (torn) inspect(*torn);
  // Behind an answer's end nothing is read, so it may be broken there.
  if (!whole || !torn || whole->is_cut || torn->is_cut) return;
  hold(
      whole->status == torn->status && whole->headers == torn->headers && whole->body == torn->body,
      "packets do not decide what an answer is");
}

}  // namespace gonogo
