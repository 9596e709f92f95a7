"""The http kind against servers that behave, and against one that does not."""

import contextlib
import socket
import subprocess
import threading

import pytest
import rig


class Hostile:
    """Answers each connection with exactly these bytes, in these pieces."""

    def __init__(self, *pieces, pause=None):
        self.pieces, self.pause = pieces, pause or threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.requests = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with contextlib.suppress(OSError), peer:
            peer.settimeout(20)
            self.requests.append(peer.recv(65536))
            for piece in self.pieces:
                if piece == "hang":
                    self.pause.wait(20)
                elif piece == "drip":
                    while not self.pause.wait(0.2):
                        peer.sendall(b"x")
                elif piece == "flood":
                    while True:
                        peer.sendall(b"x" * 65536)
                else:
                    peer.sendall(piece)

    def close(self):
        self.pause.set()
        self.listener.close()


def run_check(tmp_path, options, timeout="2s", name="a"):
    config = tmp_path / "c.yaml"
    config.write_text(f"gates: {{g: {{checks: {{{name}: {{interval: 60s, timeout: {timeout}, http: {{{options}}}}}}}}}}}")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), name], capture_output=True, text=True, timeout=60)
    assert result.returncode in (0, 1), result
    return result.stdout.splitlines()[0]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

CASES = {
    "silence": (["hang"], "", "(timeout)"),
    "one byte a time": ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "drip"], "", "(timeout)"),
    "closed at once": ([], "", "(protocol)"),
    "closed in the headers": ([b"HTTP/1.1 200 OK\r\nContent-Le"], "", "(protocol)"),
    "closed in the body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"], "", "(protocol)"),
    "no http": ([b"220 mail.test ESMTP\r\n"], "", "(protocol)"),
    "escape codes": ([b"\x1b[2J\x1b]0;owned\x07\r\n\r\n"], "", "(protocol)"),
    "nul in a header": ([b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n"], "", "(protocol)"),
    "two lengths": ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk"], "", "(protocol)"),
    "chunked nonsense": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"], "", "(protocol)"),
    "endless headers": ([b"HTTP/1.1 200 OK\r\nX: ", "flood"], "", "(protocol)"),
    "endless 1xx": ([b"HTTP/1.1 100 Continue\r\n\r\n" * 20], "", "(protocol)"),
    "one 1xx": ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK], "", "pass"),
    "endless body": ([b"HTTP/1.1 200 OK\r\n\r\n", "flood"], ", max_body: 64KiB, expect: {json: .ok}", "(json)"),
    "endless body, beginning wanted": ([b"HTTP/1.1 200 OK\r\n\r\n", "flood"], ", max_body: 64KiB, expect: {body: '^xxx'}", "pass"),
    "no length": ([b"HTTP/1.1 200 OK\r\n\r\nall of it"], ", expect: {body: '^all of it$'}", "pass"),
    "http 1.0": ([b"HTTP/1.0 200 OK\r\n\r\nok"], ", expect: {version: '1.0'}", "pass"),
    "lower-case, no reason": ([b"HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok"], ", expect: {body: ok}", "pass"),
    "chunked": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"], ", expect: {body: '^ok$'}", "pass"),
    "deep json": ([b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100000], ", expect: {json: .ok}", "(json)"),
    "head with a length": ([b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"], ", method: HEAD", "pass"),
    "endless redirects": ([b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"], ", follow: 5", "(redirect)"),
    "redirect to nonsense": ([b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n"], ", follow: 5", "(redirect)"),
    "redirect not followed": ([b"HTTP/1.1 302 Found\r\nLocation: https://login.test/\r\nContent-Length: 0\r\n\r\n"], "", "(status)"),
    "redirect target wanted": ([b"HTTP/1.1 308 x\r\nLocation: https://a.test/\r\nContent-Length: 0\r\n\r\n"], ", expect: {status: 308, location: '^https://a\\.test/$'}", "pass"),
}


@pytest.mark.parametrize("case", CASES)
def test_answers_of_every_sort(case, tmp_path):
    pieces, options, expected = CASES[case]
    server = Hostile(*pieces)
    try:
        line = run_check(tmp_path, f'url: "http://127.0.0.1:{server.port}/x"{options}')
        assert expected in line, line
        assert "\x1b" not in line
    finally:
        server.close()


def test_a_reset_at_each_byte_of_the_answer(tmp_path):
    """Cut after each byte: never a crash, never a pass before the body is whole."""
    checks = ""
    servers = []
    for cut in range(len(OK)):
        servers.append(Hostile(OK[:cut]))
        checks += f"c{cut}: {{http: {{url: 'http://127.0.0.1:{servers[-1].port}/'}}}}, "
    config = tmp_path / "c.yaml"
    config.write_text(f"gates: {{g: {{checks: {{{checks}}}}}}}")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config)], capture_output=True, text=True, timeout=60)
    lines = [line for line in result.stdout.splitlines() if "g/c" in line]
    assert len(lines) == len(OK) and all(line.startswith("fail") for line in lines), lines
    for server in servers:
        server.close()


def test_what_is_sent(tmp_path):
    server = Hostile(OK)
    try:
        run_check(tmp_path, f'url: "http://127.0.0.1:{server.port}/p?q=1#f", method: POST, body: "b=1", headers: {{X-A: v, Content-Type: text/x}}, '
                       'basic_auth: {username: u, password: pass}')
        request = server.requests[0].decode()
        head, _, body = request.partition("\r\n\r\n")
        lines = head.split("\r\n")
        assert lines[0] == "POST /p?q=1 HTTP/1.1" and body == "b=1"
        for line in (f"Host: 127.0.0.1:{server.port}", "X-A: v", "Content-Type: text/x", "Authorization: Basic dTpwYXNz", "Content-Length: 3", "User-Agent: gonogo"):
            assert line in lines, lines
    finally:
        server.close()


def test_credentials_do_not_follow_a_redirect_to_another_host(tmp_path):
    second = Hostile(OK)
    first = Hostile(b"HTTP/1.1 302 Found\r\nLocation: http://localhost:%d/\r\nContent-Length: 0\r\n\r\n" % second.port)
    try:
        line = run_check(tmp_path, f'url: "http://127.0.0.1:{first.port}/", follow: 3, leave_host: true, bearer: token-for-first, headers: {{X-Secret: s}}')
        assert line.startswith("pass"), line
        assert b"token-for-first" in first.requests[0]
        assert b"Authorization" not in second.requests[0] and b"X-Secret" not in second.requests[0]
    finally:
        first.close()
        second.close()


def test_through_a_proxy(tmp_path):
    if not rig.has("tinyproxy"):
        pytest.skip("tinyproxy is not installed")
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("site", ["site.test"])
    plain, tls, port = rig.free_port(), rig.free_port(), rig.free_port()
    nginx = rig.Nginx(tmp_path / "nginx", f"""
      server {{ listen 127.0.0.1:{plain}; location / {{ return 200 plain; }} }}
      server {{ listen 127.0.0.1:{tls} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; location / {{ return 200 tls; }} }}""").start()
    conf = tmp_path / "tinyproxy.conf"
    conf.write_text(f'Port {port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 10\nBasicAuth user proxy-password\nLogFile "{tmp_path}/proxy.log"\n')
    proxy = rig.Process(["tinyproxy", "-d", "-c", str(conf)], tmp_path / "log")
    try:
        rig.wait_until(lambda: rig.connects(port) and rig.connects(tls), "proxy and site listen")
        through = f'proxy: "http://user:proxy-password@127.0.0.1:{port}"'
        assert run_check(tmp_path, f'url: "http://127.0.0.1:{plain}/", {through}, expect: {{body: plain}}').startswith("pass")
        assert run_check(tmp_path, f'url: "https://127.0.0.1:{tls}/", server_name: site.test, ca: {authority.path}, {through}, expect: {{body: tls}}').startswith("pass")
        refused = run_check(tmp_path, f'url: "https://127.0.0.1:{tls}/", server_name: site.test, ca: {authority.path}, proxy: "http://127.0.0.1:{port}"')
        assert "(connect)" in refused and "proxy refused" in refused, refused
    finally:
        proxy.stop()
        nginx.stop()


def test_a_client_certificate(tmp_path):
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("site", ["site.test"])
    client, client_key = authority.issue("client", ["client.test"])
    port = rig.free_port()
    nginx = rig.Nginx(tmp_path / "nginx", f"""
      server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
        ssl_client_certificate {authority.path}; ssl_verify_client on; location / {{ return 200 "$ssl_client_s_dn"; }} }}""").start()
    try:
        rig.wait_until(lambda: rig.connects(port), "nginx listens")
        base = f'url: "https://site.test:{port}/", connect_to: "127.0.0.1:{port}", ca: {authority.path}'
        assert run_check(tmp_path, f'{base}, client_certificate: {client}, client_key: {client_key}, expect: {{body: client.test}}').startswith("pass")
        assert "(status)" in run_check(tmp_path, base)
    finally:
        nginx.stop()
