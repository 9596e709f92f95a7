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

}  // namespace
}  // namespace gonogo
