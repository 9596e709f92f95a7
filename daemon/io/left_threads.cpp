#include "daemon/io/left_threads.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace gonogo {
namespace {

std::atomic<bool> some_are_left{false};

}  // namespace

void leave_behind(std::thread thread) {
  some_are_left = true;
  thread.detach();
}

void end_process(int exit_code) {
  if (!some_are_left) std::exit(exit_code);
  std::cout.flush();
  std::fflush(stdout);
  std::fflush(stderr);
  std::_Exit(exit_code);
}

}  // namespace gonogo
