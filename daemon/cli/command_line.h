// Runs the verb that argv names.
#pragma once

namespace gonogo {

// The exit code: 0 GO or done, 1 NO-GO or failed, 2 no answer, 64 usage, 78 bad configuration.
int run_command_line(int argc, char** argv);

}  // namespace gonogo
