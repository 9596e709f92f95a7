#include "daemon/api/path_pattern.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  std::optional<PathParts> parts;
};

TEST(PathPattern, TakesTheNamedPartsOutOfAPath) {
  const PathParts none;
  for (const Case& row :
       {Case{"/", "/", none}, Case{"/verdict", "/verdict", none},
        Case{"/verdict", "/verdict/", std::nullopt}, Case{"/verdict", "/", std::nullopt},
        Case{"/checks/{id}", "/checks/a", PathParts{{"id", "a"}}},
        Case{"/checks/{id}", "/checks/a/", PathParts{{"id", "a"}}},
        Case{"/checks/{id}", "/checks/a/b", std::nullopt},
        Case{"/checks/{id}", "/checks/", std::nullopt},
        Case{"/checks/{id}", "/checks", std::nullopt}, Case{"/checks/{id}", "", std::nullopt},
        Case{"/checks/{id}/run", "/checks/a/run", PathParts{{"id", "a"}}},
        Case{"/checks/{id}/run", "/checks/a/run/", std::nullopt},
        Case{"/checks/{id}/run", "/checks/a", std::nullopt},
        Case{"/checks/{id}/run", "/checks/a/", std::nullopt},
        Case{"/checks/{id}/run", "/checks//run", std::nullopt},
        Case{"/ping/{key}/{rest...}", "/ping/k/a/b", PathParts{{"key", "k"}, {"rest", "a/b"}}},
        Case{"/ping/{key}/{rest...}", "/ping/k/", PathParts{{"key", "k"}, {"rest", ""}}},
        Case{"/ping/{key}/{rest...}", "/ping/k", std::nullopt}}) {
    EXPECT_EQ(match_path(row.pattern, row.path), row.parts) << row.pattern << " " << row.path;
  }
}

}  // namespace
}  // namespace gonogo
