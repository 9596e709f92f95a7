#include "daemon/formats/node.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Node, AProblemSaysWhereAndWhat) {
  const Place in_file{"etc/gonogo.yaml", 3, 7};
  const std::vector<std::pair<Problem, const char*>> cases{
      {{in_file, "gates.health", "is empty"}, "etc/gonogo.yaml:3:7: gates.health: is empty"},
      {{{"etc/gonogo.yaml", 0, 0}, "", "is missing"}, "etc/gonogo.yaml: is missing"},
      {{{}, "server.listen", "is no address"}, "server.listen: is no address"},
      {{{}, "", "is missing"}, "is missing"},
      // A key is what somebody wrote: it cannot look like a line of its own.
      {{in_file, "vars.a\n/etc/x.yaml:1:1: \x1B[2J\u200Bb", "is empty"},
       "etc/gonogo.yaml:3:7: vars.a\\n/etc/x.yaml:1:1: \\x1b[2J\\xe2\\x80\\x8bb: is empty"}};
  for (const auto& [problem, expected] : cases) EXPECT_EQ(to_text(problem), expected);
}

TEST(Node, FindsAnEntryByItsKey) {
  Node map;
  map.type = Node::Type::map;
  map.entries.push_back({"a", {}, {}});
  map.entries.push_back({"b", {}, {}});
  map.entries[1].value.scalar = "2";
  ASSERT_NE(map.find("b"), nullptr);
  EXPECT_EQ(map.find("b")->scalar, "2");
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(Node{}.find("a"), nullptr);
}

}  // namespace
}  // namespace gonogo
