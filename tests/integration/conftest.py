import atexit
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import own_host  # noqa: E402
from desk import Desk  # noqa: E402
import rig  # noqa: E402

# pytest closes the folder that it shares between runs to other users each time it starts: to the servers of a neighbour as well.
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="gonogo-"))
os.environ["PYTEST_DEBUG_TEMPROOT"] = str(ROOT)


def pytest_sessionfinish(exitstatus):
    if exitstatus == 0:
        atexit.unregister(report_root)
    else:
        atexit.unregister(remove_root)


# Both after pytest's own, which are registered later.
@atexit.register
def remove_root():
    own_host.leave()
    shutil.rmtree(ROOT, ignore_errors=True)


@atexit.register
def report_root():
    print(f"the files of these tests are in {ROOT}")


@pytest.fixture(scope="session", autouse=True)
def host_of_ones_own(tmp_path_factory):
    own_host.enter(tmp_path_factory.mktemp("own-host"))


@pytest.fixture(scope="module")
def only_on_own_host():
    if not own_host.is_own:
        pytest.skip("what this machine listens on and resolves would change the results: root may make a host of the tests' own")


@pytest.fixture
def make(tmp_path):
    daemons = []

    def make(config, **options):
        daemons.append(rig.Daemon(tmp_path / f"d{len(daemons)}", config, **options))
        return daemons[-1]

    yield make
    for daemon in daemons:
        if daemon.process and daemon.process.is_running():
            assert daemon.stop() == 0, daemon.process.text()


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "d")
    yield desk
    desk.stop()
    text = desk.process.text()
    assert "AddressSanitizer" not in text and "runtime error" not in text, text
