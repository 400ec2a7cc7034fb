"""The `commontrace` command as people and agents run it: in a process of its own, with or without a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    """Run a command without a terminal."""
    done = subprocess.run(
        [sys.executable, str(RUN), *arguments],
        env=environment(home, **variables),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


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
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, str(RUN), *arguments]
        os.execve(command[0], command, environment(home, **(variables or {})))
    said, waiting = "", list(answers)
    until = time.monotonic() + SECONDS
    seen = 0
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break  # how Linux reports that the last writer has gone
        if not piece:
            break
        said += piece.decode(errors="replace")
        if waiting and waiting[0][0] in said[seen:]:
            seen = len(said)
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
    else:
        os.kill(child, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    assert not waiting, f"never asked {waiting[0][0]!r}: {said}"
    return Done(status, _COLOURS.sub("", said).replace("\r\n", "\n"))
