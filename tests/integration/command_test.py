"""The command kind: programs of Debian's monitoring-plugins, and programs that misbehave."""

import json
import os
import pathlib
import subprocess

import pytest
import rig
import servers

PLUGINS = pathlib.Path("/usr/lib/nagios/plugins")


def script(folder, text, name="program"):
    path = pathlib.Path(folder) / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def run(folder, text, options="", timeout="10s", **more):
    return rig.run_check(folder, f"command: {{argv: [{script(folder, text)}]{options}}}", timeout=timeout, **more)


def processes_with(word):
    return subprocess.run(["pgrep", "-f", word], capture_output=True, text=True).stdout.split()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """What the plugins check."""
    folder = tmp_path_factory.mktemp("world")
    sshd = servers.Sshd(folder)
    redis = servers.Redis(folder)
    dns = rig.Dnsmasq(folder / "dns", {"a.test": "192.0.2.7"})
    nginx = rig.Nginx(folder / "nginx", f"server {{ listen 127.0.0.1:{(port := rig.free_port())}; location / {{ return 200 ok; }} }}").start()
    (folder / "fresh").write_text("x")
    (folder / "status.dat").write_text("created=1\n")
    yield {"ssh": sshd.port, "redis": redis.port, "dns": dns.port, "http": port, "folder": folder}
    for server in (sshd, redis, dns, nginx):
        server.stop()


# Each plugin's arguments, what it has to be, and a label of its performance data.
PLUGIN_CASES = [
    ("check_dummy", "0, fine", "pass", None), ("check_dummy", "1, so-so", "warn", None), ("check_dummy", "2, bad", "fail", None),
    ("check_dummy", "3, who knows", "unknown", None),
    ("check_load", "-w, '100,100,100', -c, '200,200,200'", "pass", "load1"),
    ("check_load", "-w, '0,0,0', -c, '0,0,0'", "fail", "load1"),
    ("check_procs", "-w, '1:', -c, '1:'", "pass", "procs"),
    ("check_procs", "-c, '100000:'", "fail", "procs"),
    ("check_users", "-w, 100, -c, 200", "pass", "users"),
    ("check_disk", "-w, 1%, -c, 1%, -p, /", "pass", "/"),
    ("check_swap", "-w, 1%, -c, 1%, -n, ok", "pass", "swap"),
    ("check_file_age", "-w, 600, -c, 900, -f, {folder}/fresh", "pass", "age"),
    ("check_file_age", "-w, 600, -c, 900, -f, {folder}/none", "fail", None),
    ("check_tcp", "-H, 127.0.0.1, -p, '{redis}'", "pass", "time"),
    ("check_tcp", "-H, 127.0.0.1, -p, '1'", "fail", None),
    ("check_ssh", "-p, '{ssh}', 127.0.0.1", "pass", "time"),
    ("check_http", "-H, 127.0.0.1, -p, '{http}', -s, ok", "pass", "size"),
    ("check_http", "-H, 127.0.0.1, -p, '{http}', -s, missing", "fail", "time"),
    ("check_udp", "-H, 127.0.0.1, -p, '{dns}', -s, x, -e, y, -t, '1'", "fail", None),
    ("check_cluster", "-s, -l, web, -w, '0', -c, '1', -d, '0,0,0'", "pass", None),
    ("check_cluster", "-s, -l, web, -w, '0', -c, '1', -d, '2,2,2'", "fail", None),
    ("check_time", "-H, 127.0.0.1, -p, '1'", "unknown", None),
    ("check_ntp_time", "-H, 127.0.0.1, -c, '1', -t, '1'", "fail", None),
    ("check_ftp", "-H, 127.0.0.1, -p, '{ssh}'", "warn", "time"),
    ("check_smtp", "-H, 127.0.0.1, -p, '{ssh}', -t, '1'", "warn", None),
    ("check_pop", "-H, 127.0.0.1, -p, '{ssh}'", "warn", "time"),
    ("check_imap", "-H, 127.0.0.1, -p, '{ssh}'", "warn", "time"),
    ("check_log", "-F, {folder}/fresh, -O, {folder}/fresh.old, -q, error", "pass", None),
    ("check_negate", "", None, None),
]


@pytest.mark.parametrize("plugin, arguments, outcome, label", PLUGIN_CASES)
def test_monitoring_plugins(plugin, arguments, outcome, label, world, tmp_path):
    if plugin == "check_negate":
        plugin, arguments, outcome = "negate", f"{PLUGINS}/check_dummy, '2'", "pass"
    if not (PLUGINS / plugin).exists():
        pytest.skip(f"{plugin} is not among this system's plugins")
    values = f", values: ['{label}']" if label else ""
    argv = f"{PLUGINS / plugin}, {arguments.format(**world)}".rstrip(", ")
    seen = rig.run_check(tmp_path, f"command: {{argv: [{argv}], nagios: true{values}}}")
    assert seen.outcome == outcome, seen
    if label and outcome != "fail":
        assert label in seen.values, seen


def test_at_least_fifteen_plugins_were_run():
    there = {plugin for plugin, *_ in PLUGIN_CASES if (PLUGINS / plugin).exists()}
    assert len(there) >= 15, sorted(there)


def test_exit_statuses_and_output(tmp_path):
    assert run(tmp_path, "exit 0").outcome == "pass"
    seen = run(tmp_path, "echo broken pipe; exit 7")
    assert (seen.outcome, seen.reason) == ("fail", "status") and "exit status 7: broken pipe, wanted 0" in seen.summary, seen
    assert run(tmp_path, "exit 7", ", exit: {0: pass, 7: warn}").outcome == "warn"
    assert run(tmp_path, "exit 3", ", exit: {0: pass, 3: unknown}").outcome == "unknown"
    assert run(tmp_path, "echo version 2.14", ", contains: 'version 2\\.'").outcome == "pass"
    assert run(tmp_path, "echo version 1.9", ", contains: 'version 2\\.'").reason == "content"
    assert run(tmp_path, "echo FATAL", ", contains_not: FATAL").reason == "content"
    seen = run(tmp_path, "echo fine; echo FATAL >&2", ", contains_not: FATAL")
    assert seen.reason == "content" and "errors have a match of" in seen.summary, seen
    assert run(tmp_path, "echo fine; echo warning >&2", ", contains_not: FATAL").outcome == "pass"
    assert run(tmp_path, "echo version 2.14 >&2", ", contains: version").reason == "content", "what is wanted is wanted in the output"
    assert run(tmp_path, "echo '{\"ready\": true}'", ", json: .ready").outcome == "pass"
    assert run(tmp_path, "echo '{\"ready\": false}'", ", json: .ready").reason == "json"
    assert run(tmp_path, "kill -SEGV $$").summary.startswith("ended by signal 11")


def test_its_world_is_clean(tmp_path):
    seen = run(tmp_path, "env | sort | tr '\\n' ' '; pwd", ", env: {TOKEN: '${secrets.t}', A: b}, folder: /usr, contains: 'x^'",
               more="secrets: {t: {env: SECRET_TOKEN}}", env={"SECRET_TOKEN": "sesame-open-1234", "INHERITED": "no"})
    assert "INHERITED" not in seen.all and "SECRET_TOKEN" not in seen.all
    assert "A=b" in seen.summary and "PWD=/usr" in seen.all.replace("OLDPWD", "") and "TOKEN=[secret]" in seen.all, seen
    assert "sesame" not in seen.all


def test_another_user_and_limits(tmp_path):
    if os.getuid() != 0:
        pytest.skip("another user wants root")
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o015)
    assert run(tmp_path, "id -un; id -Gn", ", user: nobody, contains: '^nobody\\nnogroup\\n$'").outcome == "pass"
    seen = run(tmp_path, "while :; do :; done", ", cpu_limit: 1s", timeout="20s")
    assert "ended by signal" in seen.summary, seen
    seen = rig.run_check(tmp_path, "command: {argv: [/usr/bin/python3, -c, 'x = bytearray(800_000_000)'], memory_limit: 300MB}")
    assert seen.outcome == "fail" and "MemoryError" in seen.all, seen


def test_what_cannot_be_started(tmp_path):
    assert rig.run_check(tmp_path, "command: {argv: [/no/such/program]}").reason == "missing"
    assert rig.run_check(tmp_path, "command: {argv: [/etc/passwd]}").reason == "permission"
    plain = tmp_path / "no-interpreter"
    plain.write_text("nonsense")
    plain.chmod(0o755)
    assert rig.run_check(tmp_path, f"command: {{argv: [{plain}]}}").outcome == "fail"
    assert rig.run_check(tmp_path, "command: {argv: [pwd], folder: /no/such/folder}").reason == "missing"


# What the programs sleep: no other run of this test starts the same.
SECONDS = f"7777.{os.getpid()}"
HOSTILE = {
    "it ignores signals and forks": ("trap '' TERM INT HUP; sleep 7777 & sleep 7777", "timeout"),
    "it leaves a child that holds its output": ("sleep 7777 & echo done; exit 0", "none"),
    "it closes its output and stays": ("exec >&- 2>&-; sleep 7777", "timeout"),
    "it writes without end": ("exec yes 7777", "threshold"),
    "it writes errors without end": ("exec yes 7777 >&2", "threshold"),
    "it forks more and more": ("for i in 1 2 3 4 5 6 7 8; do (sleep 7777; sleep 7777) & done; wait", "timeout"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_programs_that_misbehave_leave_nothing_behind(case, tmp_path):
    text, reason = HOSTILE[case]
    seen = run(tmp_path, text.replace("7777", SECONDS), timeout="2s")
    assert seen.reason == reason, seen
    rig.wait_until(lambda: not processes_with(f"(sleep|yes) {SECONDS}"), "nothing of it runs any more")


def test_what_it_says_is_shown_harmless(tmp_path):
    seen = run(tmp_path, "printf '\\033[2J\\377\\376<script>\\n'; exit 1")
    assert "\x1b" not in seen.summary and "<script>" in seen.summary and "\\x1b" in seen.summary, seen


def test_a_daemon_runs_programs_without_leaking(tmp_path):
    program = script(tmp_path, "echo ok")
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + ", ".join(
        f"c{i}: {{interval: 1s, timeout: 1s, command: {{argv: [{program}]}}}}" for i in range(20)) + "}}}")
    try:
        daemon.wait_for("GO")
        pid = daemon.process.child.pid
        descriptors = lambda: len(os.listdir(f"/proc/{pid}/fd"))
        runs = lambda: sum(float(line.split()[-1]) for line in daemon.get("/metrics").text.splitlines() if line.startswith("gonogo_check_runs_total") and 'outcome="pass"' in line)
        rig.wait_until(lambda: runs() > 40, "some runs")
        before = descriptors()
        rig.wait_until(lambda: runs() > 120, "more runs")
        assert descriptors() <= before + 40
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        zombies = [child for child in children if (stat_line := pathlib.Path(f"/proc/{child}/stat")).exists() and stat_line.read_text().split()[2] == "Z"]
        assert len(zombies) <= 20
    finally:
        daemon.stop()


@pytest.mark.skipif(bool(os.environ.get("GONOGO_SANITIZED")), reason="sanitizers start a process of their own at the end")
@pytest.mark.skipif(os.getuid() != 0, reason="a user that may start nothing more: only root can become one")
@pytest.mark.parametrize("check", ["command: {argv: [/bin/true]}", "file: {path: /etc/passwd}", "git: {path: /}"])
def test_a_host_without_room_for_a_process_blames_no_target(check, tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o015)
    config = tmp_path / "gonogo.yaml"
    config.write_text(f"gates: {{g: {{checks: {{it: {{interval: 60s, timeout: 5s, {check}}}}}}}}}\n")
    # Nobody else has this number: the limit counts all processes and threads of a user.
    user = ["setpriv", "--reuid=64123", "--regid=64123", "--clear-groups"]
    result = subprocess.run(["prlimit", "--nproc=1", *user, rig.GONOGO, "check", "-c", str(config), "--json", "it"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1, result
    seen = rig.Seen(json.loads(result.stdout)["checks"][0]["last"])
    assert (seen.outcome, seen.reason) == ("unknown", "prober") and "Resource temporarily unavailable" in seen.summary, seen
