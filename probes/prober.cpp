#include "probes/prober.h"

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

class ProberProbe : public Probe {
 public:
  ProberProbe(Duration max_lateness, Resources& resources)
      : max_lateness_(max_lateness), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::judge);
    co_return judge(resources_.health());
  }

 private:
  Finding judge(const ProberHealth& health) const {
    Finding finding = Finding::pass("on time, at most " + to_words(health.lateness) + " late");
    const bool few_descriptors =
        health.descriptors_most > 0 && health.descriptors_open * 10 >= health.descriptors_most * 9;
    if (health.lateness > max_lateness_) {
      finding =
          Finding::fail(Reason::prober, "runs begin up to " + to_words(health.lateness) +
                                            " late, wanted at most " + to_words(max_lateness_));
    } else if (few_descriptors) {
      finding = Finding::fail(Reason::prober, std::to_string(health.descriptors_open) + " of " +
                                                  std::to_string(health.descriptors_most) +
                                                  " descriptors in use, wanted at most 90%");
    } else if (!health.store_problem.empty()) {
      finding = Finding::warn(Reason::prober, "results are not saved: " + health.store_problem);
    } else if (health.store_was_changed) {
      finding = Finding::warn(Reason::prober,
                              "somebody changed the store beside its audit, which counts (gonogo "
                              "audit verify says what)");
    } else if (health.workers_stuck > 0) {
      finding = Finding::warn(Reason::prober, counted(health.workers_stuck, "worker") +
                                                  (health.workers_stuck == 1 ? " hangs" : " hang") +
                                                  " in earlier runs");
    }
    finding.measure("lateness", in_seconds(health.lateness), "seconds");
    finding.measure("workers_stuck", static_cast<double>(health.workers_stuck), "count");
    finding.measure("descriptors_open", static_cast<double>(health.descriptors_open), "count");
    return finding;
  }

  Duration max_lateness_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_prober(Settings& settings, Resources& resources) {
  const Duration most = settings.duration("max_lateness").value_or(std::chrono::seconds{1});
  settings.finish();
  return std::make_unique<ProberProbe>(most, resources);
}

}  // namespace gonogo
