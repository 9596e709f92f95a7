"""The listener: the verdict in all its forms, bad and slow clients, tokens, TLS and users, sockets."""

import http.client
import os
import pathlib
import signal
import socket
import ssl
import subprocess

import rig
from daemon_test import DISK, simple


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
        (b"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
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
    assert len(peers) > 512, "more than the daemon keeps open were connected"
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
    # One that has only just come, and one between two requests.
    early = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
    idle = http.client.HTTPSConnection("127.0.0.1", daemon.port, context=context, timeout=20)
    idle.request("GET", "/healthz")
    assert idle.getresponse().read() is not None
    daemon.process.send(signal.SIGHUP)
    served = lambda: ssl.get_server_certificate(("127.0.0.1", daemon.port)).replace("\n", "")
    wanted = pathlib.Path(renewed).read_text().replace("\n", "")
    rig.wait_until(lambda: served() == wanted, "the renewed certificate is served")
    assert idle.sock.recv(1) == b"", "it is closed, for it has seen the former certificate"
    with context.wrap_socket(early, server_hostname="127.0.0.1") as late:
        late.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: late.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), "who waits is answered, once"


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
