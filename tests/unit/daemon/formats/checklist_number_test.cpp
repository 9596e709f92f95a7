#include "daemon/formats/checklist_number.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Case {
  const char* section;
  const char* text;
  const char* number;  // empty: none
  const char* rest;
};

TEST(ChecklistNumber, IsWrittenInFrontOfARow) {
  const Case cases[] = {
      {"4", "4.1 Queue is short", "4.1", "Queue is short"},
      {"4", "4.1. Queue is short", "4.1", "Queue is short"},
      {"4", "4.1: Queue is short", "4.1", "Queue is short"},
      {"4", "4.1) Queue is short", "4.1", "Queue is short"},
      {"4", "(4.1) Queue is short", "4.1", "Queue is short"},
      {"4", "[4.1] Queue is short", "4.1", "Queue is short"},
      {"4", "#4.1 Queue is short", "4.1", "Queue is short"},
      {"4", "4.1 - Queue is short", "4.1", "Queue is short"},
      {"4", "4.1 \u2014 Queue is short", "4.1", "Queue is short"},
      {"4", "4.1:Queue is short", "4.1", "Queue is short"},
      {"4", "4.1\u00A0Queue", "4.1", "Queue"},
      {"4", "4.1 queue", "4.1", "queue"},
      {"4", "4.12 queue", "4.12", "queue"},
      {"4", "4.2.1 queue", "4.2.1", "queue"},
      {"4.2", "4.2.1 queue", "4.2.1", "queue"},
      {"4", "4.1 At least one admin", "4.1", "At least one admin"},
      {"4", "4.1 On-call is set", "4.1", "On-call is set"},
      {"4", "4.1 is it up?", "4.1", "is it up?"},
      {"4", "4.1 servers are patched", "4.1", "servers are patched"},
      {"4", "4.1 Days are long", "4.1", "Days are long"},
      {"4.2", "4.2.1 days are long", "4.2.1", "days are long"},
      {"4", "4.1b Queue", "4.1b", "Queue"},
      {"4", "4.2.1a queue", "4.2.1a", "queue"},
      {"4", "5.1 Moved here", "5.1", "Moved here"},
      {"", "4.1 queue", "4.1", "queue"},
      {"", "4.1.2.3.4 queue", "4.1.2.3.4", "queue"},
      {"4", "4.1", "4.1", ""},
      {"4", "3. queue", "3", "queue"},
      {"4", "3) queue", "3", "queue"},
      {"4", "3: queue", "3", "queue"},
      {"", "12. queue", "12", "queue"},
      {"10", "10.0.0.1: the gateway", "10.0.0.1", "the gateway"},
  };
  for (const Case& one : cases) {
    const auto split = split_row_number(one.text, one.section);
    ASSERT_TRUE(split) << one.text;
    EXPECT_EQ(split->number, one.number) << one.text;
    EXPECT_EQ(split->text, one.rest) << one.text;
  }
}

TEST(ChecklistNumber, IsNoAmountVersionAddressOrTime) {
  const Case cases[] = {
      {"3", "3 replicas", "", ""},
      {"2", "2.5 GiB free", "", ""},
      {"2", "2.5GiB free", "", ""},
      {"2", "2.5 GB", "", ""},
      {"2", "2.5 seconds at most", "", ""},
      {"2", "2.5 s", "", ""},
      {"2", "2.5 % errors", "", ""},
      {"2", "2.5% errors", "", ""},
      {"2", "2.5k requests", "", ""},
      {"2", "2.5x headroom", "", ""},
      {"2", "2.5 million rows", "", ""},
      {"2", "2.5 or newer", "", ""},
      {"2", "2.5-3 GiB free", "", ""},
      {"2", "2.5 - 3 GiB free", "", ""},
      {"2", "2.5+ is installed", "", ""},
      {"", "2.5 is installed", "", ""},
      {"4", "16.2 is installed", "", ""},
      {"4", "1.22 toolchain", "", ""},
      {"", "0.95 availability", "", ""},
      {"", "99.9 uptime", "", ""},
      {"", "99.9 % uptime", "", ""},
      {"", "10.0.0.1 answers", "", ""},
      {"4", "127.0.0.1 answers", "", ""},
      {"4", "4 workers", "", ""},
      {"4", "4 Workers", "", ""},
      {"", "2026 budget", "", ""},
      {"", "24h reminders", "", ""},
      {"", "200 is returned", "", ""},
      {"", "02:15 backup ran", "", ""},
      {"", "3/4 hosts", "", ""},
      {"", "", "", ""},
      {"4", "x 4.1", "", ""},
      {"1", "1.5 vCPUs", "", ""},
      {"", "2026-01-06: started", "", ""},
  };
  for (const Case& one : cases) EXPECT_FALSE(split_row_number(one.text, one.section)) << one.text;
}

TEST(ChecklistNumber, IsWrittenInFrontOfAHeading) {
  const struct {
    const char* heading;
    const char* number;
    const char* title;
  } cases[] = {{"4 API", "4", "API"},
               {"4. API", "4", "API"},
               {"4.2 API", "4.2", "API"},
               {"4: API", "4", "API"},
               {"4) API", "4", "API"},
               {"4", "4", ""},
               {"4\u00A0API", "4", "API"},
               {"API", "", "API"},
               {"3rd party", "", "3rd party"},
               {".5 x", "", ".5 x"},
               {"", "", ""}};
  for (const auto& one : cases) {
    const auto [number, title] = split_heading_number(one.heading);
    EXPECT_EQ(number, one.number) << one.heading;
    EXPECT_EQ(title, one.title) << one.heading;
  }
}

TEST(ChecklistNumber, MayBeACell) {
  for (const char* text : {"4", "4.1", "4.1.2", "4.1a", "#4", "4."})
    EXPECT_TRUE(is_row_number(text));
  for (const char* text : {"", "a", "4 a", "v4", "4.1.2-rc1"}) EXPECT_FALSE(is_row_number(text));
}

}  // namespace
}  // namespace gonogo
