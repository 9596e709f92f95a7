#include "daemon/core/calendar.h"

#include <gtest/gtest.h>

#include "daemon/formats/times.h"
#include "daemon/io/zone_files.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

WallTime at(const char* text) { return parse_rfc3339(text).value(); }

// Monday to Thursday 9 to 16, Friday 9 to 12, and Saturday from 22 into Sunday at 4.
Calendar working_hours(const char* zone) {
  Calendar calendar;
  calendar.zone = *find_time_zone(zone);
  calendar.hours.push_back({{true, true, true, true, false, false, false}, 9h, 16h});
  calendar.hours.push_back({{false, false, false, false, true, false, false}, 9h, 12h});
  calendar.hours.push_back({{false, false, false, false, false, true, false}, 22h, 28h});
  return calendar;
}

struct Case {
  const char* name;
  const char* zone;
  const char* time;
  bool open;
  const char* next;  // opening when closed, else the end of what is open
};

class DeployHoursTest : public testing::TestWithParam<Case> {};

TEST_P(DeployHoursTest, AreOpenFromTheirFirstToTheirLastInstant) {
  const Calendar calendar = working_hours(GetParam().zone);
  const CalendarState state = state_at(calendar, at(GetParam().time));
  EXPECT_EQ(!state.closed, GetParam().open);
  if (state.closed) {
    ASSERT_TRUE(state.closed->until);
    EXPECT_EQ(to_rfc3339(*state.closed->until), GetParam().next);
  } else {
    ASSERT_TRUE(state.holds_until);
    EXPECT_EQ(to_rfc3339(*state.holds_until), GetParam().next);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, DeployHoursTest,
    testing::Values(
        // Berlin is two hours ahead of UTC in summer, one in winter.
        Case{"before", "Europe/Berlin", "2026-04-07T06:59:59Z", false, "2026-04-07T07:00:00Z"},
        Case{"first", "Europe/Berlin", "2026-04-07T07:00:00Z", true, "2026-04-07T14:00:00Z"},
        Case{"last", "Europe/Berlin", "2026-04-07T13:59:59Z", true, "2026-04-07T14:00:00Z"},
        Case{"after", "Europe/Berlin", "2026-04-07T14:00:00Z", false, "2026-04-08T07:00:00Z"},
        Case{"winter", "Europe/Berlin", "2026-01-13T07:30:00Z", false, "2026-01-13T08:00:00Z"},
        Case{"friday", "Europe/Berlin", "2026-04-10T10:30:00Z", false, "2026-04-11T20:00:00Z"},
        // The clocks go forward in the night of 29 March: that window lasts an hour less.
        Case{"spring_open", "Europe/Berlin", "2026-03-28T23:00:00Z", true, "2026-03-29T02:00:00Z"},
        Case{"spring_end", "Europe/Berlin", "2026-03-29T02:00:00Z", false, "2026-03-30T07:00:00Z"},
        // They go back in the night of 25 October: an hour more.
        Case{"autumn_open", "Europe/Berlin", "2026-10-25T01:30:00Z", true, "2026-10-25T03:00:00Z"},
        Case{"autumn_end", "Europe/Berlin", "2026-10-25T03:00:00Z", false, "2026-10-26T08:00:00Z"},
        Case{"new_york", "America/New_York", "2026-04-07T12:59:00Z", false, "2026-04-07T13:00:00Z"},
        Case{"kolkata", "Asia/Kolkata", "2026-04-07T03:30:00Z", true, "2026-04-07T10:30:00Z"},
        // Another day there than in UTC.
        Case{"auckland", "Pacific/Auckland", "2026-04-05T21:00:00Z", true, "2026-04-06T04:00:00Z"},
        Case{"utc", "UTC", "2026-04-05T03:59:00Z", true, "2026-04-05T04:00:00Z"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(CalendarTest, AFreezeClosesWhateverTheHoursSayAndNamesTheNextOpening) {
  Calendar calendar = working_hours("Europe/Berlin");
  calendar.freezes.push_back({at("2026-12-24T00:00:00Z"), at("2027-01-02T00:00:00Z"), "holidays"});
  const CalendarState state = state_at(calendar, at("2026-12-28T10:00:00Z"));
  ASSERT_TRUE(state.closed);
  EXPECT_EQ(state.closed->reason, "holidays");
  EXPECT_EQ(to_rfc3339(*state.closed->until), "2027-01-02T21:00:00Z") << "a Saturday: at 22 local";
  EXPECT_EQ(to_rfc3339(*state.holds_until), "2027-01-02T00:00:00Z");
}

TEST(CalendarTest, AnExceptionOpensWhateverTheOthersSay) {
  Calendar calendar = working_hours("Europe/Berlin");
  calendar.freezes.push_back({at("2026-12-24T00:00:00Z"), at("2027-01-02T00:00:00Z"), "holidays"});
  calendar.openings.push_back({at("2026-12-27T05:00:00Z"), at("2026-12-27T06:00:00Z"), "patch"});
  EXPECT_EQ(to_rfc3339(*state_at(calendar, at("2026-12-26T00:00:00Z")).closed->until),
            "2026-12-27T05:00:00Z");
  EXPECT_FALSE(state_at(calendar, at("2026-12-27T05:00:00Z")).closed);
  EXPECT_TRUE(state_at(calendar, at("2026-12-27T06:00:00Z")).closed);
}

TEST(CalendarTest, FreezesThatMeetAreOneClosure) {
  Calendar calendar;
  calendar.freezes.push_back({at("2026-12-24T00:00:00Z"), at("2026-12-27T00:00:00Z"), "a"});
  calendar.freezes.push_back({at("2026-12-27T00:00:00Z"), at("2026-12-30T00:00:00Z"), "b"});
  EXPECT_EQ(to_rfc3339(*state_at(calendar, at("2026-12-25T00:00:00Z")).closed->until),
            "2026-12-30T00:00:00Z");
  EXPECT_FALSE(state_at(calendar, at("2026-12-30T00:00:00Z")).closed);
}

TEST(CalendarTest, WithoutAnythingIsAlwaysOpen) {
  const CalendarState state = state_at({}, at("2026-12-25T00:00:00Z"));
  EXPECT_FALSE(state.closed);
  EXPECT_FALSE(state.holds_until);
}

// The answer never changes between two of the instants that it names.
TEST(CalendarTest, HoldsUntilTheInstantItNames) {
  Calendar calendar = working_hours("Europe/Berlin");
  calendar.freezes.push_back({at("2026-03-26T10:30:00Z"), at("2026-03-27T11:15:00Z"), "freeze"});
  calendar.openings.push_back({at("2026-03-26T12:00:00Z"), at("2026-03-26T12:20:00Z"), "patch"});
  WallTime promised = at("2026-03-25T00:00:00Z");
  bool was_open = false;
  for (WallTime time = promised; time < at("2026-04-01T00:00:00Z"); time += 5min) {
    const CalendarState state = state_at(calendar, time);
    if (time < promised) {
      EXPECT_EQ(!state.closed, was_open) << to_rfc3339(time);
    }
    was_open = !state.closed;
    promised = *state.holds_until;
    EXPECT_GT(promised, time);
    if (state.closed) {
      EXPECT_FALSE(state_at(calendar, *state.closed->until).closed);
    }
  }
}

TEST(CalendarTest, SaysSinceWhenItIsClosed) {
  Calendar calendar = working_hours("Europe/Berlin");
  const auto since = [&](const char* time) {
    return to_rfc3339(state_at(calendar, at(time)).closed->since);
  };
  EXPECT_EQ(since("2026-04-07T14:00:00Z"), "2026-04-07T14:00:00Z") << "at the instant";
  EXPECT_EQ(since("2026-04-08T05:00:00Z"), "2026-04-07T14:00:00Z");
  calendar.freezes.push_back({at("2026-04-07T20:00:00Z"), at("2026-04-09T20:00:00Z"), "launch"});
  EXPECT_EQ(since("2026-04-08T10:00:00Z"), "2026-04-07T14:00:00Z") << "closed before by the hours";
  calendar.openings.push_back({at("2026-04-08T08:00:00Z"), at("2026-04-08T09:00:00Z"), "hotfix"});
  EXPECT_EQ(since("2026-04-08T10:00:00Z"), "2026-04-08T09:00:00Z");
  calendar.hours.clear();
  calendar.openings.clear();
  EXPECT_EQ(since("2026-04-08T10:00:00Z"), "2026-04-07T20:00:00Z");
}

}  // namespace
}  // namespace gonogo
