#include "daemon/http/server.h"

#include <poll.h>
#include <systemd/sd-daemon.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <list>
#include <stdexcept>

#include "daemon/formats/url.h"
#include "daemon/http/listening_socket.h"
#include "daemon/io/conn.h"

namespace gonogo {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;

namespace {

using namespace std::chrono_literals;

constexpr Duration request_limit = 10s;
constexpr Duration idle_limit = 60s;
constexpr Duration answer_limit = 30s;
constexpr std::size_t most_connections = 512;
constexpr std::uint32_t most_header_bytes = 16 * 1024;
constexpr std::uint64_t most_body_bytes = 64 * std::uint64_t{1024};

class ServerTlsConn : public Conn {
 public:
  ServerTlsConn(StreamSocket socket, std::shared_ptr<ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::awaitable<void> shake_hands() {
    co_await stream_.async_handshake(ssl::stream_base::server, asio::use_awaitable);
  }
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    boost::system::error_code error;
    const std::size_t size =
        co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return 0;
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    co_await asio::async_write(stream_, all, asio::use_awaitable);
  }
  void close() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

 private:
  std::shared_ptr<ssl::context> context_;
  ssl::stream<StreamSocket> stream_;
};

std::shared_ptr<ssl::context> load_tls(const ServerTls& tls) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  try {
    SSL_CTX_set_min_proto_version(context->native_handle(),
                                  tls.min_version == "TLS13" ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    context->use_certificate_chain_file(tls.certificate_file);
    context->use_private_key_file(tls.key_file, ssl::context::pem);
    if (!tls.client_ca_file.empty()) {
      context->load_verify_file(tls.client_ca_file);
      context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    }
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("TLS of the listener (" + tls.certificate_file +
                             "): " + error.code().message());
  }
  return context;
}

struct Connection {
  std::unique_ptr<Conn> conn;
  SteadyTime limit{};   // closed then
  bool is_idle = true;  // between two requests, or waiting for one to come
  bool is_closed = false;
  int descriptor = -1;

  // Not even the writing side of the client has been closed.
  bool is_open() const {
    pollfd asked{descriptor, POLLRDHUP, 0};
    return !is_closed && ::poll(&asked, 1, 0) == 0;
  }

  void close() {
    if (std::exchange(is_closed, true)) return;
    if (conn) conn->close();
  }
};

using RequestParser = http::request_parser<http::string_body>;

Request to_request(http::request<http::string_body>&& message) {
  Request request;
  request.method = std::string(message.method_string());
  const std::string_view target = message.target();
  const std::size_t question = target.find('?');
  request.path = percent_decoded(target.substr(0, question));
  if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
  request.accept = std::string(message[http::field::accept]);
  request.accept_encoding = std::string(message[http::field::accept_encoding]);
  request.authorization = std::string(message[http::field::authorization]);
  request.content_type = std::string(message[http::field::content_type]);
  request.body = std::move(message.body());
  return request;
}

asio::awaitable<void> send(Conn& conn, const Response& response, bool is_head, unsigned version,
                           bool keep_alive) {
  http::response<http::span_body<const char>> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  const std::string_view body = response.body ? *response.body : std::string_view{};
  message.content_length(body.size());
  if (!is_head) message.body() = {body.data(), body.size()};
  http::response_serializer<http::span_body<const char>> serializer(message);
  std::string head;
  boost::system::error_code error;
  serializer.split(true);
  serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
    for (const asio::const_buffer part : boost::beast::buffers_range_ref(buffers)) {
      head.append(static_cast<const char*>(part.data()), part.size());
    }
  });
  const bool is_small = body.size() <= 8192;
  if (!is_head && is_small) head += body;
  const asio::const_buffer first = asio::buffer(head);
  co_await conn.write(first);
  if (!is_head && !is_small) {
    const asio::const_buffer rest = asio::buffer(body);
    co_await conn.write(rest);
  }
}

}  // namespace

struct Server::Shared : std::enable_shared_from_this<Server::Shared> {
  Shared(asio::io_context& on, Clock& by, Handler to)
      : loop(on), clock(by), handler(std::move(to)) {}

  asio::io_context& loop;
  Clock& clock;
  Handler handler;
  std::optional<ServerTls> tls;
  std::shared_ptr<ssl::context> tls_context;
  std::vector<std::shared_ptr<ListeningSocket>> acceptors;
  std::list<std::shared_ptr<Connection>> connections;
  Timer sweep_timer;
  bool stopping = false;

  // Waits for a client before it accepts: without a free descriptor accept() fails even when nobody
  // is there, and room would be made for nobody.
  void accept(const std::shared_ptr<ListeningSocket>& acceptor) {
    acceptor->async_wait(asio::socket_base::wait_read, [self = shared_from_this(),
                                                        acceptor](boost::system::error_code error) {
      if (error == asio::error::operation_aborted || self->stopping) return;
      StreamSocket socket(self->loop);
      if (!error) acceptor->accept(socket, error);
      if (error == asio::error::would_block || error == asio::error::try_again ||
          error == asio::error::connection_aborted) {
        self->accept(acceptor);
      } else if (error) {
        self->make_room();
        self->retry_accept(acceptor);
      } else {
        self->welcome(std::move(socket));
        self->accept(acceptor);
      }
    });
  }

  std::vector<Timer> retries;
  void retry_accept(const std::shared_ptr<ListeningSocket>& acceptor) {
    if (retries.size() > 16) retries.clear();
    retries.push_back(clock.call_at(clock.now() + 100ms, [self = weak_from_this(), acceptor] {
      if (const auto shared = self.lock()) shared->accept(acceptor);
    }));
  }

  void make_room() {
    std::shared_ptr<Connection> longest;
    for (const auto& connection : connections) {
      const bool waits_longer = !longest || connection->limit < longest->limit;
      if (connection->is_idle && !connection->is_closed && waits_longer) longest = connection;
    }
    if (longest) longest->close();
  }

  void welcome(StreamSocket socket) {
    if (connections.size() >= most_connections) make_room();
    boost::system::error_code not_tcp;
    socket.set_option(asio::ip::tcp::no_delay(true), not_tcp);
    auto connection = std::make_shared<Connection>();
    connection->limit = clock.now() + request_limit;
    connections.push_back(connection);
    auto place = std::prev(connections.end());
    asio::co_spawn(loop, serve(shared_from_this(), connection, std::move(socket)),
                   [self = shared_from_this(), place](std::exception_ptr) {
                     // A client that goes away, or sends no HTTP, is nothing to report.
                     self->connections.erase(place);
                   });
  }

  static asio::awaitable<void> serve(std::shared_ptr<Shared> self,
                                     std::shared_ptr<Connection> connection, StreamSocket socket) {
    connection->descriptor = socket.native_handle();
    if (self->tls_context) {
      auto tls = std::make_unique<ServerTlsConn>(std::move(socket), self->tls_context);
      ServerTlsConn& handshake = *tls;
      connection->conn = std::move(tls);
      co_await handshake.shake_hands();
    } else {
      connection->conn = std::make_unique<PlainConn>(std::move(socket));
    }
    std::string pending;
    bool keep_alive = true;
    while (keep_alive && !connection->is_closed && !self->stopping) {
      keep_alive = co_await self->serve_one(*connection, pending);
    }
    connection->close();
  }

  // False when the connection is over.
  asio::awaitable<bool> serve_one(Connection& connection, std::string& pending) {
    RequestParser parser;
    parser.header_limit(most_header_bytes);
    parser.body_limit(most_body_bytes);
    connection.is_idle = true;
    connection.limit = clock.now() + idle_limit;
    boost::system::error_code error;
    const bool came = co_await read_request(connection, parser, pending, error);
    connection.is_idle = false;
    connection.limit = clock.now() + answer_limit;
    if (!came && !error) co_return false;
    if (error) {
      const int status = error == http::error::body_limit     ? 413
                         : error == http::error::header_limit ? 431
                                                              : 400;
      const Response refusal = problem_response(status, "Bad Request", error.message());
      co_await send(*connection.conn, refusal, false, 11, false);
      co_return false;
    }
    const unsigned version = parser.get().version();
    const bool keep_alive = parser.get().keep_alive() && !stopping;
    Request request = to_request(parser.release());
    const bool is_head = request.method == "HEAD";
    // The connection and this live until the handler has answered.
    request.is_waited_for = [this, &connection] {
      connection.limit = clock.now() + answer_limit;
      return !stopping && connection.is_open();
    };
    const Response response = co_await handler(std::move(request));
    connection.limit = clock.now() + answer_limit;
    co_await send(*connection.conn, response, is_head, version, keep_alive);
    co_return keep_alive;
  }

  // False without an error: the client went away between two requests.
  asio::awaitable<bool> read_request(Connection& connection, RequestParser& parser,
                                     std::string& pending, boost::system::error_code& error) {
    std::array<char, 4096> chunk;  // uninitialised: each read fills it first
    bool said_continue = false;
    while (true) {
      while (!pending.empty() && !parser.is_done()) {
        const std::size_t used = parser.put(asio::buffer(pending), error);
        pending.erase(0, used);
        if (error == http::error::need_more) {
          error = {};
          break;
        }
        if (error) co_return false;
        if (used == 0) break;
      }
      if (parser.is_done()) co_return true;
      if (parser.is_header_done() && !said_continue &&
          boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        said_continue = true;
        const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const asio::const_buffer out = asio::buffer(go_on);
        co_await connection.conn->write(out);
      }
      const asio::mutable_buffer into = asio::buffer(chunk);
      const std::size_t size = co_await connection.conn->read_some(into);
      if (size == 0) co_return false;
      // From its first byte on, a request has its own time.
      if (!parser.got_some() && pending.empty()) connection.limit = clock.now() + request_limit;
      pending.append(chunk.data(), size);
    }
  }

  void sweep() {
    const SteadyTime now = clock.now();
    for (const auto& connection : connections) {
      if (connection->limit <= now) connection->close();
    }
    sweep_timer = clock.call_at(now + 1s, [self = weak_from_this()] {
      if (const auto shared = self.lock()) shared->sweep();
    });
  }
};

Server::Server(asio::io_context& loop, Clock& clock, Handler handler)
    : shared_(std::make_shared<Shared>(loop, clock, std::move(handler))) {}

Server::~Server() { stop(); }

void Server::listen(const std::vector<std::string>& addresses, const ServerTls* tls) {
  if (tls != nullptr) {
    shared_->tls = *tls;
    shared_->tls_context = load_tls(*tls);
  }
  const int passed = ::sd_listen_fds(1);
  for (int i = 0; i < passed; ++i)
    shared_->acceptors.push_back(adopt_socket(shared_->loop, SD_LISTEN_FDS_START + i));
  if (passed <= 0) {
    for (const std::string& address : addresses)
      shared_->acceptors.push_back(open_socket(shared_->loop, address));
  }
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

std::size_t Server::connections() const { return shared_->connections.size(); }

void Server::renew_tls() {
  if (shared_->tls) shared_->tls_context = load_tls(*shared_->tls);
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
  for (const auto& connection : shared_->connections) {
    if (connection->is_idle) connection->close();
  }
}

}  // namespace gonogo
