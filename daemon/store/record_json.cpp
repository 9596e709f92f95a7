#include "daemon/store/record_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/formats/json_text.h"
#include "daemon/formats/kept_time.h"

namespace gonogo {
namespace {

using nlohmann::json;

// The newest changes are enough to show whether a check flaps.
constexpr std::size_t most_changes = 256;

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

json to_object(const Observation& seen) {
  json values = json::array();
  for (const Value& value : seen.values) values.push_back({value.name, value.number, value.unit});
  return {{"outcome", name_of(seen.outcome)}, {"reason", name_of(seen.reason)},
          {"summary", seen.summary},          {"values", std::move(values)},
          {"wall", micros(seen.at.wall)},     {"boot", seen.at.steady.time_since_epoch().count()},
          {"took", seen.took.count()},        {"seen_once", seen.is_seen_once}};
}

std::shared_ptr<const Observation> from_object(const json& object, bool same_boot, Now now) {
  auto seen = std::make_shared<Observation>();
  const auto outcome = std::find(outcome_names.begin(), outcome_names.end(),
                                 object.at("outcome").get<std::string>());
  const auto reason = reason_named(object.at("reason").get<std::string>());
  if (outcome == outcome_names.end() || !reason) return nullptr;
  seen->outcome = static_cast<Outcome>(outcome - outcome_names.begin());
  seen->reason = *reason;
  seen->summary = object.at("summary").get<std::string>();
  for (const json& value : object.at("values")) {
    // A number that JSON cannot express (NaN) was written as null.
    if (value.at(1).is_number())
      seen->measure(value.at(0).get<std::string>(), value.at(1).get<double>(),
                    value.at(2).get<std::string>());
  }
  seen->at.wall = kept_wall_time(object.at("wall"));
  seen->took = kept_span(object.at("took"));
  seen->is_seen_once = object.value("seen_once", false);
  Duration age = now.wall - seen->at.wall;
  if (age < Duration::zero()) return nullptr;  // dated in the future, so not trusted
  if (same_boot) {
    const Duration by_boot = now.steady - kept_boot_time(object.at("boot"));
    if (by_boot < Duration::zero()) return nullptr;
    age = std::max(age, by_boot);
  }
  seen->at.steady = now.steady - age;
  return seen;
}

// A moment by the boot clock. Within one boot it comes back as it was.
json moment(SteadyTime time, Now now) {
  return {{"boot", time.time_since_epoch().count()},
          {"wall",
           micros(now.wall + std::chrono::floor<std::chrono::microseconds>(time - now.steady))}};
}

// Nothing for one in the future, or too long ago to mean anything.
std::optional<SteadyTime> to_moment(const json& object, bool same_boot, Now now) {
  constexpr Duration longest = std::chrono::hours{24 * 366 * 10};
  if (same_boot) {
    // Before this boot it is less than zero.
    const SteadyTime time = kept_boot_time(object.at("boot"));
    const bool is_past = time <= now.steady && time.time_since_epoch() >= -longest;
    return is_past ? std::optional(time) : std::nullopt;
  }
  const auto age = now.wall - kept_wall_time(object.at("wall"));
  if (age < age.zero() || age > longest) return std::nullopt;
  return now.steady - age;
}

json to_object(const Debounce::State& state) {
  return {{"readiness", static_cast<int>(state.readiness)},
          {"passes", state.passes_in_a_row},
          {"failures", state.failures_in_a_row},
          {"recent", state.recent},
          {"by_window", state.by_window}};
}

std::optional<Debounce> debounce_from(const json& object) {
  // Whatever it was counted for: the check's own rule decides what of it still counts.
  constexpr DebounceRule any{.rise = 1, .fall = 1, .of = Debounce::most_runs};
  Debounce::State state;
  const int readiness = kept_count(object.at("readiness"));
  if (readiness < 0 || readiness > 2) return std::nullopt;
  state.readiness = static_cast<Readiness>(readiness);
  state.passes_in_a_row = kept_count(object.at("passes"));
  state.failures_in_a_row = kept_count(object.at("failures"));
  if (state.passes_in_a_row < 0 || state.failures_in_a_row < 0) return std::nullopt;
  // Former versions counted only what was in a row.
  const auto row = static_cast<std::size_t>(std::min(state.failures_in_a_row, Debounce::most_runs));
  state.recent = object.value("recent", std::string(row, 'f'));
  if (state.recent.find_first_not_of("fp") != std::string::npos) return std::nullopt;
  state.by_window = object.value("by_window", false);
  return Debounce(any, std::move(state));
}

// What those that depend on the check have to know.
void add_changes(const CheckRecord& record, Now now, json& object) {
  object["was_sound"] = record.was_sound;
  if (record.failing_since) object["failing_since"] = moment(*record.failing_since, now);
  if (record.is_over) object["is_over"] = true;
  if (record.recovered) object["recovered"] = moment(*record.recovered, now);
  if (!record.former) return;
  object["former"] = {{"seen", to_object(*record.former->seen)},
                      {"since", micros(record.former->since)},
                      {"until", moment(record.former->until, now)}};
}

void read_changes(const json& object, bool same_boot, Now now, CheckRecord& record) {
  if (object.contains("failing_since"))
    record.failing_since = to_moment(object.at("failing_since"), same_boot, now);
  record.is_over = object.value("is_over", false);
  // Former versions did not say.
  record.was_sound = object.value("was_sound", false);
  // One dated in the future still means that no older result says anything.
  if (object.contains("recovered"))
    record.recovered = to_moment(object.at("recovered"), same_boot, now).value_or(now.steady);
  if (!object.contains("former")) return;
  const json& former = object.at("former");
  auto seen = from_object(former.at("seen"), same_boot, now);
  const auto until = to_moment(former.at("until"), same_boot, now);
  if (seen && until)
    record.former = FormerGood{std::move(seen), kept_wall_time(former.at("since")), *until};
}

json optional_time(const std::optional<WallTime>& time) {
  return time ? json(micros(*time)) : json(nullptr);
}

}  // namespace

std::string to_json(const CheckRecord& record, Now now) {
  json object = to_object(record.debounce.state());
  object["since"] = micros(record.since);
  add_changes(record, now, object);
  if (record.decisive) object["decisive"] = to_object(*record.decisive);
  // Usually both are the same observation, which is then written once.
  if (record.explains && record.explains != record.decisive)
    object["explains"] = to_object(*record.explains);
  if (!record.changes.empty()) {
    json changes = json::array();
    const auto most =
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(record.changes.size(), most_changes));
    for (auto change = record.changes.end() - most; change != record.changes.end(); ++change)
      changes.push_back(kept_time(*change, now));
    object["changes"] = std::move(changes);
  }
  if (record.held_until && !record.changes.empty()) {
    object["held_for"] = (*record.held_until - record.changes.back()).count();
  } else if (record.held_until) {
    object["held_until"] = micros(
        now.wall + std::chrono::ceil<std::chrono::microseconds>(*record.held_until - now.steady));
  }
  return to_json_text(object);
}

std::optional<CheckRecord> record_from_json(const std::string& text, bool same_boot, Now now) {
  try {
    const json object = json::parse(text);
    CheckRecord record;
    auto debounce = debounce_from(object);
    if (!debounce) return std::nullopt;
    record.debounce = std::move(*debounce);
    record.since = kept_wall_time(object.at("since"));
    if (!object.contains("decisive")) {
      // People or other checks decide it.
      if (!object.contains("was_sound")) return std::nullopt;
      read_changes(object, same_boot, now, record);
      return record;
    }
    record.decisive = from_object(object.at("decisive"), same_boot, now);
    record.explains = object.contains("explains")
                          ? from_object(object.at("explains"), same_boot, now)
                          : record.decisive;
    if (!record.decisive || !record.explains) return std::nullopt;
    // The clock was set back since then. How old the results are is said by the results.
    record.since = std::min(record.since, now.wall);
    record.last = record.decisive;
    read_changes(object, same_boot, now, record);
    if (object.contains("changes")) {
      for (const json& change : object.at("changes"))
        record.changes.push_back(recalled_time(change, same_boot, now));
      if (object.contains("held_for") && !record.changes.empty())
        record.held_until = record.changes.back() + kept_span(object.at("held_for"));
    }
    // As older versions wrote it.
    if (object.contains("held_until"))
      record.held_until = now.steady + (kept_wall_time(object.at("held_until")) - now.wall);
    return record;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string to_json(const PushRecord& record) {
  json runs = json::object();
  for (const auto& [id, began] : record.runs) runs[id] = micros(began);
  const json object{{"first", optional_time(record.first)},
                    {"started", optional_time(record.started)},
                    {"succeeded", optional_time(record.succeeded)},
                    {"failed", optional_time(record.failed)},
                    {"exit_status", record.exit_status},
                    {"failures", record.failures_in_a_row},
                    {"note", record.note},
                    {"failure_note", record.failure_note},
                    {"run_time", record.run_time ? json(record.run_time->count()) : json(nullptr)},
                    {"runs", std::move(runs)}};
  return to_json_text(object);
}

std::optional<PushRecord> push_from_json(const std::string& text, Now now) {
  try {
    const json object = json::parse(text);
    bool is_future = false;
    const auto time = [&](const char* key) -> std::optional<WallTime> {
      if (object.at(key).is_null()) return std::nullopt;
      const WallTime read = kept_wall_time(object.at(key));
      is_future = is_future || read > now.wall;
      return read;
    };
    PushRecord record;
    record.first = time("first");
    record.started = time("started");
    record.succeeded = time("succeeded");
    record.failed = time("failed");
    record.exit_status = kept_count(object.at("exit_status"));
    record.failures_in_a_row = kept_count(object.at("failures"));
    record.note = object.at("note").get<std::string>();
    record.failure_note = object.value("failure_note", "");
    if (const auto run_time = object.find("run_time");
        run_time != object.end() && run_time->is_number_integer())
      record.run_time = kept_span(*run_time);
    if (const auto runs = object.find("runs"); runs != object.end()) {
      for (const auto& [id, began] : runs->items()) record.runs[id] = kept_wall_time(began);
    }
    // A success dated in the future would count as fresh for too long.
    if (is_future) record.succeeded.reset();
    return record;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string release_to_json(const SavedRelease& saved) {
  return to_json_text(json{{"release", saved.release}, {"audit_seq", saved.audit_seq}});
}

std::optional<SavedRelease> release_from_json(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains("release") || !object.contains("audit_seq"))
    return std::nullopt;
  if (!object["release"].is_string() || !object["audit_seq"].is_number_integer())
    return std::nullopt;
  return SavedRelease{object["release"].get<std::string>(),
                      object["audit_seq"].get<std::int64_t>()};
}

std::string gates_to_json(const Snapshot& snapshot) {
  json gates = json::object();
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    gates[snapshot.checklist->gates[i].id] = {{"go", is_go(snapshot, i)},
                                              {"since", micros(snapshot.gates[i].since)}};
  }
  return to_json_text(gates);
}

std::map<std::string, std::pair<bool, WallTime>> gates_from_json(const std::string& text, Now now) {
  std::map<std::string, std::pair<bool, WallTime>> gates;
  try {
    const json object = json::parse(text);
    for (const auto& [id, gate] : object.items()) {
      const WallTime since = kept_wall_time(gate.at("since"));
      if (since <= now.wall) gates[id] = {gate.at("go").get<bool>(), since};
    }
  } catch (const json::exception&) {
    gates.clear();
  }
  return gates;
}

}  // namespace gonogo
