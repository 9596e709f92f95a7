// A log whose former files are made by hand, as programs leave them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/support/growing_log.h"

namespace gonogo {

class RotatedLog : public GrowingLog {
 protected:
  // As gzip does it: the time of the last line is kept.
  void pack(const std::string& from, const std::string& to) const {
    const auto written = std::filesystem::last_write_time(from);
    const gzFile file = gzopen(to.c_str(), "wb");
    const std::string text = read_all(from);
    ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    ASSERT_EQ(gzclose(file), Z_OK);
    std::filesystem::last_write_time(to, written);
    std::filesystem::remove(from);
  }
  void pack(const std::string& path) const { pack(path, path + ".gz"); }
  // Lies so far back that what is made now is younger.
  static void make_older(const std::string& path, int seconds) {
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() - std::chrono::seconds{seconds});
  }
  static std::int64_t seconds_ago(int seconds) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() -
           std::int64_t{seconds} * 1'000'000'000;
  }
};

}  // namespace gonogo
