#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "tests/simulation/simulation.h"

namespace gonogo::simulation {
namespace {

// In memory where the system has that: a simulated store is opened thousands of times.
class Folder {
 public:
  Folder() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code ignored;
    const bool has_memory = std::filesystem::is_directory(memory, ignored);
    const auto above = has_memory ? memory : std::filesystem::temp_directory_path();
    std::string name = (above / "gonogo-simulation-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a simulated daemon logs says nothing. Several may be silent at a time.
class Silence {
 public:
  Silence() {
    const std::scoped_lock lock(mutex_);
    if (count_++ > 0) return;
    before_ = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);
  }
  ~Silence() {
    const std::scoped_lock lock(mutex_);
    if (--count_ == 0) spdlog::set_level(before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  static inline std::mutex mutex_;
  static inline int count_ = 0;
  static inline spdlog::level::level_enum before_ = spdlog::level::info;
};

}  // namespace

std::optional<Failure> play(const std::vector<Event>& events, Figures* figures) {
  const Silence silence;
  const Folder folder;
  Simulation simulation(folder.path());
  std::size_t played = 0;
  for (const Event& event : events) {
    ++played;
    if (!simulation.play(event)) break;
  }
  simulation.finish();
  if (figures != nullptr) *figures = simulation.figures();
  if (!simulation.fault()) return std::nullopt;
  return Failure{*simulation.fault(), played};
}

}  // namespace gonogo::simulation
