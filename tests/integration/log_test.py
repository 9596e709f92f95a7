"""The log kind under each way that logrotate 3.21 and Caddy 2.6 rotate, pack and put away a log, beside other logs of the folder."""

import http.client
import json
import os
import pathlib
import shutil
import subprocess

import pytest
import rig
import servers

pytestmark = pytest.mark.skipif(not rig.has("/usr/sbin/logrotate"), reason="needs logrotate")

# What logrotate is told.
WAYS = {
    "numbered": "",
    "from-zero": "start 0",
    "packed-later": "compress\n delaycompress",
    "copied": "copytruncate",
    "dated": "dateext",
    "dated-hourly": "dateext\n hourly",
    "dated-dashes": "dateext\n dateformat -%Y-%m-%d",
    "dated-dots": "dateext\n dateformat .%Y-%m-%d_%H:%M:%S",
    "dated-iso": "dateext\n dateformat .%Y-%m-%dT%H%M%S",
    "dated-week": "dateext\n dateformat -%Y-W%V",
    "dated-week-attached": "dateext\n dateformat -%Y%V",
    "dated-backwards": "dateext\n dateformat -%d%m%Y",
    "extension-added": "addextension .old",
    "extension-added-packed": "addextension .bak\n compress",
    "kept": "copy",
    "dated-epoch": "dateext\n dateformat .%s",
    "dated-attached": "dateext\n dateformat %Y%m%d",
    "extension": "extension .log",
    "extension-dated": "extension .log\n dateext",
    "extension-dots": "extension .log\n dateext\n dateformat .%Y-%m-%d",
    "extension-copied": "extension .log\n dateext\n copytruncate",
    "packed": "compress",
    "packed-dated": "compress\n extension .log\n dateext",
    "packed-copied": "compress\n copytruncate",
    "below": "olddir old",
    "below-packed": "olddir old\n compress",
    "below-dated": "olddir old\n compress\n dateext\n dateformat -%s",
    "below-copied": "olddir old\n copytruncate\n compress",
    "elsewhere": "olddir AWAY",
    "elsewhere-packed": "olddir AWAY\n compress",
}
# Packed so that the lines cannot be read.
UNREADABLE = "compress\n compresscmd /usr/bin/xz\n compressext .xz"
# Other logs that are written beside it, and copies that people make.
OTHERS = ["app-error.log", "application.log", "app-2.log", "app_1.log", "app2.log", "app-error.log.1", "app.log.bak", "app.log.old", "app-error-20260101.log",
          "app.8080.log", "my-app.log"]


def rotate(folder, way, options):
    conf = folder / f"{way}.conf"
    options = options.replace("AWAY", str(away(folder, way)))
    conf.write_text(f"{folder}/{way}/app.log {{\n su root root\n rotate 9\n create\n {options}\n}}\n")
    subprocess.run(["/usr/sbin/logrotate", "--force", "--state", f"{folder}/{way}.state", str(conf)], check=True, capture_output=True)


def away(folder, way):
    path = folder / "away" / way
    path.mkdir(parents=True, exist_ok=True)
    return path


def of_log(folder, way, more):
    return f"{way}: {{interval: 2s, timeout: 2s, log: {{path: {folder}/{way}/app.log, olddir: {away(folder, way)}, matches: '^error', {more}}}}}"


def test_only_its_own_rotations_are_read(tmp_path):
    checks = []
    for way in WAYS:
        folder = tmp_path / way
        (folder / "old").mkdir(parents=True)
        # All logs of one program begin alike.
        (folder / "app.log").write_text("error: started\n" * 40)
        for name in OTHERS:
            (folder / name).write_text("error: started\n" * 40 + "error: old\n" * 100)
        checks.append(of_log(tmp_path, way, "window: 10h, max: 100000"))
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + ", ".join(checks) + "}}}\n")
    last = lambda way: daemon.check(way)["last"]
    matches = lambda way: last(way) and last(way)["values"].get("matches", {}).get("value")
    try:
        for way in WAYS:
            rig.wait_until(lambda: matches(way) == 40, f"{way}: 40 lines, not {matches(way)}")
        for way, options in WAYS.items():
            folder = tmp_path / way
            with open(folder / "app.log", "a") as log:
                log.write("error: 1\n" * 5)
            rotate(tmp_path, way, options)
            for name in OTHERS:
                with open(folder / name, "a") as log:
                    log.write("error: of another log\n")
            with open(folder / "app.log", "a") as log:
                log.write("error: 2\n" * 3)
        for way in WAYS:
            rig.wait_until(lambda: matches(way) == 48, f"{way}: 48 lines, not {matches(way)}")
        seen = {way: last(way)["at"] for way in WAYS}
        for way in WAYS:
            rig.wait_until(lambda: last(way)["at"] != seen[way], f"{way} runs once more")
        assert {way: matches(way) for way in WAYS} == dict.fromkeys(WAYS, 48)
        assert {way: last(way)["outcome"] for way in WAYS} == dict.fromkeys(WAYS, "pass")
    finally:
        assert daemon.stop() == 0


def test_a_copy_of_the_log_is_not_read_again(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "app.log").write_text("error: started\n" * 40)
    daemon = rig.Daemon(tmp_path / "d", f"gates: {{g: {{checks: {{it: {{interval: 2s, timeout: 2s, log: {{path: {folder}/app.log, matches: '^error', window: 10h, max: 100000}}}}}}}}}}\n")
    matches = lambda: daemon.check("it")["last"] and daemon.check("it")["last"]["values"].get("matches", {}).get("value")
    try:
        rig.wait_until(lambda: matches() == 40, "40 lines")
        # An older rotation begins with the same lines as the log that is rotated now.
        (folder / "app.log.2").write_text("error: started\n" * 40 + "error: of last week\n" * 50)
        os.utime(folder / "app.log.2", (1_600_000_000, 1_600_000_000))
        (folder / "app.log").rename(folder / "app.log.1")
        shutil.copy(folder / "app.log.1", folder / "app.log.1.bak")
        (folder / "app.log").write_text("error: new\n" * 2)
        rig.wait_until(lambda: matches() and matches() > 40, "the rotation is noticed")
        at = daemon.check("it")["last"]["at"]
        rig.wait_until(lambda: daemon.check("it")["last"]["at"] != at, "one more run")
        assert matches() == 42
    finally:
        assert daemon.stop() == 0


def test_a_first_run_reads_back_over_its_window(tmp_path):
    checks = []
    for way, options in WAYS.items():
        (tmp_path / way / "old").mkdir(parents=True)
        (tmp_path / way / "app.log").write_text("error: before\n" * 5)
        rotate(tmp_path, way, options)
        with open(tmp_path / way / "app.log", "a") as log:
            log.write("error: after\nfine\n")
        checks.append(of_log(tmp_path, way, "window: 1h, max: 5"))
        checks.append(of_log(tmp_path, way, "max: 5").replace(way, way + "-end", 1))
    config = tmp_path / "gonogo.yaml"
    config.write_text("gates: {g: {checks: {" + ", ".join(checks) + "}}}\n")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 1, result
    last = {check["id"]: check["last"] for check in json.loads(result.stdout)["checks"] if check["kind"] == "log"}
    seen = {way: (last[way]["outcome"], last[way]["values"]["matches"]["value"]) for way in WAYS}
    assert seen == dict.fromkeys(WAYS, ("fail", 6))
    assert all("error: before" in last[way]["summary"] for way in WAYS)
    ends = {way: last[way + "-end"]["outcome"] for way in WAYS}
    assert ends == dict.fromkeys(WAYS, "pass") | {"kept": "fail"}, "without a window it is the log's end"


def test_a_check_that_counts_other_lines_begins_anew(tmp_path):
    (tmp_path / "app.log").write_text("ERROR one\nfine\n")
    config = lambda rules: f"gates: {{g: {{checks: {{it: {{interval: 1s, log: {{path: {tmp_path}/app.log, {rules}, window: 1h}}}}}}}}}}\n"
    daemon = rig.Daemon(tmp_path / "d", config("matches: FATAL, max: 0"))
    try:
        daemon.wait_for_check("it", "pass")
        daemon.write(config("matches: ERROR, max: 0"))
        daemon.reload()
        daemon.wait_for_check("it", "fail", "threshold")
        daemon.write(config("matches: ERROR, ignore: one, max: 0"))
        daemon.reload()
        daemon.wait_for_check("it", "pass")
        # Over a restart, too.
        daemon.stop()
        daemon.write(config("matches: ERROR, min: 1"))
        daemon.start()
        daemon.wait_for_check("it", "pass")
        daemon.stop()
        daemon.write(config("matches: BACKUP DONE, min: 1"))
        daemon.start()
        daemon.wait_for_check("it", "fail", "threshold")
    finally:
        daemon.stop()


@pytest.mark.parametrize("way", ["gone", "unreadable"])
def test_lines_out_of_reach_are_not_good(tmp_path, way):
    folder = tmp_path / way
    folder.mkdir()
    (folder / "app.log").write_text("fine\n")
    once = of_log(tmp_path, way, "max: 0").replace(way, "once", 1)
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + once + ", " + of_log(tmp_path, way, "window: 1h, max: 0").replace(way, "kept", 1) + "}}}\n")
    try:
        daemon.wait_for("GO")
        daemon.stop()
        with open(folder / "app.log", "a") as log:
            log.write("error: 1\n")
        rotate(tmp_path, way, UNREADABLE)
        if way == "gone":
            (folder / "app.log.1.xz").unlink()
        daemon.start()
        seen = daemon.wait_for_check("kept", "fail", "missing")
        assert "some lines were not read: the log is another file now, and the one that was read is not found" in seen["summary"]
        assert ("app.log.1.xz is packed, and not by gzip" in seen["summary"]) == (way == "unreadable")
        failures = lambda: [change for change in daemon.get("/api/v1/checks/once/history").json()["transitions"] if change["to"] == "fail"]
        rig.wait_until(failures, "one run is not good")
        daemon.wait_for_check("once", "pass")
        assert len(failures()) == 1
        at = daemon.check("kept")["last"]["at"]
        rig.wait_until(lambda: daemon.check("kept")["last"]["at"] != at, "one more run")
        assert daemon.check("kept")["state"] == "fail"
    finally:
        daemon.stop()


def test_lines_behind_the_nuls_of_copytruncate_are_judged(tmp_path):
    (tmp_path / "plain").mkdir()
    path = tmp_path / "plain" / "app.log"
    # A program that writes without O_APPEND.
    log = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    os.write(log, b"fine\n" * 5000)
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + of_log(tmp_path, "plain", "window: 10h, max: 1") + "}}}\n")
    try:
        daemon.wait_for("GO")
        for _ in range(2):
            rotate(tmp_path, "plain", "copytruncate\n compress")
            os.write(log, b"error: behind the NULs\n")
            assert path.read_bytes().startswith(b"\0" * 25000)
        seen = daemon.wait_for_check("plain", "fail", "threshold")
        assert seen["summary"].startswith("2 lines within 10h") and seen["summary"].endswith('such as "error: behind the NULs"')
        at = daemon.check("plain")["last"]["at"]
        rig.wait_until(lambda: daemon.check("plain")["last"]["at"] != at, "one more run")
        assert daemon.check("plain")["summary"] == seen["summary"], "the line stays with its failure"
    finally:
        os.close(log)
        assert daemon.stop() == 0


def test_a_log_that_was_empty_at_the_baseline_is_copied_and_truncated(tmp_path):
    (tmp_path / "empty").mkdir()
    path = tmp_path / "empty" / "app.log"
    path.write_text("")
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + of_log(tmp_path, "empty", "window: 10h, max: 0") + "}}}\n")
    try:
        daemon.wait_for("GO")
        with open(path, "a") as log:
            log.write("error: 1\n")
        rotate(tmp_path, "empty", "copytruncate\n compress")
        daemon.wait_for_check("empty", "fail", "threshold")
    finally:
        assert daemon.stop() == 0


CADDYFILE = """http://127.0.0.1:%d {
  respond "ok"
  log {
    output file %s {
      roll_size 1MiB
      roll_keep 20
    }
  }
}
"""


@pytest.mark.skipif(not rig.has("caddy"), reason="needs caddy")
@pytest.mark.parametrize("name", ["access_api.log", "a.log", "ab"])
def test_what_caddy_packs_at_once_is_read(tmp_path, name):
    port, path = rig.free_port(), tmp_path / "logs" / name
    path.parent.mkdir()
    path.write_text("")
    caddy = servers.Caddy(tmp_path / "caddy", CADDYFILE % (port, path))
    # Its runs are further apart than two rotations of Caddy.
    daemon = rig.Daemon(tmp_path / "d", f"gates: {{g: {{checks: {{it: {{interval: 3s, timeout: 3s, log: {{path: {path}, matches: '/wanted', window: 10h, max: 100000}}}}}}}}}}\n")
    last = lambda: daemon.check("it")["last"]
    try:
        daemon.wait_for("GO")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for i in range(420):
            connection.request("GET", f"/wanted/{i}?{'x' * 6000}")
            connection.getresponse().read()
        rig.wait_until(lambda: len(list(pathlib.Path(path.parent).glob("*.gz"))) >= 2, "Caddy has packed two files")
        rig.wait_until(lambda: last()["values"]["matches"]["value"] == 420, f"all lines are read: {last()}")
        at = last()["at"]
        rig.wait_until(lambda: last()["at"] != at, "one more run")
        assert last()["values"]["matches"]["value"] == 420 and last()["outcome"] == "pass"
        seen = rig.run_check(tmp_path, f"log: {{path: {path}, matches: '/wanted/0[?]', window: 1h, max: 0, first_run: 10MiB}}")
        assert seen.reason == "threshold", seen
    finally:
        caddy.stop()
        assert daemon.stop() == 0
