// A log in a folder of its own, and readings of it one after another.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "daemon/io/log_reader.h"
#include "tests/support/scratch.h"

namespace gonogo {

class GrowingLog : public testing::Test {
 protected:
  std::string path() const { return scratch.path("app.log"); }
  void append(const std::string& text) { std::ofstream(path(), std::ios::app) << text; }

  // The lines of one reading, joined by '|'. One that is cut ends with "...".
  std::string read() {
    std::string lines;
    last = read_new_lines(path(), position, bounds, [&lines](const LogLine& line) {
      lines += (lines.empty() ? "" : "|") + std::string(line.text) + (line.is_cut ? "..." : "");
    });
    position = last.position;
    return lines;
  }

  Scratch scratch;
  LogBounds bounds;
  std::optional<LogPosition> position;
  LogReading last;
};

}  // namespace gonogo
