// `gonogo config import`: makes a configuration skeleton from a checklist.
#include <iostream>
#include <map>
#include <vector>

#include "daemon/cli/import_guess.h"
#include "daemon/cli/lists.h"
#include "daemon/cli/verbs.h"
#include "daemon/core/text.h"
#include "daemon/formats/checklist.h"
#include "daemon/formats/checklist_words.h"

namespace gonogo {
namespace {

constexpr const char* vars =
    "vars:\n"
    "  host: example.org\n"
    "  api: https://api.example.org\n"
    "  app: /opt/app\n"
    "  env: /opt/app/.env\n"
    "  project: app\n"
    "  backup_marker: /var/backups/LAST_SUCCESS.txt\n";

class Skeleton {
 public:
  explicit Skeleton(const ChecklistDocument& document) : document_(document) {
    std::vector<TextToName> gates;
    for (const ChecklistSection& section : document.sections)
      gates.push_back({section.title.empty() ? section.id : section.title, section.id});
    gates_ = ids_of_texts(gates, "gate", {"gonogo"});
    std::vector<TextToName> checks;
    for (const ChecklistRow& row : document.rows)
      checks.push_back({row.text, document.sections[row.section].title});
    checks_ = ids_of_texts(checks, "row", {"prober", "release", "calendar"});
    for (std::size_t i = 0; i < document.rows.size(); ++i) {
      if (document.rows[i].section != section_) begin_gate(document.rows[i].section);
      add(i);
    }
  }

  const std::string& text() const { return text_; }

  std::string summary() const {
    std::string summary = counted(document_.rows.size(), "row") + ":";
    for (const auto& [kind, count] : counts_) summary += " " + std::to_string(count) + " " + kind;
    return summary;
  }

 private:
  void begin_gate(std::size_t section) {
    section_ = section;
    const ChecklistSection& part = document_.sections[section];
    const bool is_numbered = part.id.find_first_not_of("0123456789.") == std::string::npos;
    const std::string title = part.title.empty() ? part.id
                              : is_numbered      ? part.id + " " + part.title
                                                 : part.title;
    text_ += "  " + gates_[section] + ":\n    title: " + quoted_for_yaml(title) + "\n    checks:\n";
  }

  void add(std::size_t index) {
    const ChecklistRow& row = document_.rows[index];
    const ChecklistRow* parent = row.parent ? &document_.rows[*row.parent] : nullptr;
    const Guess guess = guess_kind(row, parent);
    ++counts_[guess.kind];
    std::string id = checks_[index];
    if (!guess.each.empty()) id += "-${each}";
    text_ += "      " + id + ":\n        title: " + quoted_for_yaml(row.text) +
             "\n        item: " + quoted_for_yaml(row.id) + "\n";
    if (!guess.each.empty()) text_ += "        each: " + guess.each + "\n";
    text_ += "        " + guess.kind + ": " + guess.options + "\n";
  }

  const ChecklistDocument& document_;
  std::string text_;
  std::size_t section_ = static_cast<std::size_t>(-1);
  std::vector<std::string> gates_;   // the ids, by section
  std::vector<std::string> checks_;  // the ids, by row
  std::map<std::string, std::size_t> counts_;
};

}  // namespace

int config_import(const ListOptions& options) {
  const auto list = read_list(options.list);
  if (!list) return exit_usage;
  const ChecklistDocument document = parse_checklist(*list);
  for (const std::string& line : unread_in_words(document, options.list)) std::cerr << line << "\n";
  if (document.rows.empty()) {
    std::cerr << options.list << " holds no checklist (such as \"- [ ] the API answers\")\n";
    return exit_usage;
  }
  const Skeleton skeleton(document);
  const std::string text =
      "# A skeleton of " + counted(document.rows.size(), "row") +
      ". Every kind is a guess from the row's words; a row without a guess\n"
      "# is signed off by a person. Set the vars, then check it row by row.\n" +
      vars + "\ngates:\n" + skeleton.text();
  const int written = write_output(options.output, text);
  std::cerr << skeleton.summary() << "\n";
  return written;
}

}  // namespace gonogo
