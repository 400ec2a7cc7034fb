"""What a query says: its telling lines, its codes, its languages and tools. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commontrace_rules.errors import ErrorLine, error_lines, is_frame
from commontrace_rules.signature import fold, signatures
from commontrace_rules.statements import statement, sums_up
from commontrace_rules.text import clean

FOCUS_LINES = 4  # error lines that speak for an output; chosen, not measured
CONDENSED_LINES = 8  # an error query this short was condensed by its sender
FOCUS_CHARACTERS = 1000  # about the embedding window
CAUSE_SHARE = 0.7  # an error line this near to the best one is a cause of its own, not a note or a summary
TAIL_LINES = 8  # of an output in which nothing reads as an error
REST_CHARACTERS = 4000  # enough for the words around an error, little enough to parse in a millisecond
SIGNATURES = 16  # signatures compared per query

_CAMEL = r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+"
_CODE = re.compile(  # how linters name the rule in lines that need not read as errors by themselves
    r"(?m)^[A-Z]{1,7}-?\d{3,5}(?=:?\s)"  # C0116 at the beginning
    r"|(?<=[\[(])[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?=[\])](?: \[\w+\])?$)"  # (invalid-str-returned) at the end
    r"|(?<=\s\[)(?!error|warning|info|note)[a-z]{3,40}(?=\]$)"  # [override]
    r"|(?<=\s{2})(?:@[\w-]+/)?[a-z][\w-]+(?:/[\w-]+){0,2}$"  # no-undef, in a column of its own
    r"|(?<=#\[(?:warn|deny)\()[\w:]+(?=\)\])|(?<=#\[allow\()[\w:]+(?=\)\])"  # rustc: #[warn(unused_mut)]
    r"|^(?:[A-Z]: )?[A-Z]\w+/[A-Z]\w+(?=: )"  # Style/StringLiterals:
    rf"|^(?!\w+(?:Error|Exception|Warning|Interrupt)\b){_CAMEL}(?= - |: )"  # UndefinedClass -
    rf"|(?<=^\[){_CAMEL}(?=\] )"  # [UndefinedClass]
)
_NEEDED = re.compile(  # what could not be found: the same words about another one are another problem
    r"(?i)\bno module named ([\w.@/-]{2,80})|\bcannot find (?:module|package) ([\w.@/-]{2,80})"
    r"|^([\w.+-]{2,60}): command not found|\bno matching distribution found for ([\w.-]{2,80})"
    r"|\b(?:could not|can't|cannot) (?:resolve|import|load) (?:module )?([\w@][\w.@/-]{1,80})"
    r"|\bfixture (\w{2,60}) not found|\bmissing script: ([\w:.-]{2,60})|\bunresolved import ([\w:]{2,80})"
    r"|\bundeclared (?:crate or module|crate|module) (\w{2,60})"
    r"|\b(?:cannot find|library not found for) -l(\w{2,60})"
    r"|\b([\w/-]{2,80}\.h(?:pp)?): no such file",
    re.MULTILINE,
)
_OUTCOME = re.compile(r"\.{4,}\s?\w+$")  # how pre-commit and test runners align "Failed" and "Passed"
_TOOL = re.compile(r"[a-z][a-z\d.+-]{1,29}")
_PLACEHOLDER = re.compile(r"<[a-z:-]{1,40}>")
# what stands before a rule's name: @typescript-eslint/no-unused-vars, clippy::needless_return
_PLUGIN = re.compile(r"^(?:@?[a-z][\w-]*/(?:[\w-]+/)?|clippy::|[A-Z]: )(?=.)")


@dataclass(frozen=True)
class Reading:
    """One query as the search sees it.

    Attributes:
        focus: The part that tells: error lines without what varies, or a question's first line.
        rest: Everything else that was said.
        dense: What is embedded.
        codes: Rule codes, rule names and error numbers, lower case: E0382, no-unused-vars, ERESOLVE.
        needed: Modules, commands and the like that the error says are missing, lower case.
        signatures: Fingerprints of the errors in it.
        labels: Languages, frameworks and tools of the caller, lower case.
    """

    kind: str
    focus: str
    rest: str
    dense: str
    codes: tuple[str, ...]
    needed: tuple[str, ...]
    signatures: tuple[str, ...]
    labels: frozenset[str]


def read(kind: str, query: str, given: Sequence[str] = (), labels: Iterable[str] = ()) -> Reading:
    """Read a query.

    Args:
        kind: error, question or session_context.
        query: As the caller sent it; terminal noise is taken off here.
        given: Signatures that the caller has computed.
        labels: Languages and frameworks that the caller is known to use.
    """
    tool, text = _named_tool(kind, clean(query))
    lines = [] if kind == "session_context" else error_lines(text)
    told, rest = _parts(kind, text, lines)
    focus = "\n".join(dict.fromkeys(map(_bare, told)) if kind == "error" else told)[:FOCUS_CHARACTERS]
    return Reading(
        kind=kind,
        focus=focus,
        rest=rest[:REST_CHARACTERS],
        dense=focus if kind == "error" else text[: 2 * FOCUS_CHARACTERS],
        codes=_codes(lines, "\n".join(map(statement, told)) if kind == "error" else ""),
        needed=_needed(focus) if lines else (),
        signatures=tuple(dict.fromkeys([*given, *(signatures(text) if lines else ())]))[:SIGNATURES],
        labels=frozenset(label.lower() for label in [*labels, tool] if label),
    )


def _codes(lines: Iterable[ErrorLine], told: str) -> tuple[str, ...]:
    """Codes of the error lines and of what else is telling, most telling line first."""
    found = [line.code for line in lines if line.code] + _CODE.findall(told)
    return tuple(dict.fromkeys(_PLUGIN.sub("", code).lower() for code in found))


def _needed(focus: str) -> tuple[str, ...]:
    found = ["".join(groups).lower().rstrip(".") for groups in _NEEDED.findall(focus)]
    return tuple(dict.fromkeys(found))


def _parts(kind: str, text: str, lines: Sequence[ErrorLine]) -> tuple[list[str], str]:
    """The lines of a text that tell, and the rest."""
    if kind == "session_context":
        return [text[:FOCUS_CHARACTERS]], text[FOCUS_CHARACTERS:]
    if kind == "question":
        first, _, rest = text.strip().partition("\n")
        return [first[:FOCUS_CHARACTERS]], first[FOCUS_CHARACTERS:] + rest
    others = [_bare(line) for line in text[-REST_CHARACTERS:].split("\n") if not _sums_up(line)]
    return _telling(text, lines), "\n".join(others)


def _telling(text: str, lines: Sequence[ErrorLine]) -> list[str]:
    """The lines of an output that carry its cause."""
    spoken = [line.strip() for line in text.split("\n") if line.strip() and not is_frame(line)]
    best = max((line.score for line in lines), default=0.0)
    causes = [line.text for line in lines if line.score >= CAUSE_SHARE * best][:FOCUS_LINES]
    if not _condensed(spoken):
        return causes or spoken[-TAIL_LINES:]
    # someone chose these few lines: all of them tell, but for those known to only sum up
    minor = {line.text for line in lines if line.score < CAUSE_SHARE * best}
    return [line for line in spoken if line not in minor and not _sums_up(line)] or causes or spoken


def _sums_up(line: str) -> bool:
    return sums_up(line) or _OUTCOME.search(line) is not None


def _condensed(spoken: Sequence[str]) -> bool:
    """Whether the sender has already kept the few lines that tell and taken off who said them and where."""
    return len(spoken) <= CONDENSED_LINES and all(statement(line) == line for line in spoken)


def _named_tool(kind: str, text: str) -> tuple[str, str]:
    """The tool that a condensed query names in a line before the errors, and the text without it."""
    first, _, rest = text.partition("\n")
    named = kind == "error" and rest and _TOOL.fullmatch(first) and not error_lines(first)
    return (first.lower(), rest) if named else ("", text)


def _bare(text: str) -> str:
    """A line without what differs between two runs of the same failure."""
    return _PLACEHOLDER.sub(" ", fold(text)).strip()
