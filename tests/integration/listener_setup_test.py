"""Where the listener listens, by which files, and what of it a reload puts in force."""

import os
import pathlib
import signal
import socket
import ssl
import subprocess

import pytest
import rig
from daemon_test import DISK, simple

TOKENS = "tokens: {ci: {file: ci.token, may: [read]}}"


class Passing:
    """A daemon that is given listening sockets as systemd gives them (sd_listen_fds(3))."""

    def __init__(self, folder, config, sockets):
        folder.mkdir(exist_ok=True)
        (folder / "ci.token").write_text("0123456789abcdef-ci\n")
        (folder / "gonogo.yaml").write_text(config)
        # LISTEN_PID has to be the number of the program itself, and descriptors begin at 3.
        moves = " ".join(f"{3 + i}<&{s.fileno() + 100}" for i, s in enumerate(sockets))
        for s in sockets:
            os.dup2(s.fileno(), s.fileno() + 100, inheritable=True)
        self.process = rig.Process(
            ["bash", "-c", f'LISTEN_PID=$$ LISTEN_FDS={len(sockets)} exec "$@" {moves}', "bash", rig.GONOGO, "serve", "-c", str(folder / "gonogo.yaml"),
             "--store", str(folder / "gonogo.db")], folder / "log", pass_fds=[s.fileno() + 100 for s in sockets])
        for s in sockets:
            os.close(s.fileno() + 100)


def listening(family, address):
    s = socket.socket(family)
    s.bind(address)
    s.listen(16)
    return s


def ended(process):
    rig.wait_until(lambda: not process.is_running(), "the daemon gives up: " + process.text())
    return process.stop()


@pytest.mark.parametrize("family,address", [(socket.AF_INET, ("0.0.0.0", 0)), (socket.AF_INET6, ("::", 0)), (socket.AF_INET6, ("::ffff:0.0.0.0", 0))])
def test_a_passed_socket_beyond_this_host_wants_authentication(tmp_path, family, address):
    with listening(family, address) as wide:
        daemon = Passing(tmp_path / "d", simple(f"a: {DISK}"), [wide])
        assert ended(daemon.process) == 78
        text = daemon.process.text()
        assert "without authentication" in text and f":{wide.getsockname()[1]}" in text and "systemd" in text
        daemon = Passing(tmp_path / "d", simple(f"a: {DISK}", "server: {" + TOKENS + "}"), [wide])
        try:
            rig.wait_until(lambda: rig.connects(wide.getsockname()[1]), "it listens")
            port = wide.getsockname()[1]
            assert rig.request(port, "/verdict").status == 401, "nobody reads without a token"
            assert rig.request(port, "/verdict", headers={"Authorization": "Bearer 0123456789abcdef-ci"}).status in (200, 503)
            daemon.process.send(signal.SIGHUP)
            rig.wait_until(lambda: "configuration reloaded" in daemon.process.text(), "reloaded")
            assert rig.request(port, "/verdict").status == 401
        finally:
            daemon.process.stop()


def test_a_passed_socket_on_this_host_serves_as_it_is(tmp_path):
    path = tmp_path / "s.sock"
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as loopback, listening(socket.AF_UNIX, str(path)) as unix, \
            listening(socket.AF_UNIX, "\0gonogo-test-" + str(os.getpid())) as abstract:
        # The address of the configuration is not listened on.
        daemon = Passing(tmp_path / "d", simple(f"a: {DISK}", "server: {listen: '0.0.0.0:1'}"), [loopback, unix, abstract])
        try:
            port = loopback.getsockname()[1]
            rig.wait_until(lambda: rig.connects(port) and "listens on" in daemon.process.text() or not daemon.process.is_running(), "it listens")
            assert daemon.process.is_running(), daemon.process.text()
            assert rig.request(port, "/verdict").status in (200, 503)
            for name in (str(path), abstract.getsockname()):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.connect(name)
                    peer.sendall(b"GET /verdict HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
                    assert peer.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 503"), "who reaches it is no browser"
        finally:
            daemon.process.stop()


def test_a_passed_descriptor_that_is_no_listening_socket_is_refused(tmp_path):
    left, right = socket.socketpair()
    with left, right:
        daemon = Passing(tmp_path / "d", simple(f"a: {DISK}"), [left])
        assert ended(daemon.process) == 78
        assert "Accept=no" in daemon.process.text()


def restart_required(daemon, **options):
    return daemon.metric("gonogo_config_restart_required")


def test_a_reload_says_what_wants_a_restart(make, tmp_path):
    port = rig.free_port()
    daemon = make(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}'}}"), start=False)
    daemon.port = port
    serve = lambda: rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
    daemon.process = serve()
    rig.wait_until(lambda: rig.connects(port), "it listens")
    assert restart_required(daemon) == 0
    (daemon.folder / "all.token").write_text("0123456789abcdef-all\n")
    tokens = "tokens: {all: {file: all.token, may: [read, reload]}}, anonymous: [read]"
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}', {tokens}}}"))
    daemon.process.send(signal.SIGHUP)
    reload = lambda: daemon.get("/-/reload", method="POST", headers={"Authorization": "Bearer 0123456789abcdef-all"})
    rig.wait_until(lambda: reload().status == 200, "the token is known")
    assert (reload().text, restart_required(daemon)) == ("reloaded\n", 0)
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{rig.free_port()}', {tokens}}}"))
    answer = reload()
    assert answer.status == 200 and "server.listen changed: restart the daemon" in answer.text
    assert restart_required(daemon) == 1 and "server.listen changed" in daemon.process.text()
    by_verb = daemon.run("config", "reload", "--token-file", str(daemon.folder / "all.token"))
    assert by_verb.returncode == 0 and "server.listen changed" in by_verb.stdout
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}', {tokens}}}"))
    assert (reload().text, restart_required(daemon)) == ("reloaded\n", 0), "as it was"


def test_what_is_listened_on_is_judged_and_not_what_would_be(make):
    port = rig.free_port()
    daemon = make(None, start=False)
    (daemon.folder / "ci.token").write_text("0123456789abcdef-ci\n")
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '0.0.0.0:{port}', {TOKENS}}}"))
    daemon.port = port
    daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
    rig.wait_until(lambda: rig.connects(port), "it listens")
    assert daemon.get("/verdict").status == 401
    # After a restart this would be reachable from this host alone; until then it is not.
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}'}}"))
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: "until a restart" in daemon.process.text(), "the reload is refused")
    assert daemon.get("/verdict").status == 401
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}', {TOKENS}}}"))
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: "server.listen changed" in daemon.process.text(), "the reload is accepted")
    assert daemon.get("/verdict").status == 401


def handshake(daemon, authority, client=None):
    """The certificate that is served; None when the handshake or the answer fails."""
    context = ssl.create_default_context(cafile=authority.path)
    if client:
        context.load_cert_chain(*client)
    try:
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
            peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return peer.getpeercert(binary_form=True) if peer.recv(12) == b"HTTP/1.1 200" else None
    except OSError:
        return None


def der(path):
    return ssl.PEM_cert_to_DER_cert(pathlib.Path(path).read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")


def test_the_listeners_tls_is_put_in_force_by_a_reload(make, tmp_path):
    authority = rig.Authority(tmp_path)
    first, second = authority.issue("first", ["127.0.0.1"]), authority.issue("second", ["127.0.0.1"])
    client = authority.issue("client", ["client"])
    folder = tmp_path / "d0"
    folder.mkdir()
    web = folder / "web.yml"
    def settings(pair, more=""):
        web.write_text(f"tls_server_config:\n  cert_file: {pair[0]}\n  key_file: {pair[1]}\n{more}")
    def reload(daemon):
        before = daemon.process.text().count("configuration reloaded")
        daemon.process.send(signal.SIGHUP)
        rig.wait_until(lambda: daemon.process.text().count("configuration reloaded") > before, "reloaded: " + daemon.process.text())
    settings(first)
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    assert handshake(daemon, authority) == der(first[0])
    settings(second)  # other paths
    reload(daemon)
    assert handshake(daemon, authority) == der(second[0])
    context = ssl.create_default_context(cafile=authority.path)
    kept = context.wrap_socket(socket.create_connection(("127.0.0.1", daemon.port), timeout=20), server_hostname="127.0.0.1")
    # It has had an answer: one that has only just come is answered once, by the rules of its handshake.
    kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept.recv(65536).startswith(b"HTTP/1.1 200")
    settings(second, f"  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: {authority.path}\n")
    reload(daemon)
    assert handshake(daemon, authority) is None and handshake(daemon, authority, client) == der(second[0])
    with kept:
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert kept.recv(12) == b"", "a connection that was made without a certificate does not outlive the rule"
        except OSError:
            pass
    settings(second, "  min_version: TLS13\n")
    reload(daemon)
    old = ssl.create_default_context(cafile=authority.path)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as plain:
        old.wrap_socket(plain, server_hostname="127.0.0.1")
    assert handshake(daemon, authority) == der(second[0])
    # Off, and on again.
    daemon.write(simple(f"a: {DISK}"))
    reload(daemon)
    assert daemon.get("/healthz").status == 200 and handshake(daemon, authority) is None
    daemon.write(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    reload(daemon)
    assert handshake(daemon, authority) == der(second[0])
    # What is bad changes nothing.
    settings((second[0], tmp_path / "nosuch.key"))
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: "nosuch.key does not exist" in daemon.process.text(), "the reload is refused")
    assert handshake(daemon, authority) == der(second[0])


def ask(daemon, *arguments, config=None, **env):
    """A verb that finds the daemon by its configuration."""
    return subprocess.run([rig.GONOGO, "verdict", "-c", str(config or daemon.config), *arguments], capture_output=True, text=True, timeout=60, env={**os.environ, **env})


def test_the_verbs_ask_a_daemon_with_tls(make, tmp_path):
    authority, stranger = rig.Authority(tmp_path), rig.Authority(tmp_path, "Stranger")
    pair = authority.issue("gonogo", ["gonogo.example.org"])  # not for 127.0.0.1
    other = stranger.issue("other", ["127.0.0.1"])
    client = authority.issue("client", ["client"])
    port = rig.free_port()
    folder = tmp_path / "d0"
    folder.mkdir()
    web = folder / "web.yml"
    web.write_text(f"tls_server_config: {{cert_file: {pair[0]}, key_file: {pair[1]}}}\n")
    (folder / "ci.token").write_text("0123456789abcdef-ci\n")
    settings = f"server: {{listen: ['127.0.0.1:{port}', 'unix:{folder}/s'], web_config: web.yml, {TOKENS}}}"
    daemon = make(simple(f"a: {DISK}", settings), start=False)
    daemon.write(simple(f"a: {DISK}", settings))
    daemon.port = port
    daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
    rig.wait_until(lambda: rig.connects(port), "it listens")
    token = ["--token-file", str(folder / "ci.token")]
    rig.wait_until(lambda: ask(daemon, *token).returncode == 0, f"GO over TLS: {ask(daemon, *token)}")
    # Elsewhere the names and the authorities decide.
    url = ["--url", f"https://127.0.0.1:{port}"]
    seen = ask(daemon, *token, *url)
    assert seen.returncode == 2 and "--ca FILE" in seen.stderr, seen
    seen = ask(daemon, *token, *url, "--ca", authority.path)
    assert seen.returncode == 2 and "gonogo.example.org" in seen.stderr and 'wanted the address "127.0.0.1"' in seen.stderr, seen
    # Over the UNIX socket too.
    over_unix = tmp_path / "unix.yaml"
    over_unix.write_text(f"server: {{listen: 'unix:{folder}/s', web_config: {web}}}\n")
    assert ask(daemon, *token, config=over_unix).returncode == 0
    # And where that is asked for: the configuration that listens there knows.
    at_socket = ["--url", f"unix:{folder}/s"]
    assert ask(daemon, *token, *at_socket).returncode == 0
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(f"server: {{listen: 'unix:{folder}/t', web_config: {web}}}\n")
    assert ask(daemon, *token, *at_socket, config=elsewhere).returncode == 2
    # Who has another certificate is not the daemon, and is not given the token.
    web.write_text(f"tls_server_config: {{cert_file: {other[0]}, key_file: {other[1]}}}\n")
    seen = ask(daemon, *token)
    assert seen.returncode == 2 and f"nor is it that of {other[0]}" in seen.stderr, seen
    # One that has the name of the address, by an authority that is trusted.
    named = authority.issue("named", ["127.0.0.1"])
    web.write_text(f"tls_server_config: {{cert_file: {named[0]}, key_file: {named[1]}}}\n")
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: "configuration reloaded" in daemon.process.text(), "reloaded")
    assert ask(daemon, *token, *url, "--ca", authority.path).returncode == 0
    assert ask(daemon, *token, *url, "--ca", stranger.path).returncode == 2
    # A web_config that cannot be read: what to give is said.
    unreadable = tmp_path / "unreadable.yaml"
    unreadable.write_text(f"server: {{listen: '127.0.0.1:{port}', web_config: {tmp_path}/nosuch.yml}}\n")
    seen = ask(daemon, *token, config=unreadable)
    assert seen.returncode == 2 and "nosuch.yml" in seen.stderr and "--url https://NAME:PORT" in seen.stderr, seen
    # One that wants certificates of its clients.
    web.write_text(f"tls_server_config: {{cert_file: {pair[0]}, key_file: {pair[1]}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: {authority.path}}}\n")
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: daemon.process.text().count("configuration reloaded") == 2, "reloaded")
    seen = ask(daemon, *token)
    assert seen.returncode == 2 and "--cert FILE --cert-key FILE" in seen.stderr, seen
    assert ask(daemon, *token, "--cert", client[0], "--cert-key", client[1]).returncode == 0


def status_over_tls(port, authority, client=None, path="/verdict", method="GET", headers=""):
    """None when there is no handshake, or no answer."""
    context = ssl.create_default_context(cafile=authority.path)
    if client:
        context.load_cert_chain(*client)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
            peer.sendall(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return int(peer.recv(12)[9:])
    except OSError:
        return None


ANSWERED = (200, 503)


@pytest.fixture
def by_web_config(make, tmp_path):
    """Starts a daemon with `web.yml`, and gives its port; or what keeps it from starting."""
    authority = rig.Authority(tmp_path)
    pair, client = authority.issue("listener", ["127.0.0.1"]), authority.issue("client", ["client"])
    hashed = "$2b$04$abcdefghijklmnopqrstuuVQd2nHGdRaMrM7JR0n3tCbRJgdhm8Oy"
    texts = {"tls": "", "clients": f", client_auth_type: RequireAndVerifyClientCert, client_ca_file: {authority.path}"}

    def start(kind, host="127.0.0.1", more="", users=False):
        daemon = make(None, start=False)
        (daemon.folder / "ci.token").write_text("0123456789abcdef-ci\n")
        (daemon.folder / "web.yml").write_text(f"tls_server_config: {{cert_file: {pair[0]}, key_file: {pair[1]}{texts[kind]}}}\n"
                                               + (f"basic_auth_users: {{ada: '{hashed}'}}\n" if users else ""))
        port = rig.free_port()
        daemon.write(simple(f"a: {DISK}", f"server: {{listen: '{host}:{port}', web_config: web.yml{more}}}"))
        checked = daemon.run("config", "check", "--strict", "--config", str(daemon.config))
        if checked.returncode != 0:
            assert problems(daemon, "serve")[0] == checked.returncode == 78
            return checked.stderr
        daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
        rig.wait_until(lambda: "listens on" in daemon.process.text(), "it listens: " + daemon.process.text())
        return port

    start.authority, start.client = authority, client
    return start


def test_tls_alone_keeps_nobody_on_this_host_from_reading(by_web_config):
    ask = lambda port, **options: status_over_tls(port, by_web_config.authority, **options)
    port = by_web_config("tls")
    assert ask(port) in ANSWERED and ask(port, path="/metrics") == 200
    assert ask(port, path="/api/v1/checks/a/run", method="POST") == 401, "nobody may write"
    assert ask(port, path="/-/reload", method="POST") == 401
    # What somebody has chosen stays: fewer grants, tokens, users.
    assert ask(by_web_config("tls", more=", anonymous: [ping]")) == 401
    assert ask(by_web_config("tls", users=True)) == 401
    port = by_web_config("tls", more=", " + TOKENS)
    assert ask(port) == 401 and ask(port, headers="Authorization: Bearer 0123456789abcdef-ci\r\n") in ANSWERED


def test_tls_alone_is_no_authentication_beyond_this_host(by_web_config):
    for more in ("", ", anonymous: [read, ping]"):
        said = by_web_config("tls", "0.0.0.0", more)
        assert isinstance(said, str) and "reachable from other hosts without authentication" in said and "basic_auth_users" in said, said
    port = by_web_config("tls", "0.0.0.0", ", " + TOKENS)
    assert status_over_tls(port, by_web_config.authority) == 401
    port = by_web_config("tls", "0.0.0.0", users=True)
    assert status_over_tls(port, by_web_config.authority) == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_who_shows_a_certificate_may_read(by_web_config, host):
    ask = lambda port, client=by_web_config.client, **options: status_over_tls(port, by_web_config.authority, client, **options)
    port = by_web_config("clients", host)
    assert ask(port) in ANSWERED and ask(port, client=None) is None
    assert ask(port, path="/-/reload", method="POST") == 401
    assert ask(by_web_config("clients", host, more=", " + TOKENS)) == 401, "then the token says what its owner may"
    assert ask(by_web_config("clients", host, users=True)) == 401
    assert ask(by_web_config("clients", host, more=", anonymous: [ping]")) == 401


def test_a_reload_that_was_not_done_says_nothing_against_the_configuration(make):
    """Of many at once one is done, one more follows it, and the others are told so: they are no word against the file."""
    daemon = make(None, start=False)
    (daemon.folder / "ci.token").write_text("0123456789abcdef-ci\n")
    server = "server: {tokens: {ci: {file: ci.token, may: [reload]}}}"
    daemon.write(simple(", ".join(f"c{i}: {DISK[:1]}interval: 1h, stale_after: 3h, {DISK[1:]}" for i in range(500)), server))
    daemon.start()
    request = b"POST /-/reload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer 0123456789abcdef-ci\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def storm():
        peers = [socket.create_connection(("127.0.0.1", daemon.port), timeout=60) for _ in range(12)]
        for peer in peers:
            peer.sendall(request)
        answers = []
        for peer in peers:
            with peer, peer.makefile("rb") as stream:
                answers.append(stream.read().decode())
        return answers

    answers = rig.wait_until(lambda: (lambda all: any("under way" in answer for answer in all) and all)(storm()), "one meets another")
    for answer in answers:
        assert "Bad Configuration" not in answer and answer[9:12] in ("200", "503"), answer
        assert (answer[9:12] == "503") == ("another reload is under way" in answer) == ('"Not Reloaded"' in answer), answer
    # What is wrong with the file is said as before.
    daemon.write(simple("a: {dsik: {path: /}}", server))
    reload = lambda: daemon.run("config", "reload", "--token-file", str(daemon.folder / "ci.token"))
    seen = rig.wait_until(lambda: (lambda result: "under way" not in result.stderr and result)(reload()), "the others have ended")
    assert seen.returncode == 78 and "did you mean `disk`" in seen.stderr, seen


def put(path, content):
    """As who renews a certificate does it: the file is replaced at once."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def test_the_listeners_renewed_certificate_is_served_without_a_reload(make, tmp_path):
    authority = rig.Authority(tmp_path)
    first, second, third = (authority.issue(name, ["127.0.0.1", f"{name}.example.org"]) for name in ("first", "second", "third"))
    folder = tmp_path / "d0"
    folder.mkdir()
    certificate, key = folder / "live.crt", folder / "live.key"
    def renew(pair):
        put(key, pathlib.Path(pair[1]).read_bytes())
        put(certificate, pathlib.Path(pair[0]).read_bytes())
    renew(first)
    (folder / "web.yml").write_text("tls_server_config: {cert_file: live.crt, key_file: live.key}\n")
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    assert handshake(daemon, authority) == der(first[0])
    renew(second)
    rig.wait_until(lambda: handshake(daemon, authority) == der(second[0]), "the second is served: " + daemon.process.text())
    # Its name is one of the daemon's, as after a reload.
    context = ssl.create_default_context(cafile=authority.path)
    for name, status in (("second.example.org", (b"200", b"503")), ("other.example.org", (b"421",))):
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
            peer.sendall(b"GET /verdict HTTP/1.1\r\nHost: " + name.encode() + b"\r\nConnection: close\r\n\r\n")
            assert peer.recv(12)[9:] in status, name
    # The key is late: the former pair is served meanwhile, and the log says so once.
    put(certificate, pathlib.Path(third[0]).read_bytes())
    rig.wait_until(lambda: "does not belong to the certificate of cert_file" in daemon.process.text(), "it is noticed: " + daemon.process.text())
    assert handshake(daemon, authority) == der(second[0])
    put(key, pathlib.Path(third[1]).read_bytes())
    rig.wait_until(lambda: handshake(daemon, authority) == der(third[0]), "the third is served: " + daemon.process.text())
    assert daemon.process.text().count("are not used") == 1, daemon.process.text()
    # After a reload the files are watched as before.
    daemon.process.send(signal.SIGHUP)
    rig.wait_until(lambda: "configuration reloaded" in daemon.process.text(), "reloaded")
    renew(first)
    rig.wait_until(lambda: handshake(daemon, authority) == der(first[0]), "the first is served again")


def test_renewed_authorities_of_clients_count_at_once(make, tmp_path):
    one, other = (rig.Authority(tmp_path, name) for name in ("One Root", "Other Root"))
    server = one.issue("server", ["127.0.0.1"])
    clients = [authority.issue(f"client{i}", ["client"]) for i, authority in enumerate((one, other))]
    folder = tmp_path / "d0"
    folder.mkdir()
    clients_ca = folder / "clients.crt"
    put(clients_ca, pathlib.Path(one.path).read_bytes())
    (folder / "web.yml").write_text(f"tls_server_config: {{cert_file: {server[0]}, key_file: {server[1]}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: clients.crt}}\n")
    daemon = make(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
    assert [handshake(daemon, one, client) is not None for client in clients] == [True, False]
    put(clients_ca, pathlib.Path(other.path).read_bytes())
    rig.wait_until(lambda: handshake(daemon, one, clients[1]), "the other authority counts")
    assert handshake(daemon, one, clients[0]) is None


@pytest.mark.parametrize("listen, said", [
    ("[127.0.0.1:{port}, 127.0.0.1:{port}]", '"127.0.0.1:{port}" is given twice (remove one)'),
    ("[localhost:{port}, 127.0.0.1:{port}]", '"127.0.0.1:{port}" is listened on by "localhost:{port}" already (remove one of the two)'),
    ("[127.0.0.1:{port}, '0.0.0.0:{port}']", '"0.0.0.0:{port}" is listened on by "127.0.0.1:{port}" already'),
    ("['unix:/run/nosuch.sock', 'unix:/run/nosuch.sock']", '"unix:/run/nosuch.sock" is given twice'),
])
def test_an_address_that_is_given_twice_is_a_problem_of_the_configuration(tmp_path, listen, said):
    facts = {"port": rig.free_port()}
    (tmp_path / "ci.token").write_text("0123456789abcdef-ci\n")
    config = tmp_path / "c.yaml"
    config.write_text(simple(f"a: {DISK}", f"server: {{listen: {listen.format(**facts)}, {TOKENS}}}"))
    for verb in (["config", "check"], ["serve", "--store", str(tmp_path / "s.db")]):
        result = subprocess.run([rig.GONOGO, *verb, "--config", str(config)], capture_output=True, text=True, timeout=60)
        assert result.returncode == 78 and "server.listen: " + said.format(**facts) in result.stderr, result


def test_an_address_that_is_taken_is_named(tmp_path):
    """Bound by another process, with and without listening: then bind(2) or listen(2) fails."""
    for is_listening in (True, False):
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{other.getsockname()[1]}"
            if is_listening:
                other.listen(1)
            config = tmp_path / "c.yaml"
            config.write_text(simple(f"a: {DISK}", f"server: {{listen: '{address}'}}"))
            process = rig.Process([rig.GONOGO, "serve", "--config", str(config), "--store", str(tmp_path / "s.db")], tmp_path / "log")
            if is_listening:
                assert ended(process) == 1
                assert f"cannot listen on {address}: Address already in use" in process.text()
            else:
                rig.wait_until(lambda: rig.connects(other.getsockname()[1]), "one that is only bound does no harm")
                assert process.stop() == 0


def problems(daemon, *verb):
    result = daemon.run(*verb, "--config", str(daemon.config))
    return result.returncode, sorted(line for line in result.stderr.splitlines() if ":" in line)


def test_one_list_of_problems_for_check_and_serve(make, tmp_path):
    authority = rig.Authority(tmp_path)
    pair, other = authority.issue("one", ["127.0.0.1"]), authority.issue("other", ["127.0.0.1"])
    daemon = make(None, start=False)
    write = lambda name, text: (daemon.folder / name).write_text(text)
    write("web.yml", f"tls_server_config:\n  cert_file: {pair[0]}\n  key_file: {tmp_path}/nosuch.key\n  client_auth_typ: x\nbasic_auth_users: {{a: plain}}\n")
    daemon.write("server:\n  web_config: web.yml\n  listen: ['db.internal:1', 'localhost:0', 'unix:relative']\n  names: ['http://x/']\n"
                 "  external_url: gonogo\ngates: {g: {checks: {a: {dsik: {path: /}}}}}\n")
    code, lines = problems(daemon, "config", "check")
    assert code == 78 and problems(daemon, "serve") == (78, lines)
    text = "\n".join(lines)
    for part in ("nosuch.key does not exist", "client_auth_typ", "no bcrypt hash", "\"db.internal:1\" is no address", "\"unix:relative\" is no address",
                 "\"http://x/\" is no host name", "external_url: is no http or https URL", "did you mean `disk`"):
        assert part in text, (part, text)
    assert all(line.split(":")[1].isdigit() for line in lines), text
    unreadable = tmp_path / "folder.key"
    unreadable.mkdir()
    (tmp_path / "junk.key").write_text("junk")
    encrypted = subprocess.run(["openssl", "pkey", "-in", str(pair[1]), "-aes256", "-passout", "pass:x"], capture_output=True, check=True).stdout
    (tmp_path / "encrypted.key").write_bytes(encrypted)
    rsa = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    (tmp_path / "rsa.key").write_bytes(rsa)
    for key, words in ((other[1], "does not belong to the certificate"), (tmp_path / "rsa.key", "does not belong to the certificate"),
                       (tmp_path / "folder.key", "is a directory"), (tmp_path / "junk.key", "holds no private key"),
                       (tmp_path / "encrypted.key", "is encrypted")):
        write("web.yml", f"tls_server_config: {{cert_file: {pair[0]}, key_file: {key}}}\n")
        daemon.write(simple(f"a: {DISK}", "server: {web_config: web.yml}"))
        code, lines = problems(daemon, "config", "check")
        assert code == 78 and len(lines) == 1 and words in lines[0] and "key_file" in lines[0], lines
        assert problems(daemon, "serve") == (78, lines)
    for config, words in ((f"cert_file: {tmp_path}/junk.key, key_file: {pair[1]}", "holds no certificate"),
                          (f"cert_file: {pair[0]}, key_file: {pair[1]}, client_ca_file: {authority.path}", "client_auth_type"),
                          (f"cert_file: {pair[0]}, key_file: {pair[1]}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: /nosuch", "/nosuch does not exist")):
        write("web.yml", f"tls_server_config: {{{config}}}\n")
        code, lines = problems(daemon, "config", "check")
        assert code == 78 and len(lines) == 1 and words in lines[0], lines
        assert problems(daemon, "serve") == (78, lines)
    # A verb that serves nobody needs no key of the listener.
    assert daemon.run("check", "--config", str(daemon.config)).returncode == 0


def test_localhost_is_listened_on_at_both_of_its_addresses(make):
    port = rig.free_port()
    for more in ("", ", tokens: {ci: {file: ci.token, may: [read]}}, anonymous: [read]"):
        daemon = make(None, start=False)
        (daemon.folder / "ci.token").write_text("0123456789abcdef-ci\n")
        daemon.write(simple(f"a: {DISK}", f"server: {{listen: 'localhost:{port}'{more}}}"))
        assert daemon.run("config", "check", "--config", str(daemon.config)).returncode == 0
        process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
        try:
            rig.wait_until(lambda: rig.connects(port) or not process.is_running(), "it listens")
            assert process.is_running(), process.text()
            for host in ("127.0.0.1", "::1"):
                assert rig.request(port, "/verdict", host=host).status in (200, 503), host
            asked = subprocess.run([rig.GONOGO, "verdict", "-c", str(daemon.config)], capture_output=True, text=True)
            assert "verdict" in asked.stdout, asked
        finally:
            process.stop()


def test_localhost_without_ipv6_is_the_other_address(make):
    daemon = make(simple(f"a: {DISK}", "server: {listen: 'localhost:9880'}"), start=False)
    script = ('ip link set lo up && sysctl -qw net.ipv6.conf.lo.disable_ipv6=1 && exec "$@"')
    unshared = ["unshare", "--net", "--map-root-user", "bash", "-c", script, "bash"]
    if subprocess.run([*unshared, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs a network namespace")
    process = rig.Process([*unshared, rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
    try:
        rig.wait_until(lambda: "listens on" in process.text() or not process.is_running(), "it listens")
        assert "listens on 127.0.0.1:9880\n" in process.text() + "\n", process.text()
    finally:
        process.stop()
