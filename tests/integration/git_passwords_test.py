"""No part of a password in a remote's URL is shown, neither by the git kind nor in what git itself says."""

import subprocess

import pytest
from git_test import ENVIRONMENT, repository  # noqa: F401, a fixture


AUTHORITIES = {
    "user:p@ssw0rd-Zebra@{host}": ["ssw0rd", "Zebra"],
    "tok123@ghp_abcdef@{host}": ["tok123", "abcdef"],
    "ghp_abcdef@{host}": ["abcdef"],
    "user:p@s@w0rd-Zebra@{host}": ["w0rd", "Zebra"],
    "user:ss/w0rd-Zebra@{host}": ["w0rd", "Zebra"],
    "user:p%40ssw0rd-Zebra@{host}": ["ssw0rd", "Zebra"],
    "user:word-Zebra@{host}": ["word", "Zebra"],
}


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_no_part_of_a_remotes_password_shows(authority, repository):
    """However git reads the URL: what it says of it is asked of git itself."""
    url = "https://" + authority.format(host="127.0.0.1:1") + "/x.git"
    repository.git("remote", "set-url", "origin", url)
    said = subprocess.run(["git", "-C", str(repository.tree), "ls-remote", "origin"], capture_output=True, text=True, env=ENVIRONMENT)
    assert said.returncode == 128
    for options, reason in (("origin: '^ssh://'", "content"), ("reachable: refs/heads/main", "connect")):
        seen = repository.ask(options)
        assert seen.reason == reason, seen
        assert not [part for part in AUTHORITIES[authority] if part in seen.all], seen
    assert "https://127.0.0.1:1/x.git" in repository.ask("origin: '^ssh://'").summary


def test_a_password_behind_another_name_of_the_remote_does_not_show(repository):
    repository.git("remote", "set-url", "origin", "short:x.git")
    repository.config("url.https://user:p@ssw0rd-Zebra@127.0.0.1:1/.insteadOf", "short:")
    for options in ("origin: '^ssh://'", "reachable: refs/heads/main"):
        seen = repository.ask(options)
        assert seen.outcome == "fail" and "ssw0rd" not in seen.all and "127.0.0.1:1" in seen.summary, seen


@pytest.mark.parametrize("url", ["https://127.0.0.1/a@b/x.git", "https://127.0.0.1/a@b/x.git", "https://[::1]:1/a@b.git", "git@127.0.0.1:team/x.git"])
def test_a_url_without_a_password_is_shown_whole(url, repository):
    """The control."""
    repository.git("remote", "set-url", "origin", url)
    assert f'"{url}"' in repository.ask("origin: '^ftp://'").summary
