// When a job runs: the expression, and behind "%%" a time.
#include "daemon/formats/cron_expression.h"

#include "daemon/core/text.h"
#include "daemon/formats/crontab.h"
#include "daemon/formats/times.h"
#include "daemon/io/zone_files.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

using std::chrono::microseconds;

void inspect(const CronExpression& cron, WallTime time, const TimeZone& zone) {
  const auto next = cron.next_after(time, zone);
  const auto last = cron.last_until(time, zone);
  if (last) hold(*last <= time, "the last run is not in the future");
  if (!next) return;
  hold(*next > time, "the next run is in the future");
  hold(cron.next_after(*next - microseconds{1}, zone) == next, "the next run is a run");
  hold(cron.last_until(*next, zone) == next, "a run is the last one when it begins");
  hold(cron.last_until(*next - microseconds{1}, zone) == last, "there is no run before the next");
  if (last) hold(cron.next_after(*last, zone) == next, "there is no run behind the last");
}

// What this reads is what a crontab holds.
void compare_with_crontab(const std::string& text, const CronExpression& cron, WallTime time,
                          const TimeZone& zone) {
  // A crontab has no other blanks, its macros are in lower case, and its numbers are shorter.
  if (text.size() > 900) return;
  if (text.find('@') != std::string::npos && text != lower_case(text)) return;
  if (text.find_first_of(std::string_view("\n\r\v\f\0", 5)) != std::string::npos) return;
  const Crontab table = parse_crontab(
      text + " root true\n", {.flavour = CronFlavour::debian,
                              .owner = "",
                              .is_user = [](const std::string& name) { return name == "root"; }});
  hold(table.entries.size() == 1, "a crontab takes the expression");
  const CronExpression same(table.entries.front().fields);
  hold(same.next_after(time, zone) == cron.next_after(time, zone), "a crontab runs it then");
}

}  // namespace

void fuzz(std::string_view input) {
  static const std::vector<TimeZone> zones{*find_time_zone("UTC"), *find_time_zone("Europe/Berlin"),
                                           *find_time_zone("Australia/Lord_Howe")};
  const auto parts = parts_of(input, 2);
  std::string problem;
  const auto cron = CronExpression::parse(parts.front(), problem);
  hold(cron.has_value() == problem.empty(), "an expression is read, or it is said why not");
  if (!cron) return;
  const WallTime usual = *parse_rfc3339("2026-03-28T12:00:00Z");
  const WallTime time = parse_rfc3339(parts.back()).value_or(usual);
  for (const TimeZone& zone : zones) inspect(*cron, time, zone);
  compare_with_crontab(parts.front(), *cron, time, zones.front());
  if (input.size() % 16 != 0) return;  // it takes milliseconds
  if (const auto cadence = cron->cadence(time, zones[1]))
    hold(cadence->shortest > Duration::zero() && cadence->shortest <= cadence->longest,
         "a cadence has its bounds");
}

}  // namespace gonogo
