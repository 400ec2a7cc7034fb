"""What differs between operating systems: users, locks, processes that outlive their starter, sockets.

Standard library only, valid on Python 3.9, and light to import. No other module of the client calls what only
some systems have; there the functions here say so or do the next best.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # a type checker reads it as true; importing it from typing takes longer than all else
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Flags for opening a file that may be a link or a pipe instead; nothing where a system has no such flags."""


def user() -> int:
    """The number of the user; 0 on a system that has none."""
    return os.getuid() if sys.platform != "win32" else 0


def is_root() -> bool:
    """Whether this user may do everything; on Windows it is not asked."""
    return sys.platform != "win32" and os.geteuid() == 0


def keep_to_ourselves() -> None:
    """Let whatever this process and its children make from now on be this user's alone.

    Compiled modules too: Python makes their folders itself, and runs whatever is in them the next time.
    """
    os.umask(0o077)


def owns_alone(found: os.stat_result) -> bool:
    """Whether a file belongs to this user and nobody else can write it; Windows has no such modes."""
    if sys.platform == "win32":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def free_bytes(folder: str) -> int:
    """Room on the disk that a folder is on, or would be on if it were made.

    Raises:
        OSError: it cannot be read.
    """
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if sys.platform == "win32":
        import shutil

        return shutil.disk_usage(folder).free
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def home() -> str:
    """This user's home folder as the system knows it, empty if it does not."""
    if sys.platform == "win32":
        return os.path.expanduser("~")
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def try_lock(fd: int, *, shared: bool = False) -> bool:
    """Lock an open file, and say whether that succeeded; the lock goes with the process, however it ends.

    On Windows a shared lock is the open file itself: a folder with open files cannot be renamed there.
    """
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        elif not shared:
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def detached() -> dict[str, Any]:
    """Arguments of `Popen` for a process that outlives this one, its terminal, and signals to its group."""
    if sys.platform != "win32":
        return {"start_new_session": True}
    import subprocess

    return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}


def inheriting(fd: int | None) -> dict[str, Any]:
    """Arguments of `Popen` for a process that keeps an open file, and so its lock; not on Windows."""
    return {} if fd is None or sys.platform == "win32" else {"pass_fds": (fd,)}


def readable(fd: int, seconds: float | None) -> bool:
    """Wait until a pipe has something to read or has ended; False when `seconds` have passed before.

    Args:
        fd: its descriptor.
        seconds: None to wait for as long as it takes.
    """
    if sys.platform != "win32":
        from select import select

        return bool(select([fd], [], [], seconds)[0])
    import _winapi
    import msvcrt
    import time

    until = None if seconds is None else time.monotonic() + seconds
    while True:
        try:
            if _winapi.PeekNamedPipe(msvcrt.get_osfhandle(fd), 0)[0]:
                return True
        except OSError:
            return True  # the other end is gone, which reading says as well
        if until is not None and time.monotonic() > until:
            return False
        time.sleep(0.002)


def become(command: Sequence[str]) -> None:
    """Let another program go on in this one's place, with its open connections; does not return."""
    if sys.platform != "win32":
        os.execv(command[0], list(command))  # noqa: S606  our own program
    # there `exec` ends the process that the client knows
    import subprocess

    os._exit(subprocess.call(command))  # noqa: S603  our own program


def listener(path: str) -> int | None:
    """The process behind a unix socket, as the kernel names it; None where nobody listens."""
    import socket

    if not hasattr(socket, "AF_UNIX"):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(path)
            if sys.platform == "linux":
                import struct

                credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
                return int(struct.unpack("3i", credentials)[0])
            local_peerpid = 2
            return int(client.getsockopt(0, local_peerpid))
        except OSError:
            return None
