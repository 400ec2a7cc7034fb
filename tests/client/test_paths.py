"""Where things are."""

import os

from commontrace.paths import SOCKET_PATH_LIMIT, Paths


def test_two_data_folders_of_one_user_are_two_stores() -> None:
    """Their sockets differ, however long the names are; nobody ends or removes the other's."""
    homes = ["/home/a", "/home/b", f"/home/{'long/' * 40}"]
    chosen = [{"HOME": home} for home in homes] + [{"COMMONTRACE_HOME": home} for home in homes]
    sockets = [Paths.from_environment(environ).socket for environ in chosen]
    assert len({socket.parent for socket in sockets}) == len(sockets)
    assert max(len(os.fsencode(socket)) for socket in sockets) <= SOCKET_PATH_LIMIT
