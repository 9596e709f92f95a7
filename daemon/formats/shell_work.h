// What a command line runs, as far as its text says: the programs and scripts in each command
// position, with their arguments. Nothing is run or expanded.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

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

  void add(const std::string& word, bool is_run);
  // A program and those of its arguments that count.
  void add_run(const std::vector<std::string>& words);

  // Whether `matches` is true of what runs.
  bool fits(const std::function<bool(const std::string&)>& matches) const;
};

ShellWork shell_work(std::string_view line);

}  // namespace gonogo
