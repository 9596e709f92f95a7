#include "daemon/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_line = 4000;

}  // namespace

void start_logging() {
  const bool by_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  if (by_journal) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "gonogo", std::make_shared<spdlog::sinks::systemd_sink_st>("gonogo")));
  } else {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "gonogo", std::make_shared<spdlog::sinks::stderr_color_sink_st>()));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  }
}

void log_info(std::string_view text) { spdlog::info("{}", on_one_line(text, longest_line)); }
void log_warning(std::string_view text) { spdlog::warn("{}", on_one_line(text, longest_line)); }
void log_error(std::string_view text) { spdlog::error("{}", on_one_line(text, longest_line)); }

}  // namespace gonogo
