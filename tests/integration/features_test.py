"""What checks may say beside their kind, in a running daemon: on_demand, when, each, groups, and root causes."""

import os
import subprocess
import threading

import http_test
import pytest
import rig

TOKEN = "a-token-of-the-test-0123456789"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run.token").write_text(TOKEN)
    (tmp_path / "read.token").write_text("another-token-0123456789")
    (tmp_path / ".env").write_text("MODE=off\n")
    return tmp_path


SERVER = "server: {{tokens: {{ci: {{file: {folder}/run.token, may: [read, run]}}, eye: {{file: {folder}/read.token, may: [read]}}}}}}\n"


def test_on_demand_runs_when_asked_by_the_api_and_by_the_command_line(folder):
    config = SERVER.format(folder=folder) + f"""
gates: {{g: {{checks: {{write: {{interval: on_demand, stale_after: 1h, command: {{argv: [/bin/sh, -c, "echo x >> {folder}/written"]}}}}}}}}}}
"""
    daemon = rig.Daemon(folder / "d", config)
    written = lambda: len((folder / "written").read_text().splitlines()) if (folder / "written").exists() else 0
    try:
        seen = daemon.wait_for_check("write", "pending", "never_run")
        assert seen["interval_seconds"] is None and "runs only when asked" in seen["clears_when"]
        assert daemon.verdict()["verdict"] == "NO-GO" and written() == 0
        bearer = lambda token: {"Authorization": f"Bearer {token}"}
        post = lambda path, headers=None: daemon.get(path, method="POST", headers=headers).status
        assert post("/api/v1/checks/write/run") == 401
        assert post("/api/v1/checks/write/run", bearer("another-token-0123456789")) == 403
        assert post("/api/v1/checks/none/run", bearer(TOKEN)) == 404
        assert daemon.get("/api/v1/checks/write/run", headers=bearer(TOKEN)).status == 405
        assert post("/api/v1/checks//run", bearer(TOKEN)) == 404
        assert post("/api/v1/checks/write/run", bearer(TOKEN)) == 202
        daemon.wait_for("GO")
        assert written() == 1
        ask = daemon.run("check", "write", "--at-daemon", "--token-file", str(folder / "run.token"))
        assert (ask.returncode, ask.stdout.split(":")[0]) == (0, "pass g/write"), ask
        assert written() == 2
        assert daemon.run("check", "none", "--at-daemon", "--token-file", str(folder / "run.token")).returncode == 64
        assert daemon.run("check", "write", "--at-daemon").returncode == 64
        # Its result outlives a restart, and nothing runs it again.
        daemon.stop()
        daemon.start()
        daemon.wait_for("GO")
        assert written() == 2
        whole = daemon.run("check", "-c", str(daemon.config))
        assert whole.returncode == 1 and "pending g/write" in whole.stdout and written() == 2, whole
        assert daemon.run("check", "-c", str(daemon.config), "write").returncode == 0 and written() == 3
    finally:
        daemon.stop()


def test_when_turns_a_check_off_and_on_in_a_running_daemon(folder):
    daemon = rig.Daemon(folder / "d", f"gates: {{g: {{checks: {{always: {{interval: 1s, file: {{path: {folder}/.env}}}}, "
                        f"smtp: {{interval: 1s, when: {{dotenv: {folder}/.env, key: MODE, is: smtp}}, file: {{path: /no/such}}}}}}}}}}\n")
    try:
        daemon.wait_for("GO")
        assert "MODE is not" in daemon.wait_for_check("smtp", "disabled")["summary"]
        (folder / ".env").write_text("MODE=smtp\n")
        daemon.wait_for_check("smtp", "fail", "missing")
        daemon.wait_for("NO-GO")
        (folder / ".env").write_text("MODE=off\n")
        daemon.wait_for("GO")
        assert 'gonogo_check_runs_total{check="smtp",outcome="skipped"}' in daemon.get("/metrics").text
        (folder / ".env").unlink()
        daemon.wait_for_check("smtp", "fail", "missing")
    finally:
        daemon.stop()


class Counting(http_test.Hostile):
    """Keeps each request until it is released, and counts those that wait at once."""

    def __init__(self):
        self.lock, self.now, self.most, self.total = threading.Lock(), 0, 0, 0
        self.released = threading.Semaphore(0)
        super().__init__()

    def talk(self, peer):
        with self.lock:
            self.now += 1
            self.total += 1
            self.most = max(self.most, self.now)
        try:
            peer.recv(65536)
            self.released.acquire()
            with self.lock:
                self.now -= 1
            peer.sendall(http_test.OK)
        except OSError:
            pass
        peer.close()


def test_a_group_spares_its_target(folder):
    """All checks of a group are due at once; the target never has more requests than the group allows, and in the end it had all."""
    server, count = Counting(), 12
    checks = '"c${each}": {each: [%s], interval: on_demand, stale_after: 1h, timeout: 60s, group: slow, http: {url: "http://127.0.0.1:%d/${each}"}}' % (
        ", ".join(str(i) for i in range(count)), server.port)
    daemon = rig.Daemon(folder / "d", SERVER.format(folder=folder) + f"groups: {{slow: {{max_concurrent: 2}}}}\ngates: {{g: {{checks: {{{checks}}}}}}}\n")
    try:
        for number in range(count):
            answer = daemon.get(f"/api/v1/checks/c{number}/run", method="POST", headers={"Authorization": f"Bearer {TOKEN}"})
            assert answer.status == 202, answer.text
        for number in range(count):
            rig.wait_until(lambda: server.now == min(2, count - number), f"two requests wait after {number}")
            server.released.release()
            rig.wait_until(lambda: server.total == min(number + 3, count), f"the next request after {number} comes")
        daemon.wait_for("GO")
        assert (server.most, server.total) == (2, count)
    finally:
        daemon.stop()
        server.close()


def test_a_gate_has_a_since_of_its_own(folder):
    """It outlives changes of other gates, a reload and a restart; `wait --gate` counts by it."""
    paths = {gate: folder / gate for gate in "ab"}
    for path in paths.values():
        path.touch()
    daemon = rig.Daemon(folder / "d", "gates:\n" + "".join(
        f"  {gate}: {{checks: {{check-{gate}: {{interval: 1s, file: {{path: {path}}}}}}}}}\n" for gate, path in paths.items()))

    def since(gate):
        return daemon.get(f"/verdict?gate={gate}").json()["since"]

    try:
        daemon.wait_for("GO")
        before = since("a")
        waiting = subprocess.Popen(daemon.command("wait", "--gate", "a", "--hold", "6s", "--timeout", "50s"),
                                   stdout=subprocess.DEVNULL, env={**daemon.env, "GONOGO_URL": f"http://127.0.0.1:{daemon.port}"})
        # The other gate changes for as long as somebody waits for this one.
        while waiting.poll() is None:
            paths["b"].unlink()
            daemon.wait_for("NO-GO")
            paths["b"].touch()
            daemon.wait_for("GO")
        assert waiting.returncode == 0
        assert (since("a"), since("b") > before) == (before, True)
        daemon.reload()
        assert since("a") == before
        daemon.stop()
        daemon.start()
        assert since("a") == before
        paths["a"].unlink()
        daemon.wait_for_check("check-a", "fail")
        assert since("a") > before
    finally:
        daemon.stop()


def test_what_is_blocked_names_its_root(folder):
    daemon = rig.Daemon(folder / "d", """
gates:
  g:
    checks:
      network: {interval: 1s, file: {path: /no/such/network}}
      database: {interval: 1s, depends_on: [network], file: {path: /}}
      api: {interval: 1s, depends_on: [database], file: {path: /, type: directory}}
""")
    try:
        daemon.wait_for_check("network", "fail", "missing")
        seen = daemon.wait_for_check("api", "blocked", "blocked_by")
        assert seen["blocked_by"] == "network" and "/no/such/network" in seen["summary"], seen
    finally:
        daemon.stop()


def test_secrets_of_the_new_kinds_are_nowhere(folder):
    """In no document, log, metric, store or process list."""
    secrets = {"S1": "first-secret-value-11", "S2": "second-secret-value-22", "S3": "third-secret-value-33"}
    daemon = rig.Daemon(folder / "d", """
secrets: {one: {env: S1}, two: {env: S2}, three: {env: S3}}
defaults: {interval: 1s, timeout: 1s}
gates:
  g:
    checks:
      tcp: {tcp: {address: "127.0.0.1:1", dialogue: [{send: "AUTH ${secrets.one}"}]}}
      command: {command: {argv: [/bin/sh, -c, 'echo "$TOKEN"; echo "$TOKEN" >&2; exit 1'], env: {TOKEN: "${secrets.two}"}}}
      s3: {http: {url: "http://127.0.0.1:1/", aws: {access_key: "${secrets.one}", secret_key: "${secrets.three}"}}}
      pg: {postgres: {database: "postgresql://u:${secrets.three}@127.0.0.1:1/x", primary: true}}
      prom: {promql: {url: "http://127.0.0.1:1", bearer: "${secrets.two}", query: up, expect: {equals: 1}}}
      flow: {scenario: {base: "http://127.0.0.1:1", bearer: "${secrets.one}", steps: [{name: a, url: "/x", headers: {X-Api-Key: "${secrets.two}"}}]}}
""", env=secrets)
    try:
        for check in ("tcp", "command", "s3", "pg", "prom", "flow"):
            rig.wait_until(lambda check=check: daemon.check(check)["last"], f"{check} has run")
        shown = daemon.run("config", "show", "-c", str(daemon.config)).stdout
        everything = "".join(daemon.get(path).text for path in ("/", "/verdict", "/verdict?format=text", "/metrics", "/api/v1/snapshot")) + shown
        daemon.stop()
        everything += daemon.process.text() + (daemon.folder / "gonogo.db").read_bytes().decode(errors="replace")
        assert "[secret]" in everything
        for secret in secrets.values():
            assert secret not in everything
    finally:
        daemon.stop()


def test_sigterm_ends_the_programs_of_runs_under_way(folder):
    import subprocess
    seconds = f"8888.{os.getpid()}"  # no other run of this test starts the same program
    daemon = rig.Daemon(folder / "d", f"gates: {{g: {{checks: {{slow: {{interval: 60s, timeout: 50s, command: {{argv: [/bin/sleep, '{seconds}']}}}}}}}}}}\n")
    running = lambda: subprocess.run(["pgrep", "-f", f"^/bin/sleep {seconds}"], capture_output=True).returncode == 0
    try:
        rig.wait_until(running, "the program runs")
    finally:
        assert daemon.stop() == 0
    rig.wait_until(lambda: not running(), "the program has ended with the daemon")


def test_a_poll_prints_what_is_judged_and_not_only_what_was_seen(folder):
    config = folder / "c.yaml"
    config.write_text(f"""
gates:
  g:
    checks:
      broken: {{file: {{path: /no/such}}}}
      all: {{when: {{dotenv: {folder}/.env, key: MODE, is: "off"}}, composite: {{all_of: [broken]}}}}
      signed: {{file: {{path: {folder}/.env}}, signoff: {{role: lead}}}}
""")
    import subprocess
    printed = subprocess.run([rig.GONOGO, "check", "-c", str(config)], capture_output=True, text=True).stdout
    assert "fail    g/all (composite): 0 of 1 good" in printed and "pending g/signed (unsigned): no sign-off by lead" in printed, printed
    assert "pass    g/all" not in printed and "pass    g/signed" not in printed, printed


def test_a_former_key_still_works_and_the_start_and_config_check_warn_of_it(folder):
    (folder / "app.log").write_text("one error\n")
    daemon = rig.Daemon(folder / "d", f"gates: {{g: {{checks: {{errors: {{log: {{path: {folder}/app.log, matches: error, min: 1, first_look: 1KiB}}}}}}}}}}")
    warning = "gates.g.checks.errors.log.first_look: is now called `first_run` (rename it)"
    try:
        daemon.wait_for("GO")
        check = daemon.run("config", "check", "-c", str(daemon.config))
        assert check.returncode == 0 and check.stderr.startswith("warning: ") and warning in check.stderr, check
        assert warning in daemon.process.text()
    finally:
        daemon.stop()
