#include "exporters/snapshot_document.h"

#include <cmath>
#include <nlohmann/json.hpp>

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
  return entry;
}

ordered_json check_entry(const Snapshot& snapshot, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  const CheckRecord& record = snapshot.records[index];
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
  if (!check.runbook.empty()) entry["runbook"] = check.runbook;
  if (!check.owner.empty()) entry["owner"] = check.owner;
  if (!check.labels.empty()) entry["labels"] = check.labels;
  entry["last"] = record.last ? observation_entry(*record.last) : ordered_json(nullptr);
  return entry;
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot) {
  ordered_json document{{"verdict", snapshot.go ? "GO" : "NO-GO"},
                        {"since", to_rfc3339(snapshot.since)},
                        {"evaluated_at", to_rfc3339(snapshot.at.wall, true)},
                        {"gates", ordered_json::array()},
                        {"checks", ordered_json::array()}};
  if (snapshot.frozen)
    document["frozen"] = {{"until", to_rfc3339(snapshot.frozen->until)},
                          {"reason", snapshot.frozen->reason}};
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    document["gates"].push_back({{"id", snapshot.checklist->gates[i].id},
                                 {"title", snapshot.checklist->gates[i].title},
                                 {"status", snapshot.gates[i].go ? "go" : "no-go"},
                                 {"blocking", snapshot.gates[i].blocking}});
  }
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i)
    document["checks"].push_back(check_entry(snapshot, i));
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace gonogo
