#include "daemon/http/listener_conn.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace gonogo {
namespace asio = boost::asio;

namespace {

class PlainListenerConn : public ListenerConn {
 public:
  explicit PlainListenerConn(StreamSocket socket) : socket_(std::move(socket)) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    boost::system::error_code error;
    const std::size_t size =
        co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return 0;
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    co_await asio::async_write(socket_, all, asio::use_awaitable);
  }
  void finish_writing() override {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  StreamSocket socket_;
};

}  // namespace

std::unique_ptr<ListenerConn> make_plain_conn(StreamSocket socket) {
  return std::make_unique<PlainListenerConn>(std::move(socket));
}

}  // namespace gonogo
