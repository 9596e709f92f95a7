"""The figures of the README: `tests/bench/run` prints them as its table. Two cores: the daemon under measurement is pinned to
one, the servers it checks and the load to the other. Not a test: nothing here passes or fails."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))
import rig  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
MINE, OTHERS = "0", "1"
SMOKE = "--smoke" in sys.argv[1:]  # the same measurements, too short to mean anything
os.sched_setaffinity(0, {1})


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Pinned(rig.Daemon):
    def command(self, *arguments):
        return ["taskset", "-c", MINE, rig.GONOGO, *arguments]

    def pid(self):
        return self.process.child.pid

    def total_runs(self):
        """Looks that passed: what timed out or was skipped is no probe done."""
        return sum(float(line.split()[-1]) for line in self.get("/metrics").text.splitlines()
                   if line.startswith("gonogo_check_runs_total") and 'outcome="pass"' in line)


HOSTS = [f"127.0.0.{i}" for i in range(1, 41)]  # one alone would run out of ports: each connection keeps one for a minute


def configuration(count, interval, option):
    checks = "".join(f"      c{i}: {{{option.replace('127.0.0.1', HOSTS[i % len(HOSTS)])}}}\n" for i in range(count))
    return f"defaults: {{interval: {interval}, timeout: 1s}}\ngates:\n  g:\n    checks:\n{checks}"


def measure_rate(folder, option, count, seconds):
    daemon = Pinned(folder, configuration(count, "1s", option))
    try:
        time.sleep(4)
        runs, spent, begun = daemon.total_runs(), cpu(daemon.pid()), time.monotonic()
        time.sleep(seconds)
        spent, took = cpu(daemon.pid()) - spent, time.monotonic() - begun
        runs = daemon.total_runs() - runs
        return spent / runs * 1000, runs / took, spent / took
    finally:
        daemon.stop()


def measure_blackbox(folder, module, target, count):
    folder.mkdir()
    config = folder / "blackbox.yml"
    config.write_text("""modules:
  http_2xx: {prober: http, timeout: 1s, http: {preferred_ip_protocol: ip4}}
  https_2xx: {prober: http, timeout: 1s, http: {preferred_ip_protocol: ip4, tls_config: {ca_file: %s, server_name: bench.test}}}
""" % (folder.parent / "test-root.pem"))
    port = rig.free_port()
    process = rig.Process(["taskset", "-c", MINE, "prometheus-blackbox-exporter", f"--config.file={config}",
                           f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], folder / "log")
    try:
        rig.wait_until(lambda: rig.connects(port), "blackbox_exporter listens")
        path = f"/probe?target={target}&module={module}"
        assert "probe_success 1" in rig.request(port, path).text

        def drive(share):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            for _ in range(share):
                connection.request("GET", path)
                connection.getresponse().read()

        spent, begun = cpu(process.child.pid), time.monotonic()
        threads = [threading.Thread(target=drive, args=(count // 8,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent, took = cpu(process.child.pid) - spent, time.monotonic() - begun
        return spent / count * 1000, count / took, spent / took
    finally:
        process.stop()


def measure_memory(folder, option, count):
    daemon = Pinned(folder, configuration(count, "30s", option))
    try:
        rig.wait_until(lambda: daemon.total_runs() >= count, "all have run", 120)
        time.sleep(5)
        return rss(daemon.pid())
    finally:
        daemon.stop()


def measure_lateness(folder, option):
    daemon = Pinned(folder, configuration(10_000, "10s", option))
    try:
        time.sleep(15)

        def buckets():
            text = daemon.get("/metrics").text
            return {bound: int(count) for bound, count in re.findall(r'schedule_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)', text)}

        before = buckets()
        spent = cpu(daemon.pid())
        time.sleep(40)
        spent = cpu(daemon.pid()) - spent
        after = buckets()
        counts = {float(bound.replace("+Inf", "inf")): after[bound] - before[bound] for bound in after}
        total = counts[float("inf")]
        lower = 0.0
        below = 0
        for bound in sorted(counts):
            if counts[bound] >= 0.99 * total:
                share = (0.99 * total - below) / max(1, counts[bound] - below)
                return (lower + (bound - lower) * share) * 1000, total, spent / 40
            lower, below = bound, counts[bound]
    finally:
        daemon.stop()


def measure_requests(folder, option, count, path):
    daemon = Pinned(folder, configuration(count, "30s", option))
    try:
        rig.wait_until(lambda: daemon.total_runs() >= count, "all have run", 120)
        out = subprocess.run(["taskset", "-c", OTHERS, "wrk", "-t1", "-c16", "-d8s", "--latency", f"http://127.0.0.1:{daemon.port}{path}"],
                             capture_output=True, text=True).stdout
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), re.search(r"99%\s+(\S+)", out)[1]
    finally:
        daemon.stop()


USUAL = """      check-{i}:
        title: Check number {i} of the list
        item: {a}.{b}.{c}
        severity: blocker
        interval: 30s
        timeout: 5s
        failures: 2
        depends_on: [{before}]
        runbook: https://runbooks.example.org/check-{i}
        owner: team-{a}
        labels: {{team: team-{a}, tier: batch}}
        http:
          url: https://host-{i}.example.org/healthz
          headers: {{Accept: application/json}}
          expect: {{status: 200, body: "ok"}}
"""


def measure_load(folder, count):
    """Seconds and MB at their peak of `config check`: checks with the usual keys, in files of at most 20,000."""
    (folder / "checks.d").mkdir(parents=True)
    (folder / "gonogo.yaml").write_text("include: [checks.d/*.yaml]\n")
    for number, start in enumerate(range(0, count, 20_000)):
        checks = "".join(USUAL.format(i=i, before=f"check-{i - 1}" if i % 10 else "", a=i // 10_000, b=i // 100 % 100, c=i % 100)
                         for i in range(start, min(start + 20_000, count)))
        (folder / "checks.d" / f"{number:03}.yaml").write_text(f"gates:\n  gate-{number}:\n    checks:\n{checks}")
    begun = time.monotonic()
    child = subprocess.Popen(["taskset", "-c", MINE, rig.GONOGO, "config", "check", "-c", str(folder / "gonogo.yaml")], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, f"{count} checks: status {status}"
    size = sum(file.stat().st_size for file in (folder / "checks.d").iterdir())
    return time.monotonic() - begun, used.ru_maxrss / 1024, size / 1e6


def measure_start(folder):
    config = (rig.ROOT / "etc" / "gonogo.yaml").read_text()
    best = []
    for i in range(5):
        daemon = Pinned(folder / str(i), config, start=False)
        begun = time.monotonic()
        daemon.process = rig.Process(daemon.command("serve", "-c", str(daemon.config), "--store", str(daemon.folder / "x.db"), "--listen",
                                                    f"127.0.0.1:{daemon.port}"), daemon.folder / "log")
        while True:
            try:
                if daemon.get("/verdict").status == 200:
                    break
            except OSError:
                time.sleep(0.001)
        best.append(time.monotonic() - begun)
        daemon.stop()
    return sorted(best)[2] * 1000


def main():
    kinds, load, seconds = (("plain",), 100, 3) if SMOKE else (("plain", "TLS"), 6000, 20)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gonogo-bench-"))
    authority = rig.Authority(folder)
    certificate, key = authority.issue("bench", ["bench.test"])
    plain, tls = rig.free_port(), rig.free_port()
    nginx = rig.Nginx(folder / "nginx", f"""keepalive_timeout 0;
      server {{ {" ".join(f"listen {host}:{plain};" for host in HOSTS)} location / {{ return 200 ok; }} }}
      server {{ {" ".join(f"listen {host}:{tls} ssl;" for host in HOSTS)} ssl_certificate {certificate}; ssl_certificate_key {key}; location / {{ return 200 ok; }} }}""").start()
    rig.wait_until(lambda: rig.connects(tls), "nginx listens")
    for line in pathlib.Path(f"/proc/{nginx.process.child.pid}/task/{nginx.process.child.pid}/children").read_text().split():
        subprocess.run(["taskset", "-cp", OTHERS, line], capture_output=True)
    options = {"plain": f'http: {{url: "http://127.0.0.1:{plain}/"}}',
               "TLS": f'http: {{url: "https://127.0.0.1:{tls}/", server_name: bench.test, ca: {authority.path}}}'}
    targets = {"plain": ("http_2xx", f"http://127.0.0.1:{plain}/"), "TLS": ("https_2xx", f"https://127.0.0.1:{tls}/")}
    try:
        for kind in kinds:
            ours, rate, share = measure_rate(folder / f"ours-{kind}", options[kind], 20 if SMOKE else 300, seconds)
            theirs, _, _ = measure_blackbox(folder / f"theirs-{kind}", *targets[kind], load)
            print(f"CPU s per 1,000 {kind} probes | {ours:.3f} | blackbox_exporter {theirs:.3f} | ratio {ours / theirs:.2f}", flush=True)
            if SMOKE:
                continue
            _, peak, share = measure_rate(folder / f"peak-{kind}", options[kind], 3000 if kind == "plain" else 800, 15)
            _, their_peak, their_share = measure_blackbox(folder / f"theirs-peak-{kind}", *targets[kind], 6000)
            print(f"peak {kind} probes/s on one core | {peak:.0f} (core {share:.0%} busy) | blackbox_exporter {their_peak:.0f} (core {their_share:.0%} busy)", flush=True)
        for count in (10,) if SMOKE else (10, 100, 1000, 10_000):
            print(f"resident MB at {count} checks | {measure_memory(folder / f'memory-{count}', options['plain'], count):.1f}", flush=True)
        if not SMOKE:
            late, runs, share = measure_lateness(folder / "lateness", options["plain"])
            print(f"p99 lateness, 10,000 checks over 10 s | {late:.2f} ms over {runs} runs, core {share:.0%} busy", flush=True)
        for path in ("/verdict", "/metrics"):
            rate, p99 = measure_requests(folder / f"requests{path[1:]}", options["plain"], 10 if SMOKE else 1000 if path == "/metrics" else 300, path)
            print(f"{path} requests/s | {rate:.0f} | p99 {p99}", flush=True)
        for count in (1000,) if SMOKE else (10_000, 100_000):
            seconds, peak, size = measure_load(folder / f"load-{count}", count)
            print(f"load of {count} checks with the usual keys ({size:.1f} MB of YAML) | {seconds:.2f} s | {peak:.0f} MB at its peak", flush=True)
        print(f"start to first GO, default configuration | {measure_start(folder):.0f} ms", flush=True)
    finally:
        nginx.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
