#include "daemon/formats/checklist_table.h"

#include <re2/re2.h>

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_markdown.h"
#include "daemon/formats/checklist_number.h"

namespace gonogo {
namespace {

using Lines = std::vector<std::vector<TableCell>>;

struct Cell {
  std::string text;
  std::vector<std::string> code;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of("_ .\\\u2026") == std::string_view::npos;
}

// "- " in front of a mark: there are no lists in a table.
std::size_t size_of_bullet(std::string_view text) {
  const std::size_t size = text.find_first_not_of("-*+ ");
  const bool is_bullet = size != std::string_view::npos && size > 1 && text[size - 1] == ' ';
  return is_bullet && mark_at_front(text.substr(size)) ? size : 0;
}

// What the columns of one table are for.
class Columns {
 public:
  Columns(const Lines& lines, bool may_be_signed) : lines_(lines), count_(lines.front().size()) {
    for (const auto& line : lines) {
      std::vector<Cell>& cells = cells_.emplace_back();
      for (std::size_t i = 0; i < count_; ++i) {
        if (i >= line.size()) {
          cells.emplace_back();
          continue;
        }
        auto [text, code] = plain_words(line[i].markdown);
        text.erase(0, size_of_bullet(text));
        cells.push_back({std::move(text), std::move(code)});
      }
    }
    find_signatures(may_be_signed);
    for (std::size_t i = 0; i < count_ && !names_; ++i) {
      if (has_marks(i)) marks_.push_back(i);
    }
    for (std::size_t i = 0; i < count_ && !names_ && marks_.empty(); ++i) {
      if (is_of_states(i)) marks_.push_back(i);
    }
    find_text();
  }

  // No checklist, and a column seems to be for one.
  bool is_doubtful() const {
    static const RE2 figure(R"([\d.,]+\s?\pL{0,3}%?)");  // "200" is no state of a row
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t figures =
          cells_with(i, [](const auto& text) { return RE2::FullMatch(text, figure); });
      if (is_named_for_states(i) ? figures < cells_.size() - 1 : is_to_fill(i)) return true;
    }
    return false;
  }
  bool is_checklist() const { return text_ && (names_ || !marks_.empty()); }
  bool is_of_signatures() const { return names_.has_value(); }

  std::vector<TableRow> rows_of(std::size_t line) const {
    const std::vector<Cell>& cells = cells_[line];
    std::size_t text = *text_;
    // A row that leaves its column of text empty says elsewhere what it is about.
    for (std::size_t i = 0; cells[text].text.empty() && i < count_; ++i) {
      const bool is_free = std::find(marks_.begin(), marks_.end(), i) == marks_.end();
      if (is_free && i != number_ && !cells[i].text.empty()) text = i;
    }
    TableRow row;
    row.text = cells[text].text;
    row.code = cells[text].code;
    row.end_of_text = text < lines_[line].size() ? lines_[line][text].end : 0;
    if (number_) row.number = cells[*number_].text;
    if (const auto mark = mark_at_front(row.text); mark && marks_.empty() == false) {
      if (marks_.front() == *text_ && text == *text_) {
        row.text = std::string(trimmed(std::string_view(row.text).substr(mark->size)));
        row.mark = mark_in(line, text);
        return row.text.empty() ? std::vector<TableRow>{} : std::vector{row};
      }
    }
    if (is_blank(row.text)) return {};
    if (names_) {
      row.names = place_in(line, *names_);
      if (date_) row.date = place_in(line, *date_);
      return {row};
    }
    std::vector<TableRow> rows;
    for (const std::size_t column : marks_) {
      if (column == *text_) continue;
      row.mark = mark_in(line, column);
      row.column = marks_.size() > 1 ? cells_.front()[column].text : "";
      rows.push_back(row);
    }
    if (rows.empty()) rows.push_back(row);
    return rows;
  }

 private:
  bool is_named(std::size_t column, const RE2& names) const {
    return RE2::FullMatch(cells_.front()[column].text, names);
  }

  std::size_t cells_with(std::size_t column, auto&& condition) const {
    return static_cast<std::size_t>(
        std::count_if(cells_.begin() + 1, cells_.end(),
                      [&](const auto& cells) { return condition(cells[column].text); }));
  }

  bool has_marks(std::size_t column) const {
    return cells_with(column, [](const auto& text) { return mark_at_front(text).has_value(); }) > 0;
  }

  // A column that is to say how each row stands, and in which nobody made a mark yet.
  bool is_of_states(std::size_t column) const {
    const std::size_t words =
        cells_with(column, [](const auto& text) { return is_word_of_state(text); });
    return is_named_for_states(column) && words > 0;
  }

  bool is_named_for_states(std::size_t column) const {
    static const RE2 state(
        R"((?i)\W*(?:done|status|state|ok\W?|okay|go|no-?go|go\s?/\s?no-?go|checked|passed|pass|pass\s?/\s?fail|complete[d]?|ready|verified|result|outcome|yes\s?/\s?no|erledigt|fertig|ergebnis|stand|gepr\x{fc}ft|ja\s?/\s?nein|fait|statut|\x{e9}tat|r\x{e9}sultat|oui\s?/\s?non|hecho|estado|resultado|fatto|stato|esito|feito|klaar|gereed|resultaat)\W*)");
    return is_named(column, state);
  }

  // Empty cells are to be filled in, unless they are of what is beside the point.
  bool is_to_fill(std::size_t column) const {
    static const RE2 beside(
        R"((?i)\W*(?:|owners?|assignees?|assigned to|responsible|team|due|dates?|notes?|comments?|remarks?|evidence|links?|priority|severity|category|area|ref(?:erence)?s?|bemerkung(?:en)?|anmerkung(?:en)?|kommentare?|notizen?|datum|remarques?|commentaires?|notas?|note|comentarios?)\W*)");
    return cells_.size() > 1 && !is_named(column, beside) &&
           cells_with(column, [](const auto& text) { return is_blank(text); }) == cells_.size() - 1;
  }

  void find_signatures(bool may_be_signed) {
    static const RE2 name(
        R"((?i).*\b(?:signature|signed(?:[ -]off)?(?: by)?|approved by|approver|approval|sign-?\s?off)\b.*)");
    static const RE2 person(R"((?i)(?:full )?name|who|person|by)");
    static const RE2 date(R"((?i).*\b(?:date|time|when|on)\b.*)");
    for (std::size_t i = 1; i < count_; ++i) {
      const bool is_empty = cells_.size() > 1 && cells_with(i, [](const auto& text) {
                                                   return is_blank(text);
                                                 }) == cells_.size() - 1;
      if (!is_empty) continue;
      if (is_named(i, date)) {
        if (!date_) date_ = i;
      } else if (!names_ && (is_named(i, name) || (may_be_signed && is_named(i, person)))) {
        names_ = i;
      }
    }
    if (!names_) date_.reset();
  }

  void find_text() {
    static const RE2 about(
        R"((?i)(?:check(?:list)?|item|checklist item|task|what|description|criterion|criteria|requirement|step|action|question|gate|role)s?)");
    static const RE2 beside(
        R"((?i)(?:owner|who|assignee|assigned to|responsible|team|person|name|by|date|due|when|notes?|comments?|remarks?|evidence|link|priority|severity|category|area|ref(?:erence)?)s?)");
    find_number();
    const auto take = [this](auto&& condition) {
      for (std::size_t i = 0; i < count_ && !text_; ++i) {
        const bool is_marks = std::find(marks_.begin(), marks_.end(), i) != marks_.end();
        if (!is_marks && i != number_ && i != names_ && i != date_ && condition(i)) text_ = i;
      }
    };
    // "| [ ] Queue is short | Ada |": the marks are in the column of the texts. In "| Mail | [x]
    // Ada, 3 May |" they are not.
    if (marks_.size() == 1 && has_words_beside_marks(marks_.front())) {
      const std::size_t marks = marks_.front();
      bool is_of_texts = is_named(marks, about);
      bool has_texts_before = false;
      for (std::size_t i = 0; i < count_; ++i) {
        if (i != marks && is_named(i, about)) has_texts_before = true;
        if (i < marks && i != number_ && !is_named(i, beside)) has_texts_before = true;
      }
      if (is_of_texts || !has_texts_before) text_ = marks;
    }
    take([&](std::size_t i) { return is_named(i, about); });
    take([&](std::size_t i) { return !is_named(i, beside); });
    take([](std::size_t) { return true; });
  }

  // A column of numbers is named so, or is the first and holds nothing but numbers such as 4.2.
  void find_number() {
    static const RE2 number(
        R"((?i)#|no\.?|nr\.?|n\x{ba}|id|number|row|step|item|check|(?:item|row|check) ?(?:#|no\.?|id)|ref\.?)");
    static const RE2 name(R"([A-Za-z0-9][A-Za-z0-9._-]{0,39})");
    static const RE2 id(R"((?i)id|ref\.?|(?:item|row|check) ?id)");
    static const RE2 version(R"((?i).*version.*)");
    const std::size_t all = cells_.size() - 1;
    for (std::size_t i = 0; i < count_ && !number_ && all > 0 && count_ > 2; ++i) {
      if (std::find(marks_.begin(), marks_.end(), i) != marks_.end()) continue;
      const bool is_of_numbers =
          cells_with(i, [](const auto& text) { return is_row_number(text); }) == all;
      const bool is_of_names =
          cells_with(i, [](const auto& text) { return RE2::FullMatch(text, name); }) == all;
      const bool has_parts = cells_with(i, [](const auto& text) {
                               return text.find('.') != std::string::npos;
                             }) == all;
      const bool is_first = i == 0 && has_parts && !is_named(i, version);
      if (is_of_numbers ? is_first || is_named(i, number) : is_of_names && is_named(i, id))
        number_ = i;
    }
  }

  bool has_words_beside_marks(std::size_t column) const {
    return cells_with(column, [](const auto& text) {
             return mark_at_front(text) && !is_mark_alone(text);
           }) > 0;
  }

  // All that a cell holds is replaced.
  std::optional<ChecklistMark> place_in(std::size_t line, std::size_t column) const {
    if (column >= lines_[line].size()) return std::nullopt;
    const TableCell& cell = lines_[line][column];
    return ChecklistMark{ChecklistMark::Style::cell, cell.begin, cell.end - cell.begin};
  }

  std::optional<ChecklistMark> mark_in(std::size_t line, std::size_t column) const {
    auto place = place_in(line, column);
    if (!place) return place;
    const TableCell& cell = lines_[line][column];
    const std::size_t bullet = size_of_bullet(cell.markdown);
    if (auto mark = mark_at_front(std::string_view(cell.markdown).substr(bullet))) {
      const std::size_t end = bullet + mark->size;
      const bool is_square = mark->style == ChecklistMark::Style::square;
      mark->offset = cell.begin + bullet + (is_square ? 1 : 0);
      if (is_square) mark->size = 1;
      // A word behind it ("done") would contradict the mark.
      const std::string_view behind = std::string_view(cell.markdown).substr(end);
      if (column == *text_ || trimmed(behind).empty() || !is_word_of_state(behind)) return mark;
    }
    return place;
  }

  const Lines& lines_;
  std::size_t count_;
  std::vector<std::vector<Cell>> cells_;
  std::vector<std::size_t> marks_;
  std::optional<std::size_t> number_;
  std::optional<std::size_t> text_;
  std::optional<std::size_t> names_;
  std::optional<std::size_t> date_;
};

}  // namespace

std::vector<TableCell> cells_of(std::string_view line, std::size_t from) {
  std::vector<TableCell> cells;
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  const std::size_t end = last == std::string_view::npos ? 0 : last + 1;
  std::size_t begin = from;
  while (begin < end && (line[begin] == ' ' || line[begin] == '\t')) ++begin;
  if (begin < end && line[begin] == '|') ++begin;
  while (begin < end) {
    std::size_t bar = begin;
    while (bar < end && (line[bar] != '|' || (bar > begin && line[bar - 1] == '\\'))) ++bar;
    TableCell cell{begin, bar, {}};
    if (line.substr(begin, bar - begin).find_first_not_of(" \t") == std::string_view::npos) {
      cells.push_back(std::move(cell));
      begin = bar + 1;
      continue;
    }
    while (cell.begin < cell.end && (line[cell.begin] == ' ' || line[cell.begin] == '\t'))
      ++cell.begin;
    while (cell.end > cell.begin && (line[cell.end - 1] == ' ' || line[cell.end - 1] == '\t'))
      --cell.end;
    cell.markdown = line.substr(cell.begin, cell.end - cell.begin);
    for (std::size_t at = cell.markdown.find("\\|"); at != std::string::npos;
         at = cell.markdown.find("\\|", at + 1))
      cell.markdown.erase(at, 1);
    cells.push_back(std::move(cell));
    begin = bar + 1;
  }
  return cells;
}

bool is_delimiter_row(std::string_view line) {
  static const RE2 form(R"(\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*)");
  return RE2::FullMatch(line, form);
}

std::optional<std::size_t> find_table(const Lines& lines, const std::vector<bool>& is_delimiter) {
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    if (is_delimiter[i + 1] && lines[i].size() == lines[i + 1].size()) return i;
  }
  return std::nullopt;
}

std::optional<TableRows> read_table(const Lines& cells, bool may_be_signed) {
  if (cells.size() < 2 || cells.front().empty()) return std::nullopt;
  const Columns columns(cells, may_be_signed);
  TableRows rows;
  if (!columns.is_checklist()) {
    if (!columns.is_doubtful()) return std::nullopt;
    rows.is_doubtful = true;
    rows.lines.resize(cells.size() - 1);
    return rows;
  }
  rows.is_of_signatures = columns.is_of_signatures();
  for (std::size_t i = 1; i < cells.size(); ++i) rows.lines.push_back(columns.rows_of(i));
  return rows;
}

}  // namespace gonogo
