"""What a search reads out of a query."""

import pytest

from commontrace_server.search.reading import read

PYTEST = """\
2026-01-02T03:04:05.000Z ============================= test session starts ==============================
2026-01-02T03:04:06.000Z collected 0 items / 1 error
2026-01-02T03:04:06.000Z E   ModuleNotFoundError: No module named 'yaml'
2026-01-02T03:04:06.000Z ERROR tests/test_config.py
2026-01-02T03:04:06.000Z =========================== 1 error in 0.12s ===========================
"""
ESLINT = """\
/home/dev/web/src/hooks/useCart.js
  1:12  error  'total' is assigned a value but never used  @typescript-eslint/no-unused-vars

\u2716 1 problem (1 error, 0 warnings)
"""


def test_the_error_line_is_the_focus() -> None:
    """Of noisy output the line that carries the cause speaks."""
    assert read("error", PYTEST).focus == "ModuleNotFoundError: No module named yaml"


def test_what_sums_up_is_no_part_of_the_focus() -> None:
    """Lines that count problems say nothing about them."""
    assert "problem" not in read("error", ESLINT).focus


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("error[E0382]: borrow of moved value: `config`", "e0382"),
        ("src/app.ts(3,7): error TS2345: Argument of type 'string' is not assignable", "ts2345"),
        (ESLINT, "no-unused-vars"),
        (
            "pkg/mod.py:3:0: C0116: Missing docstring (missing-function-docstring)",
            "missing-function-docstring",
        ),
        ("npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree", "eresolve"),
        ("eslint\nUse the isNaN function to compare with NaN  use-isnan", "use-isnan"),
        ("Expected '===' and instead saw '=='  eqeqeq", "eqeqeq"),
        ("'x' is never used  @typescript-eslint/no-unused-vars", "no-unused-vars"),
        ('Unexpected unknown unit "pixels" (unit-no-unknown) [error]', "unit-no-unknown"),
        ('mypy\nCannot instantiate abstract class "B" with abstract attribute "f"  [abstract]', "abstract"),
        ("ERROR: UndefinedClass - src/Foo.php:12:9 - Class Bar does not exist", "undefinedclass"),
        ("src/Foo.php:12:9:error - UndefinedClass: Class Bar does not exist", "undefinedclass"),
        ("C: Style/StringLiterals: Prefer single-quoted strings", "style/stringliterals"),
        (
            "struct fields in another order\n= help: add `#[allow(clippy::needless_return)]`",
            "needless_return",
        ),
    ],
)
def test_codes_are_found(output: str, code: str) -> None:
    """Rule codes and names identify an error better than its words."""
    assert code in read("error", output).codes


@pytest.mark.parametrize(
    "said",
    [
        "ValueError: bad input given",
        "error: cannot find the zlib library",
        "app.css:1:3: Unexpected empty block [error]",
        "TimeoutError: no answer from the broker",
    ],
)
def test_what_is_no_code_is_none(said: str) -> None:
    """A trace that lacks a code is held against it; so severities and exceptions are none."""
    assert read("error", said).codes == ()


def test_the_picture_of_the_source_does_not_tell() -> None:
    """What is said above it does, even where nothing marks it as an error."""
    output = "Types do not match here\n --> app/m.py:12:5\n   |\n12 | os.execl(true)\n   |    ^^^^"
    assert read("error", output).focus == "Types do not match here"
    assert "execl" not in read("error", "   |\n12 | os.execl(true)\n   | ^^^\nIt is wrong.").focus


def test_a_code_that_comes_first_is_no_tool() -> None:
    """Tools are lower case, and no error by themselves."""
    assert read("error", "ERESOLVE\nERESOLVE unable to resolve dependency tree").labels == frozenset()


def test_a_condensed_query_names_its_tool_as_a_label() -> None:
    """The tool that the sender puts first is no word to match, but a tool to fit."""
    reading = read("error", "pylint\nUnnecessary semicolon")
    assert reading.focus == "Unnecessary semicolon"
    assert "pylint" in reading.labels


def test_every_line_of_a_condensed_query_tells() -> None:
    """What the sender has chosen is not sorted out again."""
    reading = read("error", "Missing function docstring\nUnnecessary semicolon")
    assert reading.focus.splitlines() == ["Missing function docstring", "Unnecessary semicolon"]


def test_a_questions_first_line_is_the_focus() -> None:
    """People say first what they want."""
    reading = read("question", "How do I sort a dict?\n\nI have tried many things.")
    assert reading.focus == "How do I sort a dict?"
    assert "tried" in reading.rest


def test_given_signatures_come_first_and_once() -> None:
    """The caller's signatures are kept beside those found in the text."""
    (own,) = read("error", "E   ModuleNotFoundError: No module named 'yaml'").signatures
    given = "1:0123456789abcdef"
    reading = read("error", "E   ModuleNotFoundError: No module named 'yaml'", [given, own])
    assert reading.signatures == (given, own)


def test_labels_are_lower_case() -> None:
    """Languages and tools compare without their capitals."""
    assert read("question", "why?", labels=["Python", "Django"]).labels == {"python", "django"}


@pytest.mark.parametrize("kind", ["error", "question", "session_context"])
@pytest.mark.parametrize("query", [" ", "\n\n", "...", "a" * 20_000, "\u2028\x1b[31m\x1b[0m"])
def test_any_text_can_be_read(kind: str, query: str) -> None:
    """No query is too odd to be read, and what is kept of it is bounded."""
    reading = read(kind, query)
    assert len(reading.focus) <= 1000
    assert len(reading.rest) <= 4000


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ("E   ModuleNotFoundError: No module named 'yaml'", "yaml"),
        ("Error: Cannot find module 'express'", "express"),
        ("bash: jq: command not found", "jq"),
        ("ERROR: No matching distribution found for torch==9.9", "torch"),
        ("E       fixture 'db' not found", "db"),
        ('npm error Missing script: "build"', "build"),
        ("error[E0432]: unresolved import `serde`", "serde"),
    ],
)
def test_what_is_missing_is_read(query: str, needed: str) -> None:
    """The module, command or script that could not be found is the problem."""
    assert read("error", query).needed == (needed,)


def test_what_merely_occurs_is_not_missing() -> None:
    """A name in another error is the caller's own, not what a trace must be about."""
    assert read("error", "src/a.py:4: error: Name 'total' is not defined  [name-defined]").needed == ()
