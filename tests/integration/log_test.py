"""The log kind beside other logs of the folder, under each way that logrotate names what it rotates."""

import os
import shutil
import subprocess

import pytest
import rig

pytestmark = pytest.mark.skipif(not rig.has("/usr/sbin/logrotate"), reason="needs logrotate")

# What logrotate is told, and whether the rotated lines stay readable.
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
    "dated-epoch": "dateext\n dateformat .%s",
    "dated-attached": "dateext\n dateformat %Y%m%d",
    "extension": "extension .log",
    "extension-dated": "extension .log\n dateext",
    "extension-dots": "extension .log\n dateext\n dateformat .%Y-%m-%d",
    "extension-copied": "extension .log\n dateext\n copytruncate",
}
OUT_OF_REACH = {"packed": "compress", "packed-dated": "compress\n extension .log\n dateext", "elsewhere": "olddir old"}
# Other logs that are written beside it, and copies that people make.
OTHERS = ["app-error.log", "application.log", "app-2.log", "app_1.log", "app2.log", "app-error.log.1", "app.log.bak", "app.log.old", "app-error-20260101.log",
          "app.8080.log", "my-app.log"]


def rotate(folder, way, options):
    conf = folder / f"{way}.conf"
    conf.write_text(f"{folder}/{way}/app.log {{\n su root root\n rotate 9\n create\n {options}\n}}\n")
    subprocess.run(["/usr/sbin/logrotate", "--force", "--state", f"{folder}/{way}.state", str(conf)], check=True, capture_output=True)


def test_only_its_own_rotations_are_read(tmp_path):
    ways = {**WAYS, **OUT_OF_REACH}
    checks = []
    for way in ways:
        folder = tmp_path / way
        (folder / "old").mkdir(parents=True)
        # All logs of one program begin alike.
        (folder / "app.log").write_text("error: started\n" * 40)
        for name in OTHERS:
            (folder / name).write_text("error: started\n" * 40 + "error: old\n" * 100)
        checks.append(f"{way}: {{interval: 2s, timeout: 2s, log: {{path: {folder}/app.log, matches: '^error', window: 10h, max: 100000}}}}")
    daemon = rig.Daemon(tmp_path / "d", "gates: {g: {checks: {" + ", ".join(checks) + "}}}\n")
    last = lambda way: daemon.check(way)["last"]
    matches = lambda way: last(way) and last(way)["values"].get("matches", {}).get("value")
    try:
        for way in ways:
            rig.wait_until(lambda: matches(way) == 40, f"{way}: 40 lines, not {matches(way)}")
        for way, options in ways.items():
            folder = tmp_path / way
            with open(folder / "app.log", "a") as log:
                log.write("error: 1\n" * 5)
            rotate(tmp_path, way, options)
            for name in OTHERS:
                with open(folder / name, "a") as log:
                    log.write("error: of another log\n")
            with open(folder / "app.log", "a") as log:
                log.write("error: 2\n" * 3)
        for way in ways:
            # What logrotate packs or takes away may have been read before that.
            expected = {43, 45, 48} if way in OUT_OF_REACH else {48}
            rig.wait_until(lambda: matches(way) in expected and not (way in WAYS and matches(way) != 48), f"{way}: {expected} lines, not {matches(way)}")
        seen = {way: last(way)["at"] for way in ways}
        for way in ways:
            rig.wait_until(lambda: last(way)["at"] != seen[way], f"{way} runs once more")
        assert {way: matches(way) for way in WAYS} == dict.fromkeys(WAYS, 48)
        assert all(matches(way) <= 48 for way in OUT_OF_REACH)
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
