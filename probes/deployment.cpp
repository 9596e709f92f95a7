#include "probes/deployment.h"

#include <utility>

#include "daemon/core/deployment.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

class DeploymentProbe : public Probe {
 public:
  DeploymentProbe(std::optional<Duration> min_watch, bool required, Resources& resources)
      : min_watch_(min_watch), required_(required), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::judge);
    co_return judge(resources_.deployment());
  }

 private:
  Finding judge(const std::optional<Deployment>& last) const {
    if (!last) {
      const char* words = "no deploy was begun with gonogo";
      return required_ ? Finding::fail(Reason::missing, words) : Finding::skipped(words);
    }
    const std::string name = last->version + ", begun " + to_rfc3339(last->started);
    if (last->status == DeploymentStatus::watching) {
      return {required_ ? Outcome::fail : Outcome::warn, Reason::missing,
              name + ": still watched, wanted verified"};
    }
    if (last->status != DeploymentStatus::verified) {
      const std::string why = last->findings.empty() ? "" : ": " + last->findings.front();
      return Finding::fail(Reason::reported,
                           name + ": " + std::string(name_of(last->status)) + why);
    }
    if (min_watch_ && last->watch < *min_watch_)
      return Finding::fail(Reason::threshold, name + ": watched for " + to_words(last->watch) +
                                                  ", wanted at least " + to_words(*min_watch_));
    return Finding::pass(name + ": verified after " + to_words(last->watch));
  }

  std::optional<Duration> min_watch_;
  bool required_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_deployment(Settings& settings, Resources& resources) {
  const auto min_watch = settings.duration("min_watch");
  const bool required = settings.flag_or("required", false);
  settings.finish();
  return std::make_unique<DeploymentProbe>(min_watch, required, resources);
}

}  // namespace gonogo
