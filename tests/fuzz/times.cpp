// A moment, and the marker that holds it.
#include "daemon/formats/times.h"

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "daemon/config/document.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "probes/marker.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

void inspect(WallTime time) {
  hold(time > WallTime{} - 48h &&
           time < WallTime{std::chrono::sys_days{std::chrono::year{2256} / 1 / 3}},
       "a time is within its bounds");
  const auto again = parse_rfc3339(to_rfc3339(time));
  // A zone may lead out of the years that are read.
  if (again) hold(*again == std::chrono::floor<std::chrono::seconds>(time), "a time is read again");
}

struct Marker {
  Marker() {
    Node node = parse_document("marker", "{path: " + path + ", max_age: 26h}", reading.problems);
    Settings settings(&node, node.place, "marker", reading);
    probe = make_marker(settings, bench.resources);
    hold(reading.problems.empty(), "the options of this target are good");
  }
  Finding run() {
    Attempt attempt(bench.clock, bench.clock.now() + 5s);
    std::optional<Finding> finding;
    boost::asio::co_spawn(bench.loop, probe->run(attempt),
                          [&](const std::exception_ptr& error, Finding seen) {
                            finding = error ? finding_of(error, attempt.stage()) : std::move(seen);
                          });
    while (!finding) {
      bench.loop.restart();
      bench.loop.run_one();
    }
    return *finding;
  }

  std::string path = scratch_folder() + "/marker";
  IoBench bench;
  Reading reading;
  std::unique_ptr<Probe> probe;
};

// It passes only for a time that one of the three forms gives, and that is not too old.
void inspect_marker(std::string_view input) {
  static auto* const marker = new Marker;
  write_scratch("marker", input);
  const Finding finding = marker->run();
  if (finding.outcome != Outcome::pass) {
    hold(finding.outcome == Outcome::fail && !finding.summary.empty(), "a marker is judged");
    return;
  }
  hold(finding.values.size() == 1 && finding.values[0].number <= 26 * 3600 &&
           finding.values[0].number >= -5,
       "a marker that passes is neither old nor from the future");
  std::string_view text = input;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = trimmed(text);
  const bool is_time = parse_rfc3339(text) || parse_compact_time(text) || text.size() == 10;
  hold(is_time, "a marker that passes holds a time");
}

}  // namespace

void fuzz(std::string_view input) {
  for (const auto& time : {parse_rfc3339(input), parse_compact_time(input)}) {
    if (time) inspect(*time);
  }
  if (const auto time = parse_rfc3339(input))
    hold(!parse_rfc3339(input.substr(0, input.size() - 1)), "a time without its end is none");
  static_cast<void>(parse_http_date(std::string(input)));
  inspect_marker(input);
}

}  // namespace gonogo
