"""Finds the lines that carry an error in tool output or in prose, most telling first.

What is recognised is how tools in general word errors: an exception with its message, a diagnostic with a
code, a position followed by a severity, a known way of saying "no". Lines that only sum up or wrap another
failure ("Found 2 errors", "exit code 1", "make: ***") score lowest, so that the cause comes first.
"""

import re
from dataclasses import dataclass
from typing import Final

from commontrace_rules.continuation import joined
from commontrace_rules.statements import CROSSES, LEVEL, is_summary, statement
from commontrace_rules.text import clean, pattern

MAX_LINE: Final = 1000
"""Characters of one line that are looked at; minified code and data dumps go on for ever."""

_EXCEPTION: Final = pattern(
    r"(?P<type>(?:[A-Za-z_$][\w$]{0,80}(?:\.|::|\\)){0,12}[A-Z][\w$]{0,80}?"
    r"(?:Error|Exception|Warning|Exit|Interrupt|Fault|Failure|Timeout|Refused|NotFound|Denied|Iteration"
    r"|DoesNotExist)"
    r"|(?:Error))(?:[ ]?\[[\w ]{1,80}\])?(?P<end>:(?=\s|$)|$|[ ]?\()"
)
_DOTTED_EXCEPTION: Final = pattern(r"(?P<type>(?:[a-z_]\w{0,80}\.){1,12}[A-Z]\w{2,80})(?P<end>: )")
_WORDS_THAT_LOOK_CODED = "SHA|AES|RFC|PEP|ISO|UTF|CP|HTTP|RTX|GTX|RSA|AVX|SSE|IPV|LATIN|BASE|CVE|GMT|UTC"
_WORDS_THAT_LOOK_ERRNO = (
    "RROR|XC|XP|XI|XT|XE|XA|MPTY|NABL|VENT|LSE|ACH|SLINT|LAPS|NGINE|NUM|NTER|SCAPE|NCOD"  # ERROR, EXPECTED...
    r"|VAL|DIT|NV|ND|FFECT|NTRY"
)
_CODE: Final = pattern(
    rf"\b(?:(?!(?:{_WORDS_THAT_LOOK_CODED})-?\d)[A-Z]{{1,7}}-?\d{{3,5}}(?![\w.-]*[/@])"
    rf"|ERR_[A-Z0-9_]{{3,60}}|EAI_[A-Z]+|E(?!{_WORDS_THAT_LOOK_ERRNO})[A-Z]{{3,20}})\b"
    r"|(?<=SQLSTATE\[)[0-9A-Z]{5}|(?<=SQLSTATE: )[0-9A-Z]{5}|\b(?=[0-9A-Z]*\d)\d[0-9A-Z]{4}(?=: )"
    r"|(?<=\[)Errno \d+(?=\])|(?<=^curl: \()\d+(?=\))"
)
_RULE_NAME: Final = pattern(
    rf"(?:\s\[(?!(?i:{LEVEL})\])([a-z][\w-]{{2,60}})\]"
    r"|\s\(([a-z][a-z0-9-]{3,60})\)|\s{2,}(@?[a-z][\w-]*(?:/[\w-]+){0,3}))$"
)
_STRONG_REFUSALS: Final = (
    "command not found", "undefined reference", "undefined symbol", "unresolved external",
    "no rule to make", "segmentation fault", "core dumped", "panicked at", "address already in use",
    "no space left on device", "no module named", "cmake error",
)  # fmt: skip
_REFUSALS: Final = (
    "no such ", "denied", "connection re", "connection timed", "could not ", "couldn't ", "cannot ",
    "can't ", "unable to ", "undefined", "unresolved", "out of memory", "timed out", "not recognized",
    "unrecognized ", "unexpected ", "syntax error", "not exist", "n't exist", "already exists",
    "not defined", "not a ", "invalid ", "is invalid", "missing ", "unknown ", "not found", "no matching",
    "multiple definition", "conflict", "rejected", "not installed", "unsupported",
    "mismatch", "must be ", "failed to ", "failed:", "forbidden", "unauthorized", "refused", "backoff",
    "oomkilled", "killed", "no space left", "did not match", "would be overwritten", "not allowed",
    "not permitted", "not match", "not implemented", "too many ", "too long", "expected ", "has no ",
    "failed.", "verification failed", "not supported", "expecting ", "not in ", "not contain", "attempt to ",
    "unbound variable", "unmatched ", "unterminated ", "no tests ", "not used",
)  # fmt: skip
_STACK: Final = pattern(
    r"\s+(?:at |File \"|from |in <|\.\.\. \d+ more)|\s*\d+ \||\s*\^(?!-+\^?[ ][A-Z])|\s*-->|\s*\|(?:\s|$)"
    r"|\s*~"
)
_FRAME: Final = pattern(
    r"\s*(?:(?:\d+ )?[|\u2502](?:\s|$)|-->|\u256d\u2500|\u2570\u2500|\u250c\u2500|[|^~_][|^~_\s]*$)"
)
_POINTER: Final = pattern(r"\s*(?:-->|\u256d\u2500+\[|\u250c\u2500+) ?[\w./\\]")
_EXCUSED: Final = pattern(
    r"(?i)\b(?:(?<!not )handled|falling back|fall back|retrying|recovered|as expected|expected:"
    r"|ignor(?:ed|ing)|skipp(?:ed|ing)|caught|xfail\w*|passed)\b"
)
_ADVERB: Final = pattern(r"\bnot \w{2,20}ly (?=\w)")  # "not natively supported" says "not supported"
_PLACED: Final = pattern(r"\S*(?:[/\\.]|::)\S*")
_NUMBERED: Final = pattern(r"ERROR \d{3,5} \(\w+\)(?: at line \d+)?: ")  # MySQL
_DIES: Final = pattern(r" at \S{1,300} line \d+\.$")  # Perl
_SEVERE: Final = ("error", "fatal", "panic", "critical", "severe", "err!", " e:", "what():")
_MILD: Final = ("warn", "note", "info", "help", "hint")
_VOCABULARY: Final = (
    "err", "fail", "exce", "fatal", "panic", "not ", "unable", "denied", "no ", "refused", "undef", "unre",
    "unkn", "inval", "miss", "kill", "segm", "abort", "warn", "timed", "unsup", "conf", "reject", "unexp",
    "must", "exist", "backoff", "caused", "memory", "already", "mism", "iteration", "interrupt", "timeout",
    "sqlstate", "n't", "cannot", "could", "expect", "too ", "multiple", "attempt", "unbound", "unmatched",
    "unterm", "issue: [", "what():",
)  # fmt: skip
_CODED_OR_PLACED: Final = pattern(
    r"\b[A-Z]{1,7}-?\d{3,5}\b|:\d+:|\(\d+,\d+\)|\d:\d+\s|\bE[A-Z]{4}|^curl: \(\d| at \S+ line \d"
)
_DIGITS: Final = pattern(r"\d+")
_MOST_JUDGED: Final = 150
"""Distinct lines of one text that are judged, half of them from its end: output beyond that repeats "
"itself."""


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One line that carries an error.

    `text` is the cleaned line, whole where the tool broke or cut it, `index` its place in the cleaned text,
    `score` how telling it is (from 40 a cause, up to 20 a summary), `code` a diagnostic or rule code, `type`
    an exception without its module.
    """

    text: str
    index: int
    score: float
    code: str | None
    type: str | None


def error_lines(text: str, limit: int = 8) -> list[ErrorLine]:
    """The lines that carry an error, most telling first, each statement once; [] when there is none."""
    lines = joined(clean(text).split("\n"))
    raised = _raised(lines)
    shown = {index - 1 for index, line in enumerate(lines) if index and _POINTER.match(line)}
    found: dict[str, ErrorLine] = {}
    for index in _worth_judging(lines, raised, shown):
        line = lines[index][:MAX_LINE]
        error = _judge(line, index, raised.get(index, 0.0), shown=index in shown)
        if error is None:
            continue
        key = _DIGITS.sub("", statement(line))
        if key not in found or found[key].score < error.score:
            found[key] = error
    return sorted(found.values(), key=lambda error: (-error.score, error.index))[:limit]


def _worth_judging(lines: list[str], raised: dict[int, float], shown: set[int]) -> list[int]:
    """Places of lines with a word of failure, a code or a position; lines alike but for numbers once."""
    places: dict[str, int] = {}
    whole = "\n".join(lines).lower()
    words = [word for word in _VOCABULARY if word in whole]  # few of them, and there are thousands of lines
    for index, line in enumerate(lines):
        if not line or line.isspace():
            continue
        head = line[:MAX_LINE]
        lowered = head.lower()
        if (
            index in raised
            or index in shown
            or any(word in lowered for word in words)
            or _CODED_OR_PLACED.search(head)
        ):
            places.setdefault(_DIGITS.sub("", head) if index not in raised else head, index)
    chosen = list(places.values())
    if len(chosen) > _MOST_JUDGED:
        chosen = chosen[: _MOST_JUDGED // 2] + chosen[-_MOST_JUDGED // 2 :]
    return chosen


def _raised(lines: list[str]) -> dict[int, float]:
    """Where tracebacks and panics say what was raised: index -> score. The last of a chain counts most."""
    ends: dict[int, float] = {}
    depth: int | None = None
    for index, line in enumerate(lines):
        if line.startswith(_CHAINED):
            ends = {place: min(score, 82.0) for place, score in ends.items()}
        if depth is None:
            if "Traceback (most recent call last)" in line:
                group = _GROUP.match(line)
                depth = group.end() + 1 if group else line.index("Traceback")
            elif "panicked at" in line and _PANIC.match(line) and index + 1 < len(lines):
                ends[index + 1] = 86.0
            continue
        if line.strip() and len(line) - len(line.lstrip(" |")) <= depth:
            ends[index] = 88.0
            depth = None
    return ends


_CHAINED: Final = ("The above exception was the direct cause", "During handling of the above exception")
_GROUP: Final = pattern(r"\s*\+ (?=Exception Group Traceback)")
_PANIC: Final = pattern(r"\s*thread '[^'\n]{1,100}' (?:\(\d+\) )?panicked at [^\s:]{1,300}:\d+:\d+:$")


def is_frame(line: str) -> bool:
    """Whether a line is of the picture of the source that compilers draw: `12 | let x = 1;`, `-->`, `^^^`."""
    return _FRAME.match(line) is not None


def _judge(line: str, index: int, raised: float, *, shown: bool) -> ErrorLine | None:
    """The line as an error, None where it is none; `shown` when a picture of the source follows it."""
    body = statement(line)
    if not body or (not raised and _STACK.match(line)):
        return None
    lead = line[: max(0, line.find(body[:20]))]
    exception = _EXCEPTION.match(body) or _DOTTED_EXCEPTION.match(body)
    code = _code(line, body, lead)
    score = raised or _score(body, lead, exception, code)
    if shown and not score and not any(word in lead.lower() for word in _MILD):
        score = _SHOWN
    if score <= 0:
        return None
    kind = _SEPARATOR.split(exception["type"])[-1] if exception else None
    return ErrorLine(line.strip(), index, score, code, kind)


_SHOWN: Final = 60.0
_SEPARATOR: Final = pattern(r"\.|::|\\")


def _code(line: str, body: str, lead: str) -> str | None:
    if found := _CODE.search(line):
        return found[0]
    if (_DIGITS.search(lead) or "error" in lead.lower()) and (rule := _RULE_NAME.search(body)):
        return rule[1] or rule[2] or rule[3]
    return None


def _score(body: str, lead: str, exception: re.Match[str] | None, code: str | None) -> float:
    said = body.lower()
    severity = " " + _PLACED.sub("", lead.lower())  # the name of a file or test says nothing
    if is_summary(said):
        return 12.0
    score = _weight(body, _ADVERB.sub("not ", said), lead, severity, exception)
    if score and "caused by:" in severity:
        score += 9.0
    if code and (score or lead.strip() or body.startswith(code)):
        score = max(score, 45.0) + 8.0
    if any(word in severity for word in _MILD) and "error" not in severity:
        score = min(score, 22.0)
    if score and _EXCUSED.search(body):
        score = min(score, 18.0)
    return score


def _weight(body: str, said: str, lead: str, severity: str, exception: re.Match[str] | None) -> float:
    """How much the form of the line alone says: an exception most, a mere word of failure least."""
    if exception:
        score = 80.0 if len(body) > exception.end() + 2 else 30.0
        return score - 45.0 if exception["type"].endswith("Warning") else score
    peculiar = (
        said.startswith(("curl: (", "code: 'e", "expect(")) or _NUMBERED.match(body) or _DIES.search(body)
    )
    forms = (
        (66.0, any(word in severity for word in _SEVERE)),
        (64.0, peculiar or any(phrase in said for phrase in _STRONG_REFUSALS)),
        (60.0, any(mark in severity for mark in CROSSES)),
        (50.0, any(phrase in f"{said} " for phrase in _REFUSALS)),
        (46.0, _DIGITS.search(lead) and lead.rstrip().endswith((":", "-"))),
        (40.0, said.startswith(("error", "fatal", "failed", "panic"))),
        (24.0, any(word in said for word in ("error", "exception", "failed", "fatal", "failure"))),
    )
    return next((score for score, holds in forms if holds), 0.0)
