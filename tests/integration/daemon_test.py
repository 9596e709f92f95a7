"""The daemon as its users meet it: restarts, reloads, requests good and bad, tokens, secrets, the command line."""

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

import pytest
import rig

DISK = "{disk: {path: /, writable: false}}"


def simple(checks, more=""):
    return f"defaults: {{interval: 1s, timeout: 1s}}\n{more}\ngates: {{g: {{title: Gate, checks: {{{checks}}}}}}}\n"


@pytest.fixture
def make(tmp_path):
    daemons = []

    def make(config, **options):
        daemons.append(rig.Daemon(tmp_path / f"d{len(daemons)}", config, **options))
        return daemons[-1]

    yield make
    for daemon in daemons:
        if daemon.process and daemon.process.is_running():
            assert daemon.stop() == 0, daemon.process.text()


def test_kill_and_restart_neither_flaps_nor_forgets(make, tmp_path):
    marker = tmp_path / "marker"
    now = lambda age=0: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
    marker.write_text(now())
    # So seldom that no look comes between kill and answer: what is answered comes from the store.
    config = f"defaults: {{interval: 1h, timeout: 1s}}\ngates: {{g: {{checks: {{m: {{marker: {{path: {marker}, max_age: 26h}}}}}}}}}}\n"
    daemon = make(config)
    daemon.wait_for("GO")
    before = daemon.check("m")
    rig.wait_until(lambda: (daemon.folder / "gonogo.db-wal").stat().st_size > 8000, "the result is saved")
    daemon.process.stop(signal.SIGKILL)
    daemon.start()
    assert daemon.verdict()["blockers"] in ([], [b for b in daemon.verdict()["blockers"] if b["check"] == "prober"]), "no flap"
    daemon.wait_for("GO")
    assert daemon.check("m")["last"]["at"] == before["last"]["at"], "the result has its original time"

    # And a failure is not hidden either: the state of the world may be better by now, but nobody has looked.
    marker.write_text(now(27 * 3600))
    daemon.write(config.replace("max_age: 26h", "max_age: 20h"))
    daemon.reload()
    daemon.wait_for_check("m", "fail", "stale_data")
    rig.wait_until(lambda: b"stale_data" in (daemon.folder / "gonogo.db-wal").read_bytes(), "the failure is saved")
    marker.write_text(now())
    daemon.process.stop(signal.SIGKILL)
    daemon.start()
    assert daemon.verdict()["verdict"] == "NO-GO"
    assert daemon.check("m")["state"] in ("fail", "pending")


def test_no_go_before_kill_is_no_go_after(make, tmp_path):
    """Kill -9 at random moments while a check keeps turning: what comes back is never better than what was."""
    listener = rig.Listener()
    try:
        daemon = make(simple(f"a: {{http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}"))
        for round in range(5):
            daemon.wait_for("GO")
            listener.reply = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            daemon.wait_for_check("a", "fail", "status")
            rig.wait_until(lambda: daemon.metric("gonogo_store_healthy") == 1, "saved")
            saved = (daemon.folder / "gonogo.db-wal").stat().st_mtime
            rig.wait_until(lambda: (daemon.folder / "gonogo.db-wal").stat().st_mtime >= saved, "written")
            daemon.process.stop(signal.SIGKILL)
            daemon.start()
            assert daemon.verdict()["verdict"] == "NO-GO"
            listener.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    finally:
        listener.stop()


def test_a_changed_check_does_not_inherit_a_stored_pass(make, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "absent"
    good.write_text("x")
    config = "defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {f: {file: {path: %s}}}}}\n"
    daemon = make(config % good)
    daemon.wait_for("GO")
    daemon.stop()
    daemon.write(config % bad)
    daemon.start()
    daemon.wait_for_check("f", "fail", "missing")


def test_reload_keeps_state_and_a_bad_file_keeps_the_running_configuration(make):
    daemon = make("defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {a: %s}}}\n" % DISK)
    daemon.wait_for("GO")
    seen = daemon.check("a")["last"]["at"]
    daemon.write("gates: {g: {chekcs: {}}}")
    daemon.reload()
    rig.wait_until(lambda: daemon.metric("gonogo_config_last_reload_successful") == 0, "the metric tells")
    assert "gates.g.chekcs: unknown key (did you mean `checks`?)" in daemon.process.text()
    assert daemon.verdict()["verdict"] == "GO"
    daemon.write("defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {a: %s, b: {disk: {path: /nonexistent}}}}}\n" % DISK)
    daemon.reload()
    rig.wait_until(lambda: daemon.metric("gonogo_config_last_reload_successful") == 1, "the metric tells")
    daemon.wait_for_check("b", "fail", "missing")
    assert daemon.check("a")["last"]["at"] == seen, "the unchanged check was not looked at again"


def test_a_storm_of_reloads(make):
    listener = rig.Listener()
    try:
        daemon = make(simple(f"a: {DISK}, b: {{http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}"))
        daemon.wait_for("GO")
        for _ in range(300):
            daemon.process.send(signal.SIGHUP)
        daemon.wait_for("GO")
        assert daemon.process.is_running()
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


def test_verdict_in_all_its_forms(make):
    daemon = make(simple(f"a: {DISK}"))
    daemon.wait_for("GO")
    for method in ("GET", "HEAD"):
        answer = daemon.get("/verdict", method=method)
        assert answer.status == 200 and (answer.body == b"") == (method == "HEAD")
    assert daemon.get("/verdict?format=text").text.startswith("verdict: GO\n")
    assert daemon.get("/verdict", headers={"Accept": "text/plain"}).text.startswith("verdict: GO\n")
    assert daemon.get("/verdict", headers={"Accept": "application/health+json"}).json()["status"] == "pass"
    assert daemon.get("/verdict?gate=g").json()["verdict"] == "GO"
    assert daemon.get("/verdict?gate=nosuch").status == 404
    assert daemon.get("/verdict?format=xml").status == 400
    assert daemon.get("/healthz").status == 200 and daemon.get("/readyz").status == 200
    assert daemon.get("/nosuch").status == 404
    assert daemon.get("/verdict", method="DELETE").status == 405
    assert "<h1 class=\"go\">GO" in daemon.get("/").text
    daemon.write(simple("a: {disk: {path: /nonexistent}}"))
    daemon.reload()
    daemon.wait_for("NO-GO")
    for method in ("GET", "HEAD"):
        assert daemon.get("/verdict", method=method).status == 503
    assert daemon.get("/verdict?format=text").text.startswith("verdict: NO-GO\n")
    assert "verdict: GO" not in daemon.get("/verdict?format=text").text


def raw(port, data, patience=15):
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as peer:
        peer.sendall(data)
        answer = b""
        try:
            while chunk := peer.recv(65536):
                answer += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def test_bad_requests_are_answered_and_survived(make):
    daemon = make(simple(f"a: {DISK}"))
    daemon.wait_for("GO")
    close = b"Connection: close\r\n"
    cases = [
        (b"NONSENSE\r\n\r\n", b"400"), (b"\x16\x03\x01\x02\x00\x01\x00", None), (b"\x00" * 100, b"400"),
        (b"GET /verdict HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"POST /ping/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /ping/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
        (b"POST /ping/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", b"400"),
        (b"GET /verdict HTTP/1.1\r\nHost: x\r\nBad\x00Header: x\r\n\r\n", b"400"),
        (b"GET /%00%ff%zz HTTP/1.1\r\n" + close + b"\r\n", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\n" + close + b"\r\n", b"404"),
        (b"GET /verdict?format=%3Cscript%3E HTTP/1.1\r\n" + close + b"\r\n", b"400"),
        (b"GET /verdict HTTP/1.0\r\n\r\n", b"200"),
        (b"GET /verdict HTTP/1.1\r\nAuthorization: Bearer guess\r\n" + close + b"\r\n", b"401"),
        (b"GET /verdict HTTP/1.1\r\nAuthorization: Basic !!!\r\n" + close + b"\r\n", b"401"),
    ]
    for data, status in cases:
        answer = raw(daemon.port, data, 3 if status is None else 15)
        if status is not None:
            assert answer.split(b"\r\n")[0].split()[1:2] == [status], (data[:60], answer[:200])
        assert b"text/html" not in answer, "what was sent comes back as data at most"
    pipelined = raw(daemon.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + b"GET /healthz HTTP/1.1\r\n" + close + b"\r\n")
    assert pipelined.count(b"200 OK") == 51
    assert daemon.verdict()["verdict"] == "GO"


def test_thousands_of_slow_clients_leave_room_for_the_next(make):
    daemon = make(simple(f"a: {DISK}"))
    daemon.wait_for("GO")
    peers = []
    for _ in range(1500):
        peer = socket.socket()
        peer.settimeout(5)
        try:
            peer.connect(("127.0.0.1", daemon.port))
            peer.send(b"GET /verd")
        except OSError:
            peer.close()
            continue
        peers.append(peer)
    assert daemon.verdict()["verdict"] == "GO"
    assert daemon.metric("gonogo_http_connections") <= 513
    for peer in peers:
        peer.close()


TOKENS = """
server:
  tokens:
    ci: {file: ci.token, may: [reload, read]}
    eye: {file: eye.token, may: [read]}
"""


def test_tokens_grant_what_they_say_and_nothing_else(make, tmp_path):
    folder = tmp_path / "d0"
    folder.mkdir()
    (folder / "ci.token").write_text("0123456789abcdef-ci\n")
    (folder / "eye.token").write_text("0123456789abcdef-eye\n")
    daemon = make(simple(f"a: {DISK}", TOKENS))
    bearer = lambda token: {"Authorization": f"Bearer {token}"}
    assert daemon.get("/-/reload", method="POST").status == 401
    assert daemon.get("/-/reload", method="POST", headers=bearer("0123456789abcdef-ey")).status == 401
    assert daemon.get("/-/reload", method="POST", headers=bearer("0123456789abcdef-eye")).status == 403
    assert daemon.get("/-/reload", method="POST", headers=bearer("0123456789abcdef-ci")).status == 200
    assert daemon.get("/-/reload", headers=bearer("0123456789abcdef-ci")).status == 405
    assert daemon.run("config", "reload", "--token-file", str(folder / "ci.token")).returncode == 0
    assert daemon.run("config", "reload", "--token-file", str(folder / "eye.token")).returncode == 1
    daemon.write(simple("a: {dsik: {path: /}}", TOKENS))
    refused = daemon.run("config", "reload", "--token-file", str(folder / "ci.token"))
    assert refused.returncode == 78 and "did you mean `disk`" in refused.stderr, refused
    assert "0123456789abcdef" not in daemon.process.text()


def test_web_config_brings_tls_and_users(make, tmp_path):
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("listener", ["127.0.0.1", "localhost"])
    folder = tmp_path / "d0"
    folder.mkdir()
    # bcrypt of "correct horse", cost 4
    import crypt
    hashed = crypt.crypt("correct horse", "$2b$04$abcdefghijklmnopqrstuu")
    assert hashed and hashed.startswith("$2b$")
    (folder / "web.yml").write_text(f"tls_server_config:\n  cert_file: {certificate}\n  key_file: {key}\nbasic_auth_users:\n  prom: {hashed}\n")
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    context = ssl.create_default_context(cafile=authority.path)

    def get(path, authorization=None):
        import http.client
        connection = http.client.HTTPSConnection("127.0.0.1", daemon.port, context=context, timeout=20)
        connection.request("GET", path, headers={"Authorization": authorization} if authorization else {})
        return connection.getresponse().status

    import base64
    basic = lambda pair: "Basic " + base64.b64encode(pair.encode()).decode()
    assert get("/healthz") == 200
    assert get("/metrics") == 401
    assert get("/metrics", basic("prom:wrong")) == 401
    assert get("/metrics", basic("nobody:correct horse")) == 401
    assert get("/metrics", basic("prom:correct horse")) == 200
    renewed, renewed_key = authority.issue("renewed", ["127.0.0.1", "localhost"])
    pathlib.Path(certificate).write_bytes(pathlib.Path(renewed).read_bytes())
    pathlib.Path(key).write_bytes(pathlib.Path(renewed_key).read_bytes())
    daemon.process.send(signal.SIGHUP)
    served = lambda: ssl.get_server_certificate(("127.0.0.1", daemon.port)).replace("\n", "")
    wanted = pathlib.Path(renewed).read_text().replace("\n", "")
    rig.wait_until(lambda: served() == wanted, "the renewed certificate is served")


def test_a_listener_beyond_this_host_wants_authentication(make):
    daemon = make(simple(f"a: {DISK}", "server: {listen: '0.0.0.0:1'}"), start=False)
    result = daemon.run("serve", "--config", str(daemon.config))
    assert result.returncode == 78 and "without authentication" in result.stderr


def test_a_unix_socket(make, tmp_path):
    path = tmp_path / "gonogo.sock"
    daemon = make(simple(f"a: {DISK}"), start=False)
    process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(tmp_path / "x.db"), "--listen", f"unix:{path}"], tmp_path / "log")
    try:
        rig.wait_until(path.exists, "socket")
        env = {**os.environ, "GONOGO_LISTEN": f"unix:{path}"}
        ask = lambda: subprocess.run([rig.GONOGO, "verdict", "-c", str(daemon.config)], env=env, capture_output=True, text=True).returncode
        rig.wait_until(lambda: ask() == 0, "GO over the socket")
    finally:
        process.stop(signal.SIGKILL)
    process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(tmp_path / "x.db"), "--listen", f"unix:{path}"], tmp_path / "log")
    try:
        rig.wait_until(lambda: ask() == 0, "a dead socket file is no obstacle")
    finally:
        process.stop()


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
    rig.wait_until(lambda: all(check["last"] for check in daemon.snapshot()["checks"]), "all looked")
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


def test_the_store_cannot_be_written(make, tmp_path):
    daemon = make(simple(f"a: {DISK}"), start=False)
    daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", "/proc/nosuch/g.db", "--listen", f"127.0.0.1:{daemon.port}"], tmp_path / "log")
    rig.wait_until(lambda: rig.connects(daemon.port), "it serves all the same")
    daemon.wait_for("GO")
    assert daemon.get("/readyz").status == 503
    assert daemon.metric("gonogo_store_healthy") == 0
    daemon.wait_for_check("prober", "warn", "prober")


def test_descriptors_run_out(make, tmp_path):
    if os.environ.get("GONOGO_SANITIZED"):
        pytest.skip("UBSan opens a pipe to look at an object and takes its failure for a broken object")
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
