// All gates and checks of one configuration, in the order in which they were written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/calendar.h"
#include "daemon/core/check.h"

namespace gonogo {

struct Gate {
  std::string id;
  std::string title;
  std::vector<std::size_t> checks;
};

// Checks that share a target: at most so many of them run at once.
struct Group {
  std::string id;
  std::size_t most_at_once = 1;
};

struct Checklist {
  std::vector<Gate> gates;
  std::vector<Check> checks;
  std::vector<Group> groups;
  Calendar calendar;

  std::optional<std::size_t> find_check(std::string_view id) const {
    for (std::size_t i = 0; i < checks.size(); ++i) {
      if (checks[i].id == id) return i;
    }
    return std::nullopt;
  }
  std::optional<std::size_t> find_gate(std::string_view id) const {
    for (std::size_t i = 0; i < gates.size(); ++i) {
      if (gates[i].id == id) return i;
    }
    return std::nullopt;
  }
};

}  // namespace gonogo
