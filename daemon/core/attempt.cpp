#include "daemon/core/attempt.h"

#include <algorithm>

namespace gonogo {

void Attempt::enter(Stage stage) {
  const SteadyTime now = clock_.now();
  if (stage_ != Stage::start) {
    const auto same = [this](const Phase& phase) { return phase.stage == stage_; };
    const auto found = std::find_if(phases_.begin(), phases_.end(), same);
    if (found != phases_.end()) {
      found->took += now - entered_;
    } else {
      phases_.push_back({stage_, now - entered_});
    }
  }
  stage_ = stage;
  entered_ = now;
}

std::vector<Phase> Attempt::take_phases() {
  const Stage last = stage_;
  enter(Stage::start);
  stage_ = last;
  return std::move(phases_);
}

}  // namespace gonogo
