"""From the output of a command to a failure, and from what is asked to a question, as both may be sent."""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from commontrace import failure
from commontrace_rules.errors import error_lines
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signature
from commontrace_rules.statements import statement

_OUT_OF_TIME = re.compile(r"Command timed out after")
"""Claude Code's own words, the same whatever the command was."""


@dataclass(frozen=True)
class Failure:
    """A failure as it may be stored and sent: everything in it is redacted.

    Attributes:
        line: what the line that carries the error says.
        signature: the same error's fingerprint anywhere else, None where the line is too general.
        query: the few lines of output that a search needs.
    """

    kind: ClassVar[Literal["error"]] = "error"

    line: str
    signature: str | None
    query: str


@dataclass(frozen=True)
class Question:
    """What somebody asks, as it may be stored and sent: everything in it is redacted.

    Attributes:
        line: none of it stands for all.
        signature: of the error that it quotes, None where it quotes none.
        query: the text.
    """

    kind: ClassVar[Literal["question"]] = "question"
    line: ClassVar[str] = ""

    signature: str | None
    query: str


@dataclass(frozen=True)
class Verdict:
    """What is to be thought of one run of a command.

    Attributes:
        failure: what failed that one would want fixed.
        passed: nothing failed, as far as one can see; an answer of "no" or an interruption is neither.
    """

    failure: Failure | None = None
    passed: bool = False


def judge(command: str, output: str, exit_code: int | None, *, interrupted: bool) -> Verdict:
    """Whether a command failed or passed, by its output and exit status.

    The whole output is redacted before anything is cut from it.
    """
    detection = failure.detect(command, output, exit_code, interrupted=interrupted)
    if not detection.failing:
        return Verdict(passed=not interrupted and not exit_code)
    if detection.error is None:
        return Verdict()
    line = statement(redact(detection.error.text).text)
    mark = None if _OUT_OF_TIME.match(line) else signature(line)
    return Verdict(Failure(line, mark, failure.query(redact(output).text)))


def recognise(command: str, output: str, exit_code: int | None, *, interrupted: bool) -> Failure | None:
    """The failure that a command's output reports, or None if nothing failed that one would want fixed."""
    return judge(command, output, exit_code, interrupted=interrupted).failure


def question(text: str, limit: int) -> Question:
    """A question of at most `limit` characters; the whole text is redacted before anything is cut from it."""
    told = redact(text).text
    lines = error_lines(told, limit=1)
    return Question(signature(lines[0].text) if lines else None, told[:limit])
