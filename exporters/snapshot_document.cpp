#include "exporters/snapshot_document.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::ordered_json;

ordered_json observation_entry(const Observation& seen) {
  ordered_json entry{{"outcome", name_of(seen.outcome)},
                     {"reason", name_of(seen.reason)},
                     {"summary", seen.summary},
                     {"at", to_rfc3339(seen.at.wall, true)},
                     {"duration_seconds", in_seconds(seen.took)}};
  for (const char* map : {"phases", "values", "evidence"}) entry[map] = ordered_json::object();
  for (const Phase& phase : seen.phases)
    entry["phases"][std::string(name_of(phase.stage))] = in_seconds(phase.took);
  for (const Value& value : seen.values) {
    entry["values"][value.name] = {
        {"value", std::isfinite(value.number) ? ordered_json(value.number) : ordered_json(nullptr)},
        {"unit", value.unit}};
  }
  for (const auto& [name, text] : seen.evidence) entry["evidence"][name] = text;
  if (seen.release) entry["evidence"]["release"] = *seen.release;
  return entry;
}

ordered_json waiver_entry(const Waiver& waiver) {
  return {{"check", waiver.check},
          {"by", waiver.who},
          {"why", waiver.why},
          {"from", to_rfc3339(waiver.from)},
          {"until", to_rfc3339(waiver.until)},
          {"release", waiver.release ? ordered_json(*waiver.release) : ordered_json(nullptr)}};
}

ordered_json given_entry(const Signoff& signoff) {
  return {{"by", signoff.who},
          {"role", signoff.role},
          {"note", signoff.note},
          {"release", signoff.release},
          {"at", to_rfc3339(signoff.at)}};
}

// The sign-off that a check needs, and who gave it.
ordered_json signoff_entry(const Snapshot& snapshot, std::size_t index) {
  const SignoffRule& rule = *snapshot.checklist->checks[index].signoff;
  const CheckStatus& status = snapshot.checks[index];
  ordered_json entry{{"role", rule.role},
                     {"people", rule.people},
                     {"per_release", rule.per_release},
                     {"given", ordered_json::array()}};
  if (rule.valid_for) entry["valid_for_seconds"] = in_seconds(*rule.valid_for);
  if (status.signed_until) entry["until"] = to_rfc3339(*status.signed_until);
  for (const std::size_t given : status.signoffs)
    entry["given"].push_back(given_entry(snapshot.signoffs[given]));
  return entry;
}

ordered_json gate_entry(const Snapshot& snapshot, std::size_t gate, bool go, std::size_t blocking) {
  return {{"id", snapshot.checklist->gates[gate].id},
          {"title", snapshot.checklist->gates[gate].title},
          {"status", go ? "go" : "no-go"},
          {"since", to_rfc3339(snapshot.gates[gate].since)},
          {"blocking", blocking}};
}

ordered_json gate_entries(const Snapshot& snapshot) {
  ordered_json gates = ordered_json::array();
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i)
    gates.push_back(gate_entry(snapshot, i, snapshot.gates[i].go, snapshot.gates[i].blocking));
  return gates;
}

ordered_json gate_entries(const Snapshot& snapshot, const PolledChecks& polled) {
  ordered_json gates = ordered_json::array();
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    const std::vector<std::size_t>& checks = snapshot.checklist->gates[i].checks;
    const bool is_part = std::any_of(checks.begin(), checks.end(),
                                     [&](std::size_t index) { return polled.is_asked(index); });
    if (!is_part) continue;
    const std::size_t blocking = count_blocking(snapshot, polled, checks);
    gates.push_back(gate_entry(snapshot, i, blocking == 0, blocking));
  }
  return gates;
}

std::string dumped(const ordered_json& document) { return to_json_text(document) + "\n"; }

ordered_json check_entry(const Snapshot& snapshot, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  const CheckRecord& record = snapshot.checks[index].record;
  ordered_json entry{
      {"id", check.id},
      {"title", check.title},
      {"item", check.item},
      {"kind", check.kind},
      {"gate", snapshot.checklist->gates[check.gate].id},
      {"severity", name_of(check.severity)},
      {"state", name_of(status.state)},
      {"reason", name_of(status.reason)},
      {"good", status.good},
      {"summary", words_for(snapshot, index)},
      {"since", to_rfc3339(status.since)},
      {"interval_seconds",
       check.on_demand ? ordered_json(nullptr) : ordered_json(in_seconds(check.interval))},
      {"stale_after_seconds", in_seconds(check.stale_after)}};
  if (!status.clears_when.empty()) entry["clears_when"] = status.clears_when;
  if (status.earliest) entry["earliest"] = to_rfc3339(*status.earliest);
  if (status.cause) entry["blocked_by"] = snapshot.checklist->checks[*status.cause].id;
  if (status.held_for) entry["held_for"] = snapshot.checklist->checks[*status.held_for].id;
  if (!check.runbook.empty()) entry["runbook"] = check.runbook;
  if (!check.owner.empty()) entry["owner"] = check.owner;
  if (!check.labels.empty()) entry["labels"] = check.labels;
  if (check.signoff) entry["signoff"] = signoff_entry(snapshot, index);
  if (status.waiver) entry["waiver"] = waiver_entry(snapshot.waivers[*status.waiver]);
  entry["last"] = record.last ? observation_entry(*record.last) : ordered_json(nullptr);
  entry["restored"] = record.is_restored;
  return entry;
}

ordered_json head_of(const Snapshot& snapshot, bool go, ordered_json gates) {
  ordered_json document{{"verdict", go ? "GO" : "NO-GO"},
                        {"since", to_rfc3339(snapshot.since)},
                        {"evaluated_at", to_rfc3339(snapshot.at.wall, true)},
                        {"release", snapshot.release},
                        {"gates", std::move(gates)},
                        {"checks", ordered_json::array()}};
  if (snapshot.frozen) {
    const auto& until = snapshot.frozen->until;
    document["frozen"] = {
        {"since", to_rfc3339(snapshot.frozen->since)},
        {"until", until ? ordered_json(to_rfc3339(*until)) : ordered_json(nullptr)},
        {"reason", snapshot.frozen->reason}};
  }
  return document;
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot) {
  ordered_json document = head_of(snapshot, snapshot.go, gate_entries(snapshot));
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i)
    document["checks"].push_back(check_entry(snapshot, i));
  return dumped(document);
}

std::string poll_json(const Snapshot& snapshot, const PolledChecks& polled) {
  ordered_json document =
      head_of(snapshot, is_go(snapshot, polled), gate_entries(snapshot, polled));
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    if (!polled.is_shown(i)) continue;
    ordered_json entry = check_entry(snapshot, i);
    entry["asked"] = polled.is_asked(i);
    document["checks"].push_back(std::move(entry));
  }
  return dumped(document);
}

std::string checks_json(const Snapshot& snapshot) {
  ordered_json document{{"checks", ordered_json::array()}};
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i)
    document["checks"].push_back(check_entry(snapshot, i));
  return dumped(document);
}

std::string check_json(const Snapshot& snapshot, std::size_t index) {
  return dumped(check_entry(snapshot, index));
}

std::string gates_json(const Snapshot& snapshot) {
  return dumped({{"gates", gate_entries(snapshot)}});
}

std::string signoffs_json(const Snapshot& snapshot) {
  ordered_json document{{"release", snapshot.release}, {"signoffs", ordered_json::array()}};
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    if (!check.signoff) continue;
    ordered_json entry = signoff_entry(snapshot, i);
    entry["check"] = check.id;
    entry["item"] = check.item;
    entry["title"] = check.title;
    document["signoffs"].push_back(std::move(entry));
  }
  return dumped(document);
}

std::string waivers_json(const Snapshot& snapshot) {
  ordered_json document{{"waivers", ordered_json::array()}};
  for (const Waiver& waiver : snapshot.waivers) document["waivers"].push_back(waiver_entry(waiver));
  return dumped(document);
}

}  // namespace gonogo
