"""Secrets and certificates that are missing, wrong or replaced while the daemon runs: nobody sends a signal."""

import contextlib
import http.server
import json
import os
import pathlib
import signal
import ssl
import subprocess
import threading

import pytest

import rig

TOKEN = "first-token-0123456789"
NEXT = "second-token-9876543210"


class Api:
    """Answers 200 to one bearer token and 401 to all others; its answers quote what was sent."""

    def __init__(self, token=TOKEN, certificate=None):
        self.token, self.seen = token, []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                sent = self.headers.get("Authorization", "")
                api.seen.append((self.command, sent))
                body = f"you sent {sent}".encode()
                self.send_response(200 if not api.token or sent == f"Bearer {api.token}" else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def api(*arguments, **options):
    server = Api(*arguments, **options)
    try:
        yield server
    finally:
        server.stop()


def replace(path, text):
    """As editors and configuration management do it: another file takes the name."""
    temporary = pathlib.Path(f"{path}.new")
    temporary.write_text(text)
    temporary.rename(path)


def overwrite(path, text):
    pathlib.Path(path).write_text(text)


def asks(port, more="", check="{}"):
    return f"{{interval: 1h, timeout: 5s, http: {{url: 'http://127.0.0.1:{port}/', bearer: '${{secrets.token}}'{more}}}}}"


def config_for(port, env, checks=1):
    lines = "".join(f"\n        a{i}: {asks(port)}" for i in range(checks))
    return f"""
secrets: {{token: {{dotenv: {env}, key: METRICS_TOKEN}}}}
gates:
  g:
    checks:{lines}
        disk: {{interval: 1h, disk: {{path: /, min_free: 1}}}}
"""


LACKING = {
    "absent": ("OTHER=1\n", "METRICS_TOKEN is not in "),
    "empty": ("METRICS_TOKEN=\n", " is empty"),
    "short": ("METRICS_TOKEN=q7z\n", " is shorter than 4 characters"),
    "gone": (None, " does not exist"),
    "no_file": ("directory", " is a directory, wanted a file"),
}


@pytest.mark.parametrize("case", LACKING)
def test_a_daemon_whose_secret_lacks_starts_says_what_lacks_and_recovers_by_itself(make, tmp_path, case):
    content, words = LACKING[case]
    env = tmp_path / ".env"
    if content == "directory":
        env.mkdir()
    elif content is not None:
        env.write_text(content)
    with api() as server:
        daemon = make(config_for(server.port, env, checks=3))
        for identifier in ("a0", "a1", "a2"):
            seen = daemon.wait_for_check(identifier, "fail", "secret")
            assert words in seen["summary"], seen
            assert seen["summary"].count(str(env)) == 1 and seen["summary"].count("METRICS_TOKEN") == 1, seen
            assert "q7z" not in json.dumps(seen)
        assert daemon.wait_for_check("disk", "pass")
        assert not server.seen, "nothing is sent with a secret that cannot be hidden"
        assert daemon.process.text().count("METRICS_TOKEN") == 1, daemon.process.text()
        if env.is_dir():
            env.rmdir()
        replace(env, f"METRICS_TOKEN={TOKEN}\n")
        assert daemon.wait_for("GO")
        assert TOKEN not in daemon.process.text() + json.dumps(daemon.snapshot())


def test_a_reload_is_not_refused_for_what_the_world_lacks(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text(f"METRICS_TOKEN={TOKEN}\n")
    with api() as server:
        daemon = make(config_for(server.port, env))
        daemon.wait_for("GO")
        env.unlink()
        daemon.reload()
        assert daemon.metric("gonogo_config_last_reload_successful") == 1
        daemon.wait_for_check("a0", "fail", "secret")
        overwrite(env, f"METRICS_TOKEN={TOKEN}\n")
        daemon.wait_for("GO")


def test_a_malformed_value_is_the_failure_of_its_checks_and_not_shown(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text("DATABASE_URL=mysql//root:sesame-open@db\nAPI=ftp://sesame-open/\n")
    daemon = make(f"""
secrets: {{url: {{dotenv: {env}, key: DATABASE_URL}}, api: {{dotenv: {env}, key: API}}}}
gates: {{g: {{checks: {{
  db: {{postgres: {{database: "${{secrets.url}}"}}}},
  jobs: {{heartbeat: {{database: "${{secrets.url}}", job: x, max_age: 1h}}}},
  web: {{http: {{url: "${{secrets.api}}"}}}},
  disk: {{disk: {{path: /, min_free: 1}}}}}}}}}}
""")
    for identifier, key in (("db", "DATABASE_URL"), ("jobs", "DATABASE_URL"), ("web", "API")):
        seen = daemon.wait_for_check(identifier, "fail", "secret")
        assert f"{key} in {env}" in seen["summary"], seen
    daemon.wait_for_check("disk", "pass")
    assert "sesame" not in daemon.process.text() + json.dumps(daemon.snapshot())


URLS_IN_A_SECRET = [
    ("postgresql+asyncpg://u:sesame@127.0.0.1:9/db?sslmode=require", "is a URL with the parameter `sslmode`, which asyncpg refuses (its name there is `ssl`)"),
    ("postgresql+asyncpg://u:sesame@127.0.0.1:9/db?ssl=sesame", "is a URL with the parameter `ssl`, whose value asyncpg does not know"),
    ("postgresql+psycopg://u:sesame@127.0.0.1:9/db?ssl=require", "is a URL with the parameter `ssl`, which psycopg refuses"),
    ("postgres+asyncpg://u:sesame@127.0.0.1:9/db", "is a URL that SQLAlchemy refuses"),
    # A name that nobody knows may be a part of the password.
    ("postgresql+asyncpg://u:p@127.0.0.1:9?sesame=x@127.0.0.1/db", "does not fit `database`"),
    ("postgresql+asyncpg://u:pw@127.0.0.1:9/db?sesame=1", "does not fit `database`"),
    ("postgresql+sesame://u:pw@127.0.0.1:9/db?ssl=sesame&x=1", "does not fit `database`"),
]


@pytest.mark.parametrize("url, words", URLS_IN_A_SECRET)
def test_what_a_driver_refuses_of_a_url_in_a_secret_is_named(url, words, tmp_path):
    (tmp_path / "url").write_text(url)
    config = tmp_path / "gonogo.yaml"
    config.write_text(f"secrets: {{url: {{file: {tmp_path}/url}}}}\ngates: {{g: {{checks: {{db: {{postgres: {{database: '${{secrets.url}}'}}}}}}}}}}\n")
    seen = subprocess.run([rig.GONOGO, "check", "-c", str(config)], capture_output=True, text=True, timeout=60)
    said = seen.stdout + seen.stderr
    assert words in said and "sesame" not in said, said


def check_of(config, *options):
    return subprocess.run([rig.GONOGO, "config", "check", "-c", str(config), *options], capture_output=True, text=True, timeout=60)


def test_config_check_warns_once_of_what_lacks_and_strict_refuses(tmp_path):
    config = tmp_path / "gonogo.yaml"
    config.write_text(config_for(1, tmp_path / ".env", checks=70))
    lax, strict = check_of(config), check_of(config, "--strict")
    assert lax.returncode == 0 and lax.stderr.count("\n") == 1, lax
    assert lax.stderr.startswith(f"warning: {config}:2:") and ".env does not exist" in lax.stderr and "70 checks" in lax.stderr, lax.stderr
    assert "no problem, 1 warning" in lax.stdout
    assert strict.returncode == 78 and strict.stderr == lax.stderr.removeprefix("warning: "), strict
    (tmp_path / ".env").write_text(f"METRICS_TOKEN={TOKEN}\n")
    for options in ((), ("--strict",)):
        fine = check_of(config, *options)
        assert fine.returncode == 0 and fine.stderr == "", fine


WRONG = {
    "unknown_name": ("secrets: {s: {env: HOME}}", "http: {url: 'http://x/', bearer: '${secrets.t}'}", "is not defined"),
    "two_sources": ("secrets: {s: {env: A, file: b}}", "disk: {path: /}", "names no source"),
    "no_key": ("secrets: {s: {dotenv: .env}}", "disk: {path: /}", "names no source"),
    "bad_path_type": ("secrets: {s: {file: [a, b]}}", "disk: {path: /}", "is a list"),
    "token_of_the_listener": ("server: {tokens: {ci: {file: no-such.token, may: [read]}}}", "disk: {path: /}", "does not exist"),
    "web_config": ("server: {web_config: no-such.yml}", "disk: {path: /}", "no-such.yml"),
    "in_the_server": ("secrets: {s: {env: NO_SUCH_VARIABLE}}\nserver: {listen: '${secrets.s}'}", "disk: {path: /}", "NO_SUCH_VARIABLE is not set"),
    "as_an_interval": ("secrets: {s: {env: NO_SUCH_VARIABLE}}", "disk: {path: /}, interval: '${secrets.s}'", "NO_SUCH_VARIABLE is not set"),
    "malformed_by_the_operator": ("", "postgres: {database: 'mysql//x'}", "is no PostgreSQL connection string"),
    "an_option_beside_it": ("secrets: {s: {env: NO_SUCH_VARIABLE}}", "postgres: {database: '${secrets.s}', min_version: old}", "is no number"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_the_operator_wrote_wrong_stays_an_error(tmp_path, case):
    more, check, words = WRONG[case]
    config = tmp_path / "gonogo.yaml"
    config.write_text(f"{more}\ngates: {{g: {{checks: {{a: {{{check}}}, b: {{disk: {{path: /}}}}}}}}}}\n")
    refused = check_of(config)
    assert refused.returncode == 78 and words in refused.stderr, refused


@pytest.mark.parametrize("write", [replace, overwrite])
def test_a_rotated_token_is_used_at_once_and_nothing_else_changes(make, tmp_path, write):
    env = tmp_path / ".env"
    env.write_text(f"METRICS_TOKEN={TOKEN}\n")
    with api() as server:
        daemon = make(config_for(server.port, env))
        daemon.wait_for("GO")
        before = daemon.check("a0")
        # The application is restarted with the new token first: both are healthy all the time.
        server.token = NEXT
        write(env, f"METRICS_TOKEN={NEXT}\n")
        rig.wait_until(lambda: ("GET", f"Bearer {NEXT}") in server.seen, "the new token is used")
        after = daemon.wait_for_check("a0", "pass")
        assert after["since"] == before["since"]
        assert daemon.verdict()["verdict"] == "GO"
        # All are hidden, also where the other side quotes them: its answers do.
        write(env, "METRICS_TOKEN=third-token-which-is-wrong\n")
        failed = daemon.wait_for_check("a0", "fail", "status")
        assert failed["last"]["evidence"]["body"] == "you sent Bearer [secret]", failed
        texts = [daemon.get(path).text for path in ("/verdict", "/metrics", "/api/v1/snapshot", "/api/v1/checks/a0/history")]
        for text in (*texts, daemon.process.text()):
            assert TOKEN not in text and NEXT not in text and "third-token" not in text, text
        assert "configuration reloaded" not in daemon.process.text()


def test_a_reload_brings_a_rotated_token_at_once_and_keeps_the_state(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text(f"METRICS_TOKEN={TOKEN}\n")
    with api() as server:
        daemon = make(config_for(server.port, env))
        daemon.wait_for("GO")
        since = daemon.check("a0")["since"]
        server.token = NEXT
        overwrite(env, f"METRICS_TOKEN={NEXT}\n")
        daemon.reload()
        rig.wait_until(lambda: ("GET", f"Bearer {NEXT}") in server.seen, "the new token is used")
        daemon.wait_for("GO")
        assert daemon.check("a0")["since"] == since


def test_a_rotated_database_password_fails_no_check(make, tmp_path):
    database = rig.Postgres(tmp_path / "pg")
    try:
        database.sql("CREATE ROLE monitor LOGIN PASSWORD 'monitor-password-1'")
        env = tmp_path / ".env"
        env.write_text(f"DATABASE_URL={database.url('monitor', 'monitor-password-1')}\n")
        daemon = make(f"""
secrets: {{url: {{dotenv: {env}, key: DATABASE_URL}}}}
gates: {{g: {{checks: {{db: {{interval: 1s, timeout: 1s, stale_after: 60s, postgres: {{database: "${{secrets.url}}"}}}}}}}}}}
""")
        daemon.wait_for("GO")
        since = daemon.check("db")["since"]
        replace(env, f"DATABASE_URL={database.url('monitor', 'monitor-password-2')}\n")
        database.sql("ALTER ROLE monitor PASSWORD 'monitor-password-2'")
        ran = daemon.runs()["db"]
        rig.wait_until(lambda: daemon.runs()["db"] > ran, "it ran again")
        ran = daemon.runs()["db"]
        rig.wait_until(lambda: daemon.runs()["db"] > ran, "it ran again")
        seen = daemon.wait_for_check("db", "pass")
        assert seen["since"] >= since
        assert daemon.verdict()["verdict"] == "GO"
        # A password that is wrong on both sides is no excuse.
        database.sql("ALTER ROLE monitor PASSWORD 'monitor-password-3'")
        daemon.wait_for_check("db", "fail", "auth")
        assert "monitor-password" not in daemon.process.text() + json.dumps(daemon.snapshot())
    finally:
        database.stop()


def test_what_is_on_demand_runs_only_when_asked_whatever_the_secret(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text(f"METRICS_TOKEN={TOKEN}\n")
    with api(token=NEXT) as server:
        daemon = make(f"""
secrets: {{token: {{dotenv: {env}, key: METRICS_TOKEN}}}}
gates: {{g: {{checks: {{
  a: {{interval: on_demand, stale_after: 1h, http: {{url: 'http://127.0.0.1:{server.port}/', method: POST, bearer: '${{secrets.token}}'}}}},
  disk: {{disk: {{path: /, min_free: 1}}}}}}}}}}
""")
        overwrite(env, f"METRICS_TOKEN={NEXT}\n")
        rig.wait_until(lambda: "were read again, for a" in daemon.process.text(), "the change is noticed")
        assert not server.seen, "what is on demand runs only when it is asked to"


def https(tmp_path, port, more, name="web"):
    return f"{{{name}: {{interval: 1h, timeout: 5s, http: {{url: 'https://localhost:{port}/', connect_to: '127.0.0.1:{port}'{more}}}}}}}"


@pytest.mark.parametrize("kind", ["bundle", "folder", "system", "system_folder"])
def test_authorities_added_and_removed_on_disk_count_at_once(make, tmp_path, kind):
    old, new = rig.Authority(tmp_path, "Old Root"), rig.Authority(tmp_path, "New Root")
    folder = tmp_path / "roots"
    folder.mkdir()
    bundle = tmp_path / "bundle.pem"
    names = {}

    def trust(*authorities):
        if "folder" in kind:
            for file in folder.iterdir():
                file.unlink()
            for authority in authorities:
                hashed = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", authority.path], capture_output=True, text=True, check=True)
                (folder / f"{hashed.stdout.strip()}.0").write_bytes(authority.pem())
        else:
            replace(bundle, b"".join(authority.pem() for authority in authorities).decode())

    trust(old)
    env = {"system": {"SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": str(tmp_path / "none")},
           "system_folder": {"SSL_CERT_FILE": str(tmp_path / "none"), "SSL_CERT_DIR": str(folder)}}.get(kind, {})
    more = {"bundle": f", ca: {bundle}", "folder": f", ca: {folder}"}.get(kind, "")
    with api(token=None, certificate=new.issue("server", ["localhost"])) as server:
        daemon = make(f"gates: {{g: {{checks: {https(tmp_path, server.port, more)}}}}}\n", env=env)
        daemon.wait_for_check("web", "fail")
        trust(old, new)
        daemon.wait_for("GO")
        trust(old)
        seen = daemon.wait_for_check("web", "fail")
        assert seen["reason"].startswith("cert_"), seen


def test_certificates_that_are_not_there_yet_are_a_failure_of_their_checks(make, tmp_path):
    authority = rig.Authority(tmp_path)
    later = tmp_path / "later.pem"
    with api(token=None, certificate=authority.issue("server", ["localhost"])) as server:
        config = f"gates: {{g: {{checks: {https(tmp_path, server.port, f', ca: {later}')}}}}}\n"
        daemon = make(config)
        seen = daemon.wait_for_check("web", "fail", "missing")
        assert str(later) in seen["summary"]
        assert check_of(daemon.config).returncode == 0 and check_of(daemon.config, "--strict").returncode == 78
        later.write_text("no certificate\n")
        daemon.wait_for_check("web", "fail", "content")
        replace(later, authority.pem().decode())
        daemon.wait_for("GO")


def test_a_client_certificate_that_was_renewed_is_presented(make, tmp_path):
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("server", ["localhost"])
    port = rig.free_port()
    nginx = rig.Nginx(tmp_path / "nginx", f"""
server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
  ssl_client_certificate {authority.path}; ssl_verify_client on; location / {{ return 200 ok; }} }}""").start()
    try:
        mine = rig.Authority(tmp_path, "Unknown Root")
        cert, own_key = mine.issue("client", ["client"])
        daemon = make(f"gates: {{g: {{checks: {https(tmp_path, port, f', ca: {authority.path}, client_certificate: {cert}, client_key: {own_key}')}}}}}\n")
        daemon.wait_for_check("web", "fail")
        authority.issue("client", ["client"])  # over the same paths
        daemon.wait_for("GO")
    finally:
        nginx.stop()


def test_the_key_of_a_heartbeat_may_be_rotated(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text("PING=first-ping-key\n")
    daemon = make(f"""
secrets: {{ping: {{dotenv: {env}, key: PING}}}}
gates: {{g: {{checks: {{job: {{interval: 1h, heartbeat: {{push: "${{secrets.ping}}", period: 1h}}}}}}}}}}
""")
    assert daemon.get("/ping/first-ping-key").status == 200
    daemon.wait_for("GO")
    replace(env, "PING=second-ping-key\n")
    rig.wait_until(lambda: daemon.get("/ping/second-ping-key/log").status == 200, "the new key is taken")
    assert daemon.get("/ping/first-ping-key").status == 404
    daemon.wait_for("GO")
    assert daemon.check("job")["state"] == "pass"


def test_a_check_that_does_not_apply_needs_no_secret(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text("EMAIL_MODE=console\n")
    with api() as server:
        daemon = make(f"""
secrets: {{token: {{dotenv: {env}, key: METRICS_TOKEN}}}}
gates: {{g: {{checks: {{
  a: {{interval: 1h, when: {{dotenv: {env}, key: EMAIL_MODE, is: smtp}}, http: {{url: 'http://127.0.0.1:{server.port}/', bearer: '${{secrets.token}}'}}}},
  disk: {{disk: {{path: /, min_free: 1}}}}}}}}}}
""")
        daemon.wait_for_check("a", "disabled")
        daemon.wait_for("GO")


def test_results_count_after_a_restart_although_the_secret_was_rotated(make, tmp_path):
    env = tmp_path / ".env"
    env.write_text(f"METRICS_TOKEN={TOKEN}\n")
    with api() as server:
        daemon = make(config_for(server.port, env))
        daemon.wait_for("GO")
        since = daemon.check("a0")["since"]
        assert daemon.stop() == 0
        server.token = NEXT
        overwrite(env, f"METRICS_TOKEN={NEXT}\n")
        daemon.start()
        rig.wait_until(lambda: daemon.check("disk")["state"] == "pass", "it is up")
        assert daemon.check("a0")["since"] == since
        assert TOKEN not in (daemon.folder / "gonogo.db").read_bytes().decode(errors="replace")
