#include "daemon/core/heartbeat_pushes.h"

#include <algorithm>

namespace gonogo {

namespace {

void begin_run(PushRecord& record, std::string_view run_id, WallTime now) {
  if (run_id.empty()) {
    record.started = now;
    return;
  }
  record.runs[std::string(run_id)] = now;
  if (record.runs.size() <= HeartbeatPushes::most_runs) return;
  const auto oldest =
      std::min_element(record.runs.begin(), record.runs.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  record.runs.erase(oldest);
}

void forget_older_runs(PushRecord& record, WallTime began) {
  std::erase_if(record.runs, [began](const auto& run) { return run.second < began; });
  if (record.started && *record.started < began) record.started.reset();
}

void end_run(PushRecord& record, std::string_view run_id, bool has_succeeded, WallTime now) {
  std::optional<WallTime> began = record.started;
  if (run_id.empty()) {
    record.started.reset();
    record.runs.clear();
  } else {
    const auto run = record.runs.find(run_id);
    began.reset();
    if (run != record.runs.end()) {
      began = run->second;
      record.runs.erase(run);
    }
    if (began && has_succeeded) forget_older_runs(record, *began);
  }
  record.run_time.reset();
  if (began && *began <= now) record.run_time = now - *began;
}

}  // namespace

void HeartbeatPushes::move(Kept& kept, std::chrono::microseconds step) {
  const auto move_time = [&kept, step](WallTime& time) {
    const bool is_restored = kept.restored_at && time < *kept.restored_at;
    if (!is_restored || step < step.zero()) time += step;
  };
  PushRecord& record = kept.record;
  for (auto* time : {&record.first, &record.started, &record.succeeded, &record.failed}) {
    if (*time) move_time(**time);
  }
  for (auto& [id, began] : record.runs) move_time(began);
  if (kept.restored_at) *kept.restored_at += step;
}

void HeartbeatPushes::follow(Now now) {
  const Duration offset = now.wall.time_since_epoch() - now.steady.time_since_epoch();
  const auto step =
      std::chrono::duration_cast<std::chrono::microseconds>(offset - offset_.value_or(offset));
  // The wall clock has whole microseconds, and the two clocks are not read at one moment.
  constexpr std::chrono::milliseconds least{10};
  if (offset_ && step < least && step > -least) return;
  offset_ = offset;
  for (auto& [check, kept] : records_) move(kept, step);
  if (step != step.zero()) is_moved_ = true;
}

std::vector<WallTime> PushRecord::open_runs(std::optional<Duration> longest) const {
  std::vector<WallTime> open;
  if (started) open.push_back(*started);
  for (const auto& [id, began] : runs) open.push_back(began);
  std::erase_if(open, [this, longest](WallTime began) {
    return longest && succeeded && *succeeded - began > *longest;
  });
  std::sort(open.begin(), open.end());
  return open;
}

bool HeartbeatPushes::take(std::string_view key, PushKind kind, int exit_status,
                           std::string_view note, WallTime now, std::string_view run_id) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return false;
  PushRecord& record = records_[found->second].record;
  run_id = run_id.substr(0, longest_run_id);
  note = note.substr(0, longest_note);
  if (!record.first) record.first = now;
  if (!note.empty()) record.note = std::string(note);
  switch (kind) {
    case PushKind::start: begin_run(record, run_id, now); break;
    case PushKind::log: break;
    case PushKind::success:
      end_run(record, run_id, true, now);
      record.succeeded = now;
      record.failed.reset();
      record.exit_status = 0;
      record.failures_in_a_row = 0;
      if (note.empty()) record.note.clear();
      break;
    case PushKind::fail:
      end_run(record, run_id, false, now);
      record.failed = now;
      record.exit_status = exit_status;
      record.failure_note = std::string(note);
      if (record.failures_in_a_row < 1'000'000) ++record.failures_in_a_row;
      if (note.empty()) record.note.clear();
      break;
  }
  return true;
}

std::vector<std::string> HeartbeatPushes::keep_only(
    const std::function<bool(const std::string& check)>& is_known) {
  std::vector<std::string> forgotten;
  std::erase_if(records_, [&](const auto& entry) {
    if (is_known(entry.first)) return false;
    forgotten.push_back(entry.first);
    return true;
  });
  return forgotten;
}

const PushRecord* HeartbeatPushes::find(std::string_view key) const {
  const auto declared = keys_.find(key);
  return declared == keys_.end() ? nullptr : of(declared->second);
}

const PushRecord* HeartbeatPushes::of(std::string_view check) const {
  const auto found = records_.find(check);
  return found == records_.end() ? nullptr : &found->second.record;
}

}  // namespace gonogo
