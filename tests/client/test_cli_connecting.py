"""`setup`, `status` and `doctor`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commontrace import config
from commontrace.config import Permissions, StoreConfig
from commontrace.paths import Paths
from support import keeping_store, terminal
from support.keeping_store import KeepingStore

KEY = "ct_" + "k" * 43


@pytest.fixture
def folders(tmp_path: Path) -> Paths:
    return Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture
def home(folders: Paths) -> Path:
    return folders.data


@pytest.fixture
def local(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping(folders.socket) as running:
        yield running


@pytest.fixture
def team() -> Iterator[KeepingStore]:
    with keeping_store.keeping() as running:
        running.key = KEY
        yield running


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    return str(path)


def connected(folders: Paths) -> dict[str, StoreConfig]:
    return dict(config.load(folders.config, {}).stores)


def findings(home: Path, **variables: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    done = terminal.run(home, "doctor", "--json", **variables)
    by_check: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(done.out):
        by_check.setdefault(finding["check"], []).append(finding)
    return done.status, by_check


def test_setup_without_a_terminal_allows_nothing(
    folders: Paths, home: Path, team: KeepingStore, key_file: str
) -> None:
    """A script connects a store; what it may be sent is for a person to say."""
    done = terminal.run(home, "setup", "--url", team.url + "/", "--key-file", key_file, "--name", "team")
    assert done.status == 0, done.err
    assert connected(folders) == {"team": StoreConfig("team", team.url, api_key_file=key_file)}
    assert KEY not in folders.config.read_text()
    told = json.loads(terminal.run(home, "setup", "--name", "team", "--url", team.url, "--json").out)
    assert (told["store"], any(told["permissions"].values())) == ("team", False)
    assert json.loads(terminal.run(home, "setup", "--remove", "team", "--json").out) == {
        "disconnected": "team"
    }


def test_setup_asks_for_each_permission_by_itself(folders: Paths, home: Path, team: KeepingStore) -> None:
    """Address, key and every permission; the key is not shown."""
    answers = [("Address", team.url), ("API key", KEY), ("Space", "web"), ("by itself", "y"), ("prompts", ""),
               ("has helped", "yes"), ("model vote", "n"), ("new drafts", "y")]  # fmt: skip
    done = terminal.on_terminal(home, ["setup", "--name", "team"], answers)
    assert done.status == 0, done.out
    assert KEY not in done.out
    allowed = Permissions(queries=True, outcomes=True)
    assert connected(folders) == {
        "team": StoreConfig("team", team.url, KEY, space="web", permissions=allowed)
    }
    assert config.load(folders.config, {}).default_store == "team"
    assert folders.config.stat().st_mode & 0o077 == 0


def test_setup_again_changes_permissions_and_keeps_the_key(
    folders: Paths, home: Path, team: KeepingStore
) -> None:
    """Nothing has to be typed twice."""
    config.connect(folders.config, StoreConfig("team", team.url, KEY, permissions=Permissions(votes=True)))
    answers = [
        ("Space", ""),
        ("by itself", "y"),
        ("prompts", "n"),
        ("has helped", "n"),
        ("model vote", "n"),
        ("new drafts", "n"),
    ]
    assert terminal.on_terminal(home, ["setup", "--name", "team"], answers).status == 0
    assert connected(folders)["team"] == StoreConfig(
        "team", team.url, KEY, permissions=Permissions(queries=True)
    )


def test_setup_tests_before_it_writes(folders: Paths, home: Path, team: KeepingStore, tmp_path: Path) -> None:
    """A key that the store does not accept connects nothing."""
    wrong = tmp_path / "wrong"
    wrong.write_text("ct_wrong-key")
    done = terminal.run(home, "setup", "--url", team.url, "--key-file", str(wrong))
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert "Ask an administrator" in done.err
    assert "ct_wrong-key" not in done.err
    done = terminal.run(home, "setup", "--url", "http://127.0.0.1:9", "--key-file", str(wrong))
    assert "does not answer" in done.err
    assert not folders.config.exists()


def test_setup_sends_no_key_in_the_clear(home: Path, key_file: str) -> None:
    """Only https, or this machine."""
    done = terminal.run(home, "setup", "--url", "http://traces.example.org", "--key-file", key_file)
    assert (done.status, "use https" in done.err) == (1, True)


def test_an_agent_cannot_connect_a_store(
    folders: Paths, home: Path, team: KeepingStore, key_file: str
) -> None:
    """Where things may go is the person's to say."""
    done = terminal.run(home, "setup", "--url", team.url, "--key-file", key_file, CLAUDECODE="1")
    assert (done.status, team.requests) == (1, [])
    assert connected(folders) == {}


def test_a_standing_yes_is_given_on_a_terminal_and_taken_back(
    folders: Paths, home: Path, team: KeepingStore
) -> None:
    """With the whole word; what else the store may have stays, also when setup asks for that again."""
    config.connect(folders.config, StoreConfig("team", team.url, KEY, permissions=Permissions(votes=True)))
    always = ["setup", "--name", "team", "--publish", "always"]
    assert terminal.on_terminal(home, always, [("Type yes", "y")]).status == 1
    assert terminal.run(home, *always).status == 1
    assert terminal.run(home, *always, CLAUDECODE="1").status == 1
    assert connected(folders)["team"].permissions == Permissions(votes=True)
    assert terminal.on_terminal(home, always, [("Type yes", "yes")]).status == 0
    assert connected(folders)["team"].permissions == Permissions(votes=True, publishing=True)
    assert "asked for with /commontrace:trace-contribute" in terminal.run(home, "status").out
    assert terminal.run(home, "setup", "--name", "team", "--publish", "ask").status == 0
    assert connected(folders)["team"] == StoreConfig(
        "team", team.url, KEY, permissions=Permissions(votes=True)
    )
    assert terminal.run(home, "setup", "--name", "other", "--publish", "ask").status == 1


def test_setup_remove_takes_the_key_away(folders: Paths, home: Path, team: KeepingStore) -> None:
    """Disconnecting deletes what was stored for it."""
    config.connect(folders.config, StoreConfig("team", team.url, api_key=KEY))
    assert terminal.run(home, "setup", "--remove", "team").status == 0
    assert connected(folders) == {}
    assert KEY not in folders.config.read_text()
    assert terminal.run(home, "setup", "--remove", "team").status == 1


def test_status_of_a_fresh_machine(home: Path) -> None:
    """It starts nothing, and says that nothing leaves."""
    done = terminal.on_terminal(home, ["status"], [])
    assert done.status == 0
    assert "not running; it starts with a session; nothing leaves through it" in done.out
    assert not (home / "store").exists()


def test_status_lists_what_would_leave(
    folders: Paths, home: Path, local: KeepingStore, team: KeepingStore
) -> None:
    """Each store with what it is allowed, from the same table that the client is held to."""
    allowed = Permissions(queries=True)
    config.connect(folders.config, StoreConfig("team", team.url, api_key=KEY, permissions=allowed))
    status = json.loads(terminal.run(home, "status", "--json").out)
    mine, theirs = status["stores"]
    assert (mine["name"], mine["leaves"], mine["answers"]) == ("local", [], True)
    assert theirs["permissions"] == vars(allowed)
    assert {flow["permission"] for flow in theirs["leaves"]} == {None, "queries"}
    assert KEY not in json.dumps(status)
    text = terminal.run(home, "status").out
    assert "allowed queries: yes" in text
    assert "allowed prompts: no" in text


def test_doctor_finds_a_healthy_store(
    home: Path, local: KeepingStore, team: KeepingStore, folders: Paths
) -> None:
    """Everything that was looked at is named."""
    config.connect(folders.config, StoreConfig("team", team.url, api_key=KEY))
    _, found = findings(home)
    assert {"environment", "config", "store local", "store team", "memory", "outbox", "errors"} <= set(found)
    assert found["store team"][0]["level"] == "ok"


def test_doctor_names_each_fault_with_its_remedy(home: Path, local: KeepingStore, folders: Paths) -> None:
    """One broken part does not hide the next."""
    config.connect(folders.config, StoreConfig("team", "http://127.0.0.1:9", api_key=KEY))
    folders.config.chmod(0o644)
    folders.config.write_text(folders.config.read_text() + 'colour = "red"\n')
    folders.logs.mkdir(mode=0o700)
    line = {"at": "2999-01-01T00:00:00Z", "where": "hook", "error": "KeyError", "place": "x.py:1", "pid": 1}
    (folders.logs / "hooks.log").write_text(json.dumps(line) + "\nhalf a li")
    status, found = findings(home)
    assert status == 1
    assert found["store team"][0]["level"] == "problem"
    said = " ".join(finding["detail"] for finding in found["config"])
    assert "others can read" in said
    assert "nothing reads stores.team.permissions.colour" in said
    assert "KeyError" in found["errors"][0]["detail"]
    remedied = [finding for group in found.values() for finding in group if finding["level"] != "ok"]
    assert all(finding["remedy"] for finding in remedied)


def test_doctor_survives_a_broken_configuration_and_memory(
    home: Path, local: KeepingStore, folders: Paths
) -> None:
    """These are what a doctor is called for."""
    folders.config.parent.mkdir(parents=True, exist_ok=True)
    folders.config.write_text("[stores\n")
    folders.memory.write_bytes(b"not a database" * 100)
    status, found = findings(home)
    assert status == 1
    assert "line 1" in found["config"][0]["detail"]
    assert found["memory"][0]["level"] == "problem"
