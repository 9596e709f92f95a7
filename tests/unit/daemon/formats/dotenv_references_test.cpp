// What compose-go makes of references is in dotenv_compose.txt; these are their places and bounds.
#include "daemon/formats/dotenv_references.h"

#include <gtest/gtest.h>

#include <map>

namespace gonogo {
namespace {

DotenvExpansion expanded(std::string_view text) {
  static const std::map<std::string, std::string> keys{{"A", "a"}, {"EMPTY", ""}};
  return expand_references(text, [](const std::string& name) {
    const auto found = keys.find(name);
    return found == keys.end() ? nullptr : &found->second;
  });
}

TEST(DotenvReferences, AreReplaced) {
  EXPECT_EQ(expanded("x$A.${A}-${EMPTY:-$A}${NO-d}$$").value, "xa.a-ad$");
  EXPECT_EQ(expanded("${A+${NO:-y}}z").value, "yz");
}

TEST(DotenvReferences, NameThePlaceOfWhatIsWrongOrNotSet) {
  const DotenvExpansion seen = expanded("x${A}y$NO${NO}${NO:-}");
  EXPECT_EQ(seen.unset, (std::vector<std::size_t>{6, 9}));
  ASSERT_TRUE(expanded("x${A}${1}").problem);
  EXPECT_EQ(expanded("x${A}${1}").problem->at, 5U);
  ASSERT_TRUE(expanded("x${NO:-y${EMPTY:?}}").problem);
  EXPECT_EQ(expanded("x${NO:-y${EMPTY:?}}").problem->at, 8U);
  EXPECT_EQ(expanded("${NO?set it first}").problem->text,
            "needs NO, which is not set: set it first");
  EXPECT_EQ(expanded("${NO?s3cret}").problem->text, "needs a variable that is not set");
}

TEST(DotenvReferences, NestOnlySoDeep) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "${NO:-";
    return expanded(text + std::string(static_cast<std::size_t>(depth), '}')).problem.has_value();
  };
  EXPECT_FALSE(nested(90));
  EXPECT_TRUE(nested(110));
}

TEST(DotenvReferences, KnowTheNamesOfVariables) {
  EXPECT_EQ(length_of_variable("A_1-x"), 3U);
  EXPECT_EQ(length_of_variable("1A"), 0U);
  EXPECT_EQ(length_of_variable("é"), 0U);
  EXPECT_EQ(length_of_variable("\xC5\xBF"), 2U) << "the long s folds to an s";
}

}  // namespace
}  // namespace gonogo
