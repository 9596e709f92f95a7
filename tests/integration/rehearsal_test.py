"""The rehearsal: the whole profile of CleanWithSnapshot on a deploy host of real parts (rehearsal_host.py says which are not). It reaches
GO with the four sign-offs; then each NO-GO criterion and a row of every section is broken and mended in turn."""

import subprocess

import psycopg2
import pytest
import rehearsal_host
import rig
import servers

# What is signed off long before a release comes: by whom.
STANDING = {
    "owner": ["firewall-seen-from-outside", "ports-seen-from-outside", "restore-drill", "uptime-service", "on-call", "escalation"],
    "lead": ["trained-deploying"], "security": ["photo-link-expires"],
    "technical": ["trained-incidents", "doc-readme", "doc-operations", "doc-runbook", "doc-smoke", "email-templates"]}
FINAL = {"lead": "sign-deployment-lead", "owner": "sign-infrastructure-owner", "security": "sign-security-reviewer",
         "technical": "sign-technical-lead"}


class Rehearsal:
    def __init__(self, host, folder):
        self.host = host
        self.daemon = rig.Daemon(host.profile(folder), None)
        self.folder = folder

    def run(self, token, *arguments):
        return self.daemon.run(*arguments, "--token-file", str(self.folder / f"{token}.token"))

    def sign(self, token, check):
        signed = self.run(token, "sign", check, "--note", "rehearsed")
        assert signed.returncode == 0, signed

    def withdraw(self, token, check):
        assert self.run(token, "sign", check, "--withdraw").returncode == 0

    def run_check(self, *checks):
        """Now, not when it is their turn: the rhythm of the profile is a minute and more."""
        for check in checks:
            answer = self.daemon.get(f"/api/v1/checks/{check}/run", method="POST", headers={"Authorization": "Bearer deploy-token-0123456789"})
            assert answer.status == 202, (check, answer.text)

    def wait(self, what, condition, *checks):
        """Until the verdict is as expected; `checks`, and whatever blocks, are run again and again."""
        def is_so():
            self.run_check(*checks)
            verdict = self.daemon.verdict()
            if condition(verdict):
                return True
            scheduled = {check["id"] for check in self.daemon.snapshot()["checks"] if check["last"] and check["interval_seconds"]}
            self.run_check(*(blocker["check"] for blocker in verdict["blockers"] if blocker["check"] in scheduled))
            return False
        try:
            rig.wait_until(is_so, what)
        except AssertionError:
            raise AssertionError(f"{what}: {self.daemon.get('/verdict?format=text').text}") from None

    def break_row(self, rows, checks, breaking, mending):
        """The verdict becomes NO-GO and names every row; after the repair it is GO again."""
        names = lambda verdict: {blocker["item"] for blocker in verdict["blockers"]}
        self.host.beat_runner()
        breaking()
        self.wait(f"NO-GO that names {rows}", lambda verdict: verdict["verdict"] == "NO-GO" and set(rows) <= names(verdict), *checks)
        for blocker in self.daemon.verdict()["blockers"]:
            assert blocker["summary"] and blocker["clears_when"], blocker
        mending()
        self.wait(f"GO after {rows}", lambda verdict: verdict["verdict"] == "GO", *checks)

    def break_advice(self, rows, checks, breaking, mending):
        """An advisory row is named and changes no verdict."""
        names = lambda verdict: {advisory["item"] for advisory in verdict["advisories"]}
        self.host.beat_runner()
        breaking()
        self.wait(f"advice that names {rows}", lambda verdict: set(rows) <= names(verdict) and verdict["verdict"] == "GO", *checks)
        mending()
        self.wait(f"no advice any more on {rows}", lambda verdict: not set(rows) & names(verdict), *checks)


@pytest.fixture(scope="module")
def rehearsal(only_on_own_host, tmp_path_factory):
    if not servers.is_root() or not rig.has("dockerd"):
        pytest.skip("a Docker Engine wants root and dockerd")
    host = rehearsal_host.Host(tmp_path_factory.mktemp("host"))
    rehearsal = Rehearsal(host, tmp_path_factory.mktemp("daemon") / "etc")
    yield rehearsal
    ended = rehearsal.daemon.stop()
    text = rehearsal.daemon.process.text()
    host.stop()
    assert ended == 0, text[-8000:]
    for secret in ("Vr7-mBq2-kX9-tLw4", "4eC39HqLyjWDarjtT1zdp7dc", "e8Ob5zU6qD3tPa1V", "viewer-password-1"):
        assert secret not in text
    assert "AddressSanitizer" not in text and "runtime error" not in text, text


def test_go_comes_with_the_last_of_the_four_signatures(rehearsal):
    assert rehearsal.run("deploy", "deploy", "announce", rehearsal.host.release).returncode == 0
    for token, checks in STANDING.items():
        for check in checks:
            rehearsal.sign(token, check)
    signatures = set(FINAL.values())
    rehearsal.wait("only the signatures are missing", lambda verdict: {b["check"] for b in verdict["blockers"]} == signatures)
    for token, check in FINAL.items():
        assert rehearsal.daemon.verdict()["verdict"] == "NO-GO"
        rehearsal.sign(token, check)
    assert rehearsal.daemon.verdict()["verdict"] == "GO"
    assert rehearsal.run("deploy", "verdict").returncode == 0


def test_every_probe_found_what_it_expects(rehearsal):
    """Nothing but what waits to be asked or signed is less than good: no row is green only because it is advisory."""
    def not_good():
        return [check["id"] for check in rehearsal.daemon.snapshot()["checks"]
                if not check["good"] and check["interval_seconds"] and check["reason"] != "unsigned" and check["kind"] != "composite"]

    def all_good():
        rehearsal.run_check(*not_good())
        return not not_good()

    # Logs are there after the first request, rates after the second scrape.
    try:
        rig.wait_until(all_good, "everything is good")
    except AssertionError:
        raise AssertionError([rehearsal.daemon.check(name) for name in not_good()]) from None


def answers(**broken):
    def change():
        rehearsal_host.Application.broken = {path: reply for path, reply in broken.values()}
    return change


def mended():
    rehearsal_host.Application.broken = {}


def test_the_eight_criteria_for_no_go(rehearsal):
    host, sql = rehearsal.host, rehearsal.host.postgres.sql
    down = (503, '{"ok":false,"checks":[]}')
    rehearsal.break_row(["NOGO.1", "4.2.2", "GO.4", "RB.1", "POST.1"], ["api-readiness"], answers(ready=("/readyz", down)), mended)
    rehearsal.break_row(["NOGO.2", "10.1.2", "5.1.1", "GO.5", "POST.4"], ["estimate"], answers(estimate=("/v1/estimate", (200, '{"total_before_tax":0}'))), mended)
    rehearsal.break_row(["NOGO.3", "2.1.4", "GO.2"], ["env-postgres-password"], lambda: host.write_environment(POSTGRES_PASSWORD="change-me-please-now"), host.write_environment)
    rehearsal.break_row(["NOGO.4", "3.2.2", "GO.3"], ["migrations-current"], lambda: sql("UPDATE alembic_version SET version_num = '0001_first'"),
                        lambda: sql(f"UPDATE alembic_version SET version_num = '{rehearsal_host.HEAD}'"))
    old = host.authority.issue("old", host.names, rig.NOW - 90 * rig.DAY, rig.NOW - rig.DAY)
    tls = ["certificate-api", "certificate-web", "certificate-www", "certificate-origin", "issuer-apex", "issuer-www", "issuer-api"]
    everything = [*tls, *(check["id"] for check in rehearsal.daemon.snapshot()["checks"]
                          if check["kind"] in ("http", "scenario", "version", "tcp") and check["interval_seconds"] is not None)]
    rehearsal.break_row(["NOGO.5", "4.4.2"], tls, lambda: host.restart_caddy(*old), lambda: host.restart_caddy())
    rehearsal.wait("all is well behind Caddy", lambda verdict: verdict["verdict"] == "GO", *everything)
    rehearsal.break_row(["NOGO.6", "7.1.5", "GO.3"], ["backup-marker"], lambda: host.mark_backup(27 * 3600), host.mark_backup)
    rehearsal.break_row(["NOGO.7", "9.2.2", "GO.7"], ["scraper"], answers(metrics=("/metrics", (500, ""))), mended)
    rehearsal.break_row(["NOGO.8", "12.3.2", "GO.8"], [], lambda: rehearsal.withdraw("technical", "trained-incidents"), lambda: rehearsal.sign("technical", "trained-incidents"))


def test_a_row_of_every_section_that_blocks(rehearsal):
    host, sql, docker = rehearsal.host, rehearsal.host.postgres.sql, rehearsal.host.docker
    environment = lambda **changes: lambda: host.write_environment(**changes)
    signed = lambda token, check: (lambda: rehearsal.withdraw(token, check), lambda: rehearsal.sign(token, check))
    readme = host.app / "README.md"
    text = readme.read_text()

    def stopped(service):
        return (lambda: docker.run("stop", "-t", "0", f"cleaning-{service}-1"), lambda: docker.run("start", f"cleaning-{service}-1"))

    def restarted_alertmanager():
        host.alertmanager = servers.Alertmanager(host.folder / "alertmanager", host.alertmanager_port)

    for rows, checks, breaking, mending in [
            (["1.1.2", "GO.1"], ["compose-version"], lambda: host.compose("1.29.2"), lambda: host.compose("2.17.2")),
            (["1.2.1", "GO.1"], ["work-tree"], lambda: readme.write_text(text + "changed"), lambda: readme.write_text(text)),
            (["1.3.2"], [], *signed("owner", "ports-seen-from-outside")),
            (["2.1.2", "GO.2"], ["env-postgres-db"], environment(POSTGRES_DB=None), host.write_environment),
            (["2.2.2", "NOGO.3", "GO.6"], ["env-client-secret"], environment(CLIENT_PORTAL_SECRET="dev-client-portal-secret"), host.write_environment),
            (["2.3.1"], ["env-stripe-key"], environment(STRIPE_SECRET_KEY="pk_live_000000000000"), host.write_environment),
            (["2.4.1"], ["env-email-mode"], environment(EMAIL_MODE="pigeon"), host.write_environment),
            (["2.5.1"], ["env-storage-backend"], environment(ORDER_STORAGE_BACKEND="memory"), host.write_environment),
            (["2.6.3"], ["env-strict-cors"], environment(STRICT_CORS="false"), host.write_environment),
            (["2.8.2"], ["env-metrics-token"], environment(METRICS_TOKEN="short"), host.write_environment),
            (["3.1.1"], ["image-api"], lambda: docker.make_image(rehearsal_host.SERVICES["api"], marker="newer"),
             lambda: docker.run("tag", docker.container("cleaning-api-1")["Image"], rehearsal_host.SERVICES["api"])),
            (["3.2.1", "NOGO.4"], ["migrations-deployed"], lambda: host.write_deploy_state(db_revision="0001_first"), host.write_deploy_state),
            (["4.1.1", "4.1.1c", "GO.1"], ["services-running", "service-web", "services-stable", "image-web", "service-web-answers"], *stopped("web")),
            (["4.2.1", "9.1.2"], ["api-liveness"], answers(live=("/healthz", (200, '{"status":"starting"}'))), mended),
            (["4.3.1"], ["web-root"], answers(web=("/", (500, ""))), mended),
            (["4.4.1"], ["https-api"], lambda: host.caddy.stop(), lambda: host.restart_caddy()),
            (["5.2.1"], ["webhook"], answers(webhook=("/v1/payments/stripe/webhook", (503, "{}"))), mended),
            (["5.3.4"], ["dead-letters"], lambda: sql("INSERT INTO outbox_events (status) VALUES ('dead')"), lambda: sql("DELETE FROM outbox_events")),
            (["6.1.1"], ["jobs-container", "services-running", "services-stable"], *stopped("jobs")),
            (["6.1.2", "9.4.1d"], ["jobs-without-failures"], lambda: sql("UPDATE job_heartbeats SET consecutive_failures = 4 WHERE name = 'email-dlq'"), host.beat),
            (["7.1.6", "NOGO.6"], ["backup-endpoint"], answers(backup=("/healthz/backup", (503, "{}"))), mended),
            (["7.2.2"], ["restore-drill"], lambda: host.report_drill("FAILED"), lambda: host.report_drill("PASSED")),
            (["8.1.3", "NOGO.3"], ["passwords-app", "passwords-host"], environment(GRAFANA_ADMIN_PASSWORD="admin"), host.write_environment),
            (["8.2.4"], ["org-isolation"], lambda: sql("ALTER TABLE leads NO FORCE ROW LEVEL SECURITY"), lambda: sql("ALTER TABLE leads FORCE ROW LEVEL SECURITY")),
            (["9.1.1", "NOGO.7"], [], *signed("owner", "uptime-service")),
            (["9.4.1", "NOGO.7"], ["alertmanager"], lambda: host.alertmanager.stop(), restarted_alertmanager),
            (["10.1.1", "POST.2", "RB.4"], ["api-docs"], answers(docs=("/docs", (404, ""))), mended),
            (["GO.8"], ["doc-readme", "work-tree"], lambda: readme.write_text("short"), lambda: readme.write_text(text)),
            (["GO.8"], ["script-rollback", "rollback-script", "work-tree"], lambda: (host.app / "ops" / "rollback.sh").chmod(0o644), lambda: (host.app / "ops" / "rollback.sh").chmod(0o755)),
            (["12.3.1", "GO.8"], [], *signed("lead", "trained-deploying")),
            (["14.1.3"], ["rollback-target"], lambda: host.write_deploy_state(last_good_sha=""), host.write_deploy_state),
            (["SIGN.3"], [], *signed("security", "sign-security-reviewer")),
            (["POST.6"], ["post-alerts"], lambda: setattr(rehearsal_host.Application, "job_runner_up", 0), lambda: setattr(rehearsal_host.Application, "job_runner_up", 1)),
    ]:
        rehearsal.break_row(rows, checks, breaking, mending)


def test_a_row_of_every_section_that_advises(rehearsal):
    host, sql = rehearsal.host, rehearsal.host.postgres.sql
    started = lambda: setattr(host, "redis", host.start_redis())
    crowd = []

    def crowded():
        while len(crowd) < 82:  # of the 100 that the server takes
            crowd.append(psycopg2.connect(host.postgres.url()))

    def dispersed():
        while crowd:
            crowd.pop().close()

    for rows, checks, breaking, mending in [
            (["2.7.3"], ["env-captcha"], lambda: host.write_environment(CAPTCHA_MODE="turnstile"), host.write_environment),
            (["5.3.1"], ["email-sent"], lambda: sql("DELETE FROM email_events"), lambda: sql("INSERT INTO email_events (org_id) VALUES (NULL)")),
            (["5.4.4"], [], lambda: rehearsal.withdraw("security", "photo-link-expires"), lambda: rehearsal.sign("security", "photo-link-expires")),
            (["11.1.5"], ["connections"], crowded, dispersed),
            (["6.2.4"], ["job-email-dlq"], lambda: sql("UPDATE job_heartbeats SET last_success_at = now() - interval '1 hour' WHERE name = 'email-dlq'"), host.beat),
            (["6.3.1"], ["task-cleanup"], lambda: sql("UPDATE admin_audit_logs SET created_at = now() - interval '1 hour' WHERE action LIKE '%/cleanup'"),
             lambda: sql("UPDATE admin_audit_logs SET created_at = now()")),
            (["8.3.3"], ["csp"], lambda: setattr(rehearsal_host.Application, "content_policy", "default-src *"),
             lambda: setattr(rehearsal_host.Application, "content_policy", "default-src 'self'")),
            (["2.7.5", "11.2.2", "8.3.5"], ["redis-ping", "rate-limit"], lambda: host.redis.stop(), started),
            (["10.2.3", "14.2.3"], ["slots"], answers(slots=("/v1/slots", (500, ""))), mended),
            (["13.1.2"], ["retention-jobs"], lambda: sql("UPDATE job_heartbeats SET consecutive_failures = 9 WHERE name = 'audit-retention'"), host.beat),
            (["13.2.1"], ["page-terms"], answers(terms=("/terms", (404, ""))), mended),
            (["9.3.2"], ["access-logs-web"], lambda: (host.app / "logs" / "access_web.log").rename(host.folder / "kept"), lambda: (host.folder / "kept").rename(host.app / "logs" / "access_web.log")),
    ]:
        rehearsal.break_advice(rows, checks, breaking, mending)


def test_the_list_is_covered_and_reported(rehearsal, tmp_path):
    """The rows of the list by their ids (the profile has a check for each), and a report of some of them."""
    counts = {"1.1": 6, "1.2": 6, "1.3": 3, "2.1": 5, "2.2": 6, "2.3": 6, "2.4": 6, "2.5": 5, "2.6": 5, "2.7": 5, "2.8": 4, "3.1": 4, "3.2": 4,
              "4.1": 3, "4.2": 3, "4.3": 4, "4.4": 5, "5.1": 5, "5.2": 5, "5.3": 4, "5.4": 5, "6.1": 4, "6.2": 8, "6.3": 3, "7.1": 6, "7.2": 4,
              "8.1": 4, "8.2": 5, "8.3": 5, "9.1": 4, "9.2": 3, "9.3": 5, "9.4": 1, "10.1": 4, "10.2": 8, "11.1": 5, "11.2": 4, "12.1": 5,
              "12.2": 5, "12.3": 4, "13.1": 4, "13.2": 3, "14.1": 5, "14.2": 5, "GO": 8, "NOGO": 8, "SIGN": 4, "POST": 6, "RB": 6}
    nested = ["2.2.4a", "2.2.4b", "2.3.3a", "2.3.3b", "4.1.1a", "4.1.1b", "4.1.1c", "4.1.1d", "4.2.2a", "4.2.2b", "4.2.2c", "4.4.4a", "4.4.4b",
              "4.4.4c", *(f"9.2.3{letter}" for letter in "abcde"), *(f"9.4.1{letter}" for letter in "abcdefg")]
    rows = [f"{section}.{number}" for section, count in counts.items() for number in range(1, count + 1)] + nested
    assert len(rows) == 261
    items = {check["item"] for check in rehearsal.daemon.snapshot()["checks"]} - {""}
    assert items == set(rows), items ^ set(rows)

    listed = tmp_path / "list.md"
    listed.write_text("### 4.2 API\n\n- [ ] Liveness\n- [ ] Readiness\n  - [ ] Database\n\n## Sign-Off\n\n**Deployment Lead**: ______ Date: ______\n\n"
                      "## NO-GO Criteria\n\n\N{CROSS MARK} **Health**\n")
    coverage = subprocess.run([rig.GONOGO, "config", "coverage", "-c", str(rehearsal.daemon.config), "--list", str(listed)], capture_output=True, text=True)
    assert (coverage.returncode, "5 of 5 rows have a check" in coverage.stdout) == (0, True), coverage
    report = rehearsal.run("deploy", "report", "--list", str(listed)).stdout
    assert "- [x] Liveness" in report and "- [x] Readiness" in report and "**Deployment Lead**: A. Lead Date: 20" in report, report
    assert "not triggered" in report and "**GO** at" in report, report
    listed.write_text(listed.read_text() + "\n### 99.1 Else\n\n- [ ] Nobody checks this\n")
    coverage = subprocess.run([rig.GONOGO, "config", "coverage", "-c", str(rehearsal.daemon.config), "--list", str(listed)], capture_output=True, text=True)
    assert coverage.returncode == 1 and "NO CHECK" in coverage.stdout, coverage
