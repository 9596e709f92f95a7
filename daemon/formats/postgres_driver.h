// SQLAlchemy's URLs of PostgreSQL ("postgresql+asyncpg://..."), read as it reads them, and what
// each driver takes of their parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gonogo {

// "asyncpg" of "postgresql+asyncpg://..."; empty when the text names no driver.
std::string_view driver_of(std::string_view text);

// What the driver would connect with, as keywords of libpq. Nothing for what the driver refuses:
// then the application, which has the same URL, does not connect either. `problem` never shows a
// value.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_driver_url(
    std::string_view text, std::string& problem);

// True for a keyword of the libpq that this daemon is linked with ("sslmode").
bool is_libpq_keyword(std::string_view name);

// "which libpq 15 does not know (...)", with what is meant if the parameter is a driver's.
std::string unknown_to_libpq(std::string_view name);

}  // namespace gonogo
