// Reads one short text from where a host keeps it, such as the version that runs.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;
class TextSource;

// Reads one of `file`, `dotenv` with `key`, `json` with `jq`, `git`, `command` and `http` (a
// section with `url` and `jq`). Null on a problem.
std::shared_ptr<TextSource> read_text_source(Settings& settings, Resources& resources);

// One line of at most 200 bytes, not empty. Throws IoError or RunEnded.
boost::asio::awaitable<std::string> ask(std::shared_ptr<TextSource> source, Attempt& attempt);

}  // namespace gonogo
