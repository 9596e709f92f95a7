"""A daemon with people who decide, for the tests of decisions, deploys and their audit."""

import json
import subprocess

import rig

CONFIG = """
server:
  tokens:
    lead: {file: lead.token, may: [read, sign, waive], roles: [lead], name: "A. Lead"}
    other: {file: other.token, may: [read, sign], roles: [lead], name: "B. Lead"}
    ci: {file: ci.token, may: [read, deploy, run, reload]}
    reader: {file: reader.token, may: [read]}
defaults: {interval: 1s, timeout: 1s}
watch: {settle: 1s, window: 10s, min_samples: 2}
gates:
  host:
    checks:
      marker: {item: "7.1.5", owner: ops, runbook: "https://wiki.example.org/marker", marker: {path: MARKER, max_age: 1h}}
      fixed: {waivable: false, file: {path: MARKER}}
  people:
    checks:
      lead: {title: Deployment Lead, signoff: {role: lead, valid_for: 7d, per_release: true}}
      two: {signoff: {role: lead, people: 2}}
"""


class Desk(rig.Daemon):
    def __init__(self, folder, config=CONFIG, **options):
        folder.mkdir(exist_ok=True)
        self.marker = folder / "marker"
        self.mark()
        for token in ("lead", "other", "ci", "reader"):
            (folder / f"{token}.token").write_text(f"{token}-token-0123456789")
        super().__init__(folder, config.replace("MARKER", str(self.marker)), **options)

    def mark(self):
        self.marker.write_text("2026-01-01T00:00:00Z\n")
        subprocess.run(["date", "-u", "+%FT%TZ"], stdout=open(self.marker, "w"), check=True)

    def run_as(self, token, *arguments):
        return self.run(*arguments, "--token-file", str(self.folder / f"{token}.token"))

    def post(self, path, body=None, token="lead", method="POST", kind="application/json"):
        headers = {"Authorization": f"Bearer {token}-token-0123456789"} if token else {}
        return self.get(path, method=method, headers={**headers, **({"Content-Type": kind} if kind else {})},
                        body=body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode())

    def all_signed(self):
        assert self.run_as("ci", "deploy", "announce", "v1").returncode == 0
        for token, check in (("lead", "lead"), ("lead", "two"), ("other", "two")):
            assert self.run_as(token, "sign", check).returncode == 0
