"""What every test run has."""

from collections.abc import Iterator

import pytest

from support import cases, machine, warden
from support.warden import Warden

WARDEN: pytest.StashKey[Warden] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cases`, for what need not run in full everywhere."""
    parser.addoption("--cases", type=int, metavar="N", help="of each test only N cases, spread evenly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--cases` leaves out."""
    most = config.getoption("cases")
    if most is not None:
        kept = cases.chosen((item.nodeid for item in items), most)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in kept])
        items[:] = [item for item in items if item.nodeid in kept]


def pytest_configure(config: pytest.Config) -> None:
    """A run that is killed leaves no process behind."""
    config.stash[WARDEN] = appointed = warden.appoint()
    config.add_cleanup(lambda: warden.relieve(appointed))


@pytest.fixture(scope="session", autouse=True)
def _covered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nor one that has detached itself, such as a local store; nor what was compiled of its files."""
    folder = tmp_path_factory.getbasetemp()
    request.config.stash[WARDEN].cover(folder)
    yield
    machine.forget_compiled(folder)
