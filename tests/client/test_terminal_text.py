"""What a terminal is given of other people's traces: text, and nothing that a terminal obeys."""

import uuid

import pytest

from commontrace import render
from commontrace.cli import output, traces
from commontrace.stores import Found, Trace
from support import keeping_store, stand_in_store

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
    fields = {"title": trick, "context_text": trick, "solution_text": trick, "tags": [trick]}
    trace = Trace.model_validate(keeping_store.trace(str(uuid.uuid4()), **fields))
    assert _is_plain(output.whole(trace))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_listed_trace_is_plain(trick: str) -> None:
    """`search` prints none either, nor does what the store says of its reasons."""
    hit = {**stand_in_store.hit(trick), "title": trick, "why": [trick]}
    found = Found.model_validate({"hits": [hit], "abstained": False, "degraded": [trick]})
    assert _is_plain(traces._listing(found))


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_quoted_trace_is_plain(trick: str) -> None:
    """Nor does the frame that a model and a transcript get."""
    assert _is_plain(render.quote(trick))
    assert _is_plain(render.one_line(trick))
