"""A .env that docker compose refuses: in every place that reads one, by the built program. And the shell option beside real shells."""

import json
import subprocess

import pytest
import rig

VALUE = "Tr0ub4dor-and-3"
BROKEN = {
    "a quote without an end": (f'A=1\nPW="{VALUE}\nB=1\n', "line 2, column 4"),
    "text behind a quote": (f"A=1\nPW='{VALUE}'s'\n", "line 2, column 22"),
    "a stray line": (f"A=1\nssh {VALUE}\nB=1\n", "line 2, column 4"),
    "a character of no name": (f"A=1\nP@W={VALUE}\n", "line 2, column 2"),
    "a reference that is none": (f"A=1\nPW={VALUE}${{1X}}\n", "line 2, column 19"),
    "a variable that is required": (f"A=1\nPW={VALUE}${{NOPE:?must be set}}\n", "line 2, column 19"),
    "a merge conflict": (f"A=1\n<<<<<<< HEAD\nPW={VALUE}\n=======\nPW=x\n>>>>>>> main\n", "line 2, column 1"),
    "a key of several lines": (f"A=1\nPW=-----BEGIN PRIVATE KEY-----\n{VALUE}+/x==\n-----END PRIVATE KEY-----\n", "line 3, column 16"),
    "JSON": (f'{{"PW": "{VALUE}"}}\n', "line 1, column 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_compose_refuses_fails_in_every_place(tmp_path, name):
    text, place = BROKEN[name]
    env = tmp_path / ".env"
    env.write_text(text)
    expected = f"{env}, {place}: "
    for check, reason in ((f"dotenv: {{path: {env}}}", "content"),
                          (f"when: {{dotenv: {env}, key: A, is: '2'}}, disk: {{path: /, min_free: 1}}", "content"),
                          (f"when: {{dotenv: {env}, jq: '.A == \"2\"'}}, disk: {{path: /, min_free: 1}}", "content"),
                          (f"version: {{dotenv: {env}, key: A, is: '1'}}", "content"),
                          ("file: {path: /, type: directory, owner: '${secrets.s}'}", "secret")):
        seen = rig.run_check(tmp_path, check, more=f"secrets: {{s: {{dotenv: {env}, key: PW, default: root}}}}" if reason == "secret" else "")
        assert (seen.outcome, seen.reason) == ("fail", reason), (check, seen)
        assert expected in seen.summary and VALUE not in str(seen), (check, seen)
    if "NOPE" in text:
        assert "needs NOPE, which is not set or empty: must be set" in seen.summary


def test_the_release_is_not_read_from_a_file_that_compose_refuses(tmp_path):
    env = tmp_path / ".env"
    env.write_text("APP_VERSION=v1\n")
    daemon = rig.Daemon(tmp_path / "d", f"release: {{dotenv: {env}, key: APP_VERSION, interval: 1s}}\n"
                        "gates: {g: {checks: {disk: {interval: 1s, disk: {path: /, min_free: 1}}}}}\n")
    try:
        daemon.wait_for("GO")
        env.write_text("APP_VERSION=v1\nMSG='it's'\n")
        daemon.wait_for("NO-GO")
        blockers = daemon.verdict()["blockers"]
        assert any(f"{env}, line 2, column 10: " in entry["summary"] for entry in blockers), blockers
    finally:
        daemon.stop()


def test_the_shell_option_agrees_with_bash_and_dash(tmp_path):
    env = tmp_path / ".env"
    for value, is_safe in (("plain", True), ("My Shop", False), ("'My Shop'", True), ('"My Shop"', True), ("a;b", False), ("a&b", False), ("'a&b'", True),
                           ("$(id)", False), ("'$(id)'", True), ("`id`", False), ("it's", False), ('"it\'s"', True), ("pa$$word", False), ("'pa$$word'", True),
                           ("a#b", True), ("a # b", True), ("a\t# b", False), ("a\\b", False), ("~/x", False), ("a<b", False), ("[1,2]", True), ("a\r", False)):
        env.write_text(f"B=x\nVALUE={value}\n", newline="")
        seen = rig.run_check(tmp_path, f"dotenv: {{path: {env}, shell: true}}")
        assert (seen.outcome == "pass") == is_safe, (value, seen)
        assert rig.run_check(tmp_path, f"dotenv: {{path: {env}}}").outcome == "pass", value
        read = {shell: subprocess.run([shell, "-c", 'set -a; . "$1" && /usr/bin/printf %s "$VALUE"', shell, str(env)], capture_output=True, text=True,
                                      env={"PATH": "/nonexistent"}, timeout=10) for shell in ("/bin/bash", "/bin/dash")}
        # What compose reads, the check knows: one_of compares it.
        same = all(not end.stderr and end.returncode == 0 and
                   rig.run_check(tmp_path, f"dotenv: {{path: {env}, keys: {{VALUE: {{one_of: [{json.dumps(end.stdout)}]}}}}}}").outcome == "pass"
                   for end in read.values())
        assert same == is_safe, (value, read)
