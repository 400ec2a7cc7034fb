"""What this session has recorded of a problem that it solved, for the draft that the person asks for."""

import re
from typing import TYPE_CHECKING, Any

from commontrace import render
from commontrace.memory import failures
from commontrace.memory.failures import Solved

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

SOLVED_MOST = 20
"""Solved problems of a session to choose from."""
LIMIT = 3000
"""Characters: a person has asked for this, and it saves the model from looking for it again."""
_WORD = re.compile(r"[\w.-]{3,}")
_DEAD_END = re.compile(
    r"(?i)\b(?:dead[ _-]?ends?|in vain|do(?:es)? not|don'?t|never|cannot|fail\w*|not work\w*)\b"
)
_SOLVED = (
    "CommonTrace recorded this in this session: a command that failed, what was changed then, and its pass. "
    "Draft from this alone."
)
_UNSOLVED = (
    "CommonTrace recorded this in this session: a command that failed, what was changed then, and that it "
    "still fails the same way. It can be a dead end (kind `dead_end`); draft from this alone."
)
NOTHING = (
    "CommonTrace recorded nothing in this session that could be contributed: no command that failed has "
    "passed after a change, and none was tried again in vain. Make no draft; tell the person so in one line."
)


def evidence(runtime: "Runtime", session: str, cwd: str, hint: str) -> dict[str, Any]:
    """Hook JSON with the recorded evidence of the problem that is meant, or that there is none.

    It is all that a draft is made from: the sub-agent that writes it does not see the conversation.

    Args:
        runtime: leads to the memory.
        session: where the person asks.
        cwd: its folder, for the versions in use there.
        hint: what the person wants to write about; empty for what was solved last.
    """
    solved = failures.solved_by(runtime.memory, session, SOLVED_MOST)
    unsolved = failures.unsolved_by(runtime.memory, session, SOLVED_MOST)
    known = [*unsolved, *solved] if _DEAD_END.search(hint) else [*solved, *unsolved]
    meant = _meant(known, hint) if known else None
    said = text(meant, _versions(runtime, cwd, meant)) if meant else NOTHING
    return {"hookSpecificOutput": {"hookEventName": "UserPromptExpansion", "additionalContext": said}}


def text(solved: Solved, versions: str = "") -> str:
    """The evidence as the model reads it, in at most `LIMIT` characters; what others wrote is quoted."""
    solution = solved.solution
    end = "before it passed" if solution.passed else "in vain"
    parts = [
        f"error: {solved.line}",
        *(f"also printed: {line}" for line in solved.query.splitlines() if line != solved.line),
        f"command that failed: {solved.command}",
        f"failing runs: {solution.failures}, within {round(solution.seconds)} s",
        *(f"ran {end}: {command}" for command in solution.ran),
        *(f"edited {end}: {file}" for file in solution.edited),
        f"passed as: {solution.passed}" if solution.passed else "it has not passed",
        *([f"versions: {versions}"] if versions else []),
        *(["changed lines:", solution.diff] if solution.diff else []),
    ]
    head = render.opening(_SOLVED if solution.passed else _UNSOLVED)
    body = render.clip_lines(render.quote("\n".join(parts)), LIMIT - len(head) - len(render.CLOSING))
    return head + body + render.CLOSING


def _meant(solved: list[Solved], hint: str) -> Solved:
    """The newest of those that have most words of the hint."""
    wanted = set(_WORD.findall(hint.casefold()))
    return max(solved, key=lambda item: len(wanted & set(_WORD.findall(_said(item).casefold()))))


def _said(solved: Solved) -> str:
    solution = solved.solution
    return "\n".join(
        [solved.line, solved.query, solved.command, *solution.ran, *solution.edited, solution.diff]
    )


def _versions(runtime: "Runtime", cwd: str, solved: Solved) -> str:
    """The system, and the versions of the packages that the evidence names."""
    if not cwd:
        return ""
    from commontrace import context

    said = _said(solved)
    try:
        found = context.gather(cwd, text=said)
    except Exception as error:  # noqa: BLE001  the evidence without versions is better than none; written down
        runtime.record("context", error)
        return ""
    named = set(_WORD.findall(said.casefold()))
    packages = [f"{name} {version}" for name, version in found.packages.items() if name.casefold() in named]
    return ", ".join([*packages, *([found.os] if found.os else [])])
