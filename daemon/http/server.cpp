#include "daemon/http/server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "daemon/http/connections.h"
#include "daemon/http/exchange.h"
#include "daemon/http/listener_tls.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr Duration handshake_limit = 10s;
constexpr Duration idle_limit = 60s;
constexpr Duration answer_limit = 30s;
constexpr int most_at_once = 64;
// Of bodies that are longer than usual, all that are read at once have together.
constexpr std::size_t most_long_bodies = std::size_t{32} << 20;

bool lacks_room(const boost::system::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_memory ||
         error == asio::error::no_buffer_space ||
         error == boost::system::errc::too_many_files_open_in_system;
}

Response too_busy() {
  Response response = problem_response(503, "Service Unavailable",
                                       "too many long requests at once (try again in a second)");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response too_many(Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  Response response = problem_response(429, "Too Many Requests",
                                       "more requests than rate_limit of web_config admits");
  response.headers.emplace_back("Retry-After", std::to_string(std::max<long>(1, seconds.count())));
  return response;
}

// X-Content-Type-Options has one value only, which every answer carries already.
void add_fields(Response& response, const ServerRules& rules) {
  for (const auto& [name, value] : rules.headers) {
    const auto is_same = [&name = name](const auto& field) { return field.first == name; };
    const bool is_there = name == "X-Content-Type-Options" ||
                          std::any_of(response.headers.begin(), response.headers.end(), is_same);
    if (!is_there || name == "Content-Security-Policy") response.headers.emplace_back(name, value);
  }
}

}  // namespace

struct Server::Shared : std::enable_shared_from_this<Server::Shared> {
  Shared(asio::io_context& on, Clock& by, Doors to, std::size_t most)
      : loop(on), clock(by), doors(std::move(to)), connections(most) {}

  asio::io_context& loop;
  Clock& clock;
  Doors doors;
  std::shared_ptr<const ListenerTls> tls;
  ServerRules rules;
  RateLimit limit{Duration::zero(), 0};
  std::vector<std::shared_ptr<ListeningSocket>> acceptors;
  Connections connections;
  std::size_t long_bodies = 0;
  Timer sweep_timer;
  std::vector<Timer> retries;
  bool stopping = false;

  // Waits for a client before it accepts: without a free descriptor accept() fails even when nobody
  // is there, and room would be made for nobody.
  void accept(const std::shared_ptr<ListeningSocket>& acceptor) {
    acceptor->async_wait(asio::socket_base::wait_read, [self = shared_from_this(),
                                                        acceptor](boost::system::error_code error) {
      if (error == asio::error::operation_aborted || self->stopping) return;
      // Many at once: those who asked first, and read nothing, do not hold up who asks last.
      for (int i = 0; !error && i < most_at_once; ++i) {
        StreamSocket socket(self->loop);
        acceptor->accept(socket, error);
        if (!error) self->welcome(std::move(socket));
      }
      const bool went_away = error == asio::error::would_block || error == asio::error::try_again ||
                             error == asio::error::connection_aborted;
      // A connection that is closed for it leaves its descriptor to the next.
      if (!error || went_away ||
          (lacks_room(error) && self->connections.make_room(self->clock.now())))
        self->accept(acceptor);
      else
        self->retry_accept(acceptor);
    });
  }

  void retry_accept(const std::shared_ptr<ListeningSocket>& acceptor) {
    if (retries.size() > 16) retries.clear();
    retries.push_back(clock.call_at(clock.now() + 100ms, [self = weak_from_this(), acceptor] {
      if (const auto shared = self.lock()) shared->accept(acceptor);
    }));
  }

  void welcome(StreamSocket socket) {
    boost::system::error_code error;
    const auto endpoint = socket.local_endpoint(error);
    const bool is_unix = !error && endpoint.protocol().family() == AF_UNIX;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    const std::shared_ptr<Connection> connection = connections.add(clock.now());
    connection->limit = clock.now() + handshake_limit;
    connection->descriptor = socket.native_handle();
    connection->is_unix = is_unix;
    connection->is_tls = tls != nullptr;
    connection->conn =
        tls ? make_tls_conn(std::move(socket), tls) : make_plain_conn(std::move(socket));
    asio::co_spawn(loop, serve(shared_from_this(), connection),
                   [self = shared_from_this(), connection](std::exception_ptr) {
                     // A client that goes away, or sends no HTTP, is nothing to report.
                     connection->close();
                     self->connections.remove(connection);
                   });
  }

  static asio::awaitable<void> serve(std::shared_ptr<Shared> self,
                                     std::shared_ptr<Connection> connection) {
    co_await connection->conn->shake_hands();
    Exchange exchange(*connection, self->clock);
    bool keep_alive = true;
    // What was to end before its first request came ends with the answer to that.
    while (keep_alive && !connection->is_closed &&
           !(connection->is_last && connection->is_answered)) {
      connection->phase = Connection::Step::waiting;
      connection->limit = self->clock.now() + idle_limit;
      keep_alive = co_await self->serve_one(*connection, exchange);
      connection->is_answered = true;
    }
  }

  // False when the connection is over.
  asio::awaitable<bool> serve_one(Connection& connection, Exchange& exchange) {
    std::optional<Request> request = co_await exchange.read_head();
    std::optional<Response> refusal = exchange.take_refusal();
    if (request && !limit.admits(clock.now())) {
      refusal = too_many(limit.wait());
    } else if (request) {
      Reception reception = co_await doors.receive(*request);
      refusal = std::move(reception.refusal);
      const bool is_long =
          reception.rule.most > BodyRule{}.most && !refusal && exchange.expects_long_body();
      const std::size_t extra = is_long ? reception.rule.most : 0;
      if (is_long && long_bodies + extra > most_long_bodies) refusal = too_busy();
      if (!refusal) {
        const LongBody counted(long_bodies, extra);
        const bool came = co_await exchange.read_body(*request, reception.rule);
        refusal = exchange.take_refusal();
        if (!came && !refusal) co_return false;
        if (came) {
          const bool keep_alive = co_await answer(connection, exchange, std::move(*request));
          co_return keep_alive;
        }
      }
    }
    if (!refusal) co_return false;
    begin_writing(connection);
    add_fields(*refusal, rules);
    co_await exchange.send(*refusal, false, false);
    co_await exchange.drain();
    co_return false;
  }

  asio::awaitable<bool> answer(Connection& connection, Exchange& exchange, Request request) {
    connection.phase = Connection::Step::handling;
    connection.limit = clock.now() + answer_limit;
    const bool is_head = request.method == "HEAD";
    // The connection and this live until the handler has answered.
    request.is_waited_for = [this, &connection] {
      connection.limit = clock.now() + answer_limit;
      return !stopping && connection.is_open();
    };
    Response response = co_await doors.handle(std::move(request));
    add_fields(response, rules);
    begin_writing(connection);
    const bool keep_alive = exchange.keeps_alive() && !connection.is_last && !stopping;
    co_await exchange.send(response, is_head, keep_alive);
    if (!keep_alive) co_await exchange.drain();
    co_return keep_alive;
  }

  void begin_writing(Connection& connection) {
    connection.phase = Connection::Step::writing;
    connection.note_progress(clock.now());
    connection.limit = clock.now() + answer_limit;
  }

  // Counts a body for as long as it is kept.
  struct LongBody {
    LongBody(std::size_t& of, std::size_t by) : total(of), size(by) { total += size; }
    ~LongBody() { total -= size; }
    LongBody(const LongBody&) = delete;
    LongBody& operator=(const LongBody&) = delete;
    std::size_t& total;
    std::size_t size;
  };

  void sweep() {
    const SteadyTime now = clock.now();
    connections.close_overdue(now);
    sweep_timer = clock.call_at(now + 1s, [self = weak_from_this()] {
      if (const auto shared = self.lock()) shared->sweep();
    });
  }
};

Server::Server(asio::io_context& loop, Clock& clock, Doors doors, std::size_t most_connections)
    : shared_(std::make_shared<Shared>(loop, clock, std::move(doors), most_connections)) {}

Server::~Server() { stop(); }

void Server::listen(std::vector<std::shared_ptr<ListeningSocket>> sockets,
                    std::shared_ptr<const ListenerTls> tls) {
  shared_->tls = std::move(tls);
  shared_->acceptors = std::move(sockets);
  for (const auto& acceptor : shared_->acceptors) {
    acceptor->non_blocking(true);
    shared_->accept(acceptor);
  }
  shared_->sweep();
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> names;
  for (const auto& acceptor : shared_->acceptors) names.push_back(address_of(*acceptor));
  return names;
}

std::size_t Server::connections() const { return shared_->connections.open(); }

void Server::use_rules(ServerRules rules) {
  if (rules == shared_->rules) return;
  shared_->limit = RateLimit(rules.interval, rules.burst);
  shared_->rules = std::move(rules);
}

void Server::use_tls(std::shared_ptr<const ListenerTls> tls) {
  const auto digest_of = [](const std::shared_ptr<const ListenerTls>& settings) {
    return settings ? settings->digest() : std::string();
  };
  const bool has_changed = digest_of(tls) != digest_of(shared_->tls);
  if (!has_changed) return;
  shared_->tls = std::move(tls);
  shared_->connections.end_all();
}

void Server::stop() {
  shared_->stopping = true;
  shared_->sweep_timer.cancel();
  shared_->retries.clear();
  for (const auto& acceptor : shared_->acceptors) {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  }
  shared_->acceptors.clear();
  shared_->connections.stop_all();
}

}  // namespace gonogo
