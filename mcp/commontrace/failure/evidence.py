"""Finds in the output of a command that "succeeded" what shows that a program of it failed all the same."""

import re
from dataclasses import dataclass
from typing import Final

from commontrace.failure import programs
from commontrace.failure.shell import Stage, word_set
from commontrace_rules.errors import ErrorLine, error_lines
from commontrace_rules.text import pattern

SUMMARY: Final = 20.0
"""Lines of `error_lines` up to this score only sum up or mention; above it they state a cause."""
REFUSED: Final = 40.0
_STATED: Final = 60.0
_RAISED: Final = 85.0

_WORDS: Final = (
    "error", "fail", "fatal", "exception", "traceback", "panic", "cannot", "can't", "could not", "unable",
    "denied", "not found", "no such", "refused", "undefined", "unresolved", "unrecognized", "unknown",
    "invalid", "missing", "killed", "segmentation", "abort", "conflict", "rejected", "timed out", "not ok",
    "backoff", "oomkilled", "err!", "warning", "exit", "rc=", "\u2716", "\u2717", "\u2718", "\u00d7",
    "status", " rated ", "would ", "expected", "not a ", "is not", "npm error", "issues found",
)  # fmt: skip
_CODE: Final = pattern(r"(?:^|: )[A-Z]{1,4}\d{3,4}[ :]", re.MULTILINE)
_RED: Final = pattern(
    r"(?im)^(?:"
    r"[=\s]*(?:\d+ \w+, )*[1-9]\d* (?:failed|errors?|failures?)\b(?:,| in | during|[\s=]*$)"  # pytest
    r"|(?:tests|test suites|test files|snapshots):?\s+(?:\d+ \w+, ?)*[1-9]\d* failed"  # jest
    r"|\s*(?:test files|tests)\s{1,8}[1-9]\d* failed"  # vitest
    r"|\s*[1-9]\d* failing$|failed \((?:errors|failures)=[1-9]|test result: failed|--- fail: "
    r"|fail\s+\S+\s+\[?[\d.b]|not ok \d+"
    r"|[#\u2139] fail [1-9]|\d+ examples?, [1-9]\d* failures?|(?:tests run|tests): ?\d+.{0,60}(?:failures"
    r"|errors): ?[1-9]"
    r"|found [1-9]\d* errors?\b|[\u2716\u00d7] [1-9]\d* problems? \([1-9]"
    r"|.{0,80}compiled with [1-9]\d* errors?|failed to compile\.?$"
    r"|build fail(?:ed|ure)|failure: build failed|.{0,40}: \*\*\* .{0,200}(?:error \d+|stop\.)"
    r"|ninja: build stopped"
    r"|npm (?:err!|error) |error: could not compile |error\[e\d{4}\]|errors? found!"
    r"|your code has been rated at (?!10\.00)"
    r"|(?:oh no|\d+ files? would be reformatted|would reformat )|\[error\] .{0,200}build failure"
    r"|.{0,60}\b[1-9]\d* errors? generated"
    r"|thread '[^']{1,80}' (?:\(\d+\) )?panicked at|panic: |fatal error: |fatal: |segmentation fault"
    r"|.{0,80}\(core dumped\)"
    r"|(?:\S+: )?(?:line )?(?:\d+: )?.{1,80}: (?:command )?not found$|.{0,60}\bkilled$|exited \(?[1-9]\d*\)?$"
    r"| ! \[(?:remote )?rejected\]|conflict \(|collect2: error|cmake error|code style issues"
    r"|\[warn\] code style|automatic merge failed|error: failed to push"
    r"|psql:.{1,200}: error: |\s*[1-9]\d* fail$|\S{1,60}: fail code \d"
    r"|note: (?:run with|some details are omitted).{0,30}rust_backtrace"
    r"|error: process completed with exit code [1-9]"
    r")"
)
_GREEN: Final = pattern(
    r"(?im)^(?:[=\s]*(?:\d+ \w+, )*\d+ passed\b(?!.{0,60}\b[1-9]\d* (?:failed|error))|test result: ok"
    r"|(?:tests|test suites|test files):?\s.{0,60}\bpassed\b(?!.{0,40}[1-9]\d* failed)"
    r"|success: no issues|all checks passed|found 0 errors|ok(?: \(|$)|ok\s+\S+\s+[\d.(]|build success"
    r"|\[?.{0,10}build success|\s*\d+ passing|.{0,60}compiled successfully"
    r"|\s*finished .{0,80}target\(s\)|[#\u2139] fail 0$|added \d+ packages|up to date"
    r"|successfully (?:installed|built|created|tagged)|your code has been rated at 10|\u2728  ?done)"
)
_STACK: Final = pattern(
    r"(?m)^\s+at .{1,200}[:(]|^\s+from .{1,200}:\d+|^Node\.js v\d|^\s+File \".{1,300}\", line \d+"
    r"|^goroutine \d+ \[| at .{1,200} line \d+\.$"
)
_CRASHED: Final = pattern(
    r"(?m)\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|OOMKilled|CreateContainerConfigError"
    r"|exited with code [1-9]\d*)\b"
)
_SHOWN_CODE: Final = pattern(
    r"(?im)^[^\n]{0,60}?(?:exit|status|\brc|\bret|code|result)[\w ]{0,12}[:=]?\s*\(?(-?\d{1,3})\)?\W{0,6}$"
    r"|^(\d{1,3})$"
)
_PREFIXED: Final = pattern(r"(?:[\w./+-]{1,80}: )+\S")
_COMPLAINS: Final = pattern(
    r"(?i)(?:error:|error from|cannot|could not|unable to|the connection|"
    r"failed to|fatal:|permission denied)(?=\s)"
)
_BROKEN_PIPE: Final = pattern(r"(?i)broken ?pipe|pipe to stdout was broken|\bEPIPE\b")  # `| head` had enough
_SHORT: Final = 4
_REFUSAL_SCORE: Final = 50.0
_MUTE: Final = word_set("cd set export true false sleep : pushd popd unset")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the output is taken for a failure, and the line that says so if one does."""

    reason: str
    error: ErrorLine | None = None


def worth_reading(output: str) -> bool:
    """A cheap look for any word of failure; most output has none, and nothing more is done with it."""
    lowered = output.lower()
    return any(word in lowered for word in _WORDS) or _CODE.search(output) is not None


def shown_exit_code(command: str, text: str) -> int | None:
    """The exit status that the command printed itself, as in `make; echo $?`; None if it printed none."""
    if "$?" not in command and "PIPESTATUS" not in command:
        return None
    codes = [int(match[1] or match[2]) for match in _SHOWN_CODE.finditer(text)]
    if not codes:
        return None
    wrong = next((code for code in codes if code), 0)
    behind_pipe = (
        "|" in command.replace("||", "") and "PIPESTATUS" not in command and "pipefail" not in command
    )
    return None if behind_pipe and not wrong else wrong


def is_readers_own(line: str, ran: list[Stage]) -> bool:
    """Whether a line is a message of one of these programs about itself, as "cat: x: No such file" is."""
    head = line.split(":", 1)[0].rsplit("/", 1)[-1]
    if head in {stage.program for stage in ran} and line[len(head) :].startswith((": ", ":")):
        return not re.match(r"[^:]{1,80}:\d+:", line)
    return (
        re.match(r"(?:fatal: |parse error: |(?:\S*/)?(?:ba|z|da)?sh: |usage: |error: unknown )", line)
        is not None
    )


def find(witnesses: list[Stage], ran: list[Stage], command: str, text: str) -> Evidence | None:
    """The strongest evidence that one of `witnesses` failed, None if there is none.

    `text` is the clean output of all programs in `ran`.
    """
    errors = [
        error
        for error in error_lines(text)
        if error.text not in command and not _BROKEN_PIPE.search(error.text)
    ]
    if any(programs.observes(stage) for stage in witnesses) and (crash := _CRASHED.search(text)):
        return Evidence(f"the log shows {crash[0]}")
    if all(programs.reads(stage) for stage in witnesses):
        telling = [stage for stage in witnesses if stage.program not in _MUTE]
        return _of_readers(telling, command, errors, text.count("\n") + 1)
    if not _speaks(witnesses, ran):
        return None
    red = next((match for match in _RED.finditer(text) if _whole_line(text, match) not in command), None)
    if red is not None:
        return Evidence(f"the output says {red[0].strip()[:60]!r}")
    if _GREEN.search(text):
        return None
    return _stated(witnesses, text, errors)


def _whole_line(text: str, match: re.Match[str]) -> str:
    end = text.find("\n", match.end())
    return text[match.start() : end if end >= 0 else None].strip()


def _speaks(witnesses: list[Stage], ran: list[Stage]) -> bool:
    """Whether the output can hold the text of a witness that does more than read."""
    shown = {word for stage in ran if programs.reads(stage) for word in stage.words}
    return any(
        programs.observes(stage)
        or (not programs.reads(stage) and all(target in shown for target in stage.targets))
        for stage in witnesses
    )


def _of_readers(witnesses: list[Stage], command: str, errors: list[ErrorLine], lines: int) -> Evidence | None:
    if "||" in command:
        return None
    told = [error for error in errors if error.score > SUMMARY]
    own = next((error for error in told if is_readers_own(error.text, witnesses)), None)
    if (
        own is None
        and told
        and lines <= _SHORT
        and all(stage.program not in programs.READERS for stage in witnesses)
    ):
        own = next((error for error in told if _COMPLAINS.match(error.text)), None)
    return Evidence("a program reports an error of its own", own) if own else None


def _stated(witnesses: list[Stage], text: str, errors: list[ErrorLine]) -> Evidence | None:
    """Evidence without a summary: the error lines alone, weighed by who may have written them."""
    if not errors:
        return None
    best = errors[0]
    at_end = best.index >= text.count("\n") - 2
    if all(programs.reads(stage) or stage.program in programs.INTERPRETERS for stage in witnesses):
        uncaught = at_end or best.score >= _RAISED or _STACK.search(text) is not None
        return Evidence("an error ends the program", best) if uncaught and best.score >= _STATED else None
    if best.score >= _STATED:
        return Evidence("an error is stated", best)
    coded = next((error for error in errors if error.code), None)
    if coded and any(stage.program in programs.LINTERS for stage in witnesses):
        return Evidence("a linter reports", coded)
    builds = any(stage.program in programs.BUILDERS for stage in witnesses)
    refuses = best.score >= _REFUSAL_SCORE and (at_end or best.code or builds or _PREFIXED.match(best.text))
    return Evidence("a program refuses", best) if refuses else None
