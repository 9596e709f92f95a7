#include "daemon/core/heartbeat_pushes.h"

namespace gonogo {

bool HeartbeatPushes::take(std::string_view key, PushKind kind, int exit_status,
                           std::string_view note, WallTime now) {
  const auto found = records_.find(key);
  if (found == records_.end()) return false;
  PushRecord& record = found->second;
  if (!record.first) record.first = now;
  if (!note.empty()) record.note = std::string(note.substr(0, longest_note));
  switch (kind) {
    case PushKind::start: record.started = now; break;
    case PushKind::log: break;
    case PushKind::success:
      record.succeeded = now;
      record.failed.reset();
      record.started.reset();
      record.exit_status = 0;
      record.failures_in_a_row = 0;
      if (note.empty()) record.note.clear();
      break;
    case PushKind::fail:
      record.failed = now;
      record.started.reset();
      record.exit_status = exit_status;
      if (record.failures_in_a_row < 1'000'000) ++record.failures_in_a_row;
      if (note.empty()) record.note.clear();
      break;
  }
  return true;
}

const PushRecord* HeartbeatPushes::find(std::string_view key) const {
  const auto found = records_.find(key);
  return found == records_.end() ? nullptr : &found->second;
}

}  // namespace gonogo
