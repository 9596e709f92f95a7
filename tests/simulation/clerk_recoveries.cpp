// What the clerk knows of checks that others depend on.
#include <algorithm>

#include "tests/simulation/clerk.h"

namespace gonogo::simulation {
namespace {

bool is_sound(State state) { return state == State::sound || state == State::disabled; }

}  // namespace

// The check, what it depends on, and the members of all of these.
void Clerk::rests_on(std::int64_t check, std::set<std::int64_t>& all) const {
  if (!all.insert(check).second) return;
  const CheckSpec& spec = plan_.checks.at(check);
  for (const std::int64_t other :
       {spec.parent, spec.second_parent, spec.member, spec.second_member, spec.third_member}) {
    if (other >= 0) rests_on(other, all);
  }
  if (spec.member_gate < 0) return;
  for (const auto& [number, other] : plan_.checks) {
    if (other.gate == spec.member_gate && other.advisory == 0) rests_on(number, all);
  }
}

std::set<std::int64_t> Clerk::foundations_of(std::int64_t composite) const {
  std::set<std::int64_t> all;
  rests_on(composite, all);
  all.erase(composite);
  return all;
}

// When a check that is ruled so has recovered, if that is judged now.
std::optional<SteadyTime> Clerk::recovery(const Book& book, State state, Now now,
                                          const Reading& reading) const {
  const bool was_bad = reading.is_kind ? book.was_judged_bad : book.may_have_been_bad;
  if (is_sound(state) && was_bad) return now.steady;
  return reading.is_kind ? book.good_from : book.recovered;
}

void Clerk::keep(const Bounds& ruled, bool is_judged) {
  for (const auto& [number, least] : ruled.least.checks) {
    Book& book = books_.at(number);
    if (!is_sound(least.state)) {
      book.may_have_been_bad = true;
    } else if (is_judged) {
      book.recovered = least.recovered;
      book.may_have_been_bad = false;
    }
    const Status& most = ruled.most.checks.at(number);
    if (is_sound(most.state)) {
      book.good_from = most.recovered;
      book.was_judged_bad = false;
    } else if (is_judged) {
      book.was_judged_bad = true;
    }
  }
}

// What was shown as good and is not is judged before a new answer makes it good again.
void Clerk::note_what_lapsed(const Book& book, Now now) {
  if (is_sound(own_state(book, now.steady))) return;
  const Ruled most = rule_all(now, {true, {}});
  for (const auto& [number, least] : rule_all(now, {false, {}}).checks) {
    Book& other = books_.at(number);
    other.may_have_been_bad = other.may_have_been_bad || !is_sound(least.state);
    other.was_judged_bad = other.was_judged_bad || !is_sound(most.checks.at(number).state);
  }
}

// Those that are about to fail and would bring the composite down together.
std::vector<std::int64_t> Clerk::doubtful_members(std::int64_t composite, const Ruled& ruled,
                                                  Now now) const {
  std::vector<std::int64_t> doubtful;
  Reading supposed;
  supposed.is_kind = true;
  for (const std::int64_t below : foundations_of(composite)) {
    if (!is_in_doubt(books_.at(below), ruled.checks.at(below).state)) continue;
    doubtful.push_back(below);
    supposed.failed.insert(below);
  }
  if (doubtful.empty()) return {};
  const bool stays = is_sound(rule_all(now, supposed).checks.at(composite).state);
  return stays ? std::vector<std::int64_t>{} : doubtful;
}

}  // namespace gonogo::simulation
