"""Cleaning of tool output."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commontrace_rules.text import clean

_PIECES = st.sampled_from(
    ["\x1b[31m", "\x1b[0m", "[32m", "\x1b]0;title\x07", "\x1b", "\r", "\r\n", "\n", "\x08", "api-1  | ",
        "#9 4.212 ", "::error ::",
     "##[error]", "2026-01-02T03:04:05.678Z ", "12:34:56 ", "\u2502 ", "\u2502", "error: x", " ",
     "[build] ", "[web] ", "\n[web] ",
         "\t", "[", "3", "m", "Exit code 1", "::group::a"]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=30).map("".join)))
@example("\x9b\x1f@")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """What is clean stays as it is."""
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("\x1b[1;31merror\x1b[0m: no", "error: no"),
        ("[31merror[0m: no", "error: no"),
        ("\x1b]8;;https://example.test\x07link\x1b]8;;\x07", "link"),
        ("fetch 10%\rfetch 55%\rfetch done", "fetch done"),
        ("dos line\r\nnext", "dos line\nnext"),
        ("B\x08Bo\x08old", "Bold"),
        ("2026-01-02T03:04:05.6789012Z   3:5  error  x", "  3:5  error  x"),
        ("2026-01-02 03:04:05,678 ERROR x", "ERROR x"),
        ("Jan  2 03:04:05 host sshd[123]: Connection closed", "Connection closed"),
        ("build\tRun tests\t2026-01-02T03:04:05.678Z FAILED x", "FAILED x"),
        ("api-1  | KeyError: 'x'", "KeyError: 'x'"),
        ("api-1  | 2026-01-02T03:04:05Z KeyError: 'x'", "KeyError: 'x'"),
        ("#9 4.212 ERROR: no", "ERROR: no"),
        ("[pod/api-5d/api] panic: x", "panic: x"),
        ("::error file=a.py,line=3::no such option", "error: no such option"),
        ("##[error]no such option", "error: no such option"),
        ("\u2502 Error: x     \u2502", "Error: x"),
        ("x\nShell cwd was reset to /srv/shop", "x"),
        ("Exit code 2\nx", "x"),
        ("::group::Run tests\nx\n::endgroup::", "x"),
        ("a\n\n\n\nb\n\n", "a\n\nb"),
    ],
)
def test_what_says_where_and_when_is_taken_off(raw: str, said: str) -> None:
    """Control codes, progress, timestamps, prefixes and workflow commands go; the message stays."""
    assert clean(raw) == said


def test_a_tag_that_lines_share_is_where_they_came_from() -> None:
    """Names in brackets before three lines or more go, among other prefixes too; levels and rules stay."""
    said = ["cc -c a.c", "a.c:3: error: no b", "", "make: *** [Makefile:2: a.o] Error 1"]
    assert clean("\n".join(f"  [javac] {line}" for line in said)) == "\n".join(said)
    assert clean("\n".join(f"12:00:00 [web] 12:00:01 {line}" for line in "abc")) == "a\nb\nc"
    for tag in ("error", "warn", "no-undef", "E501", "Psalm"):
        kept = "\n".join(f"[{tag}] {line}".rstrip() for line in said)
        assert clean(kept) == kept
    assert clean("[build] a\n[build] b\nc") == "[build] a\n[build] b\nc"


@pytest.mark.parametrize(
    "text",
    [
        "rate(http_requests[5m])", "  File \"a.py\", line 3", "12 | let x = 1;", "items[3] is missing",
        "module 'a.b' has no attribute 'c'", "https://example.test/a?b=1", "error: 3 > 2",
    ],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Nothing that was said is lost."""
    assert clean(text) == text
