"""The unit in a real systemd, booted in a container over this host's /usr."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
import rig

UNIT = rig.ROOT / "systemd" / "gonogo.service"


def test_the_unit_is_sound_and_tight(tmp_path):
    copy = tmp_path / "gonogo.service"
    copy.write_text(UNIT.read_text().replace("/usr/bin/gonogo", rig.GONOGO))
    verify = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True)
    assert (verify.returncode, verify.stderr) == (0, ""), verify
    rated = subprocess.run(["systemd-analyze", "security", "--offline=true", str(UNIT)], capture_output=True, text=True)
    exposure = float(re.search(r"exposure level for gonogo.service: ([0-9.]+)", rated.stdout)[1])
    assert exposure <= 2.0, rated.stdout


class Container:
    def __init__(self, folder):
        self.root = folder / "root"
        for name in ("usr", "etc/systemd/system", "etc/gonogo", "var/log/journal", "var/lib", "run", "proc", "sys", "dev", "tmp", "root", "opt"):
            (self.root / name).mkdir(parents=True)
        for link in ("bin", "sbin", "lib", "lib64"):
            (self.root / link).symlink_to(f"usr/{link}")
        etc = self.root / "etc"
        (etc / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
        (etc / "os-release").write_text("ID=gonogo-test\nNAME=test\n")
        (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")
        (etc / "group").write_text("root:x:0:\nnogroup:x:65534:\n")
        (etc / "nsswitch.conf").write_text("passwd: files systemd\ngroup: files systemd\nhosts: files\n")
        (etc / "systemd" / "system" / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
        for service in ("getty.target", "console-getty.service", "systemd-logind.service", "dbus.service", "dbus.socket",
                        "systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service"):
            (etc / "systemd" / "system" / service).symlink_to("/dev/null")
        binary = self.root / "opt" / "gonogo"
        binary.write_bytes(pathlib.Path(rig.GONOGO).read_bytes())
        binary.chmod(0o755)
        (etc / "gonogo" / "gonogo.yaml").write_text(
            "defaults: {interval: 1s, timeout: 1s}\n"
            "gates: {g: {checks: {disk: {disk: {path: /usr, writable: false}}, config: {file: {path: '${gonogo.config}', max_mode: '0755'}}}}}\n")
        (etc / "systemd" / "system" / "gonogo.service").write_text(UNIT.read_text())
        drop_in = etc / "systemd" / "system" / "gonogo.service.d"
        drop_in.mkdir()
        (drop_in / "test.conf").write_text("[Service]\nExecStart=\nExecStart=/opt/gonogo serve --config /etc/gonogo/gonogo.yaml\nWatchdogSec=4s\n")
        self.add_units(etc)
        self.process = rig.Process(
            ["systemd-nspawn", "--quiet", "--directory", str(self.root), "--bind-ro=/usr", "--boot", "--private-network",
             "--register=no", "--keep-unit",
             # Without it nspawn itself refuses to ask the clock.
             "--capability=CAP_SYS_TIME", "--console=pipe", "--kill-signal=SIGRTMIN+3"], folder / "console")
        self.leader = rig.wait_until(self.find_leader, "the container's first process", 30)
        rig.wait_until(lambda: self.systemctl("is-system-running").stdout.strip() in ("running", "degraded"), "systemd is up: " + self.process.text())

    def add_units(self, etc):
        """What the systemd and cron kinds are asked about."""
        units = {"app.service": "[Service]\nExecStart=/usr/bin/sleep 100000\n", "broken.service": "[Service]\nExecStart=/usr/bin/false\n",
                 "backup.service": "[Service]\nType=oneshot\nExecStart=/usr/bin/echo backup_now.sh done\n",
                 "backup.timer": "[Timer]\nOnCalendar=hourly\nPersistent=false\n[Install]\nWantedBy=timers.target\n",
                 "failing.service": "[Service]\nType=oneshot\nExecStart=/usr/bin/false\n",
                 "failing.timer": "[Timer]\nOnActiveSec=1h\n", "often.timer": "[Timer]\nOnActiveSec=1d\nOnUnitActiveSec=1d\nUnit=backup.service\n"}
        for name, text in units.items():
            (etc / "systemd" / "system" / name).write_text(text)

    def run_check(self, check):
        config = self.root / "etc/check.yaml"
        config.write_text(f"gates: {{g: {{checks: {{it: {{interval: 60s, {check}}}}}}}}}\n")
        result = self.run("/opt/gonogo", "check", "-c", "/etc/check.yaml", "--json", "it")
        assert result.returncode in (0, 1), result
        return rig.Seen(next(entry for entry in json.loads(result.stdout)["checks"] if entry["id"] == "it")["last"])

    def find_leader(self):
        if not self.process.is_running():
            raise AssertionError(self.process.text())
        children = pathlib.Path(f"/proc/{self.process.child.pid}/task/{self.process.child.pid}/children").read_text().split()
        return next((int(child) for child in children
                     if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd"), None)

    def run(self, *argv):
        return subprocess.run(["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", *argv], capture_output=True, text=True, timeout=90)

    def systemctl(self, *argv):
        return self.run("/usr/bin/systemctl", "--no-ask-password", *argv)

    def show(self, what):
        return self.systemctl("show", "-P", what, "gonogo").stdout.strip()

    def journal(self):
        return self.run("/usr/bin/journalctl", "--no-pager", "-u", "gonogo", "-o", "cat").stdout

    def stop(self):
        # SIGRTMIN+3 to the leader halts it (systemd(1)).
        os.kill(self.leader, signal.SIGRTMIN + 3)
        try:
            self.process.child.wait(30)
        except subprocess.TimeoutExpired:
            pass
        self.process.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    if os.getuid() != 0 or not rig.has("systemd-nspawn"):
        pytest.skip("booting systemd needs root and systemd-nspawn")
    container = Container(tmp_path_factory.mktemp("nspawn"))
    yield container
    container.stop()


def test_ready_reload_watchdog_and_restart(container):
    started = container.systemctl("start", "gonogo")
    assert started.returncode == 0, started.stderr + container.journal()
    assert container.show("ActiveState") == "active"
    ask = lambda: container.run("/opt/gonogo", "verdict", "-c", "/etc/gonogo/gonogo.yaml")
    rig.wait_until(lambda: ask().returncode == 0, "GO")
    rig.wait_until(lambda: container.show("StatusText") == "GO", "the verdict is the unit's status")
    uid = container.run("/usr/bin/stat", "-c", "%u", f"/proc/{container.show('MainPID')}").stdout.strip()
    assert uid not in ("0", ""), "runs as a user of its own"

    reloaded = container.systemctl("reload", "gonogo")
    assert reloaded.returncode == 0, reloaded.stderr
    rig.wait_until(lambda: "configuration reloaded" in container.journal(), "reloaded")
    rig.wait_until(lambda: container.show("ActiveState") == "active", "active again")

    (container.root / "etc/gonogo/gonogo.yaml").write_text("gates: {g: {chekcs: {}}}\n")
    container.systemctl("reload", "gonogo")
    rig.wait_until(lambda: "did you mean `checks`" in container.journal(), "the problem is in the journal")
    assert ask().returncode == 0, "the former configuration stays in force"
    (container.root / "etc/gonogo/gonogo.yaml").write_text(
        "gates: {g: {checks: {disk: {disk: {path: /usr, writable: false}}}}}\n")

    # The sandbox lets the kinds that check this host do what they need.
    (container.root / "etc/crontab").write_text("15 2 * * * root /opt/backup.sh\n")
    (container.root / "etc/gonogo/gonogo.yaml").write_text("""
defaults: {interval: 1s, timeout: 1s}
gates:
  host:
    checks:
      clock: {clock: {synchronised: false}}
      command: {command: {argv: [/usr/bin/test, -e, /usr], memory_limit: 1GiB, cpu_limit: 10s}}
      jq: {interval: 10s, timeout: 10s, command: {argv: [/usr/bin/echo, '{"a": "x1"}'], json: '.a | test("^x[0-9]$")'}}
      much: {severity: advisory, interval: 10s, timeout: 10s, command: {argv: [/usr/bin/echo, '{}'], json: '[range(1e9)] | length'}}
      memory: {memory: {min_total: 1MiB}}
      load: {load: {max_per_core: 10000}}
      cron: {cron: {command: backup, files: [/etc/crontab], at_least_every: 25h}}
      disk: {disk: {path: /usr, writable: false}}
""")
    container.systemctl("reload", "gonogo")
    rig.wait_until(lambda: "reloaded: 9 checks" in container.journal(), "the kinds of the host are in force")
    rig.wait_until(lambda: ask().returncode == 0, "GO with them: " + ask().stdout)
    asked = lambda: container.run("/opt/gonogo", "verdict", "--json", "-c", "/etc/gonogo/gonogo.yaml").stdout
    rig.wait_until(lambda: "needs more than 192MiB of memory" in asked(), "the process for jq is bounded: " + asked())

    before = container.show("MainPID")
    container.run("/usr/bin/kill", "-STOP", before)
    rig.wait_until(lambda: int(container.show("NRestarts") or 0) >= 1, "the watchdog ended it")
    assert "Watchdog timeout" in container.journal()
    rig.wait_until(lambda: container.show("ActiveState") == "active" and container.show("MainPID") != before, "it is back")
    rig.wait_until(lambda: ask().returncode == 0, "GO again")

    assert container.systemctl("stop", "gonogo").returncode == 0
    assert container.show("Result") in ("success", "")


def test_units_and_timers_as_systemd_reports_them(container):
    start = lambda *units: container.systemctl("start", *units)
    assert start("app.service", "backup.timer", "failing.timer").returncode == 0
    seen = container.run_check("systemd: {unit: app.service, max_restarts: 0}")
    assert seen.outcome == "pass" and "active (running)" in seen.summary, seen
    container.systemctl("stop", "app.service")
    seen = container.run_check("systemd: {unit: app.service}")
    assert (seen.outcome, seen.reason) == ("fail", "status") and "inactive" in seen.summary, seen
    assert container.run_check("systemd: {unit: app.service, state: [active, inactive]}").outcome == "pass"
    assert container.run_check("systemd: {unit: none.service}").reason == "missing"

    seen = container.run_check("systemd: {timer: backup.timer, max_until_next: 2h}")
    assert seen.outcome == "pass" and 0 < seen.values["until_next"] <= 3600, seen
    seen = container.run_check("systemd: {timer: backup.timer, max_since_last: 1h}")
    assert (seen.outcome, seen.reason) == ("fail", "never_run"), seen
    assert container.run_check("systemd: {timer: backup.timer, max_until_next: 1ms}").reason == "threshold"
    seen = container.run_check("systemd: {timer: failing.timer, max_until_next: 2h}")
    assert seen.outcome == "pass" and seen.values["until_next"] <= 3600, seen
    start("failing.service")
    seen = container.run_check("systemd: {timer: failing.timer}")
    assert (seen.outcome, seen.reason) == ("fail", "reported") and "exit-code" in seen.summary, seen
    container.systemctl("stop", "backup.timer")
    assert container.run_check("systemd: {timer: backup.timer}").reason == "status"
    assert container.run_check("systemd: {timer: none.timer}").reason == "missing"

    start("broken.service")
    rig.wait_until(lambda: container.systemctl("is-failed", "broken.service").returncode == 0, "it has failed")
    seen = container.run_check("systemd: {no_failed: true}")
    assert (seen.outcome, seen.reason) == ("fail", "status") and "broken.service" in seen.summary and "failing.service" in seen.summary, seen
    assert container.run_check("systemd: {no_failed: true, except: ['broken.*', 'failing.*', '*systemd-*', '*.mount', 'sys-*', 'dev-*']}").outcome == "pass"


def test_timers_count_as_cron_entries(container):
    container.systemctl("start", "backup.timer", "often.timer")
    run_check = lambda options: container.run_check(f"cron: {{files: [], timers: true, {options}}}")
    seen = run_check("command: 'backup_now\\.sh', at_least_every: 90m")
    assert seen.outcome == "pass" and "backup.timer" in seen.summary, seen
    assert run_check("command: nothing-runs-this").reason == "missing"
    assert run_check("command: 'backup_now\\.sh', next_within: 1ms").reason == "threshold"


def test_the_example_of_systemd_passes(container):
    drop_in = container.root / "etc/systemd/system/backup.timer.d"
    drop_in.mkdir()
    (drop_in / "now.conf").write_text("[Timer]\nOnActiveSec=1s\nAccuracySec=1ms\n")
    container.systemctl("reset-failed")
    container.systemctl("stop", "often.timer", "failing.timer")
    container.systemctl("daemon-reload")
    container.systemctl("start", "app.service")
    container.systemctl("restart", "backup.timer")
    (container.root / "etc/example.yaml").write_text((rig.ROOT / "etc" / "examples" / "systemd.yaml").read_text())
    seen = {}

    def passes():
        seen["result"] = container.run("/opt/gonogo", "check", "-c", "/etc/example.yaml")
        return seen["result"].returncode == 0

    try:
        rig.wait_until(passes, "the timer has run", 30)
    except AssertionError:
        raise AssertionError(seen["result"].stdout + container.systemctl("list-units", "--failed").stdout) from None
