#include "probes/load.h"

#include <sched.h>
#include <unistd.h>

#include <charconv>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::array<const char*, 3> spans{"1m", "5m", "15m"};

struct LoadSettings {
  std::string proc;
  std::size_t span = 1;  // index of the average that is judged
  std::optional<double> max_per_core;
  std::optional<double> warn_per_core;
};

class LoadProbe : public Probe {
 public:
  LoadProbe(LoadSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [path = settings_.proc + "/loadavg"] { return read_bounded_file(path, 4096); };
    auto reading = offload(resources_.pool, std::move(read));
    const std::string text = co_await std::move(reading);
    attempt.enter(Stage::judge);
    co_return judge(text);
  }

 private:
  Finding judge(const std::string& text) const {
    const auto averages = parse_loadavg(text);
    if (!averages)
      return Finding::fail(Reason::content, settings_.proc + "/loadavg holds " + in_quotes(text));
    const auto cores = static_cast<double>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    const double load = averages->at(settings_.span);
    const double per_core = load / cores;
    const std::string seen =
        "load " + number_in_words(load) + " over " + spans.at(settings_.span) + ", " +
        number_in_words(per_core) +
        (cores == 1 ? " on 1 core" : " for each of " + number_in_words(cores) + " cores");
    Finding finding = Finding::pass(seen);
    if (settings_.max_per_core && per_core > *settings_.max_per_core) {
      finding = Finding::fail(
          Reason::threshold, seen + ", wanted at most " + number_in_words(*settings_.max_per_core));
    } else if (settings_.warn_per_core && per_core > *settings_.warn_per_core) {
      finding = Finding::warn(Reason::threshold, seen + ", a warning above " +
                                                     number_in_words(*settings_.warn_per_core));
    }
    for (std::size_t i = 0; i < spans.size(); ++i)
      finding.measure(std::string("load_") + spans.at(i), averages->at(i), "count");
    finding.measure("cores", cores, "count");
    return finding;
  }

  LoadSettings settings_;
  Resources& resources_;
};

}  // namespace

std::optional<std::array<double, 3>> parse_loadavg(std::string_view text) {
  std::array<double, 3> averages{};
  for (double& average : averages) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), average);
    if (error != std::errc{} || !(average >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return averages;
}

std::unique_ptr<Probe> make_load(Settings& settings, Resources& resources) {
  LoadSettings load;
  load.proc = settings.text_or("proc", "/proc");
  const std::string over = settings.one_of("over", {"1m", "5m", "15m"}).value_or("5m");
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (over == spans.at(i)) load.span = i;
  }
  load.max_per_core = settings.number("max_per_core", 0, 10'000);
  load.warn_per_core = settings.number("warn_per_core", 0, 10'000);
  settings.finish();
  return std::make_unique<LoadProbe>(std::move(load), resources);
}

}  // namespace gonogo
