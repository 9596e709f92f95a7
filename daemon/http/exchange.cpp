#include "daemon/http/exchange.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>

#include "daemon/core/text.h"
#include "daemon/formats/url.h"
#include "daemon/http/host_header.h"

namespace gonogo {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using namespace std::chrono_literals;
using RequestParser = http::request_parser<http::buffer_body>;
using Head = http::request<http::buffer_body>;

constexpr Duration request_limit = 10s;
constexpr Duration long_request_limit = 60s;
constexpr Duration drain_limit = 5s;
constexpr std::size_t most_drained = std::size_t{16} << 20;
// The answer is given away in pieces, so that it is known whether the client takes it.
constexpr std::size_t piece = std::size_t{16} * 1024;

Response bad_request(const std::string& why) { return problem_response(400, "Bad Request", why); }

// A header that may be given once. Two of them are read differently by different programs.
constexpr std::array<http::field, 4> single_fields{
    http::field::host, http::field::origin, http::field::authorization, http::field::content_type};

std::optional<std::string> repeated_field(const Head& head) {
  for (const http::field field : single_fields) {
    if (head.count(field) > 1) return std::string(http::to_string(field));
  }
  if (head.count("Sec-Fetch-Site") > 1) return "Sec-Fetch-Site";
  return std::nullopt;
}

std::optional<std::string> text_of(const Head& head, const char* field) {
  const auto found = head.find(field);
  if (found == head.end()) return std::nullopt;
  return std::string(found->value());
}

// The path and query of the target, which may be an absolute URL; its host counts then (RFC 9112,
// 3.2.2). Nothing when that URL has no host.
std::optional<std::string_view> take_origin_form(std::string_view target, std::string& host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    host = std::string(target.substr(0, end));
    target.remove_prefix(end);
    if (host.empty()) return std::nullopt;
    return target;
  }
  return target;
}

// The problem, or nothing.
std::optional<std::string> fill_in(Request& request, const Head& head) {
  if (const auto field = repeated_field(head)) return *field + " is given more than once";
  request.method = std::string(head.method_string());
  request.host = std::string(trimmed(std::string_view(head[http::field::host])));
  const auto target = take_origin_form(head.target(), request.host);
  if (!target || (!request.host.empty() && !parse_host(request.host)))
    return in_quotes(request.host) + " is no host (such as gonogo.example.org:9880)";
  const std::size_t question = target->find('?');
  request.path = percent_decoded(target->substr(0, question));
  if (request.path.empty() && target->data() != std::string_view(head.target()).data())
    request.path = "/";
  if (question != std::string_view::npos) request.query = parse_query(target->substr(question + 1));
  request.accept = std::string(head[http::field::accept]);
  request.accept_encoding = std::string(head[http::field::accept_encoding]);
  request.authorization = std::string(head[http::field::authorization]);
  request.content_type = std::string(head[http::field::content_type]);
  request.origin = text_of(head, "Origin");
  request.fetch_site = text_of(head, "Sec-Fetch-Site");
  return std::nullopt;
}

std::string head_of(const Response& response, unsigned version, bool keep_alive) {
  http::response<http::empty_body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  message.content_length(response.body ? response.body->size() : 0);
  http::response_serializer<http::empty_body> serializer(message);
  std::string head;
  boost::system::error_code error;
  serializer.split(true);
  serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
    for (const asio::const_buffer part : boost::beast::buffers_range_ref(buffers))
      head.append(static_cast<const char*>(part.data()), part.size());
  });
  return head;
}

}  // namespace

struct Exchange::Parts {
  Parts(Connection& of, Clock& by) : connection(of), clock(by) {}

  Connection& connection;
  Clock& clock;
  std::optional<RequestParser> parser;
  std::string pending;  // has come, and is not parsed yet
  bool said_continue = false;
  bool leaves_rest = false;  // of the body
  std::optional<Response> refusal;
};

Exchange::Exchange(Connection& connection, Clock& clock)
    : parts_(std::make_unique<Parts>(connection, clock)) {}

Exchange::~Exchange() = default;

std::optional<Response> Exchange::take_refusal() { return std::exchange(parts_->refusal, {}); }

bool Exchange::expects_long_body() const {
  const auto length = parts_->parser->content_length();
  return !parts_->parser->is_done() && (!length || *length > BodyRule{}.most);
}

bool Exchange::keeps_alive() const {
  return parts_->parser && parts_->parser->is_done() && !parts_->leaves_rest &&
         parts_->parser->get().keep_alive();
}

asio::awaitable<bool> Exchange::read_more() {
  std::array<char, 4096> chunk;  // uninitialised: each read fills it first
  const asio::mutable_buffer into = asio::buffer(chunk);
  const std::size_t size = co_await parts_->connection.conn->read_some(into);
  if (size == 0) co_return false;
  const SteadyTime now = parts_->clock.now();
  parts_->connection.note_progress(now);
  // From its first byte on, a request has its own time.
  if (parts_->connection.phase == Connection::Step::waiting) {
    parts_->connection.phase = Connection::Step::reading;
    parts_->connection.limit = now + request_limit;
  }
  parts_->pending.append(chunk.data(), size);
  co_return true;
}

asio::awaitable<std::optional<Request>> Exchange::read_head() {
  Parts& parts = *parts_;
  std::optional<Request> request;
  parts.parser.emplace();
  parts.parser->header_limit(most_header_bytes);
  // The bound is that of the route: read_body() keeps it.
  parts.parser->body_limit(boost::none);
  parts.said_continue = false;
  parts.leaves_rest = false;
  if (!parts.pending.empty()) {
    parts.connection.phase = Connection::Step::reading;
    parts.connection.limit = parts.clock.now() + request_limit;
  }
  while (!parts.parser->is_header_done()) {
    boost::system::error_code error = http::error::need_more;
    if (!parts.pending.empty())
      parts.pending.erase(0, parts.parser->put(asio::buffer(parts.pending), error));
    if (error == http::error::need_more) {
      const bool came = co_await read_more();
      if (!came) co_return request;
    } else if (error) {
      const bool is_long = error == http::error::header_limit;
      parts.refusal = is_long ? problem_response(431, "Request Header Fields Too Large",
                                                 "wanted at most 16 KiB of headers")
                              : bad_request(error.message());
      co_return request;
    }
  }
  request.emplace();
  request->is_unix = parts.connection.is_unix;
  request->is_tls = parts.connection.is_tls;
  if (auto problem = fill_in(*request, parts.parser->get())) {
    parts.refusal = bad_request(*problem);
    request.reset();
  }
  co_return request;
}

asio::awaitable<bool> Exchange::read_body(Request& request, BodyRule rule) {
  Parts& parts = *parts_;
  RequestParser& parser = *parts.parser;
  if (parser.is_done()) co_return true;
  if (rule.most > BodyRule{}.most) parts.connection.limit = parts.clock.now() + long_request_limit;
  bool is_long = !rule.cuts && parser.content_length().value_or(0) > rule.most;
  std::array<char, 4096> part;  // uninitialised: what is read of it was written
  while (!is_long && !parser.is_done()) {
    boost::system::error_code error = http::error::need_more;
    std::size_t left = part.size();
    if (!parts.pending.empty()) {
      parser.get().body().data = part.data();
      parser.get().body().size = part.size();
      parser.get().body().more = true;
      parts.pending.erase(0, parser.put(asio::buffer(parts.pending), error));
      left = parser.get().body().size;
    }
    request.body.append(part.data(), part.size() - left);
    is_long = request.body.size() > rule.most;
    if (is_long || parser.is_done() || error == http::error::need_buffer) continue;
    if (error && error != http::error::need_more) {
      parts.refusal = bad_request(error.message());
      co_return false;
    }
    if (!parts.pending.empty() && !error) continue;
    if (!parts.said_continue &&
        equal_ignoring_case(std::string_view(parser.get()[http::field::expect]), "100-continue")) {
      parts.said_continue = true;
      const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await write(go_on);
    }
    const bool came = co_await read_more();
    if (!came) co_return false;
  }
  if (is_long) parts.leaves_rest = true;
  if (is_long && !rule.cuts) {
    parts.refusal =
        problem_response(413, "Content Too Large",
                         "wanted a body of at most " + std::to_string(rule.most) + " bytes");
    co_return false;
  }
  request.is_cut = is_long;
  if (is_long) request.body.resize(rule.most);
  co_return true;
}

asio::awaitable<void> Exchange::write(std::string_view text) {
  while (!text.empty()) {
    const asio::const_buffer next = asio::buffer(text.data(), std::min(piece, text.size()));
    co_await parts_->connection.conn->write(next);
    parts_->connection.note_progress(parts_->clock.now());
    text.remove_prefix(next.size());
  }
}

asio::awaitable<void> Exchange::send(const Response& response, bool is_head, bool keep_alive) {
  const bool is_parsed = parts_->parser && parts_->parser->is_header_done();
  const unsigned version = is_parsed ? parts_->parser->get().version() : 11;
  std::string head = head_of(response, version, keep_alive);
  std::string_view body;
  if (response.body && !is_head) body = *response.body;
  // One packet where it fits.
  if (body.size() <= piece - std::min(piece, head.size())) head += std::exchange(body, {});
  co_await write(head);
  co_await write(body);
}

asio::awaitable<void> Exchange::drain() {
  const bool has_rest = !parts_->parser || !parts_->parser->is_done() || parts_->leaves_rest;
  if (!has_rest) co_return;
  Connection& connection = parts_->connection;
  connection.phase = Connection::Step::draining;
  connection.limit = parts_->clock.now() + drain_limit;
  connection.conn->finish_writing();
  std::size_t drained = parts_->pending.size();
  parts_->pending.clear();
  while (drained < most_drained) {
    const bool came = co_await read_more();
    if (!came) co_return;
    drained += std::exchange(parts_->pending, {}).size();
  }
}

}  // namespace gonogo
