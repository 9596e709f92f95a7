#include "daemon/config/show.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"

namespace gonogo {
namespace {

Node read(const std::string& text) {
  Problems problems;
  Node node = parse_document("gonogo.yaml", text, problems);
  EXPECT_TRUE(problems.empty()) << text << ": " << problems.front().text;
  return node;
}

TEST(Show, WhatIsShownIsReadAsTheSame) {
  for (const char* text : {" ---", " ...", " --- a", "title: ---", "title: plain", "- ...",
                           "\"true\"", "title: \"a\\nb\"", "title: \"# no comment\""}) {
    const Node node = read(text);
    const std::string shown = to_yaml(node);
    const Node again = read(shown);
    ASSERT_EQ(again.type, node.type) << shown;
    EXPECT_EQ(to_yaml(again), shown);
    if (node.is_scalar()) {
      EXPECT_EQ(again.scalar, node.scalar) << shown;
    }
  }
}

}  // namespace
}  // namespace gonogo
