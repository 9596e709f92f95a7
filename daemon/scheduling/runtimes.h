// The runtimes of all checks of the checklist in force.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/scheduling/check_runtime.h"

namespace gonogo {

class Runtimes {
 public:
  // The note that was last saved under this name by a probe; nothing when there is none.
  using Recall = std::function<std::optional<std::string>(const std::string& name)>;

  // Puts `checklist` in force. A check that is as before keeps its runtime. A changed one gets a
  // new runtime: with the former results if they mean the same, and with a copy of what its probe
  // remembers if kind and memory key are the same. What is gone is dropped.
  void put_in_force(std::shared_ptr<const Checklist> checklist, Now now, const Recall& recall = {});

  // Null before anything is in force.
  const std::shared_ptr<const Checklist>& checklist() const { return checklist_; }
  // Null when no check in force has this id.
  CheckRuntime* find(std::string_view id) const;
  // The records of all checks, in the order of the checklist: what the judge rules on.
  std::vector<CheckRecord> records() const;

  // Whether a check that it depends on is good, and has recovered since its last result, as they
  // were judged last: then it has no result that says anything.
  bool has_outlived_its_result(const CheckRuntime& runtime) const;

  std::size_t size() const { return all_.size(); }
  CheckRuntime& operator[](std::size_t position) const { return *all_[position]; }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::shared_ptr<const Checklist> checklist_;
  std::vector<std::shared_ptr<CheckRuntime>> all_;  // in the order of the checklist
  std::unordered_map<std::string_view, CheckRuntime*> by_id_;
};

}  // namespace gonogo
