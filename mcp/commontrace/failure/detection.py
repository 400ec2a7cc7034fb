"""Decides whether a shell command failed, from what Claude Code delivers of it."""

import re
from dataclasses import dataclass
from typing import Final

from commontrace.failure import epilogue, evidence, programs
from commontrace.failure.shell import Stage, stages
from commontrace_rules.errors import ErrorLine, error_lines
from commontrace_rules.text import clean

_HELP: Final = frozenset({"--help", "--version", "-help", "-?", "/?"})
_STOPPED_BY_READER: Final = 141  # SIGPIPE: `yes | head -1` under pipefail
_STOPPED_BY_PERSON: Final = 130


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether a command failed in a way that a person would want fixed.

    `reason` says in a few words why or why not; `masked`: it failed, though its exit status said success;
    `error` is the line that matters most, None if the output names none.
    """

    failing: bool
    reason: str
    masked: bool = False
    error: ErrorLine | None = None


def detect(command: str, output: str, exit_code: int | None, *, interrupted: bool = False) -> Detection:
    """Judges one shell command by its output (stdout and stderr merged) and exit status.

    Args:
        command: The command line as it was given to the shell.
        output: What it printed; without the "Exit code N" line, see `parse_error`.
        exit_code: None or 0 when the call was delivered as a success.
        interrupted: The person stopped it.
    """
    if interrupted or exit_code == _STOPPED_BY_PERSON:
        return Detection(False, "interrupted")
    if exit_code:
        return _after_failure(command, output, exit_code)
    return _after_success(command, output)


def _after_failure(command: str, output: str, exit_code: int) -> Detection:
    ran = stages(command)
    if exit_code == _STOPPED_BY_READER:
        return Detection(False, "its reader had enough (SIGPIPE)")
    errors = error_lines(output)
    deciding = [stage for stage in ran if not stage.hidden] or ran
    if not _has_own_error(errors, deciding):
        for stage in deciding:
            if programs.answers_no(stage, exit_code):
                return Detection(False, f"{stage.program} exits {exit_code} to say no")
        if any(map(_asks_for_help, ran)):
            return Detection(False, "help was asked for")
    return Detection(True, f"exit code {exit_code}", error=_first(errors, output))


def _has_own_error(errors: list[ErrorLine], deciding: list[Stage]) -> bool:
    """Whether an error line is of the programs whose status was seen, and not text that they only show."""
    if all(programs.reads(stage) or stage.program == "git" for stage in deciding):
        return any(evidence.is_own(error.text, deciding) for error in errors)
    return any(error.score >= evidence.REFUSED for error in errors)


def _after_success(command: str, output: str) -> Detection:
    ran = stages(command)
    witnesses = _witnesses(ran)
    if not witnesses:
        return Detection(False, "every exit status was seen to be 0")
    if not evidence.worth_reading(output, witnesses):
        return Detection(False, "no word of failure")
    text = clean(output)
    if (code := epilogue.shown_exit_code(command, text)) is not None and code == 0:
        return Detection(False, "its exit status was shown to be 0")
    text = epilogue.without(ran, text)
    found = evidence.find(witnesses, ran, command, text)
    if found is not None:
        return Detection(
            True, found.reason, masked=True, error=found.error or _first(error_lines(text), text)
        )
    if code and not any(programs.answers_no(stage, code) or _asks_for_help(stage) for stage in ran):
        return Detection(
            True,
            f"its exit status was shown to be {code}",
            masked=True,
            error=_first(error_lines(text), text),
        )
    return Detection(False, "nothing in the output says that this command failed")


def _witnesses(ran: list[Stage]) -> list[Stage]:
    """The programs that may have failed without their exit status being seen."""
    return [
        stage
        for stage in ran
        if (stage.hidden or programs.observes(stage) or programs.is_script(stage))
        and not _asks_for_help(stage)
    ]


def _asks_for_help(stage: Stage) -> bool:
    words = stage.words  # -h of psql and df means something else
    return (
        any(word in _HELP for word in words)
        or words[:1] == ("help",)
        or words in {("-h",), (*words[:1], "-h")}
    )


def _first(errors: list[ErrorLine], output: str) -> ErrorLine | None:
    if errors:
        return errors[0]
    lines = [line for line in clean(output).split("\n") if re.search(r"\w", line)]
    return ErrorLine(lines[-1].strip(), len(lines) - 1, 1.0, None, None) if lines else None
