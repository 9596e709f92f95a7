"""The deploy host of CleanWithSnapshot, made of real parts. Stand-ins are the application itself (a small server with its bodies),
its containers (busybox under a real Engine), Compose's plugin (Debian has no such package), and Stripe, whose answers the application's
stand-in gives as well. PostgreSQL is Debian's 15, where the application wants 16."""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

import rig
import servers

ADDRESS = "127.0.0.9"  # the host's public address
HEAD = "merge_20260224_01"
JOBS = ["jobs-runner", "booking-reminders", "invoice-reminders", "nps-send-runner", "email-dlq", "outbox-delivery", "dlq-auto-replay",
        "storage-janitor", "accounting-export", "log-retention-daily", "data-retention-daily", "data-retention-weekly",
        "soft-delete-purge-daily", "audit-retention"]
ISOLATED = ["leads", "bookings", "invoices", "invoice_payments", "workers", "teams", "order_photos", "export_events", "email_events"]
SERVICES = {"db": "postgres:16", "redis": "redis:7-alpine", "api": "cleanwithsnapshot-api:ci", "jobs": "cleanwithsnapshot-jobs",
            "web": "cleanwithsnapshot-web:ci", "caddy": "caddy:2", "wal-sync": "amazon/aws-cli"}
ENVIRONMENT = {
    "APP_ENV": "prod", "POSTGRES_DB": "postgres", "POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": "Vr7-mBq2-kX9-tLw4",
    "AUTH_SECRET_KEY": "a4Kx9vQ2mZ7pLw3RtY8uBn5cJd6Fg1Hs", "CLIENT_PORTAL_SECRET": "b5Ly8wR3nA6qMx4SuZ7vCp2dKe9Gh0Jt",
    "WORKER_PORTAL_SECRET": "c6Mz7xS4oB5rNy1TvA8wDq3eLf0Hi9Ku", "ADMIN_PROXY_AUTH_SECRET": "d7Na6yT5pC4sOz2UwB9xEr4fMg1Ij8Lv",
    "ADMIN_BASIC_USERNAME": "admin-user", "ADMIN_BASIC_PASSWORD": "Tk4vQ9mZ7pLw3R", "OWNER_BASIC_USERNAME": "owner-user",
    "OWNER_BASIC_PASSWORD": "Ul5wR0nA8qMx4S", "ADMIN_PROXY_AUTH_ENABLED": "true", "STRICT_CORS": "true", "CORS_ORIGINS": "https://panidobro.com,https://www.panidobro.com",
    "TRUST_PROXY_HEADERS": "true", "TRUSTED_PROXY_CIDRS": "172.16.0.0/12", "ADMIN_MFA_REQUIRED": "true",
    "STRIPE_SECRET_KEY": "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "STRIPE_WEBHOOK_SECRET": "whsec_5eD40IrMzkXEbskuU2aeq8ed",
    "STRIPE_SUCCESS_URL": "https://panidobro.com/deposit-success?session_id={CHECKOUT_SESSION_ID}",
    "STRIPE_CANCEL_URL": "https://panidobro.com/deposit-cancelled", "EMAIL_MODE": "smtp", "SMTP_HOST": "smtp.panidobro.com",
    "SMTP_PORT": "587", "SMTP_USERNAME": "monitor", "SMTP_PASSWORD": "k3Vr9sWq2Zt", "EMAIL_FROM": "office@panidobro.com",
    "EMAIL_FROM_NAME": "Panidobro", "ORDER_STORAGE_BACKEND": "local", "ORDER_UPLOAD_ROOT": "/app/var/uploads", "CAPTCHA_MODE": "off",
    "RATE_LIMIT_PER_MINUTE": "30", "REDIS_URL": "redis://redis:6379/0", "METRICS_ENABLED": "true",
    "METRICS_TOKEN": "e8Ob5zU6qD3tPa1V", "JOB_HEARTBEAT_REQUIRED": "true"}
TOKENS = {"deploy": ("", [], ["read", "run", "deploy"]), "lead": ("A. Lead", ["deployment-lead"], ["sign", "waive"]),
          "owner": ("B. Owner", ["infrastructure-owner"], ["sign"]), "security": ("C. Reviewer", ["security-reviewer"], ["sign"]),
          "technical": ("D. Lead", ["technical-lead"], ["sign"]), "support": ("E. Lead", ["customer-support-lead"], ["sign"])}


class Application(http.server.BaseHTTPRequestHandler):
    """What the API and the web app answer. `broken` names paths and what they answer instead."""

    broken = {}
    job_runner_up = 1
    content_policy = "default-src 'self'; img-src 'self' data:"
    requests = 0

    def answer(self, status, body, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
                            ("Content-Security-Policy", self.content_policy), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def problem(self, status, title, errors=()):
        self.answer(status, json.dumps({"type": "https://example.com/problems/domain-error", "title": title, "status": status,
                                        "detail": title, "request_id": "r", "errors": list(errors)}), "application/problem+json")

    def do_GET(self):
        type(self).requests += 1
        path = self.path.split("?")[0]
        if path in self.broken:
            return self.answer(*self.broken[path])
        if self.headers.get("Host", "").split(":")[0] in ("panidobro.com", "www.panidobro.com"):
            return self.web(path)
        pages = {
            "/healthz": {"status": "ok"}, "/readyz": self.ready(),
            "/healthz/backup": {"backup_ok": True, "last_backup_utc": "2026-04-05T02:15:31Z", "age_seconds": 3600},
            "/openapi.json": {"info": {"title": "Cleaning Economy Bot"},
                              "paths": {name: {} for name in ("/v1/estimate", "/v1/leads", "/v1/slots", "/healthz", "/readyz")}},
            "/v1/slots": {"date": "2026-04-05", "duration_minutes": 120, "slots": []},
            "/v1/webhook_endpoints": {"data": [{"url": "https://api.panidobro.com/v1/payments/stripe/webhook", "status": "enabled",
                                                "enabled_events": ["*"]}]},
            "/v1/admin/profile": {"username": "viewer", "role": "viewer", "permissions": ["VIEW"]},
            "/v1/admin/whoami": {"username": "viewer", "role": "viewer", "org_id": "1"},
            "/v1/admin/leads": [], "/v1/admin/bookings": [], "/v1/admin/invoices": []}
        if path in pages:
            return self.answer(200, json.dumps(pages[path]))
        if path == "/docs":
            return self.answer(200, "<html></html>", "text/html")
        if path == "/metrics":
            guarded = self.headers.get("Authorization") == f"Bearer {ENVIRONMENT['METRICS_TOKEN']}"
            return self.answer(200, self.metrics(), "text/plain; version=0.0.4") if guarded else self.problem(401, "Unauthorized")
        if path.startswith("/worker") or path.startswith("/v1/worker"):
            return self.answer(401, '{"detail":"Unauthorized"}')
        self.answer(404, '{"detail":"Not Found"}')

    do_HEAD = do_GET

    def web(self, path):
        if path == "/":
            return self.answer(200, '<html><script src="/_next/static/chunks/main.js"></script>' + "x" * 1200 + "</html>", "text/html")
        if path.startswith("/_next/static/"):
            return self.answer(200, "//", "application/javascript", [("Cache-Control", "public, max-age=31536000, immutable")])
        if path in ("/terms", "/privacy"):
            return self.answer(200, f"<html>{path[1:]}</html>", "text/html")
        self.answer(404, "no such page", "text/plain")

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path in self.broken:
            return self.answer(*self.broken[self.path])
        if self.path == "/v1/estimate":
            beds = json.loads(text or "{}").get("beds", -1)
            if not 0 <= beds <= 10:
                return self.problem(422, "Validation Error", [{"field": "body.beds", "message": "out of range"}])
            return self.answer(200, json.dumps({"pricing_config_id": "economy_v1", "total_before_tax": 120.5}))
        if self.path == "/v1/leads":
            return self.problem(422, "Validation Error", [{"field": "name", "message": "missing"}])
        if self.path == "/v1/payments/stripe/webhook":
            return self.problem(400, "Invalid Stripe webhook" if "Stripe-Signature" in self.headers else "Missing Stripe signature")
        self.answer(404, '{"detail":"Not Found"}')

    @staticmethod
    def ready():
        return {"ok": True, "checks": [
            {"name": "db", "ok": True, "ms": 3.1, "detail": {"message": "database reachable"}},
            {"name": "migrations", "ok": True, "ms": 2.4, "detail": {"migrations_current": True, "current_version": HEAD,
                                                                     "expected_heads": [HEAD], "migrations_check": "ok"}},
            {"name": "jobs", "ok": True, "ms": 1.9, "detail": {"enabled": True, "age_seconds": 41.7, "threshold_seconds": 180}}]}

    @classmethod
    def metrics(cls):
        labels = 'method="GET",route="/v1/slots",status_class="2xx",service="api"'
        count = cls.requests
        buckets = "".join(f'http_request_latency_seconds_bucket{{{labels},le="{le}"}} {count}\n' for le in ("0.05", "0.1", "0.5", "1", "+Inf"))
        return (f"# TYPE http_requests_total counter\nhttp_requests_total{{{labels}}} {count}\n"
                f"# TYPE http_request_latency_seconds histogram\n{buckets}http_request_latency_seconds_sum{{{labels}}} {count * 0.02}\n"
                f"http_request_latency_seconds_count{{{labels}}} {count}\ndb_pool_checkedout 1\ndb_pool_size 5\ndb_pool_overflow -4\n"
                f'job_runner_up{{job="jobs-runner"}} {cls.job_runner_up}\n')

    def log_message(self, *arguments):
        pass


class Host:
    """Everything that the profile checks. For each method that breaks something there is one that repairs it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.http, self.https, self.redis_port = rig.free_port(), rig.free_port(), rig.free_port()
        self.authority = rig.Authority(self.folder)
        self.names = ["panidobro.com", "www.panidobro.com", "api.panidobro.com", "staging-api.panidobro.com"]
        self.certificate, self.key = self.authority.issue("caddy", self.names)
        self.dns = rig.Dnsmasq(self.folder / "dns", {"smtp.panidobro.com": "127.0.0.1", "panidobro.com": ADDRESS},
                               {"panidobro.com": "v=spf1 -all", "_dmarc.panidobro.com": "v=DMARC1; p=reject"})
        self.application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
        self.application_port = self.application.server_address[1]
        threading.Thread(target=self.application.serve_forever, daemon=True).start()
        self.make_files()
        self.make_database()
        self.make_repository()
        self.redis = self.start_redis()
        mail = self.authority.issue("mail", ["smtp.panidobro.com"])
        self.mail = servers.Exim(self.folder / "mail", *mail, "k3Vr9sWq2Zt") if (self.folder / "mail").mkdir() is None else None
        self.staging = self.start_staging()
        self.caddy = self.start_caddy(self.certificate, self.key)
        self.alertmanager_port = rig.free_port()
        self.alertmanager = servers.Alertmanager(self.folder / "alertmanager", self.alertmanager_port)
        self.prometheus = servers.Prometheus(
            self.folder / "prometheus", alertmanager=self.alertmanager_port, rules=RULES,
            scrape=f"  - {{job_name: clean-api, authorization: {{credentials: {ENVIRONMENT['METRICS_TOKEN']}}}, "
                   f"static_configs: [{{targets: ['127.0.0.1:{self.application_port}']}}]}}\n")
        self.docker = servers.Docker(self.folder / "docker")
        self.compose("2.17.2")
        self.start_containers()

    # Files

    def make_files(self):
        self.app, self.backups, self.evidence = (self.folder / name for name in ("app", "backups", "evidence"))
        for path in (self.app / "logs", self.app / "var" / "uploads", self.app / "tmp", self.backups, self.evidence, self.folder / "cron.d"):
            path.mkdir(parents=True)
        (self.folder / "cron.d" / "cleaning").write_text("15 2 * * * root ENV_FILE=/etc/cleaning/cleaning.env /opt/cleaning/ops/backup_now.sh\n")
        now = time.time()
        for days in range(8):
            dump = self.backups / time.strftime("cleaning_%Y%m%dT021500Z.sql.gz", time.gmtime(now - days * 86400))
            dump.write_bytes(b"\x1f\x8b" + b"x" * 4000)
            os.utime(dump, (now - days * 86400 - 3600,) * 2)
        self.mark_backup()
        (self.evidence / "build.log").write_text("#12 exporting to image\n#12 DONE 1.2s\n")
        self.report_drill("PASSED")
        (self.evidence / "wal_sync_last_ok.txt").write_text(time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime(now)))
        self.write_environment()
        (self.folder / "cleaning.env").symlink_to(self.app / ".env")

    def mark_backup(self, age=3600):
        (self.backups / "LAST_SUCCESS.txt").write_text(time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime(time.time() - age)))

    def report_drill(self, status):
        (self.evidence / "pitr_drill_20260401T020000Z.md").write_text(f"| Field | Value |\n| --- | --- |\n| Status | {status} |\n")

    def write_environment(self, **changes):
        values = {**ENVIRONMENT, "DATABASE_URL": "postgresql+psycopg://postgres:${POSTGRES_PASSWORD}@db:5432/postgres", **changes}
        draft = self.app / ".env.new"
        draft.write_text("".join(f"{name}='{value}'\n" if name != "DATABASE_URL" else f'{name}="{value}"\n' for name, value in values.items() if value is not None))
        draft.chmod(0o640)
        draft.rename(self.app / ".env")

    def git(self, *arguments):
        return subprocess.run(["git", "-C", str(self.app), "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True,
                              capture_output=True, text=True).stdout.strip()

    def make_repository(self):
        texts = ["README.md", "OPERATIONS.md", "RUNBOOK.md", "docs/SMOKE.md", "docs/DISASTER_RECOVERY.md", "docs/DEPLOY_RUNBOOK.md",
                 "docs/ROLLBACK_RUNBOOK.md", "docs/runbooks/README.md", "backend/docs/runbook_backup_restore.md",
                 "backend/docs/runbook_monitoring.md", "backend/docs/runbook_backup_restore_drill.md", "backend/docs/incident_playbooks/db.md"]
        for name in texts:
            path = self.app / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {name}\n" + "What to do, step by step.\n" * 20)
        (self.app / "docs" / "GO_NO_GO.md").write_text("# The list\n\n- [ ] everything\n")
        for name, text in (("deploy", "ops/smoke.sh\n"), ("rollback", ""), ("backup_now", ""), ("smoke", "")):
            script = self.app / "ops" / f"{name}.sh"
            script.parent.mkdir(exist_ok=True)
            script.write_text("#!/bin/sh\n" + text)
            script.chmod(0o755)
        versions = self.app / "backend" / "alembic" / "versions"
        versions.mkdir(parents=True)
        (versions / "0001.py").write_text('revision = "0001_first"\ndown_revision = None\n')
        (versions / "0002.py").write_text(f'revision = "{HEAD}"\ndown_revision = "0001_first"\n')
        (self.app / ".gitignore").write_text(".env*\nlogs/\nvar/\ntmp/\n.deploy_state.json\n")
        origin = self.folder / "origin.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.app)], check=True)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "all of it")
        self.git("remote", "add", "origin", str(origin))
        self.git("push", "-q", "origin", "main")
        self.release = self.git("rev-parse", "HEAD")
        self.write_deploy_state()

    def write_deploy_state(self, **changes):
        state = {"last_good_sha": self.release, "last_good_timestamp": "2026-04-05T02:15:31Z", "deploy_mode": "standard",
                 "db_revision": HEAD, "expected_heads": [HEAD], **changes}
        (self.app / ".deploy_state.json").write_text(json.dumps(state))

    # Servers

    def make_database(self):
        self.postgres = rig.Postgres(self.folder / "postgres")
        isolated = "".join(f"CREATE TABLE {name} (id serial, org_id uuid, last_error_code varchar(64), created_at timestamptz DEFAULT now()); "
                           f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY; "
                           f"CREATE POLICY {name}_org_isolation ON {name} USING (org_id::text = current_setting('app.current_org_id', true));"
                           for name in ISOLATED)
        self.postgres.sql(f"""
            CREATE TABLE job_heartbeats (name varchar(64) PRIMARY KEY, runner_id varchar(128),
              last_heartbeat timestamptz NOT NULL DEFAULT now(), last_success_at timestamptz, last_error varchar(128),
              last_error_at timestamptz, consecutive_failures integer NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE alembic_version (version_num varchar(64) PRIMARY KEY); INSERT INTO alembic_version VALUES ('{HEAD}');
            CREATE TABLE organizations (id uuid); CREATE TABLE outbox_events (event_id serial, kind text, status text, created_at timestamptz DEFAULT now());
            CREATE TABLE email_failures (failure_id serial, status text); CREATE TABLE order_photo_tombstones (storage_key text, last_error text, processed_at timestamptz);
            CREATE TABLE stripe_events (event_id serial, event_type text, last_error text, processed_at timestamptz);
            INSERT INTO stripe_events (event_type, processed_at) VALUES ('payment_intent.succeeded', now());
            CREATE TABLE admin_audit_logs (action text, actor text, created_at timestamptz DEFAULT now());
            INSERT INTO admin_audit_logs (action) VALUES ('POST /v1/admin/cleanup'), ('POST /v1/admin/email-scan'),
              ('POST /v1/admin/retention/cleanup'), ('data_deletion_requested'), ('data_export');
            {isolated} INSERT INTO email_events (org_id) VALUES (NULL)""")
        self.beat()

    def beat(self):
        for job in JOBS:
            self.postgres.sql(f"INSERT INTO job_heartbeats (name, last_success_at) VALUES ('{job}', now()) ON CONFLICT (name) "
                              "DO UPDATE SET last_heartbeat = now(), last_success_at = now(), consecutive_failures = 0")

    def beat_runner(self):
        """As the loop does every minute."""
        self.postgres.sql("UPDATE job_heartbeats SET last_heartbeat = now() WHERE name = 'jobs-runner'")

    def start_redis(self):
        redis = servers.Redis(self.folder, port=self.redis_port)
        with socket.create_connection(("127.0.0.1", self.redis_port)) as connection:
            connection.sendall(b"SET rate-limit:127.0.0.1 1\r\n")
            assert connection.recv(100).startswith(b"+OK")
        return redis

    def start_staging(self):
        folder = self.folder / "staging"
        folder.mkdir()
        (folder / "deploy.token").write_text("staging-token-0123456789")
        staging = rig.Daemon(folder, "server: {external_url: https://staging-api.panidobro.com/gonogo, tokens: {deploy: {file: deploy.token, may: [read, deploy]}}}\n"
                                     "gates: {host: {checks: {disk: {disk: {path: /}}}}}\n")
        announced = staging.run("deploy", "announce", self.release, "--token-file", str(folder / "deploy.token"))
        assert announced.returncode == 0, announced
        return staging

    def start_caddy(self, certificate, key):
        logs = self.app / "logs"
        hashed = subprocess.run(["caddy", "hash-password", "--plaintext", "viewer-password-1"], check=True, capture_output=True, text=True).stdout.strip()
        # Older versions of Caddy want the hash in base64.
        hashed = hashed if hashed.endswith("=") or not hashed.startswith("$") else base64.b64encode(hashed.encode()).decode()
        log = lambda name: f"log {{\n output file {logs}/access_{name}.log\n format json\n }}"
        tls = f"bind {ADDRESS}\n tls {certificate} {key}"
        return servers.Caddy(self.folder / f"caddy-{time.monotonic_ns()}", f"""
http://panidobro.com:{self.http}, http://www.panidobro.com:{self.http}, http://api.panidobro.com:{self.http} {{
 bind {ADDRESS}
 redir https://{{host}}{{uri}} 308
}}
https://api.panidobro.com:{self.https} {{
 {tls}
 {log("api")}
 basicauth /v1/admin* {{
  viewer {hashed}
 }}
 reverse_proxy 127.0.0.1:{self.application_port}
}}
https://panidobro.com:{self.https}, https://www.panidobro.com:{self.https} {{
 {tls}
 {log("web")}
 reverse_proxy 127.0.0.1:{self.application_port}
}}
https://staging-api.panidobro.com:{self.https} {{
 {tls}
 handle_path /gonogo/* {{
  reverse_proxy 127.0.0.1:{self.staging.port}
 }}
 reverse_proxy 127.0.0.1:{self.application_port}
}}
""", f" log {{\n  output file {logs}/caddy.log\n  format json\n }}\n", self.serves)

    def serves(self):
        with socket.socket() as attempt:
            return attempt.connect_ex((ADDRESS, self.https)) == 0

    def restart_caddy(self, certificate=None, key=None):
        self.caddy.stop()
        self.caddy = self.start_caddy(certificate or self.certificate, key or self.key)

    def compose(self, version):
        """The docker command as the daemon runs it: at this Engine's socket, with a plugin of that version."""
        script = self.folder / "docker-command"
        draft = self.folder / "docker-command.new"
        draft.write_text(f'#!/bin/sh\n[ "$1" = compose ] && {{ echo {version}; exit; }}\nexec docker -H unix://{self.docker.socket} "$@"\n')
        draft.chmod(0o755)
        draft.rename(script)

    def start_containers(self):
        for image in set(SERVICES.values()):
            self.docker.make_image(image)
        for name, image in SERVICES.items():
            options = ("--health-cmd=true", "--health-interval=1s") if name in ("db", "redis", "api") else ()
            self.docker.service("cleaning", name, image, "sh", "-c", "while true; do echo alive; sleep 5; done", options=options)
        for name in ("db", "api"):
            rig.wait_until(lambda: self.docker.container(f"cleaning-{name}-1")["State"]["Health"]["Status"] == "healthy", f"{name} is healthy")

    # gonogo's own

    def profile(self, folder):
        """The profile that ships, with this host's vars, secrets and tokens: nothing else of it is changed but the two figures below."""
        shutil.copytree(rig.ROOT / "etc" / "profiles" / "cleanwithsnapshot", folder)
        main = folder / "gonogo.yaml"
        text = main.read_text()
        origin = lambda name: f"https://{name}panidobro.com:{self.https}"
        for name, value in {
                "api": origin("api."), "web": origin(""), "www": origin("www."), "api_tls": f"api.panidobro.com:{self.https}",
                "web_tls": f"panidobro.com:{self.https}", "www_tls": f"www.panidobro.com:{self.https}",
                "api_plain": f"http://api.panidobro.com:{self.http}", "web_plain": f"http://panidobro.com:{self.http}",
                "www_plain": f"http://www.panidobro.com:{self.http}", "origin": f"{ADDRESS}:{self.https}", "ca": self.authority.path,
                "app": self.app, "backups": self.backups, "env": self.app / ".env", "env_second": self.folder / "cleaning.env",
                "database_at": f"docker://cleaning/db:{self.postgres.port}", "redis_at": f"docker://cleaning/redis:{self.redis_port}",
                "web_at": f"docker://cleaning/web:{self.application_port}", "docker_socket": f"unix:{self.docker.socket}",
                "docker_root": self.docker.folder / "data",
                "address": ADDRESS, "public_http": f"panidobro.com:{self.http}", "public_https": f"panidobro.com:{self.https}",
                "resolver_a": f"127.0.0.1:{self.dns.port}", "resolver_b": f"127.0.0.1:{self.dns.port}",
                "smtp_at": f"smtp.panidobro.com:{self.mail.port}", "prometheus": f"http://127.0.0.1:{self.prometheus.port}",
                "alertmanager": f"http://127.0.0.1:{self.alertmanager_port}", "stripe": f"http://127.0.0.1:{self.application_port}",
                "staging": origin("staging-api."), "staging_gonogo": origin("staging-api.") + "/gonogo", "terms": origin("") + "/terms",
                "privacy": origin("") + "/privacy", "crontabs": self.folder / "cron.d" / "*", "evidence": self.evidence,
                "list_sha256": hashlib.sha256((self.app / "docs" / "GO_NO_GO.md").read_bytes()).hexdigest()}.items():
            text, replaced = re.subn(rf"(?m)^  {name}: .*$", f"  {name}: {value}", text, count=1)
            assert replaced == 1, name
        text = text.replace("/opt/cleaning/.env", str(self.app / ".env")).replace("docker: {socket: /var/run/docker.sock}", f"docker: {{socket: {self.docker.socket}}}")
        tokens = ""
        for token, (name, roles, may) in TOKENS.items():
            (folder / f"{token}.token").write_text(f"{token}-token-0123456789")
            tokens += f"    {token}: {{file: {token}.token, name: '{name or token}', roles: {json.dumps(roles)}, may: {json.dumps(may)}}}\n"
        text = text.replace("  listen: 127.0.0.1:9880\n", f"  listen: 127.0.0.1:9880\n  tokens:\n{tokens}", 1)
        main.write_text(text + f"\nresolver: {{servers: ['127.0.0.1:{self.dns.port}']}}\n")
        (folder / "admin_password").write_text("viewer-password-1")
        for section in folder.glob("sections/*.yaml"):
            content = section.read_text().replace("argv: [docker,", f"argv: [{self.folder}/docker-command,")
            content = content.replace('compose: {min_version: "2.0"}', f'compose: {{min_version: "2.0", command: [{self.folder}/docker-command, compose]}}')
            # Debian's PostgreSQL is 15, and a test machine's disk may be smaller than a deploy host's.
            content = content.replace("min_version: 16", "min_version: 15").replace("min_free: 20GiB, min_free_percent: 10", "min_free: 1GiB, min_free_percent: 1")
            section.write_text(content.replace("min_free: 5GiB", "min_free: 1GiB"))
        return folder

    def stop(self):
        for part in (self.docker, self.prometheus, self.alertmanager, self.caddy, self.staging, self.mail, self.redis, self.postgres, self.dns):
            part.stop()
        self.application.shutdown()


RULES = """
groups:
  - name: slo
    rules:
      - {alert: SLOAvailabilityBurnRateFast, expr: 'sum(rate(http_5xx_total[5m])) > 1000', labels: {severity: page}}
      - {alert: SLOAvailabilityBurnRateSlow, expr: 'sum(rate(http_5xx_total[30m])) > 1000', labels: {severity: ticket}}
      - {alert: ApiScrapeDown, expr: 'up{job="clean-api"} == 0', for: 2m, labels: {severity: page}}
      - {alert: JobsHeartbeatMissing, expr: 'job_runner_up == 0', labels: {severity: page}}
      - {alert: CanaryServiceUnhealthy, expr: 'vector(1)', labels: {severity: page}}
"""
