#include "daemon/formats/checklist_form.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using Kind = ChecklistField::Kind;

TEST(ChecklistForm, HasANameInFrontOfABlank) {
  EXPECT_EQ(name_of_blank("Lead: ____ Date: ____"), "Lead");
  EXPECT_EQ(name_of_blank("Lead:____"), "Lead");
  EXPECT_FALSE(name_of_blank("Lead ____"));
  EXPECT_FALSE(name_of_blank("Lead: Ada ____"));
  EXPECT_FALSE(name_of_blank("____ Lead:"));
  EXPECT_FALSE(name_of_blank("Lead: __"));
  EXPECT_FALSE(name_of_blank(""));
}

TEST(ChecklistForm, NamesASecondSignatureOnALine) {
  EXPECT_TRUE(has_second_signature("Lead: ____ Security: ____"));
  EXPECT_TRUE(has_second_signature("Lead: ____ Date: ____ Owner: ____ Date: ____"));
  EXPECT_FALSE(has_second_signature("Lead: ____ Date: ____"));
  EXPECT_FALSE(has_second_signature("Lead: ____ Signature: ____ Time: ____"));
  EXPECT_FALSE(has_second_signature("Lead: ____"));
}

TEST(ChecklistForm, KnowsFieldsThatNobodyChecks) {
  for (const char* name : {"Version", "Release version", "Commit", "build"})
    EXPECT_EQ(field_of_name(name), Kind::version) << name;
  for (const char* name : {"Decision Date", "Date of decision", "date of the decision"})
    EXPECT_EQ(field_of_name(name), Kind::decision_date) << name;
  for (const char* name : {"Decision", "Final decision", "GO/NO-GO", "Verdict"})
    EXPECT_EQ(field_of_name(name), Kind::decision) << name;
  for (const char* name : {"Date", "Notes", "Deployment date", "Environment"})
    EXPECT_EQ(field_of_name(name), Kind::other) << name;
  EXPECT_EQ(field_of_name("GO"), Kind::go);
  EXPECT_EQ(field_of_name("NO-GO"), Kind::no_go);
  // Whoever signs is no field.
  for (const char* name : {"Deployment Lead", "Name", "Signature", "Release Manager",
                           "Version control owner", "Decision maker", "Approved by", "Data owner"})
    EXPECT_FALSE(field_of_name(name)) << name;
}

TEST(ChecklistForm, KnowsTheWordsOfTheDecision) {
  for (const char* text : {"GO", "Go", "go!"}) {
    ASSERT_TRUE(decision_word(text)) << text;
    EXPECT_EQ(decision_word(text)->kind, Kind::go);
    EXPECT_TRUE(decision_word(text)->is_alone);
  }
  for (const char* text : {"NO-GO", "No-Go", "NO GO", "NOGO"}) {
    ASSERT_TRUE(decision_word(text)) << text;
    EXPECT_EQ(decision_word(text)->kind, Kind::no_go) << text;
  }
  for (const auto& [text, kind] :
       {std::pair("NO-GO: do not ship", Kind::no_go), std::pair("GO \u2014 ship it", Kind::go)}) {
    ASSERT_TRUE(decision_word(text)) << text;
    EXPECT_EQ(decision_word(text)->kind, kind) << text;
  }
  for (const char* text : {"GO (all green)", "GO - all systems ready"}) {
    ASSERT_TRUE(decision_word(text)) << text;
    EXPECT_FALSE(decision_word(text)->is_alone) << text;
  }
  EXPECT_FALSE(decision_word("GO: rollback tested")) << "a row";
  for (const char* text : {"Go modules are tidy", "Go: `go vet` passes", "Go 1.22 is installed",
                           "GO criteria reviewed", "Gone: the old API",
                           "Going live: told to support", "no goals left", ""})
    EXPECT_FALSE(decision_word(text)) << text;
}

TEST(ChecklistForm, KnowsASectionAboutTheDecision) {
  EXPECT_TRUE(is_about_the_decision("Go/No-Go Decision"));
  EXPECT_TRUE(is_about_the_decision("Sign-Off"));
  EXPECT_FALSE(is_about_the_decision("GO Criteria"));
  EXPECT_FALSE(is_about_the_decision("Decision criteria"));
  EXPECT_FALSE(is_about_the_decision("API"));
}

}  // namespace
}  // namespace gonogo
