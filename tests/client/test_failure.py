"""Failure detection on tool output as Claude Code delivers it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import commontrace.failure
from commontrace.failure import detect, parse_error, query, whole
from support.tool_output import CHAINED, CI_ESLINT, FAILING, JAVA, PASSING, PYTEST, Failing, Passing


def _name(case: Failing | Passing) -> str:
    return case.command.split("\n")[0]


@pytest.mark.parametrize("case", FAILING, ids=_name)
def test_a_failure_is_detected_behind_pipes_and_semicolons_too(case: Failing) -> None:
    """A command that failed counts as failing, masked exactly when its exit status said success."""
    detection = detect(case.command, case.output, case.exit_code or None)
    assert detection.failing, detection.reason
    assert detection.masked is (case.exit_code == 0)
    assert detection.error is not None


@pytest.mark.parametrize("case", PASSING, ids=_name)
def test_output_that_merely_talks_about_errors_is_no_failure(case: Passing) -> None:
    """Search hits, logs that are read, green runs, handled errors and answers of "no" are not failures."""
    detection = detect(case.command, case.output, case.exit_code)
    assert not detection.failing, detection.reason


@pytest.mark.parametrize("case", FAILING, ids=_name)
def test_the_query_keeps_what_a_search_for_help_needs(case: Failing) -> None:
    """The query holds the message or code that identifies the problem, within 1,500 characters."""
    text = query(case.output)
    assert case.key in text
    assert len(text) <= 1500


@pytest.mark.parametrize(
    ("output", "first"),
    [
        (PYTEST, "TypeError: unsupported operand type(s) for +: 'int' and 'Decimal128'"),
        (JAVA, "java.lang.ClassNotFoundException: org.postgresql.Driver"),
        (CI_ESLINT, "'total' is defined but never used  no-unused-vars"),
    ],
)
def test_the_root_cause_comes_before_its_wrappers(output: str, first: str) -> None:
    """The line that a person would search for is the error of the detection and leads the query."""
    error = detect("run", output, 1).error
    assert error is not None
    assert first in error.text
    assert first in query(output).split("\n")[:2]


def test_a_chained_traceback_is_known_by_its_last_exception() -> None:
    """Of chained exceptions the one that ended the program is the error."""
    error = detect("python main.py", CHAINED, 1).error
    assert error is not None
    assert error.type == "OperationalError"


def test_noise_stays_out_of_the_query() -> None:
    """Timestamps, colour, positions and directories do not reach the search."""
    text = query(CI_ESLINT)
    assert "2026" not in text
    assert "\x1b" not in text
    assert "/home/runner" not in text


def test_output_without_an_error_line_is_searched_by_its_end() -> None:
    """When no line reads as an error, the last lines are all there is to search for."""
    assert query("preparing\nthe quota of this project is used up\n").endswith(
        "the quota of this project is used up"
    )


def test_nothing_printed_gives_an_empty_query() -> None:
    """A failure without output has nothing to search for."""
    assert query("") == ""
    assert detect("./run", "", 3).error is None


def test_an_interrupted_command_did_not_fail() -> None:
    """What a person stopped needs no fix."""
    assert not detect("pytest", PYTEST, 1, interrupted=True).failing
    assert not detect("pytest", PYTEST, 130).failing


@pytest.mark.parametrize(
    ("error", "parsed"),
    [
        ("Exit code 1\npartial\nboom", (1, "partial\nboom")),
        ("Exit code 143\nCommand timed out after 1s", (143, "Command timed out after 1s")),
        ("Exit code 127", (127, "")),
        ("EISDIR: illegal operation on a directory", (None, "EISDIR: illegal operation on a directory")),
    ],
)
def test_the_delivered_error_is_split_into_code_and_output(
    error: str, parsed: tuple[int | None, str]
) -> None:
    """The exit code is read from the first line, the rest is the output, unchanged."""
    assert parse_error(error) == parsed


@pytest.mark.parametrize(
    "command", ["", "'", "$(", "a | | b", "cat <<EOF", "((", "\\", '"' * 999, "for x in; do", "if"]
)
def test_a_command_that_no_shell_would_take_is_judged_all_the_same(command: str) -> None:
    """Broken quoting never raises; the exit status decides."""
    assert detect(command, "error: syntax error near unexpected token", 2).failing


WARMED = """
import re
import sys

sys.path[:0] = sys.argv[1:]
from commontrace.failure import detect, query, warm
from commontrace_rules.signature import signature
from support.tool_output import FAILING

warm()
compiled, compile_once = [], re.compile
re.compile = lambda source, flags=0: compiled.append(source) or compile_once(source, flags)
for case in FAILING:
    detection = detect(case.command, case.output, case.exit_code)
    query(case.output)
    signature(detection.error.text)
print(compiled)
"""


def test_after_warming_a_failure_is_read_without_compiling_expressions() -> None:
    """The first failure of a session is read as fast as any later one."""
    folders = [str(Path(commontrace.failure.__file__).parents[2]), str(Path(__file__).parents[1])]
    ran = subprocess.run([sys.executable, "-c", WARMED, *folders], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_joined_message_comes_once_in_the_query() -> None:
    """The lines that continue an error are part of it and not repeated as its explanation."""
    text = query("RuntimeError: \n        The worker was started too early\n        by its parent process\n")
    assert len(re.findall("too early", text)) == 1
    assert "by its parent process" in text


def test_the_end_of_a_cut_output_is_read_where_it_is_kept(tmp_path: Path) -> None:
    """Claude Code delivers the first 30,000 characters; what went wrong stands at the end."""
    printed = "".join(f"test_app.py::test_{number} PASSED\n" for number in range(3000)) + PYTEST
    kept = tmp_path / "output.txt"
    kept.write_text(printed)
    output = whole(printed[:30_000], str(kept))
    assert len(output) <= 30_001
    found = detect("pytest -v | tee log", output, None)
    assert found.failing
    assert "unsupported operand type(s)" in query(output)


def test_what_is_no_readable_file_is_left_alone(tmp_path: Path) -> None:
    """A pipe would hold the hook up, a missing file is none of its business."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for file in ("", str(pipe), str(tmp_path), str(tmp_path / "missing")):
        assert whole("the beginning", file) == "the beginning"
