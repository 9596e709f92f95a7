#include "daemon/formats/shell_launchers.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "daemon/formats/shell_work.h"

namespace gonogo {
namespace {

bool runs(const char* line, const char* pattern = R"(backup_now\.sh)") {
  const RE2 expression(pattern);
  return shell_work(line).fits(
      [&](const std::string& text) { return RE2::PartialMatch(text, expression); });
}

TEST(ShellLaunchers, RunTheirArguments) {
  for (const char* line : {"env A=b /opt/backup_now.sh",
                           "env -i -u X /opt/backup_now.sh",
                           "nice /opt/backup_now.sh",
                           "nice -n 19 /opt/backup_now.sh",
                           "nice -19 backup_now.sh",
                           "nice -n 10 ionice -c2 -n 7 backup_now.sh",
                           "ionice -c 3 backup_now.sh",
                           "flock -n /run/x.lock /opt/backup_now.sh",
                           "/usr/bin/flock -w 5 /run/x.lock -c '/opt/backup_now.sh --all'",
                           "flock -n /run/x -c \"cd /opt && ./backup_now.sh\"",
                           "timeout 1h /opt/backup_now.sh",
                           "timeout -k 5 -s KILL 1h backup_now.sh",
                           "sudo -u app /opt/backup_now.sh",
                           "sudo -E A=b backup_now.sh",
                           "sudo --user=app -- backup_now.sh",
                           "su - app -c '/opt/backup_now.sh'",
                           "su app -s /bin/sh -c /opt/backup_now.sh",
                           "runuser -u app -- /opt/backup_now.sh",
                           "sh -c '/opt/backup_now.sh'",
                           "/bin/bash -lc \"cd /opt && ./backup_now.sh\"",
                           "bash -l -c backup_now.sh",
                           "bash -o pipefail -c 'backup_now.sh | gzip'",
                           "bash /opt/backup_now.sh",
                           "sh -x backup_now.sh",
                           "docker exec app /opt/backup_now.sh",
                           "docker exec -i -u app -e A=b app backup_now.sh",
                           "docker compose -f /opt/c.yml exec -T app /opt/backup_now.sh",
                           "docker-compose run --rm app backup_now.sh",
                           "docker run --rm -v /a:/b image backup_now.sh",
                           "docker exec app sh -c 'backup_now.sh > /x'",
                           "kubectl exec -n x pod -- backup_now.sh",
                           "nohup backup_now.sh &",
                           "setsid backup_now.sh",
                           "exec backup_now.sh",
                           "command backup_now.sh",
                           "eval backup_now.sh",
                           "chronic backup_now.sh",
                           "systemd-run --unit x backup_now.sh",
                           "python3 /opt/backup_now.sh",
                           "perl -w backup_now.sh",
                           "python3 -c 'run(\"backup_now.sh\", 1)'",
                           "ls /opt | xargs -n 1 backup_now.sh",
                           "find /a -name x -exec backup_now.sh {} \\;",
                           "ssh -i key host backup_now.sh",
                           "ssh host 'cd /opt; ./backup_now.sh'",
                           "/usr/local/bin/wrapper /opt/backup_now.sh",
                           "run-parts /opt/backup_now.sh.d",
                           ". /opt/backup_now.sh"}) {
    EXPECT_TRUE(runs(line)) << line;
  }
}

TEST(ShellLaunchers, RunBehindTheirOwnOptions) {
  for (const char* line : {"env -S 'backup_now.sh x'",
                           "env -S 'A=1 backup_now.sh'",
                           "env --split-string=backup_now.sh",
                           "env -- A=1 backup_now.sh",
                           "time -p backup_now.sh",
                           "time -- backup_now.sh",
                           "xargs --max-procs 2 backup_now.sh",
                           "unshare -R / backup_now.sh",
                           "unshare --propagation private -m backup_now.sh",
                           "docker run --entrypoint backup_now.sh img",
                           "docker run --shm-size 1g img backup_now.sh",
                           "systemd-run --on-active 5m backup_now.sh",
                           "sudo -k backup_now.sh",
                           "ssh h -p 22 backup_now.sh",
                           "script -qc backup_now.sh /dev/null",
                           "busybox sh -c backup_now.sh",
                           "sem -j 2 backup_now.sh",
                           "logsave /x backup_now.sh",
                           "numactl -m 0 backup_now.sh",
                           "proxychains4 -q backup_now.sh",
                           "runuser -u root backup_now.sh",
                           "runuser --user=root -- backup_now.sh",
                           "su root backup_now.sh",
                           "su -c'backup_now.sh x' root",
                           "su root -c -- backup_now.sh",
                           "sh < backup_now.sh",
                           "bash -s < /opt/backup_now.sh",
                           "cat /opt/backup_now.sh | sh",
                           "echo backup_now.sh | sh -x",
                           "psql app < backup_now.sh",
                           "systemctl start backup_now.sh.service",
                           "systemctl --no-block restart backup_now.sh",
                           "service backup_now.sh start",
                           "curl -fsS https://app/backup_now.sh?x=1",
                           "'/opt/my scripts/backup_now.sh'",
                           "flock -n /run/x \"/opt/my scripts/backup_now.sh\""}) {
    EXPECT_TRUE(runs(line)) << line;
  }
}

TEST(ShellLaunchers, DoNotRunWhatIsAValueATextOrRead) {
  for (const char* line : {"env -S 'echo backup_now.sh'",
                           "env -i -S 'echo backup_now.sh'",
                           "env -iS 'echo backup_now.sh'",
                           "env --split-string 'echo backup_now.sh'",
                           "env -S 'echo x' backup_now.sh",
                           "env -- A=1 echo backup_now.sh",
                           "time -p echo backup_now.sh",
                           "time -- echo backup_now.sh",
                           "xargs --arg-file backup_now.sh echo",
                           "xargs --process-slot-var X echo backup_now.sh",
                           "unshare -w / echo backup_now.sh",
                           "docker run --shm-size 1g img echo backup_now.sh",
                           "docker run --gpus all img echo backup_now.sh",
                           "docker --log-level error exec app echo backup_now.sh",
                           "docker compose --ansi never exec app echo backup_now.sh",
                           "docker run --entrypoint echo img backup_now.sh",
                           "ssh h -p 22 echo backup_now.sh",
                           "systemd-run --on-active 5m echo backup_now.sh",
                           "sudo -e backup_now.sh",
                           "sudo -nl backup_now.sh",
                           "ionice -c 3 -p 1 backup_now.sh",
                           "prlimit --pid 1 backup_now.sh",
                           "taskset -p backup_now.sh",
                           "busybox echo backup_now.sh",
                           "busybox /opt/backup_now.sh",
                           "ts backup_now.sh",
                           "sem -j 2 echo backup_now.sh",
                           "logsave /x echo backup_now.sh",
                           "firejail echo backup_now.sh",
                           "runuser -u root echo backup_now.sh",
                           "runuser -u root backup_now.sh -c x",
                           "su root -c 'echo backup_now.sh'",
                           "su backup_now.sh -c true",
                           "sh -n < backup_now.sh",
                           "cat < backup_now.sh",
                           "cat backup_now.sh | sh -c 'true'",
                           "cat backup_now.sh | wc",
                           "\"/opt/backup_now.sh --full\"",
                           "'backup_now.sh > /dev/null'",
                           "nice '/opt/backup_now.sh --full'",
                           "sh '/opt/backup_now.sh --full'",
                           "systemctl stop backup_now.sh",
                           "systemctl status backup_now.sh",
                           "systemctl disable --now backup_now.sh",
                           "service backup_now.sh stop",
                           "curl -F f=@backup_now.sh http://x",
                           "curl -fsS 'https://hc/ping?job=backup_now.sh'",
                           "env A=1 -- backup_now.sh",
                           "flock /x -n backup_now.sh"}) {
    EXPECT_FALSE(runs(line)) << line;
  }
  for (const char* program :
       {"vim",      "vi",       "nano",    "tar czf x",    "zip x",     "unzip", "xz",
        "gzip",     "gpg -c",   "scp",     "rsync -a",     "git add",   "ps -C", "pgrep -f",
        "pkill -f", "locate",   "dpkg -S", "base64",       "cksum",     "od",    "strings",
        "sync",     "dd",       "jq .",    "setfacl -m x", "chattr +i", "stat",  "wc",
        "diff",     "file",     "md5sum",  "sha256sum",    "less",      "nl",    "b2sum",
        "getfacl",  "printenv", "bzip2",   "comm"}) {
    EXPECT_FALSE(runs((std::string(program) + " /opt/backup_now.sh").c_str())) << program;
  }
}

TEST(ShellLaunchers, FindAFieldTooManyAtTheFrontOnly) {
  EXPECT_NE(shell_work("5 /opt/x").problem.find("a field too many"), std::string::npos);
  for (const char* line : {"nice 5 /opt/x", "sh -c '5 /opt/x'", "xargs --max-lines 1 /opt/x"}) {
    EXPECT_EQ(shell_work(line).problem, "") << line;
  }
}

}  // namespace
}  // namespace gonogo
