// Which lines of a log count, and how many do.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/text_cleaner.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/log_reader.h"
#include "probes/shared/log_memory.h"

namespace gonogo {

struct LogRules {
  std::vector<Pattern> matches;
  std::vector<Pattern> ignore;
  // Shared with no other check: lines are judged on the pool.
  JsonCondition json;
  std::shared_ptr<JqProgram> plain_json;  // with bounds as jq has them, if they differ
};

// Lines of which nobody can say whether they count.
struct LinesNotJudged {
  std::int64_t count = 0;
  std::string sample;
};

// What one run finds in a log.
struct LogCount {
  struct Undecided {
    std::string text;
    Torn torn;
  };

  LogReading reading;
  LogMatches matches;
  LinesNotJudged by_json;
  LinesNotJudged too_long;
  std::vector<std::string> samples;
  std::vector<Undecided> undecided;     // another process has to judge them
  std::optional<Undecided> unfinished;  // so does it for the line of that name
};

// Reads what has come since `former`, and counts it: with what `counted` holds already. Blocks.
void count_new_lines(const LogRules& rules, const std::string& path,
                     const std::optional<LogPosition>& former, const LogBounds& bounds,
                     LogCount& counted);

// Lets another process judge what is undecided. Throws IoError, as truths_of().
boost::asio::awaitable<void> judge_undecided(const LogRules& rules, LogCount& counted, Io& io,
                                             Attempt& attempt);

}  // namespace gonogo
