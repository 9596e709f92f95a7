"""Checklists as people write them: `config import`, `config coverage` and `report`."""

import random as random_numbers
import re
import subprocess

import pytest
import yaml

import rig


def imported(tmp_path, text):
    """The skeleton of a list, which has to load; and what was said beside it."""
    listed, skeleton = tmp_path / "list.md", tmp_path / "skeleton.yaml"
    listed.write_bytes(text.encode())
    done = subprocess.run([rig.GONOGO, "config", "import", str(listed), "-o", str(skeleton)], capture_output=True, text=True)
    assert done.returncode == 0, done
    loaded = subprocess.run([rig.GONOGO, "config", "check", "-c", str(skeleton)], capture_output=True, text=True)
    assert loaded.returncode == 0, (loaded, skeleton.read_text())
    return yaml.safe_load(skeleton.read_text()), done.stderr


def checks_of(skeleton):
    return {id: check for gate in skeleton["gates"].values() for id, check in gate["checks"].items()}


def covered(tmp_path, config, text=None):
    listed = tmp_path / "list.md"
    if text is not None:
        listed.write_bytes(text.encode())
    return subprocess.run([rig.GONOGO, "config", "coverage", "-c", str(config), "--list", str(listed)], capture_output=True, text=True)


GUESSES = [
    ("`/healthz` answers 200", "http", {"url": "${vars.api}/healthz"}),
    ("/readyz returns 200", "http", {"url": "${vars.api}/readyz"}),
    ("`/admin` returns 401", "http", {"url": "${vars.api}/admin", "expect": {"status": 401}}),
    ("Start page reachable: https://example.org/start", "signoff", None),
    ("Liveness: `curl https://api.example.org/healthz` returns 200", "http", {"url": "https://api.example.org/healthz"}),
    ("backup is less than 26 h old", "marker", {"path": "${vars.backup_marker}", "max_age": "26h"}),
    ("The last backup is at most 2 days old", "marker", {"path": "${vars.backup_marker}", "max_age": "2d"}),
    ("Backups in `/srv/backups/` younger than 26 hours", "file", {"glob": "/srv/backups/*", "max_age": "26h"}),
    ("Backup no older than 1 week", "marker", {"path": "${vars.backup_marker}", "max_age": "7d"}),
    ("Backup is scheduled in cron", "cron", {"command": "(?i)Backup"}),
    ("Daily cron job `backup.sh`", "cron", {"command": "backup\\.sh", "at_least_every": "25h"}),
    ("`/opt/app/cleanup.sh` scheduled via cron every 10 minutes", "cron", {"command": "/opt/app/cleanup\\.sh", "at_least_every": "10m"}),
    ("certificate valid", "tls", {"address": "${vars.host}:443", "min_left": "7d", "warn_left": "21d"}),
    ("Certificate does not expire soon", "tls", {"address": "${vars.host}:443", "min_left": "7d", "warn_left": "21d"}),
    ("A valid TLS certificate", "tls", {"address": "${vars.host}:443", "min_left": "7d", "warn_left": "21d"}),
    ("disk", "disk", {"path": "/", "min_free_percent": 10}),
    ("Disk is not full", "disk", {"path": "/", "min_free_percent": 10}),
    ("Disk has 20 GB free", "disk", {"path": "/", "min_free": "20GiB"}),
    ("15 % free on the disk of `/var/lib/data`", "disk", {"path": "/var/lib/data", "min_free_percent": 15}),
    ("Disk usage below 80%", "disk", {"path": "/", "min_free_percent": 20}),
    ("port 443 open", "tcp", {"address": "${vars.host}:443"}),
    ("Port 5432 is not reachable from the internet", "tcp", {"address": "${vars.host}:5432", "refused": True}),
    ("Ports 80 and 443 are open", "tcp", {"address": "${vars.host}:${each}"}),
    ("Clock is synchronised", "clock", {}),
    ("`worker.service` is running", "systemd", {"unit": "worker.service"}),
    ("`APP_MODE=live` set", "dotenv", {"path": "${vars.env}", "keys": {"APP_MODE": {"one_of": ["live"]}}}),
    ("disk is 80% full at most", "disk", {"path": "/", "min_free_percent": 20}),
    ("at least 20 % of the disk is free", "disk", {"path": "/", "min_free_percent": 20}),
    ("disk free 15%", "disk", {"path": "/", "min_free_percent": 15}),
    ("disk below 80%", "disk", {"path": "/", "min_free_percent": 20}),
    ("15% free disk space on /var/lib", "disk", {"path": "/var/lib", "min_free_percent": 15}),
    ("certificate valid for 30 days", "tls", {"address": "${vars.host}:443", "min_left": "30d"}),
    ("The certificate does not expire within 2 weeks", "tls", {"address": "${vars.host}:443", "min_left": "14d"}),
    ("certificate is not expired", "tls", {"address": "${vars.host}:443", "min_left": "7d", "warn_left": "21d"}),
    ("https://x.example.org/a returns 404", "http", {"url": "https://x.example.org/a", "expect": {"status": 404}}),
    ("GET /old returns 410", "http", {"url": "${vars.api}/old", "expect": {"status": 410}}),
    ("`/admin` returns 401 without a token", "http", {"url": "${vars.api}/admin", "expect": {"status": 401}}),
    ("port 5432 is not open", "tcp", {"address": "${vars.host}:5432", "refused": True}),
    ("backup is not older than 1 day", "marker", {"path": "${vars.backup_marker}", "max_age": "1d"}),
    # What asks for the contrary of its words, or for something else than a kind can say.
    *((words, "signoff", None) for words in (
        "`SECRET_KEY=hunter2secret` not used", "`API_KEY=` is not set", "no backup in cron", "old job removed from cron", "nginx.service is not running",
        "old.timer disabled", "No directory /tmp/x exists", "old certificate not valid any more", "`/healthz` does not answer 200 from outside",
        "/metrics is not reachable from the internet", "GET /users returns 200 but not 500", "/a answers 200 or 302", "port 22 is closed except for VPN",
        "port 5432 is no longer reachable", "domain does not resolve", "clock isn\u2019t synchronised", "the disk is at most 20 % free", "disk is at least 80 % full",
        "disk usage < 0%", "disk usage < 100%", "disk 80%", "disk latency below 5 ms", "disk has at most 20 GB used", "backups are kept for less than 30 days",
        "certificate expires in less than 30 days", "`FOO_BAR` is unset", "the certificate is revoked", "old `a.service` stopped")),
    # What nobody can guess is signed off.
    ("Support was told", "signoff", None),
    ("An alert is sent when the disk is full", "signoff", None),
    ("Restore from a backup was tested", "signoff", None),
    ("Disks are encrypted", "signoff", None),
    ("Cookie banner shown", "signoff", None),
]


def test_kinds_are_guessed_from_plain_words(tmp_path):
    skeleton, _ = imported(tmp_path, "## 4 API\n" + "".join(f"- [ ] {words}\n" for words, _, _ in GUESSES))
    checks = list(checks_of(skeleton).values())
    assert len(checks) == len(GUESSES)
    wrong = []
    for (words, kind, options), check in zip(GUESSES, checks):
        got = next(key for key in check if key not in ("title", "item", "each"))
        if got != kind or (options is not None and check[got] != options):
            wrong.append((words, got, check[got]))
    assert not wrong, wrong
    each = next(check for check in checks if "each" in check)
    assert each["each"] == [80, 443] and each["tcp"]["address"].endswith(":${each}"), each


def test_what_a_row_says_is_no_configuration(tmp_path):
    """Quotes, references, YAML and control bytes in every place that a guess takes words from."""
    skeleton, _ = imported(tmp_path, "\n".join([
        "## 4 \"A\": ${vars.nope} & *x #y",
        "- [ ] https://x.example/${secrets.a}/\\b{} returns 200",
        "- [ ] `/a${vars.b}:{c}` answers 200",
        "- [ ] `/a?b=$c:d'e` answers 200",
        "- [ ] https://user:pass@x.example/ returns 200",
        "- [ ] disk 0.5 GB, 999999999 GB",
        "- [ ] backup at most 99999 days old",
        "- [ ] cron runs `x\"; ${vars.c} [d]`",
        "- [ ] `A_B=${C}\"d` set",
        "- [ ] 'x': {y: z} # no comment",
        "- [ ] \x1b[31mred\x07",
        "| Check | Done |", "|---|---|", "| \"a\": ${b} \\| c | [ ] |", ""]))
    checks = checks_of(skeleton)
    assert len(checks) == 11, checks
    assert "$${secrets.a}" in str(checks) and "$${vars.b}" in str(checks) and "\x1b" not in str(checks), checks


def test_any_list_makes_a_configuration_that_loads(tmp_path):
    random = random_numbers.Random(12)
    words = ["`/healthz`", "answers", "200", "401", "backup", "is", "less than", "26 h", "0", "99999", "days", "old", "cron", "`x.sh`", "daily", "every 5 min",
             "port", "443", "70000", "0,", "and 80", "open", "closed", "certificate", "valid", "disk", "20 GB", "1.5 GB", "100 %", "5%", "free", "below", "RAM",
             "`A_B=c`", "${x}", "\"", "'", "{", "}", "[", ":", "#", "https://a.example/b", "https://[", "returns", "GET", "/x", "marker", "directory", "file exists",
             "/srv/a b", "db service:", "`db` service:", "a.timer", "b.service", "running", "domain", "resolves", "\u0416", "\U0001F680", "\x07", "4.1", "&", "*", "- "]
    rows = [" ".join(random.choice(words) for _ in range(random.randint(1, 7))) for _ in range(1500)]
    skeleton, _ = imported(tmp_path, "".join(f"## {row}\n" if n % 40 == 0 else f"- [ ] x {row}\n" for n, row in enumerate(rows)))
    assert len(checks_of(skeleton)) > 1000


def test_ids_are_short_and_stay_when_rows_move(tmp_path):
    before, _ = imported(tmp_path, "## 4 API\n- [ ] The queue is short\n- [ ] Disk\n\n## 5 Web\n- [ ] Disk\n- [ ] `A_LONG_VARIABLE_NAME` and `ANOTHER_LONG_VARIABLE_NAME` are set\n")
    after, _ = imported(tmp_path, "## 3 New\n- [ ] Support was told\n\n## 4 API\n- [ ] Cache warm\n- [ ] The queue is short\n- [ ] Disk\n\n## 5 Web\n- [ ] Disk\n- [ ] `A_LONG_VARIABLE_NAME` and `ANOTHER_LONG_VARIABLE_NAME` are set\n")
    assert set(checks_of(before)) <= set(checks_of(after)), (before, after)
    assert list(before["gates"]) == ["api", "web"], before
    disks = [id for id in checks_of(before) if id.startswith("disk-")]
    assert len(disks) == 2 and "disk-2" not in disks, disks
    assert list(checks_of(before))[:3] == ["queue-short", *disks], before
    assert all(len(id) <= 34 for id in checks_of(after)), after


@pytest.mark.parametrize("text", [
    "- [ ] one\n- [ ] two\n",
    "\ufeff## 4 API\n- [ ] one\n- [ ] two\n",
    "## \N{ROCKET}\n- [ ] one\n\n## \N{WHITE HEAVY CHECK MARK}\n- [ ] two\n",
    "## \u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0438\n- [ ] \u041e\u0447\u0435\u0440\u0435\u0434\u044c\n- [ ] \u0414\u0438\u0441\u043a\n",
    "## \u4e0a\u7ebf\n- [ ] \u961f\u5217\n- [ ] \u78c1\u76d8\n",
    "---\ntitle: List\n- [ ] none\n---\n# Gonogo\n- [ ] prober\n- [ ] release\n",
    "## Sign-Off\n- \u0418\u043c\u044f: ____\n- Lead: ____\n",
    "## \u00dcberblick\n- [ ] Pr\u00fcfung l\u00e4uft\n- [ ] \u00dcbung\n",
], ids=["no_heading", "byte_order_mark", "pictures", "cyrillic", "chinese", "front_matter_and_taken_names", "names", "umlauts"])
def test_every_list_can_be_imported_and_is_covered(tmp_path, text):
    skeleton, said = imported(tmp_path, text)
    assert len(checks_of(skeleton)) == 2 and "2 rows:" in said, (skeleton, said)
    done = covered(tmp_path, tmp_path / "skeleton.yaml")
    assert done.returncode == 0 and "2 of 2 rows have a check" in done.stdout, done


def test_rows_that_a_title_shows_in_another_way_are_covered(tmp_path):
    text = "".join(f"- [ ] {'word ' * 90}end {end}\n" for end in ("one", "two")) + "- [ ] a \x1b[31mred\x07 b\n- [ ] it's \u00e9 \u200b zero\n"
    skeleton, _ = imported(tmp_path, text)
    assert len(checks_of(skeleton)) == 4, skeleton
    done = covered(tmp_path, tmp_path / "skeleton.yaml", "- [ ] first\n" + text)
    assert done.returncode == 1 and "4 of 5 rows have a check" in done.stdout, done


def test_fields_of_the_form_are_no_checks(tmp_path):
    skeleton, _ = imported(tmp_path, "## Sign-Off\n**Deployment Lead**: ____ Date: ____\n\n**Version**: ____\n\n**Decision Date**: ____\n\n"
                                     "**Date of decision**: ____\n\n- [ ] GO\n- [ ] NO-GO: do not ship\n")
    assert list(checks_of(skeleton)) == ["deployment-lead"], skeleton


def test_coverage_goes_by_the_numbers_that_are_written(tmp_path):
    config = tmp_path / "gonogo.yaml"
    config.write_text("gates:\n  g:\n    checks:\n" + "".join(
        f"      c{n}: {{item: \"4.{n}\", signoff: {{role: owner, valid_for: 1d}}}}\n" for n in (1, 2, 4)))
    done = covered(tmp_path, config, "## 4 API\n- [ ] 4.1 Up\n- [ ] **4.2** Fast\n- [ ] 4.4: Short queue\n- [ ] 4.5 Late jobs\n")
    assert done.returncode == 1 and "3 of 4 rows have a check" in done.stdout, done
    assert re.search(r"^4\.5\tLate jobs\tNO CHECK$", done.stdout, re.M), done
    done = covered(tmp_path, config, "## 4 API\n- [ ] 4.1 Up\n- [ ] 4.2 Fast\n- [ ] 4.2 Slow\n")
    assert done.returncode == 1 and "another row has the number 4.2" in done.stdout, done


def test_coverage_is_not_complete_while_a_line_is_not_read(tmp_path):
    config = tmp_path / "gonogo.yaml"
    config.write_text("gates:\n  g:\n    checks:\n" + "".join(
        f"      c{n}: {{title: Up and short, item: \"4.{n}\", signoff: {{role: owner, valid_for: 1d}}}}\n" for n in (1, 2)))
    good = "## 4 API\n- [ ] Up\n| Check | Owner | Done |\n|---|---|---|\n| Queue is short | Ada | [ ] |\n\n<!-- - [ ] later -->\n"
    done = covered(tmp_path, config, good)
    assert done.returncode == 0 and "2 of 2 rows have a check" in done.stdout, done
    for line in ("- [] Disk", "| Queue | Bo | [ ] |", "[ ] Disk", "<div>\n- [ ] Disk\n</div>", "<!-- no end"):
        done = covered(tmp_path, config, good + "\n" + line + "\n")
        assert done.returncode == 1 and "1 line was not read" in done.stdout and "NOT READ" in done.stdout, (line, done)
        assert re.search(r"list\.md:\d+: ", done.stdout), done
    done = covered(tmp_path, config, "## 4 API\n- [] Disk\n")
    assert done.returncode == 1 and "list.md:2" in done.stdout, done


def test_coverage_needs_nothing_of_the_deploy_host(tmp_path):
    """The same answer on a laptop: no secret, token, certificate, key or file of the configuration is there."""
    config = tmp_path / "gonogo.yaml"
    config.write_text("""\
server:
  web_config: /nowhere/web.yml
  external_url: "https://${secrets.name}.example.org"
  tokens:
    ci: {file: /nowhere/ci.token, may: [read]}
secrets:
  database: {dotenv: /nowhere/.env, key: DATABASE_URL}
  name: {env: GONOGO_TEST_NOT_SET}
  other: {file: /nowhere/secret}
  passed: {credential: nothing}
gates:
  g:
    title: "Gate of ${secrets.name}"
    checks:
      a: {item: "4.1", postgres: {database: "${secrets.database}", migrations: {folder: /nowhere/versions}}}
      b: {item: "4.2", http: {url: "https://example.org/", bearer: "${secrets.other}", ca: /nowhere/ca.pem, client_certificate: /nowhere/c.pem}}
      c: {item: "4.3", tls: {file: /nowhere/fullchain.pem}}
      d: {item: "4.4", title: "${secrets.passed}", dotenv: {path: /nowhere/.env, keys: {A: {}}}, when: {dotenv: /nowhere/.env, key: B, is: c}}
      e: {item: "4.5", command: {argv: [/nowhere/program]}, interval: on_demand, stale_after: 1h}
release: {file: /nowhere/release}
report: {list: /nowhere/list.md}
""")
    text = "## 4 API\n" + "".join(f"- [ ] 4.{n} row\n" for n in range(1, 6))
    done = covered(tmp_path, config, text)
    assert done.returncode == 0 and "5 of 5 rows have a check, 5 of them by a probe" in done.stdout, done
    # What is wrong in the configuration itself still is.
    config.write_text(config.read_text().replace("secrets.other", "secrets.nope"))
    done = covered(tmp_path, config)
    assert done.returncode == 78 and "secrets.nope" in done.stderr, done


def test_a_report_fills_in_what_is_written(make, tmp_path):
    marker = tmp_path / "there"
    marker.write_text("x")
    daemon = make(f"""\
gates:
  g:
    checks:
      up: {{item: "4.1", interval: 1s, file: {{path: {marker}}}}}
      gone: {{item: "4.5", interval: 1s, severity: advisory, file: {{path: {tmp_path}/gone}}}}
""")
    daemon.wait_for("GO")
    listed = tmp_path / "list.md"
    listed.write_text("## 4 API\n\n| # | Check | Done |\n|---|---|---|\n| 4.1 | Up | [ ] |\n| 4.5 | Gone | [x] |\n\n- [x] Outer\n  - [x] Inner\n\n"
                      "## Decision\n- [ ] GO\n- [x] NO-GO: do not ship\n")
    done = daemon.run("report", "--list", str(listed))
    assert done.returncode == 0, done
    assert re.search(r"^\| 4\.1 \| Up .*pass up.* \| \[x\] \|$", done.stdout, re.M), done.stdout
    assert re.search(r"^\| 4\.5 \| Gone .* gone .* \| \[ \] \|$", done.stdout, re.M), done.stdout
    assert "- [ ] Outer" in done.stdout and "  - [ ] Inner" in done.stdout, done.stdout
    assert "- [x] GO\n- [ ] NO-GO: do not ship\n" in done.stdout, done.stdout
    listed.write_bytes("# GO criteria\r".encode() + "\u2705 a\r".encode() * 2000)
    done = daemon.run("report", "--list", str(listed))
    assert done.returncode == 0 and done.stdout.count("has no check") == 2000, done


def test_a_row_that_is_put_between_others_is_ticked_by_no_check_of_theirs(make, tmp_path):
    """The signatures of an imported list stay with their rows, also after the list was changed and imported again."""
    (tmp_path / "lead.token").write_text("x" * 40)
    (tmp_path / "lead.token").chmod(0o600)
    before = "## Checks\n- [ ] Send test email to customer A\n- [ ] Send test email to customer B\n"
    skeleton = lambda text: yaml.safe_dump(imported(tmp_path, text)[0])
    first = checks_of(imported(tmp_path, before)[0])
    daemon = make(f"server: {{tokens: {{lead: {{file: {tmp_path}/lead.token, may: [read, sign, run, reload], roles: [owner], name: Lead}}}}}}\n" + skeleton(before))
    run = lambda *words: daemon.run(*words, "--token-file", str(tmp_path / "lead.token"))
    for id in first:
        assert run("sign", id).returncode == 0
    listed = tmp_path / "list.md"
    for text in (before.replace("\n", "\n- [ ] Money is safe\n", 1), before.replace("A\n", "A\n- [ ] Send test email to customer C\n")):
        listed.write_text(text)
        report = run("report", "--list", str(listed)).stdout
        assert report.count("- [x]") == 2 and "- [ ] Money" in report or "- [ ] Send test email to customer C" in report, report
        again = checks_of(imported(tmp_path, text)[0])
        assert set(first) < set(again) and {id: again[id]["title"] for id in first} == {id: first[id]["title"] for id in first}, (first, again)
        done = covered(tmp_path, daemon.config, text)
        assert done.returncode == 1 and "2 of 3 rows have a check" in done.stdout and len(re.findall("NO CHECK", done.stdout)) == 1, done
        assert f"NO CHECK: the title of {list(first)[0 if 'Money' in text else 1]} is about something else" in done.stdout, done
