"""Real servers, started by a test on free loopback ports and stopped by it."""

import contextlib
import datetime
import http.client
import ipaddress
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

GONOGO = os.environ["GONOGO"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds; how long a condition may take to come true on a busy machine


def free_port():
    """Free for TCP and for UDP: name servers listen on both."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):
                datagram.bind(stream.getsockname())
                return stream.getsockname()[1]


def wait_until(condition, what, patience=PATIENCE):
    """Waits for `condition` to be true and gives its value: for an event, never for time to pass."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"never came true within {patience} s: {what}"
        time.sleep(0.05)


def connects(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A child in its own process group, ended with all of it."""

    def __init__(self, argv, log, **options):
        self.log_path = pathlib.Path(log)
        self.log = open(log, "ab")
        self.child = subprocess.Popen(argv, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                      start_new_session=True, **options)

    def send(self, number):
        os.killpg(self.child.pid, number)

    def is_running(self):
        return self.child.poll() is None

    def stop(self, number=signal.SIGTERM):
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGCONT)
                self.send(number)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
                self.child.wait()
        self.log.close()
        return self.child.returncode

    def text(self):
        return self.log_path.read_text(errors="replace")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)


def request(port, path, method="GET", headers=None, body=None, timeout=20, host="127.0.0.1"):
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


class Daemon:
    """gonogo itself, with a configuration written into `folder`."""

    def __init__(self, folder, config, env=None, name="gonogo.yaml", start=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / name
        self.port = free_port()
        self.store = self.folder / "gonogo.db"
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.log_name = "log"
        if config is not None:
            self.write(config)
        if start:
            self.start()

    def write(self, config):
        temporary = self.config.with_suffix(".new")
        temporary.write_text(config)
        temporary.rename(self.config)

    def command(self, *arguments):
        return [GONOGO, *arguments]

    def start(self, *more):
        self.process = Process(
            self.command("serve", "--config", str(self.config), "--store", str(self.store),
                         "--listen", f"127.0.0.1:{self.port}", *more),
            self.folder / self.log_name, env=self.env)
        wait_until(lambda: connects(self.port) or not self.process.is_running(), "gonogo listens")
        assert self.process.is_running(), self.process.text()

    def run(self, *arguments, **options):
        """A verb of the command line, beside the daemon."""
        return subprocess.run(self.command(*arguments), env={**self.env, "GONOGO_URL": f"http://127.0.0.1:{self.port}"},
                              capture_output=True, text=True, timeout=120, **options)

    def get(self, path, **options):
        return request(self.port, path, **options)

    def verdict(self):
        return self.get("/verdict").json()

    def snapshot(self):
        return self.get("/api/v1/snapshot").json()

    def check(self, identifier):
        return next(check for check in self.snapshot()["checks"] if check["id"] == identifier)

    def wait_for(self, verdict, patience=PATIENCE):
        return wait_until(lambda: (lambda answer: answer["verdict"] == verdict and answer)(self.verdict()),
                          f"verdict {verdict}; it is {self.get('/verdict?format=text').text}", patience)

    def wait_for_check(self, identifier, state, reason=None, patience=PATIENCE):
        seen = {}

        def is_so():
            seen.update(self.check(identifier))
            return seen["state"] == state and (reason is None or seen["reason"] == reason)

        try:
            wait_until(is_so, "", patience)
        except AssertionError:
            raise AssertionError(f"{identifier} is no {state} ({reason}): {seen}") from None
        return seen

    def runs(self):
        return {check["id"]: check["last"] and check["last"]["at"] for check in self.snapshot()["checks"]}

    def metric(self, name):
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        raise AssertionError(f"no metric {name}")

    def reload(self):
        reported = lambda: sum(self.process.text().count(words) for words in ("configuration reloaded", "configuration not reloaded"))
        before = reported()
        self.process.send(signal.SIGHUP)
        wait_until(lambda: reported() > before, "the reload is reported")

    def stop(self, number=signal.SIGTERM):
        return self.process.stop(number) if self.process else None


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder, common="Test Root", parent=None):
        self.folder = pathlib.Path(folder)
        self.common = common
        self.parent = parent
        self.key = ec.generate_private_key(ec.SECP256R1())
        issuer = parent or self
        self.certificate = (
            x509.CertificateBuilder().subject_name(name(common)).issuer_name(name(issuer.common))
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 30 * DAY).not_valid_after(NOW + 3650 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(issuer.key, hashes.SHA256()))
        self.path = str(self.folder / f"{common.replace(' ', '-').lower()}.pem")
        pathlib.Path(self.path).write_bytes(self.pem())

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, file, names, not_before=None, not_after=None, chain=(), self_signed=False):
        """Paths of a certificate (with `chain` behind it) and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = []
        for each in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(each)))
            except ValueError:
                alternatives.append(x509.DNSName(each))
        issuer, signer = (names[0], key) if self_signed else (self.common, self.key)
        certificate = (
            x509.CertificateBuilder().subject_name(name(names[0])).issuer_name(name(issuer))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(not_before or NOW - DAY).not_valid_after(not_after or NOW + 60 * DAY)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(signer, hashes.SHA256()))
        certificate_path = self.folder / f"{file}.crt"
        key_path = self.folder / f"{file}.key"
        certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + b"".join(a.pem() for a in chain))
        key_path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                               serialization.NoEncryption()))
        return str(certificate_path), str(key_path)


class Nginx:
    def __init__(self, folder, servers):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.servers = servers
        self.process = None

    def start(self):
        user = "user root;" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(f"""
{user}
daemon off; master_process on; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; default_type application/json;
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  {self.servers}
}}""")
        self.process = Process(["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"),
                                "-e", str(self.folder / "error.log")], self.folder / "log")
        # Before its process file is there, a signal would simply end it.
        wait_until(lambda: (self.folder / "pid").exists() and (self.folder / "pid").read_text().strip(), "nginx runs")
        return self

    def reload(self):
        os.kill(self.process.child.pid, signal.SIGHUP)

    def stop(self):
        if self.process:
            self.process.stop(signal.SIGTERM)
            (self.folder / "pid").unlink(missing_ok=True)
        self.process = None


class Postgres:
    """A cluster of its own; PostgreSQL refuses to run as root, so root becomes `postgres`."""

    BIN = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), None)

    def __init__(self, folder, settings="", port=None, access=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.port = port or free_port()
        self.prefix = []
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            for parent in self.folder.parents:
                if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        password = self.folder / "password"
        password.write_text("Vr7-mBq2-kX9-tLw4")
        password.chmod(0o644)
        subprocess.run([*self.prefix, str(self.BIN / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres", "-A",
                        "scram-sha-256", "--pwfile", str(password), "-N"], check=True, capture_output=True)
        with open(self.folder / "data" / "postgresql.conf", "a") as conf:
            conf.write(f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\nfsync=off\n{settings}\n")
        hba = self.folder / "data" / "pg_hba.conf"
        hba.write_text(access + "\n" + hba.read_text())
        self.start()

    def url(self, user="postgres", password="Vr7-mBq2-kX9-tLw4", database="postgres"):
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self):
        self.process = Process([*self.prefix, str(self.BIN / "postgres"), "-D", str(self.folder / "data")], self.folder / "log")
        wait_until(lambda: subprocess.run([str(self.BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0,
                   "PostgreSQL is ready")

    def sql(self, statement):
        import psycopg2
        connection = psycopg2.connect(self.url())
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def stop(self):
        # To the postmaster alone: SIGINT is a fast shutdown, in which it ends its children itself.
        if self.process.is_running():
            os.kill(self.process.child.pid, signal.SIGINT)
            self.process.child.wait(60)
        self.process.stop()


class Dnsmasq:
    def __init__(self, folder, addresses, texts=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.addresses = addresses
        self.texts = texts or {}
        self.start()

    def start(self):
        self.process = Process(
            ["/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
             "--listen-address=127.0.0.1", f"--port={self.port}", "--pid-file=", "--user=root" if os.getuid() == 0 else "--user=",
             "--local-ttl=60", *[f"--address=/{host}/{address}" for host, address in self.addresses.items()],
             *[f"--txt-record={name},{text}" for name, text in self.texts.items()]], self.folder / "log")
        wait_until(lambda: "started" in self.process.text() or not self.process.is_running(), "dnsmasq is up")
        assert self.process.is_running(), self.process.text()

    def stop(self):
        self.process.stop()


class Listener:
    """A TCP port that can become a black hole: its queue is full, and the kernel drops what comes."""

    def __init__(self, reply=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"):
        import threading
        self.reply = reply
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.socket.listen(1)
        self.open = threading.Event()
        self.open.set()
        self.pauses = threading.Event()  # the thread takes no connection any more
        self.stopped = False
        self.fill = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        self.socket.settimeout(0.1)
        while not self.stopped:
            if not self.open.is_set():
                self.pauses.set()
                self.open.wait()
                self.pauses.clear()
            try:
                peer, _ = self.socket.accept()
            except OSError:
                continue
            with contextlib.suppress(OSError):
                peer.settimeout(1)
                peer.recv(4096)
                peer.sendall(self.reply)
            peer.close()

    def swallow(self):
        self.open.clear()
        assert self.pauses.wait(PATIENCE)
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fill.append(filler)

    def answer_again(self):
        for filler in self.fill:
            filler.close()
        self.fill = []
        self.open.set()

    def stop(self):
        self.stopped = True
        self.open.set()
        self.thread.join(5)
        self.socket.close()


def has(program):
    return shutil.which(program) is not None


class Seen:
    """What one run saw."""

    def __init__(self, entry):
        self.outcome, self.reason, self.summary = entry["outcome"], entry["reason"], entry["summary"]
        self.values = {name: value["value"] for name, value in entry["values"].items()}
        self.evidence = entry["evidence"]
        self.all = json.dumps(entry)

    def __repr__(self):
        return f"{self.outcome} ({self.reason}): {self.summary} {self.evidence}"


def run_check(folder, check, timeout="10s", more="", env=None):
    """One run, by `gonogo check`, of a check written as YAML: "tcp: {address: ...}"."""
    config = pathlib.Path(folder) / "check.yaml"
    config.write_text(f"{more}\ngates: {{g: {{checks: {{it: {{interval: 60s, timeout: {timeout}, {check}}}}}}}}}\n")
    result = subprocess.run([GONOGO, "check", "-c", str(config), "--json", "it"], capture_output=True, text=True, timeout=120,
                            env={**os.environ, **(env or {})})
    assert result.returncode in (0, 1), result
    return Seen(next(entry for entry in json.loads(result.stdout)["checks"] if entry["id"] == "it")["last"])
