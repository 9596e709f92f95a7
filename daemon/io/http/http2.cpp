#include "daemon/io/http/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_header_bytes = 65'536;

// One stream of one session. It parses and makes bytes; the caller reads and writes them.
class Http2Stream {
 public:
  Http2Stream(const HttpRequest& request, const std::string& scheme, std::size_t max_body)
      : body_(request.body), max_body_(max_body) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
           const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
          return static_cast<Http2Stream*>(self)->take_header(text(name, name_size),
                                                              text(value, value_size));
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size,
           void* self) { return static_cast<Http2Stream*>(self)->take_data(text(data, size)); });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, std::int32_t, std::uint32_t error, void* self) {
          auto* stream = static_cast<Http2Stream*>(self);
          stream->closed_ = true;
          stream->error_ = error;
          return 0;
        });
    const int made = nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    if (made != 0) throw std::bad_alloc();
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    submit(request, scheme);
  }
  ~Http2Stream() { nghttp2_session_del(session_); }
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;

  bool is_done() const { return closed_ || response.is_cut; }

  // The bytes to write now; empty when there are none.
  std::string take_output() {
    std::string out;
    while (true) {
      const std::uint8_t* data = nullptr;
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size < 0) refuse(static_cast<int>(size));
      if (size == 0) return out;
      out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
  }

  void take_input(std::string_view data) {
    const auto size = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
    if (size < 0) {
      throw IoError(Reason::protocol, std::string("no valid HTTP/2 answer (") +
                                          nghttp2_strerror(static_cast<int>(size)) + "), got " +
                                          in_quotes(cleaned(data, torn_at_both_ends)));
    }
  }

  void finish() const {
    if (closed_ && error_ != NGHTTP2_NO_ERROR) {
      throw IoError(Reason::protocol,
                    std::string("the stream was reset: ") + nghttp2_http2_strerror(error_));
    }
    // An interim answer (1xx) is none, and below there is no status.
    if (response.status < 200)
      throw IoError(Reason::protocol, "the stream ended without an answer");
  }

  HttpResponse response;

 private:
  static std::string_view text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
  }

  [[noreturn]] static void refuse(int error) {
    throw IoError(Reason::protocol, std::string("HTTP/2: ") + nghttp2_strerror(error));
  }

  int take_header(std::string_view name, std::string_view value) {
    header_bytes_ += name.size() + value.size();
    if (header_bytes_ > most_header_bytes) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (name != ":status") {
      response.headers.emplace_back(name, value);
      return 0;
    }
    // After an interim (1xx) answer comes another one.
    response.headers.clear();
    std::from_chars(value.data(), value.data() + value.size(), response.status);
    return 0;
  }

  int take_data(std::string_view data) {
    response.body.append(data);
    if (response.body.size() > max_body_) {
      response.body.resize(max_body_);
      response.is_cut = true;
    }
    return 0;
  }

  void submit(const HttpRequest& request, const std::string& scheme) {
    std::vector<std::pair<std::string, std::string>> fields{{":method", request.method},
                                                            {":scheme", scheme},
                                                            {":authority", ""},
                                                            {":path", request.target}};
    for (const auto& [name, value] : request.headers) {
      if (equal_ignoring_case(name, "Host")) {
        fields[2].second = value;
        continue;
      }
      // Connection-specific headers are not allowed in HTTP/2 (RFC 9113, 8.2.2).
      if (equal_ignoring_case(name, "Connection")) continue;
      fields.emplace_back(lower_case(name), value);
    }
    if (!body_.empty()) fields.emplace_back("content-length", std::to_string(body_.size()));
    std::vector<nghttp2_nv> pairs;
    for (auto& [name, value] : fields) {
      pairs.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                       reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider source{};
    source.source.ptr = this;
    source.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size,
                              std::uint32_t* flags, nghttp2_data_source* from, void*) -> ssize_t {
      auto* self = static_cast<Http2Stream*>(from->ptr);
      const std::size_t part = std::min(size, self->body_.size() - self->sent_);
      std::copy_n(self->body_.data() + self->sent_, part, into);
      self->sent_ += part;
      if (self->sent_ == self->body_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
      return static_cast<ssize_t>(part);
    };
    const auto id = nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(),
                                           body_.empty() ? nullptr : &source, nullptr);
    if (id < 0) refuse(id);
  }

  nghttp2_session* session_ = nullptr;
  std::string body_;
  std::size_t sent_ = 0;
  std::size_t max_body_;
  std::size_t header_bytes_ = 0;
  bool closed_ = false;
  std::uint32_t error_ = NGHTTP2_NO_ERROR;
};

}  // namespace

asio::awaitable<HttpResponse> exchange_http2(Conn& conn, HttpRequest request, std::string scheme,
                                             std::size_t max_body, Attempt& attempt) {
  attempt.enter(Stage::request);
  Http2Stream stream(request, scheme, max_body);
  stream.response.version = 20;
  std::array<char, 16384> chunk;
  while (!stream.is_done()) {
    const std::string out = stream.take_output();
    if (!out.empty()) {
      const asio::const_buffer buffer = asio::buffer(out);
      co_await conn.write(buffer);
    }
    attempt.enter(stream.response.status == 0 ? Stage::response : Stage::transfer);
    const asio::mutable_buffer into = asio::buffer(chunk);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) {
      throw IoError(Reason::protocol, "connection closed before the answer's end");
    }
    stream.take_input({chunk.data(), size});
  }
  attempt.enter(Stage::judge);
  stream.finish();
  co_return std::move(stream.response);
}

}  // namespace gonogo
