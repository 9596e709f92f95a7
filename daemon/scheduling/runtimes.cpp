#include "daemon/scheduling/runtimes.h"

#include <algorithm>
#include <utility>

#include "daemon/core/probe.h"

namespace gonogo {
namespace {

// Whether a run under way and the schedule of `before` are still right for `now`.
bool runs_as_before(const Check& before, const Check& now) {
  return before.fingerprint == now.fingerprint && before.interval == now.interval &&
         before.on_demand == now.on_demand && before.has_probe() == now.has_probe();
}

std::string memory_key_of(const Check& check) {
  return check.probe ? check.probe->memory_key() : std::string();
}

bool remembers_the_same(const Check& before, const Check& now) {
  return before.kind == now.kind && before.has_probe() && now.has_probe() &&
         memory_key_of(before) == memory_key_of(now);
}

std::shared_ptr<ProbeMemory> memory_for(const Check& check, const CheckRuntime* former,
                                        const Runtimes::Recall& recall) {
  if (former != nullptr && remembers_the_same(*former->definition, check))
    return std::make_shared<ProbeMemory>(*former->memory);
  const std::string name = check.probe ? check.probe->note_name() : std::string();
  if (name.empty() || !recall) return std::make_shared<ProbeMemory>();
  return std::make_shared<ProbeMemory>(recall(name));
}

std::shared_ptr<CheckRuntime> runtime_for(const std::shared_ptr<const Check>& check,
                                          std::size_t position, CheckRuntime* former, Now now,
                                          const Runtimes::Recall& recall) {
  if (former != nullptr) end_if_too_old(former->record, *former->definition, now.steady);
  if (former != nullptr && runs_as_before(*former->definition, *check)) {
    former->redefine(check, position);
    return former->shared_from_this();
  }
  auto runtime =
      std::make_shared<CheckRuntime>(check, position, memory_for(*check, former, recall), now);
  // Nothing has been judged of it yet.
  runtime->record.was_sound = false;
  if (former == nullptr) return runtime;
  // Only the schedule may have changed: then the results still count. The runs are counted on.
  adopt(runtime->record, *check, former->record, former->definition->fingerprint);
  runtime->record.runs = former->record.runs;
  // `prober` is judged anew at once.
  if (!check->has_probe() || check->is_builtin) keep_recovery(runtime->record, former->record);
  return runtime;
}

}  // namespace

void Runtimes::put_in_force(std::shared_ptr<const Checklist> checklist, Now now,
                            const Recall& recall) {
  std::vector<std::shared_ptr<CheckRuntime>> all;
  all.reserve(checklist->checks.size());
  for (std::size_t i = 0; i < checklist->checks.size(); ++i) {
    // It keeps its whole checklist alive.
    const std::shared_ptr<const Check> check(checklist, &checklist->checks[i]);
    all.push_back(runtime_for(check, i, find(check->id), now, recall));
  }
  // The ids are those of the former definitions.
  by_id_.clear();
  for (const auto& runtime : all) by_id_.emplace(runtime->id(), runtime.get());
  all_ = std::move(all);
  checklist_ = std::move(checklist);
}

CheckRuntime* Runtimes::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

bool Runtimes::has_outlived_its_result(const CheckRuntime& runtime) const {
  const auto& decisive = runtime.record.decisive;
  const auto& needed = runtime.definition->depends_on;
  return std::any_of(needed.begin(), needed.end(), [&](std::size_t position) {
    const CheckRecord& above = all_[position]->record;
    if (!above.was_sound || !above.recovered) return false;
    return !decisive || *above.recovered > decisive->at.steady;
  });
}

std::vector<CheckRecord> Runtimes::records() const {
  std::vector<CheckRecord> records;
  records.reserve(all_.size());
  for (const auto& runtime : all_) records.push_back(runtime->record);
  return records;
}

}  // namespace gonogo
