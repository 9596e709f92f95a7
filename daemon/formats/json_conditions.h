// jq expressions that have to be true for a JSON text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/jq.h"

namespace gonogo {

class Settings;

using JsonConditions = std::vector<std::shared_ptr<JqProgram>>;

// One expression or a list of them; problems go to `settings`. Blocks: for loading.
JsonConditions read_json_conditions(Settings& settings, std::string_view key);
std::shared_ptr<JqProgram> read_jq(Settings& settings, std::string_view key,
                                   std::string_view example);

// Each condition has to yield `true` at least once, and nothing else. Returns the first objection
// with what was seen and wanted; `what` names the text ("body"). For the loop's thread only,
// because equal expressions share one program.
std::optional<std::string> objection_to(std::string_view text, const JsonConditions& conditions,
                                        std::string_view what);

}  // namespace gonogo
