#include "daemon/io/http/http1.h"

#include <array>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/redactor.h"

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
  throw IoError(Reason::protocol,
                "no valid HTTP answer (" + error.message() + "), got " + in_quotes(seen));
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

const std::string* HttpResponse::find_header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (boost::beast::iequals(key, name)) return &value;
  }
  return nullptr;
}

asio::awaitable<HttpResponse> exchange(Conn& conn, HttpRequest request, std::size_t max_body,
                                       Attempt& attempt) {
  attempt.enter(Stage::request);
  AnswerReader reader(request.method == "HEAD", max_body);
  const std::string wire = serialize(std::move(request));
  const asio::const_buffer out = asio::buffer(wire);
  co_await conn.write(out);

  attempt.enter(Stage::response);
  std::array<char, 4096> chunk;  // filled by what reads into it
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

std::optional<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || text.size() > 8000) return std::nullopt;
  const boost::urls::url_view view = *parsed;
  Url url;
  const std::string_view scheme = view.scheme();
  if (boost::beast::iequals(scheme, "https")) {
    url.is_tls = true;
  } else if (!boost::beast::iequals(scheme, "http")) {
    return std::nullopt;
  }
  url.target.host = std::string(view.host_address());
  url.target.port = url.is_tls ? 443 : 80;
  // Not port_number(): it wraps around what is out of range.
  if (view.has_port() && !view.port().empty()) {
    const std::string_view port = view.port();
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535) {
      return std::nullopt;
    }
    url.target.port = static_cast<std::uint16_t>(number);
  }
  if (url.target.host.empty()) return std::nullopt;
  url.user = view.user();
  url.password = view.password();
  url.path = std::string(view.encoded_path());
  if (url.path.empty()) url.path = "/";
  if (view.has_query()) url.path += "?" + std::string(view.encoded_query());
  return url;
}

std::string host_header(const Url& url) {
  const bool is_default = url.target.port == (url.is_tls ? 443 : 80);
  const std::string full = to_text(url.target);
  return is_default ? full.substr(0, full.rfind(':')) : full;
}

std::string to_text(const Url& url) {
  return (url.is_tls ? "https://" : "http://") + host_header(url) + url.path;
}

std::optional<Url> resolve_reference(const Url& base, std::string_view location) {
  const std::string base_text = to_text(base);
  const auto parsed_base = boost::urls::parse_uri(base_text);
  const auto reference = boost::urls::parse_uri_reference(location);
  if (!parsed_base || !reference) return std::nullopt;
  boost::urls::url joined;
  if (!boost::urls::resolve(*parsed_base, *reference, joined)) return std::nullopt;
  return parse_url(std::string_view(joined.buffer().data(), joined.buffer().size()));
}

}  // namespace gonogo
