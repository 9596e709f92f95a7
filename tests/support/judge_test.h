// A board whose results a test writes, to be judged at a moment that it chooses.
#pragma once

#include <gtest/gtest.h>

#include "daemon/core/judge.h"
#include "tests/support/checklists.h"

namespace gonogo {

using namespace std::chrono_literals;

class JudgeTest : public testing::Test {
 protected:
  // A board on which the check at `index` was last seen like this, `age` ago.
  void see(std::size_t index, Outcome outcome, Duration age = 1s, Reason reason = Reason::status) {
    take(records[index], list->checks[index],
         seen(outcome,
              {now.steady - age,
               now.wall - std::chrono::duration_cast<std::chrono::microseconds>(age)},
              reason));
  }
  void use(std::vector<Check> checks) {
    list = checklist_of(std::move(checks));
    records = empty_records(*list, now);
    board = {};
  }
  Snapshot judged() const { return judge(list, records, board, now); }

  Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  std::shared_ptr<Checklist> list;
  std::vector<CheckRecord> records;
  Board board;
};

}  // namespace gonogo
