"""A real Prometheus scrapes gonogo; promtool has nothing to say."""

import gzip
import json
import subprocess

import rig


def test_prometheus_scrapes_and_promtool_is_silent(tmp_path):
    listener = rig.Listener()
    daemon = rig.Daemon(tmp_path / "d", f"""
defaults: {{interval: 1s, timeout: 1s}}
gates:
  g:
    title: "Gate with \\"quotes\\""
    checks:
      disk: {{disk: {{path: /, writable: false}}}}
      web: {{http: {{url: "http://127.0.0.1:{listener.port}/"}}}}
      gone: {{severity: advisory, file: {{path: /nonexistent}}}}
      sign: {{severity: advisory, signoff: {{role: lead}}}}
""")
    port = rig.free_port()
    conf = tmp_path / "prometheus.yml"
    conf.write_text(f"scrape_configs: [{{job_name: gonogo, scrape_interval: 1s, static_configs: [{{targets: ['127.0.0.1:{daemon.port}']}}]}}]")
    prometheus = rig.Process(["prometheus", f"--config.file={conf}", f"--web.listen-address=127.0.0.1:{port}",
                              f"--storage.tsdb.path={tmp_path}/tsdb"], tmp_path / "prometheus.log")
    try:
        daemon.wait_for("GO")
        metrics = daemon.get("/metrics")
        lint = subprocess.run(["promtool", "check", "metrics"], input=metrics.body, capture_output=True)
        assert (lint.returncode, lint.stdout, lint.stderr) == (0, b"", b""), lint
        zipped = daemon.get("/metrics", headers={"Accept-Encoding": "gzip"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert b"gonogo_verdict_go 1" in gzip.decompress(zipped.body)

        rig.wait_until(lambda: rig.connects(port) and rig.request(port, "/-/ready").status == 200, "Prometheus is ready")
        target = lambda: json.loads(rig.request(port, "/api/v1/targets").body)["data"]["activeTargets"]
        rig.wait_until(lambda: any(t["health"] == "up" for t in target()), "the target is up")

        def query(expression):
            import urllib.parse
            answer = json.loads(rig.request(port, "/api/v1/query?query=" + urllib.parse.quote(expression)).body)
            return [float(sample["value"][1]) for sample in answer["data"]["result"]]

        rig.wait_until(lambda: query("gonogo_verdict_go") == [1], "GO is scraped")
        assert query('gonogo_check_state{check="gone",state="fail"}') == [1]
        assert query('sum(gonogo_check_state{check="web"})') == [1]
        assert query("gonogo_check_schedule_lateness_seconds_count > 0")
        for name in ("gonogo_verdict_last_change_timestamp_seconds", "gonogo_gate_go", "gonogo_check_duration_seconds",
                     "gonogo_check_phase_duration_seconds", "gonogo_check_value", "gonogo_check_last_run_timestamp_seconds",
                     "gonogo_check_runs_total", "gonogo_check_reason", "gonogo_waivers_active", "gonogo_config_last_reload_successful",
                     "gonogo_config_last_reload_success_timestamp_seconds", "gonogo_build_info", "process_cpu_seconds_total"):
            assert query(name), name
        listener.swallow()
        rig.wait_until(lambda: query("gonogo_verdict_go") == [0], "NO-GO is scraped")
    finally:
        prometheus.stop()
        listener.stop()
        assert daemon.stop() == 0
