#include "daemon/io/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace gonogo {

std::pair<std::size_t, std::size_t> count_descriptors() {
  std::error_code error;
  std::size_t open = 0;
  for (std::filesystem::directory_iterator i("/proc/self/fd", error), end; !error && i != end;
       i.increment(error))
    ++open;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {open, static_cast<std::size_t>(limit.rlim_cur)};
}

void measure_process(DaemonFigures& figures) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The command may hold blanks: the fields begin after its closing parenthesis (proc(5)).
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return;
  std::istringstream fields(line.substr(end + 1));
  std::string skipped;
  for (int i = 3; i <= 13; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  for (int i = 16; i <= 19; ++i) fields >> skipped;
  fields >> figures.threads;
  double started = 0;
  double pages = 0;
  fields >> skipped >> started >> figures.virtual_bytes >> pages;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  figures.cpu_seconds = (user + system) / ticks;
  figures.resident_bytes = pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  std::ifstream stat("/proc/stat");
  std::string word;
  while (stat >> word) {
    if (word != "btime") continue;
    double boot = 0;
    stat >> boot;
    figures.start_time = boot + started / ticks;
    break;
  }
  const auto [open, most] = count_descriptors();
  figures.open_fds = static_cast<double>(open);
  figures.max_fds = static_cast<double>(most);
}

}  // namespace gonogo
