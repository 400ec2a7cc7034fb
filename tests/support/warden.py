"""Ends what a test run has started when the run itself was killed and could not.

One small process per test process: it reads the ids of the children from a pipe, and the folder in which the
tests' files are. When the pipe closes, it kills those that are still there, with their own children, and then
what has detached itself from them, such as a local store: whatever belongs to the folder.
"""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any, TextIO

import psutil

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1]))

from support import processes

_Popen = subprocess.Popen


class Warden:
    """Watches over the children of this process; `appoint` makes one for all of them."""

    def __init__(self) -> None:
        self._process = _Popen(
            [sys.executable, "-I", __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def watch(self, pid: int) -> None:
        """End this child with the run."""
        self._say(str(pid))

    def cover(self, folder: Path) -> None:
        """End with the run whatever belongs to this folder, see `processes.belonging`."""
        self._say(str(folder))

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):  # at the end of a run it has gone already
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def dismiss(self) -> None:
        """The run has come to its end and cleans up by itself."""
        assert self._process.stdin is not None
        self._process.kill()
        self._process.stdin.close()
        self._process.wait()


def appoint() -> Warden:
    """Watch over every process that is started from now on."""
    warden = Warden()

    class Watched(_Popen):  # type: ignore[type-arg]  # the generic one cannot be called
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            warden.watch(self.pid)

    subprocess.Popen = Watched  # type: ignore[misc]
    return warden


def relieve(warden: Warden) -> None:
    """Undo `appoint`."""
    subprocess.Popen = _Popen  # type: ignore[misc]
    warden.dismiss()


def main(lines: TextIO) -> None:
    """Read ids and folders until the pipe closes, then kill."""
    watched: list[psutil.Process] = []
    folders: list[Path] = []
    for line in lines:
        if not line.strip().isdigit():
            folders.append(Path(line.removesuffix("\n")))
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            watched = [process for process in watched if process.is_running()]
            watched.append(psutil.Process(int(line)))
    for process in watched:
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in (*process.children(recursive=True), process):
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
    for folder in folders:
        processes.end_all(folder)


if __name__ == "__main__":
    main(sys.stdin)
