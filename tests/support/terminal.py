"""The `commontrace` command as people, scripts and agents run it: with or without a terminal."""

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from commontrace import ancestry, cli
from support import machine

RUN = Path(__file__).resolve().parents[2] / "scripts" / "run.py"
SECONDS = 60.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Done:
    """How a command ended; on a terminal, output and errors are one text."""

    status: int
    out: str
    err: str = ""


def environment(home: Path, **variables: str) -> dict[str, str]:
    """The environment of a command whose files are all below `home`."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "COMMONTRACE_HOME": str(home), **variables}


def run(home: Path, *arguments: str, stdin: str = "", **variables: str) -> Done:
    """Run a command without a terminal, in this process: starting Python takes longer than most commands."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    with (
        mock.patch.dict(os.environ, environment(home, **variables), clear=True),
        mock.patch.object(sys, "stdin", typed),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            status = cli.main(list(arguments))
        except SystemExit as wrong_usage:
            status = int(wrong_usage.code or 0)
    return Done(status, _text(out), _text(err))


def on_terminal(
    home: Path,
    arguments: Sequence[str],
    answers: Sequence[tuple[str, str]],
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Run a command on a terminal.

    Args:
        home: where all its files are.
        arguments: of the command.
        answers: what is asked, as a part of the question, and what is typed then; in order.
        variables: further environment variables.
    """
    return _converse([sys.executable, str(RUN), *arguments], home, answers, variables or {})


def shell(
    home: Path, line: str, answers: Sequence[tuple[str, str]], variables: Mapping[str, str] | None = None
) -> Done:
    """Run a line of shell on a terminal."""
    return _converse(["/bin/sh", "-c", line], home, answers, variables or {})


def _converse(
    command: Sequence[str], home: Path, answers: Sequence[tuple[str, str]], variables: Mapping[str, str]
) -> Done:
    if ancestry.run_by_agent():
        pytest.skip("an agent runs these tests, so that there is no person at any terminal of theirs")
    if not (home / "pycache").exists():
        machine.share_compiled(home)
    terminal, slave = pty.openpty()
    # a new session takes the first terminal that it opens for its own, which a password is then read from
    opening = ["/bin/sh", "-c", 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>&1', "sh", os.ttyname(slave)]
    try:
        with subprocess.Popen(
            [*opening, *command], env=environment(home, **variables), start_new_session=True
        ) as process:
            said, waiting = _answer(process, terminal, list(answers))
    finally:
        os.close(slave)
        os.close(terminal)
    assert not waiting, f"never asked {waiting[0][0]!r}: {said}"
    return Done(process.returncode, _COLOURS.sub("", said).replace("\r\n", "\n"))


def _answer(
    process: "subprocess.Popen[bytes]", terminal: int, answers: list[tuple[str, str]]
) -> tuple[str, list[tuple[str, str]]]:
    """Type each answer when it is asked for; what was said until the end, and what was never asked."""
    said, seen = "", 0
    until = time.monotonic() + SECONDS
    while True:
        ended = process.poll() is not None
        if select.select([terminal], [], [], 0.05)[0]:
            said += os.read(terminal, 65_536).decode(errors="replace")
        elif ended:
            return said, answers
        if answers and answers[0][0] in said[seen:]:
            seen = len(said)
            os.write(terminal, answers.pop(0)[1].encode() + b"\n")
        if time.monotonic() > until:
            process.kill()


def _text(written: io.TextIOWrapper) -> str:
    written.flush()
    buffer = written.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
