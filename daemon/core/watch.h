// How a deploy is judged while it is watched: pure arithmetic over observations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/deployment.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// "check/value"
std::string name_of(const FigureRule& rule);

// The figure's number in one observation; nothing when it has none.
std::optional<double> figure_in(const FigureRule& rule, const Observation& seen);

// The checks a deploy is watched by: blockers with a probe that run on their own schedule, are
// named by the rule, and are good by their own results at this moment.
// With `even_bad`, if none of them is good, it returns all of them: a forced deploy has to be
// watched by something.
std::vector<std::size_t> to_be_watched(const WatchRule& rule, const Snapshot& before,
                                       bool even_bad);

// How often a watched check is run: twice as often as otherwise, as often as the rule says, and
// often enough for the samples required; never more often than its timeout allows, nor than every
// second.
Duration watch_interval(const WatchRule& rule, const Check& check, Duration window);

// The times of a watch, by the boot clock. What the daemon did not see, because it was down or
// suspended, is neither evidence for a deploy nor against it.
struct WatchTimes {
  SteadyTime began{};    // of the deploy, moved forward by the time of all pauses since
  SteadyTime resumed{};  // the end of the last pause; without one, when the deploy began
};

// A run that began earlier says nothing about the deploy: it had not settled, or a pause came
// since.
SteadyTime counts_from(const WatchRule& rule, const WatchTimes& times);

// What checks meant when something was seen of them, by their ids: an opaque text.
struct Definitions {
  std::map<std::string, std::string> samples;    // that count
  std::map<std::string, std::string> baselines;  // that figures are compared with
};

// When a deploy begins.
Definitions definitions_at_begin(const WatchRule& rule, const Checklist& checklist);

// The checklist, the rule or the release may be another one by now. Samples and numbers of a check
// that is gone, means something else or began anew with the release count no more, also when it
// comes back. Returns whether `definitions` changed.
bool follow_definitions(Deployment& deployment, Definitions& definitions, const WatchRule& rule,
                        const Checklist& checklist, const std::string& release);

// One more observation of `check`. A run that fails is no sample, for it does not speak for the
// deploy; its numbers count.
void take_sample(Deployment& deployment, const WatchRule& rule, const Check& check,
                 const Observation& seen, const WatchTimes& times);

// After a pause: figures have to be measured again, and what was out of bounds in a row no longer
// is in a row.
void forget_figures(Deployment& deployment);

struct Conclusion {
  DeploymentStatus status = DeploymentStatus::watching;
  std::vector<std::string> findings;
  std::optional<SteadyTime> ask_again;  // while watching: when time alone may change the answer
};

// Regressed as soon as a run that counts has failed a watched check or a figure has left its
// bounds; verified when the window is over and there is evidence of every watched check and every
// figure, and it reaches to this moment: the last result is no older than two runs of the watch
// take. What has none by then is waited for, at most for as long as the window was; then the deploy
// is unproven. Missing evidence (a check that is gone, disabled, stale, unknown or blocked, a
// failure or an excess that is not decided, a figure whose baseline is of another definition) is
// never a regression.
// `snapshot` may be a little older than `now`, but knows every state that has changed.
Conclusion conclude(const Deployment& deployment, const WatchRule& rule, const Snapshot& snapshot,
                    const WatchTimes& times, SteadyTime now, const Definitions& definitions = {});

}  // namespace gonogo
