#include "probes/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/subprocess.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_values = 50;

struct CommandSettings {
  Program program;
  bool nagios = false;
  std::map<int, Outcome> outcomes;  // by exit status; one that is not listed fails
  std::vector<Pattern> contains;
  std::vector<Pattern> contains_not;
  JsonConditions json;
  std::vector<std::string> values;  // the labels of performance data that become values
};

std::string first_line(std::string_view text) {
  // A secret may have several lines.
  const std::string clean = cleaned_beginning(trimmed(text), 4096);
  return on_one_line(clean.substr(0, clean.find('\n')), 240);
}

class CommandProbe : public Probe {
 public:
  CommandProbe(CommandSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    Program program = settings_.program;
    auto running = run_program(std::move(program), resources_, attempt);
    const ProgramEnd end = co_await std::move(running);
    attempt.enter(Stage::judge);
    auto judging = judge(end, attempt);
    Finding finding = co_await std::move(judging);
    finding.measure("exit_status", end.exit_status, "count");
    if (settings_.nagios) take_performance_data(end.output, finding);
    if (finding.outcome != Outcome::pass) {
      if (!end.output.empty()) finding.note("output", on_one_line(end.output, 400));
      if (!end.errors.empty()) finding.note("errors", on_one_line(end.errors, 400));
    }
    co_return finding;
  }

 private:
  asio::awaitable<Finding> judge(const ProgramEnd& end, Attempt& attempt) const {
    std::string said = first_line(end.output.empty() ? end.errors : end.output);
    if (settings_.nagios) said = on_one_line(said.substr(0, said.find('|')));
    const std::string words = in_words(end);
    if (end.signal != 0)
      co_return Finding::fail(Reason::status, words + (said.empty() ? "" : ": " + said));
    const auto known = settings_.outcomes.find(end.exit_status);
    const Outcome outcome = known == settings_.outcomes.end() ? Outcome::fail : known->second;
    const std::string text = said.empty() ? words : settings_.nagios ? said : words + ": " + said;
    switch (outcome) {
      case Outcome::fail: co_return Finding::fail(Reason::status, text + wanted_in_words());
      case Outcome::unknown: co_return Finding::unknown(Reason::reported, text);
      default: break;
    }
    if (auto complaint = output_complaint(end.output, end.errors)) co_return std::move(*complaint);
    if (!settings_.json.empty()) {
      auto asking = objection_to(end.output, settings_.json, "output", resources_, attempt);
      const std::optional<std::string> objection = co_await std::move(asking);
      if (objection) co_return Finding::fail(Reason::json, *objection);
    }
    co_return outcome == Outcome::warn ? Finding::warn(Reason::status, text)
                                       : Finding::pass(said.empty() ? words : said);
  }

  std::string wanted_in_words() const {
    if (settings_.nagios) return {};
    std::string wanted;
    for (const auto& [status, outcome] : settings_.outcomes) {
      if (outcome == Outcome::pass)
        wanted += (wanted.empty() ? "" : " or ") + std::to_string(status);
    }
    return ", wanted " + wanted;
  }

  std::optional<Finding> output_complaint(const std::string& output,
                                          const std::string& errors) const {
    for (const Pattern& pattern : settings_.contains) {
      if (!pattern->matches(output))
        return Finding::fail(Reason::content, "output has no match of " +
                                                  in_quotes(pattern->pattern()) + ", got " +
                                                  in_quotes(output));
    }
    for (const Pattern& pattern : settings_.contains_not) {
      // What should not be said is not good on either of the two.
      const bool is_in_output = pattern->matches(output);
      if (is_in_output || pattern->matches(errors))
        return Finding::fail(Reason::content,
                             (is_in_output ? "output has a match of " : "errors have a match of ") +
                                 in_quotes(pattern->pattern()) + ", wanted none");
    }
    return std::nullopt;
  }

  // It comes after "|" in the first line, and after one more "|" in the lines below.
  static std::string performance_data(std::string_view output) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    std::string all;
    for (const std::string_view part : {output.substr(0, end), output.substr(end)}) {
      const std::size_t bar = part.find('|');
      if (bar != std::string_view::npos) all.append(part.substr(bar + 1)).append(" ");
    }
    return all;
  }

  // Only values that the configuration names become metrics; people can read the rest.
  void take_performance_data(std::string_view output, Finding& finding) const {
    const std::string all = performance_data(output);
    for (Value& value : parse_performance_data(all, most_values)) {
      if (std::find(settings_.values.begin(), settings_.values.end(), value.name) !=
          settings_.values.end())
        finding.values.push_back(std::move(value));
    }
    if (!all.empty()) {
      const std::string clean = cleaned_beginning(output, 64 << 10);
      finding.note("performance", on_one_line(performance_data(clean), 400));
    }
  }

  CommandSettings settings_;
  Resources& resources_;
};

struct Unit {
  std::string_view written;
  double factor;
  const char* name;
};
constexpr std::array<Unit, 12> units{{{"", 1, "count"},
                                      {"s", 1, "seconds"},
                                      {"ms", 1e-3, "seconds"},
                                      {"us", 1e-6, "seconds"},
                                      {"%", 1, "percent"},
                                      {"c", 1, "count"},
                                      {"B", 1, "bytes"},
                                      {"KB", 1024, "bytes"},
                                      {"MB", 1024.0 * 1024, "bytes"},
                                      {"GB", 1024.0 * 1024 * 1024, "bytes"},
                                      {"TB", 1024.0 * 1024 * 1024 * 1024, "bytes"},
                                      {"MiB", 1024.0 * 1024, "bytes"}}};

// Removes "'a label'" or "label", up to "=", from the text and returns it.
std::string take_label(std::string_view& text) {
  std::string label;
  if (text.starts_with('\'')) {
    text.remove_prefix(1);
    while (!text.empty()) {
      if (text.starts_with("''")) {
        label += '\'';
        text.remove_prefix(2);
      } else if (text.front() == '\'') {
        text.remove_prefix(1);
        break;
      } else {
        label += text.front();
        text.remove_prefix(1);
      }
    }
  } else {
    const std::size_t end = std::min(text.find_first_of("= \t\n"), text.size());
    label = std::string(text.substr(0, end));
    text.remove_prefix(end);
  }
  return label;
}

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::pass, Outcome::warn, Outcome::fail, Outcome::unknown}) {
    if (name_of(outcome) == name) return outcome;
  }
  return std::nullopt;
}

void read_exit_map(Settings& settings, CommandSettings& command) {
  command.nagios = settings.flag_or("nagios", false);
  if (command.nagios) {
    command.outcomes = {
        {0, Outcome::pass}, {1, Outcome::warn}, {2, Outcome::fail}, {3, Outcome::unknown}};
  } else {
    command.outcomes = {{0, Outcome::pass}};
  }
  if (!settings.has("exit")) return;
  if (command.nagios)
    settings.complain_at("exit", "cannot be combined with nagios (give one of the two)");
  command.outcomes.clear();
  for (const auto& [text, name] : settings.text_map("exit")) {
    int status = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const auto outcome = outcome_named(name);
    const bool is_status =
        error == std::errc{} && end == text.data() + text.size() && status >= 0 && status <= 255;
    if (is_status && outcome) {
      command.outcomes[status] = *outcome;
    } else {
      std::string rule = text;
      rule.append(": ").append(name);
      settings.complain_at(
          "exit", in_quotes(rule) + " is no rule (such as {0: pass, 1: warn, 3: unknown})");
    }
  }
  const auto passes = [](const auto& rule) { return rule.second == Outcome::pass; };
  if (std::none_of(command.outcomes.begin(), command.outcomes.end(), passes))
    settings.complain_at("exit", "lets nothing pass (such as {0: pass})");
}

void read_environment(Settings& settings, Program& program) {
  program.environment = plain_environment();
  if (program.user) {
    for (auto& [name, value] : program.environment) {
      if (name == "HOME") value = program.user->home;
    }
  }
  for (const auto& [name, value] : settings.text_map("env")) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
      settings.complain_at("env", in_quotes(name) + " is no name of a variable");
      continue;
    }
    if (const Node* entry = settings.raw("env")->find(name); entry->holds_secret)
      settings.reading().redactor.hide(value);
    std::erase_if(program.environment, [&](const auto& entry) { return entry.first == name; });
    program.environment.emplace_back(name, value);
  }
}

void read_program(Settings& settings, Program& program) {
  program.argv = settings.texts("argv");
  if (program.argv.empty() || program.argv.front().empty()) {
    settings.complain_at("argv",
                         "names no program (such as [/usr/bin/test, -e, /srv]; there is no "
                         "shell)");
    program.argv = {"/bin/false"};
  }
  if (const Node* argv = settings.raw("argv")) {
    const auto holds_secret = [](const Node& word) { return word.holds_secret; };
    if (argv->holds_secret || std::any_of(argv->items.begin(), argv->items.end(), holds_secret))
      settings.refuse_at("argv",
                         "holds a secret, which every user of this host could read in "
                         "the process list (put it into env)");
  }
  program.folder = settings.text_or("folder", "/");
  if (const auto name = settings.text("user")) {
    program.user = find_user(*name);
    if (!program.user) settings.complain_at("user", in_quotes(*name) + " is no user of this host");
  }
  program.cpu_limit = settings.duration("cpu_limit", {.least = std::chrono::seconds{1}});
  program.memory_limit = settings.size("memory_limit");
  if (const auto most = settings.size("max_output")) {
    program.most_output = static_cast<std::size_t>(*most);
    if (*most > 16 << 20)
      settings.complain_at("max_output", "is over 16MiB (what is read is held in memory)");
  }
  read_environment(settings, program);
}

}  // namespace

std::vector<Value> parse_performance_data(std::string_view text, std::size_t most) {
  std::vector<Value> values;
  while (values.size() < most) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string label = take_label(text);
    if (!text.starts_with('=')) {
      // This is no pair: go on after the next blank.
      const std::size_t blank = std::min(text.find_first_of(" \t\n"), text.size());
      text.remove_prefix(blank);
      if (label.empty() && blank == 0 && !text.empty()) text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(1);
    const std::string_view datum =
        text.substr(0, std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(datum.size());
    const std::string_view quantity = datum.substr(0, datum.find(';'));
    double number = 0;
    const auto [end, error] =
        std::from_chars(quantity.data(), quantity.data() + quantity.size(), number);
    if (error != std::errc{} || label.empty()) continue;
    const std::string_view unit(end,
                                static_cast<std::size_t>(quantity.data() + quantity.size() - end));
    const auto known = std::find_if(units.begin(), units.end(),
                                    [unit](const Unit& each) { return each.written == unit; });
    if (known == units.end()) continue;
    values.push_back({on_one_line(label, 60), number * known->factor, known->name});
  }
  return values;
}

std::unique_ptr<Probe> make_command(Settings& settings, Resources& resources) {
  CommandSettings command;
  read_program(settings, command.program);
  read_exit_map(settings, command);
  command.values = settings.texts("values");
  if (!command.values.empty() && !command.nagios)
    settings.complain_at("values", "needs nagios: true (they are labels of performance data)");
  command.contains = read_patterns(settings, "contains");
  command.contains_not = read_patterns(settings, "contains_not");
  command.json = read_json_conditions(settings, "json");
  settings.finish();
  return std::make_unique<CommandProbe>(std::move(command), resources);
}

}  // namespace gonogo
