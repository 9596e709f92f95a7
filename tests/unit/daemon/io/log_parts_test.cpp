// Many random lives of a log: written, rotated in every way, packed, put away and deleted between
// readings. Each line is read once, or it is said that some are lost.
#include "daemon/io/log_parts.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "tests/support/growing_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {
    fs::create_directories(scratch_.path("old"));
    bounds_.most_bytes = one_in(3) ? 300 : 16 << 20;
    is_dated_ = one_in(2);
    write(log(), "", false);
    story = std::string(is_dated_ ? "dated" : "numbered") +
            (bounds_.most_bytes == 300 ? ", in small pieces: " : ": ");
  }

  void go(int steps) {
    read();
    now_ += std::chrono::seconds{1};
    for (int i = 0; i < steps; ++i) {
      step();
      // What a step does is a second apart from the next one.
      now_ += std::chrono::seconds{1};
    }
    if (!rest_.empty()) write(log(), std::exchange(rest_, "") + "\n");
    while (read()) {
    }
    read();
  }

  std::string story;
  std::map<std::string, int> seen;
  std::set<std::string> written;
  std::set<std::string> lost;  // before a reading that said so

 private:
  bool one_in(int many) { return std::uniform_int_distribution<int>(1, many)(random_) == 1; }
  std::string log() const { return scratch_.path("app.log"); }

  void write(const std::string& path, const std::string& text, bool at_end = true) {
    std::ofstream(path, at_end ? std::ios::app : std::ios::trunc) << text;
    fs::last_write_time(path, now_);
  }

  void append(const std::string& path) {
    std::string text;
    if (!rest_.empty() && path == log()) text = std::exchange(rest_, "") + "\n";
    for (int i = std::uniform_int_distribution<int>(1, 4)(random_); i > 0; --i) {
      const std::string line = "line " + std::to_string(++lines_);
      written.insert(line);
      text += line + "\n";
    }
    // In two pieces: the second comes later, or never.
    if (path == log() && one_in(4)) {
      const std::string line = "line " + std::to_string(++lines_);
      written.insert(line);
      text += line;
      rest_ = ", and more";
    }
    write(path, text);
    story += "to " + std::to_string(lines_) + " ";
  }

  std::string first_name() {
    // As logrotate and as Caddy name them.
    if (!is_dated_) return scratch_.path("app.log.1");
    std::string number = std::to_string(++rotations_);
    number.insert(0, 3 - number.size(), '0');
    return scratch_.path("app-2026-11-28T02-16-17." + number + ".log");
  }

  void make_room() {
    if (is_dated_) return;
    for (int i = 20; i > 0; --i) {
      for (const char* ending : {"", ".gz"}) {
        for (const char* folder : {"", "old/"}) {
          const std::string from =
              scratch_.path(folder + ("app.log." + std::to_string(i)) + ending);
          const std::string to =
              scratch_.path(folder + ("app.log." + std::to_string(i + 1)) + ending);
          if (fs::exists(from)) fs::rename(from, to);
        }
      }
    }
  }

  void pack(const std::string& path) {
    const std::string text = read_all(path);
    const gzFile file = gzopen((path + ".gz").c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    // Caddy does not keep the time.
    fs::last_write_time(path + ".gz", is_dated_ ? now_ : fs::last_write_time(path));
    fs::remove(path);
  }

  std::vector<std::string> former_files() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path("."))) {
      const std::string name = entry.path().filename();
      if (entry.is_regular_file() && name != "app.log") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  void rotate() {
    was_rotated_ = true;
    const std::string rest = std::exchange(rest_, "");
    make_room();
    const std::string moved = first_name();
    const bool is_copied = !is_dated_ && one_in(2);
    if (is_copied) {
      fs::copy_file(log(), moved);
      fs::last_write_time(moved, now_);
      write(log(), "", false);
    } else {
      fs::rename(log(), moved);
      write(log(), "");
    }
    late_ = is_copied ? "" : moved;
    story += is_copied ? "copied; " : "renamed; ";
    if (!is_copied && one_in(4)) {
      // Its program has not opened the log anew.
      if (!rest.empty()) write(moved, rest + "\n");
      return;
    }
    late_.clear();
    if (one_in(2)) {
      pack(moved);
      story += "packed; ";
    } else if (!is_dated_ && one_in(3)) {
      fs::rename(moved, scratch_.path("old/app.log.1"));
      story += "put away; ";
    }
  }

  void step() {
    switch (std::uniform_int_distribution<int>(0, 9)(random_)) {
      case 0:
      case 1: return rotate();
      case 2:
        if (late_.empty() || !fs::exists(late_)) return;
        append(late_);
        story += "late; ";
        return;
      case 3:
        if (one_in(3)) return remove_oldest();
        if (one_in(5)) return replace();
        [[fallthrough]];
      case 4:
      case 5:
      case 6:
        append(log());
        story += "written; ";
        return;
      default: read();
    }
  }

  void remove_oldest() {
    auto paths = former_files();
    // Nobody can know what was written to a former file before that was removed.
    std::erase(paths, scratch_.path("./" + late_.substr(late_.rfind('/') + 1)));
    // Of a log that was empty at the last reading, any file may be the next one.
    if (paths.size() < 3 || position_->offset == 0) return;
    fs::remove(*std::min_element(paths.begin(), paths.end(), [](const auto& a, const auto& b) {
      return fs::last_write_time(a) < fs::last_write_time(b);
    }));
    story += "oldest removed; ";
  }

  // rm, and a program that begins anew. Nobody can know of a file that came and went unseen.
  void replace() {
    if (position_->offset == 0 || was_rotated_) return;
    fs::remove(log());
    write(log(), "");
    rest_.clear();
    was_rotated_ = true;
    late_.clear();
    story += "replaced; ";
  }

  // By its first piece alone.
  void note(std::string_view line) { ++seen[std::string(line.substr(0, line.find(',')))]; }

  // True when something was read.
  bool read() {
    // What is not there any more cannot be read.
    const LogReading reading =
        read_new_lines(log(), position_, bounds_, [this](const LogLine& line) { note(line.text); });
    position_ = reading.position;
    // Of a line without an end, some count and others do not.
    if (reading.unfinished && one_in(2)) {
      note(reading.unfinished->text);
      position_ = reading.unfinished->behind;
      story += "taken; ";
    }
    was_rotated_ = reading.left > 0;
    story += "read " + std::to_string(reading.lines) + (reading.lost_some ? " (lost); " : "; ");
    if (reading.lost_some) lost = written;
    return reading.lines > 0 || reading.left > 0;
  }

  Scratch scratch_;
  std::mt19937 random_;
  LogBounds bounds_;
  bool is_dated_ = false;
  bool was_rotated_ = false;  // since the log itself was read
  int lines_ = 0;
  int rotations_ = 0;
  std::string late_;
  std::string rest_;  // of the last line of the log
  fs::file_time_type now_ = fs::file_time_type::clock::now() - std::chrono::hours{1};
  std::optional<LogPosition> position_;
};

TEST(LogParts, LoseNoLineUnnoticedAndGiveNoneTwice) {
  int with_loss = 0;
  std::size_t lines = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    Life life(seed);
    life.go(60);
    with_loss += life.lost.empty() ? 0 : 1;
    lines += life.written.size();
    for (const std::string& line : life.written) {
      const int times = life.seen[line];
      ASSERT_LE(times, 1) << line << " of life " << seed << ": " << life.story;
      ASSERT_TRUE(times == 1 || life.lost.count(line) > 0)
          << line << " of life " << seed << ": " << life.story;
    }
    ASSERT_LE(life.seen.size(), life.written.size()) << "no other line is read";
  }
  EXPECT_GT(lines, 3000U);
  EXPECT_GT(with_loss, 0);
  EXPECT_LT(with_loss, 50) << "most lives lose nothing";
}

}  // namespace
}  // namespace gonogo
