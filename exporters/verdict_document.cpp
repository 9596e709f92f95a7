#include "exporters/verdict_document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::ordered_json;

// Replaces text that a keyword monitor could mistake for the positive answer.
std::string harmless(std::string text) {
  for (std::size_t at = text.find("verdict"); at != std::string::npos;
       at = text.find("verdict", at + 1)) {
    text.replace(at, 7, "outcome");
  }
  return text;
}

ordered_json time_or_null(const std::optional<WallTime>& time) {
  return time ? ordered_json(to_rfc3339(*time)) : ordered_json(nullptr);
}

// Until when, and why, the calendar allows no deploy.
std::string frozen_in_words(const Closure& closure) {
  const std::string until = closure.until ? "until " + to_rfc3339(*closure.until) : "for good";
  return "frozen " + until + " (" + closure.reason + ")";
}

struct Selection {
  std::vector<std::size_t> blockers;
  std::vector<std::size_t> advisories;
  std::vector<std::size_t> waived;
};

Selection select(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  Selection selection;
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    const CheckStatus& status = snapshot.checks[i];
    if (gate && check.gate != *gate) continue;
    const bool is_sound = status.state == CheckState::pass || status.state == CheckState::disabled;
    if (status.waiver) selection.waived.push_back(i);
    if (check.severity == Severity::blocker && !status.good) selection.blockers.push_back(i);
    // A check that warns gets a line although it blocks nothing.
    if (!is_sound && !status.waiver &&
        (check.severity == Severity::advisory || status.state == CheckState::warn)) {
      selection.advisories.push_back(i);
    }
  }
  return selection;
}

std::string summary_of(const Snapshot& snapshot, const Selection& selection,
                       std::optional<std::size_t> gate) {
  std::string text;
  if (snapshot.frozen) text = frozen_in_words(*snapshot.frozen);
  if (!selection.blockers.empty()) {
    text += (text.empty() ? "" : "; ") + counted(selection.blockers.size(), "blocker");
    const std::size_t first = selection.blockers.front();
    text += ": " + snapshot.checklist->checks[first].id;
    if (selection.blockers.size() > 1)
      text += " and " + std::to_string(selection.blockers.size() - 1) + " more";
  }
  if (text.empty()) {
    const std::size_t checks =
        gate ? snapshot.checklist->gates[*gate].checks.size() : snapshot.checks.size();
    text = "all " + counted(checks, "check") + " good";
    if (!selection.advisories.empty())
      text = counted(checks, "check") + ", none blocks, " +
             counted(selection.advisories.size(), "advisory", "advisories");
  }
  if (!selection.waived.empty()) text += " with " + counted(selection.waived.size(), "waiver");
  return text;
}

ordered_json check_entry(const Snapshot& snapshot, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  ordered_json entry{{"check", check.id},
                     {"title", harmless(check.title)},
                     {"gate", snapshot.checklist->gates[check.gate].id},
                     {"item", harmless(check.item)},
                     {"state", name_of(status.state)},
                     {"reason", name_of(status.reason)},
                     {"summary", harmless(status.summary)},
                     {"since", to_rfc3339(status.since)},
                     {"clears_when", status.clears_when},
                     {"earliest", time_or_null(status.earliest)}};
  if (!check.runbook.empty()) entry["runbook"] = harmless(check.runbook);
  if (!check.owner.empty()) entry["owner"] = harmless(check.owner);
  return entry;
}

// The calendar blocks every gate, as a check of the daemon's own would.
constexpr const char* calendar_check = "calendar";
constexpr const char* own_gate = "gonogo";

std::string clearing_in_words(const Closure& closure) {
  return closure.until ? "the calendar opens" : "the calendar is changed: it names no opening";
}

ordered_json calendar_entry(const Closure& closure) {
  return {{"check", calendar_check},
          {"title", "The calendar allows a deploy"},
          {"gate", own_gate},
          {"item", ""},
          {"state", name_of(CheckState::fail)},
          {"reason", name_of(Reason::frozen)},
          {"summary", harmless(frozen_in_words(closure))},
          {"since", to_rfc3339(closure.since)},
          {"clears_when", clearing_in_words(closure)},
          {"earliest", time_or_null(closure.until)}};
}

ordered_json gate_entry(const Snapshot& snapshot, std::size_t index) {
  const Gate& gate = snapshot.checklist->gates[index];
  const GateStatus& status = snapshot.gates[index];
  ordered_json counts = ordered_json::object();
  for (std::size_t state = 0; state < state_names.size(); ++state)
    counts[std::string(state_names.at(state))] = status.counts.at(state);
  return {{"id", gate.id},
          {"title", harmless(gate.title)},
          {"status", status.go ? "go" : "no-go"},
          {"since", to_rfc3339(status.since)},
          {"counts", std::move(counts)}};
}

ordered_json waiver_entry(const Waiver& waiver) {
  ordered_json entry{{"check", waiver.check},
                     {"by", harmless(waiver.who)},
                     {"why", harmless(waiver.why)},
                     {"until", to_rfc3339(waiver.until)}};
  if (waiver.release) entry["release"] = harmless(*waiver.release);
  return entry;
}

ordered_json deployment_entry(const Deployment& deployment) {
  ordered_json entry{{"id", deployment.id},
                     {"version", harmless(deployment.version)},
                     {"by", harmless(deployment.who)},
                     {"status", name_of(deployment.status)},
                     {"started", to_rfc3339(deployment.started)},
                     {"watched_until", to_rfc3339(end_of_watch(deployment))},
                     {"ended", time_or_null(deployment.ended)},
                     {"findings", ordered_json::array()}};
  if (deployment.forced) entry["forced"] = harmless(deployment.reason);
  for (const std::string& finding : deployment.findings)
    entry["findings"].push_back(harmless(finding));
  return entry;
}

std::string deployment_in_words(const Deployment& deployment) {
  std::string text = "deployment: " + harmless(on_one_line(deployment.version, 80)) + " " +
                     std::string(name_of(deployment.status));
  if (deployment.status == DeploymentStatus::watching)
    text += ", watched until " + to_rfc3339(end_of_watch(deployment));
  for (const std::string& finding : deployment.findings)
    text += "; " + harmless(on_one_line(finding, 200));
  return text + "\n";
}

WallTime since_of(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  return gate ? snapshot.gates[*gate].since : snapshot.since;
}

std::string dumped(const ordered_json& document) { return to_json_text(document) + "\n"; }

}  // namespace

bool is_go(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  return gate ? is_go(snapshot, *gate) : snapshot.go;
}

std::string verdict_json(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  const Selection selection = select(snapshot, gate);
  ordered_json document{{"verdict", is_go(snapshot, gate) ? "GO" : "NO-GO"},
                        {"since", to_rfc3339(since_of(snapshot, gate))},
                        {"evaluated_at", to_rfc3339(snapshot.at.wall, true)},
                        {"summary", harmless(summary_of(snapshot, selection, gate))}};
  if (snapshot.frozen) {
    document["frozen"] = {{"since", to_rfc3339(snapshot.frozen->since)},
                          {"until", time_or_null(snapshot.frozen->until)},
                          {"reason", harmless(snapshot.frozen->reason)}};
  }
  for (const char* list : {"gates", "blockers", "advisories", "waivers"})
    document[list] = ordered_json::array();
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    if (!gate || *gate == i) document["gates"].push_back(gate_entry(snapshot, i));
  }
  if (snapshot.frozen) document["blockers"].push_back(calendar_entry(*snapshot.frozen));
  for (const std::size_t i : selection.blockers)
    document["blockers"].push_back(check_entry(snapshot, i));
  for (const std::size_t i : selection.advisories)
    document["advisories"].push_back(check_entry(snapshot, i));
  for (const std::size_t i : selection.waived)
    document["waivers"].push_back(waiver_entry(snapshot.waivers[*snapshot.checks[i].waiver]));
  document["release"] = harmless(snapshot.release);
  document["deployment"] =
      snapshot.deployment ? deployment_entry(*snapshot.deployment) : ordered_json(nullptr);
  return dumped(document);
}

std::string verdict_text(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  const Selection selection = select(snapshot, gate);
  std::string text = std::string("verdict: ") + (is_go(snapshot, gate) ? "GO" : "NO-GO") + "\n";
  text += harmless(summary_of(snapshot, selection, gate)) + "\n";
  if (snapshot.frozen) {
    text += std::string("blocker: ") + own_gate + "/" + calendar_check +
            " fail (frozen): " + harmless(on_one_line(frozen_in_words(*snapshot.frozen))) + "\n";
  }
  const auto line = [&](const char* word, std::size_t i) {
    const Check& check = snapshot.checklist->checks[i];
    const CheckStatus& status = snapshot.checks[i];
    text += std::string(word) + ": " + snapshot.checklist->gates[check.gate].id + "/" + check.id;
    if (!check.item.empty()) text += " [" + harmless(on_one_line(check.item, 40)) + "]";
    text += " " + std::string(name_of(status.state));
    if (status.reason != Reason::none) text += " (" + std::string(name_of(status.reason)) + ")";
    if (!status.summary.empty()) text += ": " + harmless(on_one_line(status.summary, 400));
    text += "\n";
  };
  for (const std::size_t i : selection.blockers) line("blocker", i);
  for (const std::size_t i : selection.advisories) line("advisory", i);
  for (const std::size_t i : selection.waived) {
    const Waiver& waiver = snapshot.waivers[*snapshot.checks[i].waiver];
    text += "waiver: " + waiver.check + " by " + harmless(on_one_line(waiver.who, 80)) + " until " +
            to_rfc3339(waiver.until) + ": " + harmless(on_one_line(waiver.why)) + "\n";
  }
  if (snapshot.deployment && !gate) text += deployment_in_words(*snapshot.deployment);
  return text;
}

std::string verdict_explained(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  const Selection selection = select(snapshot, gate);
  std::string text = std::string("verdict: ") + (is_go(snapshot, gate) ? "GO" : "NO-GO") +
                     " since " + to_rfc3339(since_of(snapshot, gate)) + "\n" +
                     harmless(summary_of(snapshot, selection, gate)) + "\n";
  const auto line = [&text](const char* word, const std::string& words) {
    if (!words.empty())
      text += std::string("    ") + word + ": " + harmless(on_one_line(words, 400)) + "\n";
  };
  if (const auto& frozen = snapshot.frozen) {
    text += std::string("\n") + own_gate + "/" + calendar_check + "\n";
    line("is", "fail (frozen) since " + to_rfc3339(frozen->since));
    line("because", frozen_in_words(*frozen));
    line("clears when", clearing_in_words(*frozen));
    line("at the earliest", frozen->until ? to_rfc3339(*frozen->until) : "not known");
  }
  for (const std::size_t i : selection.blockers) {
    const Check& check = snapshot.checklist->checks[i];
    const CheckStatus& status = snapshot.checks[i];
    text += "\n" + snapshot.checklist->gates[check.gate].id + "/" + check.id;
    if (!check.item.empty()) text += " [" + harmless(on_one_line(check.item, 40)) + "]";
    text += " " + harmless(on_one_line(check.title, 120)) + "\n";
    line("is", std::string(name_of(status.state)) + " (" + std::string(name_of(status.reason)) +
                   ") since " + to_rfc3339(status.since));
    line("because", status.summary);
    line("clears when", status.clears_when);
    line("at the earliest", status.earliest ? to_rfc3339(*status.earliest) : "not known");
    line("owner", check.owner);
    line("runbook", check.runbook);
  }
  return text;
}

std::string verdict_health_json(const Snapshot& snapshot, std::optional<std::size_t> gate) {
  const Selection selection = select(snapshot, gate);
  const char* status = !is_go(snapshot, gate)         ? "fail"
                       : selection.advisories.empty() ? "pass"
                                                      : "warn";
  ordered_json document{{"status", status},
                        {"output", harmless(summary_of(snapshot, selection, gate))}};
  ordered_json checks = ordered_json::object();
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    if (gate && check.gate != *gate) continue;
    const CheckStatus& seen = snapshot.checks[i];
    const char* word = seen.state == CheckState::warn         ? "warn"
                       : seen.good                            ? "pass"
                       : check.severity == Severity::advisory ? "warn"
                                                              : "fail";
    ordered_json entry{{"status", word}, {"componentType", check.kind}};
    if (snapshot.checks[i].record.last)
      entry["time"] = to_rfc3339(snapshot.checks[i].record.last->at.wall);
    if (!seen.good && !seen.summary.empty()) entry["output"] = harmless(seen.summary);
    checks[check.id] = ordered_json::array({std::move(entry)});
  }
  document["checks"] = std::move(checks);
  return dumped(document);
}

}  // namespace gonogo
