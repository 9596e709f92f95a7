#include "daemon/config/references.h"

#include <functional>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

class ReferenceResolver {
 public:
  ReferenceResolver(Checklist& list, std::vector<References>& references)
      : list_(list), references_(references) {}

  void run() {
    for (References& references : references_) resolve(references);
    refuse_rings();
  }

 private:
  void resolve(References& references) {
    Check& check = list_.checks[references.check];
    for (const std::string& id : references.depends_on) {
      if (const auto found = list_.find_check(id)) {
        check.depends_on.push_back(*found);
      } else {
        references.settings.complain_at("depends_on",
                                        in_quotes(id) + " is no check" + did_you_mean(id));
      }
    }
    if (!check.composite) return;
    for (const std::string& name : references.members)
      add_members(*check.composite, name, references);
    const auto count = static_cast<int>(check.composite->members.size());
    check.composite->all = !references.at_least && !references.any;
    check.composite->at_least = references.at_least ? static_cast<int>(*references.at_least)
                                : references.any    ? 1
                                                    : count;
    if (check.composite->at_least > count && count > 0) {
      references.settings.complain_at("composite", "needs " +
                                                       std::to_string(check.composite->at_least) +
                                                       " of only " + counted(count, "member"));
    }
  }

  void add_members(CompositeRule& rule, const std::string& name, References& references) {
    if (const auto check = list_.find_check(name)) {
      rule.members.push_back({false, *check});
      return;
    }
    const std::string gate = name.starts_with("gate:") ? name.substr(5) : name;
    if (const auto found = list_.find_gate(gate)) {
      rule.members.push_back({true, *found});
      return;
    }
    const std::size_t before = rule.members.size();
    for (std::size_t i = 0; i < list_.checks.size(); ++i) {
      const std::string& item = list_.checks[i].item;
      if (!item.empty() && i != references.check && matches_wildcard(name, item))
        rule.members.push_back({false, i});
    }
    if (rule.members.size() == before) {
      references.settings.complain_at(
          "composite", in_quotes(name) + " is no check, gate or item" + did_you_mean(name));
    }
  }

  std::string did_you_mean(const std::string& id) {
    std::vector<std::string_view> known;
    for (const Check& check : list_.checks) known.push_back(check.id);
    for (const Gate& gate : list_.gates) known.push_back(gate.id);
    const auto meant = closest(id, known);
    return meant ? " (did you mean `" + std::string(*meant) + "`?)" : " (wanted an id)";
  }

  void refuse_rings() {
    enum class Mark : std::uint8_t { open, visiting, done };
    std::vector<Mark> marks(list_.checks.size(), Mark::open);
    const std::function<bool(std::size_t)> is_in_ring = [&](std::size_t index) {
      if (marks[index] == Mark::visiting) return true;
      if (marks[index] == Mark::done) return false;
      marks[index] = Mark::visiting;
      bool ring = false;
      for (const std::size_t next : needs_of(list_, index)) ring = is_in_ring(next) || ring;
      marks[index] = Mark::done;
      return ring;
    };
    for (References& references : references_) {
      if (is_in_ring(references.check)) {
        references.settings.complain(
            "needs itself, through depends_on or composite (checks in such a ring can never be "
            "good)");
      }
    }
  }

  Checklist& list_;
  std::vector<References>& references_;
};

}  // namespace

std::vector<std::size_t> needs_of(const Checklist& list, std::size_t index) {
  const Check& check = list.checks[index];
  std::vector<std::size_t> needed = check.depends_on;
  if (!check.composite) return needed;
  for (const CompositeRule::Member& member : check.composite->members) {
    if (!member.is_gate) {
      needed.push_back(member.index);
      continue;
    }
    const auto& checks = list.gates[member.index].checks;
    needed.insert(needed.end(), checks.begin(), checks.end());
  }
  return needed;
}

void resolve_references(Checklist& list, std::vector<References>& references) {
  ReferenceResolver(list, references).run();
}

}  // namespace gonogo
