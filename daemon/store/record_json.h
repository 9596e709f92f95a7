// Converts a check's record and a job's pushes to the JSON that the store keeps, and back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/core/board.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

std::string to_json(const CheckRecord& record, Now now);
std::string to_json(const PushRecord& record);
// The verdicts of the gates, and when they began.
std::string gates_to_json(const Snapshot& snapshot);

// Converts the stored times to the present clocks. With `same_boot` the stored boot times belong to
// this boot. The result is empty when the text is no such record, or is dated in the future.
std::optional<CheckRecord> record_from_json(const std::string& text, bool same_boot, Now now);
std::optional<PushRecord> push_from_json(const std::string& text, Now now);
std::map<std::string, std::pair<bool, WallTime>> gates_from_json(const std::string& text, Now now);

// The release that was read last, and the last entry that the audit had then.
struct SavedRelease {
  std::string release;
  std::int64_t audit_seq = 0;
};
std::string release_to_json(const SavedRelease& saved);
std::optional<SavedRelease> release_from_json(const std::string& text);

}  // namespace gonogo
