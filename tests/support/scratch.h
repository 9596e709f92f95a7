// A folder that is a test's own and ends with it; and runs of probes without a daemon.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "daemon/cli/workbench.h"
#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "daemon/scheduling/attempt.h"
#include "probes/kinds.h"

namespace gonogo {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "gonogo-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

 private:
  std::string path_;
};

inline std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Real runs of kinds with options written as YAML. Probes of one kind and memory key remember what
// the ones before them did, as over a reload.
class ProbeBench {
 public:
  Observation run(const std::string& kind, const std::string& options,
                  Duration timeout = std::chrono::seconds{5}) {
    Reading reading;
    nodes_.push_back(std::make_unique<Node>(parse_document("options", options, reading.problems)));
    Settings settings(nodes_.back().get(), nodes_.back()->place, kind, reading);
    std::shared_ptr<Probe> probe = find_kind(kind)->make(settings, bench.resources);
    if (!reading.problems.empty()) throw std::runtime_error(to_text(reading.problems.front()));
    auto& memory = memories_[kind + " " + probe->memory_key()];
    if (!memory) memory = std::make_shared<ProbeMemory>();
    if (before_run) before_run();
    std::optional<Observation> answer;
    const auto run = ProbeRun::start(
        bench.loop.get_executor(), bench.clock, probe, timeout,
        [&](Observation seen) { answer = std::move(seen); }, memory);
    bench.loop.restart();
    while (!answer) bench.loop.run_one();
    return std::move(*answer);
  }

  Workbench bench;
  std::function<void()> before_run;  // when the probe is made

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::string, std::shared_ptr<ProbeMemory>> memories_;
};

}  // namespace gonogo
