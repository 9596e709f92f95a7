"""The application's health rows on real parts: nginx with TLS serving its exact bodies, PostgreSQL with its tables,
dnsmasq, markers and disks; each broken in turn. They are those of the profile that ships (rehearsal_test.py has the whole of it)."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest
import rig
import yaml

LIVE = '{"status":"ok"}'
DB = '{"name":"db","ok":true,"ms":3.1,"detail":{"message":"database reachable"}}'
MIGRATIONS = ('{"name":"migrations","ok":true,"ms":2.4,"detail":{"message":"migrations in sync","migrations_current":true,'
              '"current_version":"merge_20260224_01","expected_head":"merge_20260224_01",'
              '"expected_heads":["merge_20260224_01"],"migrations_check":"ok"}}')
JOBS = ('{"name":"jobs","ok":true,"ms":1.9,"detail":{"enabled":true,"last_heartbeat":"2026-04-05T20:11:19.123456+00:00",'
        '"runner_id":"jobs-01","age_seconds":41.7,"threshold_seconds":180,"jobs_enabled":true}}')


def ready(ok=True, db=DB, migrations=MIGRATIONS, jobs=JOBS):
    return 200 if ok else 503, '{"ok":%s,"checks":[%s,%s,%s]}' % (str(ok).lower(), db, migrations, jobs)


def failing(name, detail):
    return '{"name":"%s","ok":false,"ms":2000.13,"detail":%s}' % (name, detail)


def problem(status, title):
    return status, ('{"type":"https://example.com/problems/%s","title":"%s","status":%d,"detail":"%s","request_id":"r","errors":[]}'
                    % ("server-error" if status == 500 else "domain-error", title, status, title))


BACKUP_OK = (200, '{"backup_ok":true,"last_backup_utc":"2026-04-05T02:15:31Z","age_seconds":3600}')
PAGE = "<html><body>" + "x" * 1200 + "</body></html>"


SECTIONS = ("04-2-api-health.yaml", "04-3-web.yaml", "04-4-reverse-proxy.yaml", "06-1-jobs.yaml", "07-1-backups.yaml")
CHECKS = {"api-liveness", "api-readiness", "api-database", "api-migrations", "api-job-heartbeat", "api-docs", "api-openapi", "api-metrics-guarded",
          "web-root", "web-page", "https-api", "https-web", "https-www", "certificate-api", "certificate-web", "certificate-www",
          "certificate-origin", "certificate-renewal", "header-nosniff", "header-frame", "header-referrer", "access-log-api", "access-log-web",
          "jobs-without-failures", "jobs-heartbeat", "backup-script", "backup-folder", "backup-dump", "backup-marker", "backup-endpoint"}


class Host:
    """Everything a deploy host has, as far as these rows check it."""

    def __init__(self, folder):
        self.folder = folder
        self.http, self.https = rig.free_port(), rig.free_port()
        self.authority = rig.Authority(folder)
        self.names = ["api.panidobro.com", "panidobro.com", "www.panidobro.com"]
        self.certificate, self.key = self.authority.issue("caddy", self.names)
        self.dns = rig.Dnsmasq(folder / "dns", {"panidobro.com": "127.0.0.1"})
        self.postgres = rig.Postgres(folder / "postgres")
        self.postgres.sql("""
            CREATE TABLE job_heartbeats (name varchar(64) PRIMARY KEY, runner_id varchar(128),
              last_heartbeat timestamptz NOT NULL DEFAULT now(), last_success_at timestamptz, last_error varchar(128),
              last_error_at timestamptz, consecutive_failures integer NOT NULL, updated_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE alembic_version (version_num varchar(64) PRIMARY KEY);
            INSERT INTO alembic_version VALUES ('merge_20260224_01');
            CREATE ROLE monitor LOGIN PASSWORD 'monitor-password'; GRANT SELECT ON job_heartbeats TO monitor;""")
        self.beat()
        self.app = folder / "app"
        for sub in ("ops", "logs"):
            (self.app / sub).mkdir(parents=True)
        script = self.app / "ops" / "backup_now.sh"
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
        self.backups = folder / "backups"
        self.backups.mkdir()
        self.is_mounted = os.getuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(self.backups)]).returncode == 0
        (self.backups / "cleaning_20260405T021531Z.sql.gz").write_bytes(b"\x1f\x8b" + b"x" * 2000)
        self.mark()
        self.log()
        self.bodies = {}
        self.serve()
        self.nginx = rig.Nginx(folder / "nginx", self.servers()).start()
        rig.wait_until(lambda: rig.connects(self.https), "nginx listens")

    def servers(self):
        tls = f"ssl_certificate {self.certificate}; ssl_certificate_key {self.key};"
        security = ("add_header X-Content-Type-Options nosniff always; add_header X-Frame-Options DENY always; "
                    "add_header Referrer-Policy no-referrer always;")
        redirects = "".join(f"server {{ listen 127.0.0.1:{self.http}; server_name {name}; return 308 https://{name}$request_uri; }}\n"
                            for name in self.names)
        return f"""{redirects}
        server {{ listen 127.0.0.1:{self.https} ssl; server_name api.panidobro.com; {tls} {security}
          location = /docs {{ default_type text/html; return 200 "<html></html>"; }}
          location = /openapi.json {{ return 200 '{{"info":{{"title":"Cleaning Economy Bot"}}}}'; }}
          location = /metrics {{ return 401; }}
          include {self.folder}/bodies.conf; }}
        server {{ listen 127.0.0.1:{self.https} ssl; server_name panidobro.com www.panidobro.com; {tls}
          location / {{ default_type text/html; return 200 '{PAGE}'; }} }}"""

    def serve(self, **bodies):
        """Which status and body each path answers with; what is not named is healthy."""
        healthy = {"healthz": (200, LIVE), "readyz": ready(), "backup": BACKUP_OK}
        self.bodies = {**healthy, **bodies}
        paths = {"healthz": "/healthz", "readyz": "/readyz", "backup": "/healthz/backup"}
        (self.folder / "bodies.conf").write_text("".join(
            f"location = {paths[key]} {{ default_type application/json; return {status} '{body}'; }}\n"
            for key, (status, body) in self.bodies.items()))
        if hasattr(self, "nginx"):
            self.nginx.reload()

    def beat(self, age=0, failures=0):
        self.postgres.sql(f"""
            INSERT INTO job_heartbeats (name, runner_id, last_heartbeat, last_success_at, consecutive_failures)
            VALUES ('jobs-runner', 'jobs-01', now() - interval '{age} s', now(), 0), ('outbox-delivery', 'jobs-01', now(), now(), {failures})
            ON CONFLICT (name) DO UPDATE SET last_heartbeat = excluded.last_heartbeat, consecutive_failures = excluded.consecutive_failures""")

    def marker(self):
        return self.backups / "LAST_SUCCESS.txt"

    def mark(self, age=3600):
        if self.marker().exists() or self.marker().is_fifo():
            self.marker().unlink()
        self.marker().write_text(time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime(time.time() - age)))

    def log(self):
        for kind in ("api", "web"):
            (self.app / "logs" / f"access_{kind}.log").write_text("{}\n")

    def profile(self, folder):
        shutil.copytree(rig.ROOT / "etc" / "profiles" / "cleanwithsnapshot", folder)
        main = folder / "gonogo.yaml"
        text = main.read_text()
        for name, value in {
                "api": f"https://api.panidobro.com:{self.https}", "web": f"https://panidobro.com:{self.https}",
                "www": f"https://www.panidobro.com:{self.https}", "api_tls": f"api.panidobro.com:{self.https}",
                "web_tls": f"panidobro.com:{self.https}", "www_tls": f"www.panidobro.com:{self.https}",
                "api_plain": f"http://api.panidobro.com:{self.http}", "web_plain": f"http://panidobro.com:{self.http}",
                "www_plain": f"http://www.panidobro.com:{self.http}", "origin": f"127.0.0.1:{self.https}",
                "ca": self.authority.path, "app": self.app, "backups": self.backups,
                "database_at": f"127.0.0.1:{self.postgres.port}"}.items():
            text, replaced = re.subn(rf"(?m)^  {name}: .*$", f"  {name}: {value}", text, count=1)
            assert replaced == 1, name
        text = text.replace("/opt/cleaning/.env", str(self.app / ".env"))
        document = yaml.safe_load(text)
        document["resolver"] = {"servers": [f"127.0.0.1:{self.dns.port}"]}
        document["defaults"] = {"interval": "2s", "timeout": "2s", "failures": 2}
        del document["watch"], document["groups"], document["include"]
        # Only the intervals differ from the shipped profile: the tests must not take hours.
        document["gates"] = {}
        for section in SECTIONS:
            for gate, content in yaml.safe_load((folder / "sections" / section).read_text())["gates"].items():
                checks = {name: {key: value for key, value in check.items() if key not in ("interval", "timeout", "group")}
                          for name, check in content["checks"].items() if name in CHECKS}
                document["gates"][gate] = {"title": content["title"], "checks": checks}
        document["gates"]["backups"]["checks"]["backup-folder"]["disk"].update(min_free="4MiB", writable=True)
        shutil.rmtree(folder / "sections")
        main.write_text(yaml.safe_dump(document))
        (self.app / ".env").write_text(f"DATABASE_URL=postgresql+psycopg://monitor:monitor-password@127.0.0.1:{self.postgres.port}/postgres\n"
                                       "METRICS_TOKEN=a-token-of-metrics\n")
        return folder

    def stop(self):
        self.nginx.stop()
        self.postgres.stop()
        self.dns.stop()
        if self.is_mounted:
            subprocess.run(["umount", str(self.backups)], check=True)


@pytest.fixture(scope="module")
def host(only_on_own_host, tmp_path_factory):
    host = Host(tmp_path_factory.mktemp("host"))
    yield host
    host.stop()


@pytest.fixture(scope="module")
def daemon(host, tmp_path_factory):
    folder = host.profile(tmp_path_factory.mktemp("daemon") / "etc")
    daemon = rig.Daemon(folder, None)
    daemon.wait_for("GO")
    yield daemon
    assert daemon.stop() == 0
    text = daemon.process.text()
    assert "monitor-password" not in text
    assert "AddressSanitizer" not in text and "runtime error" not in text, text


@pytest.fixture(autouse=True)
def healthy(host, daemon):
    """Before each test and after it, all is well; nothing stayed late or broken."""
    daemon.wait_for("GO")
    yield
    host.serve()
    host.mark()
    host.log()
    host.beat()
    daemon.wait_for("GO")


def broken(daemon, check, reason, also=()):
    """The verdict becomes NO-GO and blames the check; every other check but those in `also` stays on schedule and good."""
    before = daemon.runs()
    daemon.wait_for("NO-GO")
    seen = daemon.wait_for_check(check, "fail", reason)
    affected = {check, *also}
    rig.wait_until(lambda: all(at != before[name] for name, at in daemon.runs().items() if name not in affected),
                   "every other check is run again")
    for other in daemon.snapshot()["checks"]:
        if other["id"] not in affected:
            assert other["state"] in ("pass", "warn"), other
    blocker = next(b for b in daemon.verdict()["blockers"] if b["check"] == check)
    assert blocker["reason"] == reason and blocker["clears_when"] and blocker["summary"]
    assert daemon.metric(f'gonogo_check_reason{{check="{check}",reason="{reason}"}}') == 1
    assert daemon.get("/verdict").status == 503
    return seen


READY = ["api-readiness"]
API = ["api-liveness", "api-readiness", "api-database", "api-migrations", "api-job-heartbeat", "api-docs", "api-openapi",
       "api-metrics-guarded", "web-root", "web-page", "https-api", "https-web", "https-www", "certificate-api", "certificate-web",
       "certificate-www", "certificate-origin", "certificate-renewal", "header-nosniff", "header-frame", "header-referrer", "backup-endpoint"]


def test_all_checks_are_good(daemon):
    states = {check["id"]: (check["state"], check["summary"]) for check in daemon.snapshot()["checks"]}
    assert all(state == "pass" for state, _ in states.values()), states
    assert len(states) == 31


def test_api_stopped_and_started(host, daemon):
    host.nginx.stop()
    broken(daemon, "api-liveness", "connect", API)
    blocked = daemon.wait_for_check("api-readiness", "blocked")
    assert (blocked["state"], blocked["blocked_by"]) == ("blocked", "api-liveness")
    host.nginx.start()


@pytest.mark.parametrize("check,body,reason", [
    ("api-database", ready(False, db=failing("db", '{"message":"database check timed out","timeout_seconds":2.0}')), "json"),
    ("api-database", ready(False, db=failing("db", '{"message":"database session factory unavailable","hint":"x"}')), "json"),
    ("api-migrations", ready(False, migrations=failing("migrations", '{"message":"migrations pending","migrations_current":false,"current_version":null,"expected_heads":[]}')), "json"),
    ("api-migrations", ready(False, migrations=failing("migrations", '{"message":"migration check failed","migrations_check":"error","error":"OperationalError"}')), "json"),
    ("api-job-heartbeat", ready(False, jobs=failing("jobs", '{"message":"job heartbeat missing","threshold_seconds":180,"jobs_enabled":true}')), "json"),
    ("api-job-heartbeat", ready(False, jobs=failing("jobs", '{"enabled":true,"last_heartbeat":"2026-04-05T20:00:00+00:00","runner_id":"jobs-01","age_seconds":500.1,"threshold_seconds":180,"jobs_enabled":true}')), "json"),
    ("api-job-heartbeat", ready(False, jobs=failing("jobs", '{"message":"unexpected error","error":"TimeoutError"}')), "json"),
])
def test_readyz_503_in_each_variant(host, daemon, check, body, reason):
    host.serve(readyz=body)
    broken(daemon, check, reason, READY)
    daemon.wait_for_check("api-readiness", "fail", "status")


def test_heartbeat_check_switched_off_is_not_good(host, daemon):
    host.serve(readyz=ready(jobs='{"name":"jobs","ok":true,"ms":0.0,"detail":{"enabled":false,"message":"job heartbeat check disabled"}}'))
    broken(daemon, "api-job-heartbeat", "json")


def test_skipped_migrations_warn(host, daemon):
    host.serve(readyz=ready(migrations='{"name":"migrations","ok":true,"ms":0.1,"detail":{"migrations_check":"skipped_no_alembic_files","migrations_current":true}}'))
    daemon.wait_for_check("api-migrations", "warn", "json")
    assert daemon.verdict()["verdict"] == "GO"
    assert any(a["check"] == "api-migrations" for a in daemon.verdict()["advisories"])


def test_login_page_with_200_is_no_readiness(host, daemon):
    host.serve(readyz=(200, "<html>please log in</html>"))
    broken(daemon, "api-readiness", "json", ["api-database", "api-migrations", "api-job-heartbeat"])


@pytest.mark.parametrize("body,reason", [
    (problem(503, "backup marker missing"), "status"), (problem(503, "backup marker invalid"), "status"),
    (problem(503, "backup too old: 100000s"), "status"), (problem(500, "Internal Server Error"), "status"),
    ((200, '{"backup_ok":true,"last_backup_utc":"2030-01-01T00:00:00Z","age_seconds":-90000}'), "json"),
])
def test_backup_endpoint_in_each_variant(host, daemon, body, reason):
    host.serve(backup=body)
    broken(daemon, "backup-endpoint", reason)


@pytest.mark.parametrize("age,reason", [(27 * 3600, "stale_data"), (-3600, "future")])
def test_marker_stale_and_future(host, daemon, age, reason):
    host.mark(age)
    broken(daemon, "backup-marker", reason)


def test_marker_missing(host, daemon):
    host.marker().unlink()
    broken(daemon, "backup-marker", "missing")


def test_marker_that_is_a_fifo(host, daemon):
    host.marker().unlink()
    os.mkfifo(host.marker())
    broken(daemon, "backup-marker", "type")


def test_marker_without_zone(host, daemon):
    host.marker().write_text("2026-04-05T02:15:31\n")
    broken(daemon, "backup-marker", "content")


def test_disk_full(host, daemon):
    if not host.is_mounted:
        pytest.skip("a tmpfs can only be mounted by root")
    (host.backups / "filler").write_bytes(b"x" * (13 << 20))
    broken(daemon, "backup-folder", "threshold")
    (host.backups / "filler").unlink()


def test_certificate_expired(host, daemon):
    expired, key = host.authority.issue("expired", host.names, rig.NOW - 60 * rig.DAY, rig.NOW - rig.DAY)
    good = open(host.certificate, "rb").read(), open(host.key, "rb").read()
    shutil.copy(expired, host.certificate)
    shutil.copy(key, host.key)
    host.nginx.reload()
    others = [name for name in API if name not in ("https-api", "https-web", "https-www", "certificate-api")]
    seen = broken(daemon, "certificate-api", "cert_expired", others)
    assert seen["last"]["values"]["days_left"]["value"] < 0, "dates are reported all the same"
    assert daemon.wait_for_check("api-liveness", "fail", "cert_expired")
    for path, content in zip((host.certificate, host.key), good):
        open(path, "wb").write(content)
    host.nginx.reload()


def test_heartbeat_stopped(host, daemon):
    host.beat(age=200)
    broken(daemon, "jobs-heartbeat", "stale_data")


def test_heartbeat_row_gone(host, daemon):
    host.postgres.sql("DELETE FROM job_heartbeats WHERE name = 'jobs-runner'")
    broken(daemon, "jobs-heartbeat", "missing")


def test_heartbeat_from_the_future(host, daemon):
    host.beat(age=-3600)
    broken(daemon, "jobs-heartbeat", "future", JOBS_CHECKS)


def test_job_that_keeps_failing(host, daemon):
    host.beat(failures=2)
    daemon.wait_for_check("jobs-without-failures", "warn", "failures")
    assert daemon.verdict()["verdict"] == "GO"
    host.beat(failures=4)
    broken(daemon, "jobs-without-failures", "failures")


JOBS_CHECKS = ["jobs-heartbeat", "jobs-without-failures"]


def test_postgres_stopped_in_its_tracks(host, daemon):
    host.postgres.process.send(signal.SIGSTOP)
    try:
        broken(daemon, "jobs-heartbeat", "timeout", JOBS_CHECKS)
    finally:
        host.postgres.process.send(signal.SIGCONT)


def test_postgres_down(host, daemon):
    host.postgres.stop()
    try:
        broken(daemon, "jobs-heartbeat", "connect", JOBS_CHECKS)
    finally:
        host.postgres.start()


def test_postgres_takes_no_more_connections(host, daemon):
    host.postgres.sql("ALTER ROLE monitor CONNECTION LIMIT 0")
    broken(daemon, "jobs-heartbeat", "database", JOBS_CHECKS)
    host.postgres.sql("ALTER ROLE monitor CONNECTION LIMIT -1")


def test_postgres_table_missing_and_forbidden(host, daemon):
    host.postgres.sql("ALTER TABLE job_heartbeats RENAME TO elsewhere")
    broken(daemon, "jobs-heartbeat", "missing", JOBS_CHECKS)
    host.postgres.sql("ALTER TABLE elsewhere RENAME TO job_heartbeats; REVOKE SELECT ON job_heartbeats FROM monitor")
    broken(daemon, "jobs-heartbeat", "permission", JOBS_CHECKS)
    host.postgres.sql("GRANT SELECT ON job_heartbeats TO monitor")


def test_postgres_password_changed(host, daemon):
    host.postgres.sql("ALTER ROLE monitor PASSWORD 'another-password'")
    broken(daemon, "jobs-heartbeat", "auth", JOBS_CHECKS)
    host.postgres.sql("ALTER ROLE monitor PASSWORD 'monitor-password'")


def test_postgres_statement_that_never_ends_is_ended_at_the_server(host, daemon):
    host.postgres.sql("""ALTER TABLE job_heartbeats RENAME TO elsewhere;
        CREATE VIEW job_heartbeats AS SELECT elsewhere.* FROM elsewhere, pg_sleep(600); GRANT SELECT ON job_heartbeats TO monitor""")
    running = lambda: {row for row in host.postgres.sql("""SELECT pid, query_start FROM pg_stat_activity WHERE usename = 'monitor' AND state = 'active'
        AND query LIKE '%job_heartbeats%'""")}
    try:
        seen = rig.wait_until(running, "the statement runs")
        broken(daemon, "jobs-heartbeat", "timeout", JOBS_CHECKS)
        # It would sleep for ten minutes.
        rig.wait_until(lambda: not seen & running(), "the server has ended it")
    finally:
        host.postgres.sql("DROP VIEW job_heartbeats; ALTER TABLE elsewhere RENAME TO job_heartbeats")


def test_name_server_hangs(host, daemon):
    """The targets are up, and nothing is recorded against them: it is this host that resolves no names."""
    host.dns.process.send(signal.SIGSTOP)
    try:
        daemon.wait_for_check("prober", "fail", "prober")
        rig.wait_until(lambda: daemon.check("api-liveness")["last"]["outcome"] == "unknown", "the run is unknown")
        assert "no name server answers" in daemon.check("api-liveness")["last"]["summary"]
        assert daemon.verdict()["verdict"] == "NO-GO"
        assert daemon.check("api-liveness")["state"] in ("pass", "stale")
    finally:
        host.dns.process.send(signal.SIGCONT)
