"""The audit and the store it is in: what is found when somebody changes them, and who may read them when."""

import os
import shutil
import sqlite3
import subprocess
import threading

import pytest
import rig


def test_a_withdrawn_decision_put_back_beside_the_audit_does_not_count(desk):
    desk.all_signed()
    desk.wait_for("GO")
    assert desk.run_as("other", "sign", "two", "--withdraw").returncode == 0
    desk.wait_for("NO-GO")
    desk.stop()
    database = sqlite3.connect(desk.store)
    database.execute("""INSERT INTO signoff SELECT seq, body->>'check', body->>'role', body->>'note', body->>'release' FROM audit
                        WHERE what = 'signoff' AND who = 'B. Lead'""")
    database.commit()
    database.close()
    offline = desk.run("audit", "verify", "--store", str(desk.store))
    assert offline.returncode == 1 and "not in force by the audit: signoff" in offline.stderr, offline
    desk.start()
    desk.wait_for_check("marker", "pass")
    assert [blocker["check"] for blocker in desk.wait_for("NO-GO")["blockers"]] == ["two"]
    assert "was changed beside its audit" in desk.process.text()
    desk.wait_for_check("prober", "warn", "prober")
    asked = desk.run("audit", "verify")
    assert asked.returncode == 1 and "not in force by the audit: signoff" in asked.stderr, asked
    desk.stop()
    desk.start()
    again = desk.run("audit", "verify")
    assert again.returncode == 0 and "were put right" in again.stdout, again
    assert desk.check("two")["state"] == "pending"


def test_the_store_is_read_beside_the_daemon_that_writes_it(desk, tmp_path):
    """1200 decisions are written while the store is read as often as it can be; every few hundred, SQLite begins its log anew."""
    desk.all_signed()
    desk.wait_for("GO")
    copies = tmp_path / "copies"
    copies.mkdir()
    desk.env["TMPDIR"] = str(copies)
    failed = []

    def write():
        for number in range(400):
            answer = desk.post("/api/v1/checks/two/signoff", {"note": f"{number} " + "x" * 1900})
            if answer.status != 201:
                failed.append(answer.text)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    heads = []
    while any(writer.is_alive() for writer in writers) or len(heads) < 2:
        read = desk.run("audit", "verify", "--store", str(desk.store))
        assert read.returncode == 0 and "the audit holds" in read.stdout, read
        heads.append(int(read.stdout.split("head ")[1].split(":")[0]))
    for writer in writers:
        writer.join()
    assert heads == sorted(heads) and heads[-1] > heads[0] and not failed, (heads, failed)
    assert not list(copies.iterdir()), "no copy is left"
    for verb in (("history",), ("audit", "verify"), ("audit", "show"), ("deploy", "status")):
        assert desk.run_as("ci", *verb).returncode == 0
    assert desk.metric("gonogo_store_healthy") == 1


@pytest.mark.parametrize("made,words", [
    (lambda path: path.write_bytes(b"x" * 8192), "is damaged, or no store of gonogo"),
    (lambda path: sqlite3.connect(path).execute("CREATE TABLE other (x)"), "cannot be used as a store"),
    (os.mkfifo, "no regular file")])
def test_a_file_that_is_no_store_is_named_without_a_statement(tmp_path, made, words):
    store = tmp_path / "other.db"
    made(store)
    (tmp_path / "other.db.key").write_text("a" * 64)
    read = subprocess.run([rig.GONOGO, "audit", "verify", "--store", str(store)], capture_output=True, text=True, timeout=60)
    assert read.returncode == 2 and f"{store}: {words}" in read.stderr, read
    assert "SELECT" not in read.stderr and "FROM" not in read.stderr, read


def test_a_second_daemon_says_who_has_the_store(desk):
    port = rig.free_port()
    second = rig.Process(desk.command("serve", "-c", str(desk.config), "--store", str(desk.store), "--listen", f"127.0.0.1:{port}"), desk.folder / "second")
    try:
        rig.wait_until(lambda: f"{desk.store}: is in use by another process" in second.text(), "it says so")
        assert "PRAGMA" not in second.text()
        assert desk.run("audit", "verify", "--store", str(desk.store)).returncode == 0
    finally:
        second.stop()


def test_an_audit_that_was_touched_is_found_and_nothing_stored_counts(desk):
    desk.all_signed()
    desk.wait_for("GO")
    assert desk.run("audit", "verify").returncode == 0
    desk.stop()
    kept = desk.folder / "kept"
    shutil.copy(desk.folder / "gonogo.db", kept)
    database = sqlite3.connect(desk.folder / "gonogo.db")
    database.execute("UPDATE audit SET who = 'Mallory' WHERE what = 'signoff'")
    database.commit()
    database.close()
    offline = desk.run("audit", "verify", "--store", str(desk.folder / "gonogo.db"))
    assert offline.returncode == 1 and "was changed after it was written" in offline.stderr, offline
    desk.start()
    rig.wait_until(lambda: "no stored sign-off and no stored waiver counts" in desk.process.text(), "the problem is logged")
    assert {blocker["check"] for blocker in desk.wait_for("NO-GO")["blockers"]} >= {"lead", "two"}
    answer = desk.post("/api/v1/checks/two/signoff", {})
    assert answer.status == 503 and "audit" in answer.text, answer.text
    assert desk.run("audit", "verify").returncode == 1
    desk.stop()
    shutil.copy(kept, desk.folder / "gonogo.db")
    desk.start()
    desk.wait_for("GO")
