#include <cstdlib>

#include "daemon/cli/command_line.h"
#include "daemon/io/jq_helper.h"
#include "daemon/io/left_threads.h"

int main(int argc, char** argv) {
  if (gonogo::is_jq_helper(argc, argv)) return gonogo::run_jq_helper(argc, argv);
  // libpq would send it to each server, and times without a zone would be judged by it.
  ::unsetenv("PGTZ");
  gonogo::end_process(gonogo::run_command_line(argc, argv));
}
