"""What a command of the store shows while it takes long: a bar on a terminal, nothing elsewhere."""

import time

import pytest

from commontrace_server import progress as module
from commontrace_server.progress import progress
from support.screen import drawn_on

COLOUR = "\x1b[3"
SECONDS = 20.0


def _drawn(monkeypatch: pytest.MonkeyPatch) -> str:
    """What a terminal that can do everything is sent until half of the work is done, and by its end."""
    screen = drawn_on(monkeypatch)
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
    until = time.monotonic() + SECONDS
    with progress("Embedding anew") as reach:
        while "50 of 100" not in screen.getvalue() and time.monotonic() < until:
            reach(50, 100)
            time.sleep(0.01)
    return screen.getvalue()


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how much is done of how much, in colour, and is gone afterwards."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    drawn = _drawn(monkeypatch)
    assert "Embedding anew: 50 of 100" in drawn
    assert COLOUR in drawn
    assert drawn.endswith("\x1b[2K")


def test_no_color_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is drawn without colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = _drawn(monkeypatch)
    assert "Embedding anew: 50 of 100" in drawn
    assert COLOUR not in drawn


def test_what_is_quick_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """At first there is nothing to wonder about."""
    screen = drawn_on(monkeypatch)
    monkeypatch.setattr(module, "QUIET_SECONDS", SECONDS)
    with progress("Embedding anew") as reach:
        reach(100, 100)
    assert screen.getvalue() == ""


def test_elsewhere_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log holds no control characters."""
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
    with progress("Embedding anew") as reach:
        reach(50, 100)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
