"""Every example file passes as it is shipped, on a host of the test's own (own_host.py) which really has the names, addresses, ports and
paths that the examples name."""

import http.server
import os
import pathlib
import subprocess
import threading

import own_host
import pytest
import rig
import scenario_test
import servers

SECRET = "only-an-example-1234"
ZONE = """$TTL 300
@ IN SOA ns.example.org. admin.example.org. (2026010101 3600 600 86400 60)
@ IN NS ns.example.org.
@ IN A 192.0.2.10
@ IN MX 10 mail.example.org.
@ IN TXT "v=spf1 include:_spf.example.net -all"
@ IN CAA 0 issue "letsencrypt.org"
ns IN A 127.0.0.1
www IN A 192.0.2.10
api IN A 192.0.2.10
mail IN A 127.0.0.1
"""
CADDYFILE = """
http://example.org {
  redir https://example.org{uri} 301
}
http://www.example.org {
  redir https://www.example.org{uri} 308
}
https://www.example.org {
  tls %(pair)s
  redir https://example.org{uri} 302
}
https://example.org {
  tls %(pair)s
  encode gzip
  header X-Content-Type-Options nosniff
  header -Server
  @token header Authorization "Bearer %(secret)s"
  route {
    handle /healthz {
      respond `{"status":"ok"}`
    }
    handle /readyz {
      respond @token `{"ok":true,"checks":[{"name":"db","ok":true}],"queue_length":3}`
      respond 401
    }
    handle /feed.json {
      root * /opt/www
      file_server
    }
    respond "hello"
  }
}
https://api.example.org {
  tls %(pair)s
  reverse_proxy 127.0.0.1:%(application)s
}
http://app {
  bind unix//run/app.sock
  respond `{"status":"ok"}`
}
"""


FRESH = ("/opt", "/run", "/var/spool/cron")
ADDRESSES = ("192.0.2.10", "1.1.1.1", "8.8.8.8")


def write(path, text, mode=0o644):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def run(*argv):
    environment = {**os.environ, "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def furnish(now):
    """The files that the examples speak of."""
    env = ("APP_ENV=prod\nDATABASE_URL=postgresql+psycopg://app:gT5xQ9vLm2Rk8wZp@db:5432/app\nPOSTGRES_PASSWORD=gT5xQ9vLm2Rk8wZp\n"
           "AUTH_SECRET_KEY=vR8kQ2mX7tL4wZ9pB3nH6yD1cF5gJ0sA\nPORTAL_SECRET=hY3bN8vK1xT6qW4mZ7rP2dG9fL5cJ0eU\nADMIN_USERNAME=owner\n"
           "ADMIN_PASSWORD=correct-horse\nCORS_ORIGINS=https://example.org,https://www.example.org\nEMAIL_MODE=smtp\nSMTP_HOST=mail.example.org\n"
           "SMTP_PORT=587\nSTRIPE_SECRET_KEY=sk_live_x\n")
    write("/opt/app/.env", env, 0o640)
    write("/etc/app/app.env", env)
    write("/opt/app/.env.example", "APP_ENV=\nDATABASE_URL=\nAUTH_SECRET_KEY=\n")
    write("/opt/app/state.json", '{"ready": true, "version": "1.4.2"}')
    write("/opt/app/audit.sh", f'#!/bin/sh\n[ "$TOKEN" = {SECRET} ]\n', 0o755)
    write("/opt/app/logs/app.log", '{"level":"info","msg":"started"}\n{"level":"error","msg":"health probe"}\n')
    write("/opt/archive/app.log.1", '{"level":"info","msg":"ended"}\n')
    write("/opt/app/alembic/versions/a.py", "revision = 'a'\ndown_revision = None\n")
    write("/opt/app/alembic/versions/b.py", "revision = 'b'\ndown_revision = 'a'\n")
    write("/opt/app/alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\n")
    write("/opt/app/README.md", "hello\n")
    write("/opt/app/.gitignore", ".env\nstate.json\nlogs/\nDEPLOYED\n")
    write("/opt/backups/LAST_SUCCESS.txt", now + "\n")
    write("/opt/backups/db.sql.gz", "x" * 2048)
    write("/opt/www/feed.json", "{}")
    write("/run/job.stamp", "")
    write("/etc/crontab", "15 2 * * * root /opt/app/ops/backup_now.sh\n")
    write("/etc/cron.d/app", "*/10 * * * * root /opt/app/cleanup\n")
    run("git", "init", "-q", "--bare", "-b", "main", "/opt/app.git")
    run("git", "init", "-q", "-b", "main", "/opt/app")
    run("git", "-C", "/opt/app", "add", "README.md", ".gitignore", "alembic", "alembic.ini")
    run("git", "-C", "/opt/app", "commit", "-qm", "first")
    run("git", "-C", "/opt/app", "tag", "v1.0.0")
    run("git", "-C", "/opt/app", "remote", "add", "origin", "/opt/app.git")
    run("git", "-C", "/opt/app", "push", "-q", "origin", "main")
    write("/opt/app/DEPLOYED", run("git", "-C", "/opt/app", "rev-parse", "HEAD") + "\n")


TABLES = """
CREATE ROLE monitor LOGIN;
CREATE DATABASE app OWNER monitor;
"""
APP_TABLES = """
CREATE TABLE outbox (status text);
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('b');
CREATE TABLE job_heartbeats (name text, last_heartbeat timestamptz, consecutive_failures int, last_error text, state text, started_at timestamptz, finished_at timestamp);
INSERT INTO job_heartbeats VALUES ('runner', now() + interval '2 seconds', 0, NULL, 'idle', NULL, now() AT TIME ZONE 'UTC'), ('mailer', now() + interval '2 seconds', 0, NULL, 'running', now(), now() AT TIME ZONE 'UTC');
"""


@pytest.fixture(scope="module")
def host(only_on_own_host, tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    for path in FRESH:
        own_host.run(f"mount -t tmpfs none {path}")
    for address in ADDRESSES:
        own_host.run(f"ip address add {address}/32 dev lo")
    import datetime
    furnish(datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    started = []
    authority = rig.Authority(folder)
    certificate, key = authority.issue("web", ["example.org", "www.example.org", "api.example.org"])
    write("/etc/ssl/example.org/fullchain.pem", pathlib.Path(certificate).read_text())
    scenario_test.Application.token = SECRET
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), scenario_test.Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    mail = authority.issue("mail", ["mail.example.org"])
    (folder / "exim").mkdir()
    start = started.append
    start(rig.Process(["cron", "-f"], folder / "cron.log"))
    start(servers.Named(folder / "named", {"example.org": ZONE}, port=53, addresses="127.0.0.1; 1.1.1.1; 8.8.8.8;"))
    start(servers.Caddy(folder / "caddy", CADDYFILE % {"pair": f"{certificate} {key}", "secret": SECRET, "application": application.server_port}))
    start(servers.Exim(folder / "exim", *mail, "mail-password-1", port=587))
    start(servers.Redis(folder, password=SECRET, port=6379))
    start(servers.Sshd(folder, port=22))
    postgres = rig.Postgres(folder / "pg", port=5432, access="host all monitor 127.0.0.1/32 trust")
    start(postgres)
    for statement in TABLES.strip().split(";\n"):
        postgres.sql(statement)
    subprocess.run(["psql", "-q", "-h", "127.0.0.1", "-U", "monitor", "app", "-c", APP_TABLES], check=True)
    start(servers.Alertmanager(folder / "alertmanager", port=9093))
    rules = 'groups:\n- name: g\n  rules:\n  - {alert: ApiDown, expr: up == 0}\n  - {record: "job:up:sum", expr: sum by (job) (up)}\n'
    prometheus = servers.Prometheus(folder / "prometheus", rules=rules, port=9090)
    start(prometheus)
    docker = servers.Docker(folder / "docker", socket="/run/docker.sock")
    start(docker)
    docker.make_image("shop/web:ci")
    web = docker.service("shop", "web", "shop/web:ci", "httpd", "-f", "-p", "127.0.0.1:8000", "-h", "/",
                         options=("--health-cmd=true", "--health-interval=1s"))
    docker.service("shop", "worker", "shop/web:ci", "sleep", "100000")
    docker.service("shop", "migrate", "shop/web:ci", "true")
    rig.wait_until(lambda: docker.container(web)["State"]["Health"]["Status"] == "healthy", "web is healthy")
    rig.wait_until(lambda: docker.container("shop-migrate-1")["State"]["Status"] == "exited", "migrate has ended")
    rig.wait_until(lambda: prometheus.has_data("job:up:sum"), "Prometheus has data")
    yield {"SSL_CERT_FILE": authority.path, "GONOGO_EXAMPLE_SECRET": SECRET}
    for server in reversed(started):
        server.stop()
    application.shutdown()
    for address in ADDRESSES:
        own_host.run(f"ip address del {address}/32 dev lo")
    for path in FRESH:
        own_host.run(f"umount {path}")


EXAMPLES = sorted(path.stem for path in (rig.ROOT / "etc" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind not in ("systemd", "heartbeat", "clock")])
def test_the_example_of_each_kind_passes(kind, host):
    """systemd's is run in a booted systemd (systemd_test.py), the others that are left out are below."""
    if kind == "http":  # an index of its own: the examples' feed is a day old at most
        os.utime("/opt/www/feed.json")
    if kind == "marker":
        pathlib.Path("/var/run/job.stamp").touch()
    write("/opt/app/logs/app.log", '{"level":"info","msg":"started"}\n{"level":"error","msg":"health probe"}\n')
    file = rig.ROOT / "etc" / "examples" / f"{kind}.yaml"
    result = subprocess.run([rig.GONOGO, "check", "-c", str(file), "examples"], capture_output=True, text=True,
                            timeout=120, env={**os.environ, **host})
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_example_of_clock_passes_but_for_what_no_container_has(host):
    file = rig.ROOT / "etc" / "examples" / "clock.yaml"
    result = subprocess.run([rig.GONOGO, "check", "-c", str(file)], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0 and "pass    examples/never-set-by-hand" in result.stdout, result.stdout


def test_the_example_of_heartbeat_passes_when_its_job_pushes(host, tmp_path):
    """Pushes are taken by the running daemon alone."""
    daemon = rig.Daemon(tmp_path / "d", (rig.ROOT / "etc" / "examples" / "heartbeat.yaml").read_text(), env=host)
    try:
        assert daemon.get(f"/ping/{SECRET}").status == 200
        daemon.wait_for("GO")
    finally:
        daemon.stop()
