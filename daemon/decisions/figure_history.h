// The last numbers of the figures that deploys are compared by.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/deployment.h"
#include "daemon/core/observation.h"

namespace gonogo {

class FigureHistory {
 public:
  // Keeps the numbers of these figures, and drops those of others and of checks that mean something
  // else now.
  void follow(const std::vector<FigureRule>& rules, const Checklist& checklist);

  // Takes the numbers of one run. True when there was one.
  bool take(const std::vector<FigureRule>& rules, const Check& check, const Observation& seen);

  // The middle of the last numbers of each figure, and the figures that have none.
  struct Baselines {
    std::map<std::string, Figure> figures;
    std::vector<std::string> missing;
  };
  Baselines baselines() const;

  // JSON, for the store.
  std::string text() const;
  // Takes back what text() gave, for the figures that are followed: numbers of the same definition
  // of the check that are no older than an hour, or than twenty of its intervals (its `stale_after`
  // when it runs on demand) if that is longer. None that is dated in the future.
  void restore(const std::string& text, const Checklist& checklist, WallTime now);

 private:
  struct Number {
    WallTime at{};
    double number = 0;
  };
  struct Numbers {
    std::string check;
    std::string fingerprint;
    std::deque<Number> last;
  };
  std::map<std::string, Numbers> figures_;  // by "check/value"
};

}  // namespace gonogo
