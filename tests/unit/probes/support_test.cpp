// The shared parts of probes: addresses, URLs, expectations, jq, dotenv, certificates, the pool.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/formats/dotenv.h"
#include "probes/shared/certificate_rules.h"
#include "daemon/io/postgres_session.h"
#include "probes/shared/http_expectation.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(HostPort, IsReadAndWritten) {
  EXPECT_EQ(to_text(*parse_host_port("example.org:443")), "example.org:443");
  EXPECT_EQ(to_text(*parse_host_port("[::1]:80")), "[::1]:80");
  EXPECT_EQ(to_text(*parse_host_port("example.org", 25)), "example.org:25");
  for (const char* text : {"", "example.org", ":80", "a:0", "a:65536", "a:b", "::1:80", "[::1",
                           "[::1]x", "a b:1", "a@b:1", "a:-1"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

TEST(Url, IsReadInItsParts) {
  const auto url = parse_url("https://u:p%40ss@[::1]:8443/a/b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->is_tls);
  EXPECT_EQ(url->target.host, "::1");
  EXPECT_EQ(url->target.port, 8443);
  EXPECT_EQ(url->path, "/a/b?c=d");
  EXPECT_EQ(url->password, "p@ss");
  EXPECT_EQ(to_text(*url), "https://[::1]:8443/a/b?c=d");
  EXPECT_EQ(host_header(*parse_url("http://example.org")), "example.org");
  for (const char* text :
       {"", "example.org", "ftp://x/", "http://", "http://x:0/", "http://x:99999/", "http://a b/",
        "http:///x", "https://x/\r\nHost: y"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, FollowsReferences) {
  const Url base = *parse_url("https://example.org/a/b?c");
  const std::vector<std::pair<const char*, const char*>> cases{
      {"/x", "https://example.org/x"},
      {"x", "https://example.org/a/x"},
      {"//other.org/y", "https://other.org/y"},
      {"http://z/", "http://z/"},
      {"?q", "https://example.org/a/b?q"}};
  for (const auto& [location, expected] : cases)
    EXPECT_EQ(to_text(*resolve_reference(base, location)), expected);
  EXPECT_FALSE(resolve_reference(base, "javascript:alert(1)"));
  EXPECT_FALSE(resolve_reference(base, "http://[bad"));
}

class ExpectationTest : public testing::Test {
 protected:
  std::optional<Disappointment> judged(const std::string& options, const HttpResponse& response,
                                       Duration took = 1ms) {
    Reading reading;
    Node node = parse_document("x", options, reading.problems);
    const HttpExpectation wanted =
        read_http_expectation(Settings(&node, node.place, "expect", reading), {{200, 299}});
    for (const Problem& problem : reading.problems) ADD_FAILURE() << to_text(problem);
    return disappointment_in(response, took, wanted);
  }
  HttpResponse answer(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/html"}, {"Location", "https://example.org/"}};
    response.body = std::move(body);
    return response;
  }
};

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
    const auto disappointment = judged(options, answer(status, body));
    EXPECT_EQ(disappointment ? disappointment->reason : Reason::none, reason)
        << options << (disappointment ? ": " + disappointment->text : "");
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

TEST(Jq, RefusesWhatIsTooDeepWithoutFalling) {
  std::string problem;
  EXPECT_FALSE(Json::parse(std::string(1'000'000, '['), problem));
  EXPECT_NE(problem, "");
  EXPECT_TRUE(Json::parse(std::string(100, '[') + std::string(100, ']'), problem));
  for (const char* text : {"", "   ", "{", "{} {}", "nul", "{\"a\":}"})
    EXPECT_FALSE(Json::parse(text, problem)) << text;
}

TEST(Jq, EndsAnEndlessRowAndGoesOnAfterAnError) {
  std::string problem;
  const auto json = Json::parse("{\"a\":1}", problem);
  const auto endless = JqProgram::compile("range(0;1e9)", problem);
  ASSERT_TRUE(endless) << problem;
  EXPECT_EQ(endless->run(*json, problem).size(), 1000U);
  const auto failing = JqProgram::compile(".a.b", problem);
  problem.clear();
  EXPECT_TRUE(failing->run(*json, problem).empty());
  EXPECT_NE(problem, "");
  const auto fine = JqProgram::compile(".a + 1", problem);
  problem.clear();
  EXPECT_EQ(fine->run(*json, problem), std::vector<std::string>{"2"});
  EXPECT_EQ(JqProgram::compile(".a + 1", problem), fine) << "equal texts share one";
}

TEST(Dotenv, IsReadAsComposeReadsIt) {
  const auto keys = parse_dotenv(
      "\xEF\xBB\xBF# comment\r\nA=plain\r\nexport B = spaced # trailing\nC='single $A # "
      "kept'\nD=\"double \\\"q\\\" $A\\n\"\n"
      "E=one\nE=two\nF=#not a "
      "comment\nG=a#b\nURL=postgres://u:${A}@db/"
      "${MISSING:-x}\nMULTI=\"line1\nline2\"\nH=$$5\nnonsense line\nEMPTY=\nJ='unclosed\n");
  const std::vector<std::pair<const char*, const char*>> cases{{"A", "plain"},
                                                               {"B", "spaced"},
                                                               {"C", "single $A # kept"},
                                                               {"D", "double \"q\" plain\n"},
                                                               {"E", "two"},
                                                               {"F", ""},
                                                               {"G", "a#b"},
                                                               {"URL", "postgres://u:plain@db/x"},
                                                               {"MULTI", "line1\nline2"},
                                                               {"H", "$5"},
                                                               {"EMPTY", ""}};
  for (const auto& [key, value] : cases) {
    ASSERT_TRUE(keys.count(key)) << key;
    EXPECT_EQ(keys.at(key), value) << key;
  }
}

TEST(Dotenv, SurvivesAnything) {
  std::string text;
  unsigned state = 1;
  for (int round = 0; round < 20'000; ++round) {
    text.clear();
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      text += "A=\"'$\\{}#\n\r x:-"[(state >> 24) % 15];
    }
    parse_dotenv(text);
  }
}

TEST(Certificates, AreJudgedByTheEarliestInTheChain) {
  const WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
  const auto in_days = [&](int days) {
    return std::chrono::time_point_cast<std::chrono::seconds>(now) + std::chrono::hours{24} * days;
  };
  CertificateFacts leaf{"CN=leaf", "CN=ca", {"example.org"}, in_days(-10), in_days(60), false,
                        2048,      ""};
  CertificateFacts ca{"CN=ca", "CN=root", {}, in_days(-100), in_days(20), false, 4096, ""};
  ChainReport report{true, {}, {}, {leaf, ca}, "TLSv1.3", "X"};
  EXPECT_EQ(judge_chain(report, {}, now).outcome, Outcome::pass);
  EXPECT_EQ(judge_chain(report, {.min_left = 21 * 24h}, now).reason, Reason::threshold);
  EXPECT_EQ(judge_chain(report, {.warn_left = 21 * 24h}, now).outcome, Outcome::warn);
  EXPECT_EQ(judge_chain(report, {.min_key_bits = 3072}, now).outcome, Outcome::fail);
  EXPECT_EQ(judge_chain(report, {.issuer_contains = "Other"}, now).reason, Reason::content);
  report.errors = {Reason::cert_name};
  report.error_texts = {"other name"};
  const Finding wrong = judge_chain(report, {}, now);
  EXPECT_EQ(wrong.reason, Reason::cert_name);
  EXPECT_EQ(wrong.values.at(0).name, "days_left");
  EXPECT_NEAR(wrong.values.at(0).number, 20, 0.01);
  report.errors.clear();
  report.certificates[1].not_after = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
  EXPECT_EQ(judge_chain(report, {}, now).outcome, Outcome::pass);
  report.certificates[0].not_after = in_days(-1);
  EXPECT_EQ(judge_chain(report, {}, now).reason, Reason::cert_expired);
  EXPECT_EQ(judge_chain({}, {}, now).reason, Reason::tls);
}

TEST(PostgresTarget, DropsSqlalchemysDriverAndNeverShowsThePassword) {
  std::string problem;
  const auto target =
      parse_postgres_target("postgresql+psycopg://u:s3cret@db:5432/cleaning", problem);
  ASSERT_TRUE(target);
  for (const char* text :
       {"postgresql://u:s3cret@[db/x", "s3cret", "postgresql://u:s3cret@a,b/x"}) {
    EXPECT_FALSE(parse_postgres_target(text, problem)) << text;
    EXPECT_EQ(problem.find("s3cret"), std::string::npos);
  }
  EXPECT_EQ(PostgresSession::quoted_identifier("a\"b"), "\"a\"\"b\"");
}

TEST(BlockingPool, AStuckJobStarvesNobody) {
  boost::asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 8);
  auto gate = std::make_shared<std::pair<std::mutex, std::condition_variable>>();
  auto open = std::make_shared<bool>(false);
  boost::asio::cancellation_signal cancel;
  bool stuck_ended = false;
  std::function<void()> blocking = [gate, open] {
    std::unique_lock lock(gate->first);
    gate->second.wait(lock, [&] { return *open; });
  };
  boost::asio::co_spawn(loop, pool.submit(blocking),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr) { stuck_ended = true; }));
  while (pool.counts().workers == 0 || pool.counts().queued > 0) loop.run_one_for(1ms);
  loop.restart();
  cancel.emit(boost::asio::cancellation_type::terminal);
  while (!stuck_ended) loop.run_one();
  EXPECT_EQ(pool.counts().stuck, 1U);
  bool second_ended = false;
  boost::asio::co_spawn(loop, pool.submit([] {}),
                        [&](std::exception_ptr error) { second_ended = !error; });
  loop.restart();
  while (!second_ended) loop.run_one();
  {
    const std::scoped_lock lock(gate->first);
    *open = true;
    gate->second.notify_all();
  }
  while (pool.counts().stuck > 0) std::this_thread::yield();
  EXPECT_LE(pool.counts().workers, 2U);
}

TEST(BlockingPool, WhenEveryThreadHangsALookIsUnknownNotFailed) {
  boost::asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 1);
  auto gate = std::make_shared<std::mutex>();
  gate->lock();
  boost::asio::cancellation_signal cancel;
  bool ended = false;
  std::function<void()> blocking = [gate] { const std::scoped_lock lock(*gate); };
  boost::asio::co_spawn(loop, pool.submit(blocking),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr) { ended = true; }));
  while (pool.counts().workers == 0 || pool.counts().queued > 0) loop.run_one_for(1ms);
  loop.restart();
  cancel.emit(boost::asio::cancellation_type::terminal);
  while (!ended) loop.run_one();
  std::optional<Finding> finding;
  boost::asio::co_spawn(loop, pool.submit([] {}), [&](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const IoError& broken) {
      finding = finding_of(std::make_exception_ptr(broken), Stage::start);
    }
  });
  loop.restart();
  while (!finding) loop.run_one();
  EXPECT_EQ(finding->outcome, Outcome::unknown);
  EXPECT_EQ(finding->reason, Reason::prober);
  gate->unlock();
}

}  // namespace
}  // namespace gonogo
