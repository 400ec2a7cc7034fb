"""The audit of the pinned packages: a known hole fails, and so does silence that was not announced."""

import audit
import pytest

CLEAN = {"name": "httpx", "version": "1.0", "vulns": []}
HOLED = {"name": "httpx", "version": "0.9", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "uvicorn", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "offline", "status"),
    [
        ([CLEAN], False, 0),
        ([HOLED], False, 1),
        ([HOLED], True, 1),
        ([CLEAN, SKIPPED], False, 1),
        ([CLEAN, SKIPPED], True, 0),
    ],
)
def test_the_status_says_what_is_known(packages: list[dict[str, object]], offline: bool, status: int) -> None:
    """What the index does not know is not clean; only --offline accepts it, and never a known hole."""
    found = audit.read("runtime.txt", {"dependencies": packages})
    assert audit.verdict([found], offline=offline) == status


def test_a_hole_is_named() -> None:
    """Package, version and advisory: enough to look it up."""
    assert audit.read("runtime.txt", {"dependencies": [HOLED]}).holes == ["httpx 0.9: PYSEC-1"]


def test_an_audit_that_could_not_be_made_is_incomplete() -> None:
    """Without pip-audit or its source nothing is clean."""
    failed = audit.Audit("runtime.txt", 0, [], [], "no answer")
    assert audit.verdict([failed], offline=False) == 1
