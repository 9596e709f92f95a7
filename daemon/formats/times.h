// Moments in the forms in which others write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/time.h"

namespace gonogo {

// RFC 3339 with a zone ("Z" or an offset); nothing when the text is anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

// ISO 8601's compact form "20260106T120000Z"; nothing when the text is anything else.
std::optional<WallTime> parse_compact_time(std::string_view text);

// An HTTP date (RFC 9110, 5.6.7) in its preferred form; nothing when the text is anything else.
std::optional<WallTime> parse_http_date(const std::string& text);

}  // namespace gonogo
