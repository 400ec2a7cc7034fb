# ruff: noqa: PTH110, PTH116  (pathlib is too much for the small, long-lived keeper)
"""As whom PostgreSQL runs: it accepts neither root nor a user without a name."""

import contextlib
import os
import pwd

from commontrace_server.postgres.kernel import LINUX, become, enter_user_namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class RefusedError(Exception):
    """PostgreSQL cannot run under any user id that this process can take."""


def take(home: str, binaries: str, sockets: str) -> None:
    """Becomes a user that PostgreSQL accepts: neither root nor without a name.

    Root first tries a user namespace in which it merely has another number, so that its files stay its
    own. Where that is refused (seccomp in containers, chroot), it becomes `nobody` and takes along, if it
    may, the one capability to pass directories that are closed to others.

    Raises:
        RefusedError: neither is possible, or that user cannot reach the programs or the data.
    """
    paths = (f"{binaries}/postgres", home, sockets)
    user = os.geteuid()
    owner = os.stat(f"{home}/pgdata").st_uid if os.path.exists(f"{home}/pgdata") else user
    if user == 0 and owner != 0:
        _become(owner)
    elif user == 0 or not _has_name(user):
        if _works_in_child(_enter_namespace):
            _enter_namespace()
        elif user == 0:
            _hand_over(_unprivileged_user(), paths)
        else:
            raise RefusedError(f"user id {user} has no name here, and user namespaces are not allowed")
    if closed := _out_of_reach(paths):
        raise RefusedError(f"user id {os.geteuid()}, which it would run as, cannot reach {closed}")


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _works_in_child(action: "Callable[[], None]") -> bool:
    """Tries in a child process what cannot be taken back."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with contextlib.suppress(OSError):
                action()
                status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _enter_namespace() -> None:
    inside = next((number for number in (1000, 65534, 1, 2) if _has_name(number)), 1000)
    enter_user_namespace(inside)


def _become(user: int) -> None:
    become(user, pwd.getpwuid(user).pw_gid if _has_name(user) else user)


def _unprivileged_user() -> int:
    for name in ("nobody", "postgres"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise RefusedError("there is neither a user nobody nor a user postgres")


def _hand_over(user: int, paths: tuple[str, str, str]) -> None:
    """Gives the cluster to `user` and becomes that user, if that user can work with it."""

    def reach() -> None:
        _become(user)
        # Without the capability root itself could not enter any more what it has given away.
        if _out_of_reach(paths if LINUX else paths[:1]):
            raise PermissionError

    if not _works_in_child(reach):
        raise RefusedError(f"user id {user}, which it would run as, cannot reach all of {', '.join(paths)}")
    _, home, sockets = paths
    for path in (home, sockets):
        os.chown(path, user, -1)
    for directory, _, files in os.walk(f"{home}/pgdata"):
        for path in (directory, *(f"{directory}/{name}" for name in files)):
            os.chown(path, user, -1, follow_symlinks=False)
    _become(user)


def _out_of_reach(paths: tuple[str, ...]) -> str:
    """Those of the program and the directories that this process cannot use, for a message.

    PostgreSQL looks for its own program by what the real user may do: a capability does not help it there.
    """
    program, *directories = paths
    closed = [] if os.access(program, os.R_OK | os.X_OK) else [program]
    mode = os.W_OK | os.X_OK
    return ", ".join(
        closed + [path for path in directories if not os.access(path, mode, effective_ids=LINUX)]
    )
