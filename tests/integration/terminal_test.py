"""Every verb once on a terminal: none crashes, none hangs."""

import os
import pty
import re
import select
import subprocess
import threading
import time

import pytest

import rig


def on_terminal(arguments, env=None, patience=rig.PATIENCE):
    """The exit code and all that was written, to standard output and error, by a child whose terminal this is."""
    leader, follower = pty.openpty()
    child = subprocess.Popen([rig.GONOGO, *arguments], stdin=follower, stdout=follower, stderr=follower,
                             env={**os.environ, "TERM": "xterm", **(env or {})}, start_new_session=True)
    os.close(follower)
    written = b""
    end = time.monotonic() + patience
    while True:
        assert time.monotonic() < end, f"gonogo {arguments} hangs: {written}"
        if not select.select([leader], [], [], 1)[0]:
            continue
        try:
            more = os.read(leader, 65536)
        except OSError:  # the child has closed its side
            break
        if not more:
            break
        written += more
    os.close(leader)
    return child.wait(patience), written.decode(errors="replace")


CONFIG = """
secrets: {lacking: {env: NO_SUCH_VARIABLE}}
gates:
  g:
    checks:
      disk: {disk: {path: /, min_free: 1}}
      child: {depends_on: [disk], disk: {path: /, min_free: 1}}
      both: {composite: {all_of: [disk, child]}}
      manual: {severity: advisory, signoff: {role: lead}}
      unknown: {severity: advisory, command: {argv: [/bin/sh, -c, exit 3], nagios: true}}
      warns: {severity: advisory, command: {argv: [/bin/sh, -c, exit 1], nagios: true}}
      fails: {severity: advisory, failures: 2, retry_interval: 1s, file: {path: /no/such/file}}
      needs: {severity: advisory, http: {url: 'http://127.0.0.1:1/', bearer: '${secrets.lacking}'}}
      skipped: {when: {dotenv: FOLDER/.env, key: MODE, is: live}, disk: {path: /, min_free: 1}}
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / ".env").write_text("MODE=test\n")
    path = tmp_path / "gonogo.yaml"
    path.write_text(CONFIG.replace("FOLDER", str(tmp_path)))
    return path


@pytest.mark.parametrize("colour", [True, False])
def test_each_outcome_is_printed_on_a_terminal(config, colour):
    code, written = on_terminal(["check", "-c", str(config)], env={} if colour else {"NO_COLOR": "1"})
    assert code == 0, written
    plain = re.sub(r"\x1b\[[0-9;]*[mK]|\r", "", written)
    for word, identifier in (("pass", "disk"), ("pass", "child"), ("pass", "both"), ("pending", "manual"), ("unknown", "unknown"),
                             ("warn", "warns"), ("fail", "fails"), ("fail", "needs"), ("skipped", "skipped")):
        assert re.search(rf"^(\d+ of \d+ checks?.*)?{word} +g/{identifier}\b", plain, re.MULTILINE), (word, identifier, plain)
    assert "verdict: GO" in plain
    assert ("\x1b[32m" in written) == colour


# What each verb is asked, and the exit codes that are right for it.
def arguments_of(tmp_path, config):
    listed = tmp_path / "list.md"
    listed.write_text("# Launch\n\n- [ ] the disk has room\n")
    common = ["-c", str(config)]
    return {
        "check": (common, {0}),
        "verdict": (common, {0, 1}),
        "wait": ([*common, "--for", "go", "--timeout", "30s"], {0}),
        "sign": (["manual", *common], {1}),
        "waive": (["disk", *common, "--why", "x", "--for", "1h"], {1}),
        "deploy announce": (["v1", *common], {1}),
        "deploy start": (["v1", *common], {1}),
        "deploy status": (common, {0, 1}),
        "history": (common, {0}),
        "audit verify": (common, {0, 1}),
        "audit show": (common, {0}),
        "report": ([*common, "--list", str(listed)], {0}),
        "config check": (common, {0}),
        "config show": (common, {0}),
        "config import": ([str(listed)], {0}),
        "config coverage": ([*common, "--list", str(listed)], {0, 1}),
        "config reload": (common, {0, 1}),
        "help": ([], {0}),
    }


def all_verbs():
    page = subprocess.run([rig.GONOGO, "help", "--man"], capture_output=True, text=True, timeout=60).stdout
    return set(re.findall(r"^\.SS gonogo ([a-z]+(?: [a-z]+)?)", page, re.MULTILINE))


def test_every_verb_runs_on_a_terminal(make, tmp_path, config):
    daemon = make(config.read_text())
    daemon.wait_for("GO")
    table = arguments_of(tmp_path, config)
    assert all_verbs() - {"serve"} == set(table), "a verb is missing in this test"
    for verb, (arguments, right) in table.items():
        code, written = on_terminal([*verb.split(), *arguments], env={"GONOGO_URL": f"http://127.0.0.1:{daemon.port}"})
        assert code in right, (verb, code, written)


def test_every_verb_ends_on_a_terminal_where_no_daemon_answers(tmp_path, config):
    table = arguments_of(tmp_path, config)
    table["wait"] = (["-c", str(config), "--for", "go", "--timeout", "1s"], {2})
    for verb, (arguments, right) in table.items():
        code, written = on_terminal([*verb.split(), *arguments], env={"GONOGO_URL": "http://127.0.0.1:1"})
        assert code in right | {2}, (verb, code, written)


def test_the_daemon_runs_on_a_terminal_and_ends_as_asked(tmp_path, config):
    port = rig.free_port()
    leader, follower = pty.openpty()
    child = subprocess.Popen([rig.GONOGO, "serve", "-c", str(config), "--listen", f"127.0.0.1:{port}", "--store", str(tmp_path / "db")],
                             stdin=follower, stdout=follower, stderr=follower, start_new_session=True)
    os.close(follower)

    def drain():
        try:
            while os.read(leader, 65536):
                pass
        except OSError:
            pass

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    rig.wait_until(lambda: rig.connects(port) or child.poll() is not None, "gonogo listens")
    child.terminate()
    assert child.wait(rig.PATIENCE) == 0
    reader.join(rig.PATIENCE)
    os.close(leader)
