"""Crontabs beside the cron that reads them: Debian's own (3.0pl1) runs in a mount namespace, and what it runs is what the check has to say."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

import rig

GOOD = "@reboot root {mark} {name}\n"

# name: (text, mode, owner, what the check says of it; nothing where cron runs it)
SYSTEM = {
    "good": (GOOD, 0o644, 0, ""),
    "executable": (GOOD, 0o755, 0, ""),
    "blanks-behind": (GOOD + "\n  ", 0o644, 0, ""),
    "comment-behind": (GOOD + "# the end", 0o644, 0, ""),
    "tz": ("TZ=UTC\n" + GOOD, 0o644, 0, ""),
    "odd-names": ("APP-ENV=prod\nmy.mail=x\n" + GOOD, 0o644, 0, ""),
    "backwards": ("0 22-4 * * * root true\n0 0 * * fri-sun root true\n" + GOOD, 0o644, 0, ""),
    "wide-step": ("*/120 * * * * root true\n0~30 * * * * root true\n" + GOOD, 0o644, 0, ""),
    "crlf-above": ("0 5 * * * root true\r\n" + GOOD, 0o644, 0, ""),
    "no-newline": (GOOD + "0 5 * * * root true", 0o644, 0, "line 2: has no newline"),
    "no-newline-variable": (GOOD + "A=b", 0o644, 0, "line 2: has no newline"),
    "cd": (GOOD + "0 5 * * * cd /opt && ./x\n", 0o644, 0, "line 2: \"cd\" is no user"),
    "sudo": (GOOD + "0 5 * * * sudo -u root x\n", 0o644, 0, "line 2: \"sudo\" is no user"),
    "tz-for-user": (GOOD + "0 5 * * * TZ=UTC x\n", 0o644, 0, "line 2: \"TZ=...\" is no user"),
    "unknown-user": (GOOD + "0 5 * * * nosuchuser x\n", 0o644, 0, "line 2: \"nosuchuser\" is no user"),
    "blanks-and-cr": (GOOD + "  \r\n", 0o644, 0, "carriage return"),
    "macro": ("@Reboot root {mark} {name}\n", 0o644, 0, "\"@Reboot\" is no macro"),
    "daily": (GOOD + "@Daily root true\n", 0o644, 0, "\"@Daily\" is no macro"),
    "mailto": ("MAILTO=\n" + GOOD, 0o644, 0, "line 1: the variable \"MAILTO\" has no value"),
    "open-quote": ("A=\"b\n" + GOOD, 0o644, 0, "is not closed"),
    "sixth-field": (GOOD + "0 5 * * * * root true\n", 0o644, 0, "\"*\" is no user"),
    "minute": (GOOD + "60 5 * * * root true\n", 0o644, 0, "line 2: \"60\" is no minute"),
    "with.dot": (GOOD, 0o644, 0, "its name may hold"),
    "tilde~": (GOOD, 0o644, 0, "its name may hold"),
    "group-writable": (GOOD, 0o664, 0, "its mode is 0664"),
    "world-writable": (GOOD, 0o646, 0, "its mode is 0646"),
    "foreign": (GOOD, 0o644, 65534, "it belongs to nobody"),
    "echo": ("@reboot root echo {mark} {name}\n", 0o644, 0, "only mentions it"),
    "remark": ("@reboot root true # {mark} {name}\n", 0o644, 0, "only mentions it"),
    "percent": ("@reboot root {mark} {name} \"$(date +%F)\"\n", 0o644, 0, "the shell refuses its command"),
    "bracket": ("@reboot root {mark} {name} )\n", 0o644, 0, "the shell refuses its command: \")\" is not expected there"),
    "no-fi": ("@reboot root if true; then {mark} {name}\n", 0o644, 0, "\"fi\" is missing"),
    "of-bash": ("SHELL=/bin/bash\n@reboot root {mark} {name} |& cat\n", 0o644, 0, ""),
    "not-of-dash": ("@reboot root {mark} {name} |& cat\n", 0o644, 0, "the shell refuses its command"),
    "never": ("@reboot root false && {mark} {name}\n", 0o644, 0, "only mentions it"),
    "wrapped": ("@reboot root nice -n 5 env A=b sh -c 'cd / && {mark} {name}'\n", 0o644, 0, ""),
    "login-shell": ("@reboot root bash -lc 'true; {mark} {name}'\n", 0o644, 0, ""),
    "shell-false": ("SHELL=/bin/false\n" + GOOD, 0o644, 0, "which runs nothing"),
}

# What is above the entry, and what the check says of it; nothing where cron runs it.
SHELLS = {
    "blanks": ("SHELL = /bin/bash", ""),
    "quoted": ('SHELL="/bin/bash"', ""),
    "lower-case": ("shell=/bin/false", ""),
    "name": ("SHELL=bash", "cannot be run: it is no absolute path"),
    "sh": ("SHELL=sh", "cannot be run: it is no absolute path"),
    "remark": ("SHELL=/bin/bash # bash", "cannot be run: there is no such file (all of the value is the path"),
    "option": ("SHELL=/bin/bash -l", "cannot be run: there is no such file"),
    "env": ("SHELL=/usr/bin/env bash", "cannot be run: there is no such file"),
    "semicolon": ("SHELL=/bin/bash;", "cannot be run: there is no such file"),
    "missing": ("SHELL=/bin/no-such-shell", "cannot be run: there is no such file"),
    "folder": ("SHELL=/bin", "cannot be run: it is a directory"),
    "not-executable": ("SHELL=/etc/passwd", "cannot be run: it is not executable"),
    "empty": ('SHELL=""', "cannot be run: it is empty"),
    "git-shell": ("SHELL=/usr/bin/git-shell", "which runs nothing"),
    "python": ("SHELL=/usr/bin/python3", "is no shell"),
}
SYSTEM |= {f"shell-{name}": (f"{line}\n{GOOD}", 0o644, 0, words) for name, (line, words) in SHELLS.items()}

# "backup" is a user of Debian as well as a program of this PATH.
SYSTEM["user-as-program"] = ("PATH={folder}:/usr/bin:/bin\n@reboot root backup {name}\n", 0o644, 0, "")

# Command lines, and what the check says of them: the shell is dash.
LINES = {
    "copied-descriptor": ("{mark} {name} >& /dev/null", "does not run it: dash stops at \">& /dev/null\""),
    "to-a-process": ("{mark} {name} > >(cat)", "the shell refuses its command"),
    "pipefail": ("set -euo pipefail; {mark} {name}", "because it has no option \"pipefail\""),
    "no-env-file": (". /no/such/file; {mark} {name}", "because it finds no \"/no/such/file\""),
    "substitution": ("sleep 0${{RANDOM:0:0}}; {mark} {name}", "dash stops at \"${RANDOM...}\""),
    "brackets": ("[[ -f {mark} ]] && {mark} {name}", "the shell finds no program \"[[\", which bash has and dash does not"),
    "if-false": ("if false; then {mark} {name}; fi", "only mentions it"),
    "function": ("f() {{ {mark} {name}; }}", "only mentions it"),
    "called": ("f() {{ {mark} {name}; }}; f", ""),
    "in-quotes": ("\"{mark} {name}\"", "only mentions it and does not run it (the shell finds no program"),
    "second-user": ("root {mark} {name}", "it begins with a second user"),
}
SYSTEM |= {f"line-{name}": (f"@reboot root {line}\n", 0o644, 0, words) for name, (line, words) in LINES.items()}

# The spool has one file a user, so each row is another user of Debian's base-passwd.
SPOOL = {
    "root": ("@reboot {mark} {name}\n", 0o600, "root", ""),
    "daemon": ("@reboot {mark} {name}\n", 0o600, "daemon", ""),
    "bin": ("@reboot {mark} {name}\n0 5 * * *\n", 0o600, "root", ""),
    "sys": ("@reboot {mark} {name}\n", 0o644, "sys", "its mode is 0644, expected 0600"),
    "games": ("@reboot {mark} {name}\n", 0o600, "nobody", "it belongs to nobody"),
    "nosuchuser": ("@reboot {mark} {name}\n", 0o600, "root", "this host has no user \"nosuchuser\""),
    "man": ("@reboot {mark} {name}\n0 5 * * * * x\n", 0o600, "root", "has a sixth field"),
    "lp": ("@reboot 1 {mark} {name}\n", 0o600, "root", "a field too many"),
    "news": ("@reboot root {mark} {name}\n", 0o600, "root", "begins with a user"),
    "uucp": ("@reboot {mark} {name}", 0o600, "root", "has no newline"),
}


@pytest.fixture
def host():
    """Tables of cron, outside tmp_path: the path of a socket is short, and other users reach the marks."""
    if os.getuid() != 0 or not rig.has("cron"):
        pytest.skip("cron wants root")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cron"))
    folder.chmod(0o755)
    (folder / "marks").mkdir()
    (folder / "marks").chmod(0o777)
    mark = folder / "mark"
    mark.write_text(f"#!/bin/sh\nexec touch {folder}/marks/$1\n")
    mark.chmod(0o755)
    shutil.copy(mark, folder / "backup")
    for kind, rows in (("cron.d", SYSTEM), ("crontabs", SPOOL)):
        (folder / kind).mkdir()
        for name, (text, mode, owner, _) in rows.items():
            path = folder / kind / name
            path.write_bytes(text.format(mark=mark, folder=folder, name=f"{kind}-{name}").encode())
            shutil.chown(path, owner)
            path.chmod(mode)
    yield folder
    shutil.rmtree(folder)


def check_all(host, tmp_path):
    config = tmp_path / "tables.yaml"
    checks = {f"{kind}-{name}": kind for kind, rows in (("cron.d", SYSTEM), ("crontabs", SPOOL)) for name in rows}
    ids = {f"c{number}": mark for number, mark in enumerate(checks)}
    command = lambda mark: json.dumps(f"(mark|^backup) {re.escape(mark)}([^-.~a-z]|$)")
    lines = [f"      {key}: {{interval: 60s, timeout: 20s, cron: {{command: {command(mark)}, flavour: debian, files: ['{host}/{checks[mark]}/*']}}}}"
             for key, mark in ids.items()]
    config.write_text("gates:\n  g:\n    checks:\n" + "\n".join(lines) + "\n")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json", *ids], capture_output=True, text=True, timeout=120)
    assert result.returncode in (0, 1), result
    return {ids[entry["id"]]: rig.Seen(entry["last"]) for entry in json.loads(result.stdout)["checks"] if entry["id"] in ids}


def run_cron(host, tmp_path, expected):
    """Lets cron run what is due when it starts; gives its marks and its log."""
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(str(host / "log"))
    log.setblocking(False)
    script = f"""
mount -t tmpfs none /run
mkdir -p {host}/dev
mount -t tmpfs none {host}/dev
for name in null urandom; do touch {host}/dev/$name; mount --bind /dev/$name {host}/dev/$name; done
touch {host}/dev/log && mount --bind {host}/log {host}/dev/log
mount -t tmpfs none /var/spool/cron && mkdir /var/spool/cron/crontabs
mount --bind {host}/cron.d /etc/cron.d
mount --bind {host}/crontabs /var/spool/cron/crontabs
mount --move {host}/dev /dev
exec cron -f"""
    cron = rig.Process(["unshare", "--mount", "sh", "-ec", script], tmp_path / "cron.log")
    lines = []

    def has_run():
        while True:
            try:
                lines.append(log.recv(8192).decode(errors="replace"))
            except BlockingIOError:
                break
        return expected <= {path.name for path in (host / "marks").iterdir()} and any("Running @reboot jobs" in line for line in lines)

    try:
        rig.wait_until(has_run, f"cron runs {expected}: {lines}")
    finally:
        cron.stop(signal.SIGKILL)
        log.close()
    return {path.name for path in (host / "marks").iterdir()}, lines


def test_what_cron_runs_passes_and_nothing_else_does(host, tmp_path):
    seen = check_all(host, tmp_path)
    for kind, rows in (("cron.d", SYSTEM), ("crontabs", SPOOL)):
        for name, (_, _, _, words) in rows.items():
            one = seen[f"{kind}-{name}"]
            assert one.outcome == ("fail" if words else "pass") and words in one.summary, (kind, name, one.outcome, one.summary)
    passing = {mark for mark, one in seen.items() if one.outcome == "pass"}
    marks, _ = run_cron(host, tmp_path, passing)
    assert marks == passing


CRONIE = "CRON_TZ=Asia/Tokyo\n0 9 * * * root /opt/good\n99 1 * * * root /opt/bad\n0 6 * * * nosuchuser /opt/other\n"


def test_the_flavour_decides(tmp_path):
    folder = tmp_path / "cron.d"
    folder.mkdir()
    (folder / "app").write_text(CRONIE)
    (folder / "my.app").write_text("0 5 * * * root /opt/dotted\n")
    (folder / "zone").write_text("CRON_TZ=Asia/Tokyo\n0 9 * * * root /opt/zoned\n")
    check = lambda flavour, command: rig.run_check(tmp_path, f"cron: {{command: {command}, flavour: {flavour}, zone: UTC, files: ['{folder}/*']}}")
    assert check("cronie", "opt/good").outcome == "pass"
    seen = check("cronie", "opt/bad")
    assert seen.outcome == "fail" and f"{folder}/app:3 is ignored by cron: \"99\" is no minute" in seen.summary and "as cronie reads them" in seen.summary, seen.summary
    assert "\"nosuchuser\" is no user" in check("cronie", "opt/other").summary
    seen = check("debian", "opt/good")
    assert seen.outcome == "fail" and f"{folder}/app is ignored by cron, line 3" in seen.summary and "as Debian's cron reads them" in seen.summary, seen.summary
    assert (check("cronie", "dotted").outcome, check("debian", "dotted").outcome) == ("pass", "fail")
    assert check("cronie", "zoned").outcome == check("debian", "zoned").outcome == "pass"


def test_a_schedule_that_never_comes_fails(tmp_path):
    (tmp_path / "crontab").write_text("0 22-4 * * * root /opt/night\n@reboot root /opt/start\n")
    check = lambda command: rig.run_check(tmp_path, f"cron: {{command: {command}, flavour: debian, files: ['{tmp_path}/crontab']}}")
    seen = check("night")
    assert (seen.outcome, seen.reason) == ("fail", "threshold") and "never runs" in seen.summary, seen
    assert check("start").outcome == "pass"


def test_no_secret_of_a_crontab_is_shown(tmp_path):
    (tmp_path / "crontab").write_text("0 5 * * * PW=s3cr3t-word /opt/x\nTOKEN=\"s3cr3t-word\n")
    for flavour in ("debian", "cronie"):
        seen = rig.run_check(tmp_path, f"cron: {{command: opt/x, flavour: {flavour}, files: ['{tmp_path}/crontab']}}")
        assert seen.outcome == "fail" and "s3cr3t" not in seen.summary, seen.summary


def test_whether_a_cron_runs_counts_for_its_own_tables(tmp_path):
    """In a namespace of processes of its own, there is no cron until one is started."""
    if os.getuid() != 0 or not rig.has("cron"):
        pytest.skip("cron wants root")
    config = tmp_path / "check.yaml"
    config.write_text("gates: {g: {checks: {it: {interval: 60s, cron: {command: opt/app/x, flavour: debian}}, "
                      "off: {interval: 60s, cron: {command: opt/app/x, flavour: debian, running: false}}}}}\n")
    (tmp_path / "app").write_text("0 5 * * * root /opt/app/x\n")
    (tmp_path / "cron").write_text("#!/bin/sh\nsleep 1000; :\n")  # a script of this name is no cron
    (tmp_path / "cron").chmod(0o755)
    ask = f"{rig.GONOGO} check -c {config} --json it off > {tmp_path}/"
    script = f"""
mount -t tmpfs none /run; mount -t tmpfs none /etc/cron.d; mount -t tmpfs none /var/spool/cron; mkdir /var/spool/cron/crontabs
cp {tmp_path}/app /etc/cron.d/app; chmod 644 /etc/cron.d/app
{ask}without || true
{tmp_path}/cron &
until grep -q '^Name:.cron$' /proc/$!/status; do :; done
{ask}script || true
kill $!
cron
{ask}with || true
"""
    subprocess.run(["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script], check=True, timeout=120)
    seen = lambda name: {entry["id"]: rig.Seen(entry["last"]) for entry in json.loads((tmp_path / name).read_text())["checks"] if entry["id"] in ("it", "off")}
    without = seen("without")
    assert (without["it"].outcome, without["it"].reason) == ("fail", "status") and "no cron runs on this host" in without["it"].summary, without["it"].summary
    assert without["off"].outcome == "pass"
    assert seen("script")["it"].reason == "status" and "no cron runs on this host" in seen("script")["it"].summary
    assert {name: one.outcome for name, one in seen("with").items()} == {"it": "pass", "off": "pass"}


def test_files_of_run_parts_are_named(tmp_path):
    parts = tmp_path / "cron.daily"
    parts.mkdir()
    (parts / "backup_now.sh").write_text("#!/bin/sh\n")
    (parts / "tidy").write_text("#!/bin/sh\n")
    (tmp_path / "crontab").write_text(f"25 6 * * * root test -x /no/anacron || ( cd / && run-parts --report {parts} )\n")
    check = lambda command: rig.run_check(tmp_path, f"cron: {{command: {command}, flavour: debian, files: ['{tmp_path}/crontab']}}")
    seen = check("tidy")
    words = f"{tmp_path}/crontab:1 runs the files of {parts} by run-parts, and {parts}/tidy is one of them: it is no entry of its own"
    assert (seen.outcome, seen.reason) == ("fail", "missing") and words in seen.summary and "leaves it out" not in seen.summary, seen.summary
    assert "run-parts leaves it out, because its name holds a dot" in check("backup_now").summary
    assert "run-parts" not in check("other").summary


def test_shells_are_those_of_the_root_of_the_crontab(tmp_path):
    """A container's file system, with a shell that this host has not."""
    root = tmp_path / "root"
    for folder in ("bin", "etc/cron.d", "usr/bin"):
        (root / folder).mkdir(parents=True)
    (root / "usr/bin/own-bash").write_text("#!/bin/sh\n")
    (root / "usr/bin/own-bash").chmod(0o755)
    (root / "bin/own").symlink_to("/usr/bin/own-bash")
    (root / "bin/sh").symlink_to("/bin/own")
    (root / "etc/cron.d/app").write_text("SHELL=/bin/own\n0 5 * * * root /opt/there\nSHELL=/bin/bash\n0 5 * * * root /opt/elsewhere\n")
    check = lambda command: rig.run_check(tmp_path, f"cron: {{command: {command}, flavour: debian, files: ['{root}/etc/cron.d/app']}}")
    assert check("there").outcome == "pass"
    seen = check("elsewhere")
    assert seen.outcome == "fail" and "its SHELL \"/bin/bash\" cannot be run: there is no such file" in seen.summary, seen.summary
