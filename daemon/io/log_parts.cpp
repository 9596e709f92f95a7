#include "daemon/io/log_parts.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/formats/line_time.h"
#include "daemon/io/log_first_parts.h"

namespace gonogo {
namespace {

constexpr int most_tries = 3;
constexpr std::int64_t settling = 1'000'000'000;
constexpr std::int64_t at_once = 2'000'000'000;

using FilePtr = std::unique_ptr<LogFile>;

class Finder {
 public:
  Finder(const std::string& path, const LogBounds& bounds) : path_(path), bounds_(bounds) {}

  LogParts find(const std::optional<LogPosition>& former) {
    find_parts(former);
    return std::move(parts_);
  }

  // Whether the log itself was there.
  bool has_log() const { return has_log_; }

 private:
  void find_parts(const std::optional<LogPosition>& former) {
    // Before the log is opened: what comes between the two is new at the next reading. That an
    // empty log was emptied once more is seen by its copies alone, wherever they are.
    if (former) search(*former, former->offset == 0);
    FilePtr log = std::make_unique<LogFile>(path_);
    has_log_ = true;
    if (!former) {
      parts_ = first_parts_of_log(path_, bounds_, std::move(log));
      return;
    }
    parts_.log.file = std::move(log);
    if (parts_.log.file->identity().is_that_of(former->file) && parts_.log.file->holds(*former) &&
        !was_truncated(*former)) {
      go_on_in_log(*former);
    } else {
      search(*former, true);
      // A log of which nothing had been read is in no file known by its content.
      const bool is_found = former->offset > 0 && find_moved_parts(*former);
      if (!is_found) find_new_parts(*former);
    }
  }

  void search(const LogPosition& former, bool has_sub_folders) {
    LogSearch wanted{bounds_.folders, has_sub_folders, {former.file}};
    for (const LateFile& late : former.late) wanted.files.push_back(late.file);
    FoundRotations found = rotations_of(path_, wanted);
    parts_.rotations = std::move(found.files);
    unlisted_ = std::move(found.unlisted);
  }

  void go_on_in_log(const LogPosition& former) {
    LogFile& log = *parts_.log.file;
    const bool is_as_long = former.end != 0 && log.size() == former.end;
    const bool has_other_time = former.changed != 0 && log.changed() != former.changed;
    parts_.is_unchanged = is_as_long && !has_other_time;
    if (is_as_long && has_other_time) {
      // A file has the time of a write a moment before it has its size.
      parts_.is_unsettled = bounds_.now != 0 && std::abs(bounds_.now - log.changed()) < settling;
      if (!parts_.is_unsettled) return;
    }
    parts_.log.from = former.offset;
    parts_.log.is_within_line = former.is_within_line;
  }

  bool is_log(const LogRotation& rotation) const {
    return is_same_file(rotation, *parts_.log.file);
  }

  // The log is the file it was and holds what was read, but a copy of it has come meanwhile that is
  // no beginning of it: it was copied, emptied, and has grown again from the same lines, or from
  // none.
  bool was_truncated(const LogPosition& former) {
    const auto is_copy = [&](const LogRotation& rotation) {
      if (is_log(rotation) || !is_new(rotation, former)) return false;
      if (rotation.size == 0) return false;
      const FilePtr file = open(rotation);
      if (!file) return former.offset == 0;
      const LateFile* read = part_read_of(rotation, former);
      if (read != nullptr && file->holds(*read)) return false;
      const std::uint64_t size = file->size();
      return size > 0 && file->holds(former) && !parts_.log.file->holds(file->position_at(size));
    };
    return std::any_of(parts_.rotations.begin(), parts_.rotations.end(), is_copy);
  }

  // Null when nothing of it was.
  static const LateFile* part_read_of(const LogRotation& rotation, const LogPosition& former) {
    const auto found = std::find_if(former.late.begin(), former.late.end(),
                                    [&](const LateFile& late) { return is_of(rotation, late); });
    return found == former.late.end() ? nullptr : &*found;
  }

  static bool was_read(const LogRotation& rotation, const LateFile& read) {
    if (rotation.packing == Packing::none) return rotation.size <= read.offset;
    return rotation.changed == read.changed;
  }

  // The rest of the file that was read, which has a new name now or whose content was copied, and
  // all of the files that came after it. False when it is not there.
  bool find_moved_parts(const LogPosition& former) {
    FilePtr moved;
    std::size_t found = 0;
    for (const bool by_content : {false, true}) {
      for (found = 0; found < parts_.rotations.size(); ++found) {
        moved = open_if_it_holds(parts_.rotations[found], former, by_content);
        if (moved) break;
      }
      if (moved) break;
    }
    if (!moved) return false;
    const LogRotation& now = parts_.rotations[found];
    if (now.has_other_name && !is_next(parts_.log.file->identity(), now))
      lose("the file that was read is " + now.path +
           " now, and another one may have been the log since then");
    parts_.former.push_back({std::move(moved), former.offset, former.is_within_line});
    // What was written to late is not in its place.
    for (std::size_t i = 0; i < parts_.rotations.size(); ++i) {
      const LogRotation& other = parts_.rotations[i];
      if (i > found || (i < found && is_new(other, former))) add_part(other, former);
    }
    return true;
  }

  // Null, and noted, when it cannot be read: some lines are out of reach then.
  FilePtr open(const LogRotation& rotation) { return open_former(rotation, unreadable_); }

  FilePtr open_if_it_holds(const LogRotation& rotation, const LogPosition& former,
                           bool by_content) {
    const bool is_it = rotation.file.is_that_of(former.file);
    if (is_log(rotation)) return nullptr;
    if (by_content) {
      // What was written last before the position was taken holds former lines.
      if (rotation.changed < former.changed) return nullptr;
    } else if (!is_it) {
      return nullptr;
    }
    FilePtr file = open(rotation);
    return file && file->holds(former) ? std::move(file) : nullptr;
  }

  void add_part(const LogRotation& rotation, const LogPosition& former) {
    const LateFile* read = part_read_of(rotation, former);
    if (is_log(rotation) || (read != nullptr && was_read(rotation, *read))) return;
    parts_.has_more = parts_.has_more || parts_.former.size() >= most_log_files;
    if (parts_.has_more) return;
    if (FilePtr file = open(rotation)) {
      const std::uint64_t from = read != nullptr && file->holds(*read) ? read->offset : 0;
      parts_.former.push_back({std::move(file), from});
    } else {
      lose(unreadable_);
    }
  }

  void lose(const std::string& why) {
    parts_.lost_some = true;
    if (parts_.why.empty()) parts_.why = why;
  }

  // What was seen where the file that was read is not found.
  std::string loss_in_words(const LogPosition& former) const {
    std::string text = parts_.log.file->identity().is_that_of(former.file)
                           ? "the log was emptied or written anew, and no copy of it is found"
                           : "the log is another file now, and the one that was read is not found";
    if (!unreadable_.empty()) text += "; " + unreadable_;
    if (!unlisted_.empty()) text += "; " + unlisted_;
    return text;
  }

  // The file that was read is gone, or nothing had been read of it: what has come since then is all
  // that is left.
  void find_new_parts(const LogPosition& former) {
    bool is_there = false;
    for (const LogRotation& rotation : parts_.rotations) {
      if (is_log(rotation)) continue;
      // An empty log that was packed as it was: the time of its last line is kept.
      is_there = is_there || (former.changed != 0 && rotation.changed == former.changed);
      if (!is_new(rotation, former) && !rotation.file.is_that_of(former.file)) continue;
      is_there = true;
      add_part(rotation, former);
    }
    if (former.offset == 0 && is_there) return;
    parts_.why.clear();
    lose(loss_in_words(former));
  }

  const std::string& path_;
  const LogBounds& bounds_;
  std::string unlisted_;  // as of FoundRotations
  LogParts parts_;
  bool has_log_ = false;
  std::string unreadable_;  // the last that could not be opened, and why
};

}  // namespace

LogParts parts_of_log(const std::string& path, const LogBounds& bounds,
                      const std::optional<LogPosition>& former) {
  for (int tries = 1;; ++tries) {
    Finder finder(path, bounds);
    try {
      return finder.find(former);
    } catch (const IoError& error) {
      // A former file may be renamed or packed between its listing and its opening.
      if (error.reason() != Reason::missing || !finder.has_log() || tries >= most_tries) throw;
    }
  }
}

bool is_same_file(const LogRotation& rotation, const LogFile& file) {
  return rotation.file == file.identity();
}

LineAge age_of(std::string_view line, const LogBounds& bounds) {
  constexpr std::int64_t second = 1'000'000'000;
  constexpr std::int64_t day = 86'400;
  const std::int64_t now = bounds.now / second;
  const auto time = time_of_line(line, now);
  // What is to come is not when the line was written.
  if (!time || !bounds.since || (now > 0 && time->utc > now + day)) return LineAge::not_known;
  return time->latest < *bounds.since / second ? LineAge::older : LineAge::asked;
}

bool was_made_at_once(const LogFile& file) {
  const std::int64_t born = file.identity().born;
  return born != 0 && file.changed() >= born && file.changed() - born < at_once;
}

FilePtr open_former(const LogRotation& rotation, std::string& unreadable) {
  if (rotation.packing == Packing::other) {
    unreadable = rotation.path + " is packed, and not by gzip";
    return nullptr;
  }
  try {
    return std::make_unique<LogFile>(rotation.path, rotation.packing);
  } catch (const IoError& error) {
    if (error.reason() != Reason::permission) throw;
    unreadable = error.text();
    return nullptr;
  }
}

FilePtr open_if_there(const LogRotation& rotation) {
  if (rotation.packing == Packing::other) return nullptr;
  try {
    return std::make_unique<LogFile>(rotation.path, rotation.packing);
  } catch (const IoError& error) {
    if (error.reason() != Reason::missing && error.reason() != Reason::permission) throw;
    return nullptr;
  }
}

}  // namespace gonogo
