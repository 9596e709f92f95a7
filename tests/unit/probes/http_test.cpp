#include "probes/http.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "probes/scenario.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A server on the loop of the test: each request takes it `time` on the clock of the test.
class HttpTimes : public testing::Test {
 protected:
  asio::awaitable<void> answer(int count) {
    for (int i = 1; i <= count; ++i) {
      asio::ip::tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
      std::string request(4096, '\0');
      const asio::mutable_buffer in = asio::buffer(request);
      co_await peer.async_read_some(in, asio::use_awaitable);
      bench.clock.pass_unnoticed(time);
      const std::string text = i < count ? "HTTP/1.1 302 Found\r\nLocation: /next\r\n"
                                           "Content-Length: 0\r\n\r\n"
                                         : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      const asio::const_buffer out = asio::buffer(text);
      co_await asio::async_write(peer, out, asio::use_awaitable);
    }
  }

  using Maker = std::unique_ptr<Probe> (*)(Settings&, Resources&);

  // `before`: how long the run has taken when the probe's turn comes.
  Finding run(Maker make, const std::string& options, Duration before, int answers = 1) {
    Reading reading;
    Node node = parse_document("options", options, reading.problems);
    Settings settings(&node, node.place, "http", reading);
    const std::unique_ptr<Probe> probe = make(settings, bench.resources);
    for (const Problem& problem : reading.problems) ADD_FAILURE() << to_text(problem);
    asio::co_spawn(bench.loop, answer(answers), asio::detached);
    Attempt attempt(bench.clock, bench.clock.now() + 60s);
    bench.clock.pass_unnoticed(before);
    const auto found = bench.start(probe->run(attempt));
    while (!*found) {
      bench.loop.restart();
      if (bench.loop.run_one_for(10s) == 0) break;
    }
    EXPECT_TRUE(*found) << "no answer";
    return found->value_or(Finding{});
  }

  std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }
  std::string http(const std::string& more) const {
    return "{url: '" + origin() + "/', expect: {max_time: 1s}" + more + "}";
  }

  IoBench bench;
  asio::ip::tcp::acceptor acceptor{bench.loop, {asio::ip::address_v4::loopback(), 0}};
  Duration time{};
};

TEST_F(HttpTimes, WhatTheRunWaitedForBeforeIsNoTimeOfTheServer) {
  const Finding finding = run(make_http, http(""), 5s);
  EXPECT_EQ(finding.outcome, Outcome::pass) << finding.summary;
}

TEST_F(HttpTimes, ASlowAnswerFails) {
  time = 2s;
  const Finding finding = run(make_http, http(""), 0s);
  EXPECT_EQ(finding.reason, Reason::threshold);
  EXPECT_EQ(finding.summary, "took 2s, wanted at most 1s");
}

TEST_F(HttpTimes, TheRedirectsBeforeTheAnswerCount) {
  time = 700ms;
  EXPECT_EQ(run(make_http, http(", follow: 1"), 0s, 2).reason, Reason::threshold);
  time = 400ms;
  EXPECT_EQ(run(make_http, http(", follow: 1"), 0s, 2).outcome, Outcome::pass);
}

TEST_F(HttpTimes, AStepHasThoseOfItsOwnAnswer) {
  const std::string options =
      "{base: '" + origin() + "', steps: [{name: one, url: /, expect: {max_time: 1s}}]}";
  EXPECT_EQ(run(make_scenario, options, 5s).outcome, Outcome::pass);
  time = 2s;
  const Finding finding = run(make_scenario, options, 0s);
  EXPECT_EQ(finding.reason, Reason::threshold) << finding.summary;
}

}  // namespace
}  // namespace gonogo
