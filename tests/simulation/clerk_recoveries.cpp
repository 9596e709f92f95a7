// What the clerk knows of composites that other checks depend on.
#include <algorithm>

#include "tests/simulation/clerk.h"

namespace gonogo::simulation {
namespace {

bool is_sound(State state) { return state == State::sound || state == State::disabled; }

void take_later(std::optional<SteadyTime>& last, const std::optional<SteadyTime>& other) {
  if (other) last = std::max(last.value_or(*other), *other);
}

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

// When anything that the composite rests on got better last: it recovered, or was waived.
std::optional<SteadyTime> Clerk::improved(std::int64_t composite, Now now, bool is_kind) const {
  std::optional<SteadyTime> last;
  for (const std::int64_t below : foundations_of(composite)) {
    const Book& book = books_.at(below);
    if (book.spec.probed != 0) take_later(last, book.known.last_recovery(now.steady, is_kind));
    if (book.ruled_since > wall_set_) take_later(last, book.waived_since);
  }
  return last;
}

void Clerk::wall_was_set(Now now) {
  wall_set_ = now.steady;
  for (auto& [number, book] : books_) {
    if (std::exchange(book.good_by_waiver, false)) book.good_since.reset();
  }
}

// A composite that people made good by signing, or a reload by asking for less, has not recovered:
// what is below it was not touched.
void Clerk::note_composites(const Ruled& ruled, Now now) {
  for (const auto& [number, status] : ruled.checks) {
    Book& book = books_.at(number);
    if (std::exchange(book.ruled, status.state) != status.state) book.ruled_since = now.steady;
  }
  for (const auto& [number, spec] : plan_.checks) {
    if (spec.at_least == 0) continue;
    Book& book = books_.at(number);
    const auto last = improved(number, now, true);
    if (!is_sound(ruled.checks.at(number).state)) {
      book.was_bad = true;
      book.improved = last;
    } else if (std::exchange(book.was_bad, false) && last > book.improved) {
      book.good_since = last;
      const auto all = foundations_of(number);
      book.good_by_waiver = std::any_of(all.begin(), all.end(), [&](std::int64_t below) {
        return books_.at(below).waived_since == last;
      });
    }
  }
}

// One that now rests on other checks, or on others in another way, is another one.
void Clerk::forget_changed_composites(const Plan& before) {
  const auto is_as_before = [&](std::int64_t check) {
    const auto found = before.checks.find(check);
    return found != before.checks.end() && found->second == plan_.checks.at(check);
  };
  for (const auto& [number, spec] : plan_.checks) {
    const auto all = foundations_of(number);
    if (is_as_before(number) && std::all_of(all.begin(), all.end(), is_as_before)) continue;
    Book& book = books_.at(number);
    book.good_since.reset();
    book.was_bad = false;
  }
}

// When the composite has recovered: at the earliest when it became good after it was bad, at the
// latest when anything below it got better last.
std::optional<SteadyTime> Clerk::recovered(std::int64_t composite, Now now,
                                           const Reading& reading) const {
  if (reading.is_kind) return books_.at(composite).good_since;
  std::optional<SteadyTime> last = improved(composite, now, false);
  for (const std::int64_t below : foundations_of(composite)) {
    // By the wall clock, which may have been set since.
    for (const Waived& one : waivers_) {
      if (one.check == below && one.from <= now.wall)
        take_later(last, now.steady - (now.wall - one.from));
    }
  }
  return last;
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
