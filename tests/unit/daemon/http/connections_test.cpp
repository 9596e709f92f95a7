// Which connection makes room for the next.
#include "daemon/http/connections.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using namespace std::chrono_literals;
using enum Connection::Step;

constexpr SteadyTime start{std::chrono::hours{1}};

struct Open {
  Connection::Step phase;
  Duration without_progress;
};

// Its number, or -1.
int closed_first(const std::vector<Open>& open) {
  Connections connections(open.size());
  const SteadyTime now = start + 1min;
  std::vector<std::shared_ptr<Connection>> all;
  for (const Open& one : open) {
    all.push_back(connections.add(now));
    all.back()->phase = one.phase;
    all.back()->progress = now - one.without_progress;
  }
  connections.add(now);
  EXPECT_LE(connections.open(), std::max<std::size_t>(open.size(), 1));
  int closed = -1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i]->is_closed) continue;
    EXPECT_EQ(closed, -1) << "one is enough";
    closed = static_cast<int>(i);
  }
  return closed;
}

TEST(Connections, CloseTheOneWithoutProgressForLongest) {
  struct Case {
    const char* name;
    std::vector<Open> open;
    int first;
  };
  for (const Case& row : {
           Case{"idle ones", {{waiting, 3s}, {waiting, 5s}, {waiting, 1s}}, 1},
           Case{"all phases alike", {{reading, 3s}, {waiting, 5s}, {draining, 6s}}, 2},
           Case{"one that writes first", {{waiting, 50s}, {reading, 40s}, {writing, 2s}}, 2},
           Case{"of those the longest", {{writing, 2s}, {writing, 9s}, {waiting, 50s}}, 1},
           Case{"a client that takes its answer stays", {{writing, 10ms}, {waiting, 5s}}, 1},
           Case{"unless all do so", {{writing, 10ms}, {writing, 20ms}}, 1},
           Case{"one that waits for us last", {{handling, 20s}, {reading, 1ms}}, 1},
           Case{"if it must be", {{handling, 2s}, {handling, 3s}}, 1},
       }) {
    EXPECT_EQ(closed_first(row.open), row.first) << row.name;
  }
}

TEST(Connections, CountWhateverTheyDoUntilTheyAreClosed) {
  Connections connections(3);
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto phase : {writing, handling, draining}) {
    all.push_back(connections.add(start));
    all.back()->phase = phase;
  }
  EXPECT_EQ(connections.open(), 3U);
  all[0]->close();
  EXPECT_EQ(connections.open(), 2U);
  const auto next = connections.add(start);
  EXPECT_FALSE(all[1]->is_closed) << "there was room";
  connections.remove(next);
  EXPECT_EQ(connections.open(), 2U);
  EXPECT_TRUE(connections.make_room(start));
  EXPECT_TRUE(connections.make_room(start));
  EXPECT_FALSE(connections.make_room(start)) << "nothing is left to close";
}

TEST(Connections, EndAtTheirLimit) {
  Connections connections(3);
  const auto early = connections.add(start);
  const auto late = connections.add(start);
  early->limit = start + 1s;
  late->limit = start + 2s;
  connections.close_overdue(start + 1s);
  EXPECT_TRUE(early->is_closed);
  EXPECT_FALSE(late->is_closed);
}

// Whoever waits for an answer gets it. Who has only just come, as in the handshake, gets one unless
// the daemon stops.
TEST(Connections, EndWithTheNextAnswerOrWithTheOneUnderWay) {
  struct Case {
    Connection::Step phase;
    bool is_answered;
    bool ends_at_once;
    bool stops_at_once;
  };
  for (const Case& row : {
           Case{waiting, false, false, true},
           Case{waiting, true, true, true},
           Case{reading, false, false, true},
           Case{reading, true, false, true},
           Case{handling, false, false, false},
           Case{handling, true, false, false},
           Case{writing, true, false, false},
           Case{draining, true, false, true},
       }) {
    for (const bool stops : {false, true}) {
      Connections connections(1);
      const auto open = connections.add(start);
      open->phase = row.phase;
      open->is_answered = row.is_answered;
      stops ? connections.stop_all() : connections.end_all();
      EXPECT_TRUE(open->is_last);
      EXPECT_EQ(open->is_closed, stops ? row.stops_at_once : row.ends_at_once)
          << "phase " << static_cast<int>(row.phase) << ", answered " << row.is_answered
          << ", stops " << stops;
    }
  }
}

}  // namespace
}  // namespace gonogo
