#include "daemon/formats/http_message.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(HttpMessage, AHeaderIsFoundInAnyCase) {
  HttpResponse response;
  response.headers = {{"Content-Type", "text/html"}, {"content-type", "text/plain"}};
  ASSERT_NE(response.find_header("CONTENT-TYPE"), nullptr);
  EXPECT_EQ(*response.find_header("CONTENT-TYPE"), "text/html") << "the first of two";
  EXPECT_EQ(response.find_header("Content"), nullptr);
}

}  // namespace
}  // namespace gonogo
