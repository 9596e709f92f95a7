// A check's record and a job's pushes as JSON, and back: how the store writes them.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/board.h"
#include "daemon/core/heartbeat_pushes.h"

namespace gonogo {

std::string to_json(const CheckRecord& record, Now now);
std::string to_json(const PushRecord& record);

// Places the stored times on the present clocks. `same_boot`: the stored boot times are of this
// boot. Nothing when the text is no such record, or dated in the future.
std::optional<CheckRecord> record_from_json(const std::string& text, bool same_boot, Now now);
std::optional<PushRecord> push_from_json(const std::string& text, Now now);

}  // namespace gonogo
