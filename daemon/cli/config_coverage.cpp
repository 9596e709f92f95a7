#include <iostream>

#include "daemon/cli/lists.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/text.h"
#include "exporters/checklist_rows.h"

namespace gonogo {

int config_coverage(const CommonOptions& common, const ListOptions& options) {
  const auto list = read_list(options.list);
  if (!list) return exit_usage;
  Workbench bench;
  Overrides overrides = common.overrides;
  overrides.serves = false;
  // Which rows have a check is written in the two files, whatever this host has of the rest.
  overrides.is_static = true;
  const auto config = load_config(common.config, overrides, bench.resources);
  if (!config) {
    for (const Problem& problem : config.error()) std::cerr << to_text(problem) << "\n";
    return exit_bad_config;
  }
  const ChecklistDocument document = parse_checklist(*list);
  const auto checks = checks_of_rows(document, *config->checklist);
  const auto others = checks_about_others(document, *config->checklist);
  std::size_t covered = 0;
  std::size_t probed = 0;
  std::string text;
  for (std::size_t i = 0; i < document.rows.size(); ++i) {
    const ChecklistRow& row = document.rows[i];
    covered += checks[i].empty() ? 0 : 1;
    std::string by;
    bool is_probed = false;
    for (const std::size_t index : checks[i]) {
      const Check& check = config->checklist->checks[index];
      is_probed = is_probed || check.has_probe() || check.composite;
      by += (by.empty() ? "" : ", ") + check.id + " (" + check.kind;
      if (check.signoff && check.kind != "signoff") by += ", signoff";
      by += check.severity == Severity::advisory ? ", advisory)" : ")";
    }
    probed += is_probed ? 1 : 0;
    if (by.empty() && row.repeats_number) by = "NO CHECK: another row has the number " + row.number;
    if (by.empty() && !others[i].empty())
      by = "NO CHECK: the title of " + config->checklist->checks[others[i].front()].id +
           " is about something else";
    text +=
        row.id + "\t" + on_one_line(row.text, 80) + "\t" + (by.empty() ? "NO CHECK" : by) + "\n";
  }
  for (const std::string& line : unread_in_words(document, options.list))
    text += "-\t" + line + "\tNOT READ\n";
  text += std::to_string(covered) + " of " + counted(document.rows.size(), "row") +
          (covered == 1 ? " has" : " have") + " a check, " + std::to_string(probed) +
          " of them by a probe";
  const std::size_t unread = document.unread.size();
  if (unread > 0)
    text += "; " + counted(unread, "line") + (unread == 1 ? " was" : " were") + " not read";
  text += "\n";
  const int written = write_output(options.output, text);
  if (written != exit_go) return written;
  if (document.rows.empty() && unread == 0) {
    std::cerr << options.list << " holds no checklist (such as \"- [ ] the API answers\")\n";
    return exit_usage;
  }
  return covered == document.rows.size() && unread == 0 ? exit_go : exit_no_go;
}

}  // namespace gonogo
