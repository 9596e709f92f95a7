// What the store keeps of a check, a job, the gates, the release and a deploy.
#include "daemon/store/record_json.h"

#include "daemon/store/decision_replay.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

const Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};

void inspect(const Observation& seen) {
  hold(seen.at.wall <= now.wall, "nothing was seen in the future");
  hold(seen.at.steady <= now.steady, "nothing is younger than this moment");
  // By how much the wall clock says, and never by less.
  const Duration age = now.steady - seen.at.steady;
  hold(age >= std::chrono::floor<std::chrono::seconds>(now.wall - seen.at.wall),
       "nothing is younger than it was");
}

void inspect_record(const std::string& text, bool same_boot) {
  const auto record = record_from_json(text, same_boot, now);
  if (!record) return;
  for (const auto& seen : {record->decisive, record->explains, record->last}) {
    if (seen) inspect(*seen);
  }
  for (const SteadyTime change : record->changes)
    hold(change <= now.steady, "no change was in the future");
  if (record->recovered) hold(*record->recovered <= now.steady, "it has recovered by now");
  const std::string written = to_json(*record, now);
  const auto again = record_from_json(written, true, now);
  hold(again.has_value(), "a record is read as it is written: " + written);
  hold(to_json(*again, now) == written, "a record is the same when it is read again: " + written);
}

void inspect_push(const std::string& text) {
  const auto push = push_from_json(text, now);
  if (!push) return;
  if (push->succeeded) hold(*push->succeeded <= now.wall, "no job succeeded in the future");
  const std::string written = to_json(*push);
  const auto again = push_from_json(written, now);
  hold(again && to_json(*again) == written, "a job is the same when it is read again: " + written);
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text(input);
  inspect_record(text, true);
  inspect_record(text, false);
  inspect_push(text);
  for (const auto& [id, gate] : gates_from_json(text, now))
    hold(gate.second <= now.wall, "no gate changed in the future");
  if (const auto release = release_from_json(text)) {
    const auto again = release_from_json(release_to_json(*release));
    hold(again && again->audit_seq == release->audit_seq, "a release is read as it is written");
  }
  if (const auto deploy = deployment_from_json(text)) {
    const auto again = deployment_from_json(to_json(*deploy));
    hold(again && to_json(*again) == to_json(*deploy), "a deploy is read as it is written");
  }
}

}  // namespace gonogo
