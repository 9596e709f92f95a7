"""The promql kind against Prometheus and Alertmanager."""

import http.server
import threading

import pytest
import rig
import servers

RULES = """groups:
- name: g
  rules:
  - {alert: AlwaysFiring, expr: vector(1), labels: {severity: page}}
  - {alert: CanaryDown, expr: vector(1), labels: {severity: page}}
  - {alert: JustAWarning, expr: vector(1), labels: {severity: warning}}
  - {alert: NeverFiring, expr: vector(1) == 0}
  - {record: "job:up:sum", expr: sum by (job) (up)}
  - {record: broken, expr: 'up * on(instance) group_left() {job="twins"}'}
"""


class Twins(http.server.BaseHTTPRequestHandler):
    """Metrics that make the broken rule break: two series for one instance, and a NaN."""

    def do_GET(self):
        body = b'a{n="1"} 1\na{n="2"} 2\nnothing NaN\n'
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    twins = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Twins)
    threading.Thread(target=twins.serve_forever, daemon=True).start()
    alertmanager = servers.Alertmanager(folder / "alertmanager")
    scrape = (f"  - {{job_name: twins, static_configs: [{{targets: ['127.0.0.1:{twins.server_port}']}}]}}\n"
              f"  - {{job_name: absent, static_configs: [{{targets: ['127.0.0.1:{rig.free_port()}']}}]}}\n")
    server = servers.Prometheus(folder / "prometheus", scrape, RULES, alertmanager.port)
    server.alertmanager = alertmanager
    rig.wait_until(lambda: server.has_data("a") and server.has_data("job:up:sum") and server.has_data('up{job="absent"}'), "Prometheus has data")
    rig.wait_until(lambda: len(rig.request(alertmanager.port, "/api/v2/alerts").json()) >= 3, "the alerts fire")
    yield server
    server.stop()
    alertmanager.stop()
    twins.shutdown()


def ask(folder, server, options):
    return rig.run_check(folder, f"promql: {{url: 'http://127.0.0.1:{server.port}', {options}}}")


CASES = [
    ("query: 'up{job=\"twins\"}', expect: {equals: 1}, max_sample_age: 1m", "pass", "", "value 1"),
    ("query: 'up{job=\"absent\"}', expect: {equals: 1}", "fail", "threshold", 'job="absent"'),
    ("query: 'a', expect: {min: 1, max: 2}", "pass", "", "2 samples"),
    ("query: 'a', expect: {max: 1}", "fail", "threshold", "is 2, wanted at most 1"),
    ("query: 'a', expect: {max: 1}, samples: any", "pass", "", ""),
    ("query: 'a', expect: {max: 0}, samples: any", "fail", "threshold", ""),
    ("query: 'a', expect: {max: 9}, warn: {max: 1}", "warn", "threshold", ""),
    ("query: 'vector(1) == 0', expect: {min: 0}", "fail", "missing", "no data"),
    ("query: 'vector(1) == 0', expect: {min: 0}, no_data: pass", "pass", "", ""),
    ("query: 'nothing', expect: {min: 0}", "fail", "threshold", "is not a number"),
    ("query: 'nothing', expect: {min: 0}, nan: pass", "pass", "", ""),
    ("query: '1/0', expect: {max: 5}", "fail", "threshold", "inf"),
    ("query: 'scalar(vector(3))', expect: {equals: 3}", "pass", "", "value 3"),
    ("query: 'a[1m]', expect: {min: 0}", "fail", "content", "wanted an instant vector"),
    ("query: 'sum(', expect: {min: 0}", "fail", "status", "parse error"),
    ("no_alerts: true", "fail", "reported", "AlwaysFiring, CanaryDown, JustAWarning"),
    ("no_alerts: true, severities: page, alerts_except: ['Canary.*', Always]", "fail", "reported", "firing: AlwaysFiring"),
    ("no_alerts: true, severities: [page, critical], alerts_except: ['Canary.*', 'Always.*']", "pass", "", "but 2 excepted"),
    ("rules: [AlwaysFiring, NeverFiring, 'job:up:sum']", "pass", "", "3 rules"),
    ("rules: [NotThere]", "fail", "missing", "NotThere"),
    ("rules: [broken]", "fail", "error", "cannot be evaluated"),
    ("targets_up: [twins, prometheus]", "pass", "", ""),
    ("targets_up: absent", "fail", "reported", "refused"),
    ("targets_up: nobody", "fail", "missing", "nobody"),
]


@pytest.mark.parametrize("options, outcome, reason, words", CASES)
def test_questions(options, outcome, reason, words, prometheus, tmp_path):
    seen = ask(tmp_path, prometheus, options)
    assert seen.outcome == outcome and (reason or "none") == seen.reason and words in seen.summary, seen


def test_alertmanager_counts_neither_silenced_nor_excepted(prometheus, tmp_path):
    port = prometheus.alertmanager.port
    options = "alertmanager: true, no_alerts: true, alerts_except: ['Canary.*', 'Always.*']"
    seen = ask(tmp_path, prometheus.alertmanager, options)
    assert seen.reason == "reported" and "JustAWarning" in seen.summary, seen
    silence = rig.request(port, "/api/v2/silences", "POST", {"Content-Type": "application/json"},
                          '{"matchers":[{"name":"alertname","value":"JustAWarning","isRegex":false,"isEqual":true}],'
                          '"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"t","comment":"t"}')
    assert silence.status == 200, silence.text
    rig.wait_until(lambda: ask(tmp_path, prometheus.alertmanager, options).outcome == "pass", "the silenced alert does not count")


def test_what_is_no_prometheus(tmp_path):
    import http_test
    for body, reason in ((b"<html>", "json"), (b"[" * 5000, "json"), (b'{"status":"success","data":{}}', "content"), (b'{"status":"error","error":"x"}', "content")):
        server = http_test.Hostile(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        try:
            seen = rig.run_check(tmp_path, f"promql: {{url: 'http://127.0.0.1:{server.port}', query: up, expect: {{min: 0}}}}")
            assert (seen.outcome, seen.reason) == ("fail", reason), seen
        finally:
            server.close()


# A fake: Prometheus has native histograms only where they are scraped as protobuf.
@pytest.mark.parametrize("options, outcome", [("expect: {min: 0}", "fail"), ("expect: {max: 9}", "fail"), ("expect: {min: 0}, samples: any", "pass"),
                                              ("expect: {min: 0}, nan: pass", "pass")])
def test_a_histogram_is_no_number(options, outcome, tmp_path):
    import http_test
    body = (b'{"status":"success","data":{"resultType":"vector","result":['
            b'{"metric":{"job":"a"},"value":[1,"3"]},{"metric":{"job":"b"},"histogram":[1,{"count":"9","sum":"4","buckets":[]}]}]}}')
    server = http_test.Hostile(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    try:
        seen = rig.run_check(tmp_path, f"promql: {{url: 'http://127.0.0.1:{server.port}', query: up, {options}}}")
        assert seen.outcome == outcome and (outcome == "pass" or 'job="b"' in seen.summary and "is not a number" in seen.summary), seen
    finally:
        server.close()
