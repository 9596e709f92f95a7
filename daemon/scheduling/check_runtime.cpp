#include "daemon/scheduling/check_runtime.h"

#include <utility>

namespace gonogo {

CheckRuntime::CheckRuntime(std::shared_ptr<const Check> check, std::size_t index,
                           std::shared_ptr<ProbeMemory> remembered, Now now)
    : definition(std::move(check)),
      position(index),
      record(empty_record(*definition, now)),
      memory(std::move(remembered)) {}

CheckRuntime::~CheckRuntime() {
  if (run) run->abandon();
}

void CheckRuntime::redefine(std::shared_ptr<const Check> check, std::size_t index) {
  definition = std::move(check);
  position = index;
  follow_rules(record, *definition);
}

}  // namespace gonogo
