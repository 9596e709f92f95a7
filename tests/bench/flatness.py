"""Memory and descriptors over many runs of each kind: `tests/bench/flatness [COUNT [KIND...]]` prints what the pages say of it. Not a
test: nothing here passes or fails. The servers are those of the tests; root, for the ones that want it."""

import contextlib
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

os.environ.setdefault("GONOGO", str(pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "gonogo"))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))
import rig  # noqa: E402
import scenario_test  # noqa: E402
import servers  # noqa: E402
import systemd_test  # noqa: E402

LOOKS = pathlib.Path(os.environ["GONOGO"]).parent / "tests" / "bench_runs"
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
CHOSEN = sys.argv[2:]
AT_ONCE = 4


def world(folder, started):
    """Each kind's check, and the servers it checks."""
    start = lambda server: started.append(server) or server
    authority = rig.Authority(folder)
    certificate, key = authority.issue("web", ["a.test"])
    port, tls = rig.free_port(), rig.free_port()
    start(rig.Nginx(folder / "nginx", f"""
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 '{{"ok": true}}'; }} }}
  server {{ listen 127.0.0.1:{tls} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key}; return 200 ok; }}""").start())
    postgres = start(rig.Postgres(folder / "pg", "max_connections=50"))
    postgres.sql("CREATE TABLE job_heartbeats (name text, last_heartbeat timestamptz, consecutive_failures int, last_error text);"
                 "INSERT INTO job_heartbeats VALUES ('a', now() + interval '2 seconds', 0, NULL)")
    redis = start(servers.Redis(folder))
    bind = start(servers.Named(folder / "named", {"example.org": "$TTL 60\n@ IN SOA ns. a. (1 1 1 1 1)\n@ IN NS ns.example.org.\nns IN A 127.0.0.1\n@ IN A 192.0.2.1\n"}))
    prometheus = start(servers.Prometheus(folder / "prometheus"))
    rig.wait_until(lambda: prometheus.has_data("up"), "Prometheus has data")
    docker = start(servers.Docker(folder / "docker"))
    docker.make_image("shop/web:ci")
    docker.service("shop", "web", "shop/web:ci", "sleep", "1000000")
    (folder / ".env").write_text("A=kV9$$mQ2x!Rz7wLp4Tn8b\nB=2\n")
    (folder / "crontab").write_text("15 2 * * * root /opt/app/backup.sh\n")
    (folder / "app.log").write_text("info\n" * 100)
    (folder / "marker").write_text(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    tree = folder / "tree"
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    subprocess.run(["git", "-C", str(tree), "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), scenario_test.Application)
    scenario_test.Application.note = lambda self: None
    threading.Thread(target=application.serve_forever, daemon=True).start()
    url = postgres.url()
    steps = f"[{{name: a, url: /healthz, capture: {{s: {{json: .status}}}}}}, {{name: b, url: /healthz, headers: {{X-Seen: '{{{{s}}}}'}}}}]"
    return f"docker: {{socket: {docker.socket}}}", {
        "clock": "{synchronised: false}", "command": "{argv: ['true']}", "cron": f"{{command: backup, files: [{folder}/crontab], at_least_every: 25h}}",
        "disk": "{path: /}", "dns": f"{{name: example.org, servers: ['127.0.0.1:{bind.port}']}}",
        "docker": "{project: shop, services: [web]}", "dotenv": f"{{path: {folder}/.env, keys: {{A: {{min_length: 5, min_strength: 20}}}}}}",
        "file": f"{{glob: '{folder}/*.log', contains: info}}", "git": f"{{path: {tree}}}", "heartbeat": f"{{database: '{url}', max_age: 10d}}",
        "http": f"{{url: 'http://127.0.0.1:{port}/', expect: {{json: .ok}}}}", "load": "{max_per_core: 1000}",
        "log": f"{{path: {folder}/app.log, matches: error, max: 0}}", "marker": f"{{path: {folder}/marker, max_age: 10d}}", "memory": "{min_total: 1MiB}",
        "ping": "{host: 127.0.0.1, count: 1}", "postgres": f"{{database: '{url}', query: SELECT 1, expect: {{equals: '1'}}}}",
        "prober": "{}", "promql": f"{{url: 'http://127.0.0.1:{prometheus.port}', query: up, expect: {{equals: 1}}}}",
        "scenario": f"{{base: 'http://127.0.0.1:{application.server_port}', steps: {steps}}}",
        "tcp": f"{{address: '127.0.0.1:{redis.port}', dialogue: [{{send: \"PING\\r\\n\"}}, {{expect: PONG}}]}}",
        "tls": f"{{address: '127.0.0.1:{tls}', server_name: a.test, ca: {authority.path}}}",
        "version": f"{{file: {folder}/crontab, is: '15 2 * * * root /opt/app/backup.sh'}}", "deployment": "{}",
        "http2": f"{{url: 'https://127.0.0.1:{tls}/', server_name: a.test, ca: {authority.path}, protocol: h2}}",
    }


def measure(folder, more, kind, options):
    config = folder / "bench.yaml"
    keyword = "http" if kind == "http2" else kind
    check = f"{{interval: 60s, timeout: 20s, {keyword}: {options}}}"
    text = f"{more}\ngates: {{g: {{checks: {{it: {check}}}}}}}\n" if kind != "prober" else f"{more}\ngates: {{g: {{checks: {{d: {{disk: {{path: /}}}}}}}}}}\n"
    config.write_text(text)
    report(kind, [LOOKS, config, "prober" if kind == "prober" else "it"])


def measure_systemd(folder):
    """In a booted systemd of its own."""
    container = systemd_test.Container(folder)
    try:
        (container.root / "opt/bench_runs").write_bytes(LOOKS.read_bytes())
        (container.root / "opt/bench_runs").chmod(0o755)
        (container.root / "etc/bench.yaml").write_text("gates: {g: {checks: {it: {interval: 60s, timeout: 20s, systemd: {unit: app.service}}}}}\n")
        container.systemctl("start", "app.service")
        report("systemd", ["nsenter", "-t", str(container.leader), "-m", "-n", "-p", "/opt/bench_runs", "/etc/bench.yaml", "it"])
    finally:
        container.stop()


def report(kind, command):
    began = time.monotonic()
    result = subprocess.run([*command, str(COUNT), str(AT_ONCE)], capture_output=True, text=True)
    took = time.monotonic() - began
    points = [(int(runs), int(kib), int(fds)) for runs, kib, fds in re.findall(r"(\d+) runs, (\d+) KiB, (\d+) desc", result.stdout)]
    outcomes = " ".join(re.findall(r"outcome (.*)", result.stdout))
    if not points:
        print(f"| `{kind}` | {result.stderr.strip()[:200]} |")
        return
    (_, first, first_fds), (_, last, last_fds) = points[0], points[-1]
    print(f"| `{kind}` | {COUNT:,} ({outcomes}) | {first / 1024:.1f} | {last / 1024:.1f} | {first_fds} | {last_fds} | {COUNT / took:,.0f} |", flush=True)


with tempfile.TemporaryDirectory(prefix="gonogo-flatness-") as name, contextlib.ExitStack() as stack:
    started = []
    stack.callback(lambda: [server.stop() for server in reversed(started)])
    folder = pathlib.Path(name)
    more, checks = world(folder, started)
    print(f"| kind | runs | MB after {COUNT // 10:,} | MB after all | descriptors after {COUNT // 10:,} | after all | runs/s |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for kind, options in checks.items():
        if not CHOSEN or kind in CHOSEN:
            measure(folder, more, kind, options)
    if not CHOSEN or "systemd" in CHOSEN:
        (folder / "nspawn").mkdir()
        measure_systemd(folder / "nspawn")
