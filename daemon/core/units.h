// Durations and sizes as the configuration writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/core/time.h"

namespace gonogo {

// "250ms", "30s", "26h", "90d", also joined ("1h30m") and with a fraction ("1.5s"). A bare number
// has no unit and is refused. Nothing when the text is anything else or is over 100 years.
std::optional<Duration> parse_duration(std::string_view text);

// "20GiB", "500MB", "4096" (bytes). Nothing when the text is anything else or is over 2^63 bytes.
std::optional<std::int64_t> parse_size(std::string_view text);

// The largest binary unit that keeps the number readable ("19.5GiB").
std::string size_in_words(std::int64_t bytes);

// Up to six significant digits, no exponent for the sizes people read ("3.1", "180", "0.25").
std::string number_in_words(double number);

}  // namespace gonogo
