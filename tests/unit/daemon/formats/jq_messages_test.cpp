#include "daemon/formats/jq_messages.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(JqMessages, ArriveAsTheyWereSent) {
  const std::string bytes =
      to_bytes(JqRequest{{".a", ""}, {"{}", std::string_view("\0x", 2)}, true});
  const auto request = parse_jq_request(bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->expressions, (std::vector<std::string_view>{".a", ""}));
  EXPECT_EQ(request->texts, (std::vector<std::string_view>{"{}", std::string_view("\0x", 2)}));
  EXPECT_TRUE(request->asks_truth);

  std::string reply;
  append_part(reply, JqPart::answers, to_bytes(JqAnswers{{"1", "", "\"x\""}, ""}));
  append_part(reply, JqPart::answers, to_bytes(JqAnswers{{}, "why"}));
  append_part(reply, JqPart::truths, "0110");
  append_part(reply, JqPart::text_problem, "text");
  append_part(reply, JqPart::compile_problem, "compile");
  EXPECT_FALSE(parse_jq_reply(reply).is_whole);
  append_part(reply, JqPart::end, "");
  const JqReply read = parse_jq_reply(reply);
  ASSERT_EQ(read.answers.size(), 2U);
  EXPECT_EQ(read.answers[0].values, (std::vector<std::string>{"1", "", "\"x\""}));
  EXPECT_EQ(read.answers[1].problem, "why");
  EXPECT_EQ(read.truths, "0110");
  EXPECT_EQ(read.text_problem, "text");
  EXPECT_EQ(read.compile_problem, "compile");
  EXPECT_TRUE(read.is_whole);
}

TEST(JqMessages, ThatAreCutOrBrokenAreNeverWhole) {
  const std::string request = to_bytes(JqRequest{{".a"}, {"{}"}, false});
  for (std::size_t i = 0; i < request.size(); ++i)
    EXPECT_FALSE(parse_jq_request(std::string_view(request).substr(0, i))) << i;
  EXPECT_FALSE(parse_jq_request(request + "x"));
  std::string reply;
  append_part(reply, JqPart::answers, to_bytes(JqAnswers{{"1"}, ""}));
  append_part(reply, JqPart::end, "");
  for (std::size_t i = 0; i < reply.size(); ++i)
    EXPECT_FALSE(parse_jq_reply(std::string_view(reply).substr(0, i)).is_whole) << i;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    for (const char byte : {'\0', '\x7f', '\xff', 'a'}) {
      std::string broken = reply;
      broken[i] = byte;
      EXPECT_LE(parse_jq_reply(broken).answers.size(), 1U);
    }
  }
}

}  // namespace
}  // namespace gonogo
