#include "tests/simulation/simulation.h"

#include <algorithm>
#include <utility>

namespace gonogo::simulation {
namespace {

using namespace std::chrono_literals;

// What begins later than this says more of the daemon than of its target.
constexpr Duration most_lateness = 1s;

Duration milliseconds(std::int64_t count) { return std::chrono::milliseconds{count}; }

// What the daemon runs when a deploy has regressed.
class Hook : public Probe {
 public:
  explicit Hook(Deploys& deploys) : deploys_(deploys) {}
  boost::asio::awaitable<Finding> run(Attempt&) override {
    deploys_.hook_runs();
    co_return Finding::pass();
  }

 private:
  Deploys& deploys_;
};

}  // namespace

const std::vector<Figures::Field>& Figures::fields() {
  static const std::vector<Field> all{{"events", &Figures::events},
                                      {"restarts", &Figures::restarts},
                                      {"decisions", &Figures::decisions},
                                      {"times GO", &Figures::gos},
                                      {"times NO-GO", &Figures::no_gos},
                                      {"verified", &Figures::verified},
                                      {"regressed", &Figures::regressed},
                                      {"unproven", &Figures::unproven},
                                      {"withdrawn", &Figures::withdrawn},
                                      {"waived", &Figures::waived},
                                      {"held", &Figures::held},
                                      {"frozen", &Figures::frozen},
                                      {"composites bad", &Figures::composites_bad},
                                      {"composites good", &Figures::composites_good},
                                      {"hung", &Figures::hung},
                                      {"NO-GO to GO", &Figures::reached}};
  return all;
}

Simulation::Simulation(std::string folder)
    : path_(std::move(folder) + "/gonogo.db"),
      clerk_(faults_),
      world_(clerk_),
      deploys_(clerk_, faults_) {}

Simulation::~Simulation() { finish(); }

void Simulation::finish() {
  if (!life_) return;
  clerk_.stop(life_->clock.both());
  life_->end();
  life_.reset();
  figures_.regressed = deploys_.regressed;
  figures_.verified = deploys_.verified;
  figures_.unproven = deploys_.unproven;
  figures_.hung = clerk_.hung();
}

bool Simulation::play(const Event& event) {
  ++figures_.events;
  act(event);
  if (life_ && !faults_.first) {
    life_->drain();
    // What begins or ends on the wall clock does so at a whole microsecond, as people's clocks have
    // it; the boot clock is finer. So nothing is asked for at that very instant.
    life_->clock.advance(1us);
    compare(event);
  }
  return !faults_.first;
}

void Simulation::act(const Event& event) {
  switch (event.kind) {
    case EventKind::check:
    case EventKind::remove:
    case EventKind::group:
    case EventKind::freeze: write(event); return;
    case EventKind::reload: reload(); return;
    default: break;
  }
  if (!life_) return;
  switch (event.kind) {
    case EventKind::restart:
    case EventKind::wait:
    case EventKind::stall:
    case EventKind::unnoticed:
    case EventKind::wall: pass_time(event); return;
    case EventKind::answer:
    case EventKind::heal:
    case EventKind::release:
    case EventKind::run: act_on_targets(event); return;
    case EventKind::deploy: deploy(event); return;
    default: decide(event); return;
  }
}

void Simulation::write(const Event& event) {
  switch (event.kind) {
    case EventKind::check: written_.checks[event.number] = event.spec; return;
    case EventKind::remove: written_.checks.erase(event.number); return;
    case EventKind::group:
      written_.limits.at(static_cast<std::size_t>(event.number)) = event.limit;
      return;
    default: break;
  }
  const WallTime now = life_ ? life_->clock.wall() : WallTime{};
  const auto from = now + std::chrono::milliseconds{event.from};
  written_.freezes.assign(1, {from, from + std::chrono::milliseconds{event.span}});
}

void Simulation::pass_time(const Event& event) {
  FakeClock& clock = life_->clock;
  const Duration span = milliseconds(event.span);
  switch (event.kind) {
    case EventKind::restart: restart(span, milliseconds(event.from)); return;
    case EventKind::wait: clock.advance(span); return;
    case EventKind::stall:
      deploys_.stood_still(span, {clock.now() + span, clock.wall()});
      if (span > most_lateness) clerk_.was_held_up({clock.now() + span, clock.wall()});
      clock.stall(span);
      return;
    case EventKind::wall:
      clock.set_wall_ahead(span);
      wall_ahead_ += span;
      was_set_ = true;
      return;
    default: break;
  }
  // Nobody has been called yet, and somebody asks for the verdict.
  clock.pass_unnoticed(span + 1us);
  deploys_.stood_still(span + 1us, clock.both());
  if (span > most_lateness) clerk_.was_held_up(clock.both());
  compare_verdict();
  clock.advance({});
}

void Simulation::act_on_targets(const Event& event) {
  Target& target = world_.target(event.number);
  switch (event.kind) {
    case EventKind::answer:
      target.answer = static_cast<Answer>(event.answer);
      target.pace = static_cast<Pace>(event.pace);
      return;
    case EventKind::heal: world_.heal(); return;
    case EventKind::release: world_.release(event.number); return;
    default: break;
  }
  const CheckSpec* spec = clerk_.spec_of(event.number);
  const bool can_run = spec != nullptr && spec->probed != 0;
  if (can_run) clerk_.asked_for(event.number);
  const auto objection = life_->kernel.run_now(id_of(event.number));
  if (can_run == objection.has_value())
    faults_.report("asked for a run: " + objection.value_or("it is run"));
  life_->clock.advance({});
}

Config Simulation::config() {
  Config config;
  config.checklist =
      checklist_from(in_force_, [this](std::int64_t number) { return world_.probe_of(number); });
  config.digest = "configuration " + std::to_string(reloads_);
  config.deploying.watch.settle = Deploys::settle;
  config.deploying.watch.min_samples = Deploys::samples;
  config.deploying.on_regressed = std::make_shared<Hook>(deploys_);
  return config;
}

void Simulation::reload() {
  in_force_ = without_nonsense(written_);
  ++reloads_;
  if (!life_) {
    begin_life(SteadyTime{1000h});
    return;
  }
  clerk_.put_in_force(in_force_, life_->clock.both());
  life_->kernel.put_in_force(config());
  clerk_.rule(life_->clock.both(), true);
}

void Simulation::begin_life(SteadyTime now) {
  life_ = std::make_unique<Life>(path_, now, wall_ahead_, world_, faults_, [this] { settled(); });
  clerk_.restart(in_force_, life_->clock.both());
  life_->kernel.put_in_force(config());
  clerk_.rule(life_->clock.both(), true);
}

void Simulation::restart(Duration down, Duration step) {
  ++figures_.restarts;
  clerk_.stop(life_->clock.both());
  const SteadyTime now = life_->clock.now() + down;
  life_->end();
  const auto before = life_->heard;
  life_.reset();
  wall_ahead_ += step;
  in_force_ = without_nonsense(written_);
  ++reloads_;
  undecided_ = 0;
  deploys_.was_down(down, clerk_.last_taken(), {now, {}});
  begin_life(now);
  differs_since_.reset();
  // The verdict goes on if it is the same.
  const auto& after = life_->heard;
  if (!before || !after || before->go != after->go || before->since > life_->clock.wall()) return;
  if (step != Duration::zero()) return;
  const auto moved = after->since - before->since;
  if (moved > 1ms || moved < -1ms) faults_.report("a restart moved the `since` of the verdict");
}

// The daemon has nothing more to do at this instant, or at least one timer is still to be called.
void Simulation::settled() {
  if (!life_ || faults_.first) return;
  life_->drain();
  if (life_->clock.has_due()) return;
  const Now now = life_->clock.both();
  compare_runs(now);
  compare_heard(clerk_.rule(now, life_->kernel.board().judged_at() == now.steady), now);
  deploys_.compare(life_->kernel.board().deployment(), now);
}

}  // namespace gonogo::simulation
