"""The server's settings, given on its command line so that they outrank anything in the data directory."""

from collections.abc import Mapping
from types import MappingProxyType

PORT = 5432

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        # Reached through a private socket only.
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_permissions": "0700",
        # The API's pool, its workers, and room for a maintainer's psql.
        "max_connections": "60",
        # An acknowledged write is on the disk.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # Holds the vectors and indexes of some 100,000 traces. Pages never touched cost no memory.
        "shared_buffers": "512MB",
        "huge_pages": "off",
        # The queries are short: compiling them costs more than it saves.
        "jit": "off",
        # Nobody replicates this server: less to write, and three idle processes fewer per extra that is off.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_logical_replication_workers": "0",
        "io_method": "sync",
        # Small on the disk, and a short recovery after a crash.
        "min_wal_size": "32MB",
        "max_wal_size": "256MB",
        # Statements hold people's text, and the caller hears of its own errors: log the server's life only.
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
)


def options(sockets: str) -> list[str]:
    """The server's command line options, with its socket in the directory `sockets`."""
    # The setting is a list: quoting keeps a directory with a space or a comma one element.
    quoted = '"' + sockets.replace('"', '""') + '"'
    settings = {**SETTINGS, "unix_socket_directories": quoted}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
