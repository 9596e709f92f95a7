#include "exporters/checklist_report.h"

#include <md4c-html.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_markdown.h"
#include "exporters/checklist_rows.h"
#include "exporters/markup.h"

namespace gonogo {
namespace {

using Kind = ChecklistRow::Kind;
using Place = ChecklistRow::Place;

constexpr std::string_view cross_mark = "\xE2\x9D\x8C";  // U+274C

// Escapes everything that Markdown could take for markup or a link. Only for text that does not
// begin a line.
std::string plain(std::string_view text, std::size_t limit = 240) {
  const std::string line = on_one_line(text, limit);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_markup = std::string_view("\\`*_{}[]<>#|&~!@").find(line[i]) != std::string::npos;
    const bool begins_url = line[i] == ':' && line.compare(i + 1, 2, "//") == 0;
    const bool ends_www =
        line[i] == '.' && i >= 3 && equal_ignoring_case(line.substr(i - 3, 3), "www");
    if (is_markup || begins_url || ends_www) out += '\\';
    out += line[i];
  }
  return out;
}

// Where the words of a line begin: behind indentation, ">", bullets, numbers and a box.
std::size_t end_of_bullets(const std::string& line) {
  static const RE2 form(R"((?:[\s>]*(?:[-+*]|\d{1,9}[.)])(?:\s|$))*[\s>]*)");
  re2::StringPiece rest(line);
  RE2::Consume(&rest, form);
  return line.size() - rest.size();
}

// A part of a line that is replaced.
struct Edit {
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t size = 0;
  std::string text;
};

class Report {
 public:
  Report(const std::string& markdown, const Snapshot& snapshot)
      : snapshot_(snapshot),
        document_(parse_checklist(markdown)),
        checks_(checks_of_rows(document_, *snapshot.checklist)),
        starts_(starts_of_lines(markdown)) {
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : markdown.size();
      std::string& line = lines_.emplace_back(markdown.substr(starts_[i], end - starts_[i]));
      while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    }
    if (lines_.back().empty()) lines_.pop_back();
    below_.resize(lines_.size());
    find_ticked();
  }

  std::string text() {
    for (std::size_t i = 0; i < document_.rows.size(); ++i) fill(i);
    for (const ChecklistField& field : document_.fields) fill_field(field);
    apply_edits();
    std::string out;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      out += lines_[i] + "\n";
      for (const std::string& line : below_[i]) out += line + "\n";
    }
    return out + decision();
  }

 private:
  bool is_good(const std::vector<std::size_t>& checks) const {
    return !checks.empty() && std::all_of(checks.begin(), checks.end(), [this](std::size_t index) {
      return snapshot_.checks[index].good;
    });
  }

  // A row is ticked when all its checks are good and all rows within it are ticked.
  void find_ticked() {
    const std::size_t count = document_.rows.size();
    ticked_.assign(count, false);
    missing_.assign(count, {});
    for (std::size_t i = count; i-- > 0;) {
      ticked_[i] = is_good(checks_[i]) && missing_[i].empty();
      // Rows come after the row that they are in: the first that is missing is written last.
      if (const auto parent = document_.rows[i].parent; parent && !ticked_[i])
        missing_[*parent] = document_.rows[i].id;
    }
  }

  void fill(std::size_t index) {
    const ChecklistRow& row = document_.rows[index];
    const bool good = ticked_[index];
    const std::vector<std::size_t>& checks = checks_[index];
    std::string& line = lines_[row.line];
    switch (row.kind) {
      case Kind::box:
        set_mark(row.mark, row.line, good);
        // A hard break, as below a criterion.
        if (row.place == Place::line) line += "  ";
        break;
      case Kind::criterion: mark_criterion(line, good, checks.empty()); break;
      case Kind::signature: sign(row, line, checks); break;
      case Kind::step: break;
    }
    write_evidence(row, checks, missing_[index]);
  }

  void set_mark(const std::optional<ChecklistMark>& mark, std::size_t line, bool is_ticked) {
    if (mark) replace(*mark, line, to_text(mark->style, is_ticked));
  }

  void replace(const ChecklistMark& place, std::size_t line, std::string with) {
    const std::size_t column = place.offset - starts_[line];
    const bool is_empty = place.style == ChecklistMark::Style::cell &&
                          trimmed(lines_[line].substr(column, place.size)).empty();
    if (is_empty) with = " " + with + " ";
    edits_.push_back({line, column, place.size, std::move(with)});
  }

  void apply_edits() {
    std::reverse(edits_.begin(), edits_.end());
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.column > b.column; });
    for (const Edit& edit : edits_) {
      std::string& line = lines_[edit.line];
      if (edit.column <= line.size()) line.replace(edit.column, edit.size, edit.text);
    }
  }

  // The verdict is what the form asks for.
  void fill_field(const ChecklistField& field) {
    using Field = ChecklistField::Kind;
    std::string& line = lines_[field.line];
    const bool is_go_field = field.kind == Field::go;
    if (is_go_field || field.kind == Field::no_go) {
      const bool is_so = snapshot_.go == is_go_field;
      set_mark(field.mark, field.line, is_so);
      if (!field.mark) fill_blank(line, is_so ? "yes" : "no");
    } else if (field.kind == Field::version && !snapshot_.release.empty()) {
      fill_blank(line, plain(snapshot_.release));
    } else if (field.kind == Field::decision) {
      fill_blank(line, snapshot_.go ? "GO" : "NO-GO");
    } else if (field.kind == Field::decision_date) {
      fill_blank(line, to_rfc3339(snapshot_.at.wall));
    }
  }

  static void mark_criterion(std::string& line, bool good, bool is_unknown) {
    const bool is_trigger = line.find(cross_mark) != std::string::npos;
    const char* words = is_unknown   ? "has no check"
                        : is_trigger ? (good ? "not triggered" : "TRIGGERED")
                                     : (good ? "met" : "NOT MET");
    // The two blanks are a hard break: the next criterion begins a new line.
    line += std::string(" \xE2\x80\x94 **") + words + "**  ";
  }

  // Fills the first blank with names and the second with the date.
  void sign(const ChecklistRow& row, std::string& line, const std::vector<std::size_t>& checks) {
    std::string names;
    std::optional<WallTime> last;
    for (const std::size_t index : checks) {
      if (!snapshot_.checks[index].good) return;
      for (const std::size_t given : snapshot_.checks[index].signoffs) {
        const Signoff& signoff = snapshot_.signoffs[given];
        names += (names.empty() ? "" : ", ") + plain(signoff.who, 80);
        last = last ? std::max(*last, signoff.at) : signoff.at;
      }
    }
    if (names.empty()) return;
    if (row.place == Place::table) {
      if (row.names) replace(*row.names, row.line, names);
      if (row.date && last) replace(*row.date, row.line, to_rfc3339(*last));
      return;
    }
    fill_blank(line, names);
    if (last) fill_blank(line, to_rfc3339(*last));
  }

  static void fill_blank(std::string& line, const std::string& with) {
    const std::size_t from = line.find("___");
    if (from == std::string::npos) return;
    const std::size_t end = std::min(line.find_first_not_of('_', from), line.size());
    line.replace(from, end - from, with);
  }

  // Writes the evidence as list items of the row, so that both stay together when printed; in a
  // table it is in the cell of the row's text.
  void write_evidence(const ChecklistRow& row, const std::vector<std::size_t>& checks,
                      const std::string& missing) {
    std::vector<std::string> all;
    // These rows already show what is good; only what is missing is added.
    const bool shows_good =
        row.kind == Kind::signature || (row.kind == Kind::criterion && row.place == Place::line);
    for (const std::size_t index : checks) {
      if (!shows_good || !snapshot_.checks[index].good) all.push_back(evidence(index));
    }
    const bool is_line = row.kind == Kind::criterion || row.kind == Kind::signature;
    if (checks.empty() && !is_line) all.push_back("this row has no check");
    if (is_good(checks) && !missing.empty()) all.push_back("not ticked, as " + missing + " is not");
    if (row.repeats_number) all.push_back("another row has the number " + plain(row.number));
    if (row.place == Place::table) {
      std::string text;
      for (const std::string& words : all) text += " \xE2\x80\x94 *" + words + "*";
      edits_.push_back({row.line, row.end_of_text - starts_[row.line], 0, std::move(text)});
      return;
    }
    const bool has_no_item = row.place == Place::line;
    const std::string before = has_no_item ? "*" : indentation_below(row) + "*";
    for (const std::string& words : all) {
      std::string& line = below_[row.last_line].emplace_back(before);
      line += words;
      line += has_no_item ? "*  " : "*";
    }
    // A table that follows at once would be read as more of the evidence.
    const std::size_t next = row.last_line + 1;
    const bool is_before_table = row.place == Place::item && !all.empty() && next < lines_.size() &&
                                 lines_[next].find('|') != std::string::npos;
    if (is_before_table) below_[row.last_line].emplace_back();
  }

  // Returns the beginning of a list item that is nested in this row's item: its indentation, within
  // the same quotation.
  std::string indentation_below(const ChecklistRow& row) const {
    const std::string& line = lines_[row.line];
    // In "> 12. [ ] text" the number or bullet ends before the box, in "12. text" before the text.
    const std::size_t from = end_of_bullets(line);
    const std::size_t last = from == 0 ? 0 : line.find_last_not_of(" \t", from - 1);
    if (last >= line.size()) return "  - ";
    std::size_t first = last;
    while (first > 0 && std::isdigit(static_cast<unsigned char>(line[first - 1])) != 0) --first;
    return line.substr(0, first) + std::string(last - first + 2, ' ') + "- ";
  }

  std::string evidence(std::size_t index) const {
    const Check& check = snapshot_.checklist->checks[index];
    const CheckStatus& status = snapshot_.checks[index];
    const CheckRecord& record = snapshot_.checks[index].record;
    std::string text = std::string(name_of(status.state)) + " " + plain(check.id);
    if (check.severity == Severity::advisory) text += " (advisory)";
    if (const std::string& words = words_for(snapshot_, index); !words.empty())
      text += ": " + plain(words);
    for (const std::size_t given : status.signoffs) {
      const Signoff& signoff = snapshot_.signoffs[given];
      text += "; signed off by " + plain(signoff.who, 80) + " (" + plain(signoff.role, 80) + ") " +
              to_rfc3339(signoff.at);
      if (!signoff.note.empty()) text += ", " + plain(in_quotes(signoff.note, 200));
    }
    if (status.waiver) {
      const Waiver& waiver = snapshot_.waivers[*status.waiver];
      text += "; waived by " + plain(waiver.who, 80) + " until " + to_rfc3339(waiver.until) + ", " +
              plain(in_quotes(waiver.why, 200));
    }
    if (record.last) text += "; seen " + to_rfc3339(record.last->at.wall);
    return text;
  }

  std::string decision() const {
    std::size_t unchecked = 0;
    for (const auto& checks : checks_) unchecked += checks.empty() ? 1 : 0;
    std::string out = "\n## Decision\n\n**" + std::string(snapshot_.go ? "GO" : "NO-GO") +
                      "** at " + to_rfc3339(snapshot_.at.wall) + ", unchanged since " +
                      to_rfc3339(snapshot_.since);
    if (!snapshot_.release.empty()) out += ", for release " + plain(snapshot_.release);
    out += ".\n\n";
    if (snapshot_.frozen)
      out += "- frozen: " + plain(snapshot_.frozen->reason) +
             (snapshot_.frozen->until ? ", until " + to_rfc3339(*snapshot_.frozen->until) : "") +
             "\n";
    for (std::size_t i = 0; i < snapshot_.checks.size(); ++i) {
      const Check& check = snapshot_.checklist->checks[i];
      if (check.severity == Severity::advisory || snapshot_.checks[i].good) continue;
      out +=
          "- blocks: " + (check.item.empty() ? "" : plain(check.item) + " ") + evidence(i) + "\n";
    }
    for (const Waiver& waiver : snapshot_.waivers)
      out += "- waived: " + plain(waiver.check) + " by " + plain(waiver.who, 80) + " until " +
             to_rfc3339(waiver.until) + ", " + plain(in_quotes(waiver.why, 200)) + "\n";
    if (unchecked > 0)
      out += "- rows without a check: " + std::to_string(unchecked) + " of " +
             std::to_string(document_.rows.size()) + "\n";
    return out + unread();
  }

  // A line that reads like a row may be one that nobody checks.
  std::string unread() const {
    constexpr std::size_t most = 20;
    std::string out;
    for (std::size_t i = 0; i < document_.unread.size() && i < most; ++i) {
      const UnreadLine& line = document_.unread[i];
      out += "- not read: line " + std::to_string(line.line + 1) + ", " +
             plain(in_quotes(line.text)) + ": " + plain(line.why) + "\n";
    }
    if (document_.unread.size() > most)
      out += "- not read: " + counted(document_.unread.size() - most, "more line") + "\n";
    return out;
  }

  const Snapshot& snapshot_;
  ChecklistDocument document_;
  std::vector<std::vector<std::size_t>> checks_;
  std::vector<std::size_t> starts_;  // where each line begins in the source
  std::vector<std::string> lines_;
  std::vector<std::vector<std::string>> below_;  // for each line of the source, the lines below it
  std::vector<Edit> edits_;
  std::vector<bool> ticked_;          // by row
  std::vector<std::string> missing_;  // by row: the first row within it that is not ticked
};

constexpr const char* style = R"(
body{font:16px/1.5 system-ui,sans-serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h1,h2,h3,h4{line-height:1.25;break-after:avoid}h2{border-bottom:1px solid #bbb;margin-top:2em}
ul{padding-left:1.5em}li.task-list-item{list-style:none;margin-left:-1.3em;break-inside:avoid}
input{accent-color:#176b2c}li ul li:not(.task-list-item){list-style:none;font-size:.82em}
em{font-style:normal;color:#444;overflow-wrap:anywhere}code{background:#eee;padding:0 .2em}
pre{background:#eee;padding:.6em;overflow:auto}
@media print{body{font-size:10.5pt;max-width:none;margin:0}h2{break-before:auto}}
)";

}  // namespace

std::string checklist_report(const std::string& markdown, const Snapshot& snapshot) {
  return Report(markdown, snapshot).text();
}

std::string checklist_page(const std::string& markdown, const Snapshot& snapshot) {
  const std::string text = checklist_report(markdown, snapshot);
  std::string page =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
      std::string(snapshot.go ? "GO" : "NO-GO") + "</title><style>" + style +
      "</style></head><body>\n";
  const auto append = [](const MD_CHAR* part, MD_SIZE size, void* to) {
    static_cast<std::string*>(to)->append(part, size);
  };
  md_html(text.data(), static_cast<MD_SIZE>(text.size()), append, &page,
          MD_DIALECT_GITHUB | MD_FLAG_NOHTML, 0);
  return page + "</body></html>\n";
}

}  // namespace gonogo
