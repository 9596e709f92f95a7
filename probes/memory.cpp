#include "probes/memory.h"

#include <charconv>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_proc_file = 65'536;

struct MemorySettings {
  std::string proc;
  std::optional<std::int64_t> min_total;
  std::optional<std::int64_t> warn_total;
  std::optional<std::int64_t> min_available;
  std::optional<double> min_available_percent;
  std::optional<double> warn_available_percent;
  std::optional<double> max_swap_percent;
  std::optional<double> max_pressure;
  std::optional<double> max_full_pressure;
  bool wants_pressure() const { return max_pressure || max_full_pressure; }
};

struct Texts {
  std::string meminfo;
  std::string pressure;
};

std::optional<std::int64_t> kibibytes_after(std::string_view text, std::string_view key) {
  std::size_t at = text.starts_with(key) ? 0 : text.find("\n" + std::string(key));
  if (at == std::string_view::npos) return std::nullopt;
  at = text.find_first_of("0123456789", at + key.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number * 1024;
}

std::optional<double> average_after(std::string_view text, std::string_view word) {
  const std::size_t line = text.find(word);
  const std::size_t at = line == std::string_view::npos ? line : text.find("avg60=", line);
  if (at == std::string_view::npos) return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data() + at + 6, text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::string percent(double share) {
  return number_in_words(static_cast<double>(static_cast<int>(share * 10)) / 10) + "%";
}

Finding judge(const MemorySettings& wanted, const MemoryFigures& seen,
              const std::optional<Pressure>& pressure) {
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  const double available = share(seen.available, seen.total);
  const double swap_used = share(seen.swap_total - seen.swap_free, seen.swap_total);
  const std::string text = size_in_words(seen.available) + " (" + percent(available) +
                           ") available of " + size_in_words(seen.total);
  const auto fail = [&text](const std::string& wish) {
    return Finding::fail(Reason::threshold, text + ", wanted " + wish);
  };
  if (wanted.min_total && seen.total < *wanted.min_total)
    return fail("at least " + size_in_words(*wanted.min_total) + " in all");
  if (wanted.min_available && seen.available < *wanted.min_available)
    return fail("at least " + size_in_words(*wanted.min_available) + " available");
  if (wanted.min_available_percent && available < *wanted.min_available_percent)
    return fail("at least " + percent(*wanted.min_available_percent) + " available");
  if (wanted.max_swap_percent && swap_used > *wanted.max_swap_percent) {
    return Finding::fail(Reason::threshold,
                         percent(swap_used) + " of " + size_in_words(seen.swap_total) +
                             " swap used, wanted at most " + percent(*wanted.max_swap_percent));
  }
  const auto stalls = [](const char* tasks, double seen_percent, double most) {
    return Finding::fail(Reason::threshold,
                         std::string(tasks) + " waited for memory " + percent(seen_percent) +
                             " of the last minute, wanted at most " + percent(most));
  };
  if (wanted.max_pressure && pressure->some > *wanted.max_pressure)
    return stalls("some task", pressure->some, *wanted.max_pressure);
  if (wanted.max_full_pressure && pressure->full > *wanted.max_full_pressure)
    return stalls("every task", pressure->full, *wanted.max_full_pressure);
  if (wanted.warn_total && seen.total < *wanted.warn_total)
    return Finding::warn(Reason::threshold,
                         text + ", a warning below " + size_in_words(*wanted.warn_total));
  if (wanted.warn_available_percent && available < *wanted.warn_available_percent)
    return Finding::warn(Reason::threshold,
                         text + ", a warning below " + percent(*wanted.warn_available_percent));
  return Finding::pass(text);
}

class MemoryProbe : public Probe {
 public:
  MemoryProbe(MemorySettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [proc = settings_.proc, both = settings_.wants_pressure()] {
      Texts texts;
      texts.meminfo = read_bounded_file(proc + "/meminfo", largest_proc_file);
      if (both) texts.pressure = read_bounded_file(proc + "/pressure/memory", largest_proc_file);
      return texts;
    };
    auto reading = offload(resources_.pool, std::move(read));
    const Texts texts = co_await std::move(reading);
    attempt.enter(Stage::judge);
    co_return judge_texts(texts);
  }

 private:
  Finding judge_texts(const Texts& texts) const {
    const auto figures = parse_meminfo(texts.meminfo);
    if (!figures)
      return Finding::fail(Reason::content,
                           settings_.proc + "/meminfo lacks MemTotal or MemAvailable");
    std::optional<Pressure> pressure;
    if (settings_.wants_pressure()) {
      pressure = parse_pressure(texts.pressure);
      if (!pressure)
        return Finding::fail(Reason::content,
                             settings_.proc + "/pressure/memory is not understood");
    }
    Finding finding = judge(settings_, *figures, pressure);
    finding.measure("total", static_cast<double>(figures->total), "bytes");
    finding.measure("available", static_cast<double>(figures->available), "bytes");
    finding.measure("swap_total", static_cast<double>(figures->swap_total), "bytes");
    finding.measure("swap_free", static_cast<double>(figures->swap_free), "bytes");
    if (pressure) {
      finding.measure("pressure_some", pressure->some, "percent");
      finding.measure("pressure_full", pressure->full, "percent");
    }
    return finding;
  }

  MemorySettings settings_;
  Resources& resources_;
};

}  // namespace

std::optional<MemoryFigures> parse_meminfo(std::string_view text) {
  const auto total = kibibytes_after(text, "MemTotal:");
  const auto available = kibibytes_after(text, "MemAvailable:");
  if (!total || !available || *total <= 0) return std::nullopt;
  return MemoryFigures{*total, *available, kibibytes_after(text, "SwapTotal:").value_or(0),
                       kibibytes_after(text, "SwapFree:").value_or(0)};
}

std::optional<Pressure> parse_pressure(std::string_view text) {
  const auto some = average_after(text, "some ");
  const auto full = average_after(text, "full ");
  if (!some || !full) return std::nullopt;
  return Pressure{*some, *full};
}

std::unique_ptr<Probe> make_memory(Settings& settings, Resources& resources) {
  MemorySettings memory;
  memory.proc = settings.text_or("proc", "/proc");
  memory.min_total = settings.size("min_total");
  memory.warn_total = settings.size("warn_total");
  memory.min_available = settings.size("min_available");
  memory.min_available_percent = settings.number("min_available_percent", 0, 100);
  memory.warn_available_percent = settings.number("warn_available_percent", 0, 100);
  memory.max_swap_percent = settings.number("max_swap_percent", 0, 100);
  memory.max_pressure = settings.number("max_pressure", 0, 100);
  memory.max_full_pressure = settings.number("max_full_pressure", 0, 100);
  settings.finish();
  return std::make_unique<MemoryProbe>(std::move(memory), resources);
}

}  // namespace gonogo
