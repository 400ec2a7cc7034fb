"""What the keeper asks of the Linux kernel without Python's help; elsewhere it is left out or refused."""

import ctypes
import errno
import os
import signal
import sys

LINUX = sys.platform == "linux"

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
_CLONE_NEWUSER = 0x10000000
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def stop_with_parent() -> None:
    """Has this process interrupted when its parent ends, also after it has become another program."""
    if LINUX:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def enter_user_namespace(inside: int) -> None:
    """Enters a user namespace where this user has the number `inside`; outside nothing changes.

    Raises:
        OSError: the system does not allow it. A namespace without its mapping may have been entered.
    """
    user = os.geteuid()
    if not LINUX or _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(errno.EPERM, "user namespaces are not allowed")
    mapping = os.open("/proc/self/uid_map", os.O_WRONLY)
    try:
        os.write(mapping, b"%d %d 1" % (inside, user))
    finally:
        os.close(mapping)


def become(user: int, group: int) -> None:
    """Becomes `user` for good; root keeps the right to reach any file, where it has that right.

    Raises:
        PermissionError: this process may not become others.
    """
    if LINUX:
        _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if LINUX:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        reach = 1 << _CAP_DAC_OVERRIDE
        _libc.capset(header, (ctypes.c_uint32 * 6)(reach, reach, reach, 0, 0, 0))
        _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
