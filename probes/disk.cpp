#include "probes/disk.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/units.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct DiskSettings {
  std::string path;
  std::optional<std::int64_t> min_free;
  std::optional<double> min_free_percent;
  std::optional<double> min_inodes_percent;
  std::optional<std::int64_t> warn_free;
  std::optional<double> warn_free_percent;
  bool writable = true;
};

struct Space {
  std::int64_t total = 0;
  std::int64_t free = 0;  // for users other than root
  double inodes_total = 0;
  double inodes_free = 0;
  bool is_read_only = false;

  double free_percent() const {
    return total == 0 ? 0 : 100.0 * static_cast<double>(free) / static_cast<double>(total);
  }
  // Some file systems (btrfs, network ones) have no fixed number of inodes.
  double inodes_percent() const {
    return inodes_total == 0 ? 100 : 100.0 * inodes_free / inodes_total;
  }
};

Space measure(const std::string& path) {
  stat_file(path);
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) {
    const int error = errno;
    throw IoError::of(error, Reason::error, path + ": " + std::strerror(error));
  }
  Space space;
  const auto block = static_cast<std::int64_t>(info.f_frsize);
  space.total = static_cast<std::int64_t>(info.f_blocks) * block;
  space.free = static_cast<std::int64_t>(info.f_bavail) * block;
  space.inodes_total = static_cast<double>(info.f_files);
  space.inodes_free = static_cast<double>(info.f_favail);
  space.is_read_only = (info.f_flag & ST_RDONLY) != 0;
  return space;
}

class DiskProbe : public Probe {
 public:
  DiskProbe(DiskSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [path = settings_.path] { return measure(path); };
    auto reading = offload(resources_.pool, std::move(read));
    const Space space = co_await std::move(reading);
    attempt.enter(Stage::judge);
    Finding finding = judge(space);
    finding.measure("total", static_cast<double>(space.total), "bytes");
    finding.measure("free", static_cast<double>(space.free), "bytes");
    finding.measure("free_percent", space.free_percent(), "percent");
    finding.measure("inodes_free_percent", space.inodes_percent(), "percent");
    co_return finding;
  }

 private:
  Finding judge(const Space& space) const {
    const std::string free = size_in_words(space.free) + " (" + percent(space.free_percent()) +
                             ") free of " + size_in_words(space.total);
    if (settings_.writable && space.is_read_only) {
      return Finding::fail(Reason::permission, settings_.path + " is mounted read-only");
    }
    if (settings_.min_free && space.free < *settings_.min_free) {
      return Finding::fail(Reason::threshold,
                           free + ", wanted at least " + size_in_words(*settings_.min_free));
    }
    if (settings_.min_free_percent && space.free_percent() < *settings_.min_free_percent) {
      return Finding::fail(Reason::threshold,
                           free + ", wanted at least " + percent(*settings_.min_free_percent));
    }
    if (settings_.min_inodes_percent && space.inodes_percent() < *settings_.min_inodes_percent) {
      return Finding::fail(Reason::threshold, percent(space.inodes_percent()) +
                                                  " of the inodes free, wanted at least " +
                                                  percent(*settings_.min_inodes_percent));
    }
    if (settings_.warn_free && space.free < *settings_.warn_free) {
      return Finding::warn(Reason::threshold,
                           free + ", a warning below " + size_in_words(*settings_.warn_free));
    }
    if (settings_.warn_free_percent && space.free_percent() < *settings_.warn_free_percent) {
      return Finding::warn(Reason::threshold,
                           free + ", a warning below " + percent(*settings_.warn_free_percent));
    }
    return Finding::pass(free);
  }

  static std::string percent(double share) {
    return number_in_words(static_cast<double>(static_cast<int>(share * 10)) / 10) + "%";
  }

  DiskSettings settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_disk(Settings& settings, Resources& resources) {
  DiskSettings disk;
  disk.path = settings.required_text("path", "/");
  disk.min_free = settings.size("min_free");
  disk.min_free_percent = settings.number("min_free_percent", 0, 100);
  disk.min_inodes_percent = settings.number("min_inodes_percent", 0, 100);
  disk.warn_free = settings.size("warn_free");
  disk.warn_free_percent = settings.number("warn_free_percent", 0, 100);
  disk.writable = settings.flag_or("writable", true);
  settings.finish();
  return std::make_unique<DiskProbe>(std::move(disk), resources);
}

}  // namespace gonogo
