// Looks at one check of a configuration again and again, and says what this process holds: memory
// and descriptors have to be flat, however often it runs.
//   bench_runs CONFIG CHECK COUNT AT-ONCE
#include <dirent.h>
#include <malloc.h>

#include <boost/asio/post.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/workbench.h"
#include "daemon/config/config.h"
#include "daemon/scheduling/attempt.h"

namespace gonogo {
namespace {

long resident_kib() {
  // What the allocator merely keeps for the next run is not held.
  ::malloc_trim(0);
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

long descriptors() {
  long count = -3;  // ".", ".." and the one that reads
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  while (::readdir(folder.get()) != nullptr) ++count;
  return count;
}

class Bench {
 public:
  Bench(Workbench& bench, const Config& config, std::size_t index, long count, int at_once)
      : bench_(bench),
        config_(config),
        index_(index),
        count_(count),
        runs_(static_cast<std::size_t>(at_once)) {}

  void run() {
    for (std::size_t slot = 0; slot < runs_.size(); ++slot) begin(slot);
    while (done_ < count_) bench_.loop.run_one();
    for (const auto& [outcome, times] : outcomes_)
      std::cout << "outcome " << outcome << " " << times << "\n";
  }

 private:
  void begin(std::size_t slot) {
    if (begun_ >= count_) return;
    ++begun_;
    runs_[slot] = ProbeRun::start(
        bench_.loop.get_executor(), bench_.clock, config_.checklist->checks[index_].probe,
        config_.checklist->checks[index_].timeout,
        [this, slot](Observation seen) { end(slot, seen); }, memory_);
  }

  void end(std::size_t slot, const Observation& seen) {
    ++outcomes_[std::string(name_of(seen.outcome))];
    ++done_;
    if (done_ % (count_ / 10) == 0) {
      std::cout << done_ << " runs, " << resident_kib() << " KiB, " << descriptors()
                << " descriptors" << std::endl;
    }
    boost::asio::post(bench_.loop, [this, slot] { begin(slot); });
  }

  Workbench& bench_;
  const Config& config_;
  std::shared_ptr<ProbeMemory> memory_ = std::make_shared<ProbeMemory>();
  std::size_t index_;
  long count_;
  long begun_ = 0;
  long done_ = 0;
  std::vector<std::shared_ptr<ProbeRun>> runs_;
  std::map<std::string, long> outcomes_;
};

int run(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: bench_runs CONFIG CHECK COUNT AT-ONCE\n";
    return 64;
  }
  Workbench bench;
  const auto config = load_config(argv[1], {}, bench.resources);
  if (!config) {
    for (const Problem& problem : config.error()) std::cerr << to_text(problem) << "\n";
    return 78;
  }
  bench.resolver.use_servers(config->name_servers);
  bench.resources.docker_socket = config->docker_socket;
  const auto index = config->checklist->find_check(argv[2]);
  if (!index) {
    std::cerr << "no check " << argv[2] << "\n";
    return 64;
  }
  Bench(bench, *config, *index, std::stol(argv[3]), std::stoi(argv[4])).run();
  return 0;
}

}  // namespace
}  // namespace gonogo

int main(int argc, char** argv) { return gonogo::run(argc, argv); }
