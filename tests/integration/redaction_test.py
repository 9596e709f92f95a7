"""No part of a secret that is longer than three characters shows, wherever a text is cut."""

import base64
import contextlib
import http.server
import json
import os
import socket
import subprocess
import threading
import urllib.parse

import pytest
import rig

SECRET = "qZ7kV9-xW3/mT5+Lr8.Hn2=Pd6"
PHRASE = 'qzwx vkjh|ymtp "lrhn"'
LINES = "kqzv-xlxn-o1e-xw7\nkqzv-ywzt-t2o-yj3\nkqzv-zvhu-e3d-hm5"
SECRETS = {"SECRET": SECRET, "PHRASE": PHRASE, "LINES": LINES}


def parts_of(secret):
    forms = {secret, base64.b64encode(secret.encode()).decode().rstrip("="), urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return {form[i:i + 4] for form in forms for i in range(len(form) - 3)}


def leaks(text, secret=SECRET):
    """The parts of the secret that are in `text`."""
    return sorted(part for part in parts_of(secret) if part in text)


def run_checks(folder, checks, secrets=SECRETS, more=""):
    """The entry of each check after one run by `gonogo check`, with the texts of all outputs."""
    config = folder / "c.yaml"
    names = "".join(f"  s{name.lower()}: {{env: {name}}}\n" for name in secrets)
    lines = "".join(f"      {name}: {{interval: 60s, timeout: 10s, {check}}}\n" for name, check in checks.items())
    config.write_text(f"secrets:\n{names}{more}\ngates:\n  g:\n    checks:\n{lines}")
    environment = {**os.environ, **secrets}
    as_json = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json"], capture_output=True, text=True, timeout=300, env=environment)
    assert as_json.returncode in (0, 1), as_json
    entries = {entry["id"]: entry for entry in json.loads(as_json.stdout)["checks"] if entry["id"] in checks}
    assert set(entries) == set(checks)
    as_text = subprocess.run([rig.GONOGO, "check", "-c", str(config)], capture_output=True, text=True, timeout=300, env=environment)
    return entries, as_text.stdout + as_text.stderr


class Echo(http.server.BaseHTTPRequestHandler):
    """Puts a secret at an offset of a body, a header, or the target of a redirect."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        secret = SECRETS[query.get("which", "SECRET")]
        text = "." * int(query["at"]) + FORMS[query.get("form", "plain")](secret) + " after"
        where = urllib.parse.urlsplit(self.path).path
        status, headers, body = 200, {}, b"ok"
        if where == "/body":
            body = text.encode()
        elif where == "/json":
            body = json.dumps({"v": text, "n": text}).encode()
        elif where == "/header":
            headers["X-Seen"] = text.replace("\n", " ")
        elif where == "/location":
            status, headers["Location"] = 302, "http://elsewhere.test/" + text.replace("\n", " ")
        elif where == "/promql":
            status, body = 400, json.dumps({"status": "error", "errorType": "bad_data", "error": text}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class EchoServer(http.server.ThreadingHTTPServer):
    request_queue_size = 256


FORMS = {
    "plain": lambda secret: secret,
    "percent": lambda secret: urllib.parse.quote(secret, safe=""),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 without padding": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json with slashes escaped": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "json for HTML": lambda secret: json.dumps(secret)[1:-1].replace("=", "\\u003d"),
    "percent with slashes": urllib.parse.quote,
    "hex": lambda secret: secret.encode().hex(),
    "html": lambda secret: secret.replace("/", "&#x2F;").replace("=", "&#x3D;"),
}


@pytest.fixture(scope="module")
def echo():
    server = EchoServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


HTTP = {
    "body, expected": ("/body", "expect: {{body: nothing-like-it}}", range(30, 82)),
    "body, evidence": ("/body", "expect: {{status: 500}}", range(350, 402)),
    "body, read in part": ("/body", "max_body: {bound}, expect: {{status: 500}}", range(40, 60)),
    "body, expected, read in part": ("/body", "max_body: {bound}, expect: {{body: nothing-like-it}}", range(40, 60)),
    "json condition": ("/json", "expect: {{json: .v}}", range(60, 122)),
    "jq's own message": ("/json", "expect: {{json: '.v - 1 > 0'}}", range(0, 14)),
    "jq's own message of an object": ("/json", "expect: {{json: '.[0]'}}", range(0, 14)),
    "no json": ("/body", "expect: {{json: .v}}", range(30, 82)),
    "header equals": ("/header", "expect: {{headers: {{X-Seen: other}}}}", range(40, 82)),
    "header absent": ("/header", "expect: {{headers: {{X-Seen: {{present: false}}}}}}", range(40, 82)),
    "location, status": ("/location", "expect: {{status: 200}}", range(30, 82)),
    "location, followed": ("/location", "follow: 2", range(30, 82)),
    "age": ("/header", "age: {{header: X-Seen, max: 1h}}", range(40, 82)),
}


@pytest.mark.parametrize("which", SECRETS)
@pytest.mark.parametrize("case", HTTP)
def test_http(case, which, echo, tmp_path):
    path, options, offsets = HTTP[case]
    checks = {}
    for at in offsets:
        bound = at + 12
        checks[f"c{at}"] = f"http: {{url: '{echo}{path}?at={at}&which={which}', {options.format(bound=bound)}}}"
    entries, text = run_checks(tmp_path, checks)
    seen = {name: leaks(json.dumps(entry["last"]), SECRETS[which]) for name, entry in entries.items()}
    assert not any(seen.values()) and not leaks(text, SECRETS[which]), seen
    assert all(entry["last"]["outcome"] == "fail" and entry["last"]["reason"] not in ("timeout", "connect") for entry in entries.values())


@pytest.mark.parametrize("form", FORMS)
def test_encoded_forms(form, echo, tmp_path):
    checks = {f"c{at}": f"http: {{url: '{echo}/body?at={at}&form={urllib.parse.quote(form)}', expect: {{body: nothing-like-it}}}}" for at in range(20, 82)}
    checks["whole"] = f"http: {{url: '{echo}/body?at=0&form={urllib.parse.quote(form)}', expect: {{body: nothing-like-it}}}}"
    entries, text = run_checks(tmp_path, checks)
    seen = {name: leaks(json.dumps(entry["last"])) for name, entry in entries.items()}
    assert not any(seen.values()) and not leaks(text), seen
    assert "[secret] after" in entries["whole"]["last"]["summary"]


@pytest.mark.parametrize("which", SECRETS)
def test_programs(which, tmp_path):
    checks = {}
    for at in [*range(200, 245, 2), *range(360, 402, 2), 0, 1]:
        (tmp_path / f"out{at}").write_text("." * at + SECRETS[which] + " after")
        for name, argv in (("out", f"cat {tmp_path}/out{at}; exit 1"), ("err", f"cat {tmp_path}/out{at} >&2; exit 1")):
            checks[f"{name}{at}"] = f"command: {{argv: [sh, -c, '{argv}']}}"
            checks[f"{name}{at}n"] = f"command: {{argv: [sh, -c, '{argv}'], nagios: true}}"
    entries, text = run_checks(tmp_path, checks)
    seen = {name: leaks(json.dumps(entry["last"]), SECRETS[which]) for name, entry in entries.items()}
    assert not any(seen.values()) and not leaks(text, SECRETS[which]), {name: (found, entries[name]["last"]) for name, found in seen.items() if found}


@pytest.mark.parametrize("which", SECRETS)
def test_logs_and_markers(which, tmp_path):
    checks = {}
    for at in [*range(80, 122, 2), *range(160, 202, 2), 0, 65530, 65520]:
        (tmp_path / f"log{at}").write_text("x ERROR " + "." * at + SECRETS[which] + " after\n")
        (tmp_path / f"marker{at}").write_text("." * min(at, 4000) + SECRETS[which])
        checks[f"log{at}"] = f"log: {{path: {tmp_path}/log{at}, max: 0}}"
        checks[f"marker{at}"] = f"marker: {{path: {tmp_path}/marker{at}, max_age: 1h}}"
    entries, text = run_checks(tmp_path, checks)
    seen = {name: leaks(json.dumps(entry["last"]), SECRETS[which]) for name, entry in entries.items()}
    assert not any(seen.values()) and not leaks(text, SECRETS[which]), {name: (found, entries[name]["last"]) for name, found in seen.items() if found}


class Talker:
    """Says a text in two parts, the second after the other side has waited for it, and closes or stays."""

    def __init__(self, text, stays):
        self.text, self.stays = text, stays
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                with contextlib.suppress(OSError):
                    peer.sendall(self.text)
                    if self.stays:
                        peer.settimeout(20)
                        while peer.recv(4096):
                            pass
                peer.close()

    def close(self):
        self.listener.close()


@pytest.mark.parametrize("which", SECRETS)
def test_dialogues(which, tmp_path):
    """A match, the bound of what is read, or what has arrived so far ends inside the secret."""
    secret = SECRETS[which]
    talkers, checks = [], {}

    def say(text, stays, options):
        talkers.append(Talker(text.encode(), stays))
        checks[f"c{len(checks)}"] = options.format(address=f"127.0.0.1:{talkers[-1].port}")

    tcp = "tcp: {{address: '{address}', dialogue: [%s]}}"
    for size in range(4, len(secret) + 1, 2):
        say(secret[:size], False, tcp % "{{expect: never-said}}")
        say(secret[size - 4:], False, tcp % "{{expect: never-said}}")
        say(secret[:size], False, "http: {{url: 'http://{address}/'}}")
        say(secret[:size], False, "tls: {{address: '{address}', starttls: smtp}}")
        if which == "SECRET":
            say("220 " + secret, False, tcp % ("{{expect: '^220 .{{{{%d}}}}'}}, {{expect: never-said}}" % size).replace("{{{{", "{{").replace("}}}}", "}}"))
    say(secret + "\r\n\r\n", False, "http: {{url: 'http://{address}/'}}")
    for at in range(60, 122, 2):
        say("." * at + secret, False, tcp % "{{expect: never-said}}")
    try:
        entries, text = run_checks(tmp_path, checks)
        seen = {name: leaks(json.dumps(entry["last"]), secret) for name, entry in entries.items()}
        assert not any(seen.values()) and not leaks(text, secret), {name: (found, entries[name]["last"]) for name, found in seen.items() if found}
    finally:
        for talker in talkers:
            talker.close()


def test_a_captured_text(echo, tmp_path):
    """What a scenario captures is as secret as what is configured, also where it is cut."""
    checks = {}
    for at in range(30, 82):
        checks[f"c{at}"] = (f"scenario: {{base: '{echo}', steps: [{{name: one, url: '/header?at=0', capture: {{it: {{header: X-Seen, matches: '^(.*) after$'}}}}}}, "
                            f"{{name: two, url: '/body?at={at}', headers: {{X-It: '{{{{it}}}}'}}, expect: {{body: nothing-like-it}}}}]}}")
    entries, text = run_checks(tmp_path, checks, secrets={"OTHER": "nothing-of-the-kind"})
    seen = {name: leaks(json.dumps(entry["last"])) for name, entry in entries.items()}
    assert not any(seen.values()) and not leaks(text), seen


def test_everything_the_daemon_shows(echo, tmp_path):
    checks = "".join(f"c{at}: {{interval: 60s, timeout: 10s, http: {{url: '{echo}/body?at={at}', expect: {{body: nothing-like-it}}}}}}, " for at in range(30, 82))
    config = f"secrets: {{a: {{env: SECRET}}}}\ngates: {{g: {{checks: {{{checks}}}}}}}\n"
    daemon = rig.Daemon(tmp_path / "daemon", config, env=SECRETS)
    try:
        rig.wait_until(lambda: all(check["last"] for check in daemon.snapshot()["checks"] if check["id"].startswith("c")), "every check has run")
        shown = {path: daemon.get(path).body for path in ("/verdict", "/verdict?format=text", "/metrics", "/", "/api/v1/snapshot", "/api/v1/checks", "/api/v1/checks/c50",
                                                           "/api/v1/checks/c50/history", "/report.md", "/api/v1/audit", f"/api/v1/checks/{'.' * 60}{SECRET}")}
        shown["log"] = daemon.process.text()
    finally:
        daemon.stop()
    seen = {path: leaks(text if isinstance(text, str) else text.decode()) for path, text in shown.items()}
    assert not any(seen.values()), seen


def test_what_is_no_secret_is_shown_to_the_cut(echo, tmp_path):
    """The control: the beginning of an ordinary word is shown, also one that a secret begins with."""
    entries, _ = run_checks(tmp_path, {"a": f"http: {{url: '{echo}/body?at=76', expect: {{body: nothing-like-it}}}}"}, secrets={"OTHER": "....................and-more"})
    assert '"' + "." * 76 + SECRET[:4] + '..."' in entries["a"]["last"]["summary"], entries
