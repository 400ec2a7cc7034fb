"""What a command shows while it takes long: a bar on a terminal, lines elsewhere."""

import time

import pytest

from commontrace.cli import progress
from commontrace.cli.progress import Progress, waiting
from support.screen import drawn_on

COLOUR = "\x1b[3"


def _on_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    """Count on a terminal that can do everything, and return what it was sent."""
    screen = drawn_on(monkeypatch)
    _counted()
    return screen.getvalue()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes long enough to be told."""
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(progress, "LINES_SECONDS", 0.0)


def _counted() -> None:
    with Progress("traces imported", 1000) as shown:
        shown.reach(5, 250)
        shown.reach(10, 500)
        shown.reach(10, 600)


def test_what_is_quick_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the first second there is nothing to wonder about."""
    assert _on_terminal(monkeypatch) == ""


@pytest.mark.usefixtures("slow")
def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is drawn in place, in colour."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    drawn = _on_terminal(monkeypatch)
    assert "10 traces imported" in drawn
    assert COLOUR in drawn


@pytest.mark.usefixtures("slow")
def test_no_color_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is drawn without colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = _on_terminal(monkeypatch)
    assert "10 traces imported" in drawn
    assert COLOUR not in drawn


@pytest.mark.usefixtures("slow")
def test_a_terminal_is_told_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is written, whatever a name holds."""
    screen = drawn_on(monkeypatch)
    until = time.monotonic() + 20.0
    with waiting("Asking [red]team"):
        while "team..." not in screen.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert "Asking [red]team..." in screen.getvalue()


@pytest.mark.usefixtures("slow")
def test_elsewhere_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A log holds no control characters, and nothing twice."""
    _counted()
    with waiting("Starting the local store"):
        pass
    assert capsys.readouterr().err == "5 traces imported\n10 traces imported\n"
