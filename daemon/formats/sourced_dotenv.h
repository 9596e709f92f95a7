// A .env file that scripts `source` as well: what bash and dash make of it.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/formats/dotenv.h"

namespace gonogo {

// Why the file is not safe to source: it would run a command, end the script, or set another value
// than compose does. `read` is what compose makes of the same text with the same `environment`. At
// most one problem a line. The texts show no value.
std::vector<DotenvProblem> problems_when_sourced(
    std::string_view text, const Dotenv& read,
    const std::map<std::string, std::string>& environment = {});

}  // namespace gonogo
