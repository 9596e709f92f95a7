// What a client sends to the listener, request after request.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/http/exchange.h"
#include "daemon/http/host_header.h"
#include "daemon/http/site.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fake_clock.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;

// Gives the pieces of a client, one by one, and takes the answers.
class ScriptedClient : public ListenerConn {
 public:
  explicit ScriptedClient(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    if (next_ == pieces_.size()) co_return 0;
    std::string& piece = pieces_[next_];
    const std::size_t size = asio::buffer_copy(into, asio::buffer(piece));
    piece.erase(0, size);
    if (piece.empty()) ++next_;
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer) override { co_return; }
  void close() override {}
  void finish_writing() override {}

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

struct Seen {
  std::vector<Request> requests;
  std::vector<bool> are_whole;
  int refusal = 0;
  bool is_over = false;
};

asio::awaitable<void> serve(Connection& connection, Clock& clock, BodyRule rule, Seen& seen) {
  Exchange exchange(connection, clock);
  while (seen.requests.size() < 20) {
    std::optional<Request> request = co_await exchange.read_head();
    if (!request) break;
    const bool is_whole = co_await exchange.read_body(*request, rule);
    seen.are_whole.push_back(is_whole);
    seen.requests.push_back(std::move(*request));
    if (!is_whole || !exchange.keeps_alive()) break;
    const Response answer = text_response(200, "ok\n");
    co_await exchange.send(answer, false, true);
  }
  if (const auto refusal = exchange.take_refusal()) {
    seen.refusal = refusal->status;
    co_await exchange.send(*refusal, false, false);
    co_await exchange.drain();
  }
  seen.is_over = true;
}

Seen serve(std::vector<std::string> pieces, BodyRule rule) {
  static asio::io_context loop{1};
  static FakeClock clock{loop};
  Connection connection;
  connection.conn = std::make_unique<ScriptedClient>(std::move(pieces));
  Seen seen;
  asio::co_spawn(loop, serve(connection, clock, rule, seen),
                 [](const std::exception_ptr& error) { hold(!error, "no request throws"); });
  clock.settle();
  hold(seen.is_over, "a connection ends with its client");
  return seen;
}

void inspect(const Request& request, BodyRule rule) {
  static const Site site({"gonogo.example.org", "*.apps.example.org"},
                         parse_url("https://go.example.org/"));
  hold(request.body.size() <= rule.most, "a body is bounded");
  hold(request.host.empty() || parse_host(request.host), "a request is for a host");
  hold(request.query.size() <= 50, "a query is bounded");
  if (site.knows_host_of(request) && !request.host.empty()) {
    const auto host = parse_host(request.host);
    const bool is_own = host->is_address || host->name.find('.') == std::string::npos ||
                        host->name.ends_with(".example.org");
    hold(is_own, "no foreign name is known: " + host->name);
  }
  if (request.fetch_site == "cross-site") hold(site.is_foreign(request), "another site is foreign");
  if (request.origin == "null") hold(site.is_foreign(request), "a page of no origin is foreign");
  static_cast<void>(is_json(request));
}

bool is_same(const Request& one, const Request& other) {
  return one.method == other.method && one.path == other.path && one.query == other.query &&
         one.host == other.host && one.authorization == other.authorization &&
         one.origin == other.origin && one.body == other.body && one.is_cut == other.is_cut;
}

}  // namespace

void fuzz(std::string_view input) {
  for (const BodyRule rule : {BodyRule{}, BodyRule{.most = 20, .cuts = true}}) {
    const Seen whole = serve({std::string(input)}, rule);
    const Seen torn = serve(in_pieces(input), rule);
    for (const Request& request : whole.requests) inspect(request, rule);
    hold(whole.refusal == 0 || (whole.refusal >= 400 && whole.refusal < 500),
         "what is refused is the client's fault");
    // A request that never ends is refused, or its client went away: by what has come.
    hold(whole.refusal == torn.refusal || whole.refusal == 0 || torn.refusal == 0,
         "packets do not decide why it is refused");
    hold(whole.are_whole == torn.are_whole, "packets do not decide what is refused");
    hold(whole.requests.size() == torn.requests.size() &&
             std::equal(whole.requests.begin(), whole.requests.end(), torn.requests.begin(),
                        is_same),
         "packets do not decide what a request is");
  }
}

}  // namespace gonogo
