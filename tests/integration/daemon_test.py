"""The daemon as its users meet it: reloads, signals, pushes, secrets, exit codes. What it knows after a restart is in restart_test.py,
its listener in listener_test.py."""

import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest
import rig

DISK = "{disk: {path: /, writable: false}}"


def simple(checks, more=""):
    return f"defaults: {{interval: 1s, timeout: 1s}}\n{more}\ngates: {{g: {{title: Gate, checks: {{{checks}}}}}}}\n"


def test_reload_keeps_state_and_a_bad_file_keeps_the_running_configuration(make):
    daemon = make("defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {a: %s}}}\n" % DISK)
    daemon.wait_for("GO")
    seen = daemon.check("a")["last"]["at"]
    daemon.write("gates: {g: {chekcs: {}}}")
    daemon.reload()
    rig.wait_until(lambda: daemon.metric("gonogo_config_last_reload_successful") == 0, "the metric says so")
    assert "gates.g.chekcs: unknown key (did you mean `checks`?)" in daemon.process.text()
    assert daemon.verdict()["verdict"] == "GO"
    daemon.write("defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {a: %s, b: {disk: {path: /nonexistent}}}}}\n" % DISK)
    daemon.reload()
    rig.wait_until(lambda: daemon.metric("gonogo_config_last_reload_successful") == 1, "the metric says so")
    daemon.wait_for_check("b", "fail", "missing")
    assert daemon.check("a")["last"]["at"] == seen, "the unchanged check was not run again"


def test_a_storm_of_reloads(make):
    listener = rig.Listener()
    try:
        daemon = make(simple(f"a: {DISK}, b: {{http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}"))
        daemon.wait_for("GO")
        reloads = lambda: daemon.process.text().count("configuration reloaded")
        for _ in range(300):
            daemon.process.send(signal.SIGHUP)
        rig.wait_until(lambda: reloads() > 0, "a reload has ended")
        seen = reloads()
        daemon.process.send(signal.SIGHUP)
        rig.wait_until(lambda: reloads() > seen, "it reloads after the storm as well")
        daemon.wait_for("GO")
        before = daemon.runs()
        rig.wait_until(lambda: all(at != before[name] for name, at in daemon.runs().items() if name != "prober"), "all go on")
    finally:
        listener.stop()


def test_sigterm_ends_in_every_state(make, tmp_path):
    hole = rig.Listener()
    hole.swallow()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    try:
        daemon = make(f"defaults: {{interval: 60s, timeout: 60s}}\ngates: {{g: {{checks: {{a: {{http: {{url: 'http://127.0.0.1:{hole.port}/'}}}}}}}}}}")
        slow = socket.create_connection(("127.0.0.1", daemon.port))
        slow.sendall(b"GET /verdict HTT")
        daemon.process.send(signal.SIGTERM)
        daemon.process.child.wait(10)
        assert daemon.process.child.returncode == 0
        slow.close()
    finally:
        hole.stop()


def test_a_stalled_daemon_blames_itself(make):
    listener = rig.Listener()
    try:
        daemon = make(simple(f"a: {{http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}"))
        daemon.wait_for("GO")
        daemon.process.send(signal.SIGSTOP)
        time.sleep(6)  # the stall itself
        daemon.process.send(signal.SIGCONT)
        seen = daemon.verdict()
        if seen["verdict"] == "NO-GO":
            assert {b["reason"] for b in seen["blockers"]} <= {"stale", "prober"}, seen
        daemon.wait_for_check("prober", "fail", "prober")
        assert daemon.verdict()["verdict"] == "NO-GO"
        daemon.wait_for("GO")
    finally:
        listener.stop()


PUSHES = simple("""
  job: {heartbeat: {push: a-secret-key-of-job, period: 1h}},
  strict: {heartbeat: {push: a-secret-key-of-strict, period: 1h, max_runtime: 1s}}""")


def test_pushes_as_healthchecks_clients_send_them(make):
    daemon = make(PUSHES)
    daemon.wait_for_check("job", "fail", "missing")
    ping = lambda path, **options: daemon.get(f"/ping/{path}", **options).status
    for key in ("a-secret-key-of-job", "a-secret-key-of-strict"):
        assert ping(key) == 200
    daemon.wait_for("GO")
    assert ping("a-secret-key-of-job/fail", method="POST", body="it broke <b>badly</b>") == 200
    seen = daemon.wait_for_check("job", "fail", "reported")
    assert seen["last"]["evidence"]["note"] == "it broke <b>badly</b>"
    assert ping("a-secret-key-of-job/0") == 200
    daemon.wait_for("GO")
    assert ping("a-secret-key-of-job/7") == 200
    assert "exit status 7" in daemon.wait_for_check("job", "fail", "reported")["summary"]
    assert ping("a-secret-key-of-job/log", method="POST", body="just words") == 200
    assert ping("a-secret-key-of-job", method="HEAD") == 200
    daemon.wait_for("GO")
    assert ping("a-secret-key-of-strict/start") == 200
    daemon.wait_for_check("strict", "fail", "stale_data")
    assert ping("a-secret-key-of-strict") == 200
    daemon.wait_for("GO")
    for bad, status in (("nobody-waits-for-me", 404), ("a-secret-key-of-job/256", 400), ("a-secret-key-of-job/-1", 400),
                        ("a-secret-key-of-job/what", 400), ("a-secret-key-of-job/1/2", 400), ("", 404)):
        assert ping(bad) == status, bad
    daemon.process.stop(signal.SIGKILL)
    daemon.start()
    daemon.wait_for("GO")
    assert "a-secret-key" not in daemon.process.text()
    assert "a-secret-key" not in daemon.get("/metrics").text + daemon.get("/api/v1/snapshot").text


def test_planted_secrets_appear_nowhere(make, tmp_path):
    """Targets that echo what they are sent, databases that refuse it, files that hold it: none of it comes out."""
    import threading
    secrets = {"token": "PLANTED-token-1", "password": "PLANTED-passw0rd", "header": "PLANTED-header", "env": "PLANTED-env",
               "url": "PLANTED%2Furl", "body": "PLANTED-body", "db": "PLANTED-db"}
    echo = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                peer, _ = echo.accept()
            except OSError:
                return
            data = peer.recv(65536)
            peer.sendall(b"HTTP/1.1 500 " + data.split(b"\r\n")[0] + b"\r\nX-Echo: " + data.replace(b"\r\n", b" ") +
                         b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(data) + data)
            peer.close()

    threading.Thread(target=serve, daemon=True).start()
    port = echo.getsockname()[1]
    folder = tmp_path / "d0"
    folder.mkdir()
    for name in ("token", "url", "body", "db"):
        (folder / name).write_text(secrets[name])
    (folder / ".env").write_text(f"PW='{secrets['password']}'\n")
    daemon = make(f"""
defaults: {{interval: 1s, timeout: 1s}}
secrets:
  token: {{file: token}}
  pw: {{dotenv: .env, key: PW}}
  env: {{env: PLANTED}}
  url: {{file: url}}
  body: {{file: body}}
  db: {{file: db}}
gates: {{g: {{checks: {{
  a: {{http: {{url: "http://127.0.0.1:{port}/${{secrets.url}}?k=${{secrets.env}}", bearer: "${{secrets.token}}"}}}},
  b: {{http: {{url: "http://127.0.0.1:{port}/", basic_auth: {{username: me, password: "${{secrets.pw}}"}}, expect: {{status: 500, body: "nothing"}}}}}},
  c: {{http: {{url: "http://127.0.0.1:{port}/", method: POST, body: "${{secrets.body}}", headers: {{X-Key: "{secrets['header']}", Authorization: "Token {secrets['header']}"}}, expect: {{status: 500, json: .x}}}}}},
  d: {{http: {{url: "http://127.0.0.1:{port}/", headers: {{X-Key: "${{secrets.token}}"}}, expect: {{status: 500, headers: {{X-Echo: "wanted ${{secrets.body}}"}}}}}}}},
  e: {{heartbeat: {{database: "postgresql://u:${{secrets.db}}@127.0.0.1:{port}/x", max_age: 1m}}}},
  f: {{marker: {{path: token, max_age: 1h}}}}}}}}}}
""".replace("path: token", f"path: {folder}/token"), env={"PLANTED": secrets["env"]})
    rig.wait_until(lambda: all(check["last"] for check in daemon.snapshot()["checks"]), "each has run")
    outputs = [daemon.get(path).text for path in ("/verdict", "/verdict?format=text", "/verdict?format=health", "/metrics", "/", "/api/v1/snapshot", "/readyz")]
    outputs.append(daemon.run("config", "show", "-c", str(daemon.config)).stdout)
    shown = daemon.run("check", "-c", str(daemon.config), "--junit", str(tmp_path / "junit.xml"))
    outputs += [shown.stdout, shown.stderr, (tmp_path / "junit.xml").read_text()]
    outputs.append(daemon.run("check", "-c", str(daemon.config), "--json").stdout)
    daemon.write(daemon.config.read_text().replace("bearer:", "baerer:").replace("max_age: 1m", "max_age: '${secrets.db}'"))
    daemon.reload()
    outputs.append(daemon.run("config", "check", "-c", str(daemon.config)).stderr)
    outputs.append(pathlib.Path(f"/proc/{daemon.process.child.pid}/cmdline").read_text())
    daemon.stop()
    outputs.append(daemon.process.text())
    echo.close()
    assert sum(1 for output in outputs if output) >= len(outputs) - 1, "only standard error may be silent"
    for output in outputs:
        assert "PLANTED" not in output.replace("env: PLANTED", "").replace('"PLANTED"', ""), output[max(0, output.find("PLANTED-") - 300):][:600]


def test_exit_codes(make, tmp_path):
    daemon = make(simple(f"a: {DISK}"))
    daemon.wait_for("GO")
    assert daemon.run("verdict").returncode == 0
    assert daemon.run("verdict", "--gate", "nosuch").returncode == 64
    assert daemon.run("wait", "--for", "go", "--hold", "2s", "--timeout", "30s").returncode == 0
    assert daemon.run("wait", "--for", "no-go", "--timeout", "2s").returncode == 1
    assert json.loads(daemon.run("verdict", "--json").stdout)["verdict"] == "GO"
    assert daemon.run("--version").stdout.startswith("gonogo ")
    for bad in ([], ["nosuch"], ["verdict", "--nosuch"], ["wait", "--hold", "soon"]):
        assert daemon.run(*bad).returncode == 64, bad
    assert daemon.run("check", "-c", str(daemon.config)).returncode == 0
    assert daemon.run("check", "-c", str(daemon.config), "nosuch").returncode == 64
    assert daemon.run("check", "-c", str(tmp_path / "absent.yaml")).returncode == 78
    assert daemon.run("config", "check", "-c", str(daemon.config)).returncode == 0
    daemon.write(simple("a: {disk: {path: /nonexistent}}"))
    daemon.reload()
    daemon.wait_for("NO-GO")
    refused = daemon.run("verdict")
    assert refused.returncode == 1 and refused.stdout.startswith("verdict: NO-GO")
    assert daemon.run("check", "-c", str(daemon.config)).returncode == 1
    daemon.stop()
    assert daemon.run("verdict").returncode == 2
    assert daemon.run("wait", "--timeout", "2s").returncode == 2


class Answers(http.server.BaseHTTPRequestHandler):
    """Gives one answer to everybody."""

    status, kind, body = 404, "text/plain", b"404 page not found"

    def do_GET(self):
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


def wait_at(folder, status, body, *more):
    handler = type("Handler", (Answers,), {"status": status, "body": body})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        return subprocess.run([rig.GONOGO, "wait", *more, "--url", f"http://127.0.0.1:{server.server_port}", "-c", str(folder / "none.yaml")],
                              capture_output=True, text=True, timeout=60)
    finally:
        server.shutdown()


def test_a_wait_that_nothing_can_fulfil_ends_at_once(make, tmp_path):
    """Else a pipeline would stand until its timeout, which is longer here than this test waits."""
    daemon = make(simple(f"a: {DISK}", "server: {tokens: {ci: {file: ci.token, may: [ping]}}, anonymous: []}"), start=False)
    (daemon.folder / "ci.token").write_text("0123456789abcdef-ci\n")
    daemon.start()
    refused = daemon.run("wait", "--timeout", "1h")
    assert refused.returncode == 2 and "the daemon answered 401: " in refused.stderr, refused
    refused = daemon.run("wait", "--timeout", "1h", "--token-file", str(daemon.folder / "ci.token"))
    assert refused.returncode == 2 and "the daemon answered 403: " in refused.stderr, refused
    other = make(simple(f"a: {DISK}"))
    other.wait_for("GO")
    typo = other.run("wait", "--gate", "tpyo", "--timeout", "1h")
    assert typo.returncode == 64 and "the daemon answered 404: " in typo.stderr and "tpyo" in typo.stderr, typo
    misdirected = wait_at(tmp_path, 421, b"set server.names", "--timeout", "1h")
    assert misdirected.returncode == 2 and "the daemon answered 421: set server.names" in misdirected.stderr, misdirected


@pytest.mark.parametrize("status", [404, 502, 500])
def test_a_wait_goes_on_while_a_proxy_has_no_daemon(status, tmp_path):
    """The control: what a proxy says while the daemon restarts is no answer of the daemon."""
    result = wait_at(tmp_path, status, b"404 page not found", "--gate", "g", "--timeout", "1s")
    assert result.returncode == 2 and "gave up after 1s" in result.stderr, result


def test_descriptors_run_out(make, tmp_path):
    if os.environ.get("GONOGO_SANITIZED"):
        pytest.skip("UBSan opens a pipe to read an object and takes its failure for a broken object")
    import http.client
    listener = rig.Listener()
    held = []
    try:
        daemon = make(simple(f"a: {{http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}"))
        daemon.wait_for("GO")
        pid = daemon.process.child.pid
        numbers = [int(name) for name in os.listdir(f"/proc/{pid}/fd")]
        limit = max(numbers) + 3
        subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={limit}:1024"], check=True)
        # Connections that stay take every number that is left.
        for _ in range(limit - len(numbers)):
            held.append(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20))
            held[-1].request("GET", "/healthz")
            held[-1].getresponse().read()

        def verdict():
            # The youngest: room for others is made at the expense of the oldest.
            held[-1].request("GET", "/verdict")
            return json.loads(held[-1].getresponse().read())

        rig.wait_until(lambda: verdict()["verdict"] == "NO-GO", "NO-GO")
        rig.wait_until(lambda: {b["reason"] for b in verdict()["blockers"]} == {"prober"}, "it never reads target down")
        subprocess.run(["prlimit", f"--pid={pid}", "--nofile=1024:1024"], check=True)
        daemon.wait_for("GO")
    finally:
        for connection in held:
            connection.close()
        listener.stop()
