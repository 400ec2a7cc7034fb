"""What a terminal is given of other people's traces: text, and nothing that a terminal obeys."""

import uuid
from contextlib import closing
from pathlib import Path

import pytest

from commontrace import drafts, render, status
from commontrace.cli import output, traces
from commontrace.config import LOCAL
from commontrace.doctor import Finding
from commontrace.drafts import Draft
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from commontrace.stores import Found, Trace
from support import keeping_store, stand_in_store
from support.stand_in_store import StandInStore

PROBLEM = "Loading ends with `RuntimeError: ferry berth 7 refuses a lilac manifest`."
SOLUTION = "Give the manifest a colour that the berth knows: colour = green."

TRICKS = {
    "colour": "\x1b[8mhidden\x1b[0m",
    "link": "\x1b]8;;http://stranger.example\x07docs\x1b]8;;\x07",
    "title": "\x1b]0;new title\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "overwrite": "rm -rf all\recho fine",
    "backspace": "abc\x08\x08\x08xyz",
    "single-byte": "\x9b31mred\x9d0;t\x9c",
    "direction": "\u202egnp.exe",
}


def _is_plain(text: str) -> bool:
    return all(char == "\n" or (char.isprintable() and char != "\x1b") for char in text)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_shown_trace_is_plain(trick: str) -> None:
    """`show` prints no control character of a trace, in whatever field it stands."""
    texts = ("title", "context_text", "solution_text", "status", "kind", "origin")
    fields = dict.fromkeys(texts, trick) | {"tags": [trick]}
    trace = Trace.model_validate(keeping_store.trace(str(uuid.uuid4()), **fields))
    assert _is_plain(output.whole(trace))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_listed_trace_is_plain(trick: str) -> None:
    """`search` prints none either, nor does what the store says of its reasons."""
    hit = {**stand_in_store.hit(trick), "title": trick, "why": [trick]}
    found = Found.model_validate({"hits": [hit], "abstained": False, "degraded": [trick]})
    assert _is_plain(traces._listing(found))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_finding_is_plain(trick: str) -> None:
    """The doctor repeats what a store calls its account, and what a folder is called."""
    assert all(map(_is_plain, Finding("store team", "ok", trick, trick).lines()))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_draft_in_the_status_is_plain(trick: str, folders: Paths, store: StandInStore) -> None:
    """A title is whatever a model has made of it."""
    with closing(Runtime(Path("unused"), folders, Settings())) as runtime:
        draft = Draft(title=f"RuntimeError {trick}", context_text=PROBLEM, solution_text=SOLUTION)
        drafts.create(runtime.memory, "s", draft, LOCAL)
        assert _is_plain(status.text(status.document(runtime)))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_quoted_trace_is_plain(trick: str) -> None:
    """Nor does the frame that a model and a transcript get."""
    assert _is_plain(render.quote(trick))
    assert _is_plain(render.one_line(trick))
