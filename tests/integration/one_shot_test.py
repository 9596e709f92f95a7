"""`gonogo check`: what it runs beside what was asked for, how often, and how much at once."""

import contextlib
import http.server
import json
import subprocess
import threading
import xml.etree.ElementTree

import pytest

import rig


class Counting:
    """Counts requests by path, and how many are under way at once. `answers`: the statuses of a path, in turn; the last one stays;
    or what makes the status of the requests so far. With `together` each request waits until so many have come."""

    def __init__(self, answers=None, together=None):
        self.requests, self.now, self.most = {}, 0, 0
        self.paths = []  # in the order in which they came
        lock = threading.Lock()
        counting = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with lock:
                    nth = counting.requests[self.path] = counting.requests.get(self.path, 0) + 1
                    counting.paths.append(self.path)
                    counting.now += 1
                    counting.most = max(counting.most, counting.now)
                if together:
                    with contextlib.suppress(threading.BrokenBarrierError):
                        together.wait(20)
                statuses = (answers or {}).get(self.path, [200])
                status = statuses(counting.requests) if callable(statuses) else statuses[min(nth, len(statuses)) - 1]
                with lock:
                    counting.now -= 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve():
    servers = []

    def start(*arguments, **options):
        servers.append(Counting(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def check(tmp_path, text, *arguments):
    config = tmp_path / "gonogo.yaml"
    config.write_text(text)
    return subprocess.run([rig.GONOGO, "check", "-c", str(config), *arguments], capture_output=True, text=True, timeout=120)


def tree(server):
    web = lambda path, more="": f"{{{more}http: {{url: '{server.url(path)}'}}}}"
    return f"""
gates:
  one:
    checks:
      alive: {web('/alive')}
      ready: {web('/ready', 'depends_on: [alive], ')}
      deep: {web('/deep', 'depends_on: [ready], ')}
      other: {web('/other')}
      load: {web('/load', 'interval: on_demand, stale_after: 1h, ')}
  two:
    checks:
      good: {web('/good')}
      bad: {web('/bad')}
  three:
    checks:
      all: {{composite: {{all_of: [good, 'gate:one']}}}}
      some: {{composite: {{any_of: [good, bad]}}}}
      none: {{composite: {{all_of: [bad]}}}}
"""


def test_what_a_check_depends_on_runs_as_well(tmp_path, serve):
    server = serve()
    result = check(tmp_path, tree(server), "deep")
    assert result.returncode == 0, result
    assert server.requests == {"/deep": 1, "/ready": 1, "/alive": 1}
    lines = result.stdout.splitlines()
    assert lines[0] == "also runs what these depend on or consist of: alive, ready", lines
    assert any(line.startswith("pass ") and "one/deep" in line for line in lines), lines
    assert lines[-1] == "verdict: GO (1 check, 0 blocking)"


def test_what_is_blocked_is_said_and_exits_with_1(tmp_path, serve):
    server = serve({"/alive": [500]})
    result = check(tmp_path, tree(server), "deep")
    assert result.returncode == 1, result
    lines = result.stdout.splitlines()
    assert any(line.startswith("blocked ") and "one/deep (blocked_by)" in line for line in lines), lines
    assert not any(line.startswith("pass ") and "one/deep" in line for line in lines), lines
    assert any(line.startswith("fail ") and "one/alive" in line for line in lines), lines


def test_the_members_of_a_composite_run_as_well_and_gates_among_them(tmp_path, serve):
    server = serve({"/bad": [500]})
    result = check(tmp_path, tree(server), "some")
    assert result.returncode == 0, result
    assert server.requests == {"/good": 1, "/bad": 1}
    assert "verdict: GO (1 check, 0 blocking)" in result.stdout
    assert check(tmp_path, tree(server), "none").returncode == 1
    server = serve()
    result = check(tmp_path, tree(server), "all")
    assert set(server.requests) == {"/good", "/alive", "/ready", "/deep", "/other"}
    # What loads or writes runs only when it is named; so the gate is not proven.
    assert "does not run what is on demand (name it to run it): load" in result.stdout
    assert result.returncode == 1, result
    result = check(tmp_path, tree(server), "all", "load")
    assert result.returncode == 0 and server.requests["/load"] == 1, result


def test_json_stays_json_and_what_else_runs_is_said_beside_it(tmp_path, serve):
    result = check(tmp_path, tree(serve()), "--json", "ready")
    assert result.returncode == 0 and json.loads(result.stdout)["checks"], result
    assert "also runs" in result.stderr and "alive" in result.stderr


def documents(tmp_path, text, *names):
    """What the JSON and the JUnit document say beside the exit code: verdict, gates, checks; suites, failures."""
    report = tmp_path / "j.xml"
    result = check(tmp_path, text, *names, "--json", "--junit", str(report))
    document = json.loads(result.stdout)
    suites = xml.etree.ElementTree.parse(report).getroot()
    failures = sorted(case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None)
    assert sum(int(suite.get("failures")) for suite in suites) == len(failures)
    assert all(int(suite.get("tests")) == len(suite.findall("testcase")) for suite in suites)
    assert (document["verdict"] == "GO") == (result.returncode == 0) == (not failures), (result, failures)
    assert all((gate["status"] == "go") == (gate["blocking"] == 0) for gate in document["gates"])
    checks = {entry["id"]: entry["asked"] for entry in document["checks"]}
    assert {case.get("name") for case in suites.iter("testcase")} - {"open"} == set(checks)
    return result.returncode, {gate["id"]: gate["status"] for gate in document["gates"]}, checks, failures


def test_the_documents_are_of_what_was_asked_and_say_what_the_exit_code_says(tmp_path, serve):
    server = serve({"/bad": [500]})
    text = tree(server)
    assert documents(tmp_path, text, "good") == (0, {"two": "go"}, {"good": True}, [])
    assert documents(tmp_path, text, "bad") == (1, {"two": "no-go"}, {"bad": True}, ["bad"])
    assert documents(tmp_path, text, "two") == (1, {"two": "no-go"}, {"good": True, "bad": True}, ["bad"])
    # What is only needed is shown, and does not count.
    assert documents(tmp_path, text, "some") == (0, {"three": "go"}, {"some": True, "good": False, "bad": False}, [])
    assert documents(tmp_path, text, "ready") == (0, {"one": "go"}, {"ready": True, "alive": False}, [])
    code, gates, checks, failures = documents(tmp_path, text)
    assert (code, gates) == (1, {"one": "no-go", "two": "no-go", "three": "no-go", "gonogo": "go"}) and len(checks) == 11, checks
    assert failures == ["all", "bad", "load", "none"], failures


def test_the_documents_say_when_the_calendar_is_closed(tmp_path, serve):
    frozen = "calendar: {zone: UTC, freezes: [{from: 2020-01-01, until: 2099-01-01, reason: launch}]}\n" + tree(serve())
    code, gates, _, failures = documents(tmp_path, frozen, "good")
    assert (code, failures) == (1, ["open"]), gates


def test_each_runs_once_when_everything_is_asked_for(tmp_path, serve):
    server = serve({"/bad": [500]})
    result = check(tmp_path, tree(server))
    assert result.returncode == 1 and "also runs" not in result.stdout, result
    assert set(server.requests.values()) == {1} and "/load" not in server.requests


def many(server, count, more="", path="/x"):
    return "".join(f"      c{server.port}-{i}: {{timeout: 30s, {more}http: {{url: '{server.url(path + str(i))}'}}}}\n" for i in range(count))


def test_a_host_and_port_gets_four_requests_at_once(tmp_path, serve):
    server = serve(together=threading.Barrier(4))
    result = check(tmp_path, "gates:\n  g:\n    checks:\n" + many(server, 16))
    assert result.returncode == 0, result
    assert server.most == 4 and sum(server.requests.values()) == 16


def test_other_hosts_and_ports_do_not_wait_for_it(tmp_path, serve):
    together = threading.Barrier(8)
    one, other = serve(together=together), serve(together=together)
    result = check(tmp_path, "gates:\n  g:\n    checks:\n" + many(one, 4) + many(other, 4))
    assert result.returncode == 0 and not together.broken, result


def test_groups_keep_their_limits(tmp_path, serve):
    server = serve(together=threading.Barrier(2))
    result = check(tmp_path, "groups: {api: {max_concurrent: 2}}\ngates:\n  g:\n    checks:\n" + many(server, 8, "group: api, "))
    assert result.returncode == 0 and server.most == 2, result


def retrying(server, more="failures: 3, retry_interval: 1s, "):
    return f"gates: {{g: {{checks: {{it: {{{more}http: {{url: '{server.url('/it')}'}}}}}}}}}}\n"


def test_a_failure_is_run_again_as_often_as_the_check_says(tmp_path, serve):
    server = serve({"/it": [503, 503, 200]})
    result = check(tmp_path, retrying(server))
    assert result.returncode == 0 and server.requests["/it"] == 3, result
    assert "run 3 of at most 3" in result.stdout, result.stdout
    server = serve({"/it": [503]})
    result = check(tmp_path, retrying(server))
    assert result.returncode == 1 and server.requests["/it"] == 3, result


def test_the_raw_answer_and_checks_of_one_failure_are_not_repeated(tmp_path, serve):
    for more, arguments in (("failures: 3, retry_interval: 1s, ", ["--no-retry"]), ("", []),
                            ("interval: on_demand, stale_after: 1h, ", ["it"])):
        server = serve({"/it": [503, 200]})
        defaults = "defaults: {failures: 3, retry_interval: 1s}\n" if "on_demand" in more else ""
        result = check(tmp_path, defaults + retrying(server, more), *arguments)
        if "on_demand" in more:
            assert server.requests["/it"] == 1
        assert result.returncode == 1 and server.requests["/it"] == 1, (more, result)


# By what it is that `c` depends on `p`: what else `c` says, and what stands between them.
WAYS = {
    "directly": ("depends_on: [p], ", ""),
    "through a composite": ("depends_on: [all], ", "      all: {composite: {all_of: [p, other]}}\n"),
    "through a gate and a composite": ("depends_on: [all], ", "  last:\n    checks:\n      all: {composite: {at_least: 1, of: ['gate:up']}}\n"),
    "through another check": ("depends_on: [ready], ", "      ready: {depends_on: [p], http: {url: '%(ready)s'}}\n"),
    "through all of them": ("depends_on: [some], ", "      ready: {depends_on: [p], http: {url: '%(ready)s'}}\n      some: {composite: {any_of: [ready]}}\n"),
}


def dependent(server, way="directly", parent="failures: 2, retry_interval: 1s, ", child=""):
    needs, between = WAYS[way]
    return f"""
gates:
  deep:
    checks:
      c: {{{needs}{child}http: {{url: '{server.url('/c')}'}}}}
  up:
    checks:
      p: {{{parent}http: {{url: '{server.url('/p')}'}}}}
      other: {{http: {{url: '{server.url('/other')}'}}}}
{between % {'ready': server.url('/ready')} if '%' in between else between}"""


@pytest.mark.parametrize("way", WAYS)
def test_a_check_runs_after_what_it_depends_on_has_passed_for_good(tmp_path, serve, way):
    """It answers 200 while the other is down, and 500 once that is up."""
    for names in ([], ["c"]):
        server = serve({"/p": [503, 200], "/c": lambda requests: 200 if requests.get("/p", 0) < 2 else 500})
        result = check(tmp_path, dependent(server, way), *names)
        assert result.returncode == 1 and "verdict: NO-GO" in result.stdout, (names, result)
        assert any(line.startswith("fail ") and "deep/c (status)" in line for line in result.stdout.splitlines()), result
        assert server.requests["/p"] == 2 and server.requests["/c"] == 1, server.paths
        assert server.paths[-1] == "/c" and set(server.paths[server.paths.index("/c"):]) == {"/c"}, server.paths
        # And the other way round: what it saw too early does not count either.
        server = serve({"/p": [503, 200], "/c": lambda requests: 500 if requests.get("/p", 0) < 2 else 200})
        result = check(tmp_path, dependent(server, way), *names)
        assert result.returncode == 0 and "verdict: GO" in result.stdout, (names, result)


def test_the_documents_say_the_same_of_what_recovered(tmp_path, serve):
    server = serve({"/p": [503, 200], "/c": lambda requests: 200 if requests.get("/p", 0) < 2 else 500})
    assert documents(tmp_path, dependent(server), "c") == (1, {"deep": "no-go"}, {"c": True, "p": False}, ["c"])
    assert server.paths == ["/p", "/p", "/c"]


def test_without_retries_what_it_depends_on_has_one_run_and_blocks(tmp_path, serve):
    server = serve({"/p": [503, 200]})
    result = check(tmp_path, dependent(server), "c", "--no-retry")
    assert result.returncode == 1 and "blocked deep/c (blocked_by)" in result.stdout, result
    assert server.paths == ["/p", "/c"]


def test_what_is_blocked_runs_once_and_does_not_count(tmp_path, serve):
    retried = "failures: 3, retry_interval: 1s, "
    server = serve({"/p": [503], "/c": [500]})
    result = check(tmp_path, dependent(server, child=retried), "c", "--json")
    of = {entry["id"]: entry for entry in json.loads(result.stdout)["checks"]}
    assert result.returncode == 1 and server.paths == ["/p", "/p", "/c"], server.paths
    assert (of["c"]["state"], of["c"]["reason"], of["c"]["last"]["outcome"]) == ("blocked", "blocked_by", "fail"), of["c"]
    # Where nothing blocks it, it is run again.
    server = serve({"/c": [500, 500, 200]})
    result = check(tmp_path, dependent(server, child=retried), "c")
    assert result.returncode == 0 and server.paths == ["/p", "/c", "/c", "/c"], (result, server.paths)


def test_who_depends_on_nothing_does_not_wait(tmp_path, serve):
    """The first answer of `p` comes when `other` has been asked, and `other` is answered when `p` has been."""
    asked = {path: threading.Event() for path in ("/p", "/other")}

    def after(other, own):
        def status(_):
            asked[own].set()
            return 200 if asked[other].wait(20) else 500
        return status

    server = serve({"/p": after("/other", "/p"), "/other": after("/p", "/other")})
    result = check(tmp_path, dependent(server, parent="timeout: 30s, ").replace("other: {", "other: {timeout: 30s, "))
    assert result.returncode == 0 and server.paths[-1] == "/c", (result, server.paths)


def test_groups_and_hosts_keep_their_limits_when_checks_wait(tmp_path, serve):
    server = serve()
    children = many(server, 12, "depends_on: [p], group: api, ")
    text = f"groups: {{api: {{max_concurrent: 1}}}}\ngates:\n  g:\n    checks:\n{children}      p: {{group: api, http: {{url: '{server.url('/p')}'}}}}\n"
    result = check(tmp_path, text)
    assert result.returncode == 0 and server.most == 1 and server.paths[0] == "/p" and len(server.paths) == 13, (result, server.paths)
    server = serve()
    text = f"gates:\n  g:\n    checks:\n{many(server, 12, 'depends_on: [p], ')}      p: {{http: {{url: '{server.url('/p')}'}}}}\n"
    result = check(tmp_path, text)
    assert result.returncode == 0 and server.most <= 4 and server.paths[0] == "/p" and len(server.paths) == 13, (result, server.paths)


def test_a_check_that_depends_on_what_does_not_run_here_runs(tmp_path, serve):
    server = serve()
    for need in (f"load: {{interval: on_demand, stale_after: 1h, http: {{url: '{server.url('/load')}'}}}}", "lead: {signoff: {role: lead, valid_for: 1d}}"):
        name = need.partition(":")[0]
        server.paths.clear()
        text = f"gates: {{g: {{checks: {{c: {{depends_on: [{name}], http: {{url: '{server.url('/c')}'}}}}, {need}}}}}}}\n"
        result = check(tmp_path, text, "c")
        assert result.returncode == 1 and server.paths == ["/c"] and "blocked g/c (blocked_by)" in result.stdout, (result, server.paths)
