"""`vote` and `report`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import config
from commontrace.config import Permissions, StoreConfig
from commontrace.paths import Paths
from support import keeping_store, terminal
from support.keeping_store import STARTER, KeepingStore, problem

KEY = "ct_" + "k" * 43


@pytest.fixture
def folders(tmp_path: Path) -> Paths:
    return Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture
def local(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping(folders.socket) as running:
        yield running


@pytest.fixture
def team(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping() as running:
        running.key = KEY
        config.connect(folders.config, StoreConfig("team", running.url, api_key=KEY))
        yield running


def test_a_vote_reaches_the_store(folders: Paths, local: KeepingStore) -> None:
    """It is the person's."""
    done = terminal.run(folders.data, "vote", STARTER, "up")
    assert (done.status, done.err) == (0, "")
    assert local.votes == {STARTER: {"value": 1, "by": "person"}}


def test_a_vote_down_gives_its_reason(folders: Paths, local: KeepingStore) -> None:
    """Without one nobody learns anything from it."""
    done = terminal.run(folders.data, "vote", STARTER, "down")
    assert (done.status, "outdated, wrong, harmful, spam" in done.err) == (1, True)
    assert terminal.run(folders.data, "vote", STARTER, "down", "--reason", "bad").status == 2
    assert terminal.run(folders.data, "vote", STARTER, "down", "--reason", "wrong").status == 0
    assert local.votes == {STARTER: {"value": -1, "by": "person", "reason": "wrong"}}


def test_an_agents_vote_is_marked_and_needs_permission(
    folders: Paths, local: KeepingStore, team: KeepingStore
) -> None:
    """The model's word is not the person's."""
    assert terminal.run(folders.data, "vote", STARTER, "up", CLAUDECODE="1").status == 0
    assert local.votes[STARTER]["by"] == "agent"
    done = terminal.run(folders.data, "vote", f"team/{STARTER}", "up", CLAUDECODE="1")
    assert (done.status, "not allowed votes" in done.err) == (1, True)
    assert team.votes == {}
    store = StoreConfig("team", team.url, api_key=KEY, permissions=Permissions(votes=True))
    config.connect(folders.config, store)
    assert terminal.run(folders.data, "vote", f"team/{STARTER}", "up", CLAUDECODE="1").status == 0
    assert team.votes[STARTER]["by"] == "agent"


def test_a_vote_survives_a_store_that_is_down(folders: Paths, team: KeepingStore) -> None:
    """It is queued, and the next vote on the trace takes its place."""
    team.failing = problem(503, "busy", "Try again.")
    done = terminal.run(folders.data, "vote", f"team/{STARTER}", "up")
    assert (done.status, "sent again by itself" in done.err) == (1, True)
    team.failing = None
    assert terminal.run(folders.data, "vote", f"team/{STARTER}", "down", "--reason", "spam").status == 0
    assert team.votes[STARTER]["value"] == -1


def test_an_unknown_trace_is_one_line(folders: Paths, local: KeepingStore) -> None:
    """And so is what is no id at all."""
    for name in ("0199c2f0-0000-7000-8000-000000000000", "nonsense"):
        done = terminal.run(folders.data, "vote", name, "up")
        assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1)


def test_a_report_reaches_the_moderators(folders: Paths, local: KeepingStore) -> None:
    """With the words that were typed."""
    assert terminal.run(folders.data, "report", STARTER, "--reason", "It deletes files.").status == 0
    assert local.reports == {STARTER: {"reason": "It deletes files."}}


def test_a_report_to_a_shared_store_needs_a_person(folders: Paths, team: KeepingStore) -> None:
    """The words leave the machine."""
    arguments = ["report", f"team/{STARTER}", "--reason", "It deletes files."]
    assert terminal.run(folders.data, *arguments).status == 1
    assert team.reports == {}
    assert terminal.on_terminal(folders.data, arguments, [("Send the report?", "y")]).status == 0
    assert team.reports == {STARTER: {"reason": "It deletes files."}}


def test_a_trace_is_deleted_for_good(folders: Paths, local: KeepingStore) -> None:
    """Only with the flag that says so; otherwise it is retracted."""
    assert terminal.run(folders.data, "forget", STARTER, "--yes").status == 0
    assert local.traces[STARTER]["status"] == "retracted"
    assert terminal.run(folders.data, "forget", STARTER, "--yes", "--for-good").status == 0
    assert STARTER not in local.traces


def test_deleting_from_a_connected_store_takes_a_person(
    folders: Paths, local: KeepingStore, team: KeepingStore
) -> None:
    """--yes reaches only the store on this machine, and no agent deletes anything."""
    assert terminal.run(folders.data, "forget", f"team/{STARTER}", "--yes", "--for-good").status == 1
    assert terminal.run(folders.data, "forget", STARTER, "--yes", "--for-good", CLAUDECODE="1").status == 1
    assert STARTER in team.traces
    assert STARTER in local.traces
