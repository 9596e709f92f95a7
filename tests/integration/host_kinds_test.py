"""The kinds that check this host: git over file and HTTP remotes, crontabs, logs under a real logrotate, clock, memory, load, files."""

import ctypes
import functools
import http.server
import os
import subprocess
import threading

import pytest
import rig


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    origin = tmp_path / "app.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    tree = tmp_path / "app"
    subprocess.run(["git", "init", "-q", "-b", "main", str(tree)], check=True)
    (tree / "README.md").write_text("hello\n")
    (tree / ".gitignore").write_text(".env\n")
    (tree / ".env").write_text("SECRET=1\n")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "first")
    git(tree, "tag", "v1.2.3")
    git(tree, "remote", "add", "origin", str(origin))
    git(tree, "push", "-q", "origin", "main")
    return tree


def inspect(folder, tree, options):
    return rig.run_check(folder, f"git: {{path: {tree}, {options}}}", timeout="20s")


def test_git_over_a_file_remote(repository, tmp_path):
    head = git(repository, "rev-parse", "HEAD")
    (tmp_path / "deployed").write_text(head + "\n")
    seen = inspect(tmp_path, repository, f"origin: 'app\\.git$', reachable: refs/heads/main, head_file: {tmp_path}/deployed, tag: 'v[0-9.]+', clean: true, "
                   "tracked: README.md, not_tracked: ['.env', '*.pem'], no_secrets: true")
    assert seen.outcome == "pass" and head[:12] in seen.summary, seen
    assert inspect(tmp_path, repository, "head: main").outcome == "pass"
    assert inspect(tmp_path, repository, f"head: {head[:7]}").outcome == "pass"
    assert inspect(tmp_path, repository, "head: '0000000'").outcome == "fail"
    assert inspect(tmp_path, repository, "head: '--help'").outcome == "fail"
    assert inspect(tmp_path, repository, "tag: 'v2.*'").reason == "content"
    assert inspect(tmp_path, repository, "origin: other").reason == "content"
    assert inspect(tmp_path, repository, "reachable: refs/heads/gone").reason == "missing"
    (repository / "README.md").write_text("changed\n")
    seen = inspect(tmp_path, repository, "clean: true")
    assert seen.reason == "content" and "README.md" in seen.summary, seen
    git(repository, "remote", "set-url", "origin", str(tmp_path / "gone.git"))
    assert inspect(tmp_path, repository, "reachable: HEAD").reason == "connect"
    git(repository, "remote", "remove", "origin")
    assert inspect(tmp_path, repository, "reachable: HEAD").reason == "missing"
    assert inspect(tmp_path, tmp_path / "none", "clean: true").outcome == "fail"


def test_git_finds_tracked_secrets_and_shows_none(repository, tmp_path):
    secret = "sk_live_" + "a1b2c3d4e5f6g7h8i9"
    (repository / "pay.py").write_text(f'KEY = "{secret}"\n')
    (repository / "tests").mkdir()
    (repository / "tests" / "key.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n")
    git(repository, "add", "-A", "-f")
    seen = inspect(tmp_path, repository, "no_secrets: true")
    assert seen.reason == "content" and "pay.py" in seen.summary and "tests/key.pem" in seen.summary, seen
    assert secret not in seen.all
    assert inspect(tmp_path, repository, "no_secrets: true, secrets_except: [tests/, pay.py]").outcome == "pass"
    assert inspect(tmp_path, repository, "secret_patterns: 'KEY = '").reason == "content"
    assert inspect(tmp_path, repository, "not_tracked: '*.pem'").reason == "content"
    assert inspect(tmp_path, repository, "secret_patterns: '('").reason == "error"


def test_git_finds_secrets_in_what_git_takes_for_binary(repository, tmp_path):
    secret = "sk_live_" + "a1b2c3d4e5f6g7h8i9"
    (repository / "nul.txt").write_bytes(b"x\0y\nKEY=" + secret.encode() + b"\n")
    (repository / "odd.txt").write_bytes(b"\xff\xfe KEY=" + secret.encode() + b"\xe9\0\xe9\n")
    (repository / "prod.env").write_text(f"KEY={secret}\n")
    (repository / ".gitattributes").write_text("*.env binary\n")
    (repository / "noise.bin").write_bytes(bytes(range(256)) * 64)
    git(repository, "add", "-A", "-f")
    seen = inspect(tmp_path, repository, "no_secrets: true")
    assert seen.reason == "content" and all(name in seen.summary for name in ("nul.txt", "odd.txt", "prod.env")), seen
    assert "noise" not in seen.summary and secret not in seen.all, seen
    assert inspect(tmp_path, repository, "no_secrets: true, secrets_except: ['*.txt', '*.env']").outcome == "pass"


def test_git_excepts_what_is_known_to_be_no_secret(repository, tmp_path):
    amazon, real = "AKIA" + "IOSFODNN7EXAMPLE", "AKIA" + "QWERTYUIOP234567"
    stripe = "sk_live_" + "0000000000000000dummy"
    (repository / "docs [x]").mkdir()
    (repository / "docs [x]" / "aws é.md").write_text(f"export AWS_ACCESS_KEY_ID={amazon}\n")
    (repository / "pay.py").write_text(f'KEY = "{stripe}"\n')
    git(repository, "add", "-A")
    seen = inspect(tmp_path, repository, "no_secrets: true")
    assert seen.reason == "content" and "pay.py" in seen.summary and "aws" not in seen.summary, seen
    excepting = "no_secrets: true, secret_patterns_except: 'sk_live_0+dummy'"
    for tree in (repository, f"'{repository}/docs [x]'"):
        seen = inspect(tmp_path, tree, excepting)
        assert seen.outcome == "pass" and "in 2 files" in seen.all, seen
        assert amazon not in seen.all and stripe not in seen.all
    # Beside what is excepted, in the same line.
    (repository / "docs [x]" / "aws é.md").write_text(f"{amazon},{real}\n")
    git(repository, "add", "-A")
    for tree in (repository, f"'{repository}/docs [x]'"):
        seen = inspect(tmp_path, tree, excepting)
        assert seen.reason == "content" and "aws" in seen.summary and "pay.py" not in seen.summary and real not in seen.all, seen
    # More files than are named one by one, and one line that is longer than what is read.
    (repository / "docs [x]" / "aws é.md").unlink()
    for i in range(120):
        (repository / f"many-{i}").write_text(amazon + "\n")
    git(repository, "add", "-A")
    assert inspect(tmp_path, repository, excepting).outcome == "pass"
    (repository / "long").write_text("x" * 5_000_000 + " " + real + "\n")
    git(repository, "add", "-A")
    seen = inspect(tmp_path, repository, excepting)
    assert seen.outcome == "fail" and real not in seen.all, seen


def test_git_over_http(repository, tmp_path):
    git(tmp_path / "app.git", "update-server-info")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    git(repository, "remote", "set-url", "origin", f"http://user:git-password-1@127.0.0.1:{server.server_port}/app.git")
    seen = inspect(tmp_path, repository, "reachable: refs/heads/main")
    assert seen.outcome == "pass", seen
    seen = inspect(tmp_path, repository, "origin: nowhere")
    assert seen.reason == "content" and "git-password-1" not in seen.all, seen
    server.shutdown()
    server.server_close()
    seen = inspect(tmp_path, repository, "reachable: refs/heads/main")
    assert seen.reason == "connect" and "git-password-1" not in seen.all, seen


def test_git_runs_nothing_of_the_repositorys(repository, tmp_path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "core.editor"):
        git(repository, "config", name, str(trap))
    git(repository, "config", "remote.origin.url", f"ext::{trap}")
    inspect(tmp_path, repository, "clean: true, no_secrets: true, reachable: HEAD")
    assert not (tmp_path / "sprung").exists()


TABLES = {"crontab": "SHELL=/bin/sh\n15 2 * * * root ENV_FILE=/etc/app.env /opt/app/ops/backup_now.sh\n@reboot root /opt/app/start\n",
          "cron.d/app": "CRON_TZ=Europe/Berlin\n*/10 * * * * www-data /opt/app/cleanup\n0 4 * * mon root /opt/app/weekly\n",
          "cron.d/app.dpkg-old": "* * * * * root /opt/app/forgotten\n", "cron.d/broken": "0 1 * * * root /opt/app/good\n99 1 * * * root /opt/app/bad\n",
          "crontabs/daemon": "30 6 * * * /home/app/report --all\n"}


@pytest.fixture
def crontabs(tmp_path):
    for name, text in TABLES.items():
        path = tmp_path / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600 if path.parent.name == "crontabs" else 0o644)
    return f"files: [{tmp_path}/etc/crontab, '{tmp_path}/etc/cron.d/*', '{tmp_path}/etc/crontabs/*']"


@pytest.mark.parametrize("options, outcome, words", [
    ("command: 'backup_now\\.sh', user: root, at_least_every: 25h, next_within: 25h", "pass", "15 2 * * *"),
    ("command: 'backup_now\\.sh', user: daemon", "fail", "no entry runs"),
    ("command: 'backup_now\\.sh', at_least_every: 1h", "fail", "pauses up to"),
    ("command: cleanup, at_least_every: 10m, at_most_every: 10m", "pass", "*/10"),
    ("command: cleanup, at_most_every: 1h", "fail", "runs again after 10m"),
    ("command: weekly, at_least_every: 8d", "pass", "0 4 * * mon"),
    ("command: weekly, next_within: 1m", "fail", "wanted within"),
    ("command: report, user: daemon, at_least_every: 25h", "pass", "crontabs/daemon:1"),
    ("command: opt/app/start", "pass", "@reboot"),
    ("command: opt/app/start, at_least_every: 1d", "fail", "has no next run"),
    ("command: forgotten", "fail", "no entry runs"),
    ("command: opt/app/good", "fail", "ignored by cron, line 2"),
])
def test_crontabs(options, outcome, words, crontabs, tmp_path):
    seen = rig.run_check(tmp_path, f"cron: {{{options}, {crontabs}}}")
    assert seen.outcome == outcome and words in seen.summary, seen


def test_a_log_under_logrotate_by_a_running_daemon(tmp_path):
    """Every line is counted once, whether the log is renamed or copied and truncated, and over a restart."""
    log = tmp_path / "logs" / "app.log"
    log.parent.mkdir()
    log.write_text("start\n")
    daemon = rig.Daemon(tmp_path / "d", f"gates: {{g: {{checks: {{log: {{interval: 1s, timeout: 1s, log: {{path: {log}, matches: '^error', window: 1h, max: 100000}}}}}}}}}}\n")
    written = 0

    def write(count):
        nonlocal written
        with open(log, "a") as file:
            for _ in range(count):
                written += 1
                file.write(f"error {written}\ninfo\n")

    def rotate(how):
        conf = tmp_path / "rotate.conf"
        conf.write_text(f"{log} {{\n su root root\n rotate 5\n size 1\n {how}\n}}\n")
        subprocess.run(["/usr/sbin/logrotate", "--force", "--state", str(tmp_path / "state"), str(conf)], check=True, capture_output=True)

    counted = lambda: daemon.check("log")["last"] and daemon.check("log")["last"]["values"].get("matches", {}).get("value")
    try:
        daemon.wait_for("GO")
        for how in ("create", "create", "copytruncate", "copytruncate", "create"):
            write(50)
            rotate(how)
            write(30)
            rig.wait_until(lambda: counted() == written, f"{written} lines counted, not {counted()}")
        daemon.stop()
        write(20)
        rotate("create")
        write(10)
        daemon.start()
        rig.wait_until(lambda: counted() == written, f"{written} lines after a restart, not {counted()}")
        assert daemon.check("log")["state"] == "pass"
    finally:
        daemon.stop()


def test_the_clock_is_what_the_kernel_says(tmp_path):
    class Timex(ctypes.Structure):
        _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long),
                    ("status", ctypes.c_int), ("rest", ctypes.c_char * 200)]

    timex = Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    is_synchronised = state != 5 and not timex.status & 0x40  # TIME_ERROR, STA_UNSYNC
    seen = rig.run_check(tmp_path, "clock: {}")
    assert seen.outcome == ("pass" if is_synchronised else "fail"), seen
    assert seen.values["synchronised"] == is_synchronised
    seen = rig.run_check(tmp_path, "clock: {synchronised: false, max_error: 1us}")
    assert seen.outcome == "fail" and seen.reason == "threshold", seen
    assert rig.run_check(tmp_path, "clock: {synchronised: false, max_jump: 1s}").outcome == "pass"


def test_memory_and_load_of_this_host(tmp_path):
    total = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) * 1024
    seen = rig.run_check(tmp_path, "memory: {min_total: 64MiB}")
    assert seen.outcome == "pass" and seen.values["total"] == total, seen
    assert rig.run_check(tmp_path, "memory: {min_total: 4096TiB}").outcome == "fail"
    seen = rig.run_check(tmp_path, "load: {max_per_core: 10000}")
    assert seen.outcome == "pass" and seen.values["cores"] == os.cpu_count(), seen


def test_files_in_real_trees(tmp_path):
    tree = tmp_path / "backups"
    tree.mkdir()
    for number, size in ((1, 100), (2, 5000), (3, 300)):
        path = tree / f"db_{number}.sql.gz"
        path.write_bytes(b"x" * size)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    (tree / "link").symlink_to("db_2.sql.gz")
    (tree / "loop").symlink_to("loop")
    run_check = lambda options: rig.run_check(tmp_path, f"file: {{{options}}}")
    every = f"glob: '{tree}/*.sql.gz'"
    assert run_check(f"{every}, min_size: 300, max_size: 300").outcome == "pass", "the newest"
    assert run_check(f"{every}, pick: oldest, max_size: 100").outcome == "pass"
    assert run_check(f"{every}, pick: largest, min_size: 5000").outcome == "pass"
    seen = run_check(f"{every}, min_total_size: 5400, max_total_size: 5400, min_count: 3, max_count: 3")
    assert seen.outcome == "pass" and seen.values["total_size"] == 5400, seen
    assert run_check(f"{every}, max_total_size: 5399").reason == "threshold"
    assert run_check(f"path: {tree}/link, min_size: 5000").outcome == "pass"
    assert run_check(f"path: {tree}/loop").reason == "missing"
    assert run_check(f"path: {tree}/db_1.sql.gz, same_as: {tree}/db_2.sql.gz").reason == "content"
    assert run_check(f"path: {tree}/link, same_as: {tree}/db_2.sql.gz").outcome == "pass"
    import hashlib
    digest = hashlib.sha256(b"x" * 100).hexdigest()
    assert run_check(f"path: {tree}/db_1.sql.gz, sha256: {digest}").outcome == "pass"
    assert run_check(f"path: {tree}/db_3.sql.gz, sha256: {digest}").reason == "content"
    (tree / "word").write_text("yes\n")
    assert run_check(f"path: {tree}/word, equals: \"yes\\n\"").outcome == "pass"
    assert run_check(f"path: {tree}/word, equals: 'yes'").reason == "content"
    (tree / "word").chmod(0o640)
    assert run_check(f"path: {tree}/word, min_mode: '0600', max_mode: '0640'").outcome == "pass"
    assert run_check(f"path: {tree}/word, min_mode: '0660'").reason == "permission"


def test_who_may_write(tmp_path):
    if os.getuid() != 0:
        pytest.skip("giving files away wants root")
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o015)
    folder = tmp_path / "logs"
    folder.mkdir()
    run_check = lambda who: rig.run_check(tmp_path, f"file: {{path: {folder}, type: directory, writable_by: {who}}}").outcome
    folder.chmod(0o755)
    assert (run_check("root"), run_check("nobody"), run_check("'65534'")) == ("pass", "fail", "fail")
    os.chown(folder, 65534, 0)
    assert run_check("nobody") == "pass"
    tmp_path.chmod(0o700)
    assert run_check("nobody") == "fail", "it cannot get there"


def test_a_file_on_a_real_mount_that_is_read_only(tmp_path):
    if os.getuid() != 0:
        pytest.skip("mounting wants root")
    config = tmp_path / "check.yaml"
    mount = tmp_path / "mount"
    mount.mkdir()
    config.write_text(f"gates: {{g: {{checks: {{it: {{interval: 60s, file: {{path: {mount}, type: directory, writable_by: root}}}}}}}}}}\n")
    script = f"mount -t tmpfs -o ro none {mount} && exec {rig.GONOGO} check -c {config} it"
    result = subprocess.run(["unshare", "--mount", "sh", "-ec", script], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "cannot be written by root" in result.stdout, result


@pytest.fixture
def hung_mount(tmp_path):
    """A file system whose server never answers: every access to it hangs, and no signal but SIGKILL ends it."""
    folder = tmp_path / "hung"
    folder.mkdir()
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"a mount that hangs wants /dev/fuse: {error}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", str(folder).encode(), b"fuse", 0, f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()) != 0:
        os.close(device)
        pytest.skip("mounting wants root: " + os.strerror(ctypes.get_errno()))
    yield folder
    os.close(device)  # ends everything that waits
    libc.umount2(str(folder).encode(), 2)


def hung_checks(folder):
    """A check of each kind that reads files."""
    kinds = {"file": f"{{path: {folder}/x}}", "disk": f"{{path: {folder}}}", "marker": f"{{path: {folder}/m, max_age: 1h}}",
             "dotenv": f"{{path: {folder}/.env, keys: {{A: }}}}", "log": f"{{path: {folder}/a.log, max: 0}}", "cron": f"{{command: x, files: [{folder}/crontab]}}"}
    return "".join(f"      hung-{kind}: {{{kind}: {options}}}\n" for kind, options in kinds.items()), [f"hung-{kind}" for kind in kinds]


def end_beside_hung_threads(daemon):
    """Threads that hang in the kernel go when the mount does: the orderly end does not wait for them."""
    os.kill(daemon.process.child.pid, 15)
    rig.wait_until(lambda: "ends as asked" in daemon.process.text(), "it ends")
    daemon.process.stop()


def test_a_mount_that_hangs_holds_nobody_else_up(hung_mount, tmp_path):
    hung, names = hung_checks(hung_mount)
    (tmp_path / "fine").write_text("x")
    daemon = rig.Daemon(tmp_path / "d", f"defaults: {{interval: 1s, timeout: 500ms}}\ngates:\n  g:\n    checks:\n{hung}      fine: {{file: {{path: {tmp_path}/fine}}}}\n")
    try:
        for name in names:
            rig.wait_until(lambda: daemon.check(name)["state"] in ("fail", "stale"), f"{name} is not good")
        seen = daemon.wait_for_check("fine", "pass")
        rig.wait_until(lambda: daemon.check("fine")["last"]["at"] != seen["last"]["at"], "the other is run again")
        rig.wait_until(lambda: daemon.check("prober")["last"]["values"]["workers_stuck"]["value"] == len(names), "one worker hangs for each, not more")
        assert daemon.wait_for_check("prober", "warn")["summary"].count("hang") and daemon.verdict()["verdict"] == "NO-GO"
    finally:
        end_beside_hung_threads(daemon)


def beside_hung_checks(hung_mount, tmp_path, listener, count):
    (tmp_path / "fine").write_text("x")
    hung = "".join(f"      hung-{number}: {{file: {{path: {hung_mount}/{number}}}}}\n" for number in range(count))
    return rig.Daemon(tmp_path / "d", f"defaults: {{interval: 1s, timeout: 1s}}\ngates:\n  g:\n    checks:\n      fine: {{file: {{path: {tmp_path}/fine}}}}\n"
                      f"      tcp: {{tcp: {{address: '127.0.0.1:{listener.port}'}}}}\n" + hung)


def workers_stuck(daemon):
    last = daemon.check("prober")["last"]
    return last and last["values"]["workers_stuck"]["value"]


def test_seventy_hung_checks_hold_up_no_other(hung_mount, tmp_path):
    listener = rig.Listener()
    daemon = beside_hung_checks(hung_mount, tmp_path, listener, 70)
    try:
        rig.wait_until(lambda: workers_stuck(daemon) == 70, "all of them hang")
        before = daemon.check("fine")["last"]["at"]
        rig.wait_until(lambda: daemon.check("fine")["last"]["at"] != before, "what needs a worker is run again")
        assert daemon.check("fine")["state"] == "pass"
        assert " -> fail" not in daemon.run("history", "fine", "--since", "1h").stdout
        # Its runs may begin late while the machine is busy.
        daemon.wait_for_check("prober", "warn")
    finally:
        end_beside_hung_threads(daemon)
        listener.stop()


def test_when_every_worker_hangs_what_needs_one_is_unknown(hung_mount, tmp_path):
    """The pool has 256 workers. Once all of them hang, a check that needs one is unknown, and a check that needs none goes on."""
    listener = rig.Listener()
    daemon = beside_hung_checks(hung_mount, tmp_path, listener, 270)
    try:
        rig.wait_until(lambda: workers_stuck(daemon) == 256, "all workers hang")
        rig.wait_until(lambda: (daemon.check("fine")["last"]["outcome"], daemon.check("fine")["last"]["reason"]) == ("unknown", "prober"), "no worker is left for it")
        # A run that began before the last of them hung says only that none was free.
        rig.wait_until(lambda: "256 workers hang" in daemon.check("fine")["last"]["summary"], "it says why")
        daemon.wait_for_check("prober", "fail", "prober")
        before = daemon.wait_for_check("tcp", "pass")["last"]["at"]
        rig.wait_until(lambda: daemon.check("tcp")["last"]["at"] != before, "what needs no worker is run again")
        assert daemon.verdict()["verdict"] == "NO-GO"
    finally:
        end_beside_hung_threads(daemon)
        listener.stop()
