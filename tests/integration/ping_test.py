"""The ping kind over loopback and in network namespaces of its own, with loss made by the firewall."""

import json
import os
import pathlib
import subprocess

import pytest
import rig


def ping_in_own_network(folder, options, before="", user=None, timeout="5s"):
    """`gonogo check` behind `before`, in a network namespace where only loopback is up."""
    config = pathlib.Path(folder) / "ping.yaml"
    config.write_text(f"gates: {{g: {{checks: {{it: {{interval: 60s, timeout: {timeout}, ping: {{{options}}}}}}}}}}}\n")
    as_user = f"setpriv --reuid={user} --regid={user} --clear-groups " if user else ""
    script = f"ip link set lo up\n{before}\nexec {as_user}{rig.GONOGO} check -c {config} --json it"
    result = subprocess.run(["unshare", "--net", "sh", "-ec", script], capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
    assert result.returncode in (0, 1), result
    return rig.Seen(next(entry for entry in json.loads(result.stdout)["checks"] if entry["id"] == "it")["last"])


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="network namespaces and raw sockets want root")


def test_loopback_answers_over_both_versions(tmp_path):
    for options in ("host: 127.0.0.1", "host: '::1', family: 6", "host: localhost, count: 5, interval: 1ms"):
        seen = ping_in_own_network(tmp_path, options)
        assert seen.outcome == "pass" and seen.values["loss_percent"] == 0, seen
        assert 0 < seen.values["round_trip"] < 1


def test_an_unprivileged_socket_does_where_the_kernel_lets_us(tmp_path):
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o015)
    allowed = "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1", before=allowed, user=65534)
    assert seen.outcome == "pass", seen
    refused = "echo '1 0' > /proc/sys/net/ipv4/ping_group_range"
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1", before=refused, user=65534)
    assert (seen.outcome, seen.reason) == ("unknown", "prober"), seen
    assert "ping_group_range" in seen.summary


LOSS = "iptables -A INPUT -p icmp --icmp-type echo-request -m statistic --mode nth --every 2 --packet 1 -j DROP"


def test_loss_is_counted(tmp_path):
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1, count: 4, interval: 1ms", before=LOSS, timeout="3s")
    assert (seen.outcome, seen.reason) == ("fail", "threshold"), seen
    assert seen.values["loss_percent"] == 50
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1, count: 4, interval: 1ms, max_loss_percent: 50, warn_loss_percent: 10", before=LOSS, timeout="3s")
    assert seen.outcome == "warn", seen


def test_nobody_there(tmp_path):
    drop = "iptables -A INPUT -p icmp -j DROP"
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1", before=drop, timeout="1s")
    assert (seen.outcome, seen.reason) == ("fail", "timeout") and "0 of 3" in seen.summary, seen
    seen = ping_in_own_network(tmp_path, "host: 192.0.2.1")
    assert seen.outcome == "fail" and "unreachable" in seen.summary, seen
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1, family: 6")
    assert (seen.outcome, seen.reason) == ("fail", "dns"), seen


def test_a_bound_on_the_round_trip(tmp_path):
    seen = ping_in_own_network(tmp_path, "host: 127.0.0.1, max_round_trip: 1us")
    assert seen.outcome == "fail" and "wanted at most" in seen.summary, seen
