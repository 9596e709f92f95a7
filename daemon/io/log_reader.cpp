#include "daemon/io/log_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/io/log_file.h"
#include "daemon/io/log_rotations.h"

namespace gonogo {
namespace {

// Opened at once; the next reading goes on with the rest.
constexpr std::size_t most_files = 100;
constexpr int most_tries = 3;

using FilePtr = std::unique_ptr<LogFile>;

// A file, and where to begin in it.
struct Part {
  FilePtr file;
  std::uint64_t from = 0;
};

class NewLines {
 public:
  NewLines(const std::string& path, const LogBounds& bounds,
           const std::function<void(std::string_view)>& take)
      : path_(path), bounds_(bounds), take_(take) {}

  LogReading read(const std::optional<LogPosition>& former) {
    for (int tries = 1;; ++tries) {
      try {
        find_parts(former);
        break;
      } catch (const IoError& error) {
        // A former file may be renamed or packed between its listing and its opening.
        if (error.reason() != Reason::missing || !current_ || tries >= most_tries) throw;
      }
    }
    if (former && former->late) read_late(*former);
    for (auto part = parts_.begin(); part != parts_.end() && reading_.left == 0; ++part)
      read_former(*part);
    // The bound was reached in a former file: the next reading goes on there.
    if (reading_.left > 0) return std::move(reading_);
    is_muted_ = is_older_;
    const std::uint64_t end = read_from(*current_, from_, false);
    reading_.position = current_->position_at(end);
    remember();
    return std::move(reading_);
  }

 private:
  void find_parts(const std::optional<LogPosition>& former) {
    parts_.clear();
    current_.reset();
    from_ = 0;
    has_more_parts_ = false;
    unreadable_.clear();
    reading_ = {};
    // Before the log is opened: what comes between the two is new at the next reading. That an
    // empty log was emptied once more is seen by its copies alone, wherever they are.
    search_ = {bounds_.folders, former && former->offset == 0, former ? former->inode : 0};
    rotations_ = rotations_of(path_, search_);
    current_ = std::make_unique<LogFile>(path_);
    if (!former) {
      find_first_parts();
    } else if (current_->is(*former) && current_->holds(*former) && !was_truncated(*former)) {
      from_ = former->offset;
    } else {
      rotations_ = rotations_of(path_, search_);
      if (find_moved_parts(*former)) return;
      search_.has_sub_folders = true;
      rotations_ = rotations_of(path_, search_);
      if (find_moved_parts(*former)) return;
      find_new_parts(*former);
    }
  }

  bool is_current(const LogRotation& rotation) const {
    return rotation.device == current_->info().st_dev && rotation.inode == current_->info().st_ino;
  }

  // The log is the file it was and holds what was read, but a copy of it has come meanwhile that is
  // no beginning of it: it was copied, emptied, and has grown again from the same lines, or from
  // none.
  bool was_truncated(const LogPosition& former) {
    const auto is_copy = [&](const LogRotation& rotation) {
      if (is_current(rotation) || !is_new(rotation, former)) return false;
      if (rotation.size == 0) return false;
      const FilePtr file = open(rotation);
      if (!file) return former.offset == 0;
      const std::uint64_t size = file->size();
      return size > 0 && file->holds(former) && !current_->holds(file->position_at(size));
    };
    return std::any_of(rotations_.begin(), rotations_.end(), is_copy);
  }

  // The rest of the file that was read, which has a new name now or whose content was copied, and
  // all of the files that came after it. False when it is not there.
  bool find_moved_parts(const LogPosition& former) {
    FilePtr moved;
    std::size_t found = 0;
    for (const bool by_content : {false, true}) {
      for (found = 0; found < rotations_.size(); ++found) {
        moved = open_if_it_holds(rotations_[found], former, by_content);
        if (moved) break;
      }
      if (moved) break;
    }
    if (!moved) return false;
    const std::string folder = folder_of(rotations_[found].path);
    parts_.push_back({std::move(moved), former.offset});
    for (std::size_t next = found + 1; next < rotations_.size(); ++next) {
      // The former files of a log are in one folder; another may be of a log with the same name.
      const std::string of_next = folder_of(rotations_[next].path);
      if (of_next == folder || of_next == folder_of(path_)) add_part(rotations_[next]);
    }
    return true;
  }

  static std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
  }

  // Null, and noted, when it cannot be read: some lines are out of reach then.
  FilePtr open(const LogRotation& rotation) {
    if (rotation.packing == Packing::other) {
      unreadable_ = rotation.path + " is packed, and not by gzip";
      return nullptr;
    }
    try {
      return std::make_unique<LogFile>(rotation.path, rotation.packing);
    } catch (const IoError& error) {
      if (error.reason() != Reason::permission) throw;
      unreadable_ = error.text();
      return nullptr;
    }
  }

  FilePtr open_if_there(const LogRotation& rotation) {
    try {
      return open(rotation);
    } catch (const IoError& error) {
      if (error.reason() != Reason::missing) throw;
      return nullptr;  // it was renamed or packed just now
    }
  }

  FilePtr open_if_it_holds(const LogRotation& rotation, const LogPosition& former,
                           bool by_content) {
    const bool is_it = rotation.device == former.device && rotation.inode == former.inode;
    if (is_current(rotation)) return nullptr;
    if (by_content) {
      // Without a head there is nothing to recognise a copy by. What was written last before the
      // position was taken holds former lines.
      const bool is_too_old = rotation.changed < former.changed;
      if (former.head_size == 0 || is_too_old) return nullptr;
    } else if (!is_it) {
      return nullptr;
    }
    FilePtr file = open(rotation);
    return file && file->holds(former) ? std::move(file) : nullptr;
  }

  void add_part(const LogRotation& rotation) {
    if (is_current(rotation)) return;
    has_more_parts_ = has_more_parts_ || parts_.size() >= most_files;
    if (has_more_parts_) return;
    if (FilePtr file = open(rotation)) {
      parts_.push_back({std::move(file), 0});
    } else {
      lose(unreadable_);
    }
  }

  void lose(const std::string& unreadable) {
    reading_.lost_some = true;
    if (reading_.unreadable.empty()) reading_.unreadable = unreadable;
  }

  // The file that was read is gone: what has come since then is all that is left. A log of which
  // nothing had been read is in no copy known by its content: one that has come since then is it.
  void find_new_parts(const LogPosition& former) {
    bool is_there = false;
    for (const LogRotation& rotation : rotations_) {
      if (is_current(rotation)) continue;
      // An empty log that was packed as it was: the time of its last line is kept.
      is_there = is_there || (former.changed != 0 && rotation.changed == former.changed);
      if (!is_new(rotation, former)) continue;
      is_there = true;
      add_part(rotation);
    }
    if (former.offset > 0 || !is_there) lose(unreadable_);
  }

  void find_first_parts() {
    if (!bounds_.since) {
      from_ = beginning_of_last(*current_, bounds_.first_reading);
      return;
    }
    search_.has_sub_folders = true;
    rotations_ = rotations_of(path_, search_);
    is_older_ = current_->changed() < *bounds_.since;
    from_ = beginning_of_last(*current_, bounds_.first_reading);
    std::uint64_t room = bounds_.first_reading - std::min(bounds_.first_reading, current_->size());
    for (auto next = rotations_.rbegin(); next != rotations_.rend() && room > 0; ++next) {
      if (is_current(*next) || next->changed < *bounds_.since) continue;
      if (parts_.size() >= most_files) break;
      FilePtr file = open(*next);
      if (!file) {
        lose(unreadable_);
        continue;
      }
      const std::uint64_t size = file->size();
      const std::uint64_t from = beginning_of_last(*file, room);
      room -= std::min(room, size);
      parts_.push_back({std::move(file), from});
    }
    std::reverse(parts_.begin(), parts_.end());
  }

  // Where the last bytes of a file begin: after the first line end in them, or after a hole.
  std::uint64_t beginning_of_last(LogFile& file, std::uint64_t most) const {
    const std::uint64_t size = file.size();
    if (size <= most) return 0;
    const std::uint64_t from = file.next_data(size - most);
    if (from > size - most) return from;
    for (std::uint64_t at = from; at < size;) {
      const std::string part = file.read(at, 64 << 10);
      if (part.empty()) break;
      const std::size_t end = part.find('\n');
      if (end != std::string::npos) return at + end + 1;
      at += part.size();
    }
    return size;
  }

  // What was written to a former file after it had been read: its program had not opened the log
  // anew.
  void read_late(const LogPosition& former) {
    late_ = former.late;
    for (const LogRotation& rotation : rotations_) {
      const bool is_it = rotation.device == late_->device && rotation.inode == late_->inode;
      if (!is_it || rotation.packing != Packing::none || rotation.size <= late_->offset) continue;
      const auto is_that = [&](const Part& part) {
        return part.file->info().st_ino == rotation.inode;
      };
      if (std::any_of(parts_.begin(), parts_.end(), is_that)) return;
      const FilePtr file = open_if_there(rotation);
      if (!file || !file->holds(*late_)) return;
      late_ = file->late_at(read_from(*file, late_->offset, false));
      // The next reading goes on in this file, from the same place of the log.
      reading_.position = former;
      reading_.position.late = late_;
      return;
    }
  }

  void read_former(Part& part) {
    const std::uint64_t end = read_from(*part.file, part.from, true);
    if (!part.file->is_whole()) lose(part.file->path() + " is broken");
    if (!part.file->is_packed()) late_ = part.file->late_at(end);
    if (has_more_parts_ && &part == &parts_.back() && reading_.left == 0) reading_.left = 1;
    if (reading_.left == 0) return;
    reading_.position = part.file->position_at(end);
    remember();
  }

  // Gives the place after the last line that was taken.
  std::uint64_t read_from(LogFile& file, std::uint64_t from, bool is_finished) {
    std::uint64_t offset = from;
    const bool has_all_of_the_bound = reading_.bytes == 0;
    std::string pending;
    while (reading_.bytes < bounds_.most_bytes) {
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
    if (offset == from && has_all_of_the_bound && reading_.bytes >= bounds_.most_bytes) {
      // The line is longer than one reading: without this it would never be passed.
      offset += take_all(pending);
    }
    const std::uint64_t left = left_in(file, offset + pending.size());
    if (is_finished && left == 0) offset += take_all(pending);
    if (reading_.bytes >= bounds_.most_bytes) reading_.left += left;
    return offset;
  }

  static std::uint64_t left_in(LogFile& file, std::uint64_t offset) {
    if (file.is_packed()) return file.read(offset, 1).size();
    return file.size() - std::min(file.size(), offset);
  }

  // Takes the whole lines off the beginning. Gives how many bytes that were.
  std::uint64_t take_lines(std::string& pending) {
    std::size_t begin = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos;
         end = pending.find('\n', begin)) {
      take_line(std::string_view(pending).substr(begin, end - begin));
      begin = end + 1;
    }
    // A writer without O_APPEND leaves NULs before its next line when the log is emptied.
    while (begin < pending.size() && pending[begin] == '\0') ++begin;
    pending.erase(0, begin);
    // A line that is too long is taken in pieces.
    return begin + (pending.size() > bounds_.longest_line ? take_all(pending) : 0);
  }

  std::uint64_t take_all(std::string& pending) {
    const std::uint64_t size = pending.size();
    if (size > 0) take_line(pending);
    pending.clear();
    return size;
  }

  void take_line(std::string_view line) {
    if (is_muted_) return;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
    ++reading_.lines;
    take_(line.substr(0, bounds_.longest_line));
  }

  // By which the next reading knows which former files have come since this one.
  void remember() {
    LogPosition& position = reading_.position;
    position.newest = current_->changed();
    const LogRotation* youngest = nullptr;
    for (const LogRotation& rotation : rotations_) {
      position.newest = std::max(position.newest, rotation.changed);
      position.newest_moment = std::max(position.newest_moment, rotation.moment);
      const bool may_grow = rotation.packing == Packing::none && !is_current(rotation);
      if (may_grow && (youngest == nullptr || rotation.changed >= youngest->changed))
        youngest = &rotation;
    }
    if (bounds_.now > 0) position.newest = std::min(position.newest, bounds_.now);
    position.late = late_of(youngest);
  }

  std::optional<LateFile> late_of(const LogRotation* youngest) {
    if (youngest == nullptr) return std::nullopt;
    const bool is_known =
        late_ && late_->device == youngest->device && late_->inode == youngest->inode;
    if (is_known) return late_;
    const FilePtr file = open_if_there(*youngest);
    return file ? std::optional(file->late_at(youngest->size)) : std::nullopt;
  }

  const std::string& path_;
  const LogBounds& bounds_;
  const std::function<void(std::string_view)>& take_;
  LogSearch search_;
  std::vector<LogRotation> rotations_;
  FilePtr current_;
  std::uint64_t from_ = 0;
  std::vector<Part> parts_;  // former files to be read, the oldest first
  bool has_more_parts_ = false;
  bool is_older_ = false;  // the log was written last before the times of the first reading
  bool is_muted_ = false;
  std::string unreadable_;  // the last that could not be opened, and why
  std::optional<LateFile> late_;
  LogReading reading_;
};

}  // namespace

LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds,
                          const std::function<void(std::string_view)>& take) {
  return NewLines(path, bounds, take).read(former);
}

}  // namespace gonogo
