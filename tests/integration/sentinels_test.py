"""This host or the target? A dead name server, a dead gateway, and the first answer of a daemon that starts."""

import contextlib
import os
import socket
import subprocess
import sys

import pytest
import rig

LONG = "stale_after: 1h, interval: 1s, timeout: 1s"


@pytest.fixture
def listener():
    listener = rig.Listener()
    yield listener
    listener.stop()


@pytest.fixture
def names(tmp_path):
    """A name server that knows api.test and refuses to answer for other names, also for the root."""
    names = rig.Dnsmasq(tmp_path / "names", {"api.test": "127.0.0.1"})
    yield names
    names.stop()


def by_name(listener, names, more=""):
    return f"""
resolver: {{servers: ["127.0.0.1:{names.port}"]}}
gates: {{g: {{checks: {{
  api: {{{LONG}, {more} http: {{url: "http://api.test:{listener.port}/"}}}},
  disk: {{{LONG}, disk: {{path: /, writable: false}}}}}}}}}}
"""


def states_of(daemon, check):
    lines = daemon.run("history", check, "--since", "1h").stdout.splitlines()
    return [line.split(" -> ")[1].split()[0].rstrip(":") for line in lines if " -> " in line]


def test_without_a_name_server_no_target_is_down(make, listener, names):
    daemon = make(by_name(listener, names))
    daemon.wait_for("GO")
    names.stop()
    daemon.wait_for_check("prober", "fail", "prober")
    rig.wait_until(lambda: daemon.check("api")["last"]["outcome"] == "unknown", "the run is unknown")
    api = daemon.check("api")
    assert (api["state"], api["last"]["reason"]) == ("pass", "prober"), api
    assert "no name server answers" in api["last"]["summary"], api
    verdict = daemon.verdict()
    assert (verdict["verdict"], [blocker["check"] for blocker in verdict["blockers"]]) == ("NO-GO", ["prober"])
    names.start()
    daemon.wait_for("GO")
    rig.wait_until(lambda: daemon.check("api")["last"]["outcome"] == "pass", "it passes again")
    assert states_of(daemon, "api") == ["pass"], "nothing was recorded against it"


def test_a_reload_forgets_no_dead_name_server(make, listener, names):
    """Nothing has passed since: a reload makes no GO of NO-GO."""
    daemon = make(by_name(listener, names).replace("stale_after: 1h, interval: 1s", "stale_after: 3h, interval: 1h"))
    daemon.wait_for("GO")
    names.stop()
    daemon.wait_for_check("prober", "fail", "prober")
    for more in ("", "prober: {max_lateness: 2s}\n"):
        daemon.write(more + by_name(listener, names).replace("stale_after: 1h, interval: 1s", "stale_after: 3h, interval: 1h"))
        daemon.reload()
        assert daemon.verdict()["verdict"] == "NO-GO"
        for _ in range(2):
            last = daemon.check("prober")["last"]
            rig.wait_until(lambda last=last: daemon.check("prober")["last"] not in (None, last), "prober runs again")
        assert daemon.check("prober")["state"] == "fail"
        assert daemon.verdict()["verdict"] == "NO-GO"
    names.start()
    daemon.wait_for("GO")


def test_a_name_that_does_not_exist_is_the_targets_failure(make, listener, names):
    daemon = make(by_name(listener, names).replace("api.test:", "gone.test:"))
    daemon.wait_for_check("api", "fail", "dns")
    assert daemon.check("prober")["state"] == "pass", "any answer of a name server counts"


def test_a_name_server_that_only_advisory_checks_need_is_a_warning(make, listener, names):
    daemon = make(by_name(listener, names, "severity: advisory,"))
    daemon.wait_for("GO")
    rig.wait_until(lambda: daemon.check("api")["state"] == "pass", "the name was resolved")
    names.stop()
    daemon.wait_for_check("prober", "warn", "prober")
    assert daemon.verdict()["verdict"] == "GO"
    rig.wait_until(lambda: daemon.check("api")["last"]["outcome"] == "unknown", "it is explained all the same")


def test_a_name_server_that_is_the_target_fails(make, listener, names):
    daemon = make(f"gates: {{g: {{checks: {{ns: {{{LONG}, dns: {{name: api.test, servers: ['127.0.0.1:{names.port}']}}}}}}}}}}\n")
    daemon.wait_for("GO")
    names.stop()
    daemon.wait_for_check("ns", "fail", "dns")
    assert daemon.check("prober")["state"] == "pass"


def test_where_no_name_is_resolved_no_name_server_is_asked(make, listener):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        port = server.getsockname()[1]
        daemon = make(f"""
resolver: {{servers: ["127.0.0.1:{port}"]}}
gates: {{g: {{checks: {{
  a: {{{LONG}, http: {{url: "http://127.0.0.1:{listener.port}/"}}}},
  b: {{{LONG}, http: {{url: "http://localhost:{listener.port}/"}}}}}}}}}}
""")
        daemon.wait_for("GO")
        first = daemon.check("prober")["last"]["at"]
        rig.wait_until(lambda: daemon.check("prober")["last"]["at"] != first, "prober runs again")
        with pytest.raises(BlockingIOError):
            server.recv(512)


class Gateway:
    """Another network behind a cable: the gateway 192.0.2.1, and 203.0.113.9 beyond it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        ours = os.readlink("/proc/self/ns/net")
        rig.wait_until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours, "the network is there")
        self.ip(f"link add g0 type veth peer name g1 netns {self.holder.pid}")
        self.ip("addr add 192.0.2.2/24 dev g0")
        self.ip("link set g0 up")
        self.inside("ip link set lo up")
        self.inside("ip addr add 192.0.2.1/24 dev g1")
        self.inside("ip addr add 203.0.113.9/32 dev lo")
        self.inside("ip link set g1 up")
        self.ip("route add 203.0.113.0/24 via 192.0.2.1")
        self.server = None
        self.serve()

    @staticmethod
    def ip(arguments):
        subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)

    def inside(self, command):
        subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", *command.split()], check=True, capture_output=True)

    def serve(self):
        self.server = subprocess.Popen(["nsenter", "-t", str(self.holder.pid), "-n", sys.executable, "-m", "http.server", "8080", "--bind", "203.0.113.9",
                                        "--directory", "/usr/share/doc/base-files"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rig.wait_until(self.answers, "the server answers")

    @staticmethod
    def answers():
        with contextlib.suppress(OSError), socket.create_connection(("203.0.113.9", 8080), timeout=1):
            return True
        return False

    def stop_server(self):
        self.server.terminate()
        self.server.wait()

    def stop(self):
        self.stop_server()
        with contextlib.suppress(subprocess.CalledProcessError):
            self.ip("link del g0")
        self.holder.terminate()
        self.holder.wait()


@pytest.fixture
def gateway(only_on_own_host):
    gateway = Gateway()
    yield gateway
    gateway.stop()


def test_what_is_beyond_a_dead_gateway_is_not_down(make, gateway):
    daemon = make(f"""
prober: {{gateway: 192.0.2.1}}
gates: {{g: {{checks: {{far: {{{LONG}, http: {{url: "http://203.0.113.9:8080/"}}}}}}}}}}
""")
    daemon.wait_for("GO")
    gateway.stop_server()
    daemon.wait_for_check("far", "fail", "connect")  # the gateway is well: it is the target
    gateway.serve()
    daemon.wait_for("GO")
    gateway.inside("ip link set g1 down")
    daemon.wait_for_check("prober", "fail", "prober")
    rig.wait_until(lambda: daemon.check("far")["last"]["outcome"] == "unknown", "the run is unknown")
    assert "192.0.2.1" in daemon.check("far")["last"]["summary"]
    gateway.inside("ip link set g1 up")
    daemon.wait_for("GO")
    # One failure while the server was down, and none while the gateway was.
    assert states_of(daemon, "far").count("fail") == 1, daemon.run("history", "--since", "1h").stdout
