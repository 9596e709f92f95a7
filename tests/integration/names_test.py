"""The names of certificates, by RFC 9525, in every kind that verifies one by its own TLS."""

import datetime
import ipaddress
import json
import os
import pathlib
import socket
import ssl
import subprocess
import threading

import pytest
import rig
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DNS, IP, MAIL, URI = x509.DNSName, lambda text: x509.IPAddress(ipaddress.ip_address(text)), x509.RFC822Name, x509.UniformResourceIdentifier

# The common name, the subjectAltName, the name that is to be proven, and whether it is.
CASES = [
    ("site.test", None, "site.test", False),
    ("site.test", [], "site.test", False),
    ("site.test", [DNS("other.test")], "site.test", False),
    ("site.test", [MAIL("a@site.test")], "site.test", False),
    ("site.test", [URI("https://site.test")], "site.test", False),
    ("site.test", [IP("127.0.0.1")], "site.test", False),
    ("127.0.0.1", None, "127.0.0.1", False),
    ("127.0.0.1", [DNS("127.0.0.1")], "127.0.0.1", False),
    ("other.test", [DNS("site.test")], "site.test", True),
    ("other.test", [DNS("one.test"), DNS("site.test")], "site.test", True),
    ("other.test", [DNS("SITE.Test")], "site.test", True),
    ("other.test", [DNS("site.test")], "Site.TEST", True),
    ("other.test", [DNS("site.test")], "site.test.", True),
    ("other.test", [DNS("site.test")], "a.site.test", False),
    ("other.test", [DNS("site.test")], "xsite.test", False),
    ("other.test", [DNS("*.example.org")], "foo.example.org", True),
    ("other.test", [DNS("*.example.org")], "FOO.example.org.", True),
    ("other.test", [DNS("*.example.org")], "example.org", False),
    ("other.test", [DNS("*.example.org")], "a.foo.example.org", False),
    ("other.test", [DNS("f*.example.org")], "foo.example.org", False),
    ("other.test", [DNS("*o.example.org")], "foo.example.org", False),
    ("other.test", [DNS("f*o.example.org")], "foo.example.org", False),
    ("other.test", [DNS("foo.*.org")], "foo.example.org", False),
    ("other.test", [DNS("*.*.org")], "foo.example.org", False),
    ("other.test", [DNS("*foo.*.example.org")], "foo.a.example.org", False),
    ("other.test", [DNS("*")], "site", False),
    ("other.test", [DNS(".example.org")], "foo.example.org", False),
    ("other.test", [DNS("xn--bcher-kva.example")], "xn--bcher-kva.example", True),
    ("other.test", [DNS("XN--BCHER-KVA.example")], "xn--bcher-kva.example", True),
    ("other.test", [DNS("*.example")], "xn--bcher-kva.example", False),
    ("other.test", [DNS("*.example.org")], "xn--bcher-kva.example.org", True),
    ("other.test", [DNS("xn--*.example.org")], "xn--bcher-kva.example.org", False),
    ("other.test", [DNS("xn--bcher-kv*.example.org")], "xn--bcher-kva.example.org", False),
    ("other.test", [IP("127.0.0.1")], "127.0.0.1", True),
    ("other.test", [IP("127.0.0.2")], "127.0.0.1", False),
    ("other.test", [DNS("*.0.0.1")], "127.0.0.1", False),
    ("other.test", [IP("2001:db8::1")], "2001:0db8:0:0::1", True),
    ("other.test", [IP("2001:db8::2")], "2001:db8::1", False),
    ("other.test", [DNS("site.test"), DNS("127.0.0.1"), IP("127.0.0.2")], "127.0.0.1", False),
    ("other.test", [DNS("foo.example.org.")], "foo.example.org.", False),
    ("other.test", [DNS("foo.example.org.")], "foo.example.org", False),
    ("site.test", [MAIL("a@site.test"), URI("https://site.test")], "site.test", False),
]


class Site:
    """Serves one certificate: any bytes that come are answered as HTTP."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.names = []
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        try:
            peer.settimeout(20)
            # What is no TLS asks for it by STARTTLS first.
            first = peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) if self.is_ready(peer) else b""
            if first != b"\x16":
                peer.sendall(b"220 site.test\r\n")
                peer.recv(4096)
                peer.sendall(b"250 site.test\r\n")
                peer.recv(4096)
                peer.sendall(b"220 go ahead\r\n")
            with self.context.wrap_socket(peer, server_side=True) as tls:
                tls.recv(65536)
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            peer.close()

    def is_ready(self, peer):
        """A client that speaks first does so at once; one that waits for a greeting never does."""
        import select
        return bool(select.select([peer], [], [], 0.5)[0])

    def close(self):
        self.listener.close()


class Maker:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.authority = rig.Authority(folder)
        self.count = 0

    def issue(self, common, alternatives):
        self.count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        builder = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
                   .issuer_name(self.authority.certificate.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=60)))
        if alternatives is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        path = self.folder / f"{self.count}.pem"
        path.write_bytes(builder.sign(self.authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
                         + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return str(path)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What each kind said of each case."""
    folder = tmp_path_factory.mktemp("names")
    maker = Maker(folder)
    sites, checks = [], []
    for number, (common, alternatives, name, _) in enumerate(CASES):
        path = maker.issue(common, alternatives)
        site = Site(path, path)
        sites.append(site)
        at, rest = f"127.0.0.1:{site.port}", f"server_name: '{name}', ca: {maker.authority.path}"
        host = f"[{name}]" if ":" in name else name
        checks += [f"file{number}: {{tls: {{file: {path}, {rest}}}}}",
                   f"tls{number}: {{tls: {{address: '{at}', {rest}}}}}",
                   f"starttls{number}: {{tls: {{address: '{at}', starttls: smtp, {rest}}}}}",
                   f"tcp{number}: {{tcp: {{address: '{at}', tls: true, {rest}}}}}",
                   f"http{number}: {{http: {{url: 'https://{host}:{site.port}/', connect_to: '{at}', ca: {maker.authority.path}}}}}",
                   f"named{number}: {{http: {{url: 'https://{at}/', {rest}}}}}"]
    config = folder / "c.yaml"
    config.write_text("defaults: {timeout: 20s}\ngates: {g: {checks: {\n" + ",\n".join(checks) + "}}}\n")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json"], capture_output=True, text=True, timeout=300, env=os.environ)
    assert result.returncode in (0, 1), result
    for site in sites:
        site.close()
    return {entry["id"]: entry["last"] for entry in json.loads(result.stdout)["checks"]}, sites


@pytest.mark.parametrize("kind", ["file", "tls", "starttls", "tcp", "http", "named"])
@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c}, {s and [getattr(n, 'value', n) for n in s]}, {w}" for c, s, w, _ in CASES])
def test_names(kind, number, seen):
    last = seen[0][f"{kind}{number}"]
    _, alternatives, name, is_proven = CASES[number]
    if is_proven:
        assert last["outcome"] == "pass", last
        return
    assert last["reason"] == "cert_name", last
    is_address = name[0].isdigit()
    assert (f'wanted the address "{name}"' if is_address else f'wanted "{name.rstrip(".")}"') in last["summary"], last
    if is_address and alternatives:
        # The kind is said: a name that looks like the address is none.
        kinds = {x509.DNSName: "the name", x509.IPAddress: "the address"}
        assert all(kinds[type(each)] in last["summary"] for each in alternatives), last
    assert ("dot at its end" in last["summary"]) == any(str(each.value).endswith(".") for each in alternatives or []), last
    for alternative in alternatives or []:
        if isinstance(alternative, (x509.DNSName, x509.IPAddress)):
            assert str(alternative.value) in last["summary"], last
    if not any(isinstance(each, (x509.DNSName, x509.IPAddress)) for each in alternatives or []):
        what = "no DNS name and no address in its subjectAltName" if alternatives else "no subjectAltName"
        assert what in last["summary"] and CASES[number][0] in last["summary"], last


def test_the_name_is_sent_without_its_last_dot(seen):
    sent = {name for site in seen[1] for name in site.names}
    assert "site.test" in sent and not any(name and name.endswith(".") for name in sent), sent


@pytest.mark.parametrize("name", ["", "*.example.org", ".example.org", "a..b", "b\u00fccher.example", "a b"])
@pytest.mark.parametrize("kind", ["tls: {{address: '127.0.0.1:1', server_name: '{}'}}", "http: {{url: 'https://127.0.0.1:1/', server_name: '{}'}}",
                                  "tcp: {{address: '127.0.0.1:1', tls: true, server_name: '{}'}}"])
def test_what_is_no_name_is_refused(kind, name, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(f"gates: {{g: {{checks: {{a: {{{kind.format(name)}}}}}}}}}\n")
    result = subprocess.run([rig.GONOGO, "config", "check", "-c", str(config)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 78 and "server_name" in result.stdout + result.stderr and "xn--" in result.stdout + result.stderr, result
