"""What a session edits is part of what it asks when a command fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace.edits import FILES, SESSIONS, Edits
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from support import hook_session
from support.hook_session import HookSession, searches
from support.stand_in_store import StandInStore

ERROR = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"


@pytest.fixture
def session(folders: Paths, store: StandInStore, tmp_path: Path) -> Iterator[HookSession]:
    shop = tmp_path / "shop"
    (shop / ".git").mkdir(parents=True)
    (shop / "uv.lock").write_text('version = 1\n[[package]]\nname = "flask"\nversion = "3.0.3"\n')
    (shop / "views.py").write_text("from flask import request\n")
    runtime = hook_session.runtime(folders)
    yield HookSession(Hooks(runtime), str(shop))
    runtime.release()


def test_what_the_edited_file_imports_is_asked_with_its_version(
    session: HookSession, store: StandInStore
) -> None:
    """Also for a file that was edited before anything had failed."""
    session.edits("views.py", "+from flask import request")
    session.fails("pytest", ERROR)
    (asked,) = searches(store)
    assert asked["context"]["packages"]["flask"] == "3.0.3"


def test_sessions_know_only_their_own_files() -> None:
    """The latest first, and only the last few."""
    edits = Edits()
    for number in range(FILES + 2):
        edits.add("s", f"{number}.py")
    edits.add("s", "2.py")
    assert edits.of("s") == ("2.py", "5.py", "4.py", "3.py")
    assert edits.of("other") == ()


def test_old_sessions_are_forgotten() -> None:
    """A hook server that lives for weeks holds no more than one of a day."""
    edits = Edits()
    for number in range(SESSIONS + 1):
        edits.add(str(number), "a.py")
    assert edits.of("0") == ()
    assert edits.of("1") == ("a.py",)
