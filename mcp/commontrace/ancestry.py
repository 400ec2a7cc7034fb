"""Whether an agent started the Claude Code that this process serves: then no person typed its prompts.

Claude Code marks whatever its tools start with `CLAUDECODE=1`. A client that was started with the mark, or
below another process of the same client, is an agent's. Where the system does not tell (no /proc), nobody is
accused; the other guards of a publication hold there too.
"""

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
MARK = b"CLAUDECODE=1"
GENERATIONS = 64


def started_by_agent(client: int | None = None, proc: Path = PROC) -> bool:
    """Whether the client, by default this process's parent, was started by an agent's tool."""
    pid = os.getppid() if client is None else client
    return _marked(pid, proc) or _nested(pid, proc)


def parent(pid: int, proc: Path = PROC) -> int | None:
    """The process that started another one, None where the system does not tell or it is the first."""
    return next(_ancestors(pid, proc), None)


def run_by_agent(proc: Path = PROC) -> bool:
    """Whether this process, or any above it, was started by an agent's tool.

    A command can drop the mark for what it starts, and bring a terminal of its own; it cannot take the mark
    from the shell that it was started by.
    """
    own = os.getpid()
    return any(_marked(pid, proc) for pid in (own, *_ancestors(own, proc)))


def _marked(pid: int, proc: Path) -> bool:
    """Whether the mark was there when the process started; what it sets for its children does not count."""
    try:
        return MARK in (proc / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _nested(pid: int, proc: Path) -> bool:
    program = _program(pid, proc)
    return program is not None and any(_program(parent, proc) == program for parent in _ancestors(pid, proc))


def _program(pid: int, proc: Path) -> tuple[int, int] | None:
    """Device and inode of the file that a process runs."""
    try:
        found = (proc / str(pid) / "exe").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _ancestors(pid: int, proc: Path) -> Iterator[int]:
    for _ in range(GENERATIONS):
        try:
            # the name in parentheses may hold anything; the state and the parent follow its end
            status = (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
            pid = int(status[1])
        except (OSError, ValueError, IndexError):
            return
        if pid < 1:
            return
        yield pid  # the first one too: in a container it may be the client
