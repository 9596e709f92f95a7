// People in a simulation.
#include <set>
#include <utility>

#include "tests/simulation/simulation.h"

namespace gonogo::simulation {
namespace {

Caller person(std::int64_t number) {
  return {"person " + std::to_string(number), {Grant::sign, Grant::waive, Grant::deploy}, {role}};
}

std::string release_name(std::int64_t number) { return "v" + std::to_string(number); }

}  // namespace

// When it is answered, the clerk writes down what was decided.
void Simulation::ask(boost::asio::awaitable<Decided> deciding, std::function<void()> write_down) {
  ++undecided_;
  life_->decide(std::move(deciding), [this, write_down = std::move(write_down)](bool is_done) {
    --undecided_;
    // A deploy that was refused at last has announced its release all the same.
    const std::string& release = life_->kernel.board().release();
    if (!is_done && release != clerk_.release()) clerk_.announced(release, life_->clock.wall());
    if (!is_done) return;
    ++figures_.decisions;
    write_down();
  });
}

void Simulation::decide(const Event& event) {
  DecisionDesk& desk = life_->kernel.desk();
  const std::string id = id_of(event.number);
  const Caller who = person(event.person);
  const WallTime asked = life_->clock.wall();
  const std::string release = clerk_.release();
  const std::int64_t check = event.number;
  switch (event.kind) {
    case EventKind::sign: {
      const CheckSpec* found = clerk_.spec_of(check);
      ask(desk.sign(who, {id, role, "", ""}),
          [=, this, by = event.person, spec = found == nullptr ? CheckSpec{} : *found] {
            clerk_.signed_off(spec, check, by, release, asked);
          });
      return;
    }
    case EventKind::waive: waive(event, asked); return;
    default: break;
  }
  // What these end or replace is what is decided when they are asked for.
  if (undecided_ > 0) return;
  switch (event.kind) {
    case EventKind::withdraw:
      ask(desk.withdraw(who, id), [=, this, by = event.person] {
        clerk_.withdrew(check, by);
        ++figures_.withdrawn;
      });
      return;
    case EventKind::unwaive:
      ask(desk.end_waiver(who, id), [=, this] { clerk_.unwaived(check); });
      return;
    case EventKind::announce:
      ask(desk.announce(who, release_name(event.number)),
          [this, name = release_name(event.number)] {
            clerk_.announced(name, life_->clock.wall());
          });
      return;
    default: return;
  }
}

void Simulation::waive(const Event& event, WallTime asked) {
  WaiveRequest request;
  request.check = id_of(event.number);
  request.why = "accepted";
  request.lasts = std::chrono::milliseconds{event.span};
  request.this_release = event.bound != 0;
  const CheckSpec* spec = clerk_.spec_of(event.number);
  const bool is_waivable = spec != nullptr && spec->unwaivable == 0;
  const std::string release = clerk_.release();
  ask(life_->kernel.desk().waive(person(event.person), request), [=, this] {
    if (!is_waivable) faults_.report(request.check + " was waived, and it cannot be");
    clerk_.waived(event.number, release, request.this_release, asked, *request.lasts);
  });
}

void Simulation::deploy(const Event& event) {
  if (undecided_ > 0) return;
  DeployRequest request;
  request.version = release_name(event.number);
  request.watch = std::chrono::milliseconds{event.span};
  request.force = event.bound != 0;
  request.reason = request.force ? "it is urgent" : "";
  request.run = event.pace != 0;
  ask(life_->kernel.desk().deploy(person(event.person), request), [=, this] {
    const Now now = life_->clock.both();
    // One that had to wait for a worker was judged before.
    const bool is_judged_now = world_.hanging_jobs() == 0;
    if (!request.force && is_judged_now && !clerk_.rule_for(request.version, now).go)
      faults_.report("a deploy of " + request.version + " was begun at NO-GO");
    clerk_.announced(request.version, now.wall);
    deploys_.began(now, *request.watch);
  });
}

}  // namespace gonogo::simulation
