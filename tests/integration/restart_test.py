"""What a daemon knows after it was killed or ended and started again."""

import os
import signal
import sqlite3
import subprocess
import time

import pytest
import rig

TOKEN = "a-token-of-the-test-0123456789"


def marker_time(age=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))


def wait_until_saved(daemon, words):
    """Until a record of a check that holds `words` survives a kill: its bytes are written, and the writer has committed them, since it
    answers a question only between two transactions."""
    files = [daemon.folder / f"gonogo.db{suffix}" for suffix in ("", "-wal")]
    rig.wait_until(lambda: any(words.encode() in file.read_bytes() for file in files if file.exists()), f"{words} is saved")
    assert daemon.run("history").returncode == 0


def first_answer_after_kill(daemon, check):
    """The check and the blockers as the new process reports them at once."""
    daemon.process.stop(signal.SIGKILL)
    daemon.start()
    return daemon.check(check), [blocker["check"] for blocker in daemon.verdict()["blockers"]]


def test_a_restart_changes_neither_verdict_nor_since_nor_history(make, tmp_path):
    marker = tmp_path / "marker"
    marker.write_text(marker_time())
    daemon = make(f"defaults: {{interval: 1h, timeout: 1s}}\ngates: {{g: {{checks: {{m: {{marker: {{path: {marker}, max_age: 26h}}}}}}}}}}\n")
    daemon.wait_for("GO")
    assert daemon.check("m")["restored"] is False
    wait_until_saved(daemon, f'"summary":"{daemon.check("m")["last"]["summary"]}"')
    before, history = daemon.verdict(), daemon.run("history", "--since", "1h").stdout
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        daemon.process.stop(number)
        daemon.start()
        first = daemon.get("/verdict")
        assert first.status == 200, first.body
        assert first.json()["since"] == before["since"]
        if number == signal.SIGKILL:
            rig.wait_until(lambda: not daemon.check("m")["restored"], "it is run again: the former process may have known more")
        else:
            assert daemon.check("m")["restored"] is True
        assert daemon.check("prober")["state"] == "pass", "it judged itself before it listened"
        assert daemon.run("history", "--since", "1h").stdout == history


def test_a_result_survives_a_kill_without_a_flap(make, tmp_path):
    marker = tmp_path / "marker"
    marker.write_text(marker_time())
    config = f"defaults: {{interval: 1h, timeout: 1s}}\ngates: {{g: {{checks: {{m: {{marker: {{path: {marker}, max_age: 26h}}}}}}}}}}\n"
    daemon = make(config)
    daemon.wait_for("GO")
    before = daemon.check("m")
    wait_until_saved(daemon, f'"summary":"{before["summary"]}"')
    after, blockers = first_answer_after_kill(daemon, "m")
    assert (after["state"], after["since"], blockers) == ("pass", before["since"], [])
    daemon.wait_for("GO")
    history = daemon.run("history", "m", "--since", "1h").stdout
    assert history.count(" -> ") == 1 and "m pending -> pass" in history, history

    # A failure is not hidden either.
    marker.write_text(marker_time(27 * 3600))
    daemon.write(config.replace("max_age: 26h", "max_age: 20h"))
    daemon.reload()
    failed = daemon.wait_for_check("m", "fail", "stale_data")
    wait_until_saved(daemon, '"reason":"stale_data"')
    after, blockers = first_answer_after_kill(daemon, "m")
    assert (after["state"], after["since"], blockers) == ("fail", failed["since"], ["m"])


def test_no_go_before_a_kill_is_no_go_after_it(make, tmp_path):
    """The target is well again before the new process starts, and nothing but the store knows that it was not."""
    listener = rig.Listener()
    good = listener.reply
    folder = tmp_path / "d0"
    folder.mkdir()
    (folder / "token").write_text(TOKEN)
    try:
        daemon = make(f"server: {{tokens: {{ci: {{file: token, may: [read, run]}}}}}}\ngates: {{g: {{checks: {{a: {{interval: on_demand, stale_after: 1h, "
                      f"http: {{url: 'http://127.0.0.1:{listener.port}/'}}}}}}}}}}\n")

        def run_check():
            assert daemon.get("/api/v1/checks/a/run", method="POST", headers={"Authorization": f"Bearer {TOKEN}"}).status == 202

        for number in range(5):
            run_check()
            daemon.wait_for("GO")
            listener.reply = b"HTTP/1.1 50%d No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % number
            run_check()
            failed = daemon.wait_for_check("a", "fail", "status")
            wait_until_saved(daemon, f'"summary":"status 50{number}')
            listener.reply = good
            after, blockers = first_answer_after_kill(daemon, "a")
            assert (after["state"], after["last"]["at"], blockers) == ("fail", failed["last"]["at"], ["a"])
    finally:
        listener.stop()


def test_a_changed_check_does_not_inherit_a_stored_pass(make, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "absent"
    good.write_text("x")
    config = "defaults: {interval: 1h, timeout: 1s}\ngates: {g: {checks: {f: {file: {path: %s}}}}}\n"
    daemon = make(config % good)
    daemon.wait_for("GO")
    daemon.stop()
    daemon.write(config % bad)
    daemon.start()
    daemon.wait_for_check("f", "fail", "missing")


def test_the_store_cannot_be_written(make, tmp_path):
    daemon = make("defaults: {interval: 1s, timeout: 1s}\ngates: {g: {checks: {a: {disk: {path: /, writable: false}}}}}\n", start=False)
    daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", "/proc/nosuch/g.db", "--listen", f"127.0.0.1:{daemon.port}"], tmp_path / "log")
    rig.wait_until(lambda: rig.connects(daemon.port), "it serves all the same")
    daemon.wait_for("GO")
    assert daemon.get("/readyz").status == 503
    assert daemon.metric("gonogo_store_healthy") == 0
    daemon.wait_for_check("prober", "warn", "prober")


def test_a_store_that_cannot_be_read_is_never_go(make, tmp_path):
    """It may hold what was decided, and why a check is held: with a folder in its place, or one of a newer gonogo."""
    config = "defaults: {interval: 1s, timeout: 1s}\ngates: {g: {checks: {a: {disk: {path: /, writable: false}}}}}\n"
    (tmp_path / "folder.db").mkdir()
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("PRAGMA user_version = 1000")
    for name in ("folder.db", "newer.db"):
        daemon = make(config, start=False)
        daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(tmp_path / name),
                                      "--listen", f"127.0.0.1:{daemon.port}"], daemon.folder / "log")
        rig.wait_until(lambda: rig.connects(daemon.port), "it serves all the same")
        daemon.wait_for_check("a", "pass")
        blockers = {blocker["check"]: blocker for blocker in daemon.verdict()["blockers"]}
        assert "could not be opened" in blockers["prober"]["summary"] and "start gonogo again" in blockers["prober"]["summary"], blockers


def test_what_a_process_without_a_store_saw_is_looked_for_again(tmp_path):
    """The store cannot be opened: the results in it may be wrong from then on, though it was closed in order before."""
    if os.getuid() != 0:
        pytest.skip("a file system of one's own that becomes read-only wants root")
    folder, marker = tmp_path / "store", tmp_path / "marker"
    folder.mkdir()
    marker.touch()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    daemon = rig.Daemon(tmp_path / "d", f"gates: {{g: {{checks: {{m: {{interval: 1h, stale_after: 3h, file: {{path: {marker}}}}}}}}}}}\n", start=False)
    daemon.store = folder / "gonogo.db"
    try:
        daemon.start()
        daemon.wait_for("GO")
        daemon.stop()
        assert (folder / "gonogo.db.closed").exists()
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        daemon.start()
        daemon.wait_for_check("prober", "fail", "prober")
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        rig.wait_until(lambda: not (folder / "gonogo.db.closed").exists(), "the mark is taken away as soon as that can be done")
        marker.unlink()
        daemon.stop()
        daemon.start()
        daemon.wait_for_check("m", "fail", "missing")
    finally:
        daemon.stop()
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size", [0, 5000])
def test_a_store_that_was_cut_is_never_go(make, size):
    daemon = make("defaults: {interval: 1s, timeout: 1s}\ngates: {g: {checks: {a: {disk: {path: /, writable: false}}}}}\n")
    daemon.wait_for("GO")
    daemon.process.stop()
    with open(daemon.store, "r+b") as store:
        store.truncate(size)
    daemon.start()
    daemon.wait_for_check("a", "pass")
    prober = next(blocker for blocker in daemon.verdict()["blockers"] if blocker["check"] == "prober")
    assert str(daemon.store) in prober["summary"] and "start gonogo again" in prober["summary"], prober
    assert "it is not known what was decided before" in daemon.process.text()
    # Whoever has seen that starts it again.
    daemon.process.stop()
    daemon.start()
    daemon.wait_for("GO")


def test_changes_before_a_restart_are_counted_with_those_after_it(make, tmp_path):
    """The fourth change within the hour comes after the restart: the check is held at fail though its last run passed."""
    marker = tmp_path / "marker"
    folder = tmp_path / "d0"
    folder.mkdir()
    (folder / "token").write_text(TOKEN)
    daemon = make(f"server: {{tokens: {{ci: {{file: token, may: [read, run]}}}}}}\ngates: {{g: {{checks: {{a: {{interval: on_demand, stale_after: 1h, "
                  f"flapping: {{changes: 3, window: 1h}}, file: {{path: {marker}}}}}}}}}}}\n")

    def run(is_there):
        marker.write_text("x") if is_there else marker.unlink(missing_ok=True)
        before = (daemon.check("a")["last"] or {}).get("at")
        assert daemon.get("/api/v1/checks/a/run", method="POST", headers={"Authorization": f"Bearer {TOKEN}"}).status == 202
        rig.wait_until(lambda: (daemon.check("a")["last"] or {}).get("at") != before, "it has run")

    for is_there in (True, False, True, False):
        run(is_there)
    assert daemon.check("a")["reason"] == "missing"
    daemon.stop()
    daemon.start()
    run(True)
    held = daemon.check("a")
    assert (held["state"], held["reason"], held["last"]["outcome"]) == ("fail", "flapping", "pass"), held
    assert "at least 4 times within 1h" in held["summary"], held
