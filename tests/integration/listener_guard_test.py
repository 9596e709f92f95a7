"""Which requests the listener takes: by their host, their origin, their type, their size, and how many at once."""

import base64
import contextlib
import crypt
import http.client
import json
import resource
import socket
import threading

import pytest
import rig
from daemon_test import DISK, simple
from listener_test import raw

FOREIGN = {"Origin": "https://evil.example"}
FORM = {"Content-Type": "text/plain"}
JSON = {"Content-Type": "application/json"}
TOKEN = "0123456789abcdef-all"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
# bcrypt of "correct horse", of the least cost
HASH = crypt.crypt("correct horse", "$2b$04$abcdefghijklmnopqrstuu")
BASIC = {"Authorization": "Basic " + base64.b64encode(b"ops:correct horse").decode()}
SERVER = """server:
  web_config: web.yml
  names: [gonogo.example.org]
  tokens: {all: {file: all.token, may: [read, ping, reload, run, sign, waive, deploy]}}
  users: {ops: {may: [read, reload, run, sign]}}
  anonymous: [ping]
"""


@pytest.fixture
def guarded(make, tmp_path):
    folder = tmp_path / "d0"
    folder.mkdir()
    (folder / "all.token").write_text(TOKEN + "\n")
    (folder / "web.yml").write_text(f"basic_auth_users: {{ops: '{HASH}'}}\n")
    return make(simple(f"a: {DISK}, job: {{heartbeat: {{push: key-of-the-job, period: 1h}}}}", SERVER))


def test_a_state_change_of_a_foreign_page_is_refused(guarded):
    here = {"Origin": f"http://127.0.0.1:{guarded.port}"}
    site = lambda word: {"Sec-Fetch-Site": word}
    cases = [
        # what a page of another site sends with the password that the browser has stored
        ("/-/reload", {**BASIC, **FOREIGN, **FORM}, 403), ("/api/v1/checks/a/run", {**BASIC, **FOREIGN, **FORM}, 403),
        ("/-/reload", {**BASIC, **FOREIGN}, 403), ("/-/reload", {**BASIC, "Origin": "null"}, 403),
        ("/-/reload", {**BASIC, **FOREIGN, **JSON}, 403), ("/-/reload", {**BEARER, **FOREIGN}, 403),
        ("/-/reload", {**BASIC, "Origin": f"http://127.0.0.1:{guarded.port + 1}"}, 403),
        ("/-/reload", {**BASIC, "Origin": f"http://localhost:{guarded.port}"}, 403),
        ("/-/reload", {**BASIC, "Origin": "nonsense"}, 403), ("/-/reload", {**BASIC, "Origin": ""}, 403),
        ("/-/reload", {**BASIC, **site("cross-site")}, 403), ("/-/reload", {**BASIC, **site("same-site")}, 403),
        ("/-/reload", {**BASIC, **site("nonsense")}, 403), ("/-/reload", {**BASIC, **here, **site("cross-site")}, 403),
        ("/-/reload", {**BASIC, **FOREIGN, **site("same-origin")}, 403),
        # its own page, the address bar, and what is no browser
        ("/-/reload", {**BASIC, **here}, 200), ("/-/reload", {**BASIC, **here, **site("same-origin")}, 200),
        ("/-/reload", {**BASIC, **site("none")}, 200), ("/-/reload", BASIC, 200), ("/-/reload", BEARER, 200),
        ("/api/v1/checks/a/run", BASIC, 202),
        # heartbeats come from anywhere
        ("/ping/key-of-the-job", {**FOREIGN, **FORM, **site("cross-site")}, 200),
    ]
    for path, headers, status in cases:
        answer = guarded.get(path, method="POST", headers=headers)
        assert answer.status == status, (path, headers, answer.text)
    refused = guarded.get("/-/reload", method="POST", headers={**BASIC, **FOREIGN})
    assert "server.external_url" in refused.json()["detail"] and "evil.example" in refused.json()["detail"]
    assert guarded.get("/verdict", headers={**BASIC, **FOREIGN}).status in (200, 503), "reading changes nothing"


def test_a_state_change_with_a_body_is_json_unless_it_carries_a_token(guarded):
    body = b'{"list": "- [ ] 1.1 x"}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    cases = [
        ("/-/reload", {**BASIC, **FORM}, b"x", 415), ("/-/reload", {**BASIC, **form}, b"a=b", 415),
        ("/-/reload", BASIC, b"x", 415), ("/-/reload", {**BASIC, "Content-Type": "application/jsonp"}, b"{}", 415),
        ("/-/reload", {**BASIC, "Content-Type": "text/plain; application/json"}, b"{}", 415),
        ("/-/reload", {**BASIC, "Content-Type": "multipart/form-data; boundary=x"}, b"{}", 415),
        ("/-/reload", {**BASIC, "Content-Type": "Application/JSON; charset=utf-8"}, b"{}", 200),
        ("/-/reload", {**BASIC, **FORM}, None, 200), ("/-/reload", {**BEARER, **FORM}, b"x", 200),
        ("/api/v1/report", {**BASIC, **FORM}, body, 415), ("/api/v1/report", {**BASIC, **JSON}, body, 200),
        # as `curl -d` sends it
        ("/api/v1/report", {**BEARER, **form}, body, 200),
        ("/ping/key-of-the-job", FORM, b"a note", 200),
    ]
    for path, headers, content, status in cases:
        answer = guarded.get(path, method="POST", headers=headers, body=content)
        assert answer.status == status, (path, headers, answer.text)


def ask(port, host, path="/healthz", more="", version="1.1", method="GET"):
    lines = [f"{method} {path} HTTP/{version}", *([] if host is None else [f"Host: {host}"]), "Connection: close"]
    answer = raw(port, ("\r\n".join(lines) + "\r\n" + more + "\r\n").encode())
    return int(answer.split()[1]), answer.decode()


def header(fields):
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items())


def test_a_host_of_somebody_else_is_misdirected(guarded):
    port = guarded.port
    own = ["127.0.0.1", f"127.0.0.1:{port}", "192.0.2.7", f"[::1]:{port}", "[2001:db8::1]", "localhost", f"LOCALHOST:{port}", "localhost.",
           "app-1", f"app-1:{port}", "gonogo.example.org", f"GoNoGo.Example.ORG:{port}", "gonogo.example.org.", "gonogo.example.org:", None, ""]
    foreign = ["evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", "gonogo.example.org.evil.example",
               "xgonogo.example.org", "x.gonogo.example.org", "example.org", "gonogo.example", "127.1", "app-1.", "0x7f.1", "1.2.3.4.5", "evil.example."]
    for host in own:
        assert ask(port, host)[0] == 200, host
    for host in foreign:
        # A single label with a final dot is a single label.
        assert ask(port, host)[0] == (200 if host == "app-1." else 421), host
        for path in ("/verdict", "/", "/metrics", "/nosuch"):
            assert ask(port, host, path)[0] == (401 if host == "app-1." else 421), (host, path)
    status, text = ask(port, "evil.example")
    assert "server.names" in text and "evil.example" in text
    # Whoever has credentials is meant to be here; a wrong password is none.
    assert ask(port, "evil.example", "/healthz", header(BEARER))[0] == 200
    assert ask(port, "evil.example", "/nosuch", header(BASIC))[0] == 404
    assert ask(port, "evil.example", "/healthz", header({"Authorization": "Bearer guess"}))[0] == 421
    assert ask(port, "evil.example", "/healthz", header({"Authorization": "Basic b3BzOndyb25n"}))[0] == 421
    assert ask(port, "evil.example", "/ping/key-of-the-job")[0] == 200
    for host in ("evil example", "a@b", "[::1", "[nonsense]:1", "host:port", "host:99999", "a/b", "::1"):
        assert ask(port, host)[0] == 400, host
    assert ask(port, "localhost", more="Host: evil.example\r\n")[0] == 400
    assert ask(port, "localhost", more="Host: localhost\r\n")[0] == 400
    # The absolute form counts before the header (RFC 9112, 3.2.2).
    assert ask(port, "localhost", "http://evil.example/healthz")[0] == 421
    assert ask(port, "evil.example", "http://localhost/healthz")[0] == 200
    assert ask(port, "evil.example", "HTTP://gonogo.example.org:80/healthz?x=1")[0] == 200
    assert ask(port, "localhost", "http:///healthz")[0] == 400
    assert ask(port, None, version="1.0")[0] == 200


def test_the_names_of_this_host_and_of_the_public_address_are_known(make, tmp_path):
    name = socket.gethostname()
    daemon = make(simple(f"a: {DISK}", "server: {external_url: 'https://gonogo.example.org/board'}"))
    assert ask(daemon.port, name)[0] == 200
    assert ask(daemon.port, "gonogo.example.org")[0] == 200
    assert ask(daemon.port, "other.example.org")[0] == 421
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("listener", ["127.0.0.1", "board.example.net"])
    (tmp_path / "d1").mkdir()
    (tmp_path / "d1" / "web.yml").write_text(f"tls_server_config: {{cert_file: {certificate}, key_file: {key}}}\n")
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    import ssl
    context = ssl.create_default_context(cafile=authority.path)
    for host, status in (("board.example.net", 200), ("other.example.net", 421)):
        connection = http.client.HTTPSConnection("127.0.0.1", daemon.port, context=context, timeout=20)
        connection.putrequest("GET", "/healthz", skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        assert connection.getresponse().status == status, host


def test_an_external_url_is_an_origin_of_ones_own(make):
    daemon = make(simple(f"a: {DISK}", "server: {external_url: 'https://gonogo.example.org', anonymous: [read, ping]}"))
    post = lambda origin, host: daemon.get("/api/v1/report", method="POST", body=b'{"list": ""}',
                                           headers={**JSON, "Origin": origin, "Host": host}).status
    # A proxy passes its own host on, or that of the listener.
    assert post("https://gonogo.example.org", "127.0.0.1:9880") == 200
    assert post("https://gonogo.example.org:443", "gonogo.example.org") == 200
    assert post("http://gonogo.example.org", "gonogo.example.org") == 403
    assert post("https://gonogo.example.org:8443", "gonogo.example.org") == 403
    assert post("https://app.example.org", "app.example.org") == 421


def test_a_long_note_is_cut_and_its_push_counts(make):
    daemon = make(simple("job: {heartbeat: {push: key-of-the-job, period: 1h}}"))
    def push(signal, size, chunked=False):
        body = b"n" * size
        answer = daemon.get("/ping/key-of-the-job" + signal, method="POST", body=iter([body[i:i + 50000] for i in range(0, size, 50000)]) if chunked else body)
        assert (answer.status, answer.text) == (200, "OK\n"), (signal, size)
    for size in (65536, 65537, 1_000_000, 5_000_000):
        for chunked in (False, True):
            push("", size, chunked)
            daemon.wait_for("GO")
            push("/fail", size, chunked)
            daemon.wait_for("NO-GO")
    check = daemon.check("job")
    assert "nnn" in json.dumps(check) and len(json.dumps(check)) < 10000
    push("/3", 70000)
    assert "3" in daemon.wait_for_check("job", "fail")["summary"]
    push("/start", 70000)
    push("/log", 70000)
    push("/0", 70000)
    daemon.wait_for("GO")
    assert daemon.get("/ping/other-key", method="POST", body=b"n" * 100000).status == 404


def test_a_secret_across_the_cut_of_a_note_is_hidden(make, tmp_path):
    (tmp_path / "d0").mkdir()
    secret = "".join(f"{i:04x}" for i in range(1000))
    (tmp_path / "d0" / "key").write_text(secret)
    daemon = make(simple("job: {heartbeat: {push: key-of-the-job, period: 1h}}, b: {http: {url: 'http://127.0.0.1:1/', bearer: '${secrets.s}'}, severity: advisory}",
                         "secrets: {s: {file: key}}"))
    # What is kept of the body ends within the last of them, and what is left of it would be shown.
    daemon.get("/ping/key-of-the-job/fail", method="POST", body=(secret * 20).encode())
    daemon.wait_for_check("job", "fail")
    shown = daemon.get("/api/v1/snapshot").text
    assert "[secret]" in shown
    assert not [i for i in range(0, 4000, 4) if secret[i:i + 12] in shown]


def test_the_bound_of_a_body_is_that_of_its_route(guarded):
    port = guarded.port
    row = "- [ ] 1.1 a row of the list\n"
    for size in (60_000, 70_000, 1_000_000):
        text = row * (size // len(row))
        answer = guarded.get("/api/v1/report", method="POST", headers={**BASIC, **JSON}, body=json.dumps({"list": text}))
        assert answer.status == 200 and answer.text.count("\n") >= text.count("\n"), (size, answer.text[:200])
    too_long = guarded.get("/api/v1/report", method="POST", headers={**BASIC, **JSON}, body=json.dumps({"list": row * 50_000}))
    assert too_long.status == 413 and "1048576" in too_long.text
    # It is not read from somebody who may not ask.
    post = "POST /api/v1/report HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n"
    assert raw(port, (post + "\r\n").encode()).split()[1] == b"401"
    assert raw(port, (post + header(BASIC) + header(FOREIGN) + "\r\n").encode()).split()[1] == b"403"
    # The others keep theirs.
    waiver = guarded.get("/api/v1/checks/a/waiver", method="POST", headers={**BEARER, **JSON}, body=json.dumps({"why": "x" * 70_000, "for": "1h"}))
    assert waiver.status == 413
    assert raw(port, b"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").split()[1] == b"413"
    listed = guarded.folder / "long.md"
    listed.write_text(row * 10_000)
    (guarded.folder / "token").write_text(TOKEN)
    printed = guarded.run("report", "--list", str(listed), "--token-file", str(guarded.folder / "token"))
    assert printed.returncode == 0 and printed.stdout.count("\n") >= 10_000, printed.stderr


def test_clients_that_read_nothing_make_room(make):
    # Each answer is the same long document, which costs the daemon nothing.
    checks = ", ".join(f"check-number-{i}: {DISK}" for i in range(200))
    daemon = make(f"defaults: {{interval: 10m, timeout: 1s}}\ngates: {{g: {{checks: {{{checks}}}}}}}\n")
    daemon.wait_for("GO")
    # More connections than descriptors, and more descriptors than connections that are kept.
    resource.prlimit(daemon.process.child.pid, resource.RLIMIT_NOFILE, (620, 620))
    peers = []
    try:
        for _ in range(700):
            peer = socket.socket()
            peers.append(peer)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.settimeout(20)
            peer.connect(("127.0.0.1", daemon.port))
            peer.send(b"GET /api/v1/snapshot HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            assert peer.recv(1) == b"H", "its answer has begun, and nobody takes the rest"
        assert daemon.get("/verdict").json()["verdict"] == "GO"
        assert daemon.metric("gonogo_http_connections") <= 512
    finally:
        for peer in peers:
            peer.close()


def test_right_passwords_wait_in_line(make, tmp_path):
    (tmp_path / "d0").mkdir()
    # A cost at which one comparison takes about a second: all of these are in line at once.
    (tmp_path / "d0" / "web.yml").write_text(f"basic_auth_users: {{ops: '{crypt.crypt('correct horse', '$2b$13$abcdefghijklmnopqrstuu')}'}}\n")
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    statuses = []
    asking = [threading.Thread(target=lambda: statuses.append(daemon.get("/metrics", headers=BASIC, timeout=60).status)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert statuses == [200] * 8
    assert daemon.get("/metrics", headers={"Authorization": "Basic b3BzOndyb25n"}).status == 401
