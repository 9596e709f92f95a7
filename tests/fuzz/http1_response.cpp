// What an HTTP/1.1 server answers.
#include "daemon/io/http/http1.h"

#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <optional>

#include "tests/fuzz/fuzz.h"
#include "tests/support/io_bench.h"
#include "tests/support/scripted_conn.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_body = 1000;

std::optional<HttpResponse> ask(std::deque<std::string> replies, const char* method) {
  static auto* const bench = new IoBench;
  ScriptedConn conn(std::move(replies));
  Attempt attempt(bench->clock, bench->clock.now() + 5s);
  HttpRequest request;
  request.method = method;
  request.headers = {{"Host", "example.org"}};
  std::optional<HttpResponse> response;
  bool is_over = false;
  boost::asio::co_spawn(bench->loop, exchange(conn, std::move(request), max_body, attempt),
                        [&](const std::exception_ptr& error, HttpResponse answer) {
                          is_over = true;
                          if (!error) response = std::move(answer);
                          if (error)
                            hold(!finding_of(error, attempt.stage()).summary.empty(),
                                 "a refusal has words");
                        });
  bench->clock.settle();
  hold(is_over, "an exchange ends with its stream");
  return response;
}

// Nothing when the header is no number.
std::optional<std::size_t> content_length(const HttpResponse& response) {
  const std::string* header = response.find_header("Content-Length");
  if (header == nullptr) return std::nullopt;
  std::size_t number = 0;
  const auto [end, error] =
      std::from_chars(header->data(), header->data() + header->size(), number);
  if (error != std::errc{} || end != header->data() + header->size()) return std::nullopt;
  return number;
}

void inspect(const HttpResponse& response, bool is_head) {
  hold(response.status >= 200 && response.status <= 999, "an answer has a final status");
  hold(response.version == 10 || response.version == 11, "an answer has a version");
  hold(response.body.size() <= max_body, "a body is bounded");
  if (is_head) {
    hold(response.body.empty(), "an answer to HEAD has no body");
    return;
  }
  const bool has_none = response.status == 204 || response.status == 304;
  const auto length = content_length(response);
  if (length && !response.is_cut && !has_none)
    hold(response.body.size() == *length, "a body is as long as it was said");
}

}  // namespace

void fuzz(std::string_view input) {
  for (const char* method : {"GET", "HEAD"}) {
    const bool is_head = std::string_view(method) == "HEAD";
    const auto whole = ask({std::string(input)}, method);
    if (whole) inspect(*whole, is_head);
    const auto pieces = in_pieces(input);
    const auto torn = ask({pieces.begin(), pieces.end()}, method);
    if (torn) inspect(*torn, is_head);
    // Behind the bound of a body nothing is read, so it may be broken there.
    if ((whole && whole->is_cut) || (torn && torn->is_cut)) continue;
    hold(whole.has_value() == torn.has_value(), "packets do not decide what is an answer");
    if (!whole) continue;
    hold(whole->status == torn->status && whole->headers == torn->headers &&
             whole->body == torn->body,
         "packets do not decide what an answer is");
  }
}

}  // namespace gonogo
