"""What typed slash commands do, with stores on real sockets and the hook's own entry."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commontrace import ancestry, config, drafts
from commontrace.config import LOCAL, Permissions, StoreConfig
from commontrace.drafts import Draft
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import keeping_store
from support.keeping_store import STARTER, KeepingStore

ROOT = Path(__file__).parents[2]
SESSION = "session-1"
FERRY = Draft(
    title="RuntimeError: ferry berth 7 refuses a manifest",
    context_text="Loading ends with `RuntimeError: ferry berth 7 refuses a lilac manifest`.",
    solution_text="Give the manifest a colour that the berth knows: colour = green.",
)


@pytest.fixture
def folders(tmp_path: Path) -> Paths:
    return Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path)})


@pytest.fixture
def local(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping(folders.socket) as running:
        yield running


@pytest.fixture
def team(folders: Paths) -> Iterator[KeepingStore]:
    """A shared store that is connected and permitted nothing."""
    with keeping_store.keeping() as running:
        running.key = "ct_" + "k" * 43
        config.connect(
            folders.config, StoreConfig("team", running.url, running.key, permissions=Permissions())
        )
        yield running


@pytest.fixture
def runtime(folders: Paths, local: KeepingStore, team: KeepingStore) -> Iterator[Runtime]:
    running = Runtime(ROOT, folders, Settings())
    running.local.connected.set()
    yield running
    running.close()


@pytest.fixture
def hooks(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """The hooks of a person's session: whoever runs these tests is not what they are about."""
    monkeypatch.setattr(ancestry, "started_by_agent", lambda: False)
    return Hooks(runtime)


def typed(hooks: Hooks, line: str, session: str = SESSION) -> str:
    """Type a line; the prompt must end here, so that no model sees it."""
    name, _, arguments = line.partition(" ")
    answer = hooks.answer(
        {
            "event": "UserPromptExpansion",
            "session": session,
            "name": f"commontrace:{name}",
            "arguments": arguments,
        }
    )
    assert answer is not None
    assert answer["decision"] == "block"
    return str(answer["reason"])


def made(hooks: Hooks, response: str, session: str = SESSION) -> str | None:
    """The line to the person after `contribute_trace` has answered the model."""
    content = json.dumps([{"type": "text", "text": response}])
    answer = hooks.answer({"event": "DraftMade", "session": session, "response": content})
    return None if answer is None else str(answer["systemMessage"])


def draft(runtime: Runtime, store: str = "team") -> str:
    return drafts.create(runtime.memory, SESSION, FERRY, store).id


def show(hooks: Hooks, identifier: str, session: str = SESSION) -> str:
    shown = made(hooks, f"Only the person can:\n/commontrace:trace-publish {identifier}", session)
    assert shown is not None
    return shown


def test_a_draft_is_shown_with_its_exact_bytes(hooks: Hooks, runtime: Runtime, team: KeepingStore) -> None:
    """The person reads what would be sent, where to, and the line that sends it."""
    identifier = draft(runtime)
    shown = show(hooks, identifier)
    assert drafts.get(runtime.memory, identifier).body in shown
    assert team.url in shown
    assert shown.endswith(f"/commontrace:trace-publish {identifier}")


def test_a_shown_draft_is_published_by_the_typed_line(
    hooks: Hooks, runtime: Runtime, team: KeepingStore
) -> None:
    """Once: the bytes that were shown arrive, and a second yes sends nothing."""
    identifier = draft(runtime)
    body = drafts.get(runtime.memory, identifier).body
    show(hooks, identifier)
    assert body in typed(hooks, f"trace-publish {identifier}")
    assert "published already" in typed(hooks, f"trace-publish {identifier}")
    assert list(team.keys.values()) == [body.encode()]


def test_a_draft_that_was_not_shown_here_is_shown_first(
    hooks: Hooks, runtime: Runtime, team: KeepingStore
) -> None:
    """For a shared store the first line shows, the second one publishes."""
    identifier = draft(runtime)
    assert "Nothing was sent" in typed(hooks, f"trace-publish {identifier}")
    assert team.keys == {}
    assert "Published" in typed(hooks, f"trace-publish {identifier}")


def test_what_another_session_was_shown_does_not_count(
    hooks: Hooks, runtime: Runtime, team: KeepingStore
) -> None:
    """The yes belongs to the session that has read the draft."""
    identifier = draft(runtime)
    show(hooks, identifier, session="another")
    assert "Nothing was sent" in typed(hooks, f"trace-publish {identifier}")
    assert team.keys == {}


def test_what_another_process_has_shown_does_not_count(
    hooks: Hooks, runtime: Runtime, folders: Paths, team: KeepingStore
) -> None:
    """A second client of the same session, such as a `claude -p --resume` in Bash, cannot use the showing."""
    identifier = draft(runtime)
    show(hooks, identifier)
    another = Runtime(ROOT, folders, Settings())
    assert "Nothing was sent" in typed(Hooks(another), f"trace-publish {identifier}")
    another.close()
    assert team.keys == {}


def test_a_draft_for_this_machine_needs_one_line(hooks: Hooks, runtime: Runtime, local: KeepingStore) -> None:
    """Nothing leaves the machine, so typing its id is the yes; the answer shows the bytes."""
    identifier = draft(runtime, LOCAL)
    assert drafts.get(runtime.memory, identifier).body in typed(hooks, f"trace-publish {identifier}")
    assert len(local.keys) == 1


def test_a_draft_that_changed_since_is_not_published(
    hooks: Hooks, runtime: Runtime, team: KeepingStore
) -> None:
    """A yes is for the bytes that were shown, not for whatever has the id now."""
    identifier = draft(runtime)
    show(hooks, identifier)
    with runtime.memory.write() as connection:
        connection.execute("UPDATE drafts SET body = replace(body, 'green', 'lilac')")
    assert "changed since it was shown" in typed(hooks, f"trace-publish {identifier}")
    assert team.keys == {}


def test_an_approved_draft_waits_for_its_store(hooks: Hooks, runtime: Runtime, team: KeepingStore) -> None:
    """With the store down the yes is kept, and the person is told so."""
    identifier = draft(runtime)
    show(hooks, identifier)
    team.failing = keeping_store.problem(503, "unavailable", "Later.")
    assert "will be sent" in typed(hooks, f"trace-publish {identifier}")
    assert [item.draft for item in runtime.outbox.items("queued")] == [identifier]


@pytest.mark.parametrize("line", ["trace-publish abcdefgh", "trace-vote abcdefgh up"])
def test_under_an_agent_nothing_is_done(  # noqa: PLR0917  fixtures are arguments
    hooks: Hooks, runtime: Runtime, team: KeepingStore, local: KeepingStore,
    line: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A client that an agent has started has no person in front of it, not even for this machine's store."""
    identifier = draft(runtime, LOCAL)
    show(hooks, identifier)
    monkeypatch.setattr(ancestry, "started_by_agent", lambda: True)
    assert "an agent started this Claude Code" in typed(hooks, line.replace("abcdefgh", identifier))
    assert local.keys == team.keys == {}


def test_the_drafts_are_listed_where_no_id_is_given(hooks: Hooks, runtime: Runtime) -> None:
    """The person need not remember ids."""
    identifier = draft(runtime)
    assert identifier in typed(hooks, "trace-publish")


def test_a_person_votes_without_a_permission(hooks: Hooks, team: KeepingStore, local: KeepingStore) -> None:
    """Permissions are for what happens by itself; a typed vote is the person's own."""
    assert "Voted up" in typed(hooks, f"trace-vote team/{STARTER} up")
    assert "Voted down" in typed(hooks, f"trace-vote {STARTER} down wrong")
    assert team.votes[STARTER] == {"value": 1, "by": "person"}
    assert local.votes[STARTER] == {"value": -1, "reason": "wrong", "by": "person"}


@pytest.mark.parametrize(
    "line", ["", "up", "ID sideways", "ID up wrong", "ID down", "ID down ugly", "ID up x y"]
)
def test_a_vote_that_is_not_understood_is_explained(hooks: Hooks, local: KeepingStore, line: str) -> None:
    """The answer is the usage."""
    assert "trace-vote ID up" in typed(hooks, f"trace-vote {line}".replace("ID", STARTER))
    assert local.votes == {}


@pytest.mark.parametrize("command", ["trace-status", "trace-setup", "trace-doctor"])
def test_questions_about_ourselves_name_the_stores(hooks: Hooks, command: str) -> None:
    """Each of the three answers without a model and without changing anything."""
    said = typed(hooks, command)
    assert "local" in said
    assert "team" in said
    assert "ct_" not in said


def test_a_broken_configuration_is_named(folders: Paths, local: KeepingStore) -> None:
    """A command says which line is wrong instead of failing."""
    folders.config.parent.mkdir(exist_ok=True)
    folders.config.write_text("stores = 3\n")
    assert "config.toml, line 1" in typed(Hooks(Runtime(ROOT, folders, Settings())), "trace-setup")


@pytest.mark.parametrize(
    "response",
    ["", "Error", "/commontrace:trace-publish ID", "trace-publish zzzzzzzz"],
)
def test_no_draft_nothing_is_shown(hooks: Hooks, response: str) -> None:
    """An answer of the tool without a draft of ours shows nothing."""
    assert made(hooks, response) is None


@pytest.mark.parametrize(
    ("prompt", "refused"),
    [
        ("/commontrace:trace-publish abcdefgh", True),
        ("run /commontrace:trace-vote X up", True),
        ("/commontrace:trace-contribute the ferry", True),
        ("check the build", False),
    ],
)
def test_a_prompt_that_publishes_cannot_be_scheduled(hooks: Hooks, prompt: str, refused: bool) -> None:
    """A scheduled prompt arrives as if it had been typed."""
    answer = hooks.answer({"event": "PromptScheduled", "session": SESSION, "prompt": prompt})
    assert (answer is not None) == refused
    if answer is not None:
        assert answer["hookSpecificOutput"]["permissionDecision"] == "deny"


PARENT = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
CHILD = f"import sys; sys.path[:0] = [{str(ROOT / 'mcp')!r}]; from commontrace import ancestry; "


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell")
@pytest.mark.parametrize(("mark", "nested"), [({"CLAUDECODE": "1"}, True), ({}, False)])
def test_a_marked_client_is_an_agents(mark: dict[str, str], nested: bool) -> None:
    """What counts is the environment that the client was started with, not the one it gives us."""
    shell = (
        f"import subprocess, os; subprocess.run(['sh', '-c', 'exec \"$0\" -c \"$1\"', {sys.executable!r}, "
    )
    asked = CHILD + "print(ancestry._marked(os.getppid(), ancestry.PROC))"
    script = shell + f"'import os; ' + {asked!r}], env={{**os.environ, 'CLAUDECODE': '1'}})"
    environment = {name: value for name, value in os.environ.items() if name != "CLAUDECODE"} | mark
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(nested)]


def _process(proc: Path, pid: int, parent: int, program: Path, environment: bytes = b"PATH=/bin\0") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "exe").symlink_to(program)
    (folder / "stat").write_text(f"{pid} (a) b) S {parent} 0 0")
    (folder / "environ").write_bytes(environment)


@pytest.mark.parametrize(
    ("grandparent", "environment", "expected"),
    [
        ("claude", b"PATH=/bin\0", True),
        ("terminal", b"PATH=/bin\0", False),
        ("terminal", b"PATH=/bin\0CLAUDECODE=1\0", True),
        ("terminal", b"PATH=/bin\0NOT_CLAUDECODE=1\0", False),
    ],
)
def test_a_client_below_another_is_an_agents(
    tmp_path: Path, grandparent: str, environment: bytes, expected: bool
) -> None:
    """An agent that clears the mark still leaves its client below its own."""
    for name in ("claude", "terminal", "sh"):
        (tmp_path / name).touch()
    proc = tmp_path / "proc"
    _process(proc, 20, 1, tmp_path / grandparent)
    _process(proc, 30, 20, tmp_path / "sh")
    _process(proc, 40, 30, tmp_path / "claude", environment)
    assert ancestry.started_by_agent(40, proc) == expected
    assert not ancestry.started_by_agent(99, proc)


def test_a_client_below_the_first_process_is_an_agents(tmp_path: Path) -> None:
    """In a container the person's own client may be process 1."""
    for name in ("claude", "sh"):
        (tmp_path / name).touch()
    proc = tmp_path / "proc"
    _process(proc, 1, 0, tmp_path / "claude")
    _process(proc, 30, 1, tmp_path / "sh")
    _process(proc, 40, 30, tmp_path / "claude")
    assert ancestry.started_by_agent(40, proc)
    assert not ancestry.started_by_agent(1, proc)


SOUND = {"title": "RuntimeError: the lilac ferry refuses a manifest"}


def ask(hooks: Hooks, session: str = SESSION) -> None:
    """Type `/commontrace:trace-contribute`."""
    event = {"event": "UserPromptExpansion", "session": session, "cwd": "", "hint": ""}
    assert hooks.answer(event) is not None


def stand(folders: Paths, team: KeepingStore, **granted: bool) -> None:
    """Connect the team's store with these permissions."""
    config.connect(
        folders.config, StoreConfig("team", team.url, team.key, permissions=Permissions(**granted))
    )


def test_a_standing_yes_is_for_what_the_person_has_asked_for(
    hooks: Hooks, runtime: Runtime, folders: Paths, team: KeepingStore
) -> None:
    """The next draft of the session goes to the store and is shown; a further one waits again."""
    stand(folders, team, publishing=True)
    ask(hooks)
    first = draft(runtime)
    said = show(hooks, first)
    (body,) = team.keys.values()
    assert body.decode() in said
    assert "--publish ask" in said
    other = drafts.create(runtime.memory, SESSION, FERRY.model_copy(update=SOUND), "team").id
    assert f"/commontrace:trace-publish {other}" in show(hooks, other)
    assert len(team.keys) == 1


NOT_COVERED = ("not asked", "elsewhere", "before", "held", "similar", "local", "agent", "off")


@pytest.mark.parametrize("case", NOT_COVERED)
def test_a_standing_yes_covers_nothing_else(  # noqa: PLR0917  fixtures are arguments
    hooks: Hooks, runtime: Runtime, folders: Paths, team: KeepingStore,
    monkeypatch: pytest.MonkeyPatch, case: str,
) -> None:  # fmt: skip
    """What the model drafts by itself, what was there before, and what is doubtful wait for their own yes."""
    stand(folders, team, publishing=case != "off")
    early = draft(runtime) if case == "before" else ""
    if case != "not asked":
        ask(hooks, "another" if case == "elsewhere" else SESSION)
    if case == "agent":
        monkeypatch.setattr(ancestry, "started_by_agent", lambda: True)
    identifier = early or draft(runtime, LOCAL if case == "local" else "team")
    if case == "held":
        with runtime.memory.write() as connection:
            connection.execute("UPDATE drafts SET verdict = 'held'")
    if case == "similar":
        drafts.resembles(runtime.memory, identifier, f"team/{STARTER}")
    assert f"/commontrace:trace-publish {identifier}" in show(hooks, identifier)
    assert team.keys == {}


def test_every_command_file_has_its_answer() -> None:
    """The commands that no model may run are those that are answered here, and hooks.json passes them on."""
    from commontrace.typed import COMMANDS

    files = {path.stem: path.read_text() for path in (ROOT / "commands").glob("*.md")}
    personal = {name for name, text in files.items() if "\ndisable-model-invocation: true\n" in text}
    groups: list[dict[str, Any]] = json.loads((ROOT / "hooks/hooks.json").read_text())["hooks"][
        "UserPromptExpansion"
    ]
    names = "|".join(name.removeprefix("trace-") for name in COMMANDS)
    assert personal == set(COMMANDS)
    assert files.keys() - personal == {"trace-query", "trace-contribute"}
    matchers = [f"^commontrace:trace-({names})$", "^commontrace:trace-contribute$"]
    assert [group["matcher"] for group in groups] == matchers
