"""Sign-offs, waivers, releases and their history through the command line and the listener, and what survives."""

import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import threading

import pytest
import rig
from desk import CONFIG, Desk


def test_two_people_and_a_release_make_it_go(desk):
    desk.wait_for("NO-GO")
    assert desk.run_as("lead", "sign", "lead").returncode == 1, "no release is announced"
    desk.all_signed()
    verdict = desk.wait_for("GO")
    assert verdict["release"] == "v1"
    again = desk.run_as("lead", "sign", "lead", "--note", "seen again").stdout
    head = again.splitlines()[-1].removeprefix("audit: ")
    assert "by: A. Lead" in again and "note: seen again" in again and desk.run("audit", "verify", "--head", head).returncode == 0, again
    assert desk.run("audit", "verify", "--head", head[:-1]).returncode == 1
    given = desk.get("/api/v1/signoffs", headers={"Authorization": "Bearer reader-token-0123456789"}).json()["signoffs"]
    assert [sorted(one["by"] for one in entry["given"]) for entry in given] == [["A. Lead"], ["A. Lead", "B. Lead"]]
    assert desk.metric('gonogo_signoff_expiry_timestamp_seconds{check="lead",role="lead"}') > 1.7e9

    assert desk.run_as("other", "sign", "two", "--withdraw").returncode == 0
    assert desk.wait_for("NO-GO")["blockers"][0]["reason"] == "unsigned"
    assert desk.run_as("other", "sign", "two").returncode == 0
    desk.wait_for("GO")
    assert desk.run_as("ci", "deploy", "announce", "v2").returncode == 0
    assert [blocker["check"] for blocker in desk.wait_for("NO-GO")["blockers"]] == ["lead"], "bound to the release"
    desk.stop()
    desk.start()
    assert desk.run_as("lead", "sign", "lead").returncode == 0
    desk.wait_for("GO")


@pytest.mark.parametrize("token,path,body,status", [
    (None, "/api/v1/checks/lead/signoff", {}, 401), ("reader", "/api/v1/checks/lead/signoff", {}, 403),
    ("ci", "/api/v1/checks/lead/waiver", {"why": "x", "for": "1h"}, 403), ("lead", "/api/v1/deployments", {"version": "v"}, 403),
    ("lead", "/api/v1/release", {"release": "v"}, 403),
    ("lead", "/api/v1/checks/nobody/signoff", {}, 404), ("lead", "/api/v1/checks/marker/signoff", {}, 409),
    ("lead", "/api/v1/checks/two/signoff", {"who": "Somebody Else"}, 400), ("lead", "/api/v1/checks/two/signoff", b"[1]", 400),
    ("lead", "/api/v1/checks/two/signoff", b"{", 400), ("lead", "/api/v1/checks/two/signoff", b"[" * 5000, 400),
    ("lead", "/api/v1/checks/two/signoff", {"note": 7}, 400), ("lead", "/api/v1/checks/two/signoff", {"note": "x" * 3000}, 400),
    ("lead", "/api/v1/checks/two/signoff", b"x" * 70000, 413), ("lead", "/api/v1/checks/fixed/waiver", {"why": "x", "for": "1h"}, 409),
    ("lead", "/api/v1/checks/marker/waiver", {"why": "x", "for": "8d"}, 409), ("lead", "/api/v1/checks/marker/waiver", {"for": "1h"}, 400),
    ("lead", "/api/v1/checks/marker/waiver", {"why": "x", "for": "soon"}, 400),
    ("lead", "/api/v1/checks/marker/waiver", {"why": "x", "until": "2020-01-01T00:00:00Z"}, 400),
    ("lead", "/api/v1/checks/marker/waiver", {"why": "x", "for": "1h", "this_release": True}, 409),
    ("ci", "/api/v1/release", {"release": ""}, 400), ("ci", "/api/v1/release", {"release": "a\nb"}, 400), ("ci", "/api/v1/release", {"release": "x" * 300}, 400),
    ("ci", "/api/v1/deployments", {"version": "v1", "force": True}, 400), ("ci", "/api/v1/deployments", {"version": "v1"}, 409),
    ("ci", "/api/v1/deployments", {"version": "v1", "force": True, "reason": "x", "watch": "1s"}, 400),
    ("ci", "/api/v1/audit", {}, 405), ("ci", "/api/v1/signoffs", {}, 405)])
def test_what_is_refused(desk, token, path, body, status):
    answer = desk.post(path, body, token)
    assert answer.status == status, answer.text
    assert desk.post("/api/v1/checks/two/signoff", b"note=x", kind="application/x-www-form-urlencoded").status == 400, "no form of another page"
    written = lambda: [entry["what"] for entry in desk.get("/api/v1/audit").json()["entries"]]
    rig.wait_until(written, "the audit knows the configuration")
    assert written() == ["configuration"]


def test_a_waiver_is_seen_by_everybody_and_ends(desk):
    desk.all_signed()
    desk.wait_for("GO")
    desk.marker.unlink()
    desk.wait_for_check("marker", "fail", "missing")
    explained = desk.run("verdict", "--explain")
    assert explained.returncode == 1
    for words in ("host/marker [7.1.5]", "because: ", "clears when: its next run passes", "at the earliest: 20", "owner: ops", "runbook: https://wiki"):
        assert words in explained.stdout, explained.stdout
    waived = desk.run_as("lead", "waive", "marker", "--why", "known, <b>fixed</b> tomorrow", "--for", "2h", "--this-release")
    assert waived.returncode == 0, waived
    desk.wait_for_check("fixed", "fail")
    assert desk.verdict()["verdict"] == "NO-GO", "the other may not be waived"
    desk.mark()
    desk.wait_for("GO")
    desk.marker.write_text("2020-01-01T00:00:00Z\n")
    verdict = desk.wait_for_check("marker", "fail") and desk.wait_for("GO")
    assert verdict["summary"].endswith("with 1 waiver") and verdict["waivers"][0]["by"] == "A. Lead", verdict
    assert "waiver: marker by A. Lead until" in desk.get("/verdict?format=text").text
    assert desk.metric('gonogo_waiver_expiry_timestamp_seconds{check="marker"}') > 1.7e9
    assert "waived by A. Lead" in desk.get("/").text and desk.metric("gonogo_waivers_active") == 1
    desk.stop()
    desk.start()
    assert desk.wait_for("GO")["waivers"], "it survives a restart"
    assert desk.run_as("lead", "waive", "marker", "--end").returncode == 0
    desk.wait_for("NO-GO")


def test_history_says_what_changed_since_the_last_go(desk):
    desk.all_signed()
    desk.wait_for("GO")
    desk.marker.write_text("2020-01-01T00:00:00Z\n")
    desk.wait_for("NO-GO")
    rig.wait_until(lambda: "host/marker fail" in desk.run("history").stdout, "the turn is written")
    history = desk.run("history", "--since", "go").stdout
    assert "verdict NO-GO" in history and "marker pass -> fail (stale_data)" in history, history
    assert "pending -> pass" not in history and "verdict GO" not in history
    assert "pending -> pass" in desk.run("history", "marker", "--since", "1h").stdout
    assert desk.run("history", "--since", "yesterday").returncode == 64
    assert desk.get("/api/v1/checks/marker").json()["state"] == "fail"
    assert desk.get("/api/v1/checks/marker/history").json()["transitions"][-1]["to"] == "fail"


def test_the_release_is_read_from_where_it_stands(tmp_path):
    release = tmp_path / "VERSION"
    release.write_text("v1\n")
    config = CONFIG + f"release: {{file: {release}, interval: 1s}}\n"
    config = config.replace("  people:", f"  running:\n    checks:\n      version: {{version: {{file: {tmp_path}/RUNNING}}}}\n  people:")
    (tmp_path / "RUNNING").write_text("v0")
    desk = Desk(tmp_path / "d", config)
    try:
        rig.wait_until(lambda: desk.verdict()["release"] == "v1", "the release is read")
        seen = desk.wait_for_check("version", "fail", "content")
        assert seen["summary"] == "runs v0, wanted v1"
        (tmp_path / "RUNNING").write_text("v1")
        desk.wait_for_check("version", "pass")
        assert desk.run_as("ci", "deploy", "announce", "v9").returncode == 1, "nobody announces what is read"
        for token, check in (("lead", "lead"), ("lead", "two"), ("other", "two")):
            assert desk.run_as(token, "sign", check).returncode == 0
        desk.wait_for("GO")
        assert "the release is" in desk.run_as("ci", "deploy", "start", "v9").stderr
        release.write_text("v2\n")
        rig.wait_until(lambda: {"lead", "version"} <= {blocker["check"] for blocker in desk.verdict()["blockers"]}, "what was for v1 has lapsed")
        release.unlink()
        desk.wait_for_check("release", "fail", "missing")
    finally:
        desk.stop()


def test_users_of_web_config_sign_by_their_names(tmp_path):
    import crypt
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "web.yml").write_text(f"basic_auth_users: {{ada: '{crypt.crypt('ada-password-1', crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))}'}}\n")
    desk = Desk(folder, CONFIG.replace("server:\n", "server:\n  web_config: web.yml\n  users: {ada: {name: Ada L., may: [sign], roles: [lead]}}\n"))
    try:
        import base64
        ada = {"Authorization": "Basic " + base64.b64encode(b"ada:ada-password-1").decode()}
        forged = desk.get("/api/v1/checks/two/signoff", method="POST", headers=ada)
        assert forged.status == 400, "what a page of another origin can send in her name"
        ada["Content-Type"] = "application/json"
        answer = desk.get("/api/v1/checks/two/signoff", method="POST", headers=ada)
        assert answer.status == 201 and answer.json()["by"] == "Ada L.", answer.text
        assert desk.get("/api/v1/checks/marker/waiver", method="POST", headers=ada).status == 403
    finally:
        desk.stop()


def test_a_decision_that_cannot_be_written_is_refused_and_has_no_effect(tmp_path):
    if os.getuid() != 0:
        pytest.skip("a full file system of one's own wants root")
    store = tmp_path / "store"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(store)], check=True)
    desk = Desk(tmp_path / "d", start=False)
    try:
        desk.store = store / "gonogo.db"
        desk.start()
        rig.wait_until(lambda: (store / "gonogo.db.key").exists(), "the store is open")
        ballast = os.open(store / "ballast", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(ballast, b"x" * 4096):
                pass
        except OSError:
            os.close(ballast)
        seen = []
        for _ in range(60):
            answer = desk.post("/api/v1/checks/two/signoff", {"note": "x" * 1900})
            seen.append(answer.status)
            if answer.status != 201:
                break
        assert seen[-1] == 503 and "could not be written down" in answer.text, (seen, answer.text)
        (store / "ballast").unlink()
        rig.wait_until(lambda: desk.post("/api/v1/checks/two/signoff", {}).status == 201, "there is room again")
        assert desk.run("audit", "verify").returncode == 0
    finally:
        desk.stop()
        subprocess.run(["umount", str(store)], check=True)


def test_what_was_answered_survives_kill_9_at_any_moment(tmp_path):
    wanted, seed = 1000, random.Random(4)
    checks = "".join(f"      c{i}: {{signoff: {{role: lead}}}}\n" for i in range(20))
    desk = Desk(tmp_path / "d", CONFIG + "  many:\n    checks:\n" + checks)
    answered = {}
    sequence = iter(range(10_000_000))

    def decide(killed, goal):
        while not killed.is_set():
            number = next(sequence)
            kind, body = seed.choice([("signoff", {"note": f"note {number}"}), ("waiver", {"why": f"why {number}", "for": "1h"})])
            try:
                answer = desk.post(f"/api/v1/checks/c{number % 20}/{kind}", body)
            except (OSError, http.client.HTTPException):
                continue  # not answered: it may be there or not
            assert answer.status == 201, answer.text
            entry = answer.json()
            answered[entry["audit"]["seq"]] = (entry["audit"]["hash"], body)
            # At a random moment of the others' work: after so many answers.
            if len(answered) >= goal:
                desk.process.send(signal.SIGKILL)
                killed.set()

    kills = 0
    while len(answered) < wanted:
        killed = threading.Event()
        goal = len(answered) + seed.randrange(1, 60)
        callers = [threading.Thread(target=decide, args=(killed, goal)) for _ in range(3)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        desk.process.stop()
        kills += 1
        offline = subprocess.run([rig.GONOGO, "audit", "verify", "--store", str(desk.store)], capture_output=True, text=True)
        assert offline.returncode == 0, offline
        desk.start()
    entries = {}
    while True:
        page = desk.get(f"/api/v1/audit?after={max(entries, default=0)}&limit=1000").json()["entries"]
        if not page:
            break
        entries.update({entry["seq"]: entry for entry in page})
    for number, (digest, body) in answered.items():
        entry = json.loads(entries[number]["body"])
        assert entries[number]["hash"] == digest and (body.get("note") == entry.get("note") if "note" in body else body["why"] == entry["why"])
    newest = max(answered)
    verified = desk.run("audit", "verify", "--head", f"{newest}:{answered[newest][0]}")
    assert verified.returncode == 0 and kills >= 20, (verified, kills)
    # No half-written row: every stored decision is one of the audit's, and the other way round.
    desk.stop()
    database = sqlite3.connect(desk.folder / "gonogo.db")
    orphans = database.execute("SELECT count(*) FROM (SELECT seq FROM signoff UNION SELECT seq FROM waiver) d LEFT JOIN audit a ON a.seq = d.seq WHERE a.seq IS NULL").fetchone()
    waivers = database.execute("SELECT (SELECT count(*) FROM waiver), (SELECT count(*) FROM audit WHERE what = 'waiver')").fetchone()
    assert orphans == (0,) and waivers[0] == waivers[1]


def test_a_report_of_a_list_of_ones_own(tmp_path):
    listed = tmp_path / "list.md"
    listed.write_text("## 7.1 Backups\n\n- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] The marker\n")
    desk = Desk(tmp_path / "d", CONFIG + f"report: {{list: {listed}}}\n")
    try:
        desk.wait_for_check("marker", "pass")
        report = desk.get("/report.md").text
        assert "- [x] The marker" in report and "- [ ] a" in report and "**NO-GO** at" in report, report
        page = desk.get("/report.md?format=html")
        assert page.headers["Content-Type"].startswith("text/html") and "checked" in page.text
        assert desk.get("/api/v1/report").status == 405
        written = tmp_path / "out.html"
        assert desk.run("report", "--list", str(listed), "--html", "-o", str(written)).returncode == 0
        assert "<!doctype html>" in written.read_text()
    finally:
        desk.stop()


def test_a_skeleton_has_every_row_of_a_list(tmp_path):
    listed = tmp_path / "list.md"
    listed.write_text("""# Go or not

## 1. Settings
- [ ] `APP_ENV=prod` set
- [ ] `API_TOKEN` configured (`32+` chars)
### 1.1 "Odd: names" & ${things}
- [ ] Liveness: `curl https://api.example.org/healthz` returns 200
- [ ] At least 20GB disk space: 20 GB
- [ ] Somebody saw: "at" ${this} \\ #and that
  - [ ] and inside
## Sign-Off
**Team Lead**: ____
""")
    skeleton_path = tmp_path / "skeleton.yaml"
    skeleton = subprocess.run([rig.GONOGO, "config", "import", str(listed), "-o", str(skeleton_path)], capture_output=True, text=True)
    assert skeleton.returncode == 0 and "7 rows: 1 disk 2 dotenv 1 http 3 signoff" in skeleton.stderr, skeleton
    assert subprocess.run([rig.GONOGO, "config", "check", "-c", str(skeleton_path)], capture_output=True, text=True).returncode == 0
    text = skeleton_path.read_text()
    for words in ('APP_ENV: {one_of: ["prod"]}', 'http: {url: "https://api.example.org/healthz"}', "role: team-lead", 'item: "1.1.3a"'):
        assert words in text, text
    covered = subprocess.run([rig.GONOGO, "config", "coverage", "-c", str(skeleton_path), "--list", str(listed)], capture_output=True, text=True)
    assert covered.returncode == 0 and "7 of 7 rows have a check, 4 of them" in covered.stdout, covered
    (tmp_path / "none.md").write_text("# Nothing to tick\n")
    for verb in (("import", str(tmp_path / "none.md")), ("coverage", "-c", str(skeleton_path), "--list", str(tmp_path / "none.md"))):
        empty = subprocess.run([rig.GONOGO, "config", *verb], capture_output=True, text=True)
        assert empty.returncode == 64 and "holds no checklist" in empty.stderr, empty
