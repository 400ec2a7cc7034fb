"""What most tests of the client begin with; a test file that needs another one defines it itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import hook_session, keeping_store, stand_in_store
from support.hook_session import HookSession
from support.keeping_store import KeepingStore
from support.stand_in_store import StandInStore
from support.used_store import used_store

__all__ = ["used_store"]


@pytest.fixture
def folders(tmp_path: Path) -> Paths:
    """Everything of ours below a folder of the test's own."""
    return Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture
def store(folders: Paths) -> Iterator[StandInStore]:
    """The local store: it answers what the test chooses."""
    with stand_in_store.serving(folders.socket) as running:
        yield running


@pytest.fixture
def runtime(folders: Paths, store: StandInStore) -> Iterator[Runtime]:
    """A hook server's runtime beside `store`."""
    built = hook_session.runtime(folders)
    yield built
    built.release()


@pytest.fixture
def repo(tmp_path: Path) -> str:
    """An empty repository."""
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    return str(tmp_path / "shop")


@pytest.fixture
def session(runtime: Runtime, repo: str) -> HookSession:
    """A session in an empty repository."""
    return HookSession(Hooks(runtime), repo)


@pytest.fixture
def local(folders: Paths) -> Iterator[KeepingStore]:
    """The local store: it keeps what it is sent."""
    with keeping_store.keeping(folders.socket) as running:
        yield running


@pytest.fixture
def keeping_runtime(folders: Paths, local: KeepingStore) -> Iterator[Runtime]:
    """A tool server's runtime beside `local`."""
    running = Runtime(Path("unused"), folders, Settings())
    running.local.connected.set()
    yield running
    running.close()
