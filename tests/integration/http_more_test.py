"""The http kind, grown up: hops, other hosts, addresses, ages, packed bodies, sockets, HTTP/2, signatures."""

import datetime
import email.utils
import gzip
import hashlib
import hmac
import http.server
import json
import threading
import urllib.parse

import http_test
import pytest
import rig
import servers

KEYS = {"access": "AKIAEXAMPLE", "secret": "the-very-secret-key-1234"}


class S3(http.server.BaseHTTPRequestHandler):
    """Verifies AWS Signature Version 4 as the server does it; Debian has no S3-compatible server."""

    def do_GET(self):
        status, text = self.verify()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def verify(self):
        authorization = self.headers.get("Authorization", "")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return 403, "MissingAuthentication"
        parts = dict(part.strip().split("=", 1) for part in authorization[len("AWS4-HMAC-SHA256 "):].split(","))
        access, date, region, service, end = parts["Credential"].split("/")
        stamp = self.headers["x-amz-date"]
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if access != KEYS["access"] or end != "aws4_request" or abs(age.total_seconds()) > 900:
            return 403, "InvalidAccessKeyId"
        path, _, query = self.path.partition("?")
        pairs = sorted((urllib.parse.quote(urllib.parse.unquote(n), safe="-_.~"), urllib.parse.quote(urllib.parse.unquote(v), safe="-_.~"))
                       for n, _, v in (p.partition("=") for p in query.split("&") if p))
        signed = parts["SignedHeaders"].split(";")
        if "host" not in signed or self.headers["x-amz-content-sha256"] != hashlib.sha256(b"").hexdigest():
            return 403, "SignatureDoesNotMatch"
        canonical = "\n".join([self.command, path, "&".join(f"{n}={v}" for n, v in pairs),
                               *[f"{name}:{' '.join(self.headers[name].split())}" for name in signed], "", ";".join(signed), self.headers["x-amz-content-sha256"]])
        scope = f"{date}/{region}/{service}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + KEYS["secret"]).encode()
        for word in (date, region, service, "aws4_request"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        good = hmac.compare_digest(hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), parts["Signature"])
        return (200, "<ListBucketResult/>") if good else (403, "SignatureDoesNotMatch")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    authority = rig.Authority(folder)
    certificate, key = authority.issue("web", ["a.test", "b.test"])
    port, tls = rig.free_port(), rig.free_port()
    caddy_port = rig.free_port()
    (folder / "www").mkdir()
    (folder / "www" / "big.json").write_text(json.dumps({"ok": True, "padding": "x" * 200_000}))
    (folder / "www" / "old.txt").write_text("old")
    import os
    os.utime(folder / "www" / "old.txt", (1_700_000_000, 1_700_000_000))
    (folder / "www" / "new.txt").write_text("new")
    nginx = rig.Nginx(folder / "nginx", f"""
  gzip on; gzip_types application/json; gzip_min_length 100;
  server {{ listen 127.0.0.1:{port}; listen 127.0.0.2:{port}; listen unix:{folder}/web.sock; root {folder}/www;
    location = /start {{ return 301 https://a.test:{tls}/middle; }}
    location = /away {{ return 302 http://b.test:{port}/ok; }}
    location = /post {{ return 303 /ok; }}
    location = /ok {{ return 200 '{{"ok": true, "method": "$request_method", "auth": "$http_authorization"}}'; }}
    location = /stamp {{ return 200 '{{"at": "2026-01-01T00:00:00Z", "epoch": 1700000000}}'; }} }}
  server {{ listen 127.0.0.3:{port}; return 500 broken; }}
  server {{ listen 127.0.0.1:{tls} ssl http2; server_name a.test; ssl_certificate {certificate}; ssl_certificate_key {key};
    location = /middle {{ return 302 /end; }} location = /end {{ return 200 end; }}
    location = /big {{ root {folder}/www; rewrite .* /big.json break; }} location = /echo {{ return 200 "$server_protocol $request_method"; }} }}
""").start()
    caddy = servers.Caddy(folder / "caddy", f"https://a.test:{caddy_port} {{\n  bind 127.0.0.1\n  tls {certificate} {key}\n  encode gzip\n  respond \"hello from caddy over {{http.request.proto}}\"\n}}\n")
    dns = rig.Dnsmasq(folder / "dns", {"a.test": "127.0.0.1", "b.test": "127.0.0.1"})
    s3 = http.server.ThreadingHTTPServer(("127.0.0.1", 0), S3)
    threading.Thread(target=s3.serve_forever, daemon=True).start()
    yield {"port": port, "tls": tls, "ca": authority.path, "folder": folder, "caddy": caddy_port, "s3": s3.server_port,
           "more": f"resolver: {{servers: ['127.0.0.1:{dns.port}']}}"}
    s3.shutdown()
    for server in (nginx, caddy, dns):
        server.stop()


def run_check(tmp_path, world, options, **more):
    options = options.format(**world)
    return rig.run_check(tmp_path, f"http: {{{options}}}", more=world["more"], **more)


def test_each_hop_is_asserted(world, tmp_path):
    start = 'url: "http://a.test:{port}/start", ca: {ca}, '
    seen = run_check(tmp_path, world, start + "hops: [{{status: 301, location: '^https://a.test'}}, {{status: 302, location: '/end$'}}], expect: {{body: '^end$'}}")
    assert seen.outcome == "pass" and seen.values["redirects"] == 2, seen
    seen = run_check(tmp_path, world, start + "hops: [{{status: 308}}, {{}}]")
    assert seen.reason == "status" and "redirect 1: status 301, wanted 308" in seen.summary, seen
    seen = run_check(tmp_path, world, start + "hops: [{{}}, {{location: '/elsewhere'}}]")
    assert seen.reason == "redirect" and "redirect 2" in seen.summary, seen
    seen = run_check(tmp_path, world, start + "follow: 5, hops: [{{}}]")
    assert seen.reason == "redirect" and "wanted only 1" in seen.summary, seen
    seen = run_check(tmp_path, world, start + "follow: 5, hops: [{{}}, {{}}, {{}}]")
    assert seen.reason == "redirect" and "2 redirects, wanted 3" in seen.summary, seen


def test_it_stays_on_its_host(world, tmp_path):
    away = 'url: "http://a.test:{port}/away", follow: 3, bearer: "token-for-a-alone"'
    seen = run_check(tmp_path, world, away)
    assert seen.reason == "redirect" and "another host" in seen.summary, seen
    seen = run_check(tmp_path, world, away + ", leave_host: true, expect: {{json: '.auth == \"\"'}}")
    assert seen.outcome == "pass", seen


def test_a_post_becomes_a_get(world, tmp_path):
    seen = run_check(tmp_path, world, 'url: "http://a.test:{port}/post", method: POST, body: x, follow: 1, expect: {{json: \'.method == "GET"\'}}')
    assert seen.outcome == "pass", seen


def test_ages(world, tmp_path):
    base = 'url: "http://a.test:{port}/'
    assert run_check(tmp_path, world, base + 'new.txt", age: {{max: 1h}}').outcome == "pass"
    seen = run_check(tmp_path, world, base + 'old.txt", age: {{max: 1h}}')
    assert (seen.outcome, seen.reason) == ("fail", "stale_data") and seen.values["age"] > 1e7, seen
    assert run_check(tmp_path, world, base + 'old.txt", age: {{warn: 1h}}').outcome == "warn"
    assert run_check(tmp_path, world, base + 'ok", age: {{max: 1h}}').reason == "missing"
    assert run_check(tmp_path, world, base + 'old.txt", age: {{header: Server, max: 1h}}').reason == "content"
    assert run_check(tmp_path, world, base + 'stamp", age: {{json: .at, max: 3650d}}').outcome == "pass"
    assert run_check(tmp_path, world, base + 'stamp", age: {{json: .epoch, max: 1h}}').reason == "stale_data"
    assert run_check(tmp_path, world, base + 'stamp", age: {{json: .nothing, max: 1h}}').reason == "missing"
    future = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1), usegmt=True)
    server = http_test.Hostile(f"HTTP/1.1 200 OK\r\nLast-Modified: {future}\r\nContent-Length: 0\r\n\r\n".encode())
    assert rig.run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{server.port}/', age: {{max: 1h}}}}").reason == "future"
    server.close()


def test_every_address_is_asked(world, tmp_path):
    """Two good addresses and a broken one; the names are those of a hosts-like server."""
    dns = servers.Named(tmp_path / "named", {"many.test": "$TTL 60\n@ IN SOA ns. a. (1 1 1 1 1)\n@ IN NS ns.many.test.\nns IN A 127.0.0.1\n"
                                             "two IN A 127.0.0.1\ntwo IN A 127.0.0.2\nthree IN A 127.0.0.1\nthree IN A 127.0.0.2\nthree IN A 127.0.0.3\n"
                                             "dead IN A 127.0.0.1\ndead IN A 127.0.0.9\n"})
    there = {**world, "more": f"resolver: {{servers: ['127.0.0.1:{dns.port}']}}"}
    try:
        seen = run_check(tmp_path, there, 'url: "http://two.many.test:{port}/ok", addresses: all')
        assert seen.outcome == "pass" and seen.values["addresses_good"] == 2, seen
        seen = run_check(tmp_path, there, 'url: "http://three.many.test:{port}/ok", addresses: all')
        assert seen.outcome == "fail" and "2 of 3 addresses pass, wanted 3" in seen.summary and "127.0.0.3" in seen.summary, seen
        assert run_check(tmp_path, there, 'url: "http://three.many.test:{port}/ok", addresses: 2').outcome == "pass"
        assert run_check(tmp_path, there, 'url: "http://three.many.test:{port}/ok", addresses: 4').outcome == "fail"
        seen = run_check(tmp_path, there, 'url: "http://dead.many.test:{port}/ok", addresses: all')
        assert seen.outcome == "fail" and "127.0.0.9" in seen.summary, seen
    finally:
        dns.stop()


def test_packed_bodies(world, tmp_path):
    seen = run_check(tmp_path, world, 'url: "http://a.test:{port}/big.json", compressed: true, expect: {{json: .ok, headers: {{Content-Encoding: gzip}}}}')
    assert seen.outcome == "pass" and seen.values["body_bytes"] > 200_000, seen
    seen = run_check(tmp_path, world, 'url: "http://a.test:{port}/big.json", compressed: true, max_body: 1KiB, expect: {{json: .ok}}')
    assert seen.reason == "json" and "larger than" in seen.summary, seen
    bomb = gzip.compress(b"0" * 100_000_000)
    server = http_test.Hostile(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    seen = rig.run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{server.port}/', expect: {{body: '^000'}}}}")
    assert seen.outcome == "pass" and seen.values["body_bytes"] == 1 << 20, seen
    server.close()
    broken = http_test.Hostile(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")
    assert rig.run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{broken.port}/'}}").reason == "protocol"
    broken.close()


def test_a_unix_socket(world, tmp_path):
    seen = run_check(tmp_path, world, 'url: "http://app/ok", connect_to: "unix:{folder}/web.sock", expect: {{json: .ok}}')
    assert seen.outcome == "pass", seen
    assert run_check(tmp_path, world, 'url: "http://app/ok", connect_to: "unix:{folder}/none.sock"').reason == "connect"


def test_http2(world, tmp_path):
    for port in ("tls", "caddy"):
        seen = run_check(tmp_path, world, f'url: "https://a.test:{{{port}}}/echo", ca: {{ca}}, protocol: h2, expect: {{{{version: "2", body: "HTTP/2.0|caddy over HTTP/2.0"}}}}')
        assert seen.outcome == "pass" and seen.values["days_left"] > 0, seen
    seen = run_check(tmp_path, world, 'url: "https://a.test:{tls}/big", ca: {ca}, protocol: h2, compressed: true, expect: {{json: .ok}}')
    assert seen.outcome == "pass" and seen.values["body_bytes"] > 200_000, seen
    seen = run_check(tmp_path, world, 'url: "https://a.test:{tls}/big", ca: {ca}, protocol: h2, max_body: 10KiB, expect: {{body: "^.{{1}}"}}')
    assert seen.outcome == "pass" and seen.values["body_bytes"] == 10 << 10, seen
    seen = run_check(tmp_path, world, 'url: "https://a.test:{tls}/echo", ca: {ca}, protocol: h2, method: POST, body: hello, expect: {{body: "HTTP/2.0 POST"}}')
    assert seen.outcome == "pass", seen
    assert run_check(tmp_path, world, 'url: "https://a.test:{tls}/echo", ca: {ca}, expect: {{version: "2"}}').reason == "protocol"
    assert run_check(tmp_path, world, 'url: "https://a.test:{tls}/none", ca: {ca}, protocol: h2').reason == "status"


def test_a_server_without_http2(world, tmp_path):
    authority = rig.Authority(tmp_path)
    certificate, key = authority.issue("plain", ["127.0.0.1"])
    port = rig.free_port()
    nginx = rig.Nginx(tmp_path / "nginx", f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; return 200 ok; }}").start()
    try:
        seen = rig.run_check(tmp_path, f"http: {{url: 'https://127.0.0.1:{port}/', ca: {authority.path}, protocol: h2}}")
        assert seen.reason in ("protocol", "tls"), seen
    finally:
        nginx.stop()


@pytest.mark.parametrize("pieces", [["hang"], [b"HTTP/1.1 200 OK\r\n\r\n"], [b"\x00" * 9], [b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", b"\xff" * 4096],
                                    [b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"], ["flood"]])
def test_http2_nonsense(pieces, tmp_path):
    server = http_test.Hostile(*pieces)
    try:
        seen = rig.run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{server.port}/', protocol: h2}}", timeout="2s")
        assert seen.outcome == "fail" and seen.reason in ("protocol", "timeout"), seen
    finally:
        server.close()


def test_signed_requests(world, tmp_path):
    url = 'url: "http://127.0.0.1:{s3}/bucket/?list-type=2&prefix=a%20b%2Fc&max-keys=1"'
    sign = ", aws: {{access_key: '${{secrets.a}}', secret_key: '${{secrets.s}}', region: auto}}"
    environment = {"A": KEYS["access"], "S": KEYS["secret"], "W": "another-secret-key-5678"}
    there = {**world, "more": "secrets: {a: {env: A}, s: {env: S}, w: {env: W}}"}
    seen = run_check(tmp_path, there, url + sign + ", expect: {{body: ListBucketResult}}", env=environment)
    assert seen.outcome == "pass", seen
    seen = run_check(tmp_path, there, url + sign.replace("secrets.s", "secrets.w"), env=environment)
    assert seen.reason == "status" and "SignatureDoesNotMatch" in seen.all, seen
    assert "another-secret" not in seen.all
    assert run_check(tmp_path, there, url, env=environment).reason == "status"
