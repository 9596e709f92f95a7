// What is known of one entry of a crontab before its command is read. Both functions block: call
// them on the pool.
#pragma once

#include <string>

#include "daemon/formats/crontab.h"
#include "daemon/formats/shell_work.h"
#include "daemon/io/crontab_root.h"

namespace gonogo {

// Its shell and its variables. What is returned refers to its arguments.
ShellReading shell_reading(const CrontabEntry& entry, const Crontab& crontab,
                           const CrontabRoot& root);

// Why the entry runs nothing, whatever its command is; empty when it does not say.
std::string fault_of_entry(const CrontabEntry& entry, const CrontabRoot& root,
                           const ShellReading& reading, bool is_of_user);

}  // namespace gonogo
