"""What a command draws on a terminal, without one."""

import io
import sys

import pytest


class Screen(io.StringIO):
    """Keeps what a terminal would be sent."""

    def isatty(self) -> bool:
        """Say that somebody looks on."""
        return True


def drawn_on(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Put a terminal that can do everything in place of stderr, and return it.

    Not a fixture: pytest puts its own stderr in place before the test begins.
    """
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return screen
