#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/judge.h"
#include "daemon/core/text.h"
#include "daemon/scheduling/attempt.h"
#include "exporters/junit_document.h"
#include "exporters/snapshot_document.h"

namespace gonogo {
namespace {

constexpr std::size_t most_at_once = 64;

// Its result depends on more than its own run, so it is printed when everything is judged.
bool is_judged_later(const Check& check) { return check.signoff || check.composite; }

// Runs each selected check once, most_at_once at a time.
class Poll {
 public:
  Poll(Config& config, Workbench& bench, std::vector<std::size_t> selected, bool asked_by_name,
       bool speaks)
      : config_(config),
        bench_(bench),
        selected_(std::move(selected)),
        asked_by_name_(asked_by_name),
        speaks_(speaks),
        records_(empty_records(*config.checklist, bench.clock.both())) {
    has_terminal_ = speaks_ && ::isatty(STDERR_FILENO) == 1;
    has_colour_ = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  }

  std::vector<CheckRecord> run() {
    for (std::size_t i = 0; i < most_at_once; ++i) start_next();
    while (under_way_ > 0) bench_.loop.run_one();
    unwind();
    clear_progress();
    return std::move(records_);
  }

 private:
  // Programs that checks have started are ended before this returns.
  void unwind() {
    const SteadyTime latest = bench_.clock.now() + std::chrono::seconds{1};
    const auto has_unwound = [](const auto& run) { return run->is_unwound(); };
    while (!std::all_of(runs_.begin(), runs_.end(), has_unwound) && bench_.clock.now() < latest)
      bench_.loop.run_one_for(std::chrono::milliseconds{10});
  }

  void start_next() {
    while (next_ < selected_.size() && !is_to_be_run(selected_[next_])) ++next_;
    if (next_ >= selected_.size()) return;
    const std::size_t index = selected_[next_++];
    ++under_way_;
    runs_.push_back(ProbeRun::start(
        bench_.loop.get_executor(), bench_.clock, config_.checklist->checks[index].probe,
        config_.checklist->checks[index].timeout,
        [this, index](Observation seen) { finished(index, std::move(seen)); }));
  }

  // A check that writes, sends or loads runs only when it is named.
  bool is_to_be_run(std::size_t index) const {
    const Check& check = config_.checklist->checks[index];
    return check.has_probe() && (!check.on_demand || asked_by_name_);
  }

  void finished(std::size_t index, Observation seen) {
    seen.summary = config_.redactor.clean(seen.summary);
    for (auto& [name, text] : seen.evidence) text = config_.redactor.clean(text);
    if (seen.release) seen.release = config_.redactor.clean(*seen.release);
    // There is only one run, so it decides.
    Check once = config_.checklist->checks[index];
    records_[index].debounce = Debounce(DebounceRule{});
    take(records_[index], once, std::make_shared<const Observation>(std::move(seen)));
    --under_way_;
    ++done_;
    say(index);
    start_next();
  }

  void say(std::size_t index) {
    const Check& check = config_.checklist->checks[index];
    if (!speaks_ || is_judged_later(check)) return;
    clear_progress();
    const Observation& seen = *records_[index].last;
    static constexpr std::array<const char*, 4> colours{"\033[32m", "\033[33m", "\033[31m",
                                                        "\033[31m"};
    const auto outcome = static_cast<std::size_t>(seen.outcome);
    std::string word(name_of(seen.outcome));
    word.resize(8, ' ');
    if (has_colour_) word = colours.at(outcome) + word + "\033[0m";
    std::cout << word << config_.checklist->gates[check.gate].id << "/" << check.id;
    if (seen.reason != Reason::none) std::cout << " (" << name_of(seen.reason) << ")";
    if (!seen.summary.empty()) std::cout << ": " << on_one_line(seen.summary, 400);
    std::cout << std::endl;
    if (has_terminal_)
      std::cerr << "\r" << done_ << " of " << counted(selected_.size(), "check") << "..."
                << std::flush;
  }

  void clear_progress() const {
    if (has_terminal_) std::cerr << "\r\033[K" << std::flush;
  }

  Config& config_;
  TextCleaner cleaner_{[this](std::string_view text, std::size_t most, Torn torn) {
    return config_.redactor.clean_beginning(text, most, torn);
  }};
  Workbench& bench_;
  std::vector<std::size_t> selected_;
  bool asked_by_name_;
  bool speaks_;
  bool has_terminal_ = false;
  bool has_colour_ = false;
  std::vector<CheckRecord> records_;
  std::vector<std::shared_ptr<ProbeRun>> runs_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t done_ = 0;
};

std::optional<std::vector<std::size_t>> select(const Checklist& list,
                                               const std::vector<std::string>& only) {
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < list.checks.size(); ++i) {
    if (only.empty()) selected.push_back(i);
  }
  for (const std::string& name : only) {
    if (const auto check = list.find_check(name)) {
      selected.push_back(*check);
    } else if (const auto gate = list.find_gate(name)) {
      selected.insert(selected.end(), list.gates[*gate].checks.begin(),
                      list.gates[*gate].checks.end());
    } else {
      std::cerr << in_quotes(name) << " is no check and no gate\n";
      return std::nullopt;
    }
  }
  return selected;
}

}  // namespace

int check(const CommonOptions& common, const CheckOptions& options) {
  Workbench bench;
  Overrides overrides = common.overrides;
  overrides.serves = false;
  auto config = load_config(common.config, overrides, bench.resources);
  if (!config) {
    for (const Problem& problem : config.error()) std::cerr << to_text(problem) << "\n";
    return exit_bad_config;
  }
  bench.resolver.use_servers(config->name_servers);
  bench.resources.docker_socket = config->docker_socket;
  const Checklist& list = *config->checklist;
  const auto selected = select(list, options.only);
  if (!selected) return exit_usage;
  auto records = Poll(*config, bench, *selected, !options.only.empty(), !options.json).run();
  const Snapshot snapshot = judge(config->checklist, std::move(records), {}, bench.clock.both());

  std::size_t blocking = 0;
  for (const std::size_t index : *selected) {
    const bool blocks =
        list.checks[index].severity == Severity::blocker && !snapshot.checks[index].good;
    if (blocks) ++blocking;
    // The others were printed when they ended.
    const CheckRecord& record = snapshot.checks[index].record;
    if (!options.json && (!record.last || is_judged_later(list.checks[index]))) {
      std::cout << name_of(snapshot.checks[index].state) << " "
                << list.gates[list.checks[index].gate].id << "/" << list.checks[index].id << ": "
                << snapshot.checks[index].summary << "\n";
    }
  }
  const bool go = blocking == 0 && !snapshot.frozen;
  if (options.json) {
    std::cout << snapshot_json(snapshot);
  } else {
    std::cout << "verdict: " << (go ? "GO" : "NO-GO") << " (" << counted(selected->size(), "check")
              << ", " << blocking << " blocking" << (snapshot.frozen ? ", frozen" : "") << ")\n";
  }
  if (!options.junit.empty()) {
    std::ofstream file(options.junit);
    file << junit_document(snapshot);
    if (!file.flush()) {
      std::cerr << options.junit << " could not be written\n";
      return exit_no_go;
    }
  }
  return go ? exit_go : exit_no_go;
}

}  // namespace gonogo
