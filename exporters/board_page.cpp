#include "exporters/board_page.h"

#include "daemon/core/text.h"
#include "exporters/markup.h"

namespace gonogo {
namespace {

constexpr const char* head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>gonogo</title><style>
body{font:16px/1.4 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;color:#1b1f24;background:#fff}
h1{font-size:3rem;margin:.2em 0;padding:.2em .5em;border-radius:.2em;color:#fff}
.go{background:#1a6b34}.nogo{background:#a31621}
h2{font-size:1.15rem;margin:1.5em 0 .3em}table{border-collapse:collapse;width:100%}
td{padding:.3em .6em;border-top:1px solid #d5d9de;vertical-align:top}td:first-child{white-space:nowrap;width:6.5em}
b{padding:.05em .5em;border-radius:.2em;color:#fff;background:#5b6470;font-weight:600}
b.pass{background:#1a6b34}b.warn{background:#8a5a00}b.fail,b.stale,b.blocked{background:#a31621}
small{color:#5b6470}
@media(prefers-color-scheme:dark){body{color:#e6e8ea;background:#15181c}td{border-color:#343a42}small{color:#a3abb5}}
</style></head><body>
)";

std::string check_row(const Snapshot& snapshot, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  const std::string state(name_of(status.state));
  std::string row = "<tr><td><b class=\"" + state + "\">" + state + "</b></td><td>";
  if (!check.item.empty()) row += "<small>" + markup_escaped(check.item) + "</small> ";
  row += markup_escaped(check.title);
  if (check.severity == Severity::advisory) row += " <small>(advisory)</small>";
  for (const std::size_t given : status.signoffs) {
    const Signoff& signoff = snapshot.signoffs[given];
    row += " <small>(signed by " + markup_escaped(signoff.who) + ", " +
           markup_escaped(signoff.role) + ", " + to_rfc3339(signoff.at) + ")</small>";
  }
  if (status.waiver)
    row +=
        " <small>(waived by " + markup_escaped(snapshot.waivers[*status.waiver].who) + ")</small>";
  if (const std::string& words = words_for(snapshot, index); !words.empty()) {
    row += "<br><small>" + markup_escaped(on_one_line(words, 400)) + "</small>";
  }
  if (!status.good && !status.clears_when.empty()) {
    row += "<br><small>clears when " + markup_escaped(status.clears_when);
    if (status.earliest) row += ", " + to_rfc3339(*status.earliest) + " at the earliest";
    row += "</small>";
  }
  return row + "</td></tr>\n";
}

std::string deployment_line(const Deployment& deployment) {
  std::string line = "<p>deploy of " + markup_escaped(on_one_line(deployment.version, 200)) +
                     " by " + markup_escaped(deployment.who) + ": <b>" +
                     std::string(name_of(deployment.status)) + "</b>";
  if (deployment.status == DeploymentStatus::watching)
    line += " until " + to_rfc3339(end_of_watch(deployment));
  for (const std::string& finding : deployment.findings)
    line += "<br><small>" + markup_escaped(on_one_line(finding, 400)) + "</small>";
  return line + "</p>\n";
}

}  // namespace

std::string board_page(const Snapshot& snapshot) {
  std::string page = head;
  page += std::string("<h1 class=\"") + (snapshot.go ? "go\">GO" : "nogo\">NO-GO") + "</h1>\n";
  page += "<p>since " + to_rfc3339(snapshot.since) + ", seen " + to_rfc3339(snapshot.at.wall) +
          "</p>\n";
  if (snapshot.frozen) {
    page += "<p><b class=\"fail\">frozen</b> ";
    if (snapshot.frozen->until) page += "until " + to_rfc3339(*snapshot.frozen->until);
    page += ": " + markup_escaped(snapshot.frozen->reason) + "</p>\n";
  }
  if (!snapshot.release.empty())
    page += "<p>release " + markup_escaped(on_one_line(snapshot.release, 200)) + "</p>\n";
  if (snapshot.deployment) page += deployment_line(*snapshot.deployment);
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    const Gate& gate = snapshot.checklist->gates[i];
    page += "<h2>" + markup_escaped(gate.title) + ": " + (snapshot.gates[i].go ? "GO" : "NO-GO") +
            "</h2>\n<table>\n";
    for (const std::size_t check : gate.checks) page += check_row(snapshot, check);
    page += "</table>\n";
  }
  return page + "</body></html>\n";
}

}  // namespace gonogo
