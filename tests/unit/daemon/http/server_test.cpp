// The listener with real connections over loopback and a clock that stands still.
#include "daemon/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>

#include "daemon/formats/address.h"
#include "tests/support/fake_clock.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A client that sends when it is told to, and reads no more than it is told to.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(const std::string& text) const {
    ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // What has come by now.
  std::string read() const {
    std::string seen(std::size_t{1} << 16, '\0');
    const ssize_t size = ::recv(fd_, seen.data(), seen.size(), MSG_DONTWAIT);
    seen.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return seen;
  }
  void wait_for_more() const {
    pollfd ready{fd_, POLLIN, 0};
    ::poll(&ready, 1, 1000);
  }
  bool is_closed() const {
    char byte = 0;
    const ssize_t size = ::recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }

 private:
  int fd_;
};

class ServerTest : public testing::Test {
 protected:
  explicit ServerTest(std::size_t most = 4)
      : server(loop, clock,
               {[this](const Request& head) { return receive(head); },
                [this](Request request) { return handle(std::move(request)); }},
               most) {
    server.listen(open_sockets(loop, {"127.0.0.1:0"}), nullptr);
    port = parse_host_port(server.addresses().at(0))->port;
  }
  ~ServerTest() override {
    server.stop();
    clock.settle();
  }

  asio::awaitable<Reception> receive(const Request& head) {
    Reception reception;
    reception.rule = rule;
    if (head.path == "/refused") reception.refusal = problem_response(401, "Unauthorized", "no");
    co_return reception;
  }

  asio::awaitable<Response> handle(Request request) {
    last = std::move(request);
    ++handled;
    Response response = text_response(200, "ok " + last.path + "\n");
    if (last.path == "/big")
      response = text_response(200, std::string((std::size_t{16} << 20) - 1, 'x') + "z");
    co_return response;
  }

  // Lets the loop work until nothing more happens.
  std::string answer_to(const Client& client, const std::string& text) {
    client.send(text);
    std::string seen;
    for (int idle = 0; idle < 3;) {
      clock.settle();
      const std::string more = client.read();
      idle = more.empty() ? idle + 1 : 0;
      seen += more;
    }
    return seen;
  }
  std::string ask(const std::string& text) { return answer_to(Client(port), text); }

  static std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }

  asio::io_context loop{1};
  FakeClock clock{loop};
  BodyRule rule;
  Request last;
  int handled = 0;
  Server server;
  std::uint16_t port = 0;
};

TEST_F(ServerTest, ClientsThatReadNothingMakeRoomForOneThatAsks) {
  std::vector<Client> stuck;
  for (int i = 0; i < 9; ++i) {
    stuck.emplace_back(port);
    stuck.back().send(get("/big"));
    clock.settle();
    EXPECT_LE(server.connections(), 4U);
    clock.advance(100ms);
  }
  EXPECT_EQ(handled, 9);
  EXPECT_EQ(ask(get("/verdict")).substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_LE(server.connections(), 4U);
}

TEST_F(ServerTest, OneThatHasStalledInWritingGoesBeforeOneThatIsIdleForLonger) {
  const Client idle(port);
  EXPECT_NE(answer_to(idle, get("/first")), "");
  clock.advance(5s);
  const Client stuck(port);
  stuck.send(get("/big"));
  clock.settle();
  clock.advance(2s);
  const Client third(port);
  const Client fourth(port);
  clock.settle();
  EXPECT_EQ(server.connections(), 4U);
  EXPECT_NE(ask(get("/verdict")), "");
  EXPECT_FALSE(idle.is_closed());
  EXPECT_NE(answer_to(idle, get("/again")), "") << "the one without progress in writing went";
}

TEST_F(ServerTest, AClientThatReadsGetsALongAnswerWhole) {
  const Client reader(port);
  reader.send(get("/big"));
  std::string seen;
  for (int silent = 0; silent < 60 && !seen.ends_with("xz");) {
    clock.settle();
    const std::string more = reader.read();
    seen += more;
    silent = more.empty() ? silent + 1 : 0;
    if (more.empty()) reader.wait_for_more();
  }
  EXPECT_EQ(seen.size() - seen.find("\r\n\r\n") - 4, std::size_t{16} << 20);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ServerTest, WhatIsSlowEnds) {
  const Client silent(port);
  const Client half(port);
  half.send("GET /x HT");
  const Client stuck(port);
  stuck.send(get("/big"));
  clock.advance(9s);
  EXPECT_EQ(server.connections(), 3U);
  clock.advance(3s);
  EXPECT_TRUE(half.is_closed());
  clock.advance(20s);
  EXPECT_EQ(server.connections(), 1U) << "an answer has half a minute to be taken";
  clock.advance(31s);
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(ServerTest, ReadsWhoIsAskedAndBywhat) {
  ask("POST /a%20b?x=1 HTTP/1.1\r\nHost: Example.org:1\r\nOrigin: http://o\r\nSec-Fetch-Site: "
      "none\r\nContent-Type: t/t\r\nAuthorization: A b\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(last.method + " " + last.path + " " + last.host, "POST /a b Example.org:1");
  EXPECT_EQ(last.query.at("x"), "1");
  EXPECT_EQ(*last.origin + " " + *last.fetch_site, "http://o none");
  EXPECT_EQ(last.content_type + " " + last.authorization + " " + last.body, "t/t A b hi");
  EXPECT_FALSE(last.is_unix || last.is_tls || last.is_cut);
  ask("GET http://Other.example:80/p?q=2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(last.host + " " + last.path + " " + last.query.at("q"), "Other.example:80 /p 2");
  ask("GET https://other.example HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(last.host + " " + last.path, "other.example /");
  ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(last.host, "");
  EXPECT_FALSE(last.origin || last.fetch_site);
}

TEST_F(ServerTest, RefusesWhatTwoProgramsWouldReadDifferently) {
  for (const char* head :
       {"Host: a\r\nHost: a\r\n", "Host: a b\r\n", "Host: a@b\r\n", "Host: [::1\r\n",
        "Host: a\r\nOrigin: http://a\r\nOrigin: http://b\r\n",
        "Sec-Fetch-Site: none\r\nsec-fetch-site: none\r\n",
        "Authorization: a\r\nAuthorization: b\r\n", "Content-Type: a\r\nContent-Type: b\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n"}) {
    const std::string seen = ask("GET / HTTP/1.1\r\n" + std::string(head) + "\r\n");
    EXPECT_EQ(seen.substr(0, 12), "HTTP/1.1 400") << head;
  }
  EXPECT_EQ(ask("GET http:///x HTTP/1.1\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nX: " + std::string(17000, 'x') + "\r\n\r\n").substr(0, 12),
            "HTTP/1.1 431");
  EXPECT_EQ(handled, 0);
}

std::string post(const std::string& path, std::size_t size, bool chunked) {
  const std::string head = "POST " + path + " HTTP/1.1\r\nHost: h\r\n";
  const std::string body(size, 'b');
  if (!chunked) return head + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body;
  std::string chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < size; at += 7) {
    const std::string chunk = body.substr(at, 7);
    chunks += std::to_string(chunk.size()) + "\r\n" + chunk + "\r\n";
  }
  return chunks + "0\r\n\r\n";
}

TEST_F(ServerTest, ABodyBeyondItsBoundIsRefusedOrCut) {
  rule.most = 100;
  for (const bool chunked : {false, true}) {
    for (const bool cuts : {false, true}) {
      rule.cuts = cuts;
      for (const std::size_t size : {0, 1, 99, 100, 101, 5000}) {
        handled = 0;
        const bool is_long = size > 100;
        const Client client(port);
        const std::string seen = answer_to(client, post("/p", size, chunked));
        const std::string wanted = is_long && !cuts ? "HTTP/1.1 413" : "HTTP/1.1 200";
        EXPECT_EQ(seen.substr(0, 12), wanted) << size << " " << chunked << " " << cuts;
        EXPECT_EQ(handled, is_long && !cuts ? 0 : 1);
        if (handled == 0) continue;
        EXPECT_EQ(last.body.size(), std::min<std::size_t>(size, 100));
        EXPECT_EQ(last.is_cut, is_long);
        // What was left of the body is no request.
        const std::string again = answer_to(client, get("/next"));
        EXPECT_EQ(again.find("ok /next") != std::string::npos, !is_long) << size;
      }
    }
  }
}

TEST_F(ServerTest, ALengthThatIsClaimedTakesNoMemoryAndTwoRequestsMayComeAtOnce) {
  rule.cuts = true;
  const Client client(port);
  client.send("POST /p HTTP/1.1\r\nContent-Length: 9000000000000000000\r\n\r\nfew");
  clock.settle();
  EXPECT_EQ(handled, 0);
  clock.advance(12s);
  EXPECT_TRUE(client.is_closed());
  const std::string seen = ask(post("/one", 5, false) + post("/two", 5, true) + get("/three"));
  for (const char* word : {"ok /one", "ok /two", "ok /three"})
    EXPECT_NE(seen.find(word), std::string::npos) << word;
}

TEST_F(ServerTest, AsksForTheBodyThatAClientHoldsBack) {
  const Client client(port);
  EXPECT_EQ(
      answer_to(client, "POST /p HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(answer_to(client, "hi").substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(last.body, "hi");
  const Client refused(port);
  EXPECT_EQ(answer_to(refused,
                      "POST /refused HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                .substr(0, 12),
            "HTTP/1.1 401");
  EXPECT_EQ(handled, 1);
}

class LongBodiesTest : public ServerTest {
 protected:
  LongBodiesTest() : ServerTest(100) { rule.most = std::size_t{4} << 20; }
};

TEST_F(LongBodiesTest, ShareOneBound) {
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(port);
    clients.back().send("POST /p HTTP/1.1\r\nContent-Length: 200000\r\n\r\n");
    clock.settle();
  }
  EXPECT_EQ(clients.front().read(), "");
  EXPECT_EQ(clients.back().read().substr(0, 12), "HTTP/1.1 503");
  clock.advance(65s);
  const std::string seen = ask(post("/p", 20000, false));
  EXPECT_EQ(seen.substr(0, 12), "HTTP/1.1 200") << "what the others had is free again";
}

}  // namespace
}  // namespace gonogo
