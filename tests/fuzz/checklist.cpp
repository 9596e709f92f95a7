// A checklist that people wrote, and the report that is written into it.
#include "daemon/formats/checklist.h"

#include <algorithm>
#include <set>

#include "daemon/core/judge.h"
#include "exporters/checklist_report.h"
#include "exporters/checklist_rows.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

void inspect(const std::string& markdown, const ChecklistDocument& document) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < document.rows.size(); ++i) {
    const ChecklistRow& row = document.rows[i];
    hold(!row.id.empty() && ids.insert(row.id).second, "each row has an id of its own: " + row.id);
    hold(row.section < document.sections.size(), "a row has its section");
    hold(row.line <= row.last_line, "a row ends where it begins, or later");
    hold(!row.parent || *row.parent < i, "a row comes behind the row that it is in");
    for (const auto& mark : {row.mark, row.names, row.date})
      hold(!mark || mark->offset + mark->size <= markdown.size(), "a mark is in the text");
    hold(row.end_of_text <= markdown.size(), "the end of a row is in the text");
  }
  for (const ChecklistField& field : document.fields)
    hold(!field.mark || field.mark->offset + field.mark->size <= markdown.size(),
         "the mark of a field is in the text");
}

// A verdict on checks for the first rows: all of them are good, or none of them.
Snapshot verdict_on(const ChecklistDocument& document, bool is_good) {
  const Now now{SteadyTime{1000h},
                WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  std::vector<Check> checks;
  for (const ChecklistRow& row : document.rows) {
    if (checks.size() == 8) break;
    Check check = probed_check("check-" + std::to_string(checks.size()));
    check.item = row.id;
    checks.push_back(std::move(check));
  }
  if (checks.empty()) checks.push_back(probed_check("check-0"));
  const auto list = checklist_of(std::move(checks));
  auto records = empty_records(*list, now);
  const Outcome outcome = is_good ? Outcome::pass : Outcome::fail;
  for (std::size_t i = 0; i < records.size(); ++i)
    take(records[i], list->checks[i], seen(outcome, now));
  return judge(list, records, {}, now);
}

bool is_ticked(const std::string& markdown, const ChecklistRow& row) {
  if (row.kind != ChecklistRow::Kind::box || !row.mark) return false;
  if (row.mark->style != ChecklistMark::Style::square) return false;
  return markdown.substr(row.mark->offset, row.mark->size).find_first_of("xX") != std::string::npos;
}

void inspect_report(const std::string& markdown, const ChecklistDocument& document) {
  for (const bool is_good : {false, true}) {
    const Snapshot snapshot = verdict_on(document, is_good);
    const std::string report = checklist_report(markdown, snapshot);
    const ChecklistDocument filled = parse_checklist(report);
    const auto expected = checks_of_rows(document, *snapshot.checklist);
    for (const ChecklistRow& row : filled.rows) {
      if (!is_ticked(report, row)) continue;
      const auto same = std::find_if(document.rows.begin(), document.rows.end(),
                                     [&](const ChecklistRow& old) { return old.id == row.id; });
      if (same == document.rows.end()) continue;
      const auto index = static_cast<std::size_t>(same - document.rows.begin());
      hold(is_good && !expected[index].empty(), "a row is ticked only by its checks: " + row.id);
    }
    static_cast<void>(checklist_page(markdown, snapshot));
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string markdown(input);
  const ChecklistDocument document = parse_checklist(markdown);
  inspect(markdown, document);
  inspect_report(markdown, document);
}

}  // namespace gonogo
