#include "daemon/io/http/http2.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "tests/support/io_bench.h"
#include "tests/support/scripted_conn.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

enum class Frame : char { data = 0, headers = 1, settings = 4 };
constexpr char end_stream = 1;
constexpr char end_headers = 4;

std::string frame(Frame kind, char flags, char stream, const std::string& content = {}) {
  const auto size = static_cast<char>(content.size());
  return std::string{0, 0, size, static_cast<char>(kind), flags, 0, 0, 0, stream} + content;
}

// ":status" without any table of HPACK (RFC 7541, 6.2.2).
std::string status(const std::string& number) { return std::string("\0\7:status\3", 10) + number; }

class Http2 : public testing::Test {
 protected:
  // The response; the error of the exchange is in `problem`.
  std::optional<HttpResponse> ask(const std::string& frames) {
    const std::string settings = frame(Frame::settings, 0, 0) + frame(Frame::settings, 1, 0);
    ScriptedConn conn({settings, frames});
    Attempt attempt(bench.clock, bench.clock.now() + 5s);
    HttpRequest request;
    request.headers = {{"Host", "example.org"}};
    std::optional<HttpResponse> response;
    boost::asio::co_spawn(bench.loop,
                          exchange_http2(conn, std::move(request), "https", 10, attempt),
                          [&](const std::exception_ptr& error, HttpResponse answer) {
                            if (error) {
                              problem = finding_of(error, attempt.stage()).summary;
                            } else {
                              response = std::move(answer);
                            }
                          });
    bench.clock.settle();
    return response;
  }

  IoBench bench;
  std::string problem;
};

TEST_F(Http2, ReadsTheAnswerBehindInterimOnes) {
  const auto response = ask(frame(Frame::headers, end_headers, 1, status("103")) +
                            frame(Frame::headers, end_headers, 1, status("404")) +
                            frame(Frame::data, end_stream, 1, "body"));
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->version, 20);
  EXPECT_EQ(response->body, "body");
}

TEST_F(Http2, CutsABodyThatIsTooLarge) {
  const auto response = ask(frame(Frame::headers, end_headers, 1, status("200")) +
                            frame(Frame::data, 0, 1, "0123456789abcdef"));
  ASSERT_TRUE(response) << problem;
  EXPECT_TRUE(response->is_cut);
  EXPECT_EQ(response->body, "0123456789");
}

TEST_F(Http2, RefusesWhatIsNoAnswer) {
  for (const char* number : {"100", "103", "092", "000"}) {
    EXPECT_FALSE(ask(frame(Frame::headers, end_headers | end_stream, 1, status(number)))) << number;
    EXPECT_NE(problem, "") << number;
    problem.clear();
  }
  EXPECT_FALSE(ask(frame(Frame::headers, end_headers, 1, status("200"))));
  EXPECT_EQ(problem, "connection closed before the answer's end");
  EXPECT_FALSE(ask("HTTP/1.1 400 Bad Request\r\n\r\n"));
  EXPECT_NE(problem, "");
}

}  // namespace
}  // namespace gonogo
