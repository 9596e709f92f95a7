#include "daemon/cli/poll.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "daemon/config/references.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_at_once = 64;
// Of one host and port: a service is not to be brought down by its own monitor.
constexpr int most_at_one_place = 4;

void add_needs(const Checklist& list, std::size_t index, std::vector<bool>& seen,
               std::vector<std::size_t>& found) {
  for (const std::size_t need : needs_of(list, index)) {
    if (seen[need]) continue;
    seen[need] = true;
    found.push_back(need);
    add_needs(list, need, seen, found);
  }
}

std::string coloured(std::string word, std::string_view name) {
  const char* colour = name == "pass"                            ? "\033[32m"
                       : name == "warn"                          ? "\033[33m"
                       : name == "skipped" || name == "disabled" ? "\033[2m"
                                                                 : "\033[31m";
  return colour + std::move(word) + "\033[0m";
}

}  // namespace

std::optional<Selection> select_checks(const Checklist& list, const std::vector<std::string>& names,
                                       std::string& problem) {
  Selection selection;
  selection.by_name = !names.empty();
  std::vector<bool> seen(list.checks.size(), false);
  const auto ask = [&](std::size_t index) {
    if (!seen[index]) selection.asked.push_back(index);
    seen[index] = true;
  };
  for (std::size_t i = 0; names.empty() && i < list.checks.size(); ++i) ask(i);
  for (const std::string& name : names) {
    if (const auto check = list.find_check(name)) {
      ask(*check);
    } else if (const auto gate = list.find_gate(name)) {
      for (const std::size_t index : list.gates[*gate].checks) ask(index);
    } else {
      problem = in_quotes(name) + " is no check and no gate";
      return std::nullopt;
    }
  }
  const std::vector<std::size_t> asked = selection.asked;
  for (const std::size_t index : asked) add_needs(list, index, seen, selection.needed);
  std::sort(selection.needed.begin(), selection.needed.end());
  return selection;
}

Poll::Poll(Config& config, Workbench& bench, const Selection& selection, PollOptions options)
    : config_(config),
      list_(*config.checklist),
      bench_(bench),
      selection_(selection),
      options_(options),
      records_(empty_records(list_, bench.clock.both())),
      progress_(list_.checks.size(), Progress::none),
      printed_(list_.checks.size(), false),
      runs_(list_.checks.size(), 0),
      needs_(list_.checks.size(), 0),
      awaited_by_(list_.checks.size()) {
  has_terminal_ = options_.speaks && ::isatty(STDERR_FILENO) == 1;
  has_colour_ = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

void Poll::run() {
  for (const auto* part : {&selection_.needed, &selection_.asked}) {
    for (const std::size_t index : *part) {
      if (!is_to_be_run(index, part == &selection_.asked)) continue;
      progress_[index] = Progress::waits;
      ++open_;
    }
  }
  all_ = open_;
  for (const auto* part : {&selection_.needed, &selection_.asked}) {
    for (const std::size_t index : *part) {
      if (progress_[index] == Progress::none) continue;
      std::vector<bool> seen(list_.checks.size(), false);
      await_needs(index, index, seen);
      if (needs_[index] == 0) ready_.push_back(index);
    }
  }
  start_ready();
  while (open_ > 0) bench_.loop.run_one();
  unwind();
  clear_progress();
}

// What it saw before all that it depends on has passed would prove nothing. What does not run
// itself, a composite for instance, has ended when what it needs has.
void Poll::await_needs(std::size_t index, std::size_t of, std::vector<bool>& seen) {
  for (const std::size_t need : needs_of(list_, of)) {
    if (seen[need]) continue;
    seen[need] = true;
    if (progress_[need] == Progress::none) {
      await_needs(index, need, seen);
    } else {
      ++needs_[index];
      awaited_by_[need].push_back(index);
    }
  }
}

// All results are of this poll, however long it takes: none is too old.
Snapshot Poll::judged() const {
  const Now now = bench_.clock.both();
  auto list = std::make_shared<Checklist>(list_);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    Check& check = list->checks[i];
    if (const auto& last = records_[i].last)
      check.stale_after = std::max(check.stale_after, now.steady - last->at.steady + check.timeout);
  }
  // Each ran after all that it depends on.
  return judge(std::move(list), records_, {}, now);
}

// Programs that checks have started are ended before this returns.
void Poll::unwind() {
  const SteadyTime latest = bench_.clock.now() + std::chrono::seconds{1};
  const auto has_unwound = [](const auto& run) { return run->is_unwound(); };
  while (!std::all_of(started_.begin(), started_.end(), has_unwound) && bench_.clock.now() < latest)
    bench_.loop.run_one_for(std::chrono::milliseconds{10});
}

// A check that writes, sends or loads runs only when it is asked for by its name or its gate's.
bool Poll::is_to_be_run(std::size_t index, bool was_asked) const {
  const Check& check = list_.checks[index];
  return check.has_probe() && (!check.on_demand || (was_asked && selection_.by_name));
}

bool Poll::has_room(const Check& check) const {
  const auto at = [this](const std::string& place) {
    const auto found = under_way_at_.find(place);
    return found == under_way_at_.end() ? 0 : found->second;
  };
  if (under_way_ >= most_at_once) return false;
  if (check.group) {
    const Group& group = list_.groups[*check.group];
    if (static_cast<std::size_t>(at("group " + group.id)) >= group.most_at_once) return false;
  }
  return std::all_of(check.targets.begin(), check.targets.end(),
                     [&](const std::string& target) { return at(target) < most_at_one_place; });
}

void Poll::count(const Check& check, int change) {
  under_way_ += static_cast<std::size_t>(change);
  if (check.group) under_way_at_["group " + list_.groups[*check.group].id] += change;
  for (const std::string& target : check.targets) under_way_at_[target] += change;
}

void Poll::start_ready() {
  for (auto next = ready_.begin(); next != ready_.end() && under_way_ < most_at_once;) {
    if (!has_room(list_.checks[*next])) {
      ++next;
      continue;
    }
    const std::size_t index = *next;
    next = ready_.erase(next);
    start(index);
  }
}

void Poll::start(std::size_t index) {
  const Check& check = list_.checks[index];
  count(check, +1);
  progress_[index] = Progress::runs;
  ++runs_[index];
  started_.push_back(
      ProbeRun::start(bench_.loop.get_executor(), bench_.clock, check.probe, check.timeout,
                      [this, index](Observation seen) { finished(index, std::move(seen)); }));
}

bool Poll::is_run_again(std::size_t index, const Observation& seen) const {
  const Check& check = list_.checks[index];
  return options_.retries && seen.outcome == Outcome::fail && !seen.is_seen_once &&
         !check.on_demand && runs_[index] < check.debounce.fall && !is_blocked(index);
}

// What it depends on has ended, and is not good: whatever its own runs see does not count.
bool Poll::is_blocked(std::size_t index) const {
  return !list_.checks[index].depends_on.empty() &&
         judged().checks[index].state == CheckState::blocked;
}

void Poll::finished(std::size_t index, Observation seen) {
  const Check& check = list_.checks[index];
  count(check, -1);
  if (is_run_again(index, seen)) {
    progress_[index] = Progress::pauses;
    pauses_[index] = bench_.clock.call_at(bench_.clock.now() + check.retry_interval, [this, index] {
      progress_[index] = Progress::waits;
      ready_.push_back(index);
      start_ready();
    });
  } else {
    settle(index, std::move(seen));
  }
  start_ready();
  show_progress();
}

void Poll::settle(std::size_t index, Observation seen) {
  if (runs_[index] > 1) {
    const std::string runs = "run " + std::to_string(runs_[index]) + " of at most " +
                             std::to_string(list_.checks[index].debounce.fall);
    seen.summary += (seen.summary.empty() ? "" : "; ") + runs;
  }
  seen.summary = config_.redactor.clean(seen.summary);
  for (auto& [name, text] : seen.evidence) text = config_.redactor.clean(text);
  if (seen.release) seen.release = config_.redactor.clean(*seen.release);
  // Its own runs have decided; nothing was known before them.
  records_[index].debounce = Debounce(DebounceRule{});
  take(records_[index], list_.checks[index], std::make_shared<const Observation>(std::move(seen)));
  progress_[index] = Progress::done;
  --open_;
  for (const std::size_t waiting : awaited_by_[index]) {
    if (--needs_[waiting] == 0) ready_.push_back(waiting);
  }
  print_settled(index);
}

// What it depends on has ended before it: it is printed as it is judged.
void Poll::print_settled(std::size_t index) {
  const Check& check = list_.checks[index];
  if (!options_.speaks || check.signoff || check.composite) return;  // printed when all is judged
  clear_progress();
  printed_[index] = true;
  if (check.depends_on.empty()) {
    print_seen(index);
  } else {
    print(index, judged());
  }
}

void Poll::print_seen(std::size_t index) const {
  const Observation& seen = *records_[index].last;
  write_line(index, name_of(seen.outcome), seen.reason, seen.summary);
}

void Poll::print(std::size_t index, const Snapshot& snapshot) const {
  const CheckStatus& status = snapshot.checks[index];
  write_line(index, name_of(status.state), status.reason, words_for(status));
}

void Poll::write_line(std::size_t index, std::string_view name, Reason reason,
                      const std::string& summary) const {
  const Check& check = list_.checks[index];
  std::string word(name);
  word.resize(std::max<std::size_t>(word.size() + 1, 8), ' ');
  if (has_colour_) word = coloured(std::move(word), name);
  std::cout << word << list_.gates[check.gate].id << "/" << check.id;
  if (reason != Reason::none) std::cout << " (" << name_of(reason) << ")";
  if (!summary.empty()) std::cout << ": " << on_one_line(summary, 400);
  std::cout << std::endl;
}

void Poll::show_progress() const {
  if (!has_terminal_ || open_ == 0) return;
  clear_progress();
  std::cerr << (all_ - open_) << " of " << counted(all_, "check");
  if (const std::size_t again = static_cast<std::size_t>(
          std::count(progress_.begin(), progress_.end(), Progress::pauses));
      again > 0)
    std::cerr << ", " << again << " to be run again";
  std::cerr << "..." << std::flush;
}

void Poll::clear_progress() const {
  if (has_terminal_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace gonogo
