#include "tests/simulation/event.h"

#include <algorithm>
#include <array>
#include <set>

namespace gonogo::simulation {
namespace {

// SplitMix64: the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + below(most - least + 1);
  }
  bool one_in(std::int64_t count) { return below(count) == 0; }

 private:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t state_;
};

// The last gate is the one whose checks fold those of the others.
constexpr std::int64_t gates = 3;

class Draw {
 public:
  Draw(std::uint64_t seed, std::size_t count) : dice_(seed), count_(count) {
    is_calm_ = !dice_.one_in(3);
    checks_ = dice_.one_in(4) ? dice_.between(16, 40) : dice_.between(3, 15);
  }

  std::vector<Event> all() {
    for (std::int64_t group = 0; group < 2; ++group) {
      Event& event = add(EventKind::group, group);
      event.limit = dice_.between(1, 2);
    }
    for (std::int64_t check = 0; check < checks_; ++check) add_check(check);
    add(EventKind::reload, 0);
    while (events_.size() < count_) something();
    events_.resize(count_);
    return std::move(events_);
  }

 private:
  struct Choice {
    int weight;
    void (Draw::*draw)();
  };

  Event& add(EventKind kind, std::int64_t number) {
    events_.emplace_back();
    events_.back().kind = kind;
    events_.back().number = number;
    return events_.back();
  }
  std::int64_t some_check() { return dice_.below(checks_); }

  void something() {
    static constexpr std::array<Choice, 19> choices{{{400, &Draw::wait},
                                                     {170, &Draw::answer},
                                                     {40, &Draw::pace},
                                                     {30, &Draw::release},
                                                     {40, &Draw::run},
                                                     {40, &Draw::heal},
                                                     {25, &Draw::change},
                                                     {6, &Draw::remove},
                                                     {8, &Draw::reload},
                                                     {3, &Draw::group},
                                                     {3, &Draw::freeze},
                                                     {4, &Draw::restart},
                                                     {12, &Draw::stall},
                                                     {10, &Draw::unnoticed},
                                                     {8, &Draw::wall},
                                                     {60, &Draw::sign},
                                                     {40, &Draw::waive},
                                                     {12, &Draw::announce},
                                                     {12, &Draw::deploy}}};
    int total = 0;
    for (const Choice& choice : choices) total += choice.weight;
    auto left = static_cast<int>(dice_.below(total));
    for (const Choice& choice : choices) {
      left -= choice.weight;
      if (left >= 0) continue;
      (this->*choice.draw)();
      return;
    }
  }

  void wait() {
    const std::int64_t most = dice_.one_in(80) ? 600'000 : dice_.one_in(8) ? 60'000 : 5'000;
    add(EventKind::wait, 0).span = dice_.between(1, most);
  }
  void answer() {
    Event& event = add(EventKind::answer, some_check());
    // Some seeds are calm, or none would ever be GO for long.
    const bool is_well = is_calm_ ? !dice_.one_in(6) : dice_.one_in(2);
    const bool is_plain = dice_.one_in(2);
    event.answer = is_well ? 0 : is_plain ? 2 : dice_.below(8);
    event.pace = dice_.one_in(4) ? 1 : 0;
  }
  void pace() {
    answer();
    events_.back().pace = dice_.below(6);
  }
  void release() { add(EventKind::release, some_check()); }
  void run() { add(EventKind::run, some_check()); }
  void heal() { add(EventKind::heal, 0); }
  void change() {
    add_check(some_check());
    if (!dice_.one_in(3)) reload();
  }
  void remove() {
    add(EventKind::remove, some_check());
    reload();
  }
  void reload() { add(EventKind::reload, 0); }
  void group() {
    add(EventKind::group, dice_.below(2)).limit = dice_.between(1, 3);
    reload();
  }
  void freeze() {
    Event& event = add(EventKind::freeze, 0);
    event.from = dice_.between(-10'000, 120'000);
    event.span = dice_.between(1'000, 600'000);
    reload();
  }
  void restart() {
    Event& event = add(EventKind::restart, 0);
    event.span = dice_.one_in(3) ? dice_.below(600'000) : dice_.below(5'000);
    if (dice_.one_in(2))
      event.from =
          (dice_.one_in(2) ? 1 : -1) * dice_.between(1'000, dice_.one_in(3) ? 93'600'000 : 600'000);
  }
  void stall() {
    add(EventKind::stall, 0).span = dice_.below(dice_.one_in(4) ? 3'600'000 : 20'000);
  }
  void unnoticed() {
    add(EventKind::unnoticed, 0).span = dice_.below(dice_.one_in(3) ? 600'000 : 5'000);
  }
  void wall() {
    const std::int64_t most = dice_.one_in(3) ? 26 * 3'600'000 : 60'000;
    add(EventKind::wall, 0).span = (dice_.one_in(2) ? 1 : -1) * dice_.between(1'000, most);
  }
  void sign() {
    const bool withdraws = dice_.one_in(6);
    Event& event = add(withdraws ? EventKind::withdraw : EventKind::sign, some_check());
    event.person = dice_.below(3);
  }
  void waive() {
    const bool ends = dice_.one_in(5);
    Event& event = add(ends ? EventKind::unwaive : EventKind::waive, some_check());
    event.span = dice_.between(1'000, 300'000);
    event.bound = dice_.one_in(4) ? 1 : 0;
  }
  void announce() { add(EventKind::announce, dice_.below(3)); }
  void deploy() {
    Event& event = add(EventKind::deploy, dice_.below(3));
    event.span = dice_.between(60'000, 900'000);
    event.bound = dice_.one_in(2) ? 1 : 0;
    event.pace = dice_.below(2);
  }

  void add_check(std::int64_t number) {
    Event& event = add(EventKind::check, number);
    CheckSpec& spec = event.spec;
    spec.version = dice_.below(3);
    spec.advisory = dice_.one_in(4) ? 1 : 0;
    spec.gate = dice_.below(gates - 1);
    spec.unwaivable = dice_.one_in(6) ? 1 : 0;
    spec.interval = std::array<std::int64_t, 6>{15, 30, 60, 120, 300, 900}.at(
        static_cast<std::size_t>(dice_.below(6)));
    spec.timeout = std::min(spec.interval, dice_.between(1, 8));
    spec.retry = std::min(spec.interval, dice_.between(2, 15));
    spec.failures = dice_.between(1, 3);
    spec.successes = dice_.between(1, 2);
    if (dice_.one_in(3)) spec.of = spec.failures + dice_.below(4);
    if (dice_.one_in(6)) {
      spec.flaps = dice_.between(1, 3);
      spec.calm = dice_.between(30, 600);
    }
    if (dice_.one_in(3)) spec.group = dice_.below(2);
    if (dice_.one_in(10)) spec.on_demand = 1;
    if (number > 0 && dice_.one_in(5)) spec.parent = some_parent(number);
    if (number > 0 && dice_.one_in(10)) spec.second_parent = dice_.below(number);
    if (dice_.one_in(2)) spec.settle = dice_.between(1, 120);
    if (dice_.one_in(10)) add_people(spec);
    if (number > 2 && dice_.one_in(8)) add_members(spec, number);
  }
  // Often a composite, where there is one.
  std::int64_t some_parent(std::int64_t number) {
    const std::int64_t any = dice_.below(number);
    const auto above = composites_.lower_bound(any);
    const bool has_one = above != composites_.end() && *above < number;
    return has_one && dice_.one_in(2) ? *above : any;
  }
  void add_people(CheckSpec& spec) {
    spec.people = dice_.between(1, 2);
    spec.probed = dice_.below(2);
    if (dice_.one_in(2)) spec.valid_for = dice_.between(10, 900);
    spec.per_release = dice_.one_in(3) ? 1 : 0;
  }
  void add_members(CheckSpec& spec, std::int64_t number) {
    composites_.insert(number);
    spec.probed = 0;
    spec.people = 0;
    spec.gate = gates - 1;
    spec.member = dice_.below(number);
    spec.second_member = dice_.below(number);
    if (dice_.one_in(2)) spec.third_member = dice_.below(number);
    if (dice_.one_in(3)) spec.member_gate = dice_.below(gates - 1);
    spec.at_least = dice_.one_in(3) ? -1 : dice_.between(1, 2);
  }

  Dice dice_;
  std::size_t count_;
  std::int64_t checks_ = 0;
  bool is_calm_ = false;
  std::set<std::int64_t> composites_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> draw_events(std::uint64_t seed, std::size_t count) {
  return Draw(seed, count).all();
}

}  // namespace gonogo::simulation
