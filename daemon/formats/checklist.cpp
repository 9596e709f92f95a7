#include "daemon/formats/checklist.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_form.h"
#include "daemon/formats/checklist_ids.h"
#include "daemon/formats/checklist_markdown.h"
#include "daemon/formats/checklist_number.h"
#include "daemon/formats/checklist_table.h"

namespace gonogo {
namespace {

constexpr const char* no_box = "Markdown reads it as text (write \"- [ ] words\")";
constexpr const char* no_table =
    "Markdown reads no table here (the names of the columns and a line of dashes, with as many "
    "columns, come first)";

constexpr const char* doubtful_table =
    "this table is read as no checklist, though a column of it seems to say how each row stands "
    "(write [ ] into its cells, or \"-\" into those that stay empty)";

// Makes rows of blocks.
class Rows {
 public:
  explicit Rows(const std::string& source) : source_(source), text_(read_markdown(source)) {}

  ChecklistDocument read() {
    for (const MarkdownBlock& block : text_.blocks) {
      switch (block.kind) {
        case MarkdownBlock::Kind::heading:
          // A line of dashes below a table, or below a box in an item, is no underline.
          if (is_box(block) || first_line_of_table(block) < block.lines.size()) {
            read_words(block);
          } else {
            begin_section(block);
          }
          break;
        case MarkdownBlock::Kind::words: read_words(block); break;
        case MarkdownBlock::Kind::html:
          for (const MarkdownLine& line : block.lines)
            note_unread(line, "Markdown does not read it within HTML (leave a blank line above)");
          break;
      }
    }
    for (const std::size_t line : text_.open_comments)
      document_.unread.push_back(
          {line, "<!--", "the comment has no end and hides all that follows (end it with -->)"});
    note_unseen();
    std::stable_sort(document_.unread.begin(), document_.unread.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    take_out_decisions();
    name_sections(document_, headings_);
    number_rows(document_);
    return std::move(document_);
  }

 private:
  // "- [x]: text" defines where a link leads, and nothing of it is shown.
  void note_unseen() {
    static const RE2 box(R"([\s>]*(?:[-+*]|\d{1,9}[.)])\s+\[[ xX]\]\s*:?\s*\S(?s).*)");
    for (const std::size_t number : text_.unseen) {
      const std::string_view line = source_line(number);
      if (RE2::FullMatch(line, box))
        document_.unread.push_back({number, std::string(trimmed(line)), no_box});
    }
  }

  void begin_section(const MarkdownBlock& block) {
    heading_.clear();
    for (const MarkdownLine& line : block.lines)
      heading_ += (heading_.empty() ? "" : " ") + line.text;
    ++heading_number_;
    section_ = id_of_section(heading_);
    for (const MarkdownLine& line : block.lines) note_unread(line, no_box);
  }

  bool is_rollback() const { return section_ == "RB"; }
  bool is_sign_off() const { return section_ == "SIGN"; }
  bool is_of_criteria() const { return section_ == "GO" || section_ == "NOGO"; }

  // The words of a box are no names of columns, whatever is below them.
  static bool is_box(const MarkdownBlock& block) {
    return block.is_first && !block.items.empty() && block.items.back().is_box;
  }

  void read_words(const MarkdownBlock& block) {
    std::vector<MarkdownLine> words = block.lines;
    const std::size_t table = first_line_of_table(block);
    words.resize(table);
    if (!words.empty()) {
      if (block.items.empty()) {
        for (const MarkdownLine& line : words) read_line(line);
      } else if (block.is_first) {
        read_item(block, words);
      } else {
        for (const MarkdownLine& line : words) note_unread(line, no_box);
      }
    }
    if (table < block.lines.size()) read_table_of(block, table);
  }

  std::string_view source_line(std::size_t number) const {
    const std::size_t start = text_.line_starts[number];
    const std::size_t end = std::min(source_.find_first_of("\r\n", start), source_.size());
    return std::string_view(source_).substr(start, end - start);
  }

  // Where the words of a line of a block begin, behind indentation, ">", bullets and boxes.
  std::size_t begin_of_words(const MarkdownBlock& block, std::size_t index) const {
    static const RE2 within(R"(^[\s>]*)");
    static const RE2 first(R"(^(?:[\s>]*(?:[-+*]|\d{1,9}[.)])\s+)*(?:\[[ xX]\]\s+)?[\s>]*)");
    std::string_view line = source_line(block.lines[index].number);
    re2::StringPiece rest(line.data(), line.size());
    RE2::Consume(&rest, index == 0 && !block.items.empty() ? first : within);
    return line.size() - rest.size();
  }

  std::vector<std::vector<TableCell>> cells_from(const MarkdownBlock& block,
                                                 std::size_t from) const {
    std::vector<std::vector<TableCell>> cells;
    for (std::size_t i = from; i < block.lines.size(); ++i)
      cells.push_back(cells_of(source_line(block.lines[i].number), begin_of_words(block, i)));
    return cells;
  }

  std::size_t first_line_of_table(const MarkdownBlock& block) const {
    std::vector<bool> is_delimiter;
    for (std::size_t i = 0; i < block.lines.size(); ++i)
      is_delimiter.push_back(
          is_delimiter_row(source_line(block.lines[i].number).substr(begin_of_words(block, i))));
    const bool has_one =
        std::find(is_delimiter.begin(), is_delimiter.end(), true) != is_delimiter.end();
    if (!has_one) return block.lines.size();
    const std::size_t from = is_box(block) ? 1 : 0;
    is_delimiter.erase(is_delimiter.begin(), is_delimiter.begin() + static_cast<long>(from));
    const auto table = find_table(cells_from(block, from), is_delimiter);
    return table ? *table + from : block.lines.size();
  }

  // An item of a list ends a table, though md4c does not read it as one here.
  std::size_t end_of_table(const MarkdownBlock& block, std::size_t from) const {
    static const RE2 item(R"([\s>]*(?:[-+*]|\d{1,9}[.)])\s(?s).*)");
    std::size_t end = std::min(from + 2, block.lines.size());
    while (end < block.lines.size() && !RE2::FullMatch(source_line(block.lines[end].number), item))
      ++end;
    return end;
  }

  void read_table_of(const MarkdownBlock& block, std::size_t from) {
    std::vector<std::vector<TableCell>> cells = cells_from(block, from);
    const std::size_t end = end_of_table(block, from);
    cells.resize(end - from);
    cells.erase(cells.begin() + 1);
    for (const TableCell& name : cells.front()) {
      const auto mark = mark_at_front(name.markdown);
      if (mark && name.markdown.size() > mark->size && !is_mark_alone(name.markdown))
        document_.unread.push_back({block.lines[from].number, block.lines[from].text,
                                    "the first line of a table holds the names of its columns"});
    }
    const auto table = read_table(cells, is_sign_off());
    for (std::size_t i = end; i < block.lines.size(); ++i)
      note_unread(block.lines[i], "it is not divided from the table (leave a blank line above)");
    for (std::size_t i = from + 2; i < end; ++i) {
      const MarkdownLine& line = block.lines[i];
      const auto& rows = table ? table->lines[i - from - 2] : std::vector<TableRow>{};
      if (rows.empty() && table && table->is_doubtful) {
        document_.unread.push_back({line.number, line.text, doubtful_table});
      } else if (rows.empty()) {
        note_unread(line, "this table is read as no checklist");
      }
      for (std::size_t k = 0; k < rows.size(); ++k)
        add_row_of_table(rows[k], line.number, table->is_of_signatures, k);
    }
  }

  void add_row_of_table(const TableRow& from, std::size_t line, bool is_signature,
                        std::size_t index) {
    const std::size_t start = text_.line_starts[line];
    const auto moved = [start](std::optional<ChecklistMark> mark) {
      if (mark) mark->offset += start;
      return mark;
    };
    if (is_signature && field_of_name(from.text)) return;
    ChecklistRow row;
    row.kind = is_signature ? ChecklistRow::Kind::signature : ChecklistRow::Kind::box;
    row.place = ChecklistRow::Place::table;
    row.line = row.last_line = line;
    row.number = from.number;
    row.code = from.code;
    row.mark = moved(from.mark);
    row.names = moved(from.names);
    row.date = moved(from.date);
    row.end_of_text = start + from.end_of_text;
    row.column = from.column.empty() ? 0 : index + 1;
    add(std::move(row), from.column.empty() ? from.text : from.text + " (" + from.column + ")");
  }

  void read_item(const MarkdownBlock& block, const std::vector<MarkdownLine>& words) {
    const MarkdownItem& item = block.items.back();
    for (std::size_t i = 1; i < words.size(); ++i)
      note_unread(words[i], "it is more of the item above (write each row as an item)", "- ");
    std::string text;
    std::vector<std::string> code;
    for (const MarkdownLine& line : words) {
      text += (text.empty() ? "" : " ") + line.text;
      code.insert(code.end(), line.code.begin(), line.code.end());
    }
    ChecklistRow row;
    row.line = row.last_line = words.front().number;
    row.last_line = words.back().number;
    row.code = std::move(code);
    const auto mark = mark_at_front(words.front().bare);
    if (item.is_box) {
      row.mark = ChecklistMark{ChecklistMark::Style::square, item.mark, 1};
      row.line = line_of(item.mark);
      row.last_line = std::max(row.last_line, row.line);
      add_box(std::move(row), text, block.items);
    } else if (mark && is_written_at(*mark, words.front()) && trimmed(text).size() > mark->size) {
      row.mark = mark;
      row.mark->offset = words.front().begin;
      text = std::string(trimmed(std::string_view(text).substr(mark->size)));
      if (is_of_criteria()) row.kind = ChecklistRow::Kind::criterion;
      add_box(std::move(row), text, block.items);
    } else if (const auto name = name_of_blank(words.front().text)) {
      add_signature(words.front(), *name, ChecklistRow::Place::item);
    } else if (block.items.size() == 1 && item.is_numbered && is_rollback()) {
      row.kind = ChecklistRow::Kind::step;
      add(std::move(row), text);
    } else {
      note_unread(words.front(), no_box, "- ");
    }
  }

  // A sign that is written as such, and not as &#9744;: a report replaces it.
  bool is_written_at(const ChecklistMark& mark, const MarkdownLine& line) const {
    return mark.style != ChecklistMark::Style::square &&
           source_.compare(line.begin, mark.size, line.bare, 0, mark.size) == 0;
  }

  std::size_t line_of(std::size_t offset) const {
    const auto& starts = text_.line_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
    return static_cast<std::size_t>(after - starts.begin()) - 1;
  }

  // A box within the item of another row is a part of that row.
  void add_box(ChecklistRow row, const std::string& text, const std::vector<MarkdownItem>& items) {
    for (std::size_t i = items.size() - 1; i-- > 0;) {
      const auto outer = row_of_item_.find(items[i].id);
      if (outer == row_of_item_.end()) continue;
      row.parent = outer->second;
      break;
    }
    const auto name = name_of_blank(text);
    const auto field = name && is_blank_alone(text) ? field_of_name(*name) : std::nullopt;
    if (field) {
      document_.fields.push_back({*field, row.line, row.mark});
      return;
    }
    row_of_item_[items.back().id] = document_.rows.size();
    add(std::move(row), text);
  }

  void read_line(const MarkdownLine& line) {
    ChecklistRow row;
    row.place = ChecklistRow::Place::line;
    row.line = row.last_line = line.number;
    row.code = line.code;
    const auto mark = mark_at_front(line.bare);
    if (mark && is_written_at(*mark, line) && line.text.size() > mark->size) {
      row.mark = mark;
      row.mark->offset = line.begin;
      if (line.text.starts_with("\u2705") || line.text.starts_with("\u274C"))
        row.kind = ChecklistRow::Kind::criterion;
      add(std::move(row), std::string(trimmed(std::string_view(line.text).substr(mark->size))));
    } else if (const auto name = name_of_blank(line.text)) {
      add_signature(line, *name, ChecklistRow::Place::line);
    } else {
      note_unread(line, line.text.starts_with("|") ? no_table : no_box);
    }
  }

  void add_signature(const MarkdownLine& line, const std::string& name, ChecklistRow::Place place) {
    if (has_second_signature(line.text))
      document_.unread.push_back(
          {line.number, line.text, "only the first name on the line is read (write one a line)"});
    if (const auto field = field_of_name(name)) {
      document_.fields.push_back({*field, line.number, std::nullopt});
      return;
    }
    ChecklistRow row;
    row.kind = ChecklistRow::Kind::signature;
    row.place = place;
    row.line = row.last_line = line.number;
    row.code = line.code;
    add(std::move(row), name);
  }

  void note_unread(const MarkdownLine& line, const char* why, const char* before = "") {
    const bool is_escaped = source_line(line.number).find("\\[") != std::string_view::npos;
    static const RE2 words_and_blank(R"(\pL.*_{3,}|_{3,}.*\pL)");
    const bool is_blank = is_sign_off() && RE2::PartialMatch(line.text, words_and_blank);
    if (is_blank) why = "no name with a colon is in front of the blank (write \"Name: ____\")";
    if (is_blank || (!is_escaped && looks_like_row(before + line.bare)))
      document_.unread.push_back({line.number, line.text, why});
  }

  void add(ChecklistRow row, const std::string& text) {
    row.text = text;
    row.section = headings_.size();
    const bool is_new = headings_.empty() || last_heading_ != heading_number_;
    if (is_new) {
      headings_.push_back(heading_);
      last_heading_ = heading_number_;
    }
    row.section = headings_.size() - 1;
    document_.rows.push_back(std::move(row));
  }

  // The two boxes of the decision are no checks: one of them has to stay empty.
  void take_out_decisions() {
    std::map<std::size_t, std::pair<int, int>> counts;
    for (const ChecklistRow& row : document_.rows) {
      if (const auto word = decision_word(row.text))
        ++(word->kind == ChecklistField::Kind::go ? counts[row.section].first
                                                  : counts[row.section].second);
    }
    std::vector<std::pair<bool, bool>> about;  // by section: the decision, criteria
    for (const std::string& heading : headings_) {
      const std::string id = id_of_section(heading);
      about.emplace_back(is_about_the_decision(heading), id == "GO" || id == "NOGO");
    }
    std::vector<std::optional<std::size_t>> moved;
    std::vector<ChecklistRow> rows;
    for (ChecklistRow& row : document_.rows) {
      const auto word = decision_word(row.text);
      const bool is_pair = word && counts[row.section] == std::pair{1, 1};
      const auto [is_about_decision, is_about_criteria] = about[row.section];
      const bool is_field =
          word && (word->is_alone || is_about_decision || (is_pair && !is_about_criteria));
      if (is_field) {
        document_.fields.push_back({word->kind, row.line, row.mark});
        moved.push_back(std::nullopt);
        continue;
      }
      moved.push_back(rows.size());
      if (row.parent) row.parent = moved[*row.parent];
      rows.push_back(std::move(row));
    }
    document_.rows = std::move(rows);
  }

  const std::string& source_;
  MarkdownText text_;
  ChecklistDocument document_;
  std::string heading_;
  std::string section_ = "list";  // the id of the heading
  std::size_t heading_number_ = 0;
  std::size_t last_heading_ = 0;
  std::vector<std::string> headings_;  // of the sections that have rows
  std::map<std::size_t, std::size_t> row_of_item_;
};

}  // namespace

ChecklistDocument parse_checklist(const std::string& markdown) { return Rows(markdown).read(); }

}  // namespace gonogo
