"""The error lines of tool output."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commontrace_rules.errors import error_lines, is_frame
from commontrace_rules.statements import statement
from support.tool_output import COMPOSE_LOGS, ERESOLVE, FAILING, MAVEN, RUST, TERRAFORM, Failing


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("error[E0382]: borrow of moved value: `x`", "E0382"),
        ("src/a.ts(3,7): error TS2304: Cannot find name 'x'.", "TS2304"),
        ("sc.sh:3:6: note: Double quote to prevent globbing. [SC2086]", "SC2086"),
        ('ERROR:  42P01: relation "a" does not exist', "42P01"),
        ("npm error ERESOLVE unable to resolve dependency tree", "ERESOLVE"),
        ("Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'x'", "ERR_MODULE_NOT_FOUND"),
        ("a.py:3: error: Missing return statement  [return]", "return"),
        ("  4:7  error  'a' is never used  no-unused-vars", "no-unused-vars"),
        ("src/a.py:1:1: F401 'os' imported but unused", "F401"),
        ("curl: (60) SSL certificate problem", "60"),
        ("Error: listen EADDRINUSE: address already in use :::80", "EADDRINUSE"),
        ("Program.cs(5,9): error CS0103: The name 'x' does not exist", "CS0103"),
        ("ORA-00942: table or view does not exist", "ORA-00942"),
    ],
)
def test_the_code_of_a_diagnostic_is_found(line: str, code: str) -> None:
    """Rule, compiler and system codes are named apart from the message."""
    assert error_lines(line)[0].code == code


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("E       KeyError: 'user_id'", "KeyError"),
        ("sqlalchemy.exc.OperationalError: no", "OperationalError"),
        ("Caused by: java.lang.ClassNotFoundException: org.x.Y", "ClassNotFoundException"),
        ('TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be a string', "TypeError"),
        ("jinja2.exceptions.TemplateNotFound: index.html", "TemplateNotFound"),
        ("FAILED tests/test_a.py::test_b[x - y] - ValueError: bad day", "ValueError"),
    ],
)
def test_the_type_of_an_exception_is_found(line: str, kind: str) -> None:
    """An exception is named without its module, wherever the line comes from."""
    assert error_lines(line)[0].type == kind


@pytest.mark.parametrize(
    ("output", "first"),
    [
        (RUST, "cannot borrow `rows` as mutable"),
        (MAVEN, "incompatible types"),
        (COMPOSE_LOGS, "No module named 'celery'"),
        (TERRAFORM, "Reference to undeclared resource"),
        (ERESOLVE, "ERESOLVE"),
    ],
)
def test_the_cause_comes_before_the_lines_that_sum_up(output: str, first: str) -> None:
    """Wrappers such as "could not compile" or "exited with code 1" never come first."""
    assert first in error_lines(output)[0].text


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.command)
def test_lines_are_ordered_distinct_and_placed(case: Failing) -> None:
    """Scores fall, no statement comes twice, and the limit holds."""
    found = error_lines(case.output, limit=3)
    assert len(found) <= 3
    assert [error.score for error in found] == sorted((error.score for error in found), reverse=True)
    assert len({error.index for error in found}) == len(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all good",
        "3 files changed, 2 insertions(+)",
        "  at Server.listen (node:net:1:2)",
        "Compiling shop v0.1.0",
        "# Title\n\nSome prose.",
    ],
)
def test_ordinary_text_has_no_error_line(text: str) -> None:
    """Text without a word of failure gives nothing."""
    assert error_lines(text) == []


def test_many_lines_that_differ_in_numbers_count_once() -> None:
    """A thousand diagnostics of one kind are one statement."""
    assert len(error_lines("\n".join(f"a.py:{n}: error: x {n} is bad" for n in range(1000)))) == 1


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    """Arbitrary text never raises, and a statement is a part of its line or a code put in front."""
    for error in error_lines(text):
        assert statement(error.text) or error.text


def test_a_message_on_the_lines_below_its_exception_is_joined() -> None:
    """An exception that says nothing on its own line says what the indented paragraph below it says."""
    output = (
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nRuntimeError: \n"
        "        An attempt was made to start\n        before the process was ready.\n\n"
        "            if ready:\n                start()\n"
    )  # fmt: skip
    found = error_lines(output)[0]
    assert found.text == "RuntimeError: An attempt was made to start before the process was ready."
    assert found.index == 2


@pytest.mark.parametrize("below", ["    at start (a.js:3:1)", "Everything else", '  File "a.py", line 2'])
def test_what_is_no_message_is_not_joined(below: str) -> None:
    """Stack frames and lines that are not indented are no message."""
    assert error_lines(f"TypeError:\n{below}")[0].text == "TypeError:"


@pytest.mark.parametrize("prefix", ["", "[ERROR] "])
def test_a_symbol_that_cannot_be_found_is_named(prefix: str) -> None:
    """The compiler's "cannot find symbol" takes the symbol's name from the lines below, for each symbol."""
    below = f"\n{prefix}  symbol:   {{}}\n{prefix}  location: class A"
    output = "\n".join(
        f"{prefix}A.java:{line}: error: cannot find symbol{below.format(symbol)}"
        for line, symbol in ((3, "method run()"), (9, "class Box"))
    )
    assert [error.text.rpartition("cannot find symbol: ")[2] for error in error_lines(output)] == [
        "method run()",
        "class Box",
    ]


def test_a_line_that_starts_with_stars_states_an_error() -> None:
    """Three stars in front of a message are not the rule of a heading."""
    assert error_lines("Makefile:2: *** missing separator.  Stop.")[0].score >= 50


@pytest.mark.parametrize(
    "heading", ["==== ERRORS ====", "____ ERROR at setup of test_a ____", "--- FAIL: TestA", "*** failed ***"]
)
def test_a_heading_is_no_error(heading: str) -> None:
    """A line framed by marks only says that failures follow."""
    assert all(error.score <= 12 for error in error_lines(heading))


def test_an_adverb_does_not_hide_a_refusal() -> None:
    """What is "not natively supported" is not supported."""
    assert error_lines("async def functions are not natively supported.")[0].score >= 50


def test_a_cut_statement_is_read_in_full_where_it_stands_in_full() -> None:
    """What a summary had no room for is taken from the line that says it."""
    full = "ValueError: the settings of this project name no database"
    output = (
        f"E       {full}\na.py:3: ValueError\nFAILED test_a.py::test_b - ValueError: the settings of th..."
    )
    found = error_lines(output)
    assert statement(found[0].text) == full
    assert not any("..." in error.text for error in found)


def test_a_statement_cut_to_a_few_letters_says_nothing() -> None:
    """What is left of a statement after a long name is not taken for an error, whatever the name is."""
    found = error_lines("FAILED tests/test_errors.py::test_that_an_error_is_raised - Asser...")
    assert all(error.score <= 12 for error in found)


def test_the_name_of_a_file_is_no_severity() -> None:
    """A note stays a note in a file that is named after errors."""
    assert error_lines("src/error_pages.py:3:2: note: this is not allowed")[0].score <= 22


def test_what_a_script_runner_adds_is_never_the_cause() -> None:
    """npm, nx and the like report where they stood; the program that they ran says what is wrong."""
    output = """\
src/a.ts:3:7: Too many statements (55/50)
npm ERR! code ELIFECYCLE
npm ERR! errno 1
npm ERR! web@1.4.2 lint: `run-checks .`
npm ERR! Failed at the web@1.4.2 lint script.
npm ERR! This is probably not a problem with npm. There is likely additional logging output above.
npm error path /srv/web
npm error command sh -c run-checks .
nx run web:lint failed
"""
    causes = [line.text for line in error_lines(output) if line.score > 20.0]
    assert causes == ["src/a.ts:3:7: Too many statements (55/50)"]


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("   |", True),
        ("12 | let x = 1;", True),
        ("  --> src/main.rs:3:5", True),
        ("   |     ^^^^ help: try", True),
        ("     ^^^^", True),
        (" \u256d\u2500[app.ts:1:1]", True),
        ("", False),
        ("a | b", False),
        ("error: it is wrong", False),
    ],
)
def test_the_picture_of_the_source_is_known(line: str, frame: bool) -> None:
    """What compilers draw around a line of code."""
    assert is_frame(line) is frame


def test_a_statement_above_a_picture_is_an_error() -> None:
    """Whatever its words are; a note above one stays a note."""
    output = "note: required here\n  --> a.rs:1:1\nTypes differ\n --> a.py:12:5\n   |\n12 | f(x)\n"
    assert error_lines(output)[0].text == "Types differ"
