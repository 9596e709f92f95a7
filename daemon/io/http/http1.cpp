#include "daemon/io/http/http1.h"

#include <array>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t most_header_bytes = 64 * 1024;
constexpr int most_interim_answers = 8;

std::string serialize(HttpRequest&& wanted) {
  http::request<http::string_body> request;
  request.method_string(wanted.method);
  request.target(wanted.target);
  request.version(11);
  for (const auto& [name, value] : wanted.headers) request.insert(name, value);
  request.body() = std::move(wanted.body);
  const bool has_body =
      !request.body().empty() || wanted.method == "POST" || wanted.method == "PUT";
  if (has_body) request.content_length(request.body().size());
  std::string wire;
  http::request_serializer<http::string_body> serializer(request);
  boost::system::error_code error;
  do {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      wire.append(asio::buffers_begin(buffers), asio::buffers_end(buffers));
      serializer.consume(boost::beast::buffer_bytes(buffers));
    });
  } while (!error && !serializer.is_done());
  return wire;
}

[[noreturn]] void refuse_answer(const boost::system::error_code& error, std::string_view seen) {
  throw IoError(Reason::protocol, "no valid HTTP answer (" + error.message() + "), got " +
                                      in_quotes(cleaned(seen, torn_at_both_ends)));
}

// Takes the bytes of an answer as they come.
class AnswerReader {
 public:
  AnswerReader(bool is_head, std::size_t max_body) : is_head_(is_head), max_body_(max_body) {
    prepare();
  }

  bool has_header() const { return parser_->is_header_done(); }
  bool is_done() const { return parser_->is_done() || is_cut_; }

  void take(std::string_view bytes) {
    pending_.append(bytes);
    while (!pending_.empty() && !parser_->is_done()) {
      boost::system::error_code error;
      const std::size_t used = parser_->put(asio::buffer(pending_), error);
      pending_.erase(0, used);
      if (error == http::error::need_more) break;
      if (error) refuse_answer(error, pending_);
      // RFC 9110, 15: there are none below 100.
      if (has_header() && parser_->get().result_int() < 100) {
        const std::string number = std::to_string(parser_->get().result_int());
        throw IoError(Reason::protocol, "no valid HTTP answer (status " +
                                            std::string(3 - number.size(), '0') + number + ")");
      }
      if (has_header() && parser_->get().result_int() / 100 == 1) {
        if (++interim_ > most_interim_answers)
          throw IoError(Reason::protocol, "no end of 1xx answers");
        prepare();
        continue;
      }
      if (used == 0) break;
    }
    is_cut_ = has_header() && parser_->get().body().size() > max_body_;
  }

  // The connection was closed.
  void take_end() {
    if (!parser_->got_some() && pending_.empty())
      throw IoError(Reason::protocol, "connection closed without an answer");
    boost::system::error_code error;
    parser_->put_eof(error);
    if (error) refuse_answer(error, pending_);
  }

  HttpResponse finish() {
    http::response<http::string_body>& message = parser_->get();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    response.version = static_cast<int>(message.version());
    for (const auto& field : message)
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    response.body = std::move(message.body());
    response.is_cut = is_cut_;
    if (is_cut_) response.body.resize(max_body_);
    return response;
  }

 private:
  void prepare() {
    parser_.emplace();
    parser_->header_limit(most_header_bytes);
    parser_->body_limit(boost::none);
    parser_->skip(is_head_);
  }

  std::optional<http::response_parser<http::string_body>> parser_;
  std::string pending_;
  bool is_head_;
  std::size_t max_body_;
  int interim_ = 0;
  bool is_cut_ = false;
};

}  // namespace

asio::awaitable<HttpResponse> exchange(Conn& conn, HttpRequest request, std::size_t max_body,
                                       Attempt& attempt) {
  attempt.enter(Stage::request);
  AnswerReader reader(request.method == "HEAD", max_body);
  const std::string wire = serialize(std::move(request));
  const asio::const_buffer out = asio::buffer(wire);
  co_await conn.write(out);

  attempt.enter(Stage::response);
  std::array<char, 4096> chunk;  // uninitialised: each read fills it first
  bool has_answer = false;
  while (!reader.is_done()) {
    const asio::mutable_buffer into = asio::buffer(chunk);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) {
      reader.take_end();
      break;
    }
    reader.take({chunk.data(), size});
    if (reader.has_header() && !has_answer) {
      has_answer = true;
      attempt.enter(Stage::transfer);
    }
  }
  attempt.enter(Stage::judge);
  co_return reader.finish();
}

}  // namespace gonogo
