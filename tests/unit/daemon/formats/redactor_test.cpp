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

// What Python, PHP, Go, .NET, JavaScript, Java and git made of two secrets.
TEST(Redactor, HidesASecretAsOtherProgramsEscapeIt) {
  struct Case {
    const char* name;
    const char* text;
  };
  Redactor redactor;
  redactor.hide("Ab1/c&d<e'f!g+hhZ");
  redactor.hide("k\xc3\xa4y \"q\"=`b\\n`;-z");
  for (const Case& c : {
           Case{"PHP json_encode", R"(Ab1\/c&d<e'f!g+hhZ)"},
           Case{"PHP JSON_HEX", R"(Ab1\/c\u0026d\u003Ce\u0027f!g+hhZ)"},
           Case{"Go encoding/json", R"(Ab1/c\u0026d\u003ce'f!g+hhZ)"},
           Case{"Gson", R"(Ab1/c\u0026d\u003ce\u0027f!g+hhZ)"},
           Case{".NET", R"(Ab1/c\u0026d\u003Ce\u0027f!g\u002BhhZ)"},
           Case{"Django escapejs", R"(Ab1/c\u0026d\u003Ce\u0027f!g+hhZ)"},
           Case{"html.escape", "Ab1/c&amp;d&lt;e&#x27;f!g+hhZ"},
           Case{"PHP htmlspecialchars", "Ab1/c&amp;d&lt;e&#039;f!g+hhZ"},
           Case{"Go html", "Ab1/c&amp;d&lt;e&#39;f!g+hhZ"},
           Case{"Go html/template", "Ab1/c&amp;d&lt;e&#39;f!g&#43;hhZ"},
           Case{"XML", "Ab1/c&amp;d&lt;e&apos;f!g+hhZ"},
           Case{"XML text", "Ab1/c&amp;d&lt;e'f!g+hhZ"},
           Case{"mustache", "Ab1&#x2F;c&amp;d&lt;e&#39;f!g+hhZ"},
           Case{"encodeURIComponent", "Ab1%2Fc%26d%3Ce'f!g%2BhhZ"},
           Case{"encodeURI", "Ab1/c&d%3Ce'f!g+hhZ"},
           Case{"Python quote", "Ab1/c%26d%3Ce%27f%21g%2BhhZ"},
           Case{"Python quote, lower case", "Ab1/c%26d%3ce%27f%21g%2bhhZ"},
           Case{"Go PathEscape", "Ab1%2Fc&d%3Ce%27f%21g+hhZ"},
           Case{"hex",
                "4162312f6326643c6527662167"
                "2b68685a"},
           Case{"hex, upper case",
                "4162312F6326643C6527662167"
                "2B68685A"},
           Case{"shell", R"(Ab1/c&d<e'\''f!g+hhZ)"},
           Case{"Python json.dumps", R"(k\u00e4y \"q\"=`b\\n`;-z)"},
           Case{".NET, not ASCII", R"(k\u00E4y \u0022q\u0022=\u0060b\\n\u0060;-z)"},
           Case{"Django escapejs, not ASCII",
                "k\xc3\xa4y "
                R"(\u0022q\u0022\u003D\u0060b\\n\u0060\u003B\u002Dz)"},
           Case{"HTML in JSON", "k\xc3\xa4y &quot;q&quot;=`b\\n`;-z"},
           Case{"JSON in HTML", "k\xc3\xa4y \\&quot;q\\&quot;=`b\\\\n`;-z"},
       })
    EXPECT_EQ(redactor.clean("<" + std::string(c.text) + ">"), "<[secret]>") << c.name;
  // The control: what is only like it.
  for (const char* text : {R"(Ab1\/c&d<e)", "Ab1/c&amp;d&gt;e'f!g+hhZ", "4162312f632664"})
    EXPECT_EQ(redactor.clean(text), text);
}

// A program that is given an address shows its password alone, in any form.
TEST(Redactor, HidesThePasswordInsideASecretInEveryForm) {
  const std::string password = "Yp3\"t&u<8\\j/b'$n \xc3\xa4";
  Redactor redactor;
  redactor.hide("postgresql://svc:" + percent_encoded(password) + "@127.0.0.1:1/app");
  for (const std::string& form :
       {password, base64(password), base64("svc:" + password), to_hex(password),
        percent_encoded(password), std::string(R"(Yp3\"t&u<8\\j/b'$n \u00e4)"),
        std::string("Yp3&quot;t&amp;u&lt;8\\j/b&#x27;$n \xc3\xa4"),
        std::string("Yp3%22t%26u%3c8%5cj%2fb%27%24n%20%c3%a4"),
        std::string("Yp3%22t%26u%3C8%5Cj%2Fb%27%24n+%C3%A4"),
        std::string("Yp3%22t%26u%3C8%5Cj/b%27%24n%20%C3%A4"),
        std::string("Yp3\"t&u<8\\\\j/b\\'$n \xc3\xa4")})
    EXPECT_EQ(redactor.clean("<" + form + ">"), "<[secret]>") << form;
  EXPECT_EQ(redactor.clean("svc at 127.0.0.1:1/app"), "svc at 127.0.0.1:1/app");
}

TEST(Redactor, HidesThePasswordInsideAConnectionString) {
  const std::string password = "Hunter2hunter";
  for (const char* secret :
       {"postgresql://svc@127.0.0.1:1/app?password=Hunter2hunter",
        "jdbc:postgresql://127.0.0.1/app?user=svc&password=Hunter2hunter&ssl=true",
        "host=127.0.0.1 user=svc password=Hunter2hunter dbname=app",
        "host=127.0.0.1 user=svc password='Hunter2hunter' dbname=app",
        "redis://:Hunter2hunter@127.0.0.1:1/0", "svc:Hunter2hunter@tcp(127.0.0.1:3306)/app",
        "Server=db;User Id=svc;Password=Hunter2hunter;Database=app"}) {
    Redactor redactor;
    redactor.hide(secret);
    for (const std::string& form : {password, base64(password), to_hex(password)})
      EXPECT_EQ(redactor.clean("<" + form + ">"), "<[secret]>") << form << " of " << secret;
    EXPECT_EQ(redactor.clean("svc, app, ssl=true, db"), "svc, app, ssl=true, db") << secret;
  }
  Redactor redactor;
  redactor.hide("host=db password='P \\'W x' sslmode=require");
  EXPECT_EQ(redactor.clean("<P 'W x> <" + base64("P 'W x") + "> require"),
            "<[secret]> <[secret]> require");
}

TEST(Redactor, HidesALineOfASecretAsOtherProgramsEscapeIt) {
  Redactor redactor;
  redactor.hide("-----BEGIN KEY-----\nfirst/li+ne\nsecond\n-----END KEY-----\n");
  for (const char* text : {"first/li+ne", R"(first\/li+ne)", "first%2Fli%2Bne", "first/li&#43;ne"})
    EXPECT_EQ(redactor.clean(text), "[secret]");
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
    static const std::vector<std::string> letters{"A",  "B",        "K", "7", "x", "\"",
                                                  "\\", "/",        "+", "=", "|", " ",
                                                  "%",  "\xc3\xa4", "-", "&", "<", "'"};
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
    const std::string inside = json.substr(1, json.size() - 2);
    const std::string html = with(with(with(secret, "&", "&amp;"), "<", "&lt;"), "\"", "&quot;");
    return {secret,
            base64(secret),
            percent_encoded(secret),
            inside,
            with(inside, "/", "\\/"),
            with(with(inside, "&", "\\u0026"), "<", "\\u003c"),
            html,
            with(html, "'", "&#39;"),
            with(percent_encoded(secret), "%2F", "/"),
            with(percent_encoded(secret), "%27", "'"),
            to_hex(secret)};
  }

  static std::string with(std::string text, std::string_view what, std::string_view other) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + other.size()))
      text.replace(at, what.size(), other);
    return text;
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
