#include "exporters/checklist_report.h"

#include <md4c-html.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "daemon/core/text.h"
#include "exporters/markup.h"

namespace gonogo {
namespace {

using Kind = ChecklistRow::Kind;

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

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class Report {
 public:
  Report(const std::string& markdown, const Snapshot& snapshot)
      : snapshot_(snapshot),
        document_(parse_checklist(markdown)),
        checks_(checks_of_rows(document_, *snapshot.checklist)),
        lines_(lines_of(markdown)),
        below_(lines_.size()) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      starts_.push_back(start);
      start += lines_[i].size() + 1;
      if (lines_[i].ends_with('\r')) lines_[i].pop_back();
    }
  }

  std::string text() {
    for (std::size_t i = 0; i < document_.rows.size(); ++i) fill(document_.rows[i], checks_[i]);
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

  void fill(const ChecklistRow& row, const std::vector<std::size_t>& checks) {
    const bool good = is_good(checks);
    std::string& line = lines_[row.line];
    switch (row.kind) {
      case Kind::box: {
        const std::size_t column = *row.mark - starts_[row.line];
        if (column < line.size()) line[column] = good ? 'x' : ' ';
        break;
      }
      case Kind::criterion: mark_criterion(line, good, checks.empty()); break;
      case Kind::signature: sign(line, checks); break;
      case Kind::step: break;
    }
    write_evidence(row, checks);
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
  void sign(std::string& line, const std::vector<std::size_t>& checks) const {
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
    fill_blank(line, names);
    if (last) fill_blank(line, to_rfc3339(*last));
  }

  static void fill_blank(std::string& line, const std::string& with) {
    const std::size_t from = line.find("___");
    if (from == std::string::npos) return;
    const std::size_t end = std::min(line.find_first_not_of('_', from), line.size());
    line.replace(from, end - from, with);
  }

  // Writes the evidence as list items of the row, so that both stay together when printed.
  void write_evidence(const ChecklistRow& row, const std::vector<std::size_t>& checks) {
    const bool is_line = row.kind == Kind::criterion || row.kind == Kind::signature;
    const std::string before = is_line ? "" : indentation_below(row);
    std::vector<std::string>& below = below_[row.last_line];
    for (const std::size_t index : checks) {
      // These lines already show what is good; only what is missing is added.
      if (row.kind == Kind::signature && snapshot_.checks[index].good) continue;
      if (row.kind == Kind::criterion && snapshot_.checks[index].good) continue;
      below.push_back(is_line ? "*" + evidence(index) + "*  "
                              : before + "*" + evidence(index) + "*");
    }
    if (checks.empty() && !is_line) below.push_back(before + "*this row has no check*");
  }

  // Returns the beginning of a list item that is nested in this row's item: its indentation, within
  // the same quotation.
  std::string indentation_below(const ChecklistRow& row) const {
    const std::string& line = lines_[row.line];
    // In "> 12. [ ] text" the number or bullet ends before the box, in "12. text" before the text.
    const std::size_t box = row.mark ? *row.mark - starts_[row.line] - 1 : std::string::npos;
    const std::size_t digits = std::min(line.find_first_of("0123456789"), line.size());
    const std::size_t from = row.mark ? box : std::min(line.find(' ', digits), line.size());
    const std::size_t last = from == 0 ? 0 : line.find_last_not_of(" \t", from - 1);
    std::size_t first = std::min(last, line.size());
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
    return out;
  }

  const Snapshot& snapshot_;
  ChecklistDocument document_;
  std::vector<std::vector<std::size_t>> checks_;
  std::vector<std::string> lines_;
  std::vector<std::vector<std::string>> below_;  // for each line of the source, the lines below it
  std::vector<std::size_t> starts_;              // where each line begins in the source
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

std::vector<std::vector<std::size_t>> checks_of_rows(const ChecklistDocument& document,
                                                     const Checklist& list) {
  std::multimap<std::string, std::size_t> by_item;
  std::multimap<std::string, std::size_t> by_text;
  for (std::size_t i = 0; i < list.checks.size(); ++i) {
    const Check& check = list.checks[i];
    if (check.is_builtin) continue;
    by_item.emplace(check.item, i);
    by_text.emplace(comparable(check.item), i);
    if (comparable(check.title) != comparable(check.item))
      by_text.emplace(comparable(check.title), i);
  }
  std::vector<std::vector<std::size_t>> checks;
  for (const ChecklistRow& row : document.rows) {
    std::vector<std::size_t>& of_row = checks.emplace_back();
    auto [from, to] = by_item.equal_range(row.id);
    const std::string text = comparable(row.text);
    if (from == to && !text.empty()) std::tie(from, to) = by_text.equal_range(text);
    for (; from != to; ++from) of_row.push_back(from->second);
  }
  return checks;
}

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
