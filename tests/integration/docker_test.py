"""The docker kind and docker:// addresses, against a real Engine. Its compose plugin is a script (Debian has no such package), and the
addresses of a bridge come from a stand-in for the Engine, as no bridge can be made here."""

import http.server
import json
import os
import socketserver
import threading

import pytest
import rig
import servers

HEALTHY = ("--health-cmd=test -e /tmp/healthy", "--health-interval=1s", "--health-retries=1")


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    if not servers.is_root() or not rig.has("dockerd"):
        pytest.skip("a Docker Engine wants root and dockerd")
    engine = servers.Docker(tmp_path_factory.mktemp("docker"))
    engine.make_image("shop/web:ci")
    yield engine
    engine.stop()


def ask(folder, docker, options, timeout="15s"):
    return rig.run_check(folder, f"docker: {{{options}}}", timeout=timeout, more=f"docker: {{socket: {docker.socket}}}")


def test_the_engines_version(docker, tmp_path):
    seen = ask(tmp_path, docker, 'min_version: "20.10"')
    assert seen.outcome == "pass" and "Docker Engine 20.10" in seen.summary, seen
    seen = ask(tmp_path, docker, 'min_version: "99.1"')
    assert (seen.outcome, seen.reason) == ("fail", "threshold"), seen
    assert rig.run_check(tmp_path, "docker: {min_version: '1'}", more="docker: {socket: /no/such.sock}").reason == "connect"


def test_composes_version(docker, tmp_path):
    plugin = tmp_path / "compose"
    plugin.write_text("#!/bin/sh\necho v2.17.2\n")
    plugin.chmod(0o755)
    assert "Compose v2.17.2" in ask(tmp_path, docker, f'compose: {{command: [{plugin}], min_version: "2.0"}}').summary
    assert ask(tmp_path, docker, f'compose: {{command: [{plugin}], min_version: "2.18"}}').reason == "threshold"
    assert ask(tmp_path, docker, "compose: {command: [/no/such], min_version: '2.0'}").reason == "missing"
    assert ask(tmp_path, docker, "compose: {command: ['false'], min_version: '2.0'}").reason == "missing"


def test_services(docker, tmp_path):
    web = docker.service("shop", "web", "shop/web:ci", "sh", "-c", "echo > /tmp/healthy; sleep 10000", options=HEALTHY)
    docker.service("shop", "worker", "shop/web:ci", "sleep", "10000")
    docker.service("shop", "migrate", "shop/web:ci", "true")
    docker.service("shop", "broken", "shop/web:ci", "sh", "-c", "exit 3")
    docker.service("other", "web", "shop/web:ci", "false")
    rig.wait_until(lambda: docker.container(web)["State"]["Health"]["Status"] == "healthy", "web is healthy")
    rig.wait_until(lambda: docker.container("shop-migrate-1")["State"]["Status"] == "exited", "migrate has ended")
    rig.wait_until(lambda: docker.container("shop-broken-1")["State"]["Status"] == "exited", "broken has ended")

    shop = lambda services: ask(tmp_path, docker, f"project: shop, services: {services}")
    seen = shop("{web: {healthy: true, image_current: true, max_image_size: 100MB}, worker: , migrate: {exit_code: 0}}")
    assert seen.outcome == "pass" and seen.values["containers"] == 4, seen
    assert shop("[web, worker]").outcome == "pass"
    seen = shop("[web, broken]")
    assert (seen.outcome, seen.reason) == ("fail", "status") and "exit code 3" in seen.summary, seen
    assert "wanted one" in shop("{worker: {healthy: true}}").summary
    seen = shop("[web, database]")
    assert (seen.reason, "database has no container" in seen.summary) == ("missing", True), seen
    assert shop("{migrate: {exit_code: 7}}").outcome == "fail"
    assert shop("{web: {min_containers: 2}}").outcome == "fail"
    assert shop("{web: {min_uptime: 1d}}").outcome == "fail"
    assert shop("{web: {max_image_size: 1KiB}}").reason == "threshold"
    docker.run("run", "-d", "--network=host", "--label=com.docker.compose.project=shop", "--label=com.docker.compose.service=worker", "--name=shop-worker-2",
               "shop/web:ci", "sh", "-c", "exit 9")
    rig.wait_until(lambda: docker.container("shop-worker-2")["State"]["Status"] == "exited", "the second worker has ended")
    seen = shop("[worker]")
    assert seen.outcome == "fail" and "exit code 9" in seen.summary, "a good replica does not hide a broken one"
    docker.run("rm", "-f", "shop-worker-2")
    identifier = docker.container(web)["Image"]
    assert shop(f"{{web: {{image_digest: '{identifier}'}}}}").outcome == "pass"
    assert shop("{web: {image_digest: 'sha256:0000'}}").reason == "content"
    assert ask(tmp_path, docker, "project: nobody, services: [web]").reason == "missing"

    docker.run("exec", "shop-web-1", "sh", "-c", "mkdir /tmp/x; echo > /tmp/x/y")
    docker.make_image("shop/web:ci", marker="a newer build")
    seen = shop("{web: {image_current: true}}")
    assert seen.reason == "content" and "runs another image than" in seen.summary, seen


def test_unhealthy_and_restarting(docker, tmp_path):
    docker.service("sick", "web", "shop/web:ci", "sleep", "10000", options=HEALTHY)
    rig.wait_until(lambda: docker.container("sick-web-1")["State"]["Health"]["Status"] == "unhealthy", "it is unhealthy")
    seen = ask(tmp_path, docker, "project: sick, services: [web]")
    assert "unhealthy, wanted healthy" in seen.summary, seen

    docker.service("loop", "web", "shop/web:ci", "sh", "-c", "sleep 1; exit 1", options=("--restart=always",))
    daemon = rig.Daemon(tmp_path / "d", f"docker: {{socket: {docker.socket}}}\ngates: {{g: {{checks: {{it: {{interval: 1s, timeout: 1s, "
                        "docker: {project: loop, services: [web]}}}}}\n")
    try:
        # It runs most of the time: that it begins anew and anew is what gives it away.
        rig.wait_until(lambda: "restarting" in daemon.check("it")["summary"] and "wanted no restart within" in daemon.check("it")["summary"], "the loop is seen")
    finally:
        daemon.stop()
        docker.call("rm", "-f", "loop-web-1")


def test_a_container_on_the_hosts_network_is_at_the_loopback(docker, tmp_path):
    port = rig.free_port()
    docker.service("net", "api", "shop/web:ci", "httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", "/")
    rig.wait_until(lambda: rig.connects(port), "httpd in the container listens")
    more = f"docker: {{socket: {docker.socket}}}"
    seen = rig.run_check(tmp_path, f"http: {{url: 'http://api/marker', connect_to: 'docker://net/api:{port}'}}", more=more)
    assert seen.outcome == "pass", seen
    assert rig.run_check(tmp_path, f"tcp: {{address: 'docker://net/api:{port}'}}", more=more).outcome == "pass"
    docker.run("stop", "-t", "0", "net-api-1")
    seen = rig.run_check(tmp_path, f"tcp: {{address: 'docker://net/api:{port}'}}", more=more)
    assert seen.reason == "missing" and "exited" in seen.summary, seen
    assert rig.run_check(tmp_path, "tcp: {address: 'docker://net/db:1'}", more=more).reason == "missing"


class StandIn(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Reports containers with addresses of a bridge."""

    daemon_threads = True

    def __init__(self, path, containers):
        self.containers = containers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                body = json.dumps(self.answer(handler.path)).encode()
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def address_string(handler):
                return "unix"

            def log_message(handler, *_):
                pass

        super().__init__(str(path), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, path):
        return self.containers


def container(service, address, state="running", **labels):
    return {"Id": "c" * 64, "State": state, "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.service": service, **labels},
            "HostConfig": {"NetworkMode": "shop_default"}, "NetworkSettings": {"Networks": {"shop_default": {"IPAddress": address}}}}


def test_a_containers_address_is_asked_for_at_each_run(tmp_path):
    redis = servers.Redis(tmp_path)
    database = rig.Postgres(tmp_path / "pg") if os.getuid() == 0 else None
    stand_in = StandIn(tmp_path / "engine.sock", [])
    more = f"docker: {{socket: {tmp_path}/engine.sock}}"
    try:
        seen = rig.run_check(tmp_path, f"tcp: {{address: 'docker://shop/redis:{redis.port}'}}", more=more)
        assert seen.reason == "missing", seen
        one_off = container("redis", "192.0.2.1", **{"com.docker.compose.oneoff": "True"})
        stand_in.containers[:] = [one_off, container("redis", "", "exited"), container("redis", "127.0.0.1"), container("db", "127.0.0.1")]
        ping = f"tcp: {{address: 'docker://shop/redis:{redis.port}', dialogue: [{{send: \"PING\\r\\n\"}}, {{expect: PONG}}]}}"
        assert rig.run_check(tmp_path, ping, more=more).outcome == "pass"
        assert rig.run_check(tmp_path, "ping: {host: 'docker://shop/redis', count: 1}", more=more).outcome in ("pass", "unknown")
        if database:
            database.sql("CREATE TABLE t (n int)")
            more += "\nsecrets: {url: {env: DATABASE_URL}}"
            environment = {"DATABASE_URL": "postgresql+psycopg://postgres:Vr7-mBq2-kX9-tLw4@db:5432/postgres"}
            seen = rig.run_check(tmp_path, f"postgres: {{database: '${{secrets.url}}', connect_to: 'docker://shop/db:{database.port}', query: SELECT count(*) FROM t, expect: {{equals: '0'}}}}",
                            more=more, env=environment)
            assert seen.outcome == "pass", seen
    finally:
        stand_in.shutdown()
        redis.stop()
        if database:
            database.stop()


def test_an_engine_that_answers_nonsense(tmp_path):
    for containers in ("text", 7, [1, 2], [{"Labels": []}], [container("redis", "not an address")], [container("redis", {"a": 1})]):
        path = tmp_path / "engine.sock"
        path.unlink(missing_ok=True)
        stand_in = StandIn(path, containers)
        seen = rig.run_check(tmp_path, "tcp: {address: 'docker://shop/redis:1'}", more=f"docker: {{socket: {path}}}")
        assert seen.outcome == "fail" and seen.reason in ("missing", "json"), seen
        stand_in.shutdown()


class RestartingEngine(StandIn):
    """One container of shop/web that was restarted `restarts` times."""

    def __init__(self, path):
        self.restarts = 1
        super().__init__(path, [container("web", "127.0.0.1", "running")])

    def answer(self, path):
        if path.endswith("/version"):
            return {"Version": "20.10.24"}
        if "/containers/json" in path:
            return self.containers
        return {"Id": "c" * 64, "RestartCount": self.restarts, "State": {"Status": "running"}}


def test_a_restart_while_the_daemon_was_down_is_seen(tmp_path):
    engine = RestartingEngine(tmp_path / "engine.sock")
    daemon = rig.Daemon(tmp_path / "d", f"docker: {{socket: {tmp_path}/engine.sock}}\ngates: {{g: {{checks: {{it: {{interval: 1s, timeout: 1s, "
                                        "docker: {project: shop, services: [web]}}}}}\n")
    try:
        daemon.wait_for_check("it", "pass")
        daemon.stop()
        engine.restarts = 2
        daemon.start()
        assert "restarting (2 times in all)" in daemon.wait_for_check("it", "fail")["summary"]
    finally:
        daemon.stop()
        engine.shutdown()


def test_a_restart_is_remembered_over_a_reload(tmp_path):
    engine = RestartingEngine(tmp_path / "engine.sock")
    config = (f"docker: {{socket: {tmp_path}/engine.sock}}\ngates: {{g: {{checks: {{it: {{interval: 1s, timeout: 1s, "
              "docker: {project: shop, services: [web]WINDOW}}}}}\n")
    daemon = rig.Daemon(tmp_path / "d", config.replace("WINDOW", ""))

    def seen_after_a_further_run():
        before = daemon.check("it")["last"]["at"]
        rig.wait_until(lambda: daemon.check("it")["last"]["at"] > before, "it has run again")
        return daemon.check("it")["summary"]

    try:
        daemon.wait_for_check("it", "pass")
        engine.restarts = 2
        daemon.wait_for_check("it", "fail")
        daemon.reload()
        assert "restarting (2 times in all)" in seen_after_a_further_run(), "the definition is unchanged"
        daemon.write(config.replace("WINDOW", ", restart_window: 20m"))
        daemon.reload()
        daemon.wait_for_check("it", "fail")
        assert "wanted no restart within 20m" in seen_after_a_further_run(), "kind and project are the same"
        daemon.stop()
        daemon.start()
        assert "restarting (2 times in all)" in seen_after_a_further_run(), "a new process knows it"
    finally:
        daemon.stop()
        engine.shutdown()
