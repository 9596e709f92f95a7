#include "daemon/formats/checklist_ids.h"

#include <re2/re2.h>

#include <cctype>
#include <map>
#include <set>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_number.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_words = 40;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

std::string words_of(const std::string& heading) {
  std::string words;
  for (const char c : lower_case(heading)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words += c;
    } else if (!words.empty() && words.back() != '-') {
      words += '-';
    }
  }
  while (!words.empty() && words.back() == '-') words.pop_back();
  // Digits alone would read like the number of a section.
  static const RE2 letter("[a-z]");
  if (RE2::PartialMatch(words, letter)) return words.substr(0, longest_words);
  // Another script.
  static const RE2 between(R"([^\pL\pM\pN]+)");
  words = heading.substr(0, 4 * longest_words);
  RE2::GlobalReplace(&words, between, "-");
  if (words.starts_with('-')) words.erase(0, 1);
  if (words.size() > longest_words) words.resize(longest_words);
  while (!words.empty() && words.back() == '-') words.pop_back();
  while (!words.empty() && on_one_line(words, longest_words).find("\\x") != std::string::npos)
    words.pop_back();
  static const RE2 any_letter(R"(\pL)");
  return RE2::PartialMatch(words, any_letter) ? words : "list";
}

std::string letters(std::size_t index) {
  std::string text(1, static_cast<char>('a' + index % 26));
  return index < 26 ? text : letters(index / 26 - 1) + text;
}

class Numbers {
 public:
  explicit Numbers(ChecklistDocument& document) : document_(document) {}

  void give() {
    for (ChecklistRow& row : document_.rows) take_number(row);
    for (std::size_t i = 0; i < document_.rows.size(); ++i) give_id(i);
  }

 private:
  // Leaves the whole number in `row.number`.
  void take_number(ChecklistRow& row) {
    const std::string section = document_.sections[row.section].id;
    const bool has_number =
        !section.empty() && std::isdigit(static_cast<unsigned char>(section.front())) != 0;
    const bool may_count = row.kind != ChecklistRow::Kind::signature;
    if (row.number.empty() && may_count) {
      auto split = split_row_number(row.text, has_number ? section : "");
      if (split) {
        row.number = split->number;
        if (!split->text.empty()) row.text = split->text;
      }
    }
    while (!row.number.empty() &&
           (row.number.back() == '.' || row.number.back() == ':' || row.number.back() == ')'))
      row.number.pop_back();
    if (row.number.starts_with('#')) row.number.erase(0, 1);
    if (row.number.empty()) return;
    const bool counts_within = row.number.find_first_not_of("0123456789") == std::string::npos;
    if (counts_within) {
      const std::string& outer = row.parent ? document_.rows[*row.parent].number : section;
      row.number = (outer.empty() ? section : outer) + "." + row.number;
    }
    written_.insert(row.number);
  }

  void give_id(std::size_t index) {
    ChecklistRow& row = document_.rows[index];
    const std::string& section = document_.sections[row.section].id;
    std::string base;
    if (row.column > 1) {
      base = base_of_line_;
    } else if (!row.number.empty()) {
      base = row.number;
      remember(section, base);
    } else if (row.parent) {
      const std::string outer = outer_of(*row.parent);
      do base = outer + letters(inside_[outer]++);
      while (is_taken(base));
      lettered_.insert(base);
    } else {
      do base = section + "." + std::to_string(++last_[section]);
      while (is_taken(base));
    }
    base_of_line_ = base;
    row.id = row.column == 0 ? base : base + letters(row.column - 1);
    row.repeats_number = !row.number.empty() && used_.contains(row.id);
    const std::string first = row.id;
    while (used_.contains(row.id)) row.id = first + "-" + std::to_string(++again_[first] + 1);
    used_.insert(row.id);
  }

  bool is_taken(const std::string& id) const { return used_.contains(id) || written_.contains(id); }

  // The row to whose id letters are added: letters are not added to letters.
  std::string outer_of(std::size_t index) const {
    const ChecklistRow& row = document_.rows[index];
    return lettered_.contains(row.id) && row.parent ? outer_of(*row.parent) : row.id;
  }

  // Rows without a number are counted on from the last that has one.
  void remember(const std::string& section, const std::string& number) {
    if (!number.starts_with(section + ".")) return;
    int last = 0;
    static const RE2 whole(R"((\d{1,6}))");
    if (RE2::FullMatch(number.substr(section.size() + 1), whole, &last)) last_[section] = last;
  }

  ChecklistDocument& document_;
  std::set<std::string> written_;
  std::set<std::string> used_;
  std::set<std::string> lettered_;
  std::map<std::string, int> last_;            // by section
  std::map<std::string, std::size_t> inside_;  // by the id of the outer row
  std::map<std::string, int> again_;           // by the number that is written more than once
  std::string base_of_line_;
};

}  // namespace

std::string id_of_section(const std::string& heading) {
  std::string number = split_heading_number(heading).first;
  if (!number.empty()) return number;
  const std::string text = lower_case(heading);
  if (contains(text, "criteria"))
    return contains(text, "no-go criteria") || contains(text, "nogo criteria") ? "NOGO" : "GO";
  if (contains(text, "sign-off") || contains(text, "sign off") || contains(text, "signoff"))
    return "SIGN";
  if (contains(text, "post-deploy") || contains(text, "post deploy")) return "POST";
  if (contains(text, "rollback")) return "RB";
  return words_of(heading);
}

void name_sections(ChecklistDocument& document, const std::vector<std::string>& headings) {
  for (const std::string& heading : headings)
    document.sections.push_back({id_of_section(heading), split_heading_number(heading).second});
}

void number_rows(ChecklistDocument& document) { Numbers(document).give(); }

}  // namespace gonogo
