"""The scenario kind against a server that speaks the deployed application's answers: estimate, lead, admin 401, webhook without a
signature, problem documents, and bookings that are made and removed."""

import http.server
import json
import threading
import uuid

import pytest
import rig


class Application(http.server.BaseHTTPRequestHandler):
    bookings = {}
    sessions = {}
    requests = []
    slow = threading.Event()
    broken_reads = False
    token = "scenario-token-1"

    def answer(self, status, document=None, headers=(), kind="application/json"):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, title):
        self.answer(status, {"type": "https://example.com/problems/domain-error", "title": title, "status": status, "detail": title,
                             "request_id": str(uuid.uuid4()), "errors": []}, kind="application/problem+json")

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def do_GET(self):
        self.note()
        if self.path == "/healthz":
            return self.answer(200, {"status": "ok"})
        if self.path == "/v1/admin/profile":
            if "Authorization" in self.headers:
                return self.answer(200, {"username": "owner", "role": "owner"})
            return self.answer(401, {"detail": "Unauthorized"}, [("WWW-Authenticate", "Basic")])
        booking = self.bookings.get(self.path.rsplit("/", 1)[-1])
        if booking is None:
            return self.problem(404, "Not Found")
        if self.broken_reads:
            return self.problem(500, "Internal Server Error")
        if self.headers.get("Cookie") != f"session={booking['session']}":
            return self.problem(403, "Forbidden")
        self.answer(200, {"id": booking["id"], "state": "open"})

    def do_POST(self):
        self.note()
        text = self.body()
        if self.path == "/v1/estimate":
            wish = json.loads(text)
            if not 0 <= wish.get("beds", -1) <= 10:
                return self.problem(422, "Validation Error")
            return self.answer(200, {"pricing_config_id": "economy_v1", "config_hash": "sha256:ab\"c", "total_before_tax": 120.5, "wish": wish})
        if self.path == "/v1/leads":
            lead = json.loads(text)
            good = lead.get("estimate_snapshot", {}).get("config_hash") == "sha256:ab\"c" and lead["structured_inputs"]["beds"] == 2
            return self.answer(201, {"lead_id": str(uuid.uuid4())}) if good else self.problem(422, "Validation Error")
        if self.path == "/v1/payments/stripe/webhook":
            return self.problem(400, "Missing Stripe signature") if "Stripe-Signature" not in self.headers else self.problem(400, "Invalid Stripe webhook")
        if self.path == "/v1/slow":
            self.slow.wait(20)
            return self.answer(200, {})
        if self.path == "/v1/bookings":
            if self.headers.get("Authorization") != f"Bearer {self.token}":
                return self.problem(401, "Unauthorized")
            identifier, session = f"id {uuid.uuid4()}", uuid.uuid4().hex
            self.bookings[identifier.replace(" ", "%20")] = {"id": identifier, "session": session}
            return self.answer(201, {"id": identifier}, [("Set-Cookie", "theme=dark"), ("Set-Cookie", f"session={session}; HttpOnly; Path=/"),
                                                         ("Location", f"/v1/bookings/{identifier}")])
        self.problem(404, "Not Found")

    def do_DELETE(self):
        self.note()
        gone = self.bookings.pop(self.path.rsplit("/", 1)[-1], None)
        self.answer(204) if gone else self.problem(404, "Not Found")

    def note(self):
        self.requests.append((self.command, self.path, dict(self.headers)))

    def log_message(self, *_):
        pass


@pytest.fixture
def application():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Application.bookings.clear()
    Application.requests.clear()
    Application.broken_reads = False
    Application.slow.clear()
    yield server.server_port
    Application.slow.set()
    server.shutdown()


def play(folder, port, steps, more="", timeout="10s"):
    listed = "".join(f"\n          - {step}" for step in steps)
    config = folder / "scenario.yaml"
    config.write_text(f"""
secrets: {{token: {{env: SCENARIO_TOKEN}}}}
gates:
  g:
    checks:
      it:
        interval: 60s
        timeout: {timeout}
        scenario:
          base: http://127.0.0.1:{port}{more}
          steps:{listed}
""")
    import os
    import subprocess
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json", "it"], capture_output=True, text=True, timeout=60,
                            env={**os.environ, "SCENARIO_TOKEN": "scenario-token-1"})
    assert result.returncode in (0, 1), result
    return rig.Seen(next(entry for entry in json.loads(result.stdout)["checks"] if entry["id"] == "it")["last"])


ESTIMATE = "{name: estimate, url: /v1/estimate, json: {beds: 2, baths: 1, cleaning_type: standard}, expect: {json: '.total_before_tax > 0'}, capture: {hash: {json: .config_hash}}}"
BOOK = "{name: book, url: /v1/bookings, json: {}, expect: {status: 201}, capture: {id: {json: .id}, session: {cookie: session}, where: {header: Location, matches: '^/v1/(.*)'}}}"
READ = "{name: read, url: '/v1/bookings/{{id}}', headers: {Cookie: 'session={{session}}'}, expect: {json: '.state == \"open\"'}}"
REMOVE = "{name: remove, url: '/v1/bookings/{{id}}', method: DELETE, always: true, expect: {status: 204}}"
BEARER = "\n          bearer: ${secrets.token}"


def test_the_smoke_test_that_the_applications_scripts_cannot_pass(application, tmp_path):
    seen = play(tmp_path, application, [
        "{name: health, url: /healthz, expect: {json: '.status == \"ok\"'}}", ESTIMATE,
        "{name: lead, url: /v1/leads, expect: {status: 201}, json: '{\"structured_inputs\": {\"beds\": 2}, \"estimate_snapshot\": {\"config_hash\": \"{{hash}}\"}}'}",
        "{name: admin, url: /v1/admin/profile, anonymous: true, expect: {status: 401, headers: {WWW-Authenticate: Basic}}}",
        "{name: webhook, url: /v1/payments/stripe/webhook, method: POST, expect: {status: 400, headers: {Content-Type: application/problem+json}, json: '.title == \"Missing Stripe signature\"'}}",
    ], BEARER)
    assert seen.outcome == "pass" and "5 steps" in seen.summary, seen
    assert seen.values["step_estimate"] > 0
    admin = next(headers for command, path, headers in Application.requests if path == "/v1/admin/profile")
    assert "Authorization" not in admin


def test_captures_are_used_and_what_was_made_is_removed(application, tmp_path):
    seen = play(tmp_path, application, [BOOK, READ, REMOVE], BEARER)
    assert seen.outcome == "pass" and not Application.bookings, seen


def test_the_step_that_failed_is_named_and_the_clean_up_still_runs(application, tmp_path):
    Application.broken_reads = True
    seen = play(tmp_path, application, [BOOK, READ, "{name: never, url: /healthz}", REMOVE], BEARER)
    assert (seen.outcome, seen.reason) == ("fail", "status") and seen.summary.startswith("step read: status 500"), seen
    assert not Application.bookings, "the clean-up ran"
    assert not [path for command, path, headers in Application.requests if path == "/healthz"], "what stands behind the failure did not"


def test_what_hangs_leaves_time_for_the_clean_up(application, tmp_path):
    seen = play(tmp_path, application, [BOOK, "{name: slow, url: /v1/slow, method: POST}", REMOVE], BEARER, timeout="3s")
    assert (seen.outcome, seen.reason) == ("fail", "timeout") and "step slow" in seen.summary, seen
    assert not Application.bookings


def test_what_was_never_made_is_not_cleaned_up(application, tmp_path):
    seen = play(tmp_path, application, [BOOK, REMOVE])  # without a token: refused
    assert seen.summary.startswith("step book: status 401"), seen
    assert not [command for command, path, headers in Application.requests if command == "DELETE"]


def test_a_clean_up_that_fails_is_reported(application, tmp_path):
    seen = play(tmp_path, application, ["{name: health, url: /healthz}", "{name: remove, url: /v1/bookings/none, method: DELETE, always: true}"])
    assert seen.outcome == "fail" and "step remove" in seen.summary, seen


def test_nothing_to_capture(application, tmp_path):
    seen = play(tmp_path, application, ["{name: health, url: /healthz, capture: {id: {json: .id}}}"])
    assert seen.reason == "missing" and 'capture as "id"' in seen.summary, seen


def test_what_was_captured_is_not_shown(application, tmp_path):
    seen = play(tmp_path, application, [BOOK, "{name: gone, url: '/v1/echo/{{session}}', expect: {status: 200}}",], BEARER)
    session = next(iter(Application.bookings.values()))["session"]
    assert seen.outcome == "fail" and session not in seen.all, seen
    assert "scenario-token-1" not in seen.all


def test_credentials_stay_with_the_base(application, tmp_path):
    other = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Application)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    try:
        seen = play(tmp_path, application, [f"{{name: elsewhere, url: 'http://127.0.0.2:{other.server_port}/v1/admin/profile', expect: {{status: 401}}}}"], BEARER)
        assert seen.outcome == "pass", seen
    finally:
        other.shutdown()
