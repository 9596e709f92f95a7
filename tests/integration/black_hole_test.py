"""A TCP port that swallows everything, beside one that answers."""

import pytest
import rig


@pytest.fixture
def listener():
    listener = rig.Listener()
    yield listener
    listener.stop()


def test_a_black_hole_times_out_and_delays_nobody(listener, tmp_path):
    daemon = rig.Daemon(tmp_path / "d", f"""
defaults: {{interval: 1s, timeout: 1s}}
gates: {{g: {{checks: {{
  hole: {{http: {{url: "http://127.0.0.1:{listener.port}/"}}}},
  disk: {{disk: {{path: /, writable: false}}}}}}}}}}
""")
    try:
        daemon.wait_for("GO")
        listener.swallow()
        daemon.wait_for_check("hole", "fail", "timeout")
        assert daemon.verdict()["verdict"] == "NO-GO"
        before = daemon.check("disk")["last"]["at"]
        rig.wait_until(lambda: daemon.check("disk")["last"]["at"] != before, "the other check goes on")
        assert daemon.check("disk")["state"] == "pass"
        listener.answer_again()
        daemon.wait_for("GO")
    finally:
        assert daemon.stop() == 0
