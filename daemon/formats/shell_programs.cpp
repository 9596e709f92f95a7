#include "daemon/formats/shell_programs.h"

#include <algorithm>
#include <array>

namespace gonogo {
namespace {

constexpr std::array wrappers{
    ShellWrapper{.names = "nice", .values = "n", .long_values = "adjustment"},
    ShellWrapper{.names = "ionice",
                 .values = "cnpPu",
                 .long_values = "class classdata pid pgid uid",
                 .reads_only = "pPu",
                 .long_reads_only = "pid pgid uid"},
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
                 .reads_only = "lveKV",
                 .long_reads_only = "list validate edit remove-timestamp version"},
    ShellWrapper{.names = "sudoedit", .reads_only = "u"},
    ShellWrapper{.names = "doas pkexec", .values = "uC", .long_values = "user", .reads_only = "L"},
    ShellWrapper{.names = "nohup setsid chronic cronic builtin ifne run-one fakeroot catchsegv "
                          "caffeinate nocache dbus-run-session torsocks tsocks unbuffer "
                          "annotate-output firejail eatmydata tini dumb-init"},
    ShellWrapper{.names = "busybox"},
    ShellWrapper{.names = "time", .values = "fo", .long_values = "format output"},
    ShellWrapper{.names = "exec", .values = "a"},
    ShellWrapper{.names = "command", .reads_only = "vV"},
    ShellWrapper{.names = "xargs",
                 .values = "aEIdLnPs",
                 .long_values = "arg-file delimiter max-args max-procs max-chars process-slot-var"},
    ShellWrapper{.names = "parallel sem",
                 .values = "jaInNSL",
                 .long_values = "jobs arg-file max-args max-replace-args colsep delay retries "
                                "timeout joblog results sshlogin id semaphorename load nice"},
    ShellWrapper{.names = "stdbuf", .values = "ioe", .long_values = "input output error"},
    ShellWrapper{.names = "chrt",
                 .values = "TPD",
                 .long_values = "sched-runtime sched-period sched-deadline",
                 .operands = 1,
                 .reads_only = "pm",
                 .long_reads_only = "pid max"},
    ShellWrapper{.names = "taskset", .operands = 1, .reads_only = "p", .long_reads_only = "pid"},
    ShellWrapper{.names = "cpulimit",
                 .values = "lpe",
                 .long_values = "limit pid exe",
                 .reads_only = "pe",
                 .long_reads_only = "pid exe"},
    ShellWrapper{.names = "prlimit",
                 .values = "op",
                 .long_values = "output pid",
                 .reads_only = "p",
                 .long_reads_only = "pid"},
    ShellWrapper{.names = "systemd-run",
                 .values = "pMHEut",
                 .long_values = "unit property description slice uid gid nice setenv machine host "
                                "working-directory service-type on-active on-boot on-startup "
                                "on-unit-active on-unit-inactive on-calendar timer-property "
                                "path-property socket-property background"},
    ShellWrapper{
        .names = "systemd-inhibit", .long_values = "what who why mode", .long_reads_only = "list"},
    ShellWrapper{
        .names = "systemd-cat", .values = "tp", .long_values = "identifier priority namespace"},
    ShellWrapper{.names = "setpriv",
                 .long_values = "reuid regid ruid rgid euid egid groups inh-caps ambient-caps "
                                "bounding-set securebits pdeathsig selinux-label apparmor-profile",
                 .reads_only = "d",
                 .long_reads_only = "dump"},
    ShellWrapper{.names = "chroot", .long_values = "userspec groups", .operands = 1},
    ShellWrapper{.names = "gosu su-exec envdir setlock setuidgid s6-setuidgid", .operands = 1},
    ShellWrapper{.names = "logsave lockf", .values = "t", .operands = 1},
    ShellWrapper{.names = "lockrun solo", .long_values = "lockfile maxtime sleep retries"},
    ShellWrapper{.names = "numactl",
                 .values = "ipPmNCwLos",
                 .long_values = "interleave preferred membind cpunodebind physcpubind length "
                                "offset shm file",
                 .reads_only = "sH",
                 .long_reads_only = "show hardware"},
    ShellWrapper{.names = "proxychains proxychains4", .values = "f"},
    ShellWrapper{.names = "cgexec", .values = "g"},
    ShellWrapper{.names = "xvfb-run",
                 .values = "nsefpw",
                 .long_values = "server-num server-args error-file auth-file xauth-protocol wait"},
    ShellWrapper{.names = "chpst", .values = "uUbemodfprtcl/n"},
    ShellWrapper{.names = "strace ltrace", .values = "eopsuSaEIOPX"},
    ShellWrapper{.names = "nsenter", .values = "tSG", .long_values = "target setuid setgid"},
    ShellWrapper{.names = "unshare",
                 .values = "RwSG",
                 .long_values = "propagation setgroups root wd setuid setgid map-user map-group "
                                "map-users map-groups monotonic boottime"},
    ShellWrapper{.names = "with-lock-ex", .operands = 1},
};

constexpr ShellWrapper env{.names = "env", .values = "uC", .long_values = "unset chdir"};
constexpr ShellWrapper su{.names = "su runuser",
                          .values = "cgGsuwT",
                          .long_values =
                              "command session-command group supp-group shell user "
                              "whitelist-environment"};
constexpr ShellWrapper ssh{.names = "ssh", .values = "BbcDEeFIiJLlmOopQRSWw"};
constexpr ShellWrapper watch{.names = "watch", .values = "n", .long_values = "interval"};
constexpr ShellWrapper container{
    .names = "docker",
    .values = "HceuwfpvlnNmhas",
    .long_values =
        "host context config env env-file user workdir file project-name project-directory profile "
        "index name entrypoint volume mount publish label network hostname add-host memory cpus "
        "namespace container detach-keys pull log-level ansi parallel progress shm-size gpus "
        "restart mac-address cpu-shares cpu-period cpu-quota cpuset-cpus cpuset-mems cap-add "
        "cap-drop cgroup-parent cgroupns cidfile device device-cgroup-rule dns dns-option "
        "dns-search domainname expose group-add health-cmd health-interval health-retries "
        "health-timeout health-start-period ip ip6 ipc isolation label-file link log-driver "
        "log-opt memory-reservation memory-swap network-alias net oom-score-adj pid pids-limit "
        "platform runtime security-opt stop-signal stop-timeout storage-opt sysctl tmpfs ulimit "
        "userns uts volume-driver volumes-from annotation attach blkio-weight tlscacert tlscert "
        "tlskey kubeconfig cluster server token pod-running-timeout image overrides selector "
        "arch os pod systemd secret"};

constexpr std::string_view shells = "sh bash dash ksh ksh93 mksh zsh ash rbash fish";
constexpr std::string_view container_tools =
    "docker podman nerdctl docker-compose podman-compose kubectl oc";
constexpr std::string_view mentioning =
    "echo printf : true false test [ [[ logger cat ls rm chmod touch cp mv ln mkdir rmdir chown "
    "chgrp stat head tail grep egrep fgrep zgrep pgrep pkill killall kill wc diff cmp which "
    "whereis type hash du df export unset readonly declare typeset local set shopt umask alias "
    "unalias cd pushd popd exit return mail mailx s-nail sendmail mutt notify-send wall write less "
    "more md5sum sha1sum sha256sum sha512sum basename dirname realpath readlink sleep wait read "
    "pwd "
    "id date yes tee sed cut sort uniq tr zcat gzip gunzip truncate shred unlink install mktemp "
    "mkfifo pidof lsof fuser crontab shellcheck trap "
    "vim vi view nano emacs ed ex joe mcedit tar bsdtar cpio pax zip unzip xz unxz xzcat bzip2 "
    "bunzip2 bzcat zstd unzstd 7z gpg gpg2 openssl scp sftp rsync rclone git svn hg ps locate "
    "mlocate plocate dpkg dpkg-query rpm apt apt-get apt-cache base64 base32 cksum sum b2sum "
    "sha224sum sha384sum md5 od xxd hexdump strings sync dd jq yq setfacl getfacl chattr lsattr "
    "nl tac rev comm join paste fold fmt split csplit diff3 sdiff patch ts savelog logrotate "
    "inotifywait printenv compgen help man info apropos whatis tree stty file strip nm ldd "
    "objdump readelf atq atrm bat zless zmore xzgrep rg ag ack namei link symlinks column "
    "dos2unix unix2dos iconv envsubst pgrep sum chcon restorecon setcap getcap rename mmv";
constexpr std::string_view interpreters =
    "python perl ruby node nodejs php psql mysql mariadb sqlite3 mongo mongosh redis-cli awk gawk "
    "mawk lua tclsh java deno bun";

constexpr std::string_view file_printers =
    "cat zcat xzcat bzcat grep egrep fgrep zgrep sed head tail tac tr cut sort uniq";
constexpr std::string_view databases = "psql mysql mariadb sqlite3 mongo mongosh redis-cli";
constexpr std::string_view starting =
    "start restart try-restart reload reload-or-restart try-reload-or-restart isolate "
    "force-reload condrestart";

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

bool runs_nothing(std::string_view option, const ShellWrapper& wrapper) {
  if (option.starts_with("--"))
    return has_word(wrapper.long_reads_only, option.substr(2, option.find('=') - 2));
  const std::size_t value = option.find_first_of(wrapper.values, 1);
  return option.find_first_of(wrapper.reads_only, 1) < std::min(value, option.size()) ||
         (value < option.size() &&
          wrapper.reads_only.find(option[value]) != std::string_view::npos);
}

const ShellWrapper& env_options() { return env; }
const ShellWrapper& su_options() { return su; }
const ShellWrapper& ssh_options() { return ssh; }
const ShellWrapper& watch_options() { return watch; }
const ShellWrapper& container_options() { return container; }

bool is_shell(std::string_view name) { return has_word(shells, name); }
bool is_container_tool(std::string_view name) { return has_word(container_tools, name); }
bool only_mentions(std::string_view name) { return has_word(mentioning, name); }
bool passes_files(std::string_view name) { return has_word(file_printers, name); }
bool reads_statements(std::string_view name) { return has_word(databases, name); }
bool starts_service(std::string_view verb) { return has_word(starting, verb); }

bool is_interpreter(std::string_view name) {
  // "python3.11", "php8.2"
  const std::size_t length = name.find_last_not_of("0123456789.-") + 1;
  return has_word(interpreters, name) || has_word(interpreters, name.substr(0, length));
}

bool is_no_program(const ShellToken& program,
                   const std::function<std::optional<bool>(const std::string&)>& exists) {
  const std::string& name = program.text;
  // An option, a macro of cron or a number where a program belongs.
  if (name.starts_with('-') || name.starts_with('@') || name.starts_with('!')) return true;
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) return true;
  constexpr std::string_view blanks = " \t";
  if (name.find_first_of(blanks) == std::string::npos || program.is_expanded) return false;
  if (exists && name.starts_with('/')) {
    if (const auto is_there = exists(name)) return !*is_there;
  }
  // "/opt/my scripts/x.sh" may be one.
  if (shell_program_name(name).find_first_of(blanks) != std::string_view::npos) return true;
  for (std::size_t at = name.find_first_of(blanks); at != std::string::npos;
       at = name.find_first_of(blanks, at + 1)) {
    if (at + 1 < name.size() &&
        std::string_view("-></|&;").find(name[at + 1]) != std::string_view::npos)
      return true;
  }
  return false;
}

bool is_time_field(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789*/,-~") == std::string_view::npos;
}

}  // namespace gonogo
