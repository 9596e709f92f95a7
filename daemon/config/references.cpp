#include "daemon/config/references.h"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Member = CompositeRule::Member;

bool are_same(Member one, Member other) {
  return one.is_gate == other.is_gate && one.index == other.index;
}

class ReferenceResolver {
 public:
  ReferenceResolver(Checklist& list, std::vector<References>& references)
      : list_(list), references_(references) {
    for (std::size_t i = 0; i < list.checks.size(); ++i) by_id_.emplace(list.checks[i].id, i);
  }

  void run() {
    for (References& references : references_) resolve(references);
    refuse_rings();
    for (References& references : references_) refuse_double_counting(references);
  }

 private:
  void resolve(References& references) {
    Check& check = list_.checks[references.check];
    for (const std::string& id : references.depends_on) {
      if (const auto found = find_check(id)) {
        check.depends_on.push_back(*found);
      } else {
        references.settings.complain_at("depends_on",
                                        in_quotes(id) + " is no check" + did_you_mean(id));
      }
    }
    if (!check.composite) return;
    std::set<std::string> known;
    std::set<std::string> repeated;
    for (const std::string& name : references.members) {
      if (!known.insert(add_members(*check.composite, name, references)).second)
        repeated.insert(name);
    }
    for (const std::string& name : repeated) {
      references.settings.complain_at(
          "composite", "names " + in_quotes(name) + " twice (a member counts once; give it once)");
    }
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

  // However many names lead to a member, it counts once. Answers with what the name stands for: an
  // id, "gate:ID", or a pattern.
  std::string add_members(CompositeRule& rule, const std::string& name, References& references) {
    if (const auto check = find_check(name)) {
      add_once(rule, {false, *check});
      return name;
    }
    const auto gate = list_.find_gate(name.starts_with("gate:") ? name.substr(5) : name);
    if (gate) {
      add_once(rule, {true, *gate});
      refuse_without_blocker(*gate, references);
      return name_of({true, *gate});
    }
    bool is_any = false;
    for (std::size_t i = 0; i < list_.checks.size(); ++i) {
      const std::string& item = list_.checks[i].item;
      if (item.empty() || i == references.check || !matches_wildcard(name, item)) continue;
      add_once(rule, {false, i});
      is_any = true;
    }
    if (!is_any) {
      references.settings.complain_at(
          "composite", in_quotes(name) + " is no check, gate or item" + did_you_mean(name));
    }
    return name;
  }

  static void add_once(CompositeRule& rule, Member member) {
    const bool is_known =
        std::any_of(rule.members.begin(), rule.members.end(),
                    [member](const Member& other) { return are_same(member, other); });
    if (!is_known) rule.members.push_back(member);
  }

  // Of a gate the blockers count. Without one it would be good whatever happens.
  void refuse_without_blocker(std::size_t gate, References& references) {
    if (!counted_in({true, gate}).empty()) return;
    references.settings.complain_at(
        "composite", in_quotes(name_of({true, gate})) +
                         " is always good: none of its checks blocks (name its checks or their "
                         "items instead, make one of them a blocker, or leave it out)");
  }

  std::string name_of(Member member) const {
    return member.is_gate ? "gate:" + list_.gates[member.index].id : list_.checks[member.index].id;
  }

  // The members by which this one is good: a gate's blockers, or those of a composite.
  std::vector<Member> counted_in(Member member) const {
    if (!member.is_gate) {
      const auto& composite = list_.checks[member.index].composite;
      return composite ? composite->members : std::vector<Member>();
    }
    std::vector<Member> blockers;
    for (const std::size_t index : list_.gates[member.index].checks) {
      if (list_.checks[index].severity == Severity::blocker) blockers.push_back({false, index});
    }
    return blockers;
  }

  // A composite of one member says the same as that member.
  Member meant_by(Member member) const {
    for (std::size_t i = 0; i < list_.checks.size(); ++i) {  // may be a ring
      if (!member.is_gate && list_.checks[member.index].signoff) break;
      const std::vector<Member> counted = counted_in(member);
      if (counted.size() != 1) break;
      member = counted.front();
    }
    return member;
  }

  bool counts(Member whole, Member part) const {
    std::vector<Member> all{whole};
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const Member next : counted_in(all[i])) {
        if (are_same(next, part)) return true;
        const bool is_known = std::any_of(all.begin(), all.end(),
                                          [next](Member other) { return are_same(next, other); });
        if (!is_known) all.push_back(next);
      }
    }
    return false;
  }

  // Where some members are enough, what one check found must not count for two of them.
  void refuse_double_counting(References& references) {
    if (!references.at_least) return;
    const std::vector<Member>& members = list_.checks[references.check].composite->members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Member part = meant_by(members[i]);
      for (std::size_t j = 0; j < members.size(); ++j) {
        const bool is_twin = are_same(part, meant_by(members[j]));
        if (i == j || (is_twin ? i > j : !counts(members[j], part))) continue;
        const bool is_other_first = is_twin && are_same(part, members[j]);
        const Member one = is_other_first ? members[j] : members[i];
        const Member other = is_other_first ? members[i] : members[j];
        references.settings.complain_at(
            "composite",
            "counts " + in_quotes(name_of(part)) +
                " twice: " + (are_same(part, one) ? "by itself" : "in " + in_quotes(name_of(one))) +
                " and in " + in_quotes(name_of(other)) + " (leave one of the two out)");
        break;
      }
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

  std::optional<std::size_t> find_check(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
  }

  Checklist& list_;
  std::vector<References>& references_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
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
