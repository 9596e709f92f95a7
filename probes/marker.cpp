#include "probes/marker.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/times.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_marker = 4096;

struct MarkerSettings {
  std::string path;
  std::string format;
  Duration max_age{};
  std::optional<Duration> warn_age;
  Duration max_future{};
};

std::optional<WallTime> parse_epoch(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  // Exactly ten digits, the years 2001 to 2286: other lengths are some other number.
  if (error != std::errc{} || end != text.data() + text.size() || text.size() != 10)
    return std::nullopt;
  return WallTime{std::chrono::seconds{seconds}};
}

std::optional<WallTime> parse_marker(std::string_view text, const std::string& format) {
  std::optional<WallTime> time;
  if (format == "auto" || format == "rfc3339") time = parse_rfc3339(text);
  if (!time && (format == "auto" || format == "compact")) time = parse_compact_time(text);
  if (!time && (format == "auto" || format == "epoch")) time = parse_epoch(text);
  return time;
}

// UTF-16 or UTF-32: the bytes between those of ASCII are NULs.
bool is_wide(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
      text.starts_with(std::string_view("\0\0\xfe\xff", 4)))
    return true;
  std::size_t nuls[2] = {0, 0};
  for (std::size_t i = 0; i < text.size(); ++i) nuls[i % 2] += text[i] == '\0' ? 1 : 0;
  return text.size() >= 2 && std::max(nuls[0], nuls[1]) == text.size() / 2;
}

// The text behind a byte order mark, which some editors and PowerShell write. Throws RunEnded for
// UTF-16 and UTF-32: such a text would be shown as it should be, were it not for NULs.
std::string_view without_mark(std::string_view text, const std::string& path) {
  if (text.starts_with("\xef\xbb\xbf")) return text.substr(3);
  if (is_wide(text)) {
    throw RunEnded(
        Finding::fail(Reason::content, path + " is UTF-16 or UTF-32 text, wanted UTF-8"));
  }
  return text;
}

// The text in quotes, with blanks and hyphens that nobody sees as such as bytes.
std::string with_hidden_shown(std::string_view text) {
  std::string shown = in_quotes(text);
  constexpr std::pair<std::string_view, std::string_view> hidden[] = {{"\u00A0", "\\xc2\\xa0"},
                                                                      {"\u00AD", "\\xc2\\xad"}};
  for (const auto& [character, bytes] : hidden) {
    for (std::size_t at = shown.find(character); at != std::string::npos;
         at = shown.find(character, at + bytes.size()))
      shown.replace(at, character.size(), bytes);
  }
  return shown;
}

// Returns the time in the file. Blocks, so it runs on the pool.
WallTime read_marker(const MarkerSettings& settings) {
  if (settings.format == "mtime") {
    const struct stat info = stat_file(settings.path);
    if (!S_ISREG(info.st_mode)) {
      throw RunEnded(Finding::fail(
          Reason::type, settings.path + " is " + type_in_words(info.st_mode) + ", wanted a file"));
    }
    return changed_at(info);
  }
  const std::string content = read_bounded_file(settings.path, longest_marker);
  const std::string_view text = trimmed(without_mark(content, settings.path));
  if (text.empty())
    throw RunEnded(Finding::fail(Reason::content, settings.path + " is empty, wanted a time"));
  const auto time = parse_marker(text, settings.format);
  if (time) return *time;
  const bool lacks_zone = parse_rfc3339(std::string(text) + "Z").has_value();
  throw RunEnded(
      Finding::fail(Reason::content, "holds " + with_hidden_shown(text) +
                                         (lacks_zone ? ", a time without a zone" : "") +
                                         ", wanted a time such as 2026-04-05T02:15:31Z"));
}

class MarkerProbe : public Probe {
 public:
  MarkerProbe(MarkerSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [settings = settings_] { return read_marker(settings); };
    auto reading = offload(resources_.pool, std::move(read));
    const WallTime time = co_await std::move(reading);
    attempt.enter(Stage::judge);
    co_return judged_by(resources_.clock.wall_reading(),
                        [this, time](WallTime now) { return judge(time, now); });
  }

 private:
  Finding judge(WallTime time, WallTime now) const {
    const Duration age = now - time;
    const std::string when = " (" + to_rfc3339(time) + ")";
    Finding finding = Finding::pass(to_words(age) + " old" + when);
    if (age < -settings_.max_future) {
      finding = Finding::fail(Reason::future, "dated " + to_words(-age) + " in the future" + when);
    } else if (age > settings_.max_age) {
      finding = Finding::fail(Reason::stale_data, to_words(age) + " old, wanted at most " +
                                                      to_words(settings_.max_age) + when);
    } else if (settings_.warn_age && age > *settings_.warn_age) {
      finding = Finding::warn(Reason::stale_data, to_words(age) + " old, a warning above " +
                                                      to_words(*settings_.warn_age) + when);
    }
    finding.measure("age", in_seconds(age), "seconds");
    return finding;
  }

  MarkerSettings settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_marker(Settings& settings, Resources& resources) {
  MarkerSettings marker;
  marker.path = settings.required_text("path", "/var/lib/backup/LAST_SUCCESS");
  marker.format =
      settings.one_of("format", {"auto", "rfc3339", "compact", "epoch", "mtime"}).value_or("auto");
  const auto max_age = settings.duration("max_age");
  if (!settings.has("max_age")) settings.complain("`max_age` is missing (such as max_age: 26h)");
  marker.max_age = max_age.value_or(std::chrono::hours{26});
  marker.warn_age = settings.duration("warn_age");
  marker.max_future = settings.duration("max_future", {.least = Duration::zero()})
                          .value_or(std::chrono::seconds{5});
  settings.finish();
  return std::make_unique<MarkerProbe>(std::move(marker), resources);
}

}  // namespace gonogo
