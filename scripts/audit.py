"""Checks every pinned package against the advisories that are known today, with pip-audit.

Usage: audit.py [--record FILE] [--offline]

pip-audit passes over what the index does not tell anything about, and ends well. Here that is a failure: a
package counts as audited only when the index answered for it. With --offline (no advisories within reach, as
behind a mirror) the same is only recorded, so that nobody takes the silence for a clean bill. Known holes
always fail.
"""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600


class Audit(NamedTuple):
    """What is known of one lock file.

    Attributes:
        lock: its name.
        audited: packages that the index answered for.
        unknown: packages that it did not, as `name version`.
        holes: advisories, as `name version: id`.
        failure: why nothing was audited at all; empty otherwise.
    """

    lock: str
    audited: int
    unknown: list[str]
    holes: list[str]
    failure: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether every package was audited."""
        return not self.unknown and not self.failure


def audit(lock: Path) -> Audit:
    """Ask for the advisories of every package in ``lock``."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    command += ["--require-hashes", "--disable-pip", "--requirement", str(lock)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Audit(lock.name, 0, [], [], f"no answer within {SECONDS} s")
    try:
        return read(lock.name, json.loads(answer.stdout))
    except (ValueError, KeyError, TypeError):
        words = answer.stderr.strip().splitlines() or ["pip-audit said nothing"]
        return Audit(lock.name, 0, [], [], words[-1][:200])


def read(lock: str, report: dict[str, Any]) -> Audit:
    """Read a report of pip-audit.

    Raises:
        KeyError, TypeError: it is no such report.
    """
    audited, unknown, holes = 0, [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            unknown.append(package["name"])
            continue
        audited += 1
        holes += [f"{package['name']} {package['version']}: {hole['id']}" for hole in package["vulns"]]
    return Audit(lock, audited, unknown, holes)


def verdict(audits: list[Audit], *, offline: bool) -> int:
    """Return the exit status: 1 for a known hole, and for a gap unless it was announced."""
    if any(found.holes for found in audits):
        return 1
    return 0 if offline or all(found.complete for found in audits) else 1


def main(argv: list[str]) -> int:
    """Audit, print, record, and return the exit status."""
    parser = argparse.ArgumentParser(description="Checks the pinned packages against known advisories.")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what was found as JSON")
    parser.add_argument("--offline", action="store_true", help="record what cannot be audited, and pass")
    options = parser.parse_args(argv)
    audits = [audit(lock) for lock in sorted((ROOT / "requirements").glob("*.txt"))]
    for found in audits:
        print(
            f"{found.lock}: {found.audited} audited, {len(found.unknown)} unknown, {len(found.holes)} holes"
        )
        for line in (*found.holes, *filter(None, [found.failure])):
            print(f"  {line}")
    if options.record:
        record = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "locks": [found._asdict() for found in audits],
        }
        options.record.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if not all(found.complete for found in audits):
        print("not everything was audited: the advisories could not be reached", file=sys.stderr)
    return verdict(audits, offline=options.offline)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
