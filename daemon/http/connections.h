// The open connections of the listener, and which of them makes room for the next.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "daemon/core/time.h"
#include "daemon/http/listener_conn.h"

namespace gonogo {

struct Connection {
  enum class Step : std::uint8_t {
    waiting,   // for a request to come
    reading,   // a request
    handling,  // a request; the client waits for us
    writing,   // an answer
    draining,  // what the client still sends and nobody reads
  };

  // Something came or went.
  void note_progress(SteadyTime now) { progress = now; }
  void close();
  // Not even the writing side of the client has been closed.
  bool is_open() const;

  std::unique_ptr<ListenerConn> conn;
  int descriptor = -1;
  SteadyTime limit{};     // closed then
  SteadyTime progress{};  // when it last took or gave a byte
  Step phase = Step::waiting;
  bool is_unix = false;
  bool is_tls = false;
  bool is_answered = false;  // once at least
  bool is_last = false;      // closed after the answer under way
  bool is_closed = false;
};

// A connection counts from its first moment to its close, whatever it does.
class Connections {
 public:
  explicit Connections(std::size_t most) : most_(most) {}

  // Makes room when the bound is reached.
  std::shared_ptr<Connection> add(SteadyTime now);
  void remove(const std::shared_ptr<Connection>& connection);

  // Closes one: of those whose client has not taken any of its answer for a second, the one without
  // progress for longest; else the one without progress for longest of all, and only when nothing
  // else is left one that waits for this daemon. False when there is none to close.
  bool make_room(SteadyTime now);

  void close_overdue(SteadyTime now);
  // Closes those between two requests; the others end with their next answer, also those that have
  // only just come.
  void end_all();
  // Closes all that wait for no answer; the others end with it.
  void stop_all();

  std::size_t open() const;
  bool empty() const { return all_.empty(); }

 private:
  std::size_t most_;
  std::list<std::shared_ptr<Connection>> all_;
};

}  // namespace gonogo
