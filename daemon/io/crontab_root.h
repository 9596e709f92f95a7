// The file system in which the entries of a crontab run: this host's, or that of the container
// whose root the crontab is below (/proc/PID/root/etc/crontab). Every function blocks: call it on
// the pool.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gonogo {

class CrontabRoot {
 public:
  explicit CrontabRoot(const std::string& crontab);

  // Why cron cannot run the shell of an entry; empty when it can.
  std::string refusal_of_shell(const std::string& shell) const;

  // "dash" for /bin/sh of Debian: the name of the file that a path leads to; empty when there is
  // none.
  std::string name_of_program(const std::string& path) const;

  // Nothing where it cannot be seen.
  std::optional<bool> exists(const std::string& path) const;

  // The paths of the files in a folder, such as /etc/cron.daily.
  std::vector<std::string> files_in(const std::string& folder) const;

  // Whether /etc/environment, which Debian's cron hands on, sets a variable.
  bool is_in_environment(const std::string& name) const;

 private:
  // A path as seen from here. Links lead to paths below the root.
  std::string resolved(const std::string& path) const;

  std::string root_;  // empty for this host's
};

}  // namespace gonogo
