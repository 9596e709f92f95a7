"""Deploys through the command line and the listener: what is run first, how they are watched, how they end."""

import calendar
import http.client
import json
import os
import signal
import subprocess
import time

import pytest
import rig
from desk import CONFIG, Desk


def test_a_deploy_is_watched_and_its_end_is_the_exit_code(tmp_path):
    called = tmp_path / "called"
    hook = f"on_regressed: {{argv: [/usr/bin/touch, {called}]}}, min_samples"
    last = "  after:\n    checks:\n      last: {severity: advisory, deployment: {min_watch: 3s}}\n      needed: {severity: advisory, deployment: {required: true}}\n"
    desk = Desk(tmp_path / "d", CONFIG.replace("min_samples", hook) + last)
    try:
        desk.wait_for_check("last", "disabled")
        desk.wait_for_check("needed", "fail", "missing")
        desk.all_signed()
        desk.wait_for("GO")
        good = desk.run_as("ci", "deploy", "start", "v1", "--watch", "4s", "--wait")
        assert (good.returncode, "v1: verified" in good.stdout) == (0, True), good
        assert desk.run_as("ci", "deploy", "status").stdout == "v1: verified\n"
        assert "verified after 4s" in desk.wait_for_check("last", "pass")["summary"]
        held = desk.run("wait", "--for", "go", "--hold", "2s", "--timeout", "20s")
        assert held.returncode == 0, held
        refused = desk.run_as("ci", "deploy", "start", "v2")
        assert refused.returncode == 1 and "people/lead" in refused.stderr, refused
        assert desk.verdict()["release"] == "v1"

        started = desk.run_as("ci", "deploy", "start", "v1", "--watch", "60s")
        assert started.returncode == 0 and desk.metric("gonogo_deployment_watch_active") == 1, started
        desk.stop(signal.SIGKILL)
        desk.start()
        assert desk.verdict()["deployment"]["status"] == "watching"
        desk.wait_for_check("last", "warn", "missing")
        desk.wait_for_check("needed", "fail", "missing")
        assert not called.exists()
        rig.wait_until(lambda: desk.verdict()["verdict"] == "GO", "GO again")
        watching = subprocess.Popen(desk.command("wait", "--for", "no-go", "--timeout", "30s"), env={**desk.env, "GONOGO_URL": f"http://127.0.0.1:{desk.port}"}, stdout=subprocess.DEVNULL)
        desk.marker.write_text("2020-01-01T00:00:00Z\n")
        assert watching.wait(40) == 0
        rig.wait_until(lambda: desk.verdict()["deployment"]["status"] == "regressed", "the regression is called")
        assert any("marker fails" in finding for finding in desk.verdict()["deployment"]["findings"])
        rig.wait_until(called.exists, "the hook ran")
        assert "marker fails" in desk.wait_for_check("last", "fail", "reported")["summary"]
        rig.wait_until(lambda: "hook" in desk.run("audit", "show").stdout, "the hook is in the audit")
        forced = desk.run_as("ci", "deploy", "start", "v3", "--force", "--reason", "the site is down", "--watch", "4s")
        assert forced.returncode == 0, forced
        deployments = desk.get("/api/v1/deployments").json()["deployments"]
        assert [entry["version"] for entry in deployments] == ["v3", "v1", "v1"] and deployments[0]["reason"] == "the site is down"
    finally:
        desk.stop()


def hook_config(called, checks=""):
    """The configuration with a hook that says that it ran, and more checks."""
    return CONFIG.replace("min_samples", f"on_regressed: {{argv: [/usr/bin/touch, {called}]}}, min_samples").replace("  people:", checks + "  people:")


def seconds_of(written):
    return calendar.timegm(time.strptime(written, "%Y-%m-%dT%H:%M:%SZ"))


def test_a_daemon_that_was_down_past_the_watch_regresses_nothing(tmp_path):
    called = tmp_path / "called"
    desk = Desk(tmp_path / "d", hook_config(called))
    try:
        desk.all_signed()
        desk.wait_for("GO")
        assert desk.run_as("ci", "deploy", "start", "v1", "--watch", "2s").returncode == 0
        begun = seconds_of(desk.verdict()["deployment"]["started"])
        desk.stop(signal.SIGKILL)
        rig.wait_until(lambda: time.time() > begun + 6, "more than twice the watch is over")
        desk.start()
        ended = rig.wait_until(lambda: (lambda last: last["status"] != "watching" and last)(desk.verdict()["deployment"]), "the watch goes on and ends")
        assert ended["status"] == "verified", ended
        assert not called.exists()
        assert [desk.metric(f'gonogo_deployments_total{{result="{result}"}}') for result in ("verified", "regressed", "unproven")] == [1, 0, 0]
    finally:
        desk.stop()


def test_a_deploy_that_cannot_be_judged_is_unproven(tmp_path):
    called = tmp_path / "called"
    extra = "      switched: {file: {path: MARKER}}\n"
    desk = Desk(tmp_path / "d", hook_config(called, extra))
    try:
        desk.all_signed()
        desk.wait_for("GO")
        waiting = subprocess.Popen(desk.command("deploy", "start", "v1", "--watch", "3s", "--wait", "--token-file", str(desk.folder / "ci.token")),
                                   env={**desk.env, "GONOGO_URL": f"http://127.0.0.1:{desk.port}"}, stdout=subprocess.PIPE, text=True)
        rig.wait_until(lambda: (desk.verdict()["deployment"] or {}).get("status") == "watching", "it is watched")
        desk.write(desk.config.read_text().replace("      switched: {", "      renamed: {"))
        desk.reload()
        printed = waiting.communicate(timeout=60)[0]
        assert (waiting.returncode, "v1: unproven" in printed, "switched is no longer a check" in printed) == (3, True, True), printed
        assert desk.run_as("ci", "deploy", "status").returncode == 3
        assert not called.exists()
        assert desk.metric('gonogo_deployments_total{result="unproven"}') == 1 and desk.metric('gonogo_deployments_total{result="regressed"}') == 0
    finally:
        desk.stop()


DEMAND = """      build: {interval: on_demand, stale_after: 1h, timeout: 20s, command: {argv: [/bin/sh, -c, "echo build >> RUNS; test ! -e BROKEN"]}}
      load: {interval: on_demand, stale_after: 1h, timeout: 20s, command: {argv: [/bin/sh, -c, "echo load >> RUNS"]}}
"""


@pytest.fixture
def demanding(tmp_path):
    desk = Desk(tmp_path / "d", CONFIG.replace("  people:", DEMAND.replace("RUNS", str(tmp_path / "runs")).replace("BROKEN", str(tmp_path / "broken")) + "  people:"))
    desk.runs_path, desk.broken = tmp_path / "runs", tmp_path / "broken"
    desk.all_signed()
    desk.wait_for_check("marker", "pass")
    yield desk
    desk.stop()


def test_deploy_start_runs_what_runs_only_when_asked(demanding):
    desk = demanding
    refused = desk.run_as("ci", "deploy", "start", "v1", "--no-run")
    assert refused.returncode == 1 and "build" in refused.stderr and not desk.runs_path.exists(), refused
    assert desk.post("/api/v1/deployments", {"version": "v1", "run": False}, "ci").status == 409 and not desk.runs_path.exists()
    desk.broken.touch()
    refused = desk.run_as("ci", "deploy", "start", "v1")
    assert refused.returncode == 1 and "runs first: build, load" in refused.stderr and "(ran first: build, load)" in refused.stderr, refused
    assert desk.runs_path.read_text().split() == ["build", "load"], "one after the other"
    refused = desk.post("/api/v1/deployments", {"version": "v1"}, "ci")
    assert refused.status == 409 and desk.runs_path.read_text().split() == ["build", "load"], "a fresh failure is a result"
    desk.broken.unlink()
    assert desk.post("/api/v1/checks/build/run", token="ci", kind=None).status == 202
    desk.wait_for("GO")
    begun = desk.post("/api/v1/deployments", {"version": "v1"}, "ci")
    assert begun.status == 201 and begun.json()["ran"] == [], begun.text
    assert desk.runs_path.read_text().split() == ["build", "load", "build"], "nothing was missing"


def test_deploy_start_waits_for_what_it_runs_and_says_which(demanding):
    begun = demanding.post("/api/v1/deployments", {"version": "v1"}, "ci")
    assert begun.status == 201 and begun.json()["ran"] == ["build", "load"], begun.text
    assert demanding.runs_path.read_text().split() == ["build", "load"]
    assert demanding.verdict()["deployment"]["status"] == "watching"


def test_a_caller_who_goes_away_during_the_runs_begins_no_deploy(tmp_path):
    hold = tmp_path / "hold"
    os.mkfifo(hold)
    check = f"      build: {{interval: on_demand, stale_after: 1h, timeout: 60s, command: {{argv: [/bin/sh, -c, 'cat {hold}']}}}}\n"
    desk = Desk(tmp_path / "d", CONFIG.replace("  people:", check + "  people:"))
    try:
        desk.all_signed()
        desk.wait_for_check("marker", "pass")
        connection = http.client.HTTPConnection("127.0.0.1", desk.port)
        connection.request("POST", "/api/v1/deployments", body=json.dumps({"version": "v1"}),
                           headers={"Authorization": "Bearer ci-token-0123456789", "Content-Type": "application/json"})
        writer = os.open(hold, os.O_RDWR)
        rig.wait_until(lambda: "another deploy is being begun" in desk.post("/api/v1/deployments", {"version": "v9", "run": False}, "ci").text, "the run is under way")
        connection.close()
        rig.wait_until(lambda: "another deploy" not in desk.post("/api/v1/deployments", {"version": "v9", "run": False}, "ci").text, "the next may begin")
        assert desk.verdict()["deployment"] is None, "nobody waits for it"
        os.write(writer, b"built\n")
        os.close(writer)
        desk.wait_for("GO")
        assert desk.verdict()["deployment"] is None, "nobody waits for it"
        assert desk.post("/api/v1/deployments", {"version": "v1"}, "ci").status == 201
    finally:
        desk.stop()


def test_figures_are_compared_with_what_was_before_a_restart(tmp_path):
    figure = "figures: [{check: figure, value: size, max_ratio: 2}], min_samples"
    check = "      figure: {interval: on_demand, stale_after: 1h, severity: advisory, file: {path: MARKER, max_size: 1MB}}\n"
    desk = Desk(tmp_path / "d", CONFIG.replace("min_samples", figure).replace("  people:", check + "  people:"))
    try:
        desk.all_signed()
        desk.wait_for("GO")
        refused = desk.run_as("ci", "deploy", "start", "v1")
        assert refused.returncode == 1 and "nothing to compare with" in refused.stderr, refused
        assert desk.post("/api/v1/checks/figure/run", token="ci", kind=None).status == 202
        desk.wait_for_check("figure", "pass")
        desk.stop()
        desk.start()
        begun = desk.run_as("ci", "deploy", "start", "v1")
        assert begun.returncode == 0, begun
    finally:
        desk.stop()
