#include "daemon/formats/redactor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

TEST(Redactor, HidesASecretInEveryFormInWhichItTravels) {
  Redactor redactor;
  redactor.hide("s3cr\"t/word");
  redactor.hide_credentials("monitor", "pa55word");
  redactor.hide("postgresql://app:d%40tabase@db/x");
  for (const std::string& text :
       {std::string("got s3cr\"t/word!"), percent_encoded("s3cr\"t/word"), base64("s3cr\"t/word"),
        std::string("s3cr\\\"t/word"), "Basic " + base64("monitor:pa55word"),
        std::string("pa55word"), std::string("d@tabase"), std::string("d%40tabase")}) {
    const std::string clean = redactor.clean(text);
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << text;
    EXPECT_NE(clean, text);
  }
  EXPECT_EQ(redactor.clean("nothing here"), "nothing here");
  redactor.hide("one/two three");
  EXPECT_EQ(redactor.clean("<one%2ftwo%20three> <one%2Ftwo+three>"), "<[secret]> <[secret]>");
}

TEST(Redactor, HidesBothOfTwoSecretsThatOverlap) {
  Redactor redactor;
  redactor.hide("abcd1234");
  redactor.hide("1234wxyz");
  EXPECT_EQ(redactor.clean("<abcd1234wxyz>"), "<[secret]>");
}

TEST(Redactor, HidesEachLineOfASecretAndBase64WithoutItsPadding) {
  Redactor redactor;
  redactor.hide("-----BEGIN KEY-----\nfirst-line\nsecond-line\n-----END KEY-----\n");
  redactor.hide("padded!");
  EXPECT_EQ(redactor.clean("a first-line b"), "a [secret] b");
  EXPECT_EQ(redactor.clean("a second-line b"), "a [secret] b");
  EXPECT_EQ(redactor.clean("-----BEGIN KEY-----"), "-----BEGIN KEY-----");
  std::string packed = base64("padded!");
  packed.resize(packed.find('='));
  EXPECT_EQ(redactor.clean("a " + packed + " b"), "a [secret] b");
}

TEST(Redactor, HidesAtATornEndWhatIsLeftOfASecret) {
  Redactor redactor;
  redactor.hide("hunter2-long-word");
  struct Case {
    const char* text;
    Torn torn;
    const char* expected;
  };
  for (const Case& c :
       {Case{"got hunter2", {}, "got hunter2"}, Case{"got hunter2", {.end = true}, "got [secret]"},
        Case{"got hun", {.end = true}, "got hun"},
        Case{"got hunter3", {.end = true}, "got hunter3"},
        Case{"long-word after", {.begin = true}, "[secret] after"},
        Case{"long-word after", {}, "long-word after"},
        Case{"ord after", {.begin = true}, "ord after"},
        Case{"x hunter2... y", {.dots = true}, "x [secret]... y"},
        Case{"x ...-word y", {.dots = true}, "x ...[secret] y"},
        Case{"x hunter2... y", {}, "x hunter2... y"},
        Case{"got \"hunter2\"", {.quotes = true}, "got \"[secret]\""},
        Case{"got \"hunter2\"", {.dots = true}, "got \"hunter2\""}}) {
    EXPECT_EQ(redactor.clean(c.text, c.torn), c.expected) << c.text;
  }
}

TEST(Redactor, ACopyHidesTheSame) {
  Redactor first;
  first.hide("hunter2-long-word");
  Redactor second;
  second.hide_all_of(first);
  const Redactor third = second;
  first = third;
  EXPECT_EQ(first.clean("hunter2-long-word"), "[secret]");
  EXPECT_EQ(third.clean("hunter2-long-word"), "[secret]");
  EXPECT_FALSE(third.is_empty());
}

// Random texts, random secrets, every position of the cut.
class Cuts : public ::testing::Test {
 protected:
  std::string secret() {
    // No letter of "[secret]" and no dot, so that what is found is the secret's.
    static const std::vector<std::string> letters{"A", "B", "K", "7", "x", "\"",       "\\", "/",
                                                  "+", "=", "|", " ", "%", "\xc3\xa4", "-"};
    std::string text = "Q";
    const std::size_t size = 4 + pick(20);
    while (text.size() < size) text += letters[pick(letters.size())];
    return text + "Z";
  }

  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

  static std::vector<std::string> forms_of(const std::string& secret) {
    const std::string json = nlohmann::json(secret).dump();
    return {secret, base64(secret), percent_encoded(secret), json.substr(1, json.size() - 2)};
  }

  // A part of `forms` of more than three bytes that `shown` holds.
  static std::string leak(const std::string& shown, const std::vector<std::string>& forms) {
    for (const std::string& form : forms) {
      for (std::size_t at = 0; at + 4 <= form.size(); ++at) {
        if (shown.find(form.substr(at, 4)) != std::string::npos) return form.substr(at, 4);
      }
    }
    return {};
  }

  std::mt19937_64 random_{20261130};
};

TEST_F(Cuts, ShowNoPartOfASecretWhereverTheyFall) {
  for (int round = 0; round < 100; ++round) {
    Redactor redactor;
    std::vector<std::string> forms;
    std::string text;
    for (std::size_t i = 0; i <= pick(3); ++i) {
      const std::string one = secret();
      redactor.hide(one);
      for (const std::string& form : forms_of(one)) forms.push_back(form);
    }
    for (std::size_t i = 0; i <= pick(4); ++i)
      text += std::string(pick(30), '.') + forms[pick(forms.size())] + std::string(pick(4), '.');
    const TextCleaner cleaner([&](std::string_view all, std::size_t most, Torn torn) {
      return redactor.clean_beginning(all, most, torn);
    });
    for (std::size_t at = 0; at <= text.size(); ++at) {
      EXPECT_EQ(leak(on_one_line(text, at), forms), "") << text << " cut at " << at;
      EXPECT_EQ(leak(cleaned(text.substr(0, at), {.end = true}), forms), "") << text;
      EXPECT_EQ(leak(cleaned(text.substr(at), {.begin = true}), forms), "") << text;
    }
  }
}

TEST_F(Cuts, ChangeNothingInATextWithoutSecrets) {
  Redactor redactor;
  redactor.hide("hunter2-long-word");
  const TextCleaner cleaner([&](std::string_view all, std::size_t most, Torn torn) {
    return redactor.clean_beginning(all, most, torn);
  });
  const std::string text = "hunter2-long, hunter2-long-wor, unter2-long-word and more of it";
  for (std::size_t at = 0; at <= text.size() + 3; ++at)
    EXPECT_EQ(on_one_line(text, at), printable(text, at)) << at;
}

TEST_F(Cuts, AreAsBeforeWithoutACleaner) {
  EXPECT_EQ(on_one_line("hunter2-long-word", 7), "hunter2...");
  Redactor redactor;
  redactor.hide("hunter2-long-word");
  {
    const TextCleaner cleaner([&](std::string_view all, std::size_t most, Torn torn) {
      return redactor.clean_beginning(all, most, torn);
    });
    EXPECT_EQ(on_one_line("hunter2-long-word", 8), "[secret]");
    EXPECT_EQ(on_one_line("hunter2-long-word and " + std::string(100, 'x'), 9), "[secret] ...");
  }
  EXPECT_EQ(on_one_line("hunter2-long-word", 7), "hunter2...");
}

}  // namespace
}  // namespace gonogo
