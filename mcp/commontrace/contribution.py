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
_HEAD = (
    "CommonTrace recorded this in this session: a command that failed, what was changed then, and its pass. "
    "Draft from it, and from what you did yourself."
)


def evidence(runtime: "Runtime", session: str, cwd: str, hint: str) -> dict[str, Any] | None:
    """Hook JSON with the recorded evidence of the problem that is meant; None where nothing was solved.

    Args:
        runtime: leads to the memory.
        session: where the person asks.
        cwd: its folder, for the versions in use there.
        hint: what the person wants to write about; empty for what was solved last.
    """
    solved = failures.solved_by(runtime.memory, session, SOLVED_MOST)
    if not solved:
        return None
    meant = _meant(solved, hint)
    said = text(meant, _versions(runtime, cwd, meant))
    added = {"hookEventName": "UserPromptExpansion", "additionalContext": said}
    return {"hookSpecificOutput": added}


def text(solved: Solved, versions: str = "") -> str:
    """The evidence as the model reads it, in at most `LIMIT` characters; what others wrote is quoted."""
    solution = solved.solution
    parts = [
        f"error: {solved.line}",
        *(f"also printed: {line}" for line in solved.query.splitlines() if line != solved.line),
        f"command that failed: {solved.command}",
        f"failing runs: {solution.failures}, from the first to the pass: {round(solution.seconds)} s",
        *(f"ran before it passed: {command}" for command in solution.ran),
        *(f"edited before it passed: {file}" for file in solution.edited),
        f"passed as: {solution.passed}",
        *([f"versions: {versions}"] if versions else []),
        *(["changed lines:", solution.diff] if solution.diff else []),
    ]
    head = render.opening(_HEAD)
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
