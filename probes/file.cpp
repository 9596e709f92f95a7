#include "probes/file.h"

#include <glob.h>
#include <grp.h>
#include <pwd.h>

#include <array>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "probes/support/blocking_pool.h"
#include "probes/support/bounded_file.h"
#include "probes/support/pattern.h"
#include "probes/support/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct FileSettings {
  std::string path;
  std::string glob;
  bool absent = false;
  std::string type;
  std::optional<mode_t> mode;
  std::optional<mode_t> max_mode;
  bool executable = false;
  std::string owner;
  std::string group;
  std::optional<std::int64_t> min_size;
  std::optional<std::int64_t> max_size;
  std::optional<Duration> max_age;
  std::optional<std::int64_t> min_count;
  std::optional<std::int64_t> max_count;
  std::vector<Pattern> contains;
  std::vector<Pattern> contains_not;
  std::size_t max_read = 1 << 20;
};

struct Seen {
  std::string path;  // the newest, of a glob
  struct stat info {};
  std::int64_t count = 1;
};

// The files that match, and which of them changed last.
Seen newest_of(const std::string& pattern) {
  ::glob_t found{};
  const int error = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  struct Free {
    ::glob_t* list;
    ~Free() { ::globfree(list); }
  } const free_list{&found};
  if (error != 0 && error != GLOB_NOMATCH) {
    throw LookEnded(Finding::fail(Reason::permission, pattern + " could not be listed"));
  }
  Seen seen;
  seen.count = 0;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    struct stat info {};
    if (::stat(found.gl_pathv[i], &info) != 0) continue;  // removed meanwhile
    ++seen.count;
    if (seen.path.empty() || info.st_mtim.tv_sec > seen.info.st_mtim.tv_sec) {
      seen.path = found.gl_pathv[i];
      seen.info = info;
    }
  }
  return seen;
}

std::string user_name(uid_t id) {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(id, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
  std::array<char, 4096> memory{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(id, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

std::optional<Finding> type_complaint(const FileSettings& wanted, const Seen& seen) {
  const bool fits = wanted.type == "any" || (wanted.type == "file" && S_ISREG(seen.info.st_mode)) ||
                    (wanted.type == "directory" && S_ISDIR(seen.info.st_mode)) ||
                    (wanted.type == "socket" && S_ISSOCK(seen.info.st_mode));
  if (fits) return std::nullopt;
  return Finding::fail(Reason::type, seen.path + " is " + type_in_words(seen.info.st_mode) +
                                         ", wanted a " + wanted.type);
}

std::optional<Finding> access_complaint(const FileSettings& wanted, const Seen& seen) {
  const mode_t mode = seen.info.st_mode & 07777;
  const auto fail = [&seen](const std::string& text) {
    return Finding::fail(Reason::permission, seen.path + " " + text);
  };
  if (wanted.mode && mode != *wanted.mode)
    return fail("has mode " + octal(mode) + ", wanted " + octal(*wanted.mode));
  if (wanted.max_mode && (mode & ~*wanted.max_mode) != 0) {
    return fail("has mode " + octal(mode) + ", wanted no more than " + octal(*wanted.max_mode));
  }
  if (wanted.executable && (mode & 0111) == 0)
    return fail("has mode " + octal(mode) + ", wanted it executable");
  if (!wanted.owner.empty()) {
    const std::string owner = user_name(seen.info.st_uid);
    if (owner != wanted.owner && std::to_string(seen.info.st_uid) != wanted.owner)
      return fail("belongs to " + owner + ", wanted " + wanted.owner);
  }
  if (!wanted.group.empty()) {
    const std::string group = group_name(seen.info.st_gid);
    if (group != wanted.group && std::to_string(seen.info.st_gid) != wanted.group)
      return fail("has group " + group + ", wanted " + wanted.group);
  }
  return std::nullopt;
}

std::optional<Finding> content_complaint(const FileSettings& wanted, const Seen& seen) {
  if (wanted.contains.empty() && wanted.contains_not.empty()) return std::nullopt;
  const std::string content = read_bounded_file(seen.path, wanted.max_read);
  // What the file holds is not shown: it may be anything.
  for (const Pattern& pattern : wanted.contains) {
    if (!RE2::PartialMatch(content, *pattern))
      return Finding::fail(Reason::content,
                           seen.path + " has no match of " + in_quotes(pattern->pattern()));
  }
  for (const Pattern& pattern : wanted.contains_not) {
    if (RE2::PartialMatch(content, *pattern))
      return Finding::fail(Reason::content, seen.path + " has a match of " +
                                                in_quotes(pattern->pattern()) + ", wanted none");
  }
  return std::nullopt;
}

std::optional<Finding> extent_complaint(const FileSettings& wanted, const Seen& seen,
                                        Duration age) {
  const auto size = static_cast<std::int64_t>(seen.info.st_size);
  const auto has = [&](const std::string& text) {
    return Finding::fail(Reason::threshold, seen.path + " has " + text);
  };
  if (wanted.min_size && size < *wanted.min_size)
    return has(size_in_words(size) + ", wanted at least " + size_in_words(*wanted.min_size));
  if (wanted.max_size && size > *wanted.max_size)
    return has(size_in_words(size) + ", wanted at most " + size_in_words(*wanted.max_size));
  if (wanted.max_age && age > *wanted.max_age) {
    return Finding::fail(
        Reason::stale_data,
        seen.path + " is " + to_words(age) + " old, wanted at most " + to_words(*wanted.max_age));
  }
  if (wanted.max_age && age < std::chrono::minutes{-5}) {
    return Finding::fail(Reason::future,
                         seen.path + " is dated " + to_words(-age) + " in the future");
  }
  return std::nullopt;
}

std::optional<Finding> count_complaint(const FileSettings& wanted, std::int64_t count) {
  const std::string text = std::to_string(count) + " match " + wanted.glob + ", wanted at ";
  if (count < wanted.min_count.value_or(1)) {
    return Finding::fail(count == 0 ? Reason::missing : Reason::threshold,
                         text + "least " + std::to_string(wanted.min_count.value_or(1)));
  }
  if (wanted.max_count && count > *wanted.max_count)
    return Finding::fail(Reason::threshold, text + "most " + std::to_string(*wanted.max_count));
  return std::nullopt;
}

Finding look_for_absence(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0)
    return Finding::fail(Reason::content, path + " exists, wanted none");
  if (errno == ENOENT || errno == ENOTDIR) return Finding::pass("does not exist");
  stat_file(path);  // throws what is wrong
  return Finding::unknown(Reason::error, path + " changed during the look");
}

// Blocks: for the pool.
Finding look_at(const FileSettings& wanted, WallTime now) {
  if (wanted.absent) return look_for_absence(wanted.path);
  Seen seen{wanted.path, {}, 1};
  if (wanted.glob.empty()) {
    seen.info = stat_file(wanted.path);
  } else {
    seen = newest_of(wanted.glob);
    const std::int64_t least = wanted.min_count.value_or(1);
    if (auto complaint = count_complaint(wanted, seen.count)) return *complaint;
    if (seen.count == 0 && least == 0) return Finding::pass("none match " + wanted.glob);
  }
  const Duration age = now - changed_at(seen.info);
  auto complaint = type_complaint(wanted, seen);
  if (!complaint) complaint = access_complaint(wanted, seen);
  if (!complaint) complaint = extent_complaint(wanted, seen, age);
  if (!complaint) complaint = content_complaint(wanted, seen);
  Finding finding = complaint.value_or(Finding::pass("mode " + octal(seen.info.st_mode) + ", " +
                                                     size_in_words(seen.info.st_size) + ", " +
                                                     to_words(age) + " old"));
  finding.measure("size", static_cast<double>(seen.info.st_size), "bytes");
  finding.measure("age", in_seconds(age), "seconds");
  if (!wanted.glob.empty()) {
    finding.measure("count", static_cast<double>(seen.count), "count");
    finding.note("newest", on_one_line(seen.path));
  }
  return finding;
}

class FileProbe : public Probe {
 public:
  FileProbe(FileSettings settings, Resources& resources)
      : settings_(std::make_shared<const FileSettings>(std::move(settings))),
        resources_(resources) {}

  asio::awaitable<Finding> look(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [settings = settings_, now = resources_.clock.wall()] {
      return look_at(*settings, now);
    };
    auto reading = offload(resources_.pool, std::move(read));
    co_return co_await std::move(reading);
  }

 private:
  std::shared_ptr<const FileSettings> settings_;
  Resources& resources_;
};

std::optional<mode_t> read_mode(Settings& settings, std::string_view key) {
  const auto text = settings.text(key);
  if (!text) return std::nullopt;
  mode_t mode = 0;
  for (const char c : *text) {
    if (c < '0' || c > '7' || text->size() > 5) {
      settings.complain_at(key, in_quotes(*text) + " is no file mode (such as \"0640\")");
      return std::nullopt;
    }
    mode = mode * 8 + static_cast<mode_t>(c - '0');
  }
  return mode & 07777;
}

}  // namespace

std::unique_ptr<Probe> make_file(Settings& settings, Resources& resources) {
  FileSettings file;
  file.path = settings.text_or("path", "");
  file.glob = settings.text_or("glob", "");
  if (file.path.empty() == file.glob.empty()) {
    settings.complain("wants either `path` or `glob` (such as path: /etc/app/app.conf)");
  }
  file.absent = settings.flag_or("absent", false);
  if (file.absent && file.path.empty())
    settings.complain_at("absent", "wants a `path` (for a glob: max_count: 0, min_count: 0)");
  file.type = settings.one_of("type", {"file", "directory", "socket", "any"}).value_or("file");
  file.mode = read_mode(settings, "mode");
  file.max_mode = read_mode(settings, "max_mode");
  file.executable = settings.flag_or("executable", false);
  file.owner = settings.text_or("owner", "");
  file.group = settings.text_or("group", "");
  file.min_size = settings.size("min_size");
  file.max_size = settings.size("max_size");
  file.max_age = settings.duration("max_age");
  file.min_count = settings.integer("min_count", 0, 1'000'000);
  file.max_count = settings.integer("max_count", 0, 1'000'000);
  if (file.glob.empty() && (file.min_count || file.max_count)) {
    settings.complain(
        std::string("`min_count` and `max_count` want a `glob` (such as glob: /var/backups/*.gz)"));
  }
  file.contains = read_patterns(settings, "contains");
  file.contains_not = read_patterns(settings, "contains_not");
  if (const auto most = settings.size("max_read")) file.max_read = static_cast<std::size_t>(*most);
  if (file.max_read > 64 << 20)
    settings.complain_at("max_read", "is over 64MiB (what is read is held in memory)");
  settings.finish();
  return std::make_unique<FileProbe>(std::move(file), resources);
}

}  // namespace gonogo
