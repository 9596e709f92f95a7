// A parent and a child on a board, judged at moments that a test chooses.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/judge.h"
#include "tests/support/checklists.h"

namespace gonogo {

using namespace std::chrono_literals;

inline constexpr std::size_t parent = 0;
inline constexpr std::size_t child = 1;

class DependenciesTest : public testing::Test {
 protected:
  DependenciesTest() {
    Check above = probed_check("parent", 30s, 5s);
    above.debounce = {.rise = 1, .fall = 3};
    Check below = probed_check("child", 30s, 5s);
    below.depends_on = {parent};
    use({above, below});
  }
  void use(std::vector<Check> checks) {
    list = checklist_of(std::move(checks));
    records = empty_records(*list, now);
    board = {};
  }
  void see(std::size_t index, Outcome outcome, Reason reason = Reason::status) {
    take(records[index], list->checks[index], seen(outcome, now, reason));
    rule();
  }
  void pass_time(Duration span) {
    now.steady += span;
    now.wall += std::chrono::duration_cast<std::chrono::microseconds>(span);
  }
  // All pass, and some time later the first fails once.
  void begin(std::size_t failing = parent) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (list->checks[i].probe) see(i, Outcome::pass);
    }
    pass_time(10s);
    see(failing, Outcome::fail);
    pass_time(1s);
  }
  Snapshot judged() const { return judge(list, records, board, now); }
  // Judges, and the next judgement knows of it.
  void rule() {
    const Snapshot snapshot = judged();
    for (std::size_t i = 0; i < records.size(); ++i)
      keep_recovery(records[i], snapshot.checks[i].record);
  }
  CheckState state(std::size_t index) const { return judged().checks[index].state; }
  std::string state_of(std::size_t index) const {
    const Snapshot snapshot = judged();
    const CheckStatus& status = snapshot.checks[index];
    return std::string(name_of(status.state)) + (status.held_for ? " held" : "") +
           (status.awaits_run ? " awaits" : "");
  }

  Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  std::shared_ptr<Checklist> list;
  std::vector<CheckRecord> records;
  Board board;
};

}  // namespace gonogo
