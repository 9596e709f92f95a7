#include "probes/shared/container_restarts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/kept_time.h"
#include "daemon/io/boot_id.h"

namespace gonogo {

using nlohmann::json;

namespace {

constexpr std::size_t most_noted = 100;

}  // namespace

ContainerRestarts::ContainerRestarts(const std::string& note, Now now) {
  const json kept = json::parse(note, nullptr, false);
  if (!kept.is_object()) return;
  try {
    const bool same_boot = is_this_boot(kept.at("boot").get<std::string>());
    for (const auto& [id, container] : kept.at("containers").items()) {
      Restarts& restarts = by_id_[id];
      restarts.count = container.at("count").get<std::int64_t>();
      if (!container.at("rose").is_null())
        restarts.rose = recalled_time(container.at("rose"), same_boot, now);
      restarts.seen = recalled_time(container.at("seen"), same_boot, now);
    }
  } catch (const json::exception&) {
    by_id_.clear();
  }
}

void ContainerRestarts::count(const std::string& id, std::int64_t restarts, SteadyTime now) {
  const auto [entry, is_new] = by_id_.try_emplace(id);
  if (!is_new && restarts > entry->second.count) entry->second.rose = now;
  entry->second.count = restarts;
  entry->second.seen = now;
}

std::optional<SteadyTime> ContainerRestarts::last_rise(const std::string& id) const {
  const auto entry = by_id_.find(id);
  return entry == by_id_.end() ? std::nullopt : entry->second.rose;
}

void ContainerRestarts::forget_unseen_since(SteadyTime time) {
  std::erase_if(by_id_, [&](const auto& entry) { return entry.second.seen < time; });
}

std::string ContainerRestarts::note(Now now) const {
  using Entry = std::map<std::string, Restarts>::value_type;
  std::vector<const Entry*> entries;
  entries.reserve(by_id_.size());
  for (const Entry& entry : by_id_) entries.push_back(&entry);
  const std::size_t noted = std::min(entries.size(), most_noted);
  std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(noted),
                    entries.end(), [](const Entry* a, const Entry* b) {
                      // No rise is before every rise.
                      return std::tie(a->second.rose, a->second.seen) >
                             std::tie(b->second.rose, b->second.seen);
                    });
  json containers = json::object();
  for (std::size_t i = 0; i < noted; ++i) {
    const auto& [id, restarts] = *entries[i];
    containers[on_one_line(id, 64)] = {
        {"count", restarts.count},
        {"rose", restarts.rose ? kept_time(*restarts.rose, now) : json(nullptr)},
        {"seen", kept_time(restarts.seen, now)}};
  }
  return to_json_text(json{{"boot", boot_id()}, {"containers", std::move(containers)}});
}

}  // namespace gonogo
