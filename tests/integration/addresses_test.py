"""Names with several addresses, one of which is dead: every kind finds the living one, whichever comes first, and within its timeout."""

import contextlib
import http.server
import os
import pathlib
import socket
import socketserver
import struct
import subprocess
import threading

import pytest
import rig

pytestmark = pytest.mark.usefixtures("only_on_own_host")

FAMILIES = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}
ADDRESSES = list(FAMILIES)


@pytest.fixture(scope="module", autouse=True)
def twin():
    """A name of both addresses, and one of an address that nobody has."""
    path = pathlib.Path("/etc/hosts")
    before = path.read_text()
    path.write_text(before + "127.0.0.1 twin\n::1 twin\n")
    yield
    path.write_text(before)


def other(address):
    return next(each for each in ADDRESSES if each != address)


@contextlib.contextmanager
def dropped(address, rule):
    """What comes to `address` is dropped without a word, as behind a gateway that is gone."""
    program = "ip6tables" if address == "::1" else "iptables"
    command = lambda act: subprocess.run([program, act, "INPUT", "-d", address, *rule.split(), "-j", "DROP"], check=True,
                                         env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
    command("-A")
    try:
        yield
    finally:
        command("-D")


class Datagrams(socketserver.UDPServer):
    """Answers what `answer` makes of a datagram, at one address."""

    def __init__(self, address, answer):
        self.address_family = FAMILIES[address]
        self.answer = answer
        super().__init__((address, rig.free_port()), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            data, reply_to = self.request
            reply_to.sendto(self.server.answer(data), self.client_address)

    def stop(self):
        self.shutdown()
        self.server_close()


class Forward(socketserver.ThreadingTCPServer):
    """A server at 127.0.0.1 is at one address alone."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, to, port=0):
        self.address_family = FAMILIES[address]
        self.to = to
        super().__init__((address, port or rig.free_port()), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server.to)) as there:
                back = threading.Thread(target=self.copy, args=(there, self.request), daemon=True)
                back.start()
                self.copy(self.request, there)
                back.join()

        def copy(self, source, target):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)

    def stop(self):
        self.shutdown()
        self.server_close()


def answer_dns(query):
    """192.0.2.7 for every name."""
    end = query.index(b"\0", 12) + 5
    return query[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + query[12:end] + b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 60, 4) + bytes([192, 0, 2, 7])


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    server = rig.Postgres(tmp_path_factory.mktemp("pg") / "pg")
    server.sql("CREATE TABLE job_heartbeats (name text, last_heartbeat timestamptz, consecutive_failures int, last_error text);"
               "INSERT INTO job_heartbeats VALUES ('runner', now(), 0, NULL)")
    yield server
    server.stop()


def ask_database(folder, server, kind, options, port, timeout="8s"):
    url = server.url().replace("127.0.0.1", "twin").replace(str(server.port), str(port))
    return rig.run_check(folder, f"{kind}: {{database: '${{secrets.url}}', {options}}}", timeout=timeout,
                         more="secrets: {url: {env: DATABASE_URL}}", env={"DATABASE_URL": url})


DATABASE_KINDS = [("postgres", "primary: true"), ("heartbeat", "max_age: 1h, failures_column: '', error_column: ''")]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind, options", DATABASE_KINDS)
def test_a_database_at_one_address_of_its_name(kind, options, address, database, tmp_path):
    server = Forward(address, database.port)
    port = server.server_address[1]
    assert ask_database(tmp_path, database, kind, options, port).outcome == "pass"
    with dropped(other(address), f"-p tcp --dport {port}"):
        assert ask_database(tmp_path, database, kind, options, port).outcome == "pass"
    server.stop()
    seen = ask_database(tmp_path, database, kind, options, port)
    assert (seen.outcome, seen.reason) == ("fail", "connect") and "refused" in seen.summary, seen


def test_a_database_that_says_no_is_asked_at_no_other_address(database, tmp_path):
    server = Forward("::1", database.port)
    second = Forward("127.0.0.1", database.port, server.server_address[1])
    url = database.url(password="wrong-password-1").replace("127.0.0.1", "twin").replace(str(database.port), str(server.server_address[1]))
    before = (database.folder / "log").read_text().count("authentication failed")
    seen = rig.run_check(tmp_path, "postgres: {database: '${secrets.url}'}", more="secrets: {url: {env: DATABASE_URL}}", env={"DATABASE_URL": url})
    assert (seen.outcome, seen.reason) == ("fail", "auth"), seen
    rig.wait_until(lambda: (database.folder / "log").read_text().count("authentication failed") > before, "the server logs it")
    assert (database.folder / "log").read_text().count("authentication failed") == before + 1
    server.stop()
    second.stop()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_server_at_one_address_of_its_name(address, tmp_path):
    server = Datagrams(address, answer_dns)
    port = server.server_address[1]
    ask = lambda: rig.run_check(tmp_path, f"dns: {{name: example.org, servers: ['twin:{port}'], equals: 192.0.2.7}}", timeout="8s")
    assert ask().outcome == "pass"
    with dropped(other(address), f"-p udp --dport {port}"):
        assert ask().outcome == "pass"
    server.stop()
    seen = ask()
    assert (seen.outcome, seen.reason) == ("fail", "dns"), seen


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_service_over_udp_at_one_address_of_its_name(address, tmp_path):
    server = Datagrams(address, lambda data: data.replace(b"ping", b"pong"))
    port = server.server_address[1]
    ask = lambda expected: rig.run_check(tmp_path, f"tcp: {{address: 'twin:{port}', transport: udp, dialogue: [{{send: ping}}, {{expect: {expected}}}]}}", timeout="4s")
    assert ask("pong").outcome == "pass"
    with dropped(other(address), f"-p udp --dport {port}"):
        assert ask("pong").outcome == "pass"
        seen = ask("pang")  # it answered, so this is what it says
        assert seen.outcome == "fail" and "pong" in seen.summary, seen
    server.stop()
    assert ask("pong").outcome == "fail"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_host_that_answers_echoes_at_one_address(address, tmp_path):
    types = {"::1": "-p icmpv6 --icmpv6-type echo-request", "127.0.0.1": "-p icmp --icmp-type echo-request"}
    ask = lambda: rig.run_check(tmp_path, "ping: {host: twin, count: 2, interval: 1ms}", timeout="4s")
    with dropped(other(address), types[other(address)]):
        seen = ask()
        assert seen.outcome == "pass" and f"answered by {address}" in seen.summary, seen
        assert seen.values["loss_percent"] == 0
        with dropped(address, types[address]):
            seen = ask()
            assert (seen.outcome, seen.reason) == ("fail", "timeout") and seen.values["loss_percent"] == 100, seen


@pytest.mark.parametrize("address", ADDRESSES)
def test_http_and_tcp_as_ever(address, tmp_path):
    class Server(http.server.HTTPServer):
        address_family = FAMILIES[address]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = Server((address, rig.free_port()), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    for check in (f"http: {{url: 'http://twin:{port}/'}}", f"tcp: {{address: 'twin:{port}'}}"):
        assert rig.run_check(tmp_path, check).outcome == "pass"
        with dropped(other(address), f"-p tcp --dport {port}"):
            assert rig.run_check(tmp_path, check).outcome == "pass"
    server.shutdown()
    server.server_close()


def test_a_way_that_is_missing_hides_no_refusal(tmp_path):
    """IPv6 that is only half there: the address that could be tried decides."""
    hosts = pathlib.Path("/etc/hosts")
    before = hosts.read_text()
    hosts.write_text(before + "2001:db8::7 half\n127.0.0.1 half\n")
    try:
        seen = rig.run_check(tmp_path, f"tcp: {{address: 'half:{rig.free_port()}'}}")
        assert (seen.outcome, seen.reason) == ("fail", "connect") and "refused" in seen.summary, seen
    finally:
        hosts.write_text(before)
