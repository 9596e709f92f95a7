// A connection that a client made to the listener.
#pragma once

#include <memory>

#include "daemon/io/conn.h"

namespace gonogo {

class ListenerConn : public Conn {
 public:
  // Before the first read.
  virtual boost::asio::awaitable<void> shake_hands() { co_return; }
  // The client sees the end of the stream, and may still send.
  virtual void finish_writing() = 0;
};

std::unique_ptr<ListenerConn> make_plain_conn(StreamSocket socket);

}  // namespace gonogo
