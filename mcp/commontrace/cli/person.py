"""Who is at the keyboard: what only a person may decide is asked here, and nowhere else."""

import os
import sys
from collections.abc import Mapping

from commontrace import ancestry
from commontrace.cli.output import CommandError

PUBLISHING = "a coding agent cannot approve a trace: run this command yourself in a terminal of your own"


MARKS = ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID")
"""What Claude Code sets for the commands that it runs, and no person for their own."""


def is_agent(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether Claude Code runs this command; it marks what it runs."""
    return any(environ.get(mark, "") not in ("", "0") for mark in MARKS) or ancestry.run_by_agent()


def on_terminal() -> bool:
    """Whether somebody can read a question and answer it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def require(what: str) -> None:
    """Refuse an agent, and a shell without a terminal.

    Raises:
        CommandError: there is no person here; the message is `what`.
    """
    if is_agent():
        raise CommandError(
            f"{what}: a coding agent cannot do this; run it yourself in a terminal of your own"
        )
    if not on_terminal():
        raise CommandError(f"{what}: nobody is here to ask; run it in a terminal")


def agrees(question: str) -> bool:
    """Whether the person answers yes; anything but y or yes is a no."""
    return _answer(f"{question} [y/N] ") in ("y", "yes")


def insists(question: str) -> bool:
    """Whether the person types the whole word yes, for what leaves this machine."""
    return _answer(f"{question} Type yes to go on: ") == "yes"


def _answer(prompt: str) -> str:
    try:
        return input(prompt).strip().lower()
    except EOFError:
        return ""
