"""What can be set from outside, with its defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


class SettingInvalidError(Exception):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Values that a session runs with.

    Attributes:
        idle_seconds: how long the local store stays after its last client has gone.
        deadline_ms: within this time a hook answers, with or without a result.
        memory_busy_ms: how long a write to the memory waits for another process.
    """

    idle_seconds: int = 600
    deadline_ms: int = 300
    memory_busy_ms: int = 100

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Defaults, changed by `COMMONTRACE_IDLE_SECONDS` and `COMMONTRACE_DEADLINE_MS`."""
        return cls(
            idle_seconds=_whole(environ, "COMMONTRACE_IDLE_SECONDS", cls.idle_seconds),
            deadline_ms=_whole(environ, "COMMONTRACE_DEADLINE_MS", cls.deadline_ms),
        )


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise SettingInvalidError(f"{name} must be a whole number, not {text!r}")
    return int(text)
