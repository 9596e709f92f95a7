#include "daemon/formats/times.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Times, ReadsRfc3339WithItsZone) {
  const auto utc = parse_rfc3339("2026-04-05T02:15:31Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(to_rfc3339(*utc), "2026-04-05T02:15:31Z");
  EXPECT_EQ(parse_rfc3339("2026-04-05T04:15:31+02:00"), utc);
  EXPECT_EQ(parse_rfc3339("2026-04-04T20:45:31.000-05:30"), utc);
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-04-05T02:15:31.987654Z"), true),
            "2026-04-05T02:15:31.987Z");
}

TEST(Times, RefusesWhatIsNoRfc3339Time) {
  for (const char* text :
       {"", "2026-04-05", "2026-04-05T02:15:31", "2026-13-05T02:15:31Z", "2026-02-30T02:15:31Z",
        "2026-04-05T24:15:31Z", "2026-04-05T02:60:31Z", "2026-04-05T02:15:31ZZ",
        "2026-04-05T02:15:31.Z", "2026-4-5T02:15:31Z", " 2026-04-05T02:15:31Z",
        "2026-04-05T02:15:31+2:00", "20260405T021531Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Times, ReadsTheCompactForm) {
  EXPECT_EQ(parse_compact_time("20260106T120000Z"), parse_rfc3339("2026-01-06T12:00:00Z"));
  for (const char* text :
       {"20260106T120000", "20260106 120000Z", "2026016T120000Z", "20260106T120000ZZ"}) {
    EXPECT_FALSE(parse_compact_time(text)) << text;
  }
}

TEST(Times, ReadAnHttpDateInItsPreferredFormAlone) {
  EXPECT_EQ(to_rfc3339(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")), "1994-11-06T08:49:37Z");
  for (const char* text :
       {"", "yesterday", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 CET"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace gonogo
