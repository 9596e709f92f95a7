import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import own_host  # noqa: E402
import rig  # noqa: E402


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
