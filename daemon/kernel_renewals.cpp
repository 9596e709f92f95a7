// What changes on disk while the daemon runs: secrets, keys, roots.
#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/kernel.h"
#include "daemon/logging.h"
#include "probes/shared/renewable_probe.h"

namespace gonogo {
namespace {

bool are_as(const std::vector<std::shared_ptr<Renewable>>& some,
            const std::vector<std::shared_ptr<Renewable>>& others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end(),
                    [](const auto& one, const auto& other) { return one->is_as(*other); });
}

}  // namespace

// The checks for which a reload brings other secrets or files than those in use.
std::vector<std::string> Kernel::renewed_by(const Config& config) const {
  std::vector<std::string> changed;
  for (const auto& [check, renewables] : config.renewables) {
    const auto former = renewables_.find(check);
    if (former != renewables_.end() && !are_as(former->second, renewables))
      changed.push_back(check);
  }
  return changed;
}

void Kernel::renewed(const std::vector<std::string>& checks) {
  if (checks.empty()) return;
  std::string ids;
  for (const std::string& id : checks)
    ids += (ids.empty() ? "" : ", ") + (id.empty() ? "watch.on_regressed" : id);
  log_info("secrets or files changed and were read again, for " + on_one_line(ids, 200));
  std::vector<CheckRuntime*> concerned;
  for (const std::string& id : checks) {
    renew_push_keys(id);
    if (CheckRuntime* const runtime = runtimes_.find(id)) concerned.push_back(runtime);
  }
  // A changed trust store concerns every check with TLS.
  runner_.run_soon(concerned);
}

void Kernel::renew_push_keys(const std::string& check) {
  const auto renewables = renewables_.find(check);
  if (renewables == renewables_.end()) return;
  std::vector<std::string> keys;
  for (const auto& renewable : renewables->second) {
    if (const auto* probe = dynamic_cast<const RenewableProbe*>(renewable.get()))
      keys.insert(keys.end(), probe->push_keys().begin(), probe->push_keys().end());
  }
  pushes_.renew_keys(check, keys);
}

}  // namespace gonogo
