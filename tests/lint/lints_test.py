"""The lints themselves: each refuses what it is for, and accepts a tree that is right."""

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import words_lint  # noqa: E402

ROOMS = ("daemon/core", "daemon/formats", "daemon/io", "daemon/scheduling", "probes", "exporters")


@pytest.fixture
def tree(tmp_path):
    """A small tree that is right: a file in each room, and as many more as the lint expects to see."""
    for room in ROOMS:
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / "thing.h").write_text("#pragma once\nint thing();\n")
    for number in range(60):
        (tmp_path / f"daemon/core/more_{number}.h").write_text("#pragma once\n")
    (tmp_path / "daemon/formats/jq.cpp").write_text('#include "daemon/formats/thing.h"\n#include <mutex>\n#include "daemon/core/thing.h"\n')
    (tmp_path / "daemon/io/file.cpp").write_text('#include "daemon/io/thing.h"\n#include <fcntl.h>\n#include "daemon/formats/thing.h"\n// Knows no Finding.\n')
    (tmp_path / "probes/disk.cpp").write_text('#include "probes/thing.h"\n#include "daemon/io/thing.h"\n#include "daemon/core/thing.h"\nclass Finding;\n')
    (tmp_path / "exporters/page.cpp").write_text('#include "exporters/thing.h"\n#include "daemon/formats/thing.h"\n')
    (tmp_path / "daemon/app.cpp").write_text('#include "daemon/scheduling/thing.h"\n#include "probes/thing.h"\n#include "exporters/thing.h"\n')
    return tmp_path


def layers(tree):
    return subprocess.run([sys.executable, HERE / "layers_lint.py", tree], capture_output=True, text=True)


def test_the_layers_lint_accepts_arrows_that_point_down(tree):
    result = layers(tree)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("file, line, complaint", [
    ("daemon/core/climbs.cpp", '#include "daemon/formats/thing.h"', "includes daemon/formats/thing.h"),
    ("daemon/formats/climbs.cpp", '#include "daemon/io/thing.h"', "includes daemon/io/thing.h"),
    ("daemon/io/climbs.cpp", '#include "probes/thing.h"', "includes probes/thing.h"),
    ("daemon/io/climbs.cpp", '#include "daemon/scheduling/thing.h"', "includes daemon/scheduling/thing.h"),
    ("probes/climbs.cpp", '#include "exporters/thing.h"', "includes exporters/thing.h"),
    ("probes/climbs.cpp", '#include "daemon/scheduling/thing.h"', "includes daemon/scheduling/thing.h"),
    ("exporters/climbs.cpp", '#include "probes/thing.h"', "includes probes/thing.h"),
    ("exporters/climbs.cpp", '#include "daemon/io/thing.h"', "includes daemon/io/thing.h"),
    ("daemon/io/climbs.cpp", "Finding judge();", "names Finding"),
    ("daemon/formats/climbs.cpp", "#include <fcntl.h>", "includes #include <fcntl.h>"),
    ("daemon/core/climbs.cpp", "#include <thread>", "includes #include <thread>"),
    ("daemon/core/climbs.cpp", '#include "thing.h"', "without its full path"),
    ("daemon/io/climbs.cpp", "#include <openssl/ssl.h>", "includes OpenSSL"),
    ("probes/climbs.cpp", "#include <boost/beast/http.hpp>", "includes Beast's HTTP"),
    ("daemon/scheduling/climbs.cpp", "auto now = std::chrono::steady_clock::now();", "only SystemClock"),
    ("probes/climbs.cpp", "std::regex pattern;", "std::regex"),
])
def test_the_layers_lint_refuses_what_climbs(tree, file, line, complaint):
    (tree / file).write_text(line + "\n")
    result = layers(tree)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{file}: " in result.stdout and complaint in result.stdout, result.stdout
    assert len(result.stdout.splitlines()) == 1, result.stdout


@pytest.mark.parametrize("name, line", [
    ("daemon/core/judge.h", "// When the check is looked at next."),
    ("daemon/core/judge.h", "// Looks at each check."),
    ("probes/git.cpp", 'fail("what looks like a secret");'),
    ("etc/gonogo.yaml", "# README.md tells the rest."),
    ("daemon/core/flips.h", "// What turned."),
    ("exporters/metrics.h", "// Of each figure: what the baseline is the middle of."),
    ("probes/git.cpp", 'complain("stands beside head (one of the two)");'),
    ("README.md", "an answer that is not as wanted"),
])
def test_the_words_lint_refuses_private_words(name, line):
    assert list(words_lint.problems_of(name, line))


@pytest.mark.parametrize("name, line", [
    ("daemon/core/judge.h", "// When the check runs next."),
    ("probes/log.cpp", 'settings.renamed("first_run", "first_look")'),
    ("probes/git.cpp", '"HEAD is " + head + ", wanted " + wanted'),
    ("exporters/metrics.h", "// The baseline of a figure is the median of its samples."),
    ("README.md", "an answer that is not as expected"),
])
def test_the_words_lint_accepts_plain_words(name, line):
    assert not list(words_lint.problems_of(name, line))
