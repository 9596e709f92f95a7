#include "daemon/formats/settings.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/config/document.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class SettingsTest : public testing::Test {
 protected:
  Settings of(const std::string& document) {
    node_ = parse_document("x", document, reading.problems);
    return {&node_, node_.place, "check", reading};
  }
  std::string problems() const {
    std::string text;
    for (const Problem& problem : reading.problems)
      text += problem.path + ": " + problem.text + "\n";
    return text;
  }
  Reading reading;

 private:
  Node node_;
};

TEST_F(SettingsTest, ReadsEachTypeOfOption) {
  Settings settings =
      of("{text: a, flag: true, integer: 7, number: 1.5, duration: 90s, size: 1KiB, one: b, texts: "
         "[a, "
         "b], map: {k: v}}");
  EXPECT_EQ(settings.text("text"), "a");
  EXPECT_EQ(settings.flag("flag"), true);
  EXPECT_EQ(settings.integer("integer", 0, 9), 7);
  EXPECT_EQ(settings.number("number", 0, 9), 1.5);
  EXPECT_EQ(settings.duration("duration"), 90s);
  EXPECT_EQ(settings.size("size"), 1024);
  EXPECT_EQ(settings.one_of("one", {"a", "b"}), "b");
  EXPECT_EQ(settings.texts("texts"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(settings.texts("text"), std::vector<std::string>{"a"});
  EXPECT_EQ(settings.text_map("map").at(0), (std::pair<std::string, std::string>{"k", "v"}));
  EXPECT_FALSE(settings.text("absent"));
  settings.finish();
  EXPECT_EQ(problems(), "");
}

TEST_F(SettingsTest, AnOptionWithoutAValueIsAProblemWhateverReadsIt) {
  for (const char* value : {"", "~", "null", " #root"}) {
    const std::vector<std::function<void(Settings&)>> readers{
        [](Settings& settings) { EXPECT_FALSE(settings.has("a")); },
        [](Settings& settings) { EXPECT_FALSE(settings.text("a")); },
        [](Settings& settings) { EXPECT_EQ(settings.text_or("a", "x"), "x"); },
        [](Settings& settings) { settings.required_text("a", "x"); },
        [](Settings& settings) { EXPECT_FALSE(settings.secret("a")); },
        [](Settings& settings) { EXPECT_FALSE(settings.flag("a")); },
        [](Settings& settings) { EXPECT_FALSE(settings.integer("a", 0, 9)); },
        [](Settings& settings) { EXPECT_FALSE(settings.number("a", 0, 9)); },
        [](Settings& settings) { EXPECT_FALSE(settings.duration("a")); },
        [](Settings& settings) { EXPECT_FALSE(settings.size("a")); },
        [](Settings& settings) { EXPECT_FALSE(settings.one_of("a", {"b"})); },
        [](Settings& settings) { EXPECT_TRUE(settings.texts("a").empty()); },
        [](Settings& settings) { EXPECT_TRUE(settings.text_map("a").empty()); },
        [](Settings& settings) { EXPECT_TRUE(settings.sections("a").empty()); },
        [](Settings& settings) { settings.section("a").required_text("b", "x"); },
        [](Settings& settings) { EXPECT_EQ(settings.raw("a"), nullptr); }};
    for (std::size_t i = 0; i < readers.size(); ++i) {
      reading = {};
      Settings settings = of("a: " + std::string(value) + "\nz: 1\n");
      readers[i](settings);
      readers[i](settings);
      settings.text("z");
      settings.finish();
      EXPECT_EQ(problems(),
                "check.a: is nothing (give it a value, in quotes if that begins with `#`, or "
                "remove the key)\n")
          << value << i;
    }
  }
}

TEST_F(SettingsTest, AnEntryOfAMapOfSectionsMayHaveNoOptions) {
  Settings settings = of("services: {worker: , db: {healthy: true}}");
  EXPECT_EQ(settings.sections("services").size(), 2U);
  EXPECT_FALSE(settings.sections("services")[0].second.has("healthy"));
  EXPECT_EQ(problems(), "");
}

TEST_F(SettingsTest, AnEmptyKeyIsUnknownAndNoneIsSuggested) {
  Settings settings = of("{\"\": 1, a: 1}");
  settings.has("");
  settings.text("clock");
  settings.finish();
  EXPECT_EQ(problems(),
            "check.: unknown key (known here: clock)\ncheck.a: unknown key (known here: clock)\n");
}

struct Case {
  const char* document;
  const char* problem;
};

TEST_F(SettingsTest, EachProblemNamesItsKeyAndWhatIsExpected) {
  const std::vector<Case> cases{
      {"{flag: yes}", "check.flag: \"yes\" is no truth value (true or false)\n"},
      {"{flag: [a]}", "check.flag: is a list (wanted true or false)\n"},
      {"{integer: 10}", "check.integer: \"10\" is out of range (0 to 9)\n"},
      {"{integer: 1x}", "check.integer: \"1x\" is no whole number (0 to 9)\n"},
      {"{duration: 90}", "check.duration: \"90\" is no duration (such as 250ms, 30s, 26h, 90d)\n"},
      {"{size: big}", "check.size: \"big\" is no size (such as 4096, 500MB, 20GiB)\n"},
      {"{one: c}", "check.one: \"c\" is not known (one of a, b)\n"},
      {"{texts: {a: b}}", "check.texts: is a map (wanted a text or a list of texts)\n"},
      {"{intger: 1}", "check.intger: unknown key (did you mean `integer`?)\n"},
      {"{zebra: 1}",
       "check.zebra: unknown key (known here: duration, flag, integer, one, size, texts)\n"},
      {"[a]", "check: is a list (a map of options belongs here)\n"}};
  for (const auto& [document, problem] : cases) {
    reading = {};
    Settings settings = of(document);
    settings.flag("flag");
    settings.integer("integer", 0, 9);
    settings.duration("duration");
    settings.size("size");
    settings.one_of("one", {"a", "b"});
    settings.texts("texts");
    settings.finish();
    EXPECT_EQ(problems(), problem) << document;
  }
}

TEST_F(SettingsTest, AProblemNeverShowsASecret) {
  Settings settings = of("{secret: hunter2hunter2}");
  EXPECT_EQ(settings.secret("secret"), "hunter2hunter2");
  settings.integer("secret", 0, 9);
  EXPECT_EQ(problems(), "check.secret: \"[secret]\" is no whole number (0 to 9)\n");
  EXPECT_EQ(reading.redactor.clean("it is hunter2hunter2"), "it is [secret]");
}

TEST_F(SettingsTest, SectionsHaveTheirOwnPaths) {
  Settings settings = of("{map: {a: {x: 1}}, list: [{x: 2}]}");
  for (auto& [name, section] : settings.sections("map")) section.finish();
  for (auto& [name, section] : settings.sections("list")) section.finish();
  settings.section("absent").finish();
  settings.finish();
  EXPECT_EQ(problems(),
            "check.map.a.x: unknown key (known here: )\ncheck.list[1].x: unknown key (known here: "
            ")\n");
}

}  // namespace
}  // namespace gonogo
