#include "probes/shared/http_expectation.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class ExpectationTest : public testing::Test {
 protected:
  std::optional<Mismatch> judged(const std::string& options, const HttpResponse& response,
                                 Duration took = 1ms) {
    Reading reading;
    Node node = parse_document("x", options, reading.problems);
    const HttpExpectation wanted =
        read_http_expectation(Settings(&node, node.place, "expect", reading), {{200, 299}});
    for (const Problem& problem : reading.problems) ADD_FAILURE() << to_text(problem);
    Attempt attempt(bench.clock, bench.clock.now() + 10s);
    const auto judged = bench.start(mismatch_in(response, took, wanted, bench.resources, attempt));
    EXPECT_TRUE(*judged);
    return judged->value_or(std::nullopt);
  }
  IoBench bench;
  HttpResponse answer(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/html"}, {"Location", "https://example.org/"}};
    response.body = std::move(body);
    return response;
  }
};

TEST_F(ExpectationTest, OneByteOutsideUtf8HidesNothing) {
  const HttpResponse bad = answer(200, "ERROR caf\xe9 payment");
  const auto found = judged("{body_not: 'ERROR.*payment'}", bad);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reason, Reason::body);
  EXPECT_FALSE(judged("{body: 'ERROR.*payment'}", bad));
  EXPECT_FALSE(judged("{body_not: 'ERROR.*refund'}", bad));
  EXPECT_FALSE(judged("{body: '^caf.$'}", answer(200, "caf\xc3\xa9")));
  EXPECT_TRUE(judged("{body: '^caf..$'}", answer(200, "caf\xc3\xa9")));
}

TEST_F(ExpectationTest, SaysTheFirstThingThatIsNotAsWanted) {
  const std::string ready =
      R"({"ok":true,"checks":[{"name":"db","ok":true},{"name":"jobs","ok":false}]})";
  const std::vector<std::tuple<const char*, int, std::string, Reason>> cases{
      {"{}", 200, "", Reason::none},
      {"{}", 500, "", Reason::status},
      {"{status: [2xx, 404]}", 404, "", Reason::none},
      {"{status: 300-399}", 308, "", Reason::none},
      {"{body: 'o+'}", 200, "foo", Reason::none},
      {"{body: '^o'}", 200, "foo", Reason::body},
      {"{body_not: error}", 200, "an error", Reason::body},
      {"{headers: {content-type: text/html}}", 200, "", Reason::none},
      {"{headers: {Content-Type: {matches: '^text/'}}}", 200, "", Reason::none},
      {"{headers: {Content-Type: text/plain}}", 200, "", Reason::header},
      {"{headers: {X-Frame-Options: DENY}}", 200, "", Reason::header},
      {"{headers: {Server: {present: false}}}", 200, "", Reason::none},
      {"{headers: {Location: {present: false}}}", 200, "", Reason::header},
      {"{location: '^https://example.org/$'}", 200, "", Reason::none},
      {"{location: '^https://other'}", 200, "", Reason::redirect},
      {"{json: '.ok'}", 200, ready, Reason::none},
      {"{json: ['.ok', '.checks[] | .ok']}", 200, ready, Reason::json},
      {"{json: '.missing'}", 200, ready, Reason::json},
      {"{json: '.checks[] | select(.name == \"nosuch\") | .ok'}", 200, ready, Reason::json},
      {"{json: '.ok.deeper'}", 200, ready, Reason::json},
      {"{json: '.ok'}", 200, "<html>", Reason::json},
      {"{json: '.ok'}", 200, "", Reason::json},
      {"{json: '.ok'}", 200, "true", Reason::json},
      {"{version: '1.0'}", 200, "", Reason::protocol}};
  for (const auto& [options, status, body, reason] : cases) {
    const auto mismatch = judged(options, answer(status, body));
    EXPECT_EQ(mismatch ? mismatch->reason : Reason::none, reason)
        << options << (mismatch ? ": " + mismatch->text : "");
  }
  EXPECT_EQ(judged("{max_time: 1s}", answer(200, ""), 1001ms)->text, "took 1s, wanted at most 1s");
  EXPECT_EQ(judged("{json: '.checks[] | .ok'}", answer(200, ready))->text,
            ".checks[] | .ok is false, wanted true");
}

TEST_F(ExpectationTest, WhatWasNotReadIsNotKnownToLackAnything) {
  HttpResponse cut = answer(200, "fine so far");
  cut.is_cut = true;
  EXPECT_EQ(judged("{body_not: error}", cut)->reason, Reason::body);
  EXPECT_FALSE(judged("{body: fine}", cut));
}

}  // namespace
}  // namespace gonogo
