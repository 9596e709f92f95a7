// Threads that hang in a call, such as a read from a mount whose server is gone: nobody can wait
// for them, and they end with the process.
#pragma once

#include <thread>

namespace gonogo {

void leave_behind(std::thread thread);

// Ends the process. If a thread was left behind, no destructor of a global object and no exit
// handler runs: they would take away what that thread may still use.
[[noreturn]] void end_process(int exit_code);

}  // namespace gonogo
