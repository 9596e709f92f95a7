#include "daemon/formats/shell_programs.h"

#include <algorithm>
#include <array>

namespace gonogo {
namespace {

constexpr std::array wrappers{
    ShellWrapper{
        .names = "env", .values = "uC", .long_values = "unset chdir", .takes_assignments = true},
    ShellWrapper{.names = "nice", .values = "n", .long_values = "adjustment"},
    ShellWrapper{.names = "ionice", .values = "cnpPu", .long_values = "class classdata"},
    ShellWrapper{.names = "flock lckdo",
                 .values = "wEWQ",
                 .long_values = "wait timeout conflict-exit-code",
                 .operands = 1,
                 .takes_line = true},
    ShellWrapper{
        .names = "timeout", .values = "ks", .long_values = "kill-after signal", .operands = 1},
    ShellWrapper{.names = "sudo",
                 .values = "uUgpCThrtRD",
                 .long_values = "user group host prompt chdir chroot role type other-user "
                                "close-from command-timeout",
                 .takes_assignments = true,
                 .reads_only = "lvkK"},
    ShellWrapper{.names = "doas", .values = "uC"},
    ShellWrapper{.names = "nohup setsid chronic builtin ifne run-one fakeroot catchsegv caffeinate "
                          "nocache dbus-run-session torsocks unbuffer annotate-output"},
    ShellWrapper{.names = "time", .values = "fo", .long_values = "format output"},
    ShellWrapper{.names = "exec", .values = "a"},
    ShellWrapper{.names = "command", .reads_only = "vV"},
    ShellWrapper{.names = "xargs", .values = "aEIdLnPs"},
    ShellWrapper{.names = "parallel", .values = "jaIn"},
    ShellWrapper{.names = "stdbuf", .values = "ioe", .long_values = "input output error"},
    ShellWrapper{.names = "chrt", .values = "TPD", .operands = 1},
    ShellWrapper{.names = "taskset", .operands = 1},
    ShellWrapper{.names = "cpulimit", .values = "lpe", .long_values = "limit"},
    ShellWrapper{.names = "prlimit"},
    ShellWrapper{.names = "systemd-run",
                 .values = "pMHEut",
                 .long_values = "unit property description slice uid gid nice setenv machine "
                                "working-directory service-type"},
    ShellWrapper{.names = "systemd-inhibit", .long_values = "what who why mode"},
    ShellWrapper{.names = "systemd-cat", .values = "tp", .long_values = "identifier priority"},
    ShellWrapper{.names = "setpriv",
                 .long_values = "reuid regid groups inh-caps ambient-caps bounding-set"},
    ShellWrapper{.names = "chroot", .long_values = "userspec groups", .operands = 1},
    ShellWrapper{.names = "gosu su-exec envdir setlock setuidgid", .operands = 1},
    ShellWrapper{.names = "chpst", .values = "uUbemodfprtcl/n"},
    ShellWrapper{.names = "strace", .values = "eopsu"},
    ShellWrapper{.names = "nsenter", .values = "tSG", .long_values = "target setuid setgid"},
    ShellWrapper{.names = "unshare"},
    ShellWrapper{.names = "with-lock-ex", .operands = 1},
};

constexpr std::string_view compounds = "! { } if then elif else fi while until do done time";
constexpr std::string_view list_heads = "for select case function";
constexpr std::string_view shells = "sh bash dash ksh ksh93 mksh zsh ash rbash fish";
constexpr std::string_view container_tools =
    "docker podman nerdctl docker-compose podman-compose kubectl oc";
constexpr std::string_view mentioning =
    "echo printf : true false test [ [[ logger cat ls rm chmod touch cp mv ln mkdir rmdir chown "
    "chgrp stat file head tail grep egrep fgrep zgrep pgrep pkill killall kill wc diff cmp which "
    "whereis type hash du df export unset readonly declare typeset local set shopt umask alias "
    "unalias cd pushd popd exit return mail mailx s-nail sendmail mutt notify-send wall write less "
    "more md5sum sha1sum sha256sum sha512sum basename dirname realpath readlink sleep wait read "
    "pwd "
    "id date yes tee sed cut sort uniq tr zcat gzip gunzip truncate shred unlink install mktemp "
    "mkfifo pidof lsof fuser crontab shellcheck";
constexpr std::string_view interpreters =
    "python perl ruby node nodejs php psql mysql mariadb sqlite3 mongo mongosh redis-cli awk gawk "
    "mawk lua tclsh java deno bun";

// Whether `list`, with blanks between its words, has `word`.
bool has_word(std::string_view list, std::string_view word) {
  if (word.empty()) return false;
  while (!list.empty()) {
    const std::size_t length = std::min(list.find(' '), list.size());
    if (list.substr(0, length) == word) return true;
    list.remove_prefix(std::min(length + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string_view shell_program_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

const ShellWrapper* find_wrapper(std::string_view name) {
  const auto found =
      std::find_if(wrappers.begin(), wrappers.end(),
                   [&](const ShellWrapper& wrapper) { return has_word(wrapper.names, name); });
  return found == wrappers.end() ? nullptr : &*found;
}

bool takes_value(std::string_view option, const ShellWrapper& wrapper) {
  if (option.starts_with("--")) return has_word(wrapper.long_values, option.substr(2));
  // In "-c2" the value is in the same word, in "-ic" it is the next one.
  const std::size_t letter = option.find_first_of(wrapper.values, 1);
  return letter != std::string_view::npos && letter + 1 == option.size();
}

bool begins_compound(std::string_view word) { return has_word(compounds, word); }
bool begins_list(std::string_view word) { return has_word(list_heads, word); }
bool is_shell(std::string_view name) { return has_word(shells, name); }
bool is_container_tool(std::string_view name) { return has_word(container_tools, name); }
bool only_mentions(std::string_view name) { return has_word(mentioning, name); }

bool is_interpreter(std::string_view name) {
  // "python3.11", "php8.2"
  const std::size_t length = name.find_last_not_of("0123456789.-") + 1;
  return has_word(interpreters, name) || has_word(interpreters, name.substr(0, length));
}

bool is_time_field(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789*/,-~") == std::string_view::npos;
}

}  // namespace gonogo
