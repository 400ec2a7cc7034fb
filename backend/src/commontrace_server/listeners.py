"""Where a store listens: a TCP port, or a unix socket that only its owner can reach."""

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final, Protocol

_PATH_BYTES: Final = 103  # what every supported system's socket address holds
_CONNECT_SECONDS: Final = 1.0
_MAKING: Final = ".new"  # shorter than any name a socket is given, so that it fits where the socket does


class ListenError(Exception):
    """The store cannot listen there; the message says why and what to do."""


class Listener(Protocol):
    """A bound socket; connections are refused until the server listens on it."""

    socket: socket.socket

    def publish(self) -> str:
        """Make it reachable, now that the server is ready, and return its address."""
        ...

    def withdraw(self) -> None:
        """Make it unreachable for those who do not have a connection yet."""
        ...


class Port:
    """A TCP port.

    Raises:
        ListenError: The address is taken, not ours to take, or not there.
    """

    def __init__(self, host: str, port: int) -> None:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self.socket = socket.create_server(address[:2], family=family, backlog=1)
        except OSError as error:
            raise ListenError(_reason(host, port, error)) from error

    def publish(self) -> str:
        """Return the address; the server listens already."""
        return _url(self.socket)

    def withdraw(self) -> None:
        """Do nothing: a closed port refuses connections by itself."""

    def close(self) -> None:
        """Let go of the port."""
        self.socket.close()


class InheritedPort:
    """A TCP port that another process has bound, and shares with this one and others.

    Args:
        descriptor: Of its socket.
    """

    def __init__(self, descriptor: int) -> None:
        self.socket = socket.socket(fileno=descriptor)

    def publish(self) -> str:
        """Return the address."""
        return _url(self.socket)

    def withdraw(self) -> None:
        """Do nothing: whoever connects is served by another process."""

    def close(self) -> None:
        """Let go of this process's share of the port."""
        self.socket.close()


def answers(path: Path) -> bool:
    """Tell whether somebody listens on the unix socket `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_CONNECT_SECONDS)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


class UnixSocket:
    """A socket file: 0600, in a folder that only its owner enters, there from `publish` to `withdraw`.

    The caller holds the store's lock, so whatever is at `path` is what a killed store has left.

    Raises:
        ListenError: The path is too long, or its folder is not ours alone.
    """

    def __init__(self, path: Path) -> None:
        if len(os.fsencode(path)) > _PATH_BYTES:
            raise ListenError(
                f"{path} is too long for a socket ({_PATH_BYTES} bytes): give a shorter --socket"
            )
        self._path = path
        self._making = path.with_name(_MAKING)
        try:
            _make_private(path.parent)
            self.withdraw()
            self._making.unlink(missing_ok=True)
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.bind(str(self._making))
            self._making.chmod(0o600)
        except OSError as error:
            raise ListenError(f"cannot make the socket {path}: {error.strerror}") from error

    def publish(self) -> str:
        """Rename the socket into place: whoever sees it can connect to it."""
        self._making.rename(self._path)
        return f"unix:{self._path}"

    def withdraw(self) -> None:
        """Remove the socket file."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove what is left of the socket."""
        self.socket.close()
        self._making.unlink(missing_ok=True)
        self.withdraw()


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ListenError(f"{folder} must be a folder that only you can enter (chmod 700)")


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: choose another with --port, or end what uses it"
    if error.errno == errno.EACCES:
        return f"port {port} of {host} is reserved: choose one above 1023 with --port"
    return f"cannot listen on {host}, port {port}: {error.strerror}; check --host and --port"
