// What a check of a log keeps from one run to the next.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "daemon/io/log_position.h"

namespace gonogo {

// How many lines match. A doubtful one matches in jq's order alone, in which a text comes after
// every number and null before them: it may be one of those that are not wanted.
struct LogMatches {
  std::int64_t sure = 0;
  std::int64_t doubtful = 0;
  std::int64_t all() const { return sure + doubtful; }
};

struct LogMemory {
  // The matches of one run. Times are in seconds since 1970.
  struct Bucket {
    std::int64_t time = 0;
    LogMatches matches{};
  };
  // A line that matched, cleaned and cut.
  struct Sample {
    std::int64_t time = 0;
    std::string text;
  };
  // Lines were gone, or could not be read, and why.
  struct Loss {
    std::int64_t time = 0;
    std::string why;
  };

  std::optional<LogPosition> position;
  std::deque<Bucket> buckets;
  std::vector<Sample> samples;
  std::optional<Loss> loss;
  bool is_behind = false;  // the last run did not reach the end of the log

  // Adds what a run found, forgets what is older than `oldest`, and gives the matches of the rest.
  LogMatches add_to_window(std::int64_t now, std::int64_t oldest, const LogMatches& matches,
                           const std::vector<std::string>& lines);
};

std::string to_note(const LogMemory& memory);

// Empty when the text is no such note: the log is then read as in the first run.
LogMemory log_memory_of(const std::string& note);

}  // namespace gonogo
