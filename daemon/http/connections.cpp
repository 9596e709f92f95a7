#include "daemon/http/connections.h"

#include <poll.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// A client that reads takes something of its answer much sooner.
constexpr Duration stalled_after = 1s;

// The lowest goes first.
auto rank(const Connection& connection, SteadyTime now) {
  const bool has_stalled =
      connection.phase == Connection::Step::writing && now - connection.progress >= stalled_after;
  const int group = has_stalled ? 0 : connection.phase == Connection::Step::handling ? 2 : 1;
  return std::tuple(group, connection.progress);
}

}  // namespace

void Connection::close() {
  if (std::exchange(is_closed, true)) return;
  if (conn) conn->close();
}

bool Connection::is_open() const {
  pollfd asked{descriptor, POLLRDHUP, 0};
  return !is_closed && ::poll(&asked, 1, 0) == 0;
}

std::shared_ptr<Connection> Connections::add(SteadyTime now) {
  while (open() >= most_ && make_room(now)) {
  }
  auto connection = std::make_shared<Connection>();
  connection->progress = now;
  all_.push_back(connection);
  return connection;
}

void Connections::remove(const std::shared_ptr<Connection>& connection) { all_.remove(connection); }

bool Connections::make_room(SteadyTime now) {
  std::shared_ptr<Connection> first;
  for (const auto& connection : all_) {
    if (connection->is_closed) continue;
    if (!first || rank(*connection, now) < rank(*first, now)) first = connection;
  }
  if (first) first->close();
  return first != nullptr;
}

void Connections::close_overdue(SteadyTime now) {
  for (const auto& connection : all_) {
    if (connection->limit <= now) connection->close();
  }
}

void Connections::end_all() {
  for (const auto& connection : all_) {
    connection->is_last = true;
    if (connection->is_answered && connection->phase == Connection::Step::waiting)
      connection->close();
  }
}

void Connections::stop_all() {
  for (const auto& connection : all_) {
    const bool has_answer = connection->phase == Connection::Step::handling ||
                            connection->phase == Connection::Step::writing;
    connection->is_last = true;
    if (!has_answer) connection->close();
  }
}

std::size_t Connections::open() const {
  return static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& connection) { return !connection->is_closed; }));
}

}  // namespace gonogo
