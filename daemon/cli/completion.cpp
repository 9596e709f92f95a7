#include "daemon/cli/completion.h"

#include <algorithm>

#include "daemon/cli/verb_table.h"

namespace gonogo {
namespace {

void add_word(std::string& words, std::string_view word) {
  words.append(words.empty() ? "" : " ").append(word);
}

// "--config,-c" as "--config|-c", a pattern of the shell.
std::string pattern_of(const VerbOption& option) {
  std::string pattern = option.name;
  std::replace(pattern.begin(), pattern.end(), ',', '|');
  return pattern;
}

bool takes_file(const VerbOption& option) {
  return option.value == "FILE" || option.value == "PATH";
}

// What completes the value of an option.
std::string values_of(const VerbOption& option) {
  if (takes_file(option)) return "compgen -f -- \"$current\"";
  if (option.accepts != Accepts::choice) return ":";
  std::string words = option.value;
  std::replace(words.begin(), words.end(), '|', ' ');
  return "compgen -W '" + words + "' -- \"$current\"";
}

// One branch for each verb: what may follow it, and what may follow its options.
std::string branch_of(const Verb& verb) {
  std::string words = "--help";
  std::string values;
  bool takes_files = false;
  for (const VerbOption& option : verb.options) {
    if (option.is_argument()) {
      takes_files = takes_files || takes_file(option);
      continue;
    }
    std::string names = option.name;
    std::replace(names.begin(), names.end(), ',', ' ');
    add_word(words, names);
    if (!option.is_flag())
      values += "        " + pattern_of(option) + ") " + values_of(option) + " ;;\n";
  }
  const std::string others = "compgen -W '" + words + "' -- \"$current\"" +
                             (takes_files ? "; compgen -f -- \"$current\"" : "");
  if (verb.name == "help")
    return "    help) compgen -W \"" + words + " $verbs\" -- \"$current\" ;;\n";
  return "    '" + verb.name + "')\n      case $previous in\n" + values + "        *) " + others +
         " ;;\n      esac ;;\n";
}

}  // namespace

std::string bash_completion() {
  std::string first;
  std::string groups;
  std::string branches;
  for (const VerbGroup& group : verb_groups()) {
    add_word(first, group.name);
    groups.append(groups.empty() ? "" : "|").append(group.name);
    std::string second;
    for (const Verb& verb : verbs()) {
      if (verb.name.starts_with(group.name + " "))
        add_word(second, std::string_view(verb.name).substr(group.name.size() + 1));
    }
    branches += "    " + group.name + ") compgen -W '" + second + " --help' -- \"$current\" ;;\n";
  }
  for (const Verb& verb : verbs()) {
    if (verb.name.find(' ') == std::string::npos) add_word(first, verb.name);
    branches += branch_of(verb);
  }
  return "# Completions of gonogo for bash, made by `gonogo help --completion bash`.\n"
         "_gonogo_words() {\n"
         "  local current=$1 previous=$2 verb=$3\n"
         "  local verbs='" +
         first +
         "'\n"
         "  case $verb in\n"
         "    '') compgen -W \"$verbs --help --version\" -- \"$current\" ;;\n" +
         branches +
         "  esac\n"
         "}\n"
         "_gonogo() {\n"
         "  local verb=\n"
         "  ((COMP_CWORD > 1)) && verb=${COMP_WORDS[1]}\n"
         "  case $verb in\n"
         "    " +
         groups +
         ") ((COMP_CWORD > 2)) && verb+=\" ${COMP_WORDS[2]}\" ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(_gonogo_words \"${COMP_WORDS[COMP_CWORD]}\" "
         "\"${COMP_WORDS[COMP_CWORD-1]}\" \"$verb\")\n"
         "}\n"
         "complete -o filenames -F _gonogo gonogo\n";
}

}  // namespace gonogo
