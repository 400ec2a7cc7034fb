"""What a session changes: the files that it edits and the commands that may alter something."""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from commontrace.pairing.commands import Run
from commontrace_rules.redaction import redact

Kind = Literal["edit", "command"]
WHAT_LIMIT: Final = 300
DETAIL_LIMIT: Final = 2_000
READ_LIMIT: Final = 20_000
"""Characters of a patch or a command that are looked at; a generated file has no end."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        kind: of a file, or by a command.
        what: the file's path, or the command.
        detail: changed lines that begin with + or -, or the whole command with its here-documents.
        at: when it was made, seconds since the epoch.
        agent: who made it; empty for the session's own agent.
        target: digest of the command.
    """

    kind: Kind
    what: str
    detail: str
    at: float
    agent: str = ""
    target: str = ""

    @cached_property
    def redacted(self) -> "Change":
        """The same as it may be stored: without secrets and personal data, then cut."""
        what, detail = redact(self.what).text, redact(self.detail).text
        return Change(
            self.kind, _cut(what, WHAT_LIMIT), _cut(detail, DETAIL_LIMIT), self.at, self.agent, self.target
        )


def of_edit(file: str, patch: str, repo: str, agent: str, at: float) -> Change:
    """An edited file.

    Args:
        file: its path.
        patch: the edit as Claude Code reports it: a JSON list of hunks with their lines.
        repo: the repository's root; paths below it are kept relative to it.
        agent: who edited it.
        at: when.
    """
    inside = os.path.realpath(file).startswith(repo.rstrip("/") + "/")
    what = os.path.relpath(os.path.realpath(file), repo) if inside else file
    return Change("edit", what, "\n".join(_changed_lines(patch)), at, agent)


def of_run(run: Run, command: str, agent: str, at: float) -> list[Change]:
    """What a command may have changed, act by act."""
    detail = command[:READ_LIMIT]
    return [Change("command", act.line, detail, at, agent, act.target) for act in run.changes]


def _changed_lines(patch: str) -> list[str]:
    try:
        hunks = json.loads(patch[: READ_LIMIT * 5]) if patch else []
        lines = [str(line) for hunk in hunks for line in hunk["lines"]]
    except (ValueError, TypeError, KeyError):
        return []  # no patch that this version understands: the file's name is left
    return [line for line in lines if line[:1] in {"+", "-"} and line[1:].strip()]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + " ..."
