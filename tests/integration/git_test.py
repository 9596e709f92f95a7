"""The git kind on repositories that nobody trusts: no program that one of them names is run, and the answers stay right without it."""

import base64
import http.server
import os
import pathlib
import shutil
import subprocess
import threading

import own_host
import pytest
import rig
import servers

ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "t",
               "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
OPTIONS = ["clean: true", "no_secrets: true", "tracked: README.md, not_tracked: '*.pem'", "tag: 'v.*', head: main", "reachable: refs/heads/main"]


def git(folder, *arguments, **options):
    return subprocess.run(["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments], check=True, capture_output=True, text=True,
                          env=ENVIRONMENT, **options).stdout.strip()


class Repository:
    """A work tree with a pushed commit, and a program that leaves a mark when somebody runs it."""

    def __init__(self, folder, *init):
        self.folder = folder
        self.tree = folder / "app"
        self.mark = folder / "mark"
        self.time = 1_600_000_000
        self.trap = self.program("trap", "exit 1")
        self.copier = self.program("copier", "exec cat")
        self.origin = folder / "app.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", *init, str(self.origin)], check=True, env=ENVIRONMENT)
        subprocess.run(["git", "init", "-q", "-b", "main", *init, str(self.tree)], check=True, env=ENVIRONMENT)
        self.write("README.md", "hello\n")
        self.write("big.x", "content\n")
        self.git("add", "-A")
        self.git("commit", "-qm", "first")
        self.git("tag", "v1.2.3")
        self.git("remote", "add", "origin", str(self.origin))
        self.git("push", "-q", "origin", "main")

    def program(self, name, rest):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n: > {self.mark}\n{rest}\n")
        path.chmod(0o755)
        return path

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def git(self, *arguments):
        return git(self.tree, *arguments)

    def config(self, name, value):
        self.git("config", name, str(value))

    def touch(self):
        """Gives all files another time: git compares their content."""
        self.time += 1
        for path in self.tree.rglob("*"):
            if path.is_file() and ".git" not in path.relative_to(self.tree).parts:
                os.utime(path, (self.time, self.time))

    def ask(self, options, path=None, env=None):
        return rig.run_check(self.folder, f"git: {{path: '{path or self.tree}', {options}}}", timeout="20s", env=env)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


class WithPassword(http.server.BaseHTTPRequestHandler):
    """Dumb HTTP, for who knows the password."""

    folder = None

    def do_GET(self):
        known = self.headers.get("Authorization") == "Basic " + base64.b64encode(b"user:password-1").decode()
        path = pathlib.Path(self.folder) / self.path.split("?")[0].lstrip("/")
        status = 401 if not known else 200 if path.is_file() else 404
        body = path.read_bytes() if status == 200 else b""
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def web(repository):
    git(repository.origin, "update-server-info")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (WithPassword,), {"folder": str(repository.folder)}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


# Each makes a repository in which git runs the trap, when it is given this command.
def monitor(r):
    r.config("core.fsmonitor", r.trap)
    return "status"


def hook(r):
    (r.tree / ".git/hooks").mkdir(exist_ok=True)
    shutil.copy(r.trap, r.tree / ".git/hooks/post-index-change")
    r.touch()
    return "status"


def hooks_elsewhere(r):
    (r.folder / "hooks").mkdir()
    shutil.copy(r.trap, r.folder / "hooks/post-index-change")
    r.config("core.hooksPath", r.folder / "hooks")
    r.touch()
    return "status"


def included(r):
    (r.folder / "more").write_text(f"[core]\n\tfsmonitor = {r.trap}\n")
    r.config("include.path", r.folder / "more")
    return "status"


def included_if(r):
    (r.folder / "more").write_text(f"[core]\n\tfsmonitor = {r.trap}\n")
    r.config(f"includeIf.gitdir:{r.tree}/.path", r.folder / "more")
    return "status"


def of_the_work_tree(r):
    r.config("extensions.worktreeConfig", "true")
    r.git("config", "--worktree", "core.fsmonitor", str(r.trap))
    return "status"


def attributes(r, text="*.x filter=x\n", name="x", place=".git/info/attributes"):
    path = r.tree / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    r.touch()
    return f"filter.{name}"


def clean_filter(r):
    r.config(attributes(r) + ".clean", r.copier)
    return "status"


def clean_filter_with_an_odd_name(r):
    r.config(attributes(r, "*.x filter=a=b.c\n", "a=b.c") + ".clean", r.copier)
    return "status"


def clean_filter_of_an_attributes_file(r):
    attributes(r, place="../attributes")
    r.config("core.attributesFile", r.folder / "attributes")
    r.config("filter.x.clean", r.copier)
    return "status"


def process_filter(r):
    r.config(attributes(r) + ".process", r.trap)
    return "status"


def smudge_filter(r):
    r.config(attributes(r) + ".smudge", r.copier)
    r.write("big.x", "other\n")
    return "checkout -f HEAD -- big.x"


def another_work_tree(r):
    (r.folder / ".gitattributes").write_text("README.md filter=x\n")
    (r.folder / "README.md").write_text("hello\n")
    r.config("filter.x.clean", r.copier)
    r.config("core.worktree", "../..")
    return "status"


def submodule(r):
    other = r.folder / "other"
    subprocess.run(["git", "init", "-q", "-b", "main", str(other)], check=True, env=ENVIRONMENT)
    (other / "file.x").write_text("content\n")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "first")
    r.git("submodule", "add", "-q", str(other), "part")
    r.git("commit", "-qm", "with a part")
    r.git("push", "-q", "origin", "main")
    r.git("tag", "-f", "v1.2.3")
    return r.tree / "part"


def monitor_of_a_submodule(r):
    git(submodule(r), "config", "core.fsmonitor", str(r.trap))
    return "status"


def filter_of_a_submodule(r):
    part = submodule(r)
    (r.tree / ".git/modules/part/info/attributes").write_text("*.x filter=x\n")
    git(part, "config", "filter.x.clean", str(r.copier))
    r.touch()
    return "status"


def external_diff(r):
    r.config("diff.external", r.trap)
    r.write("README.md", "changed\n")
    return "diff"


def diff_driver(r):
    attributes(r, "*.x diff=x\n")
    r.config("diff.x.command", r.trap)
    r.write("big.x", "changed\n")
    return "diff"


def text_conversion(r):
    attributes(r, "*.x diff=x\n")
    r.config("diff.x.textconv", r.trap)
    return "grep --textconv con"


def promised_objects(r):
    """git fetches what is missing from the remote that promised it."""
    blob = r.git("rev-parse", "HEAD:README.md")
    (r.tree / ".git/objects" / blob[:2] / blob[2:]).unlink()
    r.config("core.repositoryFormatVersion", "1")
    r.config("extensions.partialClone", "origin")
    r.config("remote.origin.promisor", "true")
    r.config("remote.origin.uploadpack", r.trap)
    return "grep --cached hello"


def other_side(r):
    r.config("remote.origin.uploadpack", r.trap)
    return "ls-remote origin"


def external_transport(r):
    r.config("protocol.ext.allow", "always")
    r.config("remote.origin.url", f"ext::{r.trap}")
    return "ls-remote origin"


def replaced_by_an_external_transport(r):
    r.config("protocol.allow", "always")
    r.config("remote.origin.url", "https://example.org/app.git")
    r.git("config", f"url.ext::{r.trap} .insteadOf", "https://")
    return "ls-remote origin"


def ssh_program(r):
    r.config("core.sshCommand", r.trap)
    r.config("remote.origin.url", "ssh://127.0.0.1/app.git")
    return "ls-remote origin"


def git_proxy(r):
    r.config("core.gitProxy", r.trap)
    r.config("remote.origin.url", "git://127.0.0.1/app.git")
    return "ls-remote origin"


def credential_helper(r, port):
    r.config("credential.helper", f"!{r.trap}")
    r.config("remote.origin.url", f"http://127.0.0.1:{port}/app.git")
    return "ls-remote origin"


def credential_helper_of_a_place(r, port):
    r.config(f"credential.http://127.0.0.1:{port}.helper", f"!{r.trap}")
    r.config("remote.origin.url", f"http://127.0.0.1:{port}/app.git")
    return "ls-remote origin"


def ask_for_the_password(r, port):
    r.config("core.askPass", r.trap)
    r.config("remote.origin.url", f"http://127.0.0.1:{port}/app.git")
    return "ls-remote origin"


LOCAL = [monitor, hook, hooks_elsewhere, included, included_if, of_the_work_tree, clean_filter, clean_filter_with_an_odd_name,
         clean_filter_of_an_attributes_file, process_filter, smudge_filter, another_work_tree, monitor_of_a_submodule, filter_of_a_submodule,
         external_diff, diff_driver, text_conversion, promised_objects, other_side, external_transport, replaced_by_an_external_transport,
         ssh_program, git_proxy]


def runs_nothing(repository, command, expected=()):
    """`expected` are the options that have to pass."""
    subprocess.run(["git", "-C", str(repository.tree), *command.split()], capture_output=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL, timeout=60)
    assert repository.mark.exists(), "git itself runs the trap: otherwise this proves nothing"
    repository.mark.unlink()
    for options in OPTIONS:
        repository.touch()
        seen = repository.ask(options)
        assert not repository.mark.exists(), (options, seen)
        assert options not in expected or seen.outcome == "pass", (options, seen)


@pytest.mark.parametrize("make", LOCAL, ids=lambda make: make.__name__)
def test_no_program_of_the_repository_runs(make, repository):
    keeps_origin = make not in (external_transport, replaced_by_an_external_transport, ssh_program, git_proxy)
    keeps_paths = make is not another_work_tree
    runs_nothing(repository, make(repository), OPTIONS[2 if keeps_paths else 3:5 if keeps_origin else 4])


@pytest.mark.parametrize("make", [credential_helper, credential_helper_of_a_place, ask_for_the_password], ids=lambda make: make.__name__)
def test_no_program_of_the_repository_gives_passwords(make, repository, web):
    runs_nothing(repository, make(repository, web), OPTIONS[:4])


def test_keys_that_git_runs_elsewhere_change_nothing(repository):
    for name in ("alias.status", "alias.ls-remote", "core.editor", "core.pager", "pager.status", "pager.grep", "pager.config", "gpg.program",
                 "gpg.ssh.program", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "sequence.editor", "trailer.x.command",
                 "merge.x.driver", "web.browser", "sendemail.smtpserver", "remote.origin.receivepack", "submodule.part.update", "trace2.eventtarget"):
        repository.config(name, f"!{repository.trap}" if name.startswith(("alias", "submodule")) else repository.trap)
    for options in OPTIONS:
        assert repository.ask(options).outcome == "pass", options
    assert not repository.mark.exists()


def test_no_program_is_found_by_the_name_of_a_transport(repository):
    if not own_host.is_own:
        pytest.skip("a program in /usr/local/sbin: root may mount a folder of the test's own there")
    own_host.run("mount -t tmpfs none /usr/local/sbin")
    try:
        shutil.copy(repository.trap, "/usr/local/sbin/git-remote-trap")
        repository.config("remote.origin.url", "trap::somewhere")
        runs_nothing(repository, "ls-remote origin", OPTIONS[:4])
        repository.config("remote.origin.url", str(repository.origin))
        repository.config("remote.origin.vcs", "trap")
        runs_nothing(repository, "ls-remote origin", OPTIONS)
    finally:
        own_host.run("umount /usr/local/sbin")


def test_origin_over_http_with_the_settings_of_the_repository(repository, web):
    repository.config("remote.origin.url", f"http://127.0.0.1:{web}/app.git")
    assert repository.ask("reachable: refs/heads/main").reason == "connect"
    repository.config(f"http.http://127.0.0.1:{web}/.extraHeader", "Authorization: Basic " + base64.b64encode(b"user:password-1").decode())
    assert repository.ask("reachable: refs/heads/main").outcome == "pass"
    repository.config("http.proxy", f"http://127.0.0.1:{rig.free_port()}")
    assert repository.ask("reachable: refs/heads/main").reason == "connect"
    repository.config(f"url.http://user:password-1@127.0.0.1:{web}/.insteadOf", "short:")
    repository.git("config", "--unset", "http.proxy")
    repository.config("remote.origin.url", "short:app.git")
    seen = repository.ask("reachable: refs/heads/main, origin: nowhere")
    assert seen.reason == "content" and "app.git" in seen.summary and "password-1" not in seen.all, seen
    assert repository.ask("reachable: refs/heads/main").outcome == "pass"


def test_origin_over_ssh(repository):
    if not own_host.is_own or not rig.has("sshd"):
        pytest.skip("an SSH server that lets root in by a key of the test's own: root may mount a folder over /root/.ssh")
    pathlib.Path("/root/.ssh").mkdir(exist_ok=True)
    own_host.run("mount -t tmpfs -o mode=700 none /root/.ssh")
    server = servers.Sshd(repository.folder)
    try:
        home = pathlib.Path("/root/.ssh")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "id_ed25519")], check=True)
        shutil.copy(home / "id_ed25519.pub", home / "authorized_keys")
        (home / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {(repository.folder / 'host_key.pub').read_text()}")
        repository.config("remote.origin.url", f"ssh://root@127.0.0.1:{server.port}{repository.origin}")
        assert repository.ask("reachable: refs/heads/main").outcome == "pass"
        (home / "authorized_keys").unlink()
        assert repository.ask("reachable: refs/heads/main").reason == "connect"
    finally:
        server.stop()
        own_host.run("umount /root/.ssh")


def test_a_relative_origin(repository):
    repository.config("remote.origin.url", "../app.git")
    assert repository.ask("reachable: refs/heads/main").outcome == "pass"


def filtered(repository):
    """A filter that upper-cases what it stores, as a large file's would store a pointer."""
    repository.config("filter.upper.clean", "tr a-z A-Z")
    repository.config("filter.upper.smudge", "tr A-Z a-z")
    repository.write(".gitattributes", "*.u filter=upper\n")
    repository.write("one.u", "one\n")
    repository.write("two.u", "two\n")
    repository.git("add", "-A")
    repository.git("commit", "-qm", "with a filter")
    assert repository.git("cat-file", "blob", "HEAD:one.u") == "ONE"


def test_a_file_with_a_filter_is_judged_by_its_size_and_times(repository):
    filtered(repository)
    assert repository.ask("clean: true").outcome == "pass"
    # As a clone leaves it: written in the second of the index itself, which git takes for no proof.
    repository.git("rm", "-q", "--cached", "one.u", "two.u")
    repository.git("add", "-A")
    assert repository.ask("clean: true").outcome == "pass"
    repository.write("two.u", "tow\n")
    seen = repository.ask("clean: true")
    assert seen.reason == "content" and "1 local change" in seen.summary and "two.u" in seen.summary and "filter" in seen.summary, seen
    repository.write("two.u", "two\n")
    assert repository.ask("clean: true").outcome == "fail"
    # Else git notes no size of a file that is as young as its index.
    os.utime(repository.tree / "two.u", (1_700_000_000, 1_700_000_000))
    repository.git("status")  # with the filter: the index learns that it is the same
    assert repository.ask("clean: true").outcome == "pass"
    repository.write("README.md", "changed\n")
    seen = repository.ask("clean: true")
    assert "1 local change: M README.md," in seen.summary and "filter" not in seen.summary, seen


def test_a_staged_change_of_a_file_with_a_filter(repository):
    filtered(repository)
    repository.write("one.u", "eins\n")
    repository.git("add", "one.u")
    assert "one.u" in repository.ask("clean: true").summary
    (repository.tree / "one.u").unlink()
    assert "one.u" in repository.ask("clean: true").summary


@pytest.mark.parametrize("setting, attribute, stored", [
    ("core.autocrlf true", "* text=auto\n", "a\r\nb\r\n"), ("core.eol crlf", "* text\n", "a\r\nb\r\n"), ("core.eol lf", "*.t ident\n", "$Id$ a\n"),
    ("core.eol lf", "*.t text working-tree-encoding=UTF-16LE\n", "a\0\n\0"), ("core.eol lf", "*.t filter=unknown\n", "a\nb\n")])
def test_conversions_of_git_itself_are_done(setting, attribute, stored, repository):
    repository.config(*setting.split())
    repository.write(".gitattributes", attribute)
    repository.write("file.t", "").write_bytes(stored.encode())
    repository.git("add", "-A")
    repository.git("commit", "-qm", "converted")
    repository.git("checkout", "-f", "HEAD", "--", ".")
    repository.touch()
    assert repository.ask("clean: true").outcome == "pass"
    (repository.tree / "file.t").write_bytes(stored.replace("a", "b").encode())
    assert "file.t" in repository.ask("clean: true").summary


def test_changes_in_submodules(repository):
    part = submodule(repository)
    assert repository.ask("clean: true").outcome == "pass"
    repository.config("submodule.part.ignore", "all")
    (part / "file.x").write_text("changed\n")
    seen = repository.ask("clean: true")
    assert seen.reason == "content" and "part/file.x" in seen.summary, seen
    git(part, "commit", "-qam", "moved")
    seen = repository.ask("clean: true")
    assert seen.reason == "content" and "local change: M part," in seen.summary, seen
    repository.git("submodule", "deinit", "-f", "part")
    assert repository.ask("clean: true").outcome == "pass"


def test_modes_count_where_the_repository_says_so(repository):
    (repository.tree / "README.md").chmod(0o755)
    assert "README.md" in repository.ask("clean: true").summary
    repository.config("core.fileMode", "false")
    assert repository.ask("clean: true").outcome == "pass"


def linked(r):
    r.git("worktree", "add", "-q", "-b", "side", str(r.folder / "linked"))
    return r.folder / "linked"


def borrowing(r):
    subprocess.run(["git", "clone", "-q", "--shared", str(r.tree), str(r.folder / "borrowing")], check=True, env=ENVIRONMENT)
    (r.folder / "borrowing/.git/objects/info/alternates").write_text("../../../app/.git/objects\n")
    return r.folder / "borrowing"


def shallow(r):
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{r.origin}", str(r.folder / "shallow")], check=True, env=ENVIRONMENT)
    return r.folder / "shallow"


def packed(r):
    r.git("gc", "-q")
    return r.tree


def sparse(r):
    r.write("sub/other.md", "x\n")
    r.git("add", "-A")
    r.git("commit", "-qm", "more")
    r.git("sparse-checkout", "set", "--cone", "--sparse-index")
    assert not (r.tree / "sub").exists()
    return r.tree


def split(r):
    r.git("update-index", "--split-index")
    return r.tree


def spaced(r):
    shutil.copytree(r.tree, r.folder / "my app")
    return r.folder / "my app"


@pytest.mark.parametrize("make", [linked, borrowing, shallow, packed, sparse, split, spaced], ids=lambda make: make.__name__)
def test_repositories_of_other_shapes(make, repository):
    tree = make(repository)
    ask = lambda: repository.ask("clean: true, tracked: README.md, no_secrets: true, head: HEAD, reachable: refs/heads/main", tree)
    seen = ask()
    assert seen.outcome == "pass", seen
    (tree / "README.md").write_text("changed\n")
    seen = ask()
    assert seen.reason == "content" and "1 local change" in seen.summary and "README.md" in seen.summary, seen


def test_other_hashes_and_folders_inside(tmp_path):
    repository = Repository(tmp_path, "--object-format=sha256")
    repository.write("sub/file", "x\n")
    repository.git("add", "-A")
    repository.git("commit", "-qm", "more")
    assert repository.ask("clean: true, reachable: refs/heads/main, tracked: README.md").outcome == "pass"
    assert repository.ask("clean: true, tracked: file, not_tracked: README.md", repository.tree / "sub").outcome == "pass"
    (repository.tree / "README.md").write_text("changed\n")
    assert "README.md" in repository.ask("clean: true", repository.tree / "sub").summary


def test_nothing_is_left_behind_and_nothing_is_written(repository, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    submodule(repository)
    repository.touch()
    before = {path: path.stat().st_mtime_ns for path in repository.tree.rglob("*")}
    for options in OPTIONS:
        assert repository.ask(options, env={"TMPDIR": str(temporary)}).outcome == "pass", options
    assert list(temporary.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in repository.tree.rglob("*")} == before
    seen = repository.ask("clean: true", env={"TMPDIR": str(tmp_path / "gone")})
    assert seen.outcome == "pass" or seen.reason == "prober", seen
