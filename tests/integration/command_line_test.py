"""Help, the man page and the completions of the command line: what a shell and a man reader make of them."""

import shutil
import subprocess

import pytest

import rig


def gonogo(*arguments):
    return subprocess.run([rig.GONOGO, *arguments], capture_output=True, text=True, timeout=60)


def test_help_explains_all_verbs_or_one():
    assert gonogo("help").stdout == gonogo("--help").stdout
    for verb in (["check"], ["config"], ["config", "check"], ["help"]):
        explained = gonogo("help", *verb)
        assert explained.returncode == 0 and explained.stdout == gonogo(*verb, "--help").stdout, verb
    assert gonogo("help", "nosuch").returncode == 64
    assert gonogo("help", "config", "nosuch").returncode == 64


def test_groff_accepts_the_man_page():
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    page = gonogo("help", "--man").stdout
    formatted = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-cbou"], input=page, capture_output=True, text=True, timeout=60)
    assert formatted.returncode == 0 and formatted.stderr == "", formatted.stderr
    assert "gonogo serve" in formatted.stdout and "EXIT STATUS" in formatted.stdout


def completed(*words):
    """What bash offers at the end of this command line."""
    script = gonogo("help", "--completion", "bash").stdout
    ask = script + '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gonogo; printf "%s\\n" "${COMPREPLY[@]}"'
    answer = subprocess.run(["bash", "-c", ask, "bash", "gonogo", *words], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0 and answer.stderr == "", answer.stderr
    return answer.stdout.split()


def test_bash_accepts_and_follows_the_completions(tmp_path):
    script = gonogo("help", "--completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, timeout=60).stderr == ""
    assert completed("ver") == ["verdict"]
    assert completed("config", "co") == ["coverage"]
    assert completed("config", "check", "--con") == ["--config"]
    assert completed("verdict", "--j") == ["--json"]
    assert completed("wait", "--for", "") == ["go", "no-go"]
    assert completed("wait", "--hold", "") == []
    assert completed("help", "sig") == ["sign"]
    (tmp_path / "list.md").write_text("")
    assert completed("config", "import", f"{tmp_path}/li") == [f"{tmp_path}/list.md"]
    assert completed("serve", "-c", f"{tmp_path}/li") == [f"{tmp_path}/list.md"]


def test_counts_agree_with_their_nouns(tmp_path):
    config = tmp_path / "gonogo.yaml"
    for checks, words in (("a: {disk: {path: /, min_free: 1}}", "1 check,"),
                          ("a: {disk: {path: /, min_free: 1}}, b: {disk: {path: /, min_free: 1}}", "2 checks,")):
        config.write_text(f"gates: {{g: {{checks: {{{checks}}}}}}}\n")
        assert f"1 gate, {words} no problem" in gonogo("config", "check", "-c", str(config)).stdout
        only = gonogo("check", "-c", str(config), "g").stdout
        assert f"({words} 0 blocking)" in only, only
