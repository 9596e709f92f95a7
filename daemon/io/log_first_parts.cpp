#include "daemon/io/log_first_parts.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/formats/line_time.h"

namespace gonogo {
namespace {

using FilePtr = std::unique_ptr<LogFile>;

constexpr std::size_t one_piece = 64 << 10;

std::int64_t in_seconds(std::int64_t ns) { return ns / 1'000'000'000; }

// When a clock of this host shows what a clock of UTC shows then.
std::int64_t on_clocks_of_host(std::int64_t utc) {
  const auto time = static_cast<std::time_t>(utc);
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return utc;
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

// The lines of a text one after another, until `is_it` is true for one.
template <typename IsIt>
bool any_line(std::string_view text, const IsIt& is_it) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (is_it(line)) return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

// Where the last bytes of a file begin: after the first line end in them, or after a hole.
std::uint64_t beginning_of_last(LogFile& file, std::uint64_t most) {
  const std::uint64_t size = file.size();
  if (size <= most) return 0;
  const std::uint64_t from = file.next_data(size - most);
  if (from > size - most) return from;
  for (std::uint64_t at = from; at < size;) {
    const std::string part = file.read(at, one_piece);
    if (part.empty()) break;
    const std::size_t end = part.find('\n');
    if (end != std::string::npos) return at + end + 1;
    at += part.size();
  }
  return size;
}

bool begins_with_all_of(LogFile& log, LogFile& copy) {
  const std::uint64_t size = copy.size();
  if (size == 0 || log.size() < size) return false;
  for (std::uint64_t at = 0; at < size; at += one_piece) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(one_piece, size - at));
    if (log.read(at, most) != copy.read(at, most)) return false;
  }
  return true;
}

class FirstParts {
 public:
  FirstParts(const std::string& path, const LogBounds& bounds, FilePtr log)
      : path_(path), bounds_(bounds) {
    parts_.log.file = std::move(log);
  }

  LogParts find() {
    LogSearch search;
    search.folders = bounds_.folders;
    search.has_sub_folders = bounds_.since.has_value();
    FoundRotations found = rotations_of(path_, search);
    parts_.rotations = std::move(found.files);
    if (bounds_.since) {
      find_parts_since(found);
    } else {
      parts_.log.from = beginning_of_last(*parts_.log.file, bounds_.first_reading);
    }
    return std::move(parts_);
  }

 private:
  void find_parts_since(const FoundRotations& found) {
    parts_.is_older = parts_.log.file->changed() < *bounds_.since;
    // More is read as long as all of it is of the asked time.
    std::uint64_t most = bounds_.first_reading;
    bool is_all = find_last(most);
    while (!is_all && gap_.empty() && most < bounds_.most_bytes && may_begin_since()) {
      most = std::min(most * 4, bounds_.most_bytes);
      is_all = find_last(most);
    }
    if (!gap_.empty() || found.has_more) {
      // Some lines of that time are out of reach, however far the others reach back.
      fall_short(gap_.empty() ? "there are more former files than are listed" : gap_);
    } else if (!is_all || !found.unlisted.empty()) {
      // A log that was written last before the asked time was not rotated since then.
      const bool is_known = is_all && parts_.is_older;
      if (!is_known && seems_to_begin_since()) fall_short(is_all ? found.unlisted : "");
    }
  }

  void fall_short(const std::string& why) {
    parts_.falls_short = true;
    parts_.why = why;
  }

  // The last bytes of the log and of its former files of the asked time. True when that is all.
  bool find_last(std::uint64_t most) {
    parts_.former.clear();
    parts_.log.from = beginning_of_last(*parts_.log.file, most);
    std::uint64_t room = most - std::min(most, parts_.log.file->size());
    // Before it may be a hole. Lines of a log that is older do not count.
    bool is_all = parts_.is_older || parts_.log.from <= parts_.log.file->next_data(0);
    for (auto next = parts_.rotations.rbegin(); next != parts_.rotations.rend() && is_all; ++next) {
      if (is_same_file(*next, *parts_.log.file) || next->changed < *bounds_.since) continue;
      if (parts_.former.size() >= most_log_files) {
        gap_ =
            "there are more than " + std::to_string(most_log_files) + " former files of that time";
        break;
      }
      FilePtr file = open_former(*next, gap_);
      if (!file || is_copy(*next, *file)) continue;
      if (room == 0) is_all = false;
      if (!is_all) break;
      const std::uint64_t size = file->size();
      const std::uint64_t from = beginning_of_last(*file, room);
      is_all = size <= room;
      room -= std::min(room, size);
      parts_.former.push_back({std::move(file), from});
    }
    std::reverse(parts_.former.begin(), parts_.former.end());
    return is_all;
  }

  // A copy of a log that was not emptied then: its lines are in the log.
  bool is_copy(const LogRotation& rotation, LogFile& file) {
    const std::int64_t born = parts_.log.file->identity().born;
    return born != 0 && rotation.file.born >= born && rotation.changed >= born &&
           begins_with_all_of(*parts_.log.file, file);
  }

  // Whether the first line with a time may be of the asked time, in whatever zone it was written.
  bool may_begin_since() {
    const auto begins = time_of_beginning();
    return !begins || begins->latest >= in_seconds(*bounds_.since);
  }

  // The same of the zones that are likely.
  bool seems_to_begin_since() {
    const auto begins = time_of_beginning();
    if (!begins) return true;
    std::int64_t latest = begins->utc;
    if (!begins->has_zone) latest = std::max(latest, on_clocks_of_host(begins->utc));
    return latest >= in_seconds(*bounds_.since);
  }

  // Of the lines that begin what is read, the first that has a time.
  std::optional<LineTime> time_of_beginning() {
    const LogPart& first = parts_.former.empty() ? parts_.log : parts_.former.front();
    std::optional<LineTime> time;
    if (!fits_its_lines(*first.file)) return time;
    any_line(first.file->read(first.from, bounds_.longest_line), [&](std::string_view line) {
      if (age_of(line, bounds_) == LineAge::not_known) return false;
      time = time_of_line(line, in_seconds(bounds_.now));
      return true;
    });
    return time;
  }

  // False when its last lines say that they are older than the asked time: what begins them is then
  // not when they were written, because the file was written to since.
  bool fits_its_lines(LogFile& file) const {
    if (was_made_at_once(file) && &file != parts_.log.file.get()) return true;
    const std::string text = file.read(beginning_of_last(file, one_piece), one_piece);
    bool has_older = false;
    const bool has_asked = any_line(text, [&](std::string_view line) {
      const LineAge age = age_of(line, bounds_);
      has_older = has_older || age == LineAge::older;
      return age == LineAge::asked;
    });
    return has_asked || !has_older;
  }

  const std::string& path_;
  const LogBounds& bounds_;
  LogParts parts_;
  std::string gap_;  // which lines of the asked time are out of reach, and why
};

}  // namespace

LogParts first_parts_of_log(const std::string& path, const LogBounds& bounds,
                            std::unique_ptr<LogFile> log) {
  return FirstParts(path, bounds, std::move(log)).find();
}

}  // namespace gonogo
