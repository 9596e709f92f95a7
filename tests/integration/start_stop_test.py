"""Daemons that start and end soon after it, on a busy machine: each ends in order and leaves nothing, whatever its threads were doing.
GONOGO_STARTS raises the number of daemons."""

import os
import subprocess
import sys

import pytest
import rig

IS_SANITIZED = bool(os.environ.get("GONOGO_SANITIZED"))
STARTS = int(os.environ.get("GONOGO_STARTS") or (10 if IS_SANITIZED else 50))
CONFIG = """
defaults: {interval: 1s, timeout: 1s}
gates:
  host:
    checks:
      disk: {disk: {path: /, writable: false}}
      "file-${each}": {each: [1, 2, 3, 4, 5, 6], file: {path: "FOLDER/gonogo.yaml", sha256: "DIGEST"}}
      port: {tcp: {address: "127.0.0.1:1"}}
  people:
    checks:
      lead: {signoff: {role: lead}}
"""


@pytest.fixture
def busy_machine():
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


def test_daemons_that_end_soon_after_their_start_leave_nothing(busy_machine, tmp_path):
    daemon = rig.Daemon(tmp_path / "d", CONFIG.replace("FOLDER", str(tmp_path / "d")).replace("DIGEST", "0" * 64), start=False)
    failures = []
    for number in range(STARTS):
        daemon.log_name = f"log-{number}"
        daemon.start()
        if number % 2:  # every other one after all of its checks have run once
            rig.wait_until(lambda: all(check["last"] for check in daemon.snapshot()["checks"] if check["kind"] != "signoff"), "each check has run")
        code, text = daemon.stop(), daemon.process.text()
        if code != 0 or "ends as asked" not in text or "Sanitizer" in text or "runtime error" in text:
            failures.append((number, code, text))
    print(f"{STARTS} daemons started and stopped beside {os.cpu_count()} busy loops, {len(failures)} of them failed")
    assert not failures, failures[0]
