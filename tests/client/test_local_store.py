"""The way to the store on this machine: started when it is needed, again when it has gone, not in vain."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commontrace import local_store
from commontrace.hooks import Hooks
from commontrace.local_store import LocalStore, StoreNotStartedError
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import processes

SECONDS = 60
PROGRAM = """
import sys, time
sys.path += {path!r}
from pathlib import Path
from support import stand_in_store

import os

here = Path(__file__).parent
started = here / "started"
with started.open("a") as file:
    print(os.getpid(), file=file, flush=True)
plan = (here / "plan").read_text().split()
step = plan[min(len(started.read_text().split()), len(plan)) - 1]
if step == "serve":
    socket = Path(sys.argv[sys.argv.index("--socket") + 1])
    socket.unlink(missing_ok=True)
    with stand_in_store.serving(socket):
        time.sleep(600)
print("the disk is full")
sys.exit(int(step))
"""


class Plugin:
    """A plugin's folder whose store ends with a status, or serves, start by start."""

    def __init__(self, root: Path, plan: str) -> None:
        self.root = root
        self._scripts = root / "scripts"
        self._scripts.mkdir(parents=True)
        (self._scripts / "plan").write_text(plan)
        (self._scripts / "run.py").write_text(PROGRAM.format(path=sys.path))

    @property
    def started(self) -> list[int]:
        """The ids of the processes that were started, in order."""
        return [int(line) for line in (self._scripts / "started").read_text().split()]


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Paths]:
    yield Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})
    processes.end_all(tmp_path)


def leading(folders: Paths, plugin: Plugin) -> LocalStore:
    return LocalStore(folders, Settings(), plugin.root)


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def refusal(store: LocalStore) -> str:
    """What somebody is told who needs the store now."""
    try:
        store.wait_connected(0)
    except StoreNotStartedError as error:
        return str(error)
    return ""


def test_a_store_that_has_left_before_it_is_asked_is_started_again(folders: Paths, tmp_path: Path) -> None:
    """It was idle, or made way for another that is gone: both end with 0."""
    plugin = Plugin(tmp_path / "plugin", "0 0 serve")
    store = leading(folders, plugin)
    store.wait_ready(SECONDS)
    assert store.store.ready()
    assert len(plugin.started) == 3
    store.stop()


def test_a_store_that_fails_is_not_started_over_and_over(folders: Paths, tmp_path: Path) -> None:
    """Its own words are told; whoever asks again makes another attempt."""
    plugin = Plugin(tmp_path / "plugin", "1 serve")
    store = leading(folders, plugin)
    with pytest.raises(StoreNotStartedError, match="the disk is full"):
        store.wait_ready(SECONDS)
    assert len(plugin.started) == 1
    store.wait_ready(SECONDS)
    store.stop()


def test_a_session_gets_a_killed_store_back(folders: Paths, tmp_path: Path) -> None:
    """The thread that holds the store starts it again."""
    plugin = Plugin(tmp_path / "plugin", "serve")
    store = leading(folders, plugin)
    store.hold()
    store.wait_connected(SECONDS)
    os.kill(plugin.started[0], signal.SIGKILL)
    until(lambda: len(plugin.started) == 2)
    store.wait_connected(SECONDS)
    store.stop()


def test_a_session_that_meets_ending_stores_gets_one(
    folders: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stores that go as soon as they were reached are no reason to give up at once."""
    monkeypatch.setattr(local_store, "LEASE_RETRY_SECONDS", 0.02)
    plugin = Plugin(tmp_path / "plugin", "serve")
    store = leading(folders, plugin)
    store.hold()
    for times in range(1, 5):
        until(lambda times=times: store.connected.is_set() and len(plugin.started) == times)  # type: ignore[misc]
        os.kill(plugin.started[-1], signal.SIGKILL)
    until(lambda: len(plugin.started) == 5)
    store.wait_connected(SECONDS)
    store.stop()


def test_a_store_that_does_not_start_is_tried_again_later(
    folders: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then nobody waits for it."""
    monkeypatch.setattr(local_store, "REST_SECONDS", 0.5)
    plugin = Plugin(tmp_path / "plugin", "1 serve")
    store = leading(folders, plugin)
    store.hold()
    until(lambda: "the disk is full" in refusal(store))
    assert store.connected.wait(SECONDS)
    store.stop()


def test_the_person_is_told_once_that_the_store_does_not_start(folders: Paths, tmp_path: Path) -> None:
    """In the store's own words, with the next prompt or command; nothing else is said or raised."""
    runtime = Runtime(Plugin(tmp_path / "plugin", "1").root, folders, Settings())
    hooks = Hooks(runtime)
    prompt = {"event": "UserPromptSubmit", "session": "s", "cwd": str(tmp_path), "prompt": "go on"}
    assert hooks.answer(prompt) is None
    runtime.local.hold()
    until(lambda: bool(runtime.trouble))
    line = str((hooks.answer(prompt) or {})["systemMessage"])
    assert "the disk is full" in line
    assert "/commontrace:trace-doctor" in line
    assert hooks.answer(prompt) is None
    runtime.close()


def test_a_store_that_is_back_is_no_trouble_any_more(
    folders: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was wrong may be mended while a session goes on."""
    monkeypatch.setattr(local_store, "REST_SECONDS", 0.5)
    store = leading(folders, Plugin(tmp_path / "plugin", "1 serve"))
    store.hold()
    until(lambda: "the disk is full" in store.trouble)
    assert store.connected.wait(SECONDS)
    until(lambda: not store.trouble)
    store.stop()


def test_a_folder_that_cannot_be_written_is_named_with_what_mends_it(folders: Paths, tmp_path: Path) -> None:
    """The store's folders may be on a disk that is read-only by now."""
    folders.runtime.parent.mkdir(parents=True, exist_ok=True)
    folders.logs.parent.mkdir(parents=True, exist_ok=True)
    folders.logs.write_text("a file is in the way")
    store = leading(folders, Plugin(tmp_path / "plugin", "serve"))
    with pytest.raises(StoreNotStartedError, match=r"cannot write to .*logs.*set COMMONTRACE_HOME"):
        store.wait_ready(SECONDS)
    store.hold()
    until(lambda: "cannot write to" in store.trouble)
    store.stop()
