"""Finds in the output of a command that "succeeded" what shows that a program of it failed all the same."""

import re
from dataclasses import dataclass
from typing import Final

from commontrace.failure import marks, programs
from commontrace.failure.shell import Stage, word_set
from commontrace_rules.errors import ErrorLine, error_lines
from commontrace_rules.text import pattern

SUMMARY: Final = 20.0
"""Lines of `error_lines` up to this score only sum up or mention; above it they state a cause."""
REFUSED: Final = 40.0
_STATED: Final = 60.0
_RAISED: Final = 85.0

_PREFIXED_SOURCE: Final = r"(?:[\w./+-]{1,80}: )+\S"
_PREFIXED: Final = pattern(_PREFIXED_SOURCE)
_COMPLAINS: Final = pattern(
    r"(?i)(?:error:|error from|cannot|could not|unable to|the connection|"
    r"failed to|fatal:|permission denied)(?=\s)"
)
_LAST_WORDS: Final = pattern(rf"{_PREFIXED_SOURCE}|(?i:cannot|can't|could not|unable to|failed to) ")
_HEADLINE: Final = pattern(r"(?:Error|Warning): ")
_GIVEN_FRAME: Final = pattern(r"File \"<(?:string|stdin)>\"|\[eval\d*\]|(?:^|\s)-e:\d+|-e line \d")
_BROKEN_PIPE: Final = pattern(r"(?i)broken ?pipe|pipe to stdout was broken|\bEPIPE\b")  # `| head` had enough
_SHORT: Final = 4
_REFUSAL_SCORE: Final = 50.0
_LISTS: Final = word_set("ls git pwd date df du ps which wc find stat")
_ROOM: Final = 8
_MUTE: Final = word_set("cd set export true false sleep : pushd popd unset")
_SHELLS_OWN: Final = pattern(r"(?:\S*/)?(?:ba|z|da)?sh: ")
_SCRIPTS_OWN: Final = pattern(r"\S{1,200}: line \d+: ")
_ALIASES: Final = {"gunzip": "gzip", "zcat": "gzip", "python": "python3", "make": "gmake"}
_GITS_OWN: Final = pattern(
    r"(?m)^(?:(?:fatal|error): .|git: '| ! \[|CONFLICT \(|Automatic merge failed|No stash entries|Aborting$)"
)
_NARRATES: Final = pattern(  # after its own name
    r"(?i)(?:warning|note|info|hint|debug|entering|leaving|nothing to be done|removing leading"
    r"|.{1,200}\(ignored\)$"
    r"|.{0,80} is up to date|.{0,200} is a directory$|.{0,200}binary file|[\d.]+$)"
)
_WENT_ON: Final = pattern(
    r"(?i)\b(?:handled|go(?:ing|es)? on|continu\w+|fall(?:ing|s)? back|retr(?:y|ying|ied)|recovered|ok|done"
    r"|finished|succe\w+|completed?)\b"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the output is taken for a failure, and the line that says so if one does."""

    reason: str
    error: ErrorLine | None = None


def worth_reading(output: str, witnesses: list[Stage]) -> bool:
    """A cheap look for any word of failure; most output has none, and nothing more is done with it."""
    lowered = output.lower()
    return (
        any(word in lowered for word in marks.WORDS)
        or any(f"{stage.program}: " in lowered for stage in witnesses)
        or marks.CODE.search(output) is not None
    )


def is_own(line: str, ran: list[Stage]) -> bool:
    """Whether a line is a complaint of one of these programs, as "cat: x: No such file" is."""
    name, _, said = line.partition(":")
    name = name.rsplit("/", 1)[-1].lower()
    names = {stage.program for stage in ran} | {stage.subcommand for stage in ran if stage.program == "go"}
    if said and (name in names or name in {_ALIASES.get(other) for other in names}):
        return not (re.match(r"\d+:", said) or _NARRATES.match(said.strip()))
    if "git" in names and _GITS_OWN.match(line):
        return True
    if "jq" in names and line.startswith("parse error: "):
        return True
    scripted = any(programs.is_script(stage) for stage in ran)
    return (_SCRIPTS_OWN if scripted else _SHELLS_OWN).match(line) is not None


def find(witnesses: list[Stage], ran: list[Stage], command: str, text: str) -> Evidence | None:
    """The strongest evidence that one of `witnesses` failed, None if there is none.

    `text` is the clean output of all programs in `ran`.
    """
    errors = [error for error in error_lines(text) if not _is_echo(error.text, command, text)]
    if any(programs.observes(stage) for stage in witnesses) and (crash := _in_log(witnesses, text)):
        return Evidence(f"the log shows {crash[0].strip()[:60]!r}")
    loud = [stage for stage in witnesses if not programs.reads(stage)]
    if not loud:
        telling = [stage for stage in witnesses if stage.program not in _MUTE]
        return _of_readers(telling, command, errors, text)
    if not _speaks(loud, ran):
        return None
    if all(stage.program == "git" for stage in loud):
        told = any(map(programs.tells_history, ran)) and not text.startswith("fatal: ")
        return None if told else _of_git(errors, text)
    if all(programs.is_given(stage, command) for stage in loud):
        return _of_given(errors, text)
    return _of_loud(loud, ran, command, text, errors)


def _in_log(witnesses: list[Stage], text: str) -> re.Match[str] | None:
    """What a log says of an end; that of a CI run is about that run alone, summaries and all."""
    runs = any(stage.program == "gh" for stage in witnesses)
    return marks.CRASHED.search(text) or (marks.RED.search(text) if runs else None)


def _of_loud(
    loud: list[Stage], ran: list[Stage], command: str, text: str, errors: list[ErrorLine]
) -> Evidence | None:
    """A summary that is red, else a program's complaint or a cause, unless a summary is green."""
    red = next((match for match in marks.RED.finditer(text) if _whole_line(text, match) not in command), None)
    if red is not None:
        return Evidence(f"the output says {red[0].strip()[:60]!r}")
    if marks.GREEN.search(text):
        return None
    named = (line for line in text.split("\n") if ": " in line and line not in command)
    own = next((line for line in named if is_own(line, loud)), None)
    if own is not None:
        return Evidence(f"a program complains: {own[:60]!r}")
    return _stated(loud, ran, text, errors)


def _is_echo(line: str, command: str, text: str) -> bool:
    """Whether a line is of the command itself, traced by `set -x`, or of a reader that had enough."""
    if line in command or line.startswith("+ ") or _BROKEN_PIPE.search(line):
        return True
    return text.startswith("+ ") and f"+ echo '{line}'" in text


def _of_given(errors: list[ErrorLine], text: str) -> Evidence | None:
    """Whether a script that stands in the command has ended with an exception of its own."""
    raised = next((error for error in errors if error.type and error.score >= _STATED), None)
    last = text.count("\n")
    if raised is None or not (_GIVEN_FRAME.search(text) or raised.index == last):
        return None
    return Evidence("an exception ends the script", raised)


def _of_git(errors: list[ErrorLine], text: str) -> Evidence | None:
    said = _GITS_OWN.search(text)
    if said is None and errors and "\n" not in text and errors[0].score >= _REFUSAL_SCORE:
        return Evidence("git refuses", errors[0])
    return Evidence(f"git says {said[0].strip()!r}") if said else None


def _whole_line(text: str, match: re.Match[str]) -> str:
    end = text.find("\n", match.end())
    return text[match.start() : end if end >= 0 else None].strip()


def _speaks(loud: list[Stage], ran: list[Stage]) -> bool:
    """Whether the output can hold the text of a program that does more than read."""
    shown = {word for stage in ran if programs.reads(stage) for word in stage.words}
    return any(
        programs.observes(stage) or all(target in shown for target in stage.targets[-1:]) for stage in loud
    )


def _of_readers(witnesses: list[Stage], command: str, errors: list[ErrorLine], text: str) -> Evidence | None:
    if "||" in command:
        return None
    told = [error for error in errors if error.score > SUMMARY]
    own = next((error for error in told if is_own(error.text, witnesses)), None)
    loud = any(stage.program not in programs.READERS | {"git"} for stage in witnesses)
    if own is None and loud:
        short, last = text.count("\n") < _SHORT, text.count("\n")
        own = next(
            (error for error in told if (short or error.index == last) and _COMPLAINS.match(error.text)), None
        )
    return Evidence("a program reports an error of its own", own) if own else None


def _stated(loud: list[Stage], ran: list[Stage], text: str, errors: list[ErrorLine]) -> Evidence | None:
    """Evidence without a summary: the error lines alone, weighed by who may have written them."""
    lines = text.split("\n")
    errors = [error for error in errors if error.score >= _STATED or not _is_warned(lines, error.index)]
    if not errors:
        return None
    if all(stage.program in programs.INTERPRETERS for stage in loud):
        others = any(stage.program in _LISTS for stage in ran[ran.index(loud[-1]) :])
        return _uncaught(errors, lines, text, _ROOM if others else 1)
    best = errors[0]
    if best.score >= _STATED:
        return Evidence("an error is stated", best)
    coded = next((error for error in errors if error.code), None)
    if coded and any(stage.program in programs.LINTERS for stage in loud):
        return Evidence("a linter reports", coded)
    builds = any(stage.program in programs.BUILDERS for stage in loud)
    ends = any(error.index == len(lines) - 1 and error.score >= REFUSED for error in errors)
    refuses = best.score >= _REFUSAL_SCORE and (ends or best.code or builds or _PREFIXED.match(best.text))
    return Evidence("a program refuses", best) if refuses else None


def _is_warned(lines: list[str], index: int) -> bool:
    """Whether a line explains a warning that was stated above it."""
    above = [line for line in lines[max(0, index - _SHORT) : index] if _HEADLINE.match(line)]
    return bool(above) and above[-1].startswith("Warning")


def _uncaught(errors: list[ErrorLine], lines: list[str], text: str, room: int) -> Evidence | None:
    """Whether an error has ended a script; what it prints is data, and so are errors that it has handled.

    `room` is how many lines at the end may be from programs that ran after it, plus one.
    """
    best = errors[0]
    final = [
        error for error in errors if error.index >= len(lines) - room and not lines[error.index][:1].isspace()
    ]
    if final and final[0].score >= _STATED:
        return Evidence("an error ends the program", final[0])
    if final and final[0].score >= _REFUSAL_SCORE and _LAST_WORDS.match(final[0].text):
        return Evidence("the last words are a refusal", final[0])
    raised = best.score >= _RAISED or (best.score >= _STATED and marks.STACK.search(text))
    if not raised or any(map(_WENT_ON.search, lines[best.index + 1 :])):
        return None
    return Evidence("an error is raised", best)
