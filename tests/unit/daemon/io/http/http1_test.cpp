#include "daemon/io/http/http1.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "tests/support/io_bench.h"
#include "tests/support/scripted_conn.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class Http1 : public testing::Test {
 protected:
  // The response; the error of the exchange is in `problem`.
  std::optional<HttpResponse> ask(std::deque<std::string> replies, std::string method = "GET") {
    ScriptedConn conn(std::move(replies));
    Attempt attempt(bench.clock, bench.clock.now() + 5s);
    HttpRequest request;
    request.method = std::move(method);
    request.headers = {{"Host", "example.org"}};
    std::optional<HttpResponse> response;
    boost::asio::co_spawn(bench.loop, exchange(conn, std::move(request), 10, attempt),
                          [&](std::exception_ptr error, HttpResponse answer) {
                            if (error) {
                              problem = finding_of(error, attempt.stage()).summary;
                            } else {
                              response = std::move(answer);
                            }
                          });
    bench.clock.settle();
    written = conn.written;
    return response;
  }

  IoBench bench;
  std::string problem;
  std::string written;
};

TEST_F(Http1, AsksAndReadsTheAnswer) {
  const auto response = ask({"HTTP/1.1 404 Not ", "Found\r\nX-A: b\r\nContent-Le",
                             "ngth: 4\r\n\r\n", "bo", "dyand more"});
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(written, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->version, 11);
  EXPECT_EQ(*response->find_header("x-a"), "b");
  EXPECT_EQ(response->body, "body");
  EXPECT_FALSE(response->is_cut);
}

TEST_F(Http1, ReadsABodyUpToTheEndOfTheStream) {
  const auto response = ask({"HTTP/1.0 200 OK\r\n\r\nall", " of it"});
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(response->version, 10);
  EXPECT_EQ(response->body, "all of it");
}

TEST_F(Http1, ReadsChunks) {
  const auto response = ask({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                             "2\r\nde\r\n0\r\n", "\r\n"});
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(response->body, "abcde");
}

TEST_F(Http1, CutsABodyThatIsTooLarge) {
  const auto response =
      ask({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "0123456789abcdef"});
  ASSERT_TRUE(response) << problem;
  EXPECT_TRUE(response->is_cut);
  EXPECT_EQ(response->body, "0123456789");
}

TEST_F(Http1, AnAnswerToHeadHasNoBody) {
  const auto response = ask({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}, "HEAD");
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(response->body, "");
}

TEST_F(Http1, PassesOverInterimAnswers) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const auto response =
      ask({interim + interim, interim, "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"});
  ASSERT_TRUE(response) << problem;
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->find_header("Link"), nullptr);
}

TEST_F(Http1, RefusesWhatIsNoAnswer) {
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += interim;
  struct Case {
    std::deque<std::string> replies;
    const char* problem;
  };
  const Case cases[] = {
      {{}, "connection closed without an answer"},
      {{nine}, "no end of 1xx answers"},
      {{"HTTP/1.1 050 OK\r\nContent-Length: 0\r\n\r\n"}, "no valid HTTP answer (status 050)"},
      {{"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"}, "no valid HTTP answer (status 000)"},
      {{"SSH-2.0-OpenSSH\r\n\r\n"}, "no valid HTTP answer (bad version), got \"SSH-2.0-OpenSSH"},
      {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"},
       "no valid HTTP answer (partial message), got \"\""},
  };
  for (const Case& each : cases) {
    EXPECT_FALSE(ask(each.replies)) << each.problem;
    EXPECT_EQ(problem.substr(0, std::string(each.problem).size()), each.problem);
  }
}

}  // namespace
}  // namespace gonogo
