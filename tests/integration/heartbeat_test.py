"""Pushes: runs with ids, schedules, stuck runs, failures that are remembered; and a job of a real cron."""

import contextlib
import json
import os
import signal
import sqlite3

import pytest
import rig

KEY = "nightly-key-1"


def daemon_with(folder, options, **more):
    return rig.Daemon(folder / "d", f"gates: {{g: {{checks: {{job: {{interval: 1s, timeout: 1s, heartbeat: {{push: {KEY}, {options}}}}}}}}}}}\n", **more)


@pytest.fixture
def daemon(tmp_path):
    made = []

    def make(options):
        made.append(daemon_with(tmp_path, options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def push(daemon, path="", body=None):
    assert daemon.get(f"/ping/{KEY}{path}", method="POST", body=body).status == 200


def test_a_schedule_is_met_or_missed(daemon):
    server = daemon("schedule: '* * * * *', zone: UTC, grace: 5m")
    server.wait_for_check("job", "fail", "missing")
    push(server)
    server.wait_for_check("job", "pass")
    server.stop()
    # Ten minutes later, by the store's own record.
    database = server.folder / "gonogo.db"
    with contextlib.closing(sqlite3.connect(database)) as store, store:
        record = json.loads(store.execute("SELECT record FROM push").fetchone()[0])
        for name in ("first", "succeeded"):
            record[name] -= 600 * 1_000_000
        store.execute("UPDATE push SET record = ?", (json.dumps(record),))
    server.start()
    seen = server.wait_for_check("job", "fail", "stale_data")
    assert "wanted one since" in seen["summary"] and "UTC" in seen["summary"]


def test_a_push_that_was_answered_outlives_a_crash(daemon):
    """However soon: a lost failure would be a GO, and a lost success a job that never ended."""
    server = daemon("period: 1h")
    for word, state in [("/fail", "fail"), ("", "pass")] * 8:
        push(server, word)
        server.process.stop(signal.SIGKILL)
        server.start()
        # The crash has it run again.
        server.wait_for_check("job", state, *["reported"] * (state == "fail"))


def test_a_push_that_cannot_be_saved_counts_and_is_not_acknowledged(daemon):
    server = daemon("period: 1h")
    server.stop()
    (server.folder / "gonogo.db").unlink()
    (server.folder / "gonogo.db").mkdir()
    server.start()
    answer = server.get(f"/ping/{KEY}", method="POST")
    assert answer.status == 503
    assert "it counts" in answer.text and "gonogo.db" in answer.text and "send it again" in answer.text
    server.wait_for_check("job", "pass")
    server.wait_for_check("prober", "fail", "prober")


def test_a_run_that_died_is_closed_by_a_later_success(daemon):
    server = daemon("period: 1h, max_runtime: 500ms")
    push(server, "/start?rid=died")
    server.wait_for_check("job", "fail", "stale_data")
    push(server, "/start?rid=two")
    push(server, "?rid=two")
    server.wait_for_check("job", "pass")
    # A job that does not push its starts any more.
    push(server, "/start?rid=last")
    push(server, "?rid=three")
    server.wait_for_check("job", "fail", "stale_data")
    push(server, "?rid=four")
    server.wait_for_check("job", "pass")


def test_a_run_that_is_late_is_not_excused_by_one_that_began_before_it(daemon):
    server = daemon("period: 1h, max_runtime: 2s")
    push(server, "/start?rid=one")
    push(server, "/start?rid=two")
    push(server, "?rid=one")
    server.wait_for_check("job", "pass")
    assert "has not ended" in server.wait_for_check("job", "fail", "stale_data")["summary"]
    server.stop()
    server.start()
    assert "has not ended" in server.wait_for_check("job", "fail", "stale_data")["summary"]
    push(server, "?rid=two")
    server.wait_for_check("job", "pass")


def test_overlapping_runs_are_kept_apart_by_their_ids(daemon):
    server = daemon("period: 1h, max_runtime: 500ms")
    push(server, "/start?rid=one")
    push(server, "?rid=two")
    seen = server.wait_for_check("job", "fail", "stale_data")
    assert "has not ended" in seen["summary"]
    push(server, "?rid=one")
    seen = server.wait_for_check("job", "pass")
    rig.wait_until(lambda: server.check("job")["last"]["values"].get("run_time", {}).get("value", 0) > 0, "the run's time is known")


def test_the_words_of_the_last_failure_outlive_a_success_and_a_restart(daemon):
    server = daemon("period: 1h")
    push(server, "/3", b"disk full: \x1b[2J")
    seen = server.wait_for_check("job", "fail", "reported")
    assert "exit status 3" in seen["summary"]
    push(server, "", b"all fine")
    server.wait_for_check("job", "pass")
    server.stop()
    server.start()
    seen = server.wait_for_check("job", "pass")
    rig.wait_until(lambda: server.check("job")["last"]["evidence"].get("failure"), "the failure's words are there")
    evidence = server.check("job")["last"]["evidence"]
    assert "disk full" in evidence["failure"] and "\x1b" not in evidence["failure"] and evidence["note"] == "all fine"


def test_a_job_of_a_real_cron_pushes(daemon, tmp_path):
    """@reboot runs when cron starts: the only entry that needs no waiting. In a mount namespace, cron has tables of its own."""
    if os.getuid() != 0 or not rig.has("cron"):
        pytest.skip("cron wants root")
    server = daemon("period: 1h")
    server.wait_for_check("job", "fail", "missing")
    table = tmp_path / "app"
    table.write_text(f"PATH=/usr/bin:/bin\n@reboot root /usr/bin/python3 -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:{server.port}/ping/{KEY}').read()\"\n")
    script = (f"mount -t tmpfs none /etc/cron.d && mount -t tmpfs none /var/spool/cron && mkdir /var/spool/cron/crontabs && mount -t tmpfs none /run && "
              f"cp {table} /etc/cron.d/app && chmod 600 /etc/cron.d/app && exec cron -f")
    cron = rig.Process(["unshare", "--mount", "sh", "-ec", script], tmp_path / "cron.log")
    try:
        server.wait_for_check("job", "pass")
    finally:
        cron.stop(signal.SIGKILL)


def test_requests_that_are_no_good(daemon):
    server = daemon("period: 1h")
    for path, status in (("/ping/other-key-1", 404), (f"/ping/{KEY}/256", 400), (f"/ping/{KEY}/start/x", 400), (f"/ping/{KEY}?rid=" + "x" * 500, 200)):
        assert server.get(path).status == status, path
    assert server.get(f"/ping/{KEY}", method="DELETE").status == 405
