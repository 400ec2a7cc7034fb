"""The person's yes through the client's own form: it publishes what was shown, and nothing else does."""

import asyncio
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.exceptions import ToolError
from mcp_types import CallToolResult

from commontrace import ancestry, config, drafts
from commontrace.config import Permissions, StoreConfig
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.tools import confirmation, server
from support import keeping_store
from support.keeping_store import FERRY, KeepingStore

SESSION = "session-1"


@pytest.fixture
def runtime(keeping_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """A client that a person has started, whoever has started these tests."""
    monkeypatch.setattr(ancestry, "started_by_agent", lambda *_: False)
    return keeping_runtime


class Person:
    """Fills in the form; `asked` is what was shown, form by form."""

    def __init__(self, answer: object) -> None:
        self.asked: list[str] = []
        self._answer = answer

    async def __call__(self, message: str, response_type: type, _params: object, _context: object) -> Any:
        self.asked.append(message)
        if isinstance(self._answer, bool):
            return response_type(value=self._answer)
        return self._answer


async def contribute(runtime: Runtime, person: Person, session: str = SESSION, **mode: Any) -> str:
    async with Client(server.create(runtime, session), elicitation_handler=person, **mode) as client:
        result = await client.call_tool_mcp("contribute_trace", FERRY)
    assert isinstance(result, CallToolResult)
    (block,) = result.content
    return str(block.text)  # type: ignore[union-attr]


async def test_a_yes_publishes_the_bytes_that_were_shown(runtime: Runtime, local: KeepingStore) -> None:
    """The form holds everything that is sent; the model learns that it was sent, and no command to type."""
    person = Person(answer=True)
    said = await contribute(runtime, person, mode="legacy")
    assert "The person agreed" in said
    assert "trace-publish" not in said
    (body,) = local.keys.values()
    (shown,) = person.asked
    assert body.decode() in shown
    assert "the store on this machine" in shown
    assert drafts.listed(runtime.memory) == []


@pytest.mark.parametrize(
    "answer",
    [False, ElicitResult(action="decline"), ElicitResult(action="cancel")],
    ids=["a form left empty", "declined", "cancelled"],
)
async def test_anything_but_a_yes_keeps_the_draft(
    runtime: Runtime, local: KeepingStore, answer: object
) -> None:
    """Nothing is sent, and the line that publishes later is named."""
    said = await contribute(runtime, Person(answer), mode="legacy")
    (record,) = drafts.listed(runtime.memory)
    assert f"/commontrace:trace-publish {record.id}" in said
    assert local.keys == {}


async def test_a_client_that_an_agent_started_is_not_asked(
    runtime: Runtime, local: KeepingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the form would be filled in by whatever the agent configured."""
    monkeypatch.setattr(ancestry, "started_by_agent", lambda *_: True)
    person = Person(answer=True)
    assert "trace-publish" in await contribute(runtime, person, mode="legacy")
    assert person.asked == []
    assert local.keys == {}


@pytest.mark.parametrize(
    ("session", "mode"), [("", "legacy"), (SESSION, "2026-07-28")], ids=["no session", "no server requests"]
)
async def test_where_nobody_can_be_asked_the_draft_is_kept(
    runtime: Runtime, local: KeepingStore, session: str, mode: str
) -> None:
    """The draft waits for the line that the person types."""
    person = Person(answer=True)
    assert "trace-publish" in await contribute(runtime, person, session, mode=mode)
    assert person.asked == []
    assert local.keys == {}


async def test_a_yes_counts_for_what_was_shown_last(runtime: Runtime, local: KeepingStore) -> None:
    """While a form is open the same draft is shown again elsewhere: the yes to the older showing is none."""

    class Distracted(Person):
        async def __call__(self, message: str, *rest: Any) -> Any:
            (record,) = drafts.listed(runtime.memory)
            await asyncio.to_thread(runtime.desk.offer, SESSION, record.id)
            return await super().__call__(message, *rest)

    said = await contribute(runtime, Distracted(answer=True), mode="legacy")
    assert "Nothing was published" in said
    assert local.keys == {}


async def test_a_form_that_nobody_answers_ends(
    runtime: Runtime, local: KeepingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model goes on after a while; a yes that comes later is none."""
    monkeypatch.setattr(confirmation, "ANSWER_SECONDS", 0.2)

    class Away(Person):
        async def __call__(self, *_: Any) -> Any:
            await asyncio.sleep(60)

    assert "trace-publish" in await contribute(runtime, Away(answer=True), mode="legacy")
    assert local.keys == {}


async def test_a_refusal_by_the_store_is_told(runtime: Runtime, local: KeepingStore) -> None:
    """The person agreed and the store did not: the model hears the store's reason."""
    local.failing = keeping_store.problem(422, "refused", "The store takes no ferries.")
    said = await contribute(runtime, Person(answer=True), mode="legacy")
    assert "did not take it" in said
    assert "takes no ferries" in said


async def test_a_store_with_a_standing_yes_asks_by_no_form(runtime: Runtime, folders: Paths) -> None:
    """The hook server, which has seen whether the person asked for it, publishes it or shows it."""
    with keeping_store.keeping() as team:
        granted = Permissions(publishing=True)
        config.connect(folders.config, StoreConfig("team", team.url, "ct_" + "k" * 43, permissions=granted))
        config.choose_default(folders.config, "team")
        person = Person(answer=True)
        said = await contribute(runtime, person, mode="legacy")
    assert person.asked == []
    assert "team gets it now if the person has typed" in said
    (record,) = drafts.listed(runtime.memory)
    assert f"/commontrace:trace-publish {record.id}" in said
    assert team.keys == {}


async def test_a_useless_draft_asks_nobody(runtime: Runtime) -> None:
    """What cannot be drafted is refused before the person sees anything."""
    person = Person(answer=True)
    async with Client(server.create(runtime, SESSION), elicitation_handler=person, mode="legacy") as client:
        with pytest.raises(ToolError, match="title"):
            await client.call_tool("contribute_trace", {**FERRY, "title": "x"})
    assert person.asked == []
    assert drafts.listed(runtime.memory) == []
