"""All traffic of a session with a connected store: rows of the table that were allowed, and no others."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from commontrace import config, egress, publishing
from commontrace.config import Permissions, StoreConfig
from commontrace.consent import Approved
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.stores import StorePermissionError
from commontrace.tools.toolbox import Toolbox
from support import hook_session, keeping_store, stand_in_store
from support.hook_session import HookSession
from support.keeping_store import STARTER, Answer, KeepingStore

NAMES = ("queries", "prompts", "outcomes", "votes")
TOKEN = "ghp_" + "Zr8Kw2Lq9Xv4" * 3
PRIVATE = (TOKEN, "robin.harbour" + "@" + "acme-freight.com", "rharbour")
LEAKY = f"token {TOKEN}, mail {PRIVATE[1]}, at /home/{PRIVATE[2]}/shop/app.py"
PROMPT = "Why does the lighthouse importer not start?"
ERROR = (
    f"Traceback (most recent call last):\n  {LEAKY}\nModuleNotFoundError: No module named 'yaml' ({LEAKY})"
)
TRACE = {
    "title": "pytest cannot import yaml",
    "context_text": f"pytest fails with `ModuleNotFoundError: No module named 'yaml'`. Seen with {LEAKY}.",
    "solution_text": "The package is called PyYAML: `pip install pyyaml`.",
}
GRANTS = ({}, *({name: True} for name in NAMES), *({n: n != name for n in NAMES} for name in NAMES))


@dataclass
class Traffic:
    """What a store was sent, as rows of the table, and all bodies."""

    rows: set[str] = field(default_factory=set)
    text: str = ""

    def note(self, method: str, path: str, body: bytes) -> None:
        self.rows.add(re.sub(r"[0-9a-f-]{36}", "ID", f"{method} {path.partition('?')[0]}"))
        self.text += path + body.decode()


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[KeepingStore, Traffic]]:
    with keeping_store.keeping() as running:
        running.key = "ct_" + "k" * 43
        traffic, answer = Traffic(), running.answer

        def noted(method: str, path: str, headers: Any, body: bytes) -> Answer:
            traffic.note(method, path, body)
            if b"lighthouse" in body:  # what answers the prompt is not shown again for the error
                return 200, {"hits": [], "abstained": True, "degraded": []}
            return answer(method, path, headers, body)

        monkeypatch.setattr(running, "answer", noted)
        running.found = {
            "hits": [{**stand_in_store.hit(TRACE["solution_text"]), "id": STARTER}],
            "abstained": False,
            "degraded": [],
        }
        running.traces[STARTER]["solution_text"] = TRACE["solution_text"]
        yield running, traffic


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    folders = Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})
    with keeping_store.keeping(folders.socket):
        built = hook_session.runtime(folders)
        yield built
        built.release()


def play(runtime: Runtime, repo: Path) -> None:
    """A session in which everything happens that can make something leave."""
    (repo / ".git").mkdir(parents=True)
    hooks = Hooks(runtime)
    session, tools = HookSession(hooks, str(repo)), Toolbox(runtime, "s")
    started = {"session": "s", "agent": "", "cwd": str(repo)}
    hooks.answer({"event": "SessionStart", **started})
    hooks.answer({"event": "UserPromptSubmit", "prompt": f"{PROMPT} {LEAKY}", **started})
    hooks.settle(hook_session.SECONDS)
    session.edits("app.py", "-import yml", "+import yaml")
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    session.passes("python app.py")
    tools.query(ERROR, [], 5)
    tools.tags()
    with suppress(StorePermissionError):
        tools.read(f"team/{STARTER}")
    with suppress(StorePermissionError):
        tools.vote(f"team/{STARTER}", "up", None)
    publish(runtime, tools)
    runtime.outbox.drain()


def publish(runtime: Runtime, tools: Toolbox) -> None:
    record = tools.draft(TRACE, "team")
    runtime.desk.offer("s", record.id)
    approved = runtime.desk.approve_typed("s", record.id)
    assert isinstance(approved, Approved)
    publishing.publish(runtime, approved)


@pytest.mark.parametrize(
    "granted", GRANTS, ids=lambda given: "+".join(n for n in given if given[n]) or "none"
)
def test_a_session_sends_what_the_table_says_and_was_allowed(
    runtime: Runtime, team: tuple[KeepingStore, Traffic], tmp_path: Path, granted: dict[str, bool]
) -> None:
    """A request whose permission is off never happens; no secret, address or home directory is in any."""
    store, traffic = team
    permissions = Permissions(**granted)
    config.connect(runtime.folders.config, StoreConfig("team", store.url, store.key, permissions=permissions))
    play(runtime, tmp_path / "shop")
    open_rows = {flow.request for flow in egress.FLOWS if egress.allowed(flow, permissions)}
    assert traffic.rows <= open_rows
    assert "POST /v1/traces" in traffic.rows
    searched = bool(store.searches)
    assert searched <= (permissions.queries or permissions.prompts)
    assert ("lighthouse" in traffic.text) <= permissions.prompts
    assert ("POST /v1/traces/ID/outcomes" in traffic.rows) <= permissions.outcomes
    assert ("PUT /v1/traces/ID/vote" in traffic.rows) == permissions.votes
    assert not [datum for datum in PRIVATE if datum in traffic.text]


def test_with_every_permission_everything_is_sent(
    runtime: Runtime, team: tuple[KeepingStore, Traffic], tmp_path: Path
) -> None:
    """The session of these tests does reach the flows that its permissions open."""
    store, traffic = team
    config.connect(
        runtime.folders.config, StoreConfig("team", store.url, store.key, permissions=Permissions.all())
    )
    play(runtime, tmp_path / "shop")
    assert "lighthouse" in traffic.text
    assert traffic.rows >= {
        "POST /v1/search", "GET /v1/traces/ID", "GET /v1/tags", "POST /v1/traces",
        "PUT /v1/traces/ID/vote", "POST /v1/traces/ID/outcomes",
    }  # fmt: skip
