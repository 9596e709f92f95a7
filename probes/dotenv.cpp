#include "probes/dotenv.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/dotenv.h"
#include "daemon/formats/key_rules.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/sourced_dotenv.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/dotenv_environment.h"
#include "daemon/io/file_mode.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_shown = 3;

enum class Repeating { note, warn, fail };

struct DotenvSettings {
  std::string path;
  Keys environment;  // what the file may use beside what it sets
  Repeating repeating = Repeating::note;
  bool is_sourced = false;  // by scripts
  std::optional<mode_t> max_mode;
  std::string same_keys_as;
  std::string equal_to;
  std::vector<std::vector<std::string>> any_of;  // one of these groups has to be set completely
  std::vector<std::string> distinct;             // the values of these keys have to differ
  Keys defaults;
  std::vector<KeyRule> rules;
};

using Complaints = std::vector<KeyProblem>;

Dotenv parsed(const std::string& content, const DotenvSettings& wanted, const std::string& path) {
  Dotenv dotenv = parse_dotenv(content, wanted.environment);
  if (dotenv.problem)
    throw RunEnded(Finding::fail(Reason::content, in_words(*dotenv.problem, path)));
  return dotenv;
}

bool is_set(const Keys& keys, const std::string& name) {
  const auto found = keys.find(name);
  return found != keys.end() && !trimmed(found->second).empty();
}

void judge_groups(const DotenvSettings& wanted, const Keys& keys, Complaints& complaints) {
  if (wanted.any_of.empty()) return;
  std::string names;
  for (const std::vector<std::string>& group : wanted.any_of) {
    const bool is_whole = std::all_of(group.begin(), group.end(),
                                      [&](const std::string& name) { return is_set(keys, name); });
    if (is_whole) return;
    names += (names.empty() ? "" : ", or ") + joined(group, " and ");
  }
  complaints.push_back({names, "is not set completely", Reason::missing, false});
}

void judge_distinct(const DotenvSettings& wanted, const Keys& keys, Complaints& complaints) {
  for (std::size_t i = 0; i < wanted.distinct.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::string& a = wanted.distinct[j];
      const std::string& b = wanted.distinct[i];
      if (is_set(keys, a) && is_set(keys, b) && keys.at(a) == keys.at(b))
        complaints.push_back({b, "is the same as " + a, Reason::content, false});
    }
  }
}

void judge_same_keys(const DotenvSettings& wanted, const Keys& keys, Complaints& complaints) {
  const std::string& path = wanted.same_keys_as;
  const Dotenv other = parsed(read_bounded_file(path, largest_file), wanted, path);
  for (const auto& [name, unused] : other.keys) {
    if (keys.find(name) == keys.end())
      complaints.push_back({name, "is missing, " + path + " has it", Reason::missing, false});
  }
}

void judge_equal(const DotenvSettings& wanted, const Keys& keys, Complaints& complaints) {
  const std::string& path = wanted.equal_to;
  const Keys others = parsed(read_bounded_file(path, largest_file), wanted, path).keys;
  std::set<std::string> names;
  for (const auto& [name, unused] : keys) names.insert(name);
  for (const auto& [name, unused] : others) names.insert(name);
  for (const std::string& name : names) {
    const auto here = keys.find(name);
    const auto there = others.find(name);
    const bool is_same =
        here != keys.end() && there != others.end() && here->second == there->second;
    if (!is_same)
      complaints.push_back({name, "is not the same in " + path, Reason::content, false});
  }
}

// "is set twice (lines 1 and 3, the last counts)"
std::string in_words(const Dotenv::Repeated& repeated) {
  constexpr std::size_t most_lines = 5;
  const std::size_t count = repeated.lines.size();
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= most_lines && i + 1 < count) continue;
    if (i > 0) lines += i + 1 < count ? ", " : count > most_lines + 1 ? ", ... and " : " and ";
    lines += std::to_string(repeated.lines[i]);
  }
  return "is set " + (count == 2 ? "twice" : std::to_string(count) + " times") + " (lines " +
         lines + ", the last counts)";
}

// Names what is set more than once. As notes they change no outcome.
std::string judge_repeated(const DotenvSettings& wanted, const Dotenv& dotenv,
                           Complaints& complaints) {
  std::string notes;
  for (std::size_t i = 0; i < dotenv.repeated.size(); ++i) {
    const Dotenv::Repeated& repeated = dotenv.repeated[i];
    const std::string name = on_one_line(repeated.name, 80);
    if (wanted.repeating != Repeating::note) {
      const bool is_warning = wanted.repeating == Repeating::warn;
      complaints.push_back({name, in_words(repeated), Reason::content, is_warning});
    } else if (i < most_shown) {
      notes += (notes.empty() ? "" : "; ") + name + " " + in_words(repeated);
    }
  }
  if (!notes.empty() && dotenv.repeated.size() > most_shown)
    notes += "; " + std::to_string(dotenv.repeated.size() - most_shown) + " more";
  return notes;
}

void judge_sourcing(const std::string& content, const Dotenv& dotenv, const DotenvSettings& wanted,
                    Complaints& complaints) {
  for (const DotenvProblem& problem : problems_when_sourced(content, dotenv, wanted.environment)) {
    complaints.push_back({"line " + std::to_string(problem.line) + ", column " +
                              std::to_string(problem.column) + ":",
                          problem.text + ", so the file is not safe to source", Reason::content,
                          false});
  }
}

void note_unset(const Dotenv& dotenv, Finding& finding) {
  std::string text;
  for (const Dotenv::Unset& unset : dotenv.unset) {
    if (text.size() > 2000) break;
    text += (text.empty() ? "" : "; ") + on_one_line(unset.name, 80) +
            " uses a variable that nothing sets (line " + std::to_string(unset.line) + ")";
  }
  if (!text.empty()) finding.note("unset", on_one_line(text, 2000));
}

Finding to_finding(Complaints complaints, std::size_t keys, const std::string& notes) {
  std::stable_sort(complaints.begin(), complaints.end(),
                   [](const auto& a, const auto& b) { return !a.is_warning && b.is_warning; });
  const std::string behind = notes.empty() ? "" : "; " + notes;
  Finding finding = Finding::pass(counted(keys, "key") + ", all as wanted" + behind);
  if (!complaints.empty()) {
    std::string text;
    for (std::size_t i = 0; i < std::min(complaints.size(), most_shown); ++i)
      text += (i == 0 ? "" : "; ") + complaints[i].key + " " + complaints[i].text;
    if (complaints.size() > most_shown)
      text += "; " + std::to_string(complaints.size() - most_shown) + " more";
    const KeyProblem& worst = complaints.front();
    finding = Finding(worst.is_warning ? Outcome::warn : Outcome::fail, worst.reason,
                      on_one_line(text, 400) + behind);
    std::string all;
    for (const KeyProblem& complaint : complaints)
      all += (all.empty() ? "" : "; ") + complaint.key + " " + complaint.text;
    finding.note("problems", on_one_line(all, 2000));
  }
  if (!notes.empty()) finding.note("duplicates", notes);
  finding.measure("problems", static_cast<double>(complaints.size()), "count");
  return finding;
}

// Blocks, so it runs on the pool.
Finding inspect(const DotenvSettings& wanted) {
  if (wanted.max_mode) {
    const mode_t mode = stat_file(wanted.path).st_mode;
    if ((mode & 07777 & ~*wanted.max_mode) != 0) {
      return Finding::fail(Reason::permission, wanted.path + " has mode " + octal(mode) +
                                                   ", wanted no more than " +
                                                   octal(*wanted.max_mode));
    }
  }
  const std::string content = read_bounded_file(wanted.path, largest_file);
  const Dotenv dotenv = parsed(content, wanted, wanted.path);
  const Keys& keys = dotenv.keys;
  if (keys.empty()) return Finding::fail(Reason::content, wanted.path + " sets no key");
  Complaints complaints;
  for (const KeyRule& rule : wanted.rules) {
    for (KeyProblem& problem : problems_of(rule, keys, wanted.defaults))
      complaints.push_back(std::move(problem));
  }
  judge_groups(wanted, keys, complaints);
  judge_distinct(wanted, keys, complaints);
  if (!wanted.same_keys_as.empty()) judge_same_keys(wanted, keys, complaints);
  if (!wanted.equal_to.empty()) judge_equal(wanted, keys, complaints);
  const std::string notes = judge_repeated(wanted, dotenv, complaints);
  if (wanted.is_sourced) judge_sourcing(content, dotenv, wanted, complaints);
  Finding finding = to_finding(std::move(complaints), keys.size(), notes);
  note_unset(dotenv, finding);
  return finding;
}

class DotenvProbe : public Probe {
 public:
  DotenvProbe(DotenvSettings settings, Resources& resources)
      : settings_(std::make_shared<const DotenvSettings>(std::move(settings))),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [settings = settings_] { return inspect(*settings); };
    auto reading = offload(resources_.pool, std::move(read));
    co_return co_await std::move(reading);
  }

 private:
  std::shared_ptr<const DotenvSettings> settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_dotenv(Settings& settings, Resources& resources) {
  DotenvSettings dotenv;
  dotenv.path = settings.required_text("path", "/opt/app/.env");
  dotenv.max_mode = read_mode(settings, "max_mode");
  dotenv.environment = read_dotenv_environment(settings);
  const std::string repeating =
      settings.one_of("duplicates", {"note", "warn", "fail"}).value_or("note");
  if (repeating == "warn") dotenv.repeating = Repeating::warn;
  if (repeating == "fail") dotenv.repeating = Repeating::fail;
  dotenv.is_sourced = settings.flag_or("shell", false);
  dotenv.same_keys_as = settings.text_or("same_keys_as", "");
  dotenv.equal_to = settings.text_or("equal_to", "");
  if (Node* groups = settings.raw("any_of")) {
    for (Node& group : groups->items) {
      std::vector<std::string> names;
      if (group.is_scalar()) names.push_back(group.scalar);
      for (const Node& name : group.items) names.push_back(name.scalar);
      // Nothing has to be set in it, so it would always be set completely.
      if (names.empty() || std::find(names.begin(), names.end(), "") != names.end())
        settings.complain_at("any_of", "holds a group or a name that is nothing (remove it)");
      dotenv.any_of.push_back(std::move(names));
    }
    if (dotenv.any_of.empty())
      settings.complain_at("any_of",
                           "is no list of keys or groups (such as [[USER, PASSWORD], TOKEN])");
  }
  dotenv.distinct = settings.texts("distinct");
  for (auto& [name, value] : settings.text_map("defaults")) dotenv.defaults[name] = value;
  for (auto& [name, rule] : settings.sections("keys"))
    dotenv.rules.push_back(read_key_rule(name, rule));
  settings.finish();
  return std::make_unique<DotenvProbe>(std::move(dotenv), resources);
}

}  // namespace gonogo
