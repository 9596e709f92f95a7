// What the syntax of a command line lets run: which of its commands, as far as its text says.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/formats/shell_tree.h"
#include "daemon/formats/shell_work.h"

namespace gonogo {

enum class ShellResult : std::uint8_t { unknown, good, bad };

// What has ended for certain: the turn of a loop, a function, or the shell.
enum class ShellEnd : std::uint8_t { none, loop, function, shell };

// What a shell keeps between its commands.
struct ShellState {
  ShellEnd end = ShellEnd::none;
  ShellResult status = ShellResult::unknown;  // with which the shell or the function ended
  bool exits_on_error = false;                // "set -e"
  bool has_pipefail = false;
  bool has_arguments = false;
  bool has_own_path = false;
  bool knows_variables = true;  // none came from a file or from input
  std::set<std::string> variables{};
  std::map<std::string, std::shared_ptr<const ShellList>> functions{};
};

// Runs commands in thought, into the work. What a simple command does is said by a derived class.
class ShellFlow {
 public:
  ShellFlow(const ShellFlow&) = delete;
  ShellFlow& operator=(const ShellFlow&) = delete;

 protected:
  explicit ShellFlow(ShellWork& work) : work_(work) {}
  virtual ~ShellFlow() = default;

  virtual ShellResult run_simple(const ShellCommand& command) = 0;
  virtual void run_substitutions(std::span<const ShellToken> tokens) = 0;
  // Whether the shell gives up when it expands them.
  virtual bool refuses(std::span<const ShellToken> tokens) = 0;

  ShellResult run_list(const ShellList& list);
  ShellResult call(const std::string& function);

  void add(const std::string& text, bool is_run) { work_.add(text, is_run); }
  void sign(std::string_view text) { add(std::string(text), false); }
  void mention(std::span<const ShellToken> words) {
    for (const ShellToken& word : words) add(word.text, false);
  }
  bool is_live() const { return !is_dead_ && state_.end == ShellEnd::none; }
  void end_shell(ShellResult status) {
    state_.end = ShellEnd::shell;
    state_.status = status;
  }

  template <typename Run>
  ShellResult in_subshell(Run run) {
    const ShellState before = state_;
    const ShellResult result = run();
    const bool has_ended = state_.end != ShellEnd::none && before.end == ShellEnd::none;
    const ShellResult status = state_.status;
    state_ = before;
    return has_ended ? status : result;
  }

  ShellWork& work_;
  ShellState state_;
  const ShellCommand* feeder_ = nullptr;  // what is before the command in its pipeline
  int loops_ = 0;
  int functions_ = 0;

 private:
  template <typename Run>
  ShellResult when(bool is_possible, Run run) {
    const bool was_dead = std::exchange(is_dead_, is_dead_ || !is_possible);
    const ShellResult result = run();
    is_dead_ = was_dead;
    return result;
  }
  // What may run or not ends nothing for certain.
  template <typename Run>
  ShellResult perhaps(Run run) {
    const ShellEnd before = state_.end;
    const ShellResult result = run();
    state_.end = before;
    return result;
  }
  // What a condition or the left of "&&" returns ends no shell.
  template <typename Run>
  ShellResult tested(Run run) {
    ++tests_;
    const ShellResult result = run();
    --tests_;
    return result;
  }

  ShellResult run_and_or(const ShellAndOr& item);
  ShellResult run_pipeline(const ShellPipeline& pipeline);
  ShellResult run_command(const ShellCommand& command);
  ShellResult run_compound(const ShellCommand& command);
  ShellResult run_if(const ShellCommand& command, std::size_t at = 0);
  ShellResult run_while(const ShellCommand& command);
  void run_turns(const ShellCommand& command, std::size_t commands, ShellResult is_entered);
  ShellResult run_for(const ShellCommand& command);
  ShellResult run_case(const ShellCommand& command);
  void define(const ShellCommand& command);

  bool is_dead_ = false;  // the command cannot run: "false && ...", "true || ..."
  int tests_ = 0;
};

}  // namespace gonogo
