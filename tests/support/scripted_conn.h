// A connection whose other side says what a test wrote down.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

#include "daemon/io/conn.h"

namespace gonogo {

class ScriptedConn : public Conn {
 public:
  // Each read gives one of `replies`; after the last one the stream ends.
  explicit ScriptedConn(std::deque<std::string> replies) : replies_(std::move(replies)) {}

  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into) override {
    if (replies_.empty()) co_return 0;
    std::string& next = replies_.front();
    const std::size_t size = std::min(into.size(), next.size());
    std::memcpy(into.data(), next.data(), size);
    next.erase(0, size);
    if (next.empty()) replies_.pop_front();
    co_return size;
  }
  boost::asio::awaitable<void> write(boost::asio::const_buffer all) override {
    written.append(static_cast<const char*>(all.data()), all.size());
    co_return;
  }
  void close() override { replies_.clear(); }

  std::string written;

 private:
  std::deque<std::string> replies_;
};

}  // namespace gonogo
