#include "tests/simulation/plan.h"

#include <algorithm>

namespace gonogo::simulation {
namespace {

constexpr std::int64_t none = -1;

Duration seconds(std::int64_t count) { return std::chrono::seconds{count}; }

// A check can only refer to those with a lower number: so there are no rings.
bool is_before(const Plan& plan, std::int64_t referred, std::int64_t number) {
  return referred >= 0 && referred < number && plan.checks.count(referred) > 0;
}

bool is_gate_before(const Plan& plan, std::int64_t gate, std::int64_t number) {
  if (gate == none) return false;
  bool has_any = false;
  for (const auto& [other, spec] : plan.checks) {
    if (spec.gate != gate) continue;
    if (other >= number) return false;
    has_any = true;
  }
  return has_any;
}

std::vector<std::int64_t*> members_of(CheckSpec& spec) {
  return {&spec.member, &spec.second_member, &spec.third_member};
}

std::int64_t count_members(CheckSpec spec) {
  std::int64_t count = spec.member_gate == none ? 0 : 1;
  for (const std::int64_t* member : members_of(spec)) count += *member == none ? 0 : 1;
  return count;
}

void clear_composite(CheckSpec& spec) {
  spec.at_least = 0;
  spec.member_gate = none;
  for (std::int64_t* member : members_of(spec)) *member = none;
}

void mend(const Plan& plan, std::int64_t number, CheckSpec& spec) {
  for (std::int64_t* member : members_of(spec)) {
    if (!is_before(plan, *member, number)) *member = none;
  }
  if (!is_gate_before(plan, spec.member_gate, number)) spec.member_gate = none;
  const std::int64_t members = count_members(spec);
  if (spec.at_least == 0 || members == 0) clear_composite(spec);
  spec.at_least = std::min(spec.at_least, members);
  const bool is_composite = spec.at_least != 0;
  if (is_composite) spec.probed = 0;
  if (!is_composite && spec.people == 0) spec.probed = 1;
  if (spec.probed == 0) spec.on_demand = 0;
  // One run decides there.
  if (spec.on_demand != 0) spec.failures = spec.successes = 1;
  if (spec.of < spec.failures || spec.on_demand != 0) spec.of = 0;
  for (std::int64_t* parent : {&spec.parent, &spec.second_parent}) {
    if (!is_before(plan, *parent, number)) *parent = none;
  }
}

void add_composite(const CheckSpec& spec, const std::map<std::int64_t, std::size_t>& positions,
                   Check& check) {
  CompositeRule rule;
  for (const std::int64_t member : {spec.member, spec.second_member, spec.third_member}) {
    if (member != none) rule.members.push_back({false, positions.at(member)});
  }
  if (spec.member_gate != none)
    rule.members.push_back({true, static_cast<std::size_t>(spec.member_gate)});
  rule.all = spec.at_least < 0;
  rule.at_least =
      static_cast<int>(rule.all ? static_cast<std::int64_t>(rule.members.size()) : spec.at_least);
  check.composite = rule;
  check.kind = "composite";
}

Check check_from(std::int64_t number, const CheckSpec& spec,
                 const std::map<std::int64_t, std::size_t>& positions) {
  Check check;
  check.id = id_of(number);
  check.title = check.id;
  check.kind = spec.probed != 0 ? "http" : "signoff";
  check.gate = static_cast<std::size_t>(spec.gate);
  check.severity = spec.advisory != 0 ? Severity::advisory : Severity::blocker;
  check.on_demand = spec.on_demand != 0;
  check.interval = seconds(spec.interval);
  check.timeout = seconds(spec.timeout);
  check.retry_interval = seconds(spec.retry);
  check.stale_after = seconds(spec.stale_after());
  check.debounce.rise = static_cast<int>(spec.successes);
  check.debounce.fall = static_cast<int>(spec.failures);
  check.debounce.of = static_cast<int>(spec.of);
  if (spec.settle > 0) check.settle = seconds(spec.settle);
  if (spec.flaps > 0)
    check.flapping = FlappingRule{static_cast<int>(spec.flaps), seconds(spec.calm)};
  if (spec.group != none) check.group = static_cast<std::size_t>(spec.group);
  for (const std::int64_t parent : {spec.parent, spec.second_parent}) {
    if (parent != none) check.depends_on.push_back(positions.at(parent));
  }
  if (spec.people > 0) {
    check.signoff.emplace();
    check.signoff->role = role;
    if (spec.valid_for > 0) check.signoff->valid_for = seconds(spec.valid_for);
    check.signoff->per_release = spec.per_release != 0;
    check.signoff->people = static_cast<int>(spec.people);
  }
  if (spec.at_least != 0) add_composite(spec, positions, check);
  check.waivable = spec.unwaivable == 0;
  check.fingerprint = fingerprint_of(spec);
  return check;
}

Check own_check_of_the_daemon() {
  Check check;
  check.id = id_of(own_check);
  check.title = check.id;
  check.kind = "prober";
  check.gate = gate_count;
  check.severity = Severity::advisory;
  check.is_builtin = true;
  check.waivable = false;
  check.interval = seconds(20);
  check.timeout = seconds(5);
  check.retry_interval = seconds(1);
  check.stale_after = seconds(45);
  check.fingerprint = "own";
  return check;
}

}  // namespace

std::string id_of(std::int64_t number) {
  return number == own_check ? "prober" : "check-" + std::to_string(number);
}

std::string fingerprint_of(const CheckSpec& spec) {
  return "version-" + std::to_string(spec.version) + (spec.probed != 0 ? "" : "-unprobed");
}

Plan without_nonsense(const Plan& plan) {
  Plan mended = plan;
  // In the order of the numbers: what a check refers to is mended before it.
  for (auto& [number, spec] : mended.checks) mend(mended, number, spec);
  return mended;
}

std::shared_ptr<Checklist> checklist_from(const Plan& plan, const MakeProbe& make) {
  auto list = std::make_shared<Checklist>();
  for (std::size_t gate = 0; gate <= gate_count; ++gate)
    list->gates.push_back({"gate-" + std::to_string(gate), "Gate", {}});
  for (std::size_t group = 0; group < group_count; ++group)
    list->groups.push_back(
        {"group-" + std::to_string(group), static_cast<std::size_t>(plan.limits.at(group))});
  for (const Freeze& freeze : plan.freezes)
    list->calendar.freezes.push_back({freeze.from, freeze.until, "frozen"});
  std::map<std::int64_t, std::size_t> positions;
  for (const auto& [number, spec] : plan.checks) {
    positions[number] = list->checks.size();
    list->checks.push_back(check_from(number, spec, positions));
    if (spec.probed != 0) list->checks.back().probe = make(number);
  }
  list->checks.push_back(own_check_of_the_daemon());
  list->checks.back().probe = make(own_check);
  for (std::size_t i = 0; i < list->checks.size(); ++i)
    list->gates[list->checks[i].gate].checks.push_back(i);
  return list;
}

}  // namespace gonogo::simulation
