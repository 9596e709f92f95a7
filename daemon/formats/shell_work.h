// What a command line runs, as far as its text says: the programs and scripts in each command
// position, with their arguments. Nothing is run or expanded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/shell_grammar.h"

namespace gonogo {

// What is known of the host that runs the line. What is not known is taken to be good.
struct ShellReading {
  ShellDialect dialect = ShellDialect::other;  // of the shell that gets the line
  ShellDialect sh = ShellDialect::other;       // of "sh", where the line calls it
  std::function<std::optional<bool>(const std::string& path)> exists{};
  std::function<bool(const std::string& name)> is_set{};  // the variables of the environment
  bool has_usual_path = false;                            // PATH is the one that cron gives
};

struct ShellWork {
  // Each simple command's program and arguments, behind assignments and wrappers (env, nice, flock,
  // sudo, sh -c, docker exec, ...). Of a program that only mentions its arguments (echo, test, rm,
  // ...) there is the program alone. Each word of these by itself, too.
  std::vector<std::string> runs;
  // The whole line without comments, each word with its quotes removed; and the same with the words
  // of `runs` left out. What matches the first but not the second needs a word that is run.
  std::string all;
  std::string others;
  std::string problem;  // why the shell refuses the line; it runs nothing then
  std::string stop;     // where the shell gives up while it runs the line, and why
  std::string hint;     // what may be why a part of the line does not run

  void add(const std::string& word, bool is_run);
  // A program and those of its arguments that count.
  void add_run(const std::vector<std::string>& words);

  // Whether `matches` is true of what runs.
  bool fits(const std::function<bool(const std::string&)>& matches) const;
};

ShellWork shell_work(std::string_view line, const ShellReading& reading = {});

}  // namespace gonogo
