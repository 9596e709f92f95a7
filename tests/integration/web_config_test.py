"""exporter-toolkit v0.20.0, built with Go 1.26.8, decided whom a web configuration lets in: its answers are in
tests/unit/daemon/config/web_config_answers.jsonl. Here the same clients ask this daemon."""

import datetime
import ipaddress
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess

import pytest
import rig
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from daemon_test import DISK, simple

ANSWERS = [json.loads(line) for line in (rig.ROOT / "tests/unit/daemon/config/web_config_answers.jsonl").read_text().splitlines()[1:]]
# Whom the file lets in is asked of those that are about that; the rest is in the unit test.
ASKED = [row for row in ANSWERS if "admitted" in row and not row.get("ours", "").startswith("refused")
         and row["name"].startswith(("auth_", "sans_", "ca_inter", "inline", "min", "max", "cipher", "curve"))]
NAMES = {"sanclient": [x509.DNSName("prom.example.org"), x509.RFC822Name("ops@example.org"), x509.IPAddress(ipaddress.ip_address("10.0.0.9")),
                       x509.UniformResourceIdentifier("spiffe://example.org/prom")],
         "wrongsan": [x509.DNSName("other.example.org")], "plainclient": None}
PROM = [x509.DNSName("prom.example.org")]
CLIENT, SERVER = x509.ExtendedKeyUsageOID.CLIENT_AUTH, x509.ExtendedKeyUsageOID.SERVER_AUTH


class Certificates:
    """The ones that the toolkit was asked with."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = {}
        self.make("ca", is_authority=True)
        self.make("other", is_authority=True)
        self.make("inter", "ca", is_authority=True)
        self.make("server", "ca", [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))], SERVER)
        for name, names in NAMES.items():
            self.make(name, "ca", names, CLIENT)
        self.make("serveronly", "ca", PROM, SERVER)
        self.make("foreign", "other", PROM, CLIENT)
        self.make("viainter", "inter", PROM, CLIENT)
        self.make("selfclient", None, PROM)
        (folder / "viainterchain.crt").write_bytes((folder / "viainter.crt").read_bytes() + (folder / "inter.pem").read_bytes())
        (folder / "viainterchain.key").write_bytes((folder / "viainter.key").read_bytes())

    def make(self, name, issuer=None, names=None, usage=None, is_authority=False):
        key = self.keys[name] = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(rig.name(name)).issuer_name(rig.name(issuer or name)).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        certificate = builder.sign(self.keys[issuer or name], hashes.SHA256())
        (self.folder / (name + (".pem" if is_authority else ".crt"))).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self.folder / (name + ".key")).write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def filled(self, text):
        for sign, file in (("@CERT@", "server.crt"), ("@KEY@", "server.key"), ("@CA@", "ca.pem")):
            pem = (self.folder / file).read_text().rstrip("\n")
            text = text.replace(f'"{sign}"', json.dumps(pem)).replace(f"    {sign}", "\n".join("    " + line for line in pem.split("\n")))
        return text


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A daemon, the folder of its files, and their certificates; `use` puts another web configuration in force."""
    folder = tmp_path_factory.mktemp("web") / "d"
    folder.mkdir()
    certificates = Certificates(folder)
    web = folder / "web.yml"
    web.write_text("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
    daemon = rig.Daemon(folder, simple(f"a: {DISK}", "server: {web_config: web.yml}"))

    def use(text):
        web.write_text(certificates.filled(text))
        before = daemon.process.text().count("configuration reloaded")
        daemon.process.send(signal.SIGHUP)
        rig.wait_until(lambda: daemon.process.text().count("configuration reloaded") > before, "reloaded: " + daemon.process.text()[-3000:])

    daemon.use, daemon.certificates = use, certificates
    yield daemon
    assert daemon.stop() == 0


def context_for(folder, client=None, version=None, curve=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if curve:
        context.set_ecdh_curve(curve)
    if client:
        context.load_cert_chain(folder / (client + ".crt"), folder / (client + ".key"))
    return context


def ask(port, context, path="/healthz"):
    """The answer's head, the suite; None when the handshake or the request fails."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain) as peer:
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            text = b""
            while part := peer.recv(65536):
                text += part
            return (text.decode(), peer.cipher()[0]) if text.startswith(b"HTTP/1.1 ") else None
    except OSError:
        return None


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["name"])
def test_the_same_clients_are_let_in(served, row):
    served.use(row["yaml"])
    wrong = {}
    for name in row["admitted"] + row["refused"]:
        client, version = (name[:-2], ssl.TLSVersion.TLSv1_2) if name.endswith("12") and not name.startswith("tls") else (name, None)
        if name.startswith("tls"):
            client, version = None, {"tls12": ssl.TLSVersion.TLSv1_2, "tls13": ssl.TLSVersion.TLSv1_3}[name]
        is_in = ask(served.port, context_for(served.folder, client, version)) is not None
        if is_in != (name in row["admitted"]):
            wrong[name] = "is let in" if is_in else "is refused"
    assert not wrong, row["yaml"]


def test_suites_and_curves_are_those_that_are_listed(served):
    base = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
    old = ssl.TLSVersion.TLSv1_2
    for suite, name in (("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
                        ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA")):
        served.use(base + f"  cipher_suites: [{suite}]\n")
        assert ask(served.port, context_for(served.folder, version=old))[1] == name
        assert ask(served.port, context_for(served.folder))[1].startswith("TLS_"), "those of TLS 1.3 cannot be chosen"
    for curve, own, other in (("CurveP384", "secp384r1", "prime256v1"), ("CurveP256", "prime256v1", "secp384r1")):
        served.use(base + f"  curve_preferences: [{curve}]\n")
        assert ask(served.port, context_for(served.folder, curve=own))
        assert not ask(served.port, context_for(served.folder, curve=other))


def test_a_session_from_before_does_not_let_in_who_is_not_named(served):
    base = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        served.use(base)
        context = context_for(served.folder, "wrongsan", version)
        with socket.create_connection(("127.0.0.1", served.port), timeout=20) as plain, context.wrap_socket(plain) as peer:
            peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert peer.recv(12) == b"HTTP/1.1 200"
            session = peer.session
        served.use(base + "  client_allowed_sans: [prom.example.org]\n")
        try:
            with socket.create_connection(("127.0.0.1", served.port), timeout=20) as plain, context.wrap_socket(plain, session=session) as peer:
                peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert peer.recv(12) == b""
        except OSError:
            pass
        assert ask(served.port, context_for(served.folder, "sanclient", version))


def test_header_fields_are_on_every_answer(served):
    served.use("""tls_server_config: {cert_file: server.crt, key_file: server.key}
http_server_config:
  http2: true
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    Content-Security-Policy: "default-src 'self'"
""")
    assert "HTTP/2 is not served" in served.process.text()
    for path, status in (("/healthz", 200), ("/nosuch", 404), ("/", 200), ("/api/v1/checks/a/run", 401)):
        head = ask(served.port, context_for(served.folder), path)[0].split("\r\n\r\n")[0]
        fields = [line for line in head.split("\r\n")[1:]]
        assert head.startswith(f"HTTP/1.1 {status} "), head
        assert "Strict-Transport-Security: max-age=31536000" in fields and "X-Frame-Options: deny" in fields
        assert fields.count("X-Content-Type-Options: nosniff") == 1
        assert "Content-Security-Policy: default-src 'self'" in fields
        if path == "/":
            assert len([field for field in fields if field.startswith("Content-Security-Policy: ")]) == 2, "the board keeps its own, both are obeyed"
    served.use("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
    assert "Strict-Transport-Security" not in ask(served.port, context_for(served.folder))[0]


def test_more_requests_than_the_rate_are_refused(served):
    tls = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
    served.use(tls + "rate_limit: {burst: 3, interval: 1h}\n")
    statuses = [ask(served.port, context_for(served.folder))[0].split(" ")[1] for _ in range(5)]
    assert statuses == ["200", "200", "200", "429", "429"]
    served.use(tls + "rate_limit: {burst: 3, interval: 1h}\nhttp_server_config: {}\n")
    answer = ask(served.port, context_for(served.folder))[0]
    assert answer.startswith("HTTP/1.1 429 ") and "Retry-After: " in answer, "a reload does not fill the bucket"
    served.use(tls)
    assert ask(served.port, context_for(served.folder))[0].startswith("HTTP/1.1 200 ")


def test_the_command_line_knows_a_daemon_by_the_certificate_in_its_web_config(make, tmp_path):
    certificates = Certificates(tmp_path)
    daemon = make(None, start=False)
    (daemon.folder / "web.yml").write_text(certificates.filled("tls_server_config:\n  cert: |\n    @CERT@\n  key: |\n    @KEY@\n"))
    port = rig.free_port()
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '127.0.0.1:{port}', web_config: web.yml}}"))
    daemon.process = rig.Process([rig.GONOGO, "serve", "-c", str(daemon.config), "--store", str(daemon.store)], daemon.folder / "log")
    rig.wait_until(lambda: "listens on" in daemon.process.text(), "it listens")
    env = {key: value for key, value in os.environ.items() if key != "GONOGO_URL"}
    seen = subprocess.run([rig.GONOGO, "verdict", "-c", str(daemon.config)], env=env, capture_output=True, text=True, timeout=60)
    assert seen.returncode in (0, 1) and "verdict: " in seen.stdout, seen.stderr
    key_line = (pathlib.Path(tmp_path) / "server.key").read_text().split("\n")[1]
    shown = subprocess.run([rig.GONOGO, "config", "show", "-c", str(daemon.config)], env=env, capture_output=True, text=True, timeout=60)
    assert key_line not in shown.stdout + shown.stderr + daemon.process.text()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("kind", ["RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"])
def test_only_verified_certificates_open_a_listener_to_other_hosts(make, tmp_path, kind, host):
    Certificates(tmp_path)
    daemon = make(None, start=False)
    daemon_web = daemon.folder / "web.yml"
    daemon_web.write_text(f"tls_server_config: {{cert_file: {tmp_path}/server.crt, key_file: {tmp_path}/server.key, client_auth_type: {kind}, "
                          f"client_ca_file: {tmp_path}/ca.pem, client_allowed_sans: [prom.example.org]}}\n")
    daemon.write(simple(f"a: {DISK}", f"server: {{listen: '{host}:0', web_config: web.yml}}"))
    checked = daemon.run("config", "check", "--config", str(daemon.config))
    is_open = host == "0.0.0.0" and kind != "RequireAndVerifyClientCert"
    assert checked.returncode == (78 if is_open else 0), checked.stderr
    assert ("reachable from other hosts without authentication" in checked.stderr) == is_open
