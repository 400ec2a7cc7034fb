"""What is shown of a store that cannot be asked, and what is not."""

import dataclasses
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from commontrace import status
from commontrace.config import Permissions, StoreConfig
from commontrace.hooks import Hooks
from commontrace.memory import copies, repos, rests
from commontrace.memory.repos import Known
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.stores import Store
from commontrace.stores.breaker import FAILURES, REST_SECONDS
from support import hook_session, stand_in_store
from support.hook_session import HookSession, context, knows, searches
from support.stand_in_store import StandInStore

ERROR = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"
FIX = "The package has another name: `pip install pyyaml`"


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    folders = Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})
    with stand_in_store.serving(folders.socket):
        built = hook_session.runtime(folders)
        transport = httpx.HTTPTransport(uds=str(tmp_path / "team.sock"))
        client = httpx.Client(base_url="http://team", transport=transport)
        built.stores["team"] = Store(client, "team", Permissions(queries=True))
        yield built
        built.release()


@pytest.fixture
def team(tmp_path: Path) -> Iterator[StandInStore]:
    with stand_in_store.serving(tmp_path / "team.sock") as running:
        yield running


@pytest.fixture
def session(runtime: Runtime, tmp_path: Path) -> "Sessions":
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    return Sessions(runtime, str(tmp_path / "shop"))


class Sessions:
    """Every failure in a session of its own, served by one process."""

    def __init__(self, runtime: Runtime, repo: str) -> None:
        self._hooks = Hooks(runtime)
        self._repo = repo

    def told(self) -> str:
        """What a new session is told of the error."""
        session = HookSession(self._hooks, self._repo, id=str(uuid.uuid4()))
        return context(session.fails("python app.py", ERROR))


def broken(store: StandInStore) -> None:
    store.status = 503


def test_a_copy_answers_while_its_store_is_away(
    session: Sessions, team: StandInStore, runtime: Runtime
) -> None:
    """With the day that it is from; it is the same trace under the same name."""
    trace = knows(team, FIX)
    assert "kept since" not in session.told()
    broken(team)
    told = session.told()
    assert f"team/{trace}" in told
    assert f"kept since {time.strftime('%Y-%m-%d')}" in told


def test_a_store_that_is_left_alone_is_not_asked(session: Sessions, team: StandInStore) -> None:
    """After a few failures in a row only the copy speaks, at once."""
    trace = knows(team, FIX)
    session.told()
    broken(team)
    for _ in range(FAILURES + 3):
        assert trace in session.told()
    assert len(searches(team)) == 1 + FAILURES


def test_status_tells_what_is_done_in_its_absence(
    session: Sessions, team: StandInStore, runtime: Runtime
) -> None:
    """That it is left alone and for how long, and how old the oldest copy is; until it answers again."""
    team_config = StoreConfig("team", "http://team")
    vars(runtime)["_config"] = dataclasses.replace(runtime.config, stores={"team": team_config})
    knows(team, FIX)
    session.told()
    broken(team)
    for _ in range(FAILURES):
        session.told()
    (_, away) = status.document(runtime)["stores"]
    assert 0 < away["left_alone_until"] - time.time() <= REST_SECONDS
    assert (away["copies"]["kept"], away["copies"]["oldest"] > time.time() - 60) == (1, True)
    text = status.text(status.document(runtime))
    assert "failed several times in a row: left alone for" in text
    assert f"copies of traces for when it is away: 1, the oldest fetched {time.strftime('%Y-%m-%d')}" in text
    rests.note(runtime.memory, "team", None)
    assert "left alone" not in status.text(status.document(runtime))


def test_what_a_store_offers_no_more_has_no_copy(session: Sessions, team: StandInStore) -> None:
    """Retracted, quarantined or outranked: the store's last word counts."""
    trace = knows(team, FIX)
    session.told()
    team.answer = {"hits": [], "abstained": True, "degraded": []}
    session.told()
    broken(team)
    assert trace not in session.told()


def test_what_a_store_has_no_more_has_no_copy(
    session: Sessions, team: StandInStore, runtime: Runtime
) -> None:
    """It was asked for the trace itself, as it is when a session's brief is prepared."""
    trace = knows(team, FIX)
    session.told()
    repos.checked(runtime.memory, [], [Known("team", trace, "t", "l")])
    broken(team)
    assert trace not in session.told()


def test_a_refusal_is_not_an_absence(session: Sessions, team: StandInStore) -> None:
    """Whose key was revoked is shown nothing from before."""
    trace = knows(team, FIX)
    session.told()
    team.status = 403
    assert trace not in session.told()


def test_what_may_not_be_shown_unasked_has_no_copy(session: Sessions, team: StandInStore) -> None:
    """Being away makes nothing more trustworthy."""
    trace = knows(team, FIX, automatic=False)
    session.told()
    broken(team)
    assert trace not in session.told()


def test_copies_are_bounded(runtime: Runtime) -> None:
    """The oldest go first."""
    for number in range(copies.MOST + 5):
        copies.replace(runtime.memory, "team", f"s{number}", {"t": "{}"})
    ((count,),) = runtime.memory.read("SELECT count(*) FROM copies")
    assert count == copies.MOST
    assert copies.of(runtime.memory, "team", "s0") == []
    assert copies.of(runtime.memory, "team", f"s{copies.MOST + 4}")


def test_old_copies_are_not_used(runtime: Runtime) -> None:
    """What nobody could confirm for a month is not shown any more."""
    copies.replace(runtime.memory, "team", "s", {"t": "{}"})
    with runtime.memory.write() as connection:
        connection.execute("UPDATE copies SET fetched_at = fetched_at - ?", (copies.AGE_SECONDS,))
    assert copies.of(runtime.memory, "team", "s") == []
