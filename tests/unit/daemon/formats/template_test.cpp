#include "daemon/formats/template.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Template, FillsEachPlaceInItsOwnEncoding) {
  const Captures captures{{"id", "a b\"/"}, {"n", "1"}};
  EXPECT_EQ(fill_template("/x/{{id}}?n={{ n }}", captures, Fill::in_url), "/x/a%20b%22%2F?n=1");
  EXPECT_EQ(fill_template(R"({"id":"{{id}}"})", captures, Fill::in_json), R"({"id":"a b\"/"})");
  EXPECT_EQ(fill_template("{{unknown}} {{id", captures), "{{unknown}} {{id");
  EXPECT_EQ(names_in_template("{{a}} and {{ b }} {{"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace gonogo
