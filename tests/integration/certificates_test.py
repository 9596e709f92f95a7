"""A zoo of certificates behind real TLS servers: each has its own reason, and dates are reported whatever is wrong."""

import datetime
import shutil
import subprocess

import pytest
import rig

NAME = "zoo.test"


class Zoo:
    def __init__(self, folder):
        self.root = rig.Authority(folder)
        self.middle = rig.Authority(folder, "Test Intermediate", self.root)
        other = rig.Authority(folder, "Unknown Root")
        day, now = rig.DAY, rig.NOW
        issue = self.root.issue
        self.cages = {
            "valid": (issue("valid", [NAME]), "pass", "none"),
            "expired": (issue("expired", [NAME], now - 90 * day, now - 5 * day), "fail", "cert_expired"),
            "not-yet": (issue("not-yet", [NAME], now + 2 * day, now + 90 * day), "fail", "cert_not_yet_valid"),
            "wrong-name": (issue("wrong-name", ["other.test"]), "fail", "cert_name"),
            "self-signed": (issue("self-signed", [NAME], self_signed=True), "fail", "cert_self_signed"),
            "untrusted": (other.issue("untrusted", [NAME], chain=[other]), "fail", "cert_untrusted"),
            "no-intermediate": (self.middle.issue("no-intermediate", [NAME]), "fail", "cert_incomplete"),
            "intermediate": (self.middle.issue("intermediate", [NAME], chain=[self.middle]), "pass", "none"),
            "year-9999": (issue("year-9999", [NAME], not_after=datetime.datetime(9999, 12, 31, 23, 59, 59)), "pass", "none"),
            "pre-1970": (issue("pre-1970", [NAME], datetime.datetime(1960, 1, 1), datetime.datetime(1969, 1, 1)), "fail", "cert_expired"),
            "soon": (issue("soon", [NAME], not_after=now + 3 * day), "fail", "threshold"),
            "warning": (issue("warning", [NAME], not_after=now + 15 * day), "warn", "threshold"),
        }
        self.ports = {cage: rig.free_port() for cage in self.cages}
        servers = "".join(f"server {{ listen 127.0.0.1:{self.ports[cage]} ssl; ssl_certificate {files[0]}; ssl_certificate_key {files[1]}; "
                          "location / { return 200 ok; } }\n" for cage, (files, _, _) in self.cages.items())
        self.nginx = rig.Nginx(folder / "nginx", servers).start()
        rig.wait_until(lambda: all(rig.connects(port) for port in self.ports.values()), "nginx listens")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    zoo = Zoo(tmp_path_factory.mktemp("zoo"))
    yield zoo
    zoo.nginx.stop()


@pytest.fixture(scope="module")
def daemon(zoo, tmp_path_factory):
    checks = ""
    for cage, (files, _, _) in zoo.cages.items():
        rules = f'server_name: {NAME}, ca: {zoo.root.path}, min_left: 7d, warn_left: 21d'
        checks += f'      tls-{cage}: {{tls: {{address: "127.0.0.1:{zoo.ports[cage]}", {rules}}}}}\n'
        checks += f'      pem-{cage}: {{tls: {{file: {files[0]}, {rules}}}}}\n'
        checks += (f'      http-{cage}: {{http: {{url: "https://127.0.0.1:{zoo.ports[cage]}/", server_name: {NAME}, ca: {zoo.root.path}, '
                   f'certificate: {{min_left: 7d, warn_left: 21d}}}}}}\n')
        checks += f'      blind-{cage}: {{http: {{url: "https://127.0.0.1:{zoo.ports[cage]}/", verify: false}}}}\n'
    daemon = rig.Daemon(tmp_path_factory.mktemp("daemon"),
                        f"defaults: {{interval: 1h, timeout: 20s}}\ngates:\n  zoo:\n    checks:\n{checks}")
    rig.wait_until(lambda: all(check["last"] for check in daemon.snapshot()["checks"]), "each has run")
    yield daemon
    assert daemon.stop() == 0


CAGES = ["valid", "expired", "not-yet", "wrong-name", "self-signed", "untrusted", "no-intermediate", "intermediate", "year-9999",
         "pre-1970", "soon", "warning"]


@pytest.mark.parametrize("cage", CAGES)
@pytest.mark.parametrize("kind", ["tls", "pem", "http"])
def test_each_has_its_own_reason_and_tells_its_dates(zoo, daemon, kind, cage):
    _, state, reason = zoo.cages[cage]
    seen = daemon.check(f"{kind}-{cage}")
    assert (seen["state"], seen["reason"]) == (state, reason), seen["summary"]
    values = seen["last"]["values"]
    assert "days_left" in values and "expiry_timestamp" in values
    if cage == "expired":
        assert -6 < values["days_left"]["value"] < -4
    if cage == "pre-1970":
        assert values["expiry_timestamp"]["value"] < 0
    if cage == "year-9999" and kind == "pem":
        assert values["leaf_days_left"]["value"] > 2_000_000


@pytest.mark.parametrize("cage", CAGES)
def test_without_verification_only_expiry_counts(zoo, daemon, cage):
    expected = {"expired": "cert_expired", "pre-1970": "cert_expired", "not-yet": "cert_not_yet_valid"}.get(cage, "none")
    assert daemon.check(f"blind-{cage}")["reason"] == expected


def test_a_certificate_renewed_on_disk_but_not_served_is_recognised(zoo, daemon):
    assert daemon.check("tls-expired")["reason"] == "cert_expired"
    assert daemon.check("pem-valid")["reason"] == "none"


STARTTLS = ["smtp", "imap", "pop3", "ftp", "postgres", "ldap"]


class Dialogue:
    """A scripted server: real mail, FTP and LDAP servers do not all run here. `openssl s_client -starttls` proves the script."""

    def __init__(self, protocol, files):
        import socket
        import ssl
        import threading
        self.protocol = protocol
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            try:
                peer.settimeout(10)
                self.talk(peer)
                with self.context.wrap_socket(peer, server_side=True) as tls:
                    tls.recv(1)
            except OSError:
                pass
            finally:
                peer.close()

    def talk(self, peer):
        line = lambda: peer.recv(1000)
        if self.protocol == "smtp":
            peer.sendall(b"220-welcome\r\n220 mail.test ESMTP\r\n")
            assert line().startswith(b"EHLO")
            peer.sendall(b"250-mail.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n")
            assert line() == b"STARTTLS\r\n"
            peer.sendall(b"220 go ahead\r\n")
        elif self.protocol == "imap":
            peer.sendall(b"* OK ready\r\n")
            tag = line().split()[0]
            peer.sendall(b"* CAPABILITY STARTTLS\r\n" + tag + b" OK begin\r\n")
        elif self.protocol == "pop3":
            peer.sendall(b"+OK ready\r\n")
            assert line() == b"STLS\r\n"
            peer.sendall(b"+OK begin\r\n")
        elif self.protocol == "ftp":
            peer.sendall(b"220 ready\r\n")
            assert line() == b"AUTH TLS\r\n"
            peer.sendall(b"234 begin\r\n")
        elif self.protocol == "postgres":
            assert line() == b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
            peer.sendall(b"S")
        elif self.protocol == "ldap":
            assert b"1.3.6.1.4.1.1466.20037" in line()
            peer.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")


@pytest.fixture(params=STARTTLS)
def dialogue(request, zoo):
    dialogue = Dialogue(request.param, zoo.cages["expired"][0])
    yield dialogue
    dialogue.listener.close()


def test_starttls_reaches_the_certificate(zoo, dialogue, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(f"gates: {{g: {{checks: {{a: {{tls: {{address: '127.0.0.1:{dialogue.port}', starttls: {dialogue.protocol}, "
                      f"server_name: {NAME}, ca: {zoo.root.path}}}}}}}}}}}")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "a"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "(cert_expired)" in result.stdout, result


def test_starttls_against_real_postgresql(zoo, tmp_path):
    postgres = rig.Postgres(tmp_path / "postgres")
    try:
        for source, target in zip(zoo.cages["valid"][0], ("server.crt", "server.key")):
            shutil.copy(source, postgres.folder / "data" / target)
            subprocess.run(["chown", "postgres", str(postgres.folder / "data" / target)])
            (postgres.folder / "data" / target).chmod(0o600)
        postgres.stop()
        with open(postgres.folder / "data" / "postgresql.conf", "a") as conf:
            conf.write("ssl=on\n")
        postgres.start()
        config = tmp_path / "c.yaml"
        config.write_text(f"gates: {{g: {{checks: {{a: {{tls: {{address: '127.0.0.1:{postgres.port}', starttls: postgres, "
                          f"server_name: {NAME}, ca: {zoo.root.path}}}}}}}}}}}")
        result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "a"], capture_output=True, text=True, timeout=60)
        assert result.returncode == 0 and "valid for" in result.stdout, result
    finally:
        postgres.stop()


def test_a_plain_server_where_tls_is_wanted(zoo, tmp_path):
    listener = rig.Listener(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        config = tmp_path / "c.yaml"
        config.write_text(f"gates: {{g: {{checks: {{a: {{tls: {{address: '127.0.0.1:{listener.port}'}}}}, "
                          f"b: {{tls: {{address: '127.0.0.1:{listener.port}', starttls: smtp}}}}}}}}}}")
        result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "a", "b"], capture_output=True, text=True, timeout=60)
        assert "a (tls)" in result.stdout and ("b (protocol)" in result.stdout or "b (timeout)" in result.stdout), result
    finally:
        listener.stop()
