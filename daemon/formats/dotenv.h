// Files of KEY=value lines, read as `docker compose` reads its env_file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

// The last of two equal keys wins. Knows `export`, comments, CRLF, a byte order mark, single quotes
// (literal), double quotes (escapes, several lines) and ${NAME}, ${NAME:-default} of keys above.
// Any other line is skipped.
std::map<std::string, std::string> parse_dotenv(std::string_view text);

}  // namespace gonogo
