// `gonogo config import`: makes a configuration skeleton from a checklist.
#include <yaml-cpp/emitter.h>

#include <re2/re2.h>
#include <cctype>
#include <iostream>
#include <map>
#include <set>

#include "daemon/cli/lists.h"
#include "daemon/cli/verbs.h"
#include "daemon/core/text.h"
#include "daemon/formats/checklist.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_id = 64;

// A kind and its options as YAML, guessed from the words of a row.
struct Guess {
  std::string kind;
  std::string options;
};

// A row that matches `pattern` becomes a check of this kind; \1 is the pattern's first group.
struct Rule {
  const char* pattern;
  const char* kind;
  const char* options;
};
constexpr std::array<Rule, 15> rules{{
    {R"((https://[^\s`'"<>)]+).*(?:returns|accessible|200|reachable))", "http", R"({url: "\1"})"},
    {R"((?:GET|HEAD) (/[^\s`'"<>)]*))", "http", R"({url: "${vars.api}\1"})"},
    {R"((?i)\bdisk space\b.*?(\d+) ?GB)", "disk", R"({path: /, min_free: \1GiB})"},
    {R"((?i)\bRAM\b.*?(\d+) ?GB)", "memory", "{min_total: \\1GiB}"},
    {R"((?i)docker engine.*?(\d+\.\d+))", "docker", R"({min_version: "\1"})"},
    {R"((?i)^`?([a-z][a-z0-9-]*)`? service:)", "docker",
     "{project: \"${vars.project}\", services: {\\1: }}"},
    {R"((?i)certificate.*valid)", "tls",
     R"({address: "${vars.host}:443", min_left: 7d, warn_left: 21d})"},
    {R"((?i)(?:domain|DNS).*(?:resolves|configured))", "dns", R"({name: "${vars.host}"})"},
    {R"((?i)marker.*?(/[\w./-]+))", "marker", R"({path: "\1", max_age: 26h})"},
    {R"((?i)(?:directory|folder).*?(/[\w./-]+))", "file", R"({path: "\1", type: directory})"},
    {R"((?i)git origin)", "git", R"({path: "${vars.app}", reachable: refs/heads/main})"},
    {R"((?i)repository cloned.*?(/[\w./-]+))", "git", R"({path: "\1"})"},
    {R"((?i)\.env`? file created)", "file", R"({path: "${vars.env}", min_size: 1})"},
    {R"((?i)(?:script|file).*(?:exists|executable).*?(/[\w./-]+))", "file",
     R"({path: "\1", executable: true})"},
    {R"((?i)\bcron\b.*?(/[\w./-]+))", "cron", R"({command: "\1"})"},
}};

bool is_variable(const std::string& text) {
  static const RE2 name(R"(([A-Z][A-Z0-9]*_[A-Z0-9_]+)(=\S+)?)");
  return RE2::FullMatch(text, name);
}

std::string quoted(const std::string& text) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << on_one_line(text, 300);
  // "${" is a reference in a configuration; in a title it is just text.
  std::string escaped = out.c_str();
  for (std::size_t at = escaped.find("${"); at != std::string::npos;
       at = escaped.find("${", at + 3))
    escaped.insert(at, 1, '$');
  return escaped;
}

// The variables that a row names as code become one check of the .env file.
std::optional<Guess> guess_variables(const ChecklistRow& row) {
  std::string keys;
  for (const std::string& code : row.code) {
    if (!is_variable(code)) continue;
    const std::size_t equals = code.find('=');
    const std::string name = code.substr(0, equals);
    std::string rule = "{}";
    if (equals != std::string::npos) rule = "{one_of: [" + quoted(code.substr(equals + 1)) + "]}";
    keys.append(keys.empty() ? "" : ", ").append(name).append(": ").append(rule);
  }
  if (keys.empty()) return std::nullopt;
  return Guess{"dotenv", "{path: \"${vars.env}\", keys: {" + keys + "}}"};
}

Guess guess(const ChecklistRow& row) {
  if (row.kind != ChecklistRow::Kind::signature) {
    if (auto variables = guess_variables(row)) return *variables;
    for (const Rule& rule : rules) {
      const RE2 pattern(rule.pattern, RE2::Quiet);
      std::string options;
      if (!RE2::Extract(row.text, pattern, rule.options, &options)) continue;
      return {rule.kind, options};
    }
    return {"signoff", "{role: owner, valid_for: 90d}"};
  }
  std::string role;
  for (const char c : lower_case(row.text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      role += c;
    } else if (!role.empty() && role.back() != '-') {
      role += '-';
    }
  }
  return {"signoff",
          "{role: " + (role.empty() ? "owner" : role) + ", valid_for: 7d, per_release: true}"};
}

std::string id_of(const std::string& text, std::size_t most_words) {
  std::string id;
  std::size_t words = 1;
  for (const char c : lower_case(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      id += c;
    } else if (!id.empty() && id.back() != '-') {
      if (words++ == most_words) break;
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id.substr(0, 40);
}

}  // namespace

int config_import(const ListOptions& options) {
  const auto list = read_list(options.list);
  if (!list) return exit_usage;
  const ChecklistDocument document = parse_checklist(*list);
  if (document.rows.empty()) {
    std::cerr << options.list << " holds no checklist (such as \"- [ ] the API answers\")\n";
    return exit_usage;
  }
  std::string text = "# A skeleton of " + counted(document.rows.size(), "row") +
                     ". Every kind is a guess from the row's words; a row without a guess\n"
                     "# is signed off by a person. Set the vars, then check it row by row.\n"
                     "vars:\n"
                     "  host: example.org\n"
                     "  api: https://api.example.org\n"
                     "  app: /opt/app\n"
                     "  env: /opt/app/.env\n"
                     "  project: app\n"
                     "\n"
                     "gates:\n";
  std::set<std::string> gates;
  std::map<std::string, std::size_t> counts;
  std::size_t section = document.sections.size();
  for (const ChecklistRow& row : document.rows) {
    if (row.section != section) {
      section = row.section;
      const ChecklistSection& part = document.sections[section];
      std::string id = id_of(part.id + " " + part.title, 6);
      while (!gates.insert(id).second) id += "-again";
      text += "  " + id + ":\n    title: " + quoted(part.id + " " + part.title) + "\n    checks:\n";
    }
    const Guess made = guess(row);
    ++counts[made.kind];
    const std::string words = id_of(row.text, 4);
    const std::string id = (row.id + (words.empty() ? "" : "-" + words)).substr(0, longest_id);
    text += "      " + id + ":\n        title: " + quoted(row.text) + "\n        item: \"" +
            row.id + "\"\n        " + made.kind + ": " + made.options + "\n";
  }
  const int written = write_output(options.output, text);
  std::string summary = counted(document.rows.size(), "row") + ":";
  for (const auto& [kind, count] : counts) summary += " " + std::to_string(count) + " " + kind;
  std::cerr << summary << "\n";
  return written;
}

}  // namespace gonogo
