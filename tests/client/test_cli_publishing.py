"""`contribute`, `drafts`, `publish` and `forget`: what a person decides, and what nobody else can."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import config
from commontrace.config import StoreConfig
from commontrace.paths import Paths
from support import keeping_store, terminal
from support.keeping_store import KeepingStore, problem

KEY = "ct_" + "k" * 43
TRACE = {
    "title": "pytest cannot import yaml",
    "context_text": "pytest fails with `ModuleNotFoundError: No module named 'yaml'` in /home/robin/shop.",
    "solution_text": "The package is called PyYAML: `pip install pyyaml`.",
    "tags": ["python"],
}


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
def team(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping() as running:
        running.key = KEY
        config.connect(folders.config, StoreConfig("team", running.url, api_key=KEY, space="web"))
        yield running


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(TRACE))
    return str(path)


def drafts_of(home: Path) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads(terminal.run(home, "drafts", "--json").out)
    return listed


def made_draft(home: Path, file: str, store: str = "team") -> str:
    done = terminal.run(home, "contribute", file, "--store", store, "--json", CLAUDECODE="1")
    return str(json.loads(done.out)["draft"]["id"])


def sent(store: KeepingStore) -> list[bytes]:
    return list(store.keys.values())


def test_a_file_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    """What is wrong with a file is said in words, without the number that the system has for it."""
    missing = tmp_path / "no such trace.json"
    done = terminal.run(home, "contribute", str(missing))
    assert (done.status, done.err) == (1, f"commontrace: {missing}: No such file or directory\n")


def test_yes_stores_locally(home: Path, local: KeepingStore, file: str) -> None:
    """A script can add to the store on its own machine; what is stored is redacted."""
    done = terminal.run(home, "contribute", file, "--yes", "--json")
    assert done.status == 0
    assert json.loads(done.out)["id"] in local.traces
    (body,) = sent(local)
    assert b"robin" not in body
    assert drafts_of(home) == []


def test_standard_input_is_read_without_a_file(home: Path, local: KeepingStore) -> None:
    """FILE can be left out."""
    assert terminal.run(home, "contribute", "--yes", stdin=json.dumps(TRACE)).status == 0
    assert len(sent(local)) == 1


def test_a_person_is_asked_and_sees_the_exact_bytes(home: Path, local: KeepingStore, file: str) -> None:
    """What is shown, joined again, is what the store gets."""
    done = terminal.on_terminal(home, ["contribute", file], [("[y/N]", "y")])
    assert done.status == 0, done.out
    (body,) = sent(local)
    shown = done.out.partition("exactly:\n")[2].partition("\n\nStore it")[0].strip("\n").splitlines()
    assert "\n".join(line.removeprefix("    ") for line in shown).encode() == body


def test_anything_but_yes_is_no(home: Path, local: KeepingStore, file: str) -> None:
    """The draft stays for later."""
    assert terminal.on_terminal(home, ["contribute", file], [("[y/N]", "")]).status == 1
    assert sent(local) == []
    assert len(drafts_of(home)) == 1


def test_without_terminal_and_yes_it_stays_a_draft(home: Path, local: KeepingStore, file: str) -> None:
    """Nobody was asked, so nobody agreed."""
    done = terminal.run(home, "contribute", file)
    assert done.status == 1
    assert drafts_of(home)[0]["id"] in done.err
    assert sent(local) == []
    assert terminal.run(home, "contribute", file, "--yes").status == 0
    assert len(sent(local)) == 1
    assert drafts_of(home) == []


def test_an_agent_only_drafts(home: Path, local: KeepingStore, file: str) -> None:
    """Whatever the flags, and says how the person can go on."""
    done = terminal.run(home, "contribute", file, "--yes", CLAUDECODE="1")
    assert done.status == 0
    (draft,) = drafts_of(home)
    assert f"/commontrace:trace-publish {draft['id']}" in done.out
    assert local.requests == []


@pytest.mark.parametrize("flags", [[], ["--yes"], ["--store", "local", "--yes"]])
def test_an_agent_cannot_publish(
    home: Path, local: KeepingStore, team: KeepingStore, file: str, flags: list[str]
) -> None:
    """Neither to a shared store nor to the one on this machine, with a terminal or without."""
    draft = made_draft(home, file)
    done = terminal.run(home, "publish", draft, *flags, CLAUDECODE="1")
    assert (done.status, "coding agent" in done.err) == (1, True)
    done = terminal.on_terminal(home, ["publish", draft, *flags], [], {"CLAUDECODE": "1"})
    assert done.status == 1
    assert sent(local) == sent(team) == []


@pytest.mark.parametrize("flags", [[], ["--yes"]])
def test_a_shared_store_needs_a_terminal(home: Path, team: KeepingStore, file: str, flags: list[str]) -> None:
    """A pipe that says yes is no person."""
    draft = made_draft(home, file)
    for done in (
        terminal.run(home, "publish", draft, *flags, stdin="yes\n"),
        terminal.run(home, "contribute", file, "--store", "team", *flags, stdin="yes\n"),
    ):
        assert done.status == 1
        assert "terminal" in done.err
        assert len(done.err.splitlines()) == 1
    assert sent(team) == []


def test_a_shared_store_needs_the_whole_word(home: Path, team: KeepingStore, file: str) -> None:
    """A slip of the finger publishes nothing."""
    draft = made_draft(home, file)
    assert terminal.on_terminal(home, ["publish", draft], [("Type yes", "y")]).status == 1
    assert sent(team) == []
    done = terminal.on_terminal(home, ["publish", draft], [("Type yes", "yes")])
    assert done.status == 0, done.out
    assert team.url in done.out
    (body,) = sent(team)
    assert json.loads(body)["space"] == "web"
    assert terminal.on_terminal(home, ["publish", draft], []).status == 1
    assert len(sent(team)) == 1


def test_a_draft_can_go_to_another_store(
    home: Path, local: KeepingStore, team: KeepingStore, file: str
) -> None:
    """The person decides where."""
    draft = made_draft(home, file, "local")
    done = terminal.on_terminal(home, ["publish", draft, "--store", "team"], [("Type yes", "yes")])
    assert done.status == 0, done.out
    assert len(sent(team)) == 1
    assert sent(local) == []


def test_a_store_that_is_down_loses_nothing(home: Path, team: KeepingStore, file: str) -> None:
    """The yes is kept, status shows the bytes, and a later run does not ask again."""
    team.failing = problem(503, "busy", "Try again.")
    done = terminal.on_terminal(home, ["publish", made_draft(home, file)], [("Type yes", "yes")])
    assert done.status == 1
    assert "sent again by itself" in " ".join(done.out.split())
    (waiting,) = json.loads(terminal.run(home, "status", "--json").out)["outbox"]
    assert "PyYAML" in waiting["body"]
    assert waiting["state"] == "queued"


def test_what_the_store_refuses_is_a_draft_again(home: Path, team: KeepingStore, file: str) -> None:
    """With the store's reason."""
    team.failing = problem(422, "secret", "It holds a secret.")
    done = terminal.on_terminal(home, ["publish", made_draft(home, file)], [("Type yes", "yes")])
    assert done.status == 1
    assert "It holds a secret" in " ".join(done.out.split())
    assert len(drafts_of(home)) == 1


def test_forget_deletes_a_draft(home: Path, file: str) -> None:
    """And says so once."""
    draft = made_draft(home, file, "local")
    assert terminal.run(home, "forget", draft).status == 0
    assert drafts_of(home) == []
    done = terminal.run(home, "forget", draft)
    assert (done.status, "discarded" in done.err) == (1, True)


def test_forget_retracts_a_trace(home: Path, local: KeepingStore) -> None:
    """The person's own act; an agent is refused."""
    done = terminal.run(home, "forget", keeping_store.STARTER, "--yes", CLAUDECODE="1")
    assert done.status == 1
    assert local.traces[keeping_store.STARTER]["status"] == "published"
    assert terminal.run(home, "forget", keeping_store.STARTER, "--yes").status == 0
    assert local.traces[keeping_store.STARTER]["status"] == "retracted"


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not valid JSON"), (json.dumps({**TRACE, "solution_text": "Fixed it."}), "say what to do")],
)
def test_what_is_no_trace_is_one_line(home: Path, text: str, words: str) -> None:
    """Status 1, the reason on standard error, nothing else."""
    done = terminal.run(home, "contribute", "--yes", stdin=text)
    assert (done.status, done.out) == (1, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "disguise", ["env -u CLAUDECODE", "env -i PATH=$PATH COMMONTRACE_HOME=$COMMONTRACE_HOME"]
)
def test_an_agent_with_a_terminal_and_without_its_mark_cannot_publish(
    home: Path, team: KeepingStore, file: str, disguise: str
) -> None:
    """The shell that an agent's tool has started keeps the mark, whatever it starts then."""
    draft = made_draft(home, file)
    line = f"{disguise} {sys.executable} {terminal.RUN} publish {draft}; exit $?"
    done = terminal.shell(home, line, [], {"CLAUDECODE": "1"})
    assert done.status == 1
    assert "coding agent" in done.out
    assert sent(team) == []


@pytest.mark.parametrize("mark", ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID"])
def test_any_mark_of_the_client_is_enough(home: Path, team: KeepingStore, file: str, mark: str) -> None:
    """A command that has lost its parents and one mark still has the others."""
    draft = made_draft(home, file)
    done = terminal.on_terminal(home, ["publish", draft], [], {mark: "1"})
    assert (done.status, "coding agent" in done.out) == (1, True)
    assert sent(team) == []


def test_a_better_text_takes_the_place_of_ones_own(home: Path, local: KeepingStore, file: str) -> None:
    """The store is told which trace it replaces, and another store is not."""
    old = "0199c2f0-5a3e-7cc1-9d52-3f6c1d2b7a91"
    assert terminal.run(home, "contribute", file, "--yes", "--replaces", old).status == 0
    assert json.loads(sent(local)[0])["supersedes"] == old
    assert terminal.run(home, "contribute", file, "--yes", "--replaces", "no id").status == 1
