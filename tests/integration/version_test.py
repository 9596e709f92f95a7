"""The version kind: each place from which it reads, against a real nginx, git and programs."""

import subprocess

import pytest
import rig


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    port = rig.free_port()
    nginx = rig.Nginx(folder / "nginx", f"""server {{ listen 127.0.0.1:{port}; default_type application/json;
      location = /version {{ return 200 '{{"app":{{"version":"1.4.2","build":77}}}}'; }}
      location = /none {{ return 200 '{{"app":null}}'; }}
      location = /broken {{ return 500 '{{}}'; }}
      location = /text {{ return 200 'hello'; }} }}""").start()
    rig.wait_until(lambda: rig.connects(port), "nginx listens")
    yield port
    nginx.stop()


def run_check(folder, options):
    return rig.run_check(folder, f"version: {{{options}}}")


def test_a_field_of_an_answer(server, tmp_path):
    ask = lambda path, jq, more='is: "1.4.2"': run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{server}{path}', jq: '{jq}'}}, {more}")
    assert ask("/version", ".app.version").outcome == "pass"
    seen = ask("/version", ".app.version", 'is: "1.4.3"')
    assert (seen.outcome, seen.reason, seen.summary) == ("fail", "content", "runs 1.4.2, wanted 1.4.3"), seen
    assert ask("/version", ".app.build", 'is: "77"').outcome == "pass", "a number is a version too"
    for path, jq, reason in (("/none", ".app", "json"), ("/version", ".app", "json"), ("/version", ".app | error", "json"), ("/text", ".app", "json"),
                             ("/broken", ".app", "status"), ("/gone", ".app", "status")):
        seen = ask(path, jq)
        assert (seen.outcome, seen.reason) == ("fail", reason), (path, jq, seen)
    assert run_check(tmp_path, f"http: {{url: 'http://127.0.0.1:{rig.free_port()}/', jq: .v}}, is: x").reason == "connect"


def test_files_and_programs(tmp_path):
    (tmp_path / "VERSION").write_text("v1.2\n")
    (tmp_path / "two").write_text("v1\nv2\n")
    (tmp_path / "long").write_text("v" * 300)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / ".env").write_text("A=1\nAPP_VERSION='v1.2' # now\n")
    (tmp_path / "state.json").write_text('{"sha": "0123456789abcdef"}')
    assert run_check(tmp_path, f"file: {tmp_path}/VERSION, is: v1.2").outcome == "pass"
    assert run_check(tmp_path, f"dotenv: {tmp_path}/.env, key: APP_VERSION, is: v1.2").outcome == "pass"
    assert run_check(tmp_path, f"json: {tmp_path}/state.json, jq: .sha, is: 0123456, abbreviated: true").outcome == "pass"
    assert run_check(tmp_path, f"json: {tmp_path}/state.json, jq: .sha, is: 0123456").outcome == "fail", "not unless it may be"
    assert run_check(tmp_path, f"json: {tmp_path}/state.json, jq: .sha, is: 012345, abbreviated: true").outcome == "fail", "six characters could be anything"
    assert run_check(tmp_path, "command: [/bin/echo, v1.2], is: v1.2").outcome == "pass"
    for options, reason in ((f"file: {tmp_path}/two", "content"), (f"file: {tmp_path}/long", "content"), (f"file: {tmp_path}/empty", "content"),
                            (f"file: {tmp_path}/none", "missing"), (f"dotenv: {tmp_path}/.env, key: NONE", "missing"), ("command: ['false']", "status"),
                            ("command: [/no/such]", "missing"), (f"git: {tmp_path}", "missing")):
        seen = run_check(tmp_path, options + ", is: x")
        assert (seen.outcome, seen.reason) == ("fail", reason), (options, seen)
    assert run_check(tmp_path, f"file: {tmp_path}/VERSION").reason == "missing", "nobody announced a release"


def test_a_work_tree(tmp_path):
    git = lambda *arguments: subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
                                            check=True, capture_output=True, text=True).stdout.strip()
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    head = git("rev-parse", "HEAD")
    assert run_check(tmp_path, f"git: {tmp_path}, is: {head}").outcome == "pass"
    assert run_check(tmp_path, f"git: {tmp_path}, is: '{head[:10]}', abbreviated: true").outcome == "pass"
    assert run_check(tmp_path, f"git: {tmp_path}, is: '{'0' * 40}'").outcome == "fail"


def test_no_program_of_the_work_tree_runs(tmp_path):
    """git fetches what is missing by the program that the repository's own configuration names."""
    tree, mark, trap = tmp_path / "app", tmp_path / "mark", tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\n: > {mark}\nexit 1\n")
    trap.chmod(0o755)
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "app.git")], check=True)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    git = lambda *arguments: subprocess.run(["git", "-C", str(tree), "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
                                            check=True, capture_output=True, text=True).stdout.strip()
    git("commit", "-q", "--allow-empty", "-m", "first")
    head = git("rev-parse", "HEAD")
    for name, value in (("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"),
                        ("remote.origin.url", str(tmp_path / "app.git")), ("remote.origin.uploadpack", str(trap))):
        git("config", name, value)
    assert run_check(tmp_path, f"git: {tree}, is: {head}").outcome == "pass" and not mark.exists()
    (tree / ".git/objects" / head[:2] / head[2:]).unlink()
    subprocess.run(["git", "-C", str(tree), "rev-parse", "--verify", "HEAD^{commit}"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    assert mark.exists(), "git itself runs the trap: otherwise this proves nothing"
    mark.unlink()
    seen = run_check(tmp_path, f"git: {tree}, is: {head}")
    assert not mark.exists(), seen
    assert (seen.outcome, seen.reason) == ("fail", "missing"), seen
    config = tmp_path / "release.yaml"
    config.write_text(f"release: {{git: {tree}}}\ngates: {{g: {{checks: {{a: {{file: {{path: /}}}}}}}}}}\n")
    result = subprocess.run([rig.GONOGO, "check", "-c", str(config), "--json"], capture_output=True, text=True, timeout=120)
    assert '"missing"' in result.stdout and not mark.exists(), result
