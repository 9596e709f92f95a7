"""A host of the tests' own: a network in which only the loopback is up, and an /etc that nobody else sees. So the names in a developer's
/etc/hosts, the name server of the office and the servers that already listen on 5432, 80 or 443 change no result, and no two test files
that run side by side take each other's ports."""

import ctypes
import errno
import os
import pathlib
import subprocess

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
FILES = {
    "hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "resolv.conf": "nameserver 127.0.0.1\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n",
}

is_own = False
mounted = None


def run(command):
    subprocess.run(command.split(), check=True, capture_output=True, text=True,
                   env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})


def enter(folder):
    """Moves this process, with all that it starts from here on, to such a host. Only root can: others stay where they are."""
    global is_own, mounted
    if os.getuid() != 0:
        return
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        if ctypes.get_errno() == errno.EPERM:
            return  # root of a container that may make no namespaces
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount --make-rprivate /")
    run(f"mount -t tmpfs none {folder}")
    mounted = folder
    upper, work = pathlib.Path(folder) / "upper", pathlib.Path(folder) / "work"
    upper.mkdir(mode=0o755)
    work.mkdir()
    run(f"mount -t overlay overlay -o lowerdir=/etc,upperdir={upper},workdir={work} /etc")
    for name, text in FILES.items():
        path = pathlib.Path("/etc") / name
        path.unlink(missing_ok=True)  # it may be a link that leads out of /etc
        path.write_text(text)
    run("ip link set lo up")
    is_own = True


def leave():
    """So that the folder can be removed: its mounts are in use until this process ends."""
    if mounted:
        run(f"umount -l {mounted}")
