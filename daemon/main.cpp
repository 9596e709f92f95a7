#include "daemon/cli/command_line.h"
#include "daemon/io/left_threads.h"

int main(int argc, char** argv) { gonogo::end_process(gonogo::run_command_line(argc, argv)); }
