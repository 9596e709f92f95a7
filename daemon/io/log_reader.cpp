#include "daemon/io/log_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/io/log_parts.h"

namespace gonogo {
namespace {

constexpr std::size_t most_late = 4;

std::string_view without_nuls(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
  return line;
}

class NewLines {
 public:
  NewLines(const std::string& path, const LogBounds& bounds,
           const std::function<void(const LogLine&)>& take)
      : path_(path), bounds_(bounds), take_(take) {}

  LogReading read(const std::optional<LogPosition>& former) {
    parts_ = parts_of_log(path_, bounds_, former);
    reading_.falls_short = parts_.falls_short;
    reading_.lost_some = parts_.lost_some;
    reading_.why = parts_.why;
    is_first_ = !former;
    if (former) read_late(*former);
    for (auto part = parts_.former.begin(); part != parts_.former.end() && reading_.left == 0;
         ++part)
      read_former(*part, former);
    // The bound was reached in a former file: the next reading goes on there.
    if (reading_.left > 0) return std::move(reading_);
    is_muted_ = parts_.is_older;
    read_log(former);
    return std::move(reading_);
  }

 private:
  void read_log(const std::optional<LogPosition>& former) {
    LogFile& log = *parts_.log.file;
    const std::uint64_t end = read_part(parts_.log, false);
    LogPosition& position = reading_.position;
    position = log.position_at(end);
    position.end = log.size();
    position.is_within_line = is_within_line_;
    if (parts_.is_unsettled) position.changed = former->changed;
    remember();
    // Where it is new, the rest of it may be on its way.
    const std::string_view text = without_frame(unfinished_);
    const bool may_stay = is_first_ || parts_.is_unchanged;
    if (text.empty() || !may_stay || is_muted_ || is_too_old(text)) return;
    LogPosition behind = log.position_at(end + unfinished_.size());
    behind.end = position.end;
    behind.is_within_line = true;
    behind.newest = position.newest;
    behind.newest_moment = position.newest_moment;
    behind.late = position.late;
    reading_.unfinished = UnfinishedLine{std::string(text), std::move(behind)};
  }

  // What was written to a former file after it had been read: its program had not opened the log
  // anew.
  void read_late(const LogPosition& former) {
    late_ = former.late;
    for (LateFile& late : late_) {
      if (reading_.left > 0) return;
      const auto file = grown_file(late);
      if (!file) continue;
      const std::vector<std::uint64_t> moment = late.moment;
      is_within_line_ = false;
      late = file->late_at(read_from(*file, late.offset, file->is_packed()));
      late.moment = moment;
      // The next reading goes on in this file, from the same place of the log.
      reading_.position = former;
      reading_.position.late = late_;
    }
  }

  // Null when nothing was added to it, or when it is read anyway.
  std::unique_ptr<LogFile> grown_file(const LateFile& late) const {
    for (const LogRotation& rotation : parts_.rotations) {
      const auto is_that = [&](const LogPart& part) { return is_same_file(rotation, *part.file); };
      if (std::any_of(parts_.former.begin(), parts_.former.end(), is_that)) continue;
      const bool is_packed = rotation.packing != Packing::none;
      const bool is_same = rotation.file.is_that_of(late.file);
      const bool is_longer = !is_packed && is_same && rotation.size > late.offset;
      // It was packed since then; not to be unpacked in vain.
      const bool may_be = is_packed && !is_same && late.offset > 0 &&
                          rotation.changed != late.changed && is_of(rotation, late);
      if (!is_longer && !may_be) continue;
      auto file = open_if_there(rotation);
      if (file && file->holds(late)) return file;
    }
    return nullptr;
  }

  void note_read(LogPart& part, std::uint64_t end) {
    LateFile late = part.file->late_at(end);
    for (const LogRotation& rotation : parts_.rotations) {
      if (is_same_file(rotation, *part.file)) late.moment = rotation.moment;
    }
    std::erase_if(late_, [&](const LateFile& each) { return each.file.is_that_of(late.file); });
    late_.push_back(std::move(late));
  }

  void read_former(LogPart& part, const std::optional<LogPosition>& former) {
    LogFile& file = *part.file;
    const std::uint64_t end = read_part(part, true);
    if (!file.is_whole()) {
      reading_.lost_some = true;
      reading_.why = file.path() + " is broken";
    }
    note_read(part, end);
    if (parts_.has_more && &part == &parts_.former.back() && reading_.left == 0) reading_.left = 1;
    if (reading_.left == 0) return;
    // What came since the former reading is not all read.
    reading_.position = file.position_at(end);
    reading_.position.is_within_line = is_within_line_;
    if (former) {
      reading_.position.newest = former->newest;
      reading_.position.newest_moment = former->newest_moment;
    }
    reading_.position.late = late_;
  }

  std::uint64_t read_part(const LogPart& part, bool is_finished) {
    const bool has_time = !was_made_at_once(*part.file) || &part == &parts_.log;
    if (is_first_ && bounds_.since && has_time && !has_begun_) has_begun_ = !fits_its_lines(part);
    is_within_line_ = part.is_within_line;
    return read_from(*part.file, part.from, is_finished);
  }

  // False when some lines say that they are older than the asked time, and none that it is of it.
  // That is not when they were written, because the file was written to since.
  bool fits_its_lines(const LogPart& part) {
    const LogReading before = reading_;
    too_old_ = 0;
    is_scanning_ = true;
    read_from(*part.file, part.from, false);
    is_too_old(without_frame(unfinished_));
    is_scanning_ = false;
    reading_ = before;
    return std::exchange(has_begun_, false) || too_old_ == 0;
  }

  // Gives the place after the last line that was taken.
  std::uint64_t read_from(LogFile& file, std::uint64_t from, bool is_finished) {
    std::uint64_t offset = from;
    const bool has_all_of_the_bound = reading_.bytes == 0;
    std::string pending;
    while (reading_.bytes < bounds_.most_bytes && !(is_scanning_ && has_begun_)) {
      if (pending.empty()) offset = file.next_data(offset);
      const std::uint64_t at = offset + pending.size();
      std::uint64_t most = std::min<std::uint64_t>(64 << 10, bounds_.most_bytes - reading_.bytes);
      // What is written while the log is read is for the next time.
      if (!file.is_packed()) most = std::min(most, file.size() - std::min(file.size(), at));
      const std::string part = file.read(at, static_cast<std::size_t>(most));
      if (part.empty()) break;
      reading_.bytes += part.size();
      pending += part;
      offset += take_lines(pending);
    }
    // The line is longer than one reading: without this it would never be passed.
    if (offset == from && has_all_of_the_bound && reading_.bytes >= bounds_.most_bytes)
      offset += take_beginning(pending);
    const std::uint64_t left = left_in(file, offset + pending.size());
    if (is_finished && left == 0) {
      offset += take_all(pending);
      is_within_line_ = false;
    }
    if (reading_.bytes >= bounds_.most_bytes) reading_.left += left;
    unfinished_ = left == 0 ? std::move(pending) : "";
    return offset;
  }

  static std::uint64_t left_in(LogFile& file, std::uint64_t offset) {
    if (file.is_packed()) return file.read(offset, 1).size();
    return file.size() - std::min(file.size(), offset);
  }

  // Takes the whole lines off the beginning. Gives how many bytes that were.
  std::uint64_t take_lines(std::string& pending) {
    std::size_t begin = is_within_line_ ? end_of_line_given(pending) : 0;
    for (std::size_t end = pending.find('\n', begin); end != std::string::npos;
         end = pending.find('\n', begin)) {
      take_line(std::string_view(pending).substr(begin, end - begin));
      begin = end + 1;
    }
    // A writer without O_APPEND leaves NULs before its next line when the log is emptied.
    while (begin < pending.size() && pending[begin] == '\0') ++begin;
    pending.erase(0, begin);
    return begin + (pending.size() > bounds_.longest_line ? take_beginning(pending) : 0);
  }

  std::size_t end_of_line_given(std::string_view text) {
    const std::size_t end = text.find('\n');
    is_within_line_ = end == std::string::npos;
    return is_within_line_ ? text.size() : end + 1;
  }

  // Of a line that is too long; the rest of it is passed over.
  std::uint64_t take_beginning(std::string& pending) {
    is_within_line_ = !pending.empty();
    return take_all(pending, true);
  }

  std::uint64_t take_all(std::string& pending, bool is_cut = false) {
    const std::uint64_t size = pending.size();
    if (size > 0) take_line(pending, is_cut);
    pending.clear();
    return size;
  }

  static std::string_view without_frame(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return without_nuls(line);
  }

  void take_line(std::string_view line, bool is_cut = false) {
    if (is_muted_) return;
    line = without_frame(line);
    if (is_too_old(line) || is_scanning_) return;
    ++reading_.lines;
    take_({line.substr(0, bounds_.longest_line), is_cut || line.size() > bounds_.longest_line});
  }

  // Only what was written since then is asked for, and this line says that it is older. The times
  // of a log go up: behind the first line of the asked time, a time is of something else.
  bool is_too_old(std::string_view line) {
    if (!is_first_ || !bounds_.since || has_begun_) return false;
    const LineAge age = age_of(line, bounds_);
    has_begun_ = age == LineAge::asked;
    too_old_ += age == LineAge::older ? 1 : 0;
    return age == LineAge::older;
  }

  // By which the next reading knows which former files have come since this one.
  void remember() {
    LogPosition& position = reading_.position;
    position.newest = parts_.log.file->changed();
    for (const LogRotation& rotation : parts_.rotations) {
      position.newest = std::max(position.newest, rotation.changed);
      position.newest_moment = std::max(position.newest_moment, rotation.moment);
    }
    if (bounds_.now > 0) position.newest = std::min(position.newest, bounds_.now);
    position.late = late_files();
  }

  // The youngest former files: they may be written to.
  std::vector<LateFile> late_files() const {
    std::vector<LateFile> files;
    for (auto next = parts_.rotations.rbegin();
         next != parts_.rotations.rend() && files.size() < most_late; ++next) {
      if (next->packing != Packing::none || is_same_file(*next, *parts_.log.file)) continue;
      const auto known = std::find_if(late_.begin(), late_.end(), [&](const LateFile& late) {
        return next->file.is_that_of(late.file);
      });
      if (known != late_.end()) {
        files.push_back(*known);
      } else if (const auto file = open_if_there(*next)) {
        files.push_back(file->late_at(next->size));
        files.back().moment = next->moment;
      }
    }
    return files;
  }

  const std::string& path_;
  const LogBounds& bounds_;
  const std::function<void(const LogLine&)>& take_;
  LogParts parts_;
  bool is_first_ = false;
  bool is_muted_ = false;
  bool has_begun_ = false;       // lines of the asked time
  bool is_scanning_ = false;     // lines are not taken
  std::uint64_t too_old_ = 0;    // lines of one file
  bool is_within_line_ = false;  // what comes next belongs to a line that was given
  std::string unfinished_;       // at the end of the file that was read last
  std::vector<LateFile> late_;
  LogReading reading_;
};

}  // namespace

LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds,
                          const std::function<void(const LogLine&)>& take) {
  return NewLines(path, bounds, take).read(former);
}

}  // namespace gonogo
