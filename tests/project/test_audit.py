"""The audit of the pinned packages: a known hole fails, and so does silence that was not announced."""

from typing import Any

import audit
import pytest

CLEAN = {"name": "httpx", "version": "1.0", "vulns": []}
HOLED = {"name": "httpx", "version": "0.9", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "uvicorn", "skip_reason": "Dependency not found on PyPI and could not be audited"}
LOCK = """
Foo_Bar==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:00
twice==1.3.1 ; python_full_version < '3.12' \\
    --hash=sha256:00
twice==3.0.1 ; python_full_version >= '3.12' \\
    --hash=sha256:00
# via twice==9
"""


@pytest.mark.parametrize(
    ("wanted", "packages", "offline", "status"),
    [
        (["httpx==1.0"], [CLEAN], False, 0),
        (["httpx==0.9"], [HOLED], False, 1),
        (["httpx==0.9"], [HOLED], True, 1),
        (["httpx==1.0", "uvicorn==1"], [CLEAN, SKIPPED], False, 1),
        (["httpx==1.0", "uvicorn==1"], [CLEAN, SKIPPED], True, 0),
        (["httpx==1.0", "uvicorn==1"], [CLEAN], False, 1),
        (["httpx==2.0"], [CLEAN], False, 1),
        ([], [], False, 1),
    ],
)
def test_the_status_says_what_is_known(
    wanted: list[str], packages: list[dict[str, Any]], offline: bool, status: int
) -> None:
    """What was not answered for is not clean; only --offline accepts it, and never a known hole."""
    found = audit.read("runtime.txt", wanted, packages)
    assert audit.verdict([found], offline=offline) == status


def test_an_audit_of_nothing_is_none() -> None:
    """A step that finds no lock has not passed."""
    assert audit.verdict([], offline=False) == 1


def test_every_pin_is_asked_for_on_every_machine() -> None:
    """Also what is pinned for another system or Python, and each of two versions of one package."""
    wanted = audit.pins(LOCK)
    assert wanted == ["Foo_Bar==1.0", "twice==1.3.1", "twice==3.0.1"]
    assert list(audit._rounds(wanted)) == [["Foo_Bar==1.0", "twice==1.3.1"], ["twice==3.0.1"]]
    told = [{"name": "foo-bar", "version": "1.0", "vulns": []}]
    assert audit.read("lock", wanted, told).unknown == wanted[1:]


def test_a_hole_is_named() -> None:
    """Package, version and advisory: enough to look it up."""
    assert audit.read("runtime.txt", ["httpx==0.9"], [HOLED]).holes == ["httpx 0.9: PYSEC-1"]


def test_an_audit_that_could_not_be_made_is_incomplete() -> None:
    """Without pip-audit or its source nothing is clean."""
    failed = audit.Audit("runtime.txt", 0, [], [], "no answer")
    assert audit.verdict([failed], offline=False) == 1
