#include "exporters/checklist_rows.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_words.h"

namespace gonogo {
namespace {

using Rows = std::vector<std::size_t>;

// The rows of a list by what may name them.
class RowIndex {
 public:
  explicit RowIndex(const ChecklistDocument& document) : document_(document) {
    for (std::size_t i = 0; i < document.rows.size(); ++i) {
      const ChecklistRow& row = document.rows[i];
      by_id_.emplace(row.id, i);
      const std::string text = comparable(row.text);
      if (!text.empty()) by_text_.emplace(text, i);
      // As import writes it: what is not seen is written out.
      const std::string title = comparable(on_one_line(row.text, longest_title));
      if (title != text && row.text.size() < longest_title) by_text_.emplace(title, i);
      if (!row.number.empty()) by_text_.emplace(comparable(row.number + " " + row.text), i);
    }
  }

  // The row whose number, written or counted, is the check's item.
  Rows row_of_item(const Check& check) const {
    const auto place = by_id_.find(check.item);
    return place == by_id_.end() ? Rows{} : Rows{place->second};
  }

  Rows rows_of(const Check& check) const {
    const auto place = by_id_.find(check.item);
    const bool is_place = place != by_id_.end();
    if (is_place && !document_.rows[place->second].number.empty()) return {place->second};
    if (Rows rows = rows_with(check.item); !is_place && !rows.empty()) return rows;
    Rows rows = rows_with(check.title);
    if (check.item.empty()) return rows;
    // A number that no row has: whose it was cannot be known where the text is written twice.
    Rows of_section;
    for (const std::size_t row : rows) {
      if (is_in_section_of(check.item, document_.rows[row])) of_section.push_back(row);
    }
    if (is_place && std::find(rows.begin(), rows.end(), place->second) != rows.end())
      return {place->second};
    if (!of_section.empty()) return of_section;
    if (!is_place || !rows.empty()) return {};
    const ChecklistRow& row = document_.rows[place->second];
    return is_about(check, row) ? Rows{place->second} : Rows{};
  }

 private:
  Rows rows_with(const std::string& text) const {
    Rows rows;
    const std::string words = comparable(text);
    if (words.empty()) return rows;
    const auto [from, to] = by_text_.equal_range(words);
    for (auto found = from; found != to; ++found) rows.push_back(found->second);
    return rows;
  }

  // Counted items are "SECTION.NUMBER", with letters for boxes within boxes.
  bool is_in_section_of(const std::string& item, const ChecklistRow& row) const {
    static const RE2 counted(R"(\.\d+[a-z]*(?:-\d+)?)");
    const std::string& section = document_.sections[row.section].id;
    return row.number.empty() && item.starts_with(section) &&
           RE2::FullMatch(item.substr(section.size()), counted);
  }

  // A check that import made is about the row with just its text; another says it in its own words.
  static bool is_about(const Check& check, const ChecklistRow& row) {
    const bool is_imported = check.title != check.id && is_id_of_text(check.id, check.title);
    return !is_imported && has_word_of(row.text, check.title + " " + check.id);
  }

  const ChecklistDocument& document_;
  std::map<std::string, std::size_t> by_id_;
  std::multimap<std::string, std::size_t> by_text_;
};

}  // namespace

std::vector<std::vector<std::size_t>> checks_of_rows(const ChecklistDocument& document,
                                                     const Checklist& list) {
  std::vector<std::vector<std::size_t>> checks(document.rows.size());
  const RowIndex index(document);
  for (std::size_t i = 0; i < list.checks.size(); ++i) {
    if (list.checks[i].is_builtin) continue;
    for (const std::size_t row : index.rows_of(list.checks[i])) checks[row].push_back(i);
  }
  return checks;
}

std::vector<std::vector<std::size_t>> checks_about_others(const ChecklistDocument& document,
                                                          const Checklist& list) {
  std::vector<std::vector<std::size_t>> checks(document.rows.size());
  const RowIndex index(document);
  for (std::size_t i = 0; i < list.checks.size(); ++i) {
    const Rows of_item = index.row_of_item(list.checks[i]);
    if (list.checks[i].is_builtin || of_item.empty() || index.rows_of(list.checks[i]) == of_item)
      continue;
    checks[of_item.front()].push_back(i);
  }
  return checks;
}

}  // namespace gonogo
