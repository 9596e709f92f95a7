"""More real servers, each started by a test on a free loopback port and stopped by it."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess

import rig


class Redis:
    def __init__(self, folder, password="", port=None):
        self.port = port or rig.free_port()
        self.process = rig.Process(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
             *(["--requirepass", password] if password else [])], pathlib.Path(folder) / "redis.log")
        rig.wait_until(lambda: rig.connects(self.port), "Redis listens")

    def stop(self):
        self.process.stop()


class Exim:
    """A mail server with STARTTLS, and AUTH behind it."""

    def __init__(self, folder, certificate, key, password, port=None):
        folder = pathlib.Path(folder)
        self.port = port or rig.free_port()
        spool = folder / "spool"
        spool.mkdir()
        user = pwd.getpwnam("Debian-exim")
        for path in (spool, key):
            os.chown(path, user.pw_uid, user.pw_gid)
        for parent in (folder, *folder.parents):
            if str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o011)
        config = folder / "exim.conf"
        config.write_text(f"""
primary_hostname = mail.example.org
log_file_path = {spool}/%s
spool_directory = {spool}
pid_file_path = {spool}/pid
exim_user = Debian-exim
exim_group = Debian-exim
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
keep_environment =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{monitor}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
""")
        config.chmod(0o644)  # exim reads no configuration that others may write
        self.process = rig.Process(["/usr/sbin/exim4", "-bdf", "-oX", f"127.0.0.1.{self.port}", "-C", str(config)], folder / "exim.log")
        rig.wait_until(lambda: rig.connects(self.port) or not self.process.is_running(), "exim listens")
        assert self.process.is_running(), self.process.text()

    def stop(self):
        self.process.stop()


class Sshd:
    def __init__(self, folder, port=None):
        folder = pathlib.Path(folder)
        self.port = port or rig.free_port()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")], check=True)
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        self.process = rig.Process(["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", str(folder / "host_key"), "-p", str(self.port),
                                    "-o", "ListenAddress=127.0.0.1", "-o", f"PidFile={folder}/sshd.pid"], folder / "sshd.log")
        rig.wait_until(lambda: rig.connects(self.port), "sshd listens")

    def stop(self):
        self.process.stop()


class Named:
    """BIND, with authority over the given zones."""

    def __init__(self, folder, zones, port=None, addresses="127.0.0.1;"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.port = port or rig.free_port()
        self.zones = zones
        text = ""
        for name, records in zones.items():
            (self.folder / name).write_text(records)
            text += f'zone "{name}" {{ type primary; file "{self.folder}/{name}"; }};\n'
        (self.folder / "named.conf").write_text(f"""
options {{ directory "{self.folder}"; listen-on port {self.port} {{ {addresses} }}; listen-on-v6 {{ none; }}; recursion no;
  pid-file "{self.folder}/pid"; session-keyfile "{self.folder}/session.key"; lock-file none; minimal-responses yes; }};
controls {{ }};
{text}""")
        self.start()

    def start(self):
        self.process = rig.Process(["/usr/sbin/named", "-g", "-c", str(self.folder / "named.conf")], self.folder / "log")
        rig.wait_until(lambda: rig.connects(self.port) or not self.process.is_running(), "BIND listens")
        assert self.process.is_running(), self.process.text()

    def stop(self):
        self.process.stop()


class Prometheus:
    def __init__(self, folder, scrape="", rules="", alertmanager=None, port=None):
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        self.port = port or rig.free_port()
        (folder / "rules.yml").write_text(rules or "groups: []\n")
        alerting = f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]}}\n" if alertmanager else ""
        (folder / "prometheus.yml").write_text(
            f"global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\nrule_files: ['{folder}/rules.yml']\n{alerting}"
            f"scrape_configs:\n  - {{job_name: prometheus, static_configs: [{{targets: ['127.0.0.1:{self.port}']}}]}}\n{scrape}")
        self.process = rig.Process(["/usr/bin/prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                    f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], folder / "log")
        rig.wait_until(lambda: rig.connects(self.port) and rig.request(self.port, "/-/ready").status == 200, "Prometheus is ready")

    def has_data(self, query):
        answer = rig.request(self.port, "/api/v1/query?query=" + query).json()
        return bool(answer["data"]["result"])

    def stop(self):
        self.process.stop()


class Alertmanager:
    def __init__(self, folder, port=None):
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        self.port = port or rig.free_port()
        (folder / "alertmanager.yml").write_text("route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n")
        self.process = rig.Process(["/usr/bin/prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml",
                                    f"--storage.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}",
                                    "--cluster.listen-address="], folder / "log")
        rig.wait_until(lambda: rig.connects(self.port), "Alertmanager listens")

    def stop(self):
        self.process.stop()


class Caddy:
    def __init__(self, folder, caddyfile, options="", ready=None):
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        self.admin = folder / "admin.sock"
        (folder / "Caddyfile").write_text(f"{{\n  admin unix/{self.admin}\n  auto_https off\n{options}}}\n{caddyfile}")
        self.process = rig.Process(["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], folder / "log",
                                   env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
        # Where its log goes elsewhere, the caller knows what it waits for.
        ready = ready or (lambda: "serving initial configuration" in self.process.text())
        rig.wait_until(lambda: ready() or not self.process.is_running(), "Caddy serves")
        assert self.process.is_running(), self.process.text()

    def stop(self):
        self.process.stop()


class Docker:
    """An engine of the test's own: no bridge, no firewall rules, images made of busybox."""

    def __init__(self, folder, socket=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.socket = socket or str(self.folder / "docker.sock")
        self.process = rig.Process(
            # Its mounts go with it.
            ["unshare", "--mount", "dockerd", f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec", f"--host=unix://{self.socket}",
             f"--pidfile={self.folder}/pid", "--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs",
             "--default-ulimit=nofile=1024:1024", "--log-level=warn"], self.folder / "log")
        rig.wait_until(lambda: self.call("version").returncode == 0 or not self.process.is_running(), "the Docker Engine answers")
        assert self.process.is_running(), self.process.text()

    def call(self, *arguments):
        return subprocess.run(["docker", "-H", f"unix://{self.socket}", *arguments], capture_output=True, text=True, timeout=90)

    def run(self, *arguments):
        result = self.call(*arguments)
        assert result.returncode == 0, result
        return result.stdout.strip()

    def make_image(self, tag, marker=""):
        tree = self.folder / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        (tree / "bin").mkdir(parents=True)
        shutil.copy("/bin/busybox", tree / "bin" / "busybox")
        (tree / "marker").write_text(marker)
        (tree / "index.html").write_text("hello")
        (tree / "tmp").mkdir()
        for name in ("sh", "sleep", "httpd", "test", "true", "false", "cat", "echo", "mkdir"):
            (tree / "bin" / name).symlink_to("busybox")
        archive = self.folder / "image.tar"
        subprocess.run(["tar", "-C", str(tree), "-cf", str(archive), "."], check=True)
        self.run("import", str(archive), tag)

    def service(self, project, name, image, *command, options=(), network="host"):
        return self.run("run", "-d", f"--network={network}", "--label", f"com.docker.compose.project={project}",
                        "--label", f"com.docker.compose.service={name}", "--name", f"{project}-{name}-1", *options, image, *command)

    def container(self, identifier):
        return json.loads(self.run("inspect", identifier))[0]

    def stop(self):
        ids = self.call("ps", "-aq").stdout.split()
        if ids:
            self.call("rm", "-f", *ids)
        self.process.stop()


def is_root():
    return os.getuid() == 0
