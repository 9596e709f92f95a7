"""jq conditions that loop, take memory, crash jq, or meet large texts: the daemon stays as it is."""

import gzip
import json
import os
import pathlib
import shutil
import struct
import subprocess

import http_test
import pytest
import rig


SANITIZED = os.environ.get("GONOGO_SANITIZED")  # it needs memory of its own
pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="sanitizers change how the process for jq ends: it runs in the release suite")


def served(body, headers=b""):
    return http_test.Hostile(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n" % (headers, len(body)) + body)


def most_memory(daemon):
    status = pathlib.Path(f"/proc/{daemon.process.child.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


def echo(text, expression, more=""):
    return f"{{command: {{argv: [/usr/bin/echo, {json.dumps(text)}], json: {json.dumps(expression)}}}, timeout: 5s, interval: 5s{more}}}"


def daemon_with(folder, **checks):
    return rig.Daemon(folder, "gates:\n  g:\n    checks:\n" + "".join(f"      {name}: {check}\n" for name, check in checks.items()))


def test_an_expression_without_end_holds_up_nothing(tmp_path):
    daemon = daemon_with(tmp_path, endless=echo("{}", "def f: f; f"), regex=echo('{"a": "x1"}', '.a | test("^x[0-9]$")'), plain=echo('{"a": 1}', ".a == 1"))
    try:
        daemon.wait_for_check("endless", "fail", "timeout")
        assert "def f: f; f gave no answer within" in daemon.check("endless")["last"]["summary"]
        # The others go on meanwhile, each at its interval.
        for name in ("regex", "plain"):
            daemon.wait_for_check(name, "pass")
        before = daemon.check("plain")["last"]["at"]
        rig.wait_until(lambda: daemon.check("plain")["last"]["at"] > before, "the next run")
        assert daemon.get("/verdict").status == 503
        pid = daemon.process.child.pid
    finally:
        daemon.stop()
    assert not pathlib.Path(f"/proc/{pid}").exists()


def test_an_expression_takes_no_memory_of_the_daemon(tmp_path):
    daemon = daemon_with(tmp_path, much=echo("{}", "[range(3e7)] | length == 3e7"), well=echo("{}", "[range(3e5)] | length == 3e5"))
    try:
        daemon.wait_for_check("well", "pass")
        daemon.wait_for_check("much", "fail", "json")
        assert "needs more than 192MiB of memory" in daemon.check("much")["last"]["summary"] or SANITIZED
        assert most_memory(daemon) < 200 << 20 or SANITIZED
    finally:
        daemon.stop()


def test_a_target_cannot_crash_jq_in_the_daemon(tmp_path):
    daemon = daemon_with(tmp_path, crash=echo('{"n": -9223372036854775808}', ".n % -1"), well=echo('{"n": 7}', ".n % -1 == 0"))
    try:
        daemon.wait_for_check("well", "pass")
        daemon.wait_for_check("crash", "fail", "json")
        assert ".n % -1 crashes jq: ended by signal 8" in daemon.check("crash")["last"]["summary"]
        assert daemon.process.is_running()
    finally:
        daemon.stop()


def test_what_crashes_jq_while_it_is_compiled_is_a_problem_with_its_place(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("gates:\n  g:\n    checks:\n      a: " + echo("{}", 'import "a" as a; 1') + "\n      b: " + echo("{}", "nosuch(1)") + "\n      c: " + echo("{}", "def f: f; f") + "\n")
    result = subprocess.run([rig.GONOGO, "config", "check", "-c", str(path)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 78, result
    said = result.stdout + result.stderr
    assert f"{path}:4:" in said and "it crashes jq" in said, said
    assert f"{path}:5:" in said and "nosuch/1 is not defined" in said, said
    assert f"{path}:6:" not in said, said


def test_the_environment_of_the_daemon_is_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setenv("GONOGO_TEST_WORD", "swordfish-swordfish")
    path = tmp_path / "c.yaml"
    path.write_text("gates: {g: {checks: {a: " + echo("{}", "env.GONOGO_TEST_WORD") + ", b: " + echo("{}", "$ENV | tostring") + "}}}")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(path), "--json"], capture_output=True, text=True, timeout=60)
    assert "swordfish" not in result.stdout + result.stderr
    assert "env.GONOGO_TEST_WORD is null" in result.stdout, result.stdout


def test_a_large_text_is_read_elsewhere_and_rightly(tmp_path):
    rows = [{"id": number, "name": "abc"} for number in range(1_000_000)]
    body = json.dumps({"ok": True, "rows": rows}, separators=(",", ":")).encode()
    assert len(body) > 20 << 20
    server = served(body)
    packed = gzip.compress(body, 1)
    zipped = served(packed, b"Content-Encoding: gzip\r\n")
    http = lambda port, expect: f'{{http: {{url: "http://127.0.0.1:{port}/", max_body: 64MiB, expect: {{json: {expect}}}}}, timeout: 60s, interval: 5m}}'
    daemon = daemon_with(tmp_path, good=http(server.port, '[.ok, ".rows | length == 1000000"]'), bad=http(server.port, '".rows[999999].id == 1"'),
                         zipped=http(zipped.port, ".ok"))
    try:
        daemon.wait_for_check("good", "pass", patience=120)
        daemon.wait_for_check("zipped", "pass", patience=120)
        daemon.wait_for_check("bad", "fail", "json", patience=120)
        # Parsed it takes some 500 MiB.
        assert most_memory(daemon) < 400 << 20 or SANITIZED
    finally:
        daemon.stop()
        server.close()
        zipped.close()


def test_lines_of_a_log_are_judged_by_any_expression(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("".join(json.dumps({"level": level, "n": n}) + "\n" for n in range(500) for level in ("info", "error")) + "no JSON\n")
    path = tmp_path / "c.yaml"
    path.write_text("gates: {g: {checks: {a: {log: {path: %s, json: '.level | test(\"^err\")', max: 499, first_run: 1MiB}}, b: {log: {path: %s, json: '.level == \"error\"', max: 500, first_run: 1MiB}}}}}" % (log, log))
    result = subprocess.run([rig.GONOGO, "check", "-c", str(path), "--json"], capture_output=True, text=True, timeout=60)
    last = {entry["id"]: entry["last"] for entry in json.loads(result.stdout)["checks"]}
    assert last["a"]["outcome"] == "fail" and last["a"]["summary"].startswith("500 lines"), last
    assert last["b"]["outcome"] == "pass", last


def packed(texts):
    return struct.pack("<Q", len(texts)) + b"".join(struct.pack("<Q", len(text)) + text for text in texts)


def ask_helper(expression, text):
    """The helper's answers, as `jq -c` would print them, and whether there was an error."""
    request = struct.pack("<Q", 0) + packed([expression.encode()]) + packed([text.encode()])
    ended = subprocess.run([rig.GONOGO, "jq-helper", str(1 << 28)], input=request, capture_output=True, timeout=60)
    assert ended.returncode == 0, ended
    reply, lines, failed = ended.stdout, [], False
    while reply:
        kind, size = reply[:1], struct.unpack("<Q", reply[1:9])[0]
        content, reply = reply[9:9 + size], reply[9 + size:]
        if kind in (b"c", b"j"):
            failed = True
        elif kind == b"a":
            length = struct.unpack("<Q", content[:8])[0]
            failed, content = length > 0, content[8 + length:]
            count, content = struct.unpack("<Q", content[:8])[0], content[8:]
            for _ in range(count):
                length = struct.unpack("<Q", content[:8])[0]
                lines.append(content[8:8 + length].decode())
                content = content[8 + length:]
    return lines, failed


EXPRESSIONS = [".", ".a", ".a.b", ".[]", ".a[]?", "[.. | numbers]", 'map(.)', 'to_entries', '.a | test("^x")', 'reduce .[] as $x (0; . + 1)',
               'if .a then "y" else "n" end', '[limit(2; range(9))]', '.a as $x | [$x, $x]', 'with_entries(.value |= tostring)', '.a |= 5', 'del(.a)',
               'paths', '@base64', '"\\(.)!"', 'error("x")', '.a, error', 'ascii', 'tojson | fromjson', '[splits("a")]', '"2026-01-06T12:00:00Z" | fromdate',
               'sort_by(.)', 'group_by(.)', 'unique', 'add', 'flatten', 'min, max', '.[1:]', '.[-1]', 'walk(.)', 'env | type', 'nosuch', '.a ==', 'label $f | 1, break $f',
               'def f(x): x + 1; f(1)', 'getpath(["a", "b"])', '1 / 0', '[1, 2] - [2]', '"x" * 3', '{} * {"a": 1}', '.a // "d"', 'try error("x") catch .', 'infinite, nan | isnan', '1e1000']
TEXTS = ['{"a": {"b": 1}, "c": [1, 2]}', '[3, 1, 2]', '{"a": "xay"}', '"a,b"']


@pytest.mark.skipif(not shutil.which("jq"), reason="needs jq")
def test_the_helper_answers_as_jq_does():
    for expression in EXPRESSIONS:
        for text in TEXTS:
            real = subprocess.run(["jq", "-c", expression], input=text, capture_output=True, text=True, timeout=60)
            lines, failed = ask_helper(expression, text)
            assert (lines, failed) == (real.stdout.splitlines(), real.returncode != 0), (expression, text, real)
