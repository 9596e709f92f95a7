// The commands of a shell's line as a tree. Lines that a shell refuses are read as far as possible:
// shell_grammar.h judges them.
#pragma once

#include <string>
#include <vector>

#include "daemon/formats/shell_grammar.h"
#include "daemon/formats/shell_tokens.h"

namespace gonogo {

struct ShellAndOr;
using ShellList = std::vector<ShellAndOr>;

struct ShellCommand {
  enum class Kind : std::uint8_t {
    simple,       // words and redirections
    stray,        // a token that no command can have there
    arithmetic,   // "[[ ... ]]" and "((...))" of bash
    subshell,     // lists[0]
    group,        // lists[0]
    conditional,  // condition, commands, condition, commands, ..., and those of "else"
    loop,         // "while": condition, commands
    until_loop,
    each_loop,  // "for", "select": lists[0], for the words behind the name
    choice,     // "case" of words[0]: lists[i] for patterns[i]
    function    // lists[0], by the name words[0]
  };
  Kind kind = Kind::simple;
  std::vector<ShellToken> words{};
  std::vector<ShellToken> redirections{};
  std::vector<ShellList> lists{};
  std::vector<std::vector<ShellToken>> patterns{};
  bool has_words = false;  // "for NAME in": without "in", the arguments of the shell are meant
};

// Commands with pipes between them.
struct ShellPipeline {
  bool is_negated = false;
  bool is_timed = false;
  std::vector<ShellCommand> commands{};
};

struct ShellAndOr {
  std::vector<ShellPipeline> pipelines{};
  std::vector<std::string> signs{};  // "&&" and "||", behind each pipeline but the last
  std::string end{};                 // ";", "&", a line end, or nothing
};

// `problem` says what no shell takes, such as a bracket behind a word.
ShellList shell_tree(const std::vector<ShellToken>& tokens, ShellDialect dialect,
                     std::string& problem);

}  // namespace gonogo
