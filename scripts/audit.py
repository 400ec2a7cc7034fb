"""Checks every pinned package against the advisories that are known today, with pip-audit.

Usage: audit.py [--record FILE] [--offline]

pip-audit passes over what the index does not tell anything about, and ends well. Here that is a failure: a
package counts as audited only when the index answered for it. With --offline (no advisories within reach, as
behind a mirror) the same is only recorded, so that nobody takes the silence for a clean bill. Known holes
always fail.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


class AuditFailedError(Exception):
    """Nothing was audited; the message says why."""


class Audit(NamedTuple):
    """What is known of one lock file.

    Attributes:
        lock: its name.
        audited: packages that the index answered for.
        unknown: packages that it did not, as `name==version`.
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
        """Tell whether every package was audited, and there was one."""
        return self.audited > 0 and not self.unknown and not self.failure


def pins(lock: str) -> list[str]:
    """Return every `name==version` of a lock, whatever system or Python it is for."""
    return [f"{name}=={version}" for name, version in _PIN.findall(lock)]


def audit(lock: Path) -> Audit:
    """Ask for the advisories of every package in ``lock``."""
    wanted = pins(lock.read_text(encoding="utf-8"))
    told: list[dict[str, Any]] = []
    for asked in _rounds(wanted):
        try:
            told += _ask(asked)
        except subprocess.TimeoutExpired:
            return Audit(lock.name, 0, [], [], f"no answer within {SECONDS} s")
        except AuditFailedError as error:
            return Audit(lock.name, 0, [], [], str(error))
    return read(lock.name, wanted, told)


def _rounds(wanted: list[str]) -> Iterator[list[str]]:
    """Lists in which no package is twice: a lock may pin one for each Python, pip-audit takes only one."""
    left = wanted
    while left:
        names: set[str] = set()
        now: list[str] = []
        later: list[str] = []
        for pin in left:
            name = pin.partition("==")[0]
            (later if name in names else now).append(pin)
            names.add(name)
        yield now
        left = later


def _ask(asked: list[str]) -> list[dict[str, Any]]:
    """Return what pip-audit says of each package; without markers, or it passes over those of other systems.

    Raises:
        AuditFailedError: it says nothing that can be read.
        subprocess.TimeoutExpired: it takes too long.
    """
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("\n".join(asked) + "\n", encoding="utf-8")
        command += ["--no-deps", "--disable-pip", "--requirement", str(requirements)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    try:
        return list(json.loads(answer.stdout)["dependencies"])
    except (ValueError, KeyError, TypeError):
        words = answer.stderr.strip().splitlines() or ["pip-audit said nothing"]
        raise AuditFailedError(words[-1][:200]) from None


def read(lock: str, wanted: list[str], told: list[dict[str, Any]]) -> Audit:
    """Hold what pip-audit said against what was asked; a package that it does not name is unknown."""
    clean, holes = set(), []
    for package in told:
        if "skip_reason" in package:
            continue
        clean.add(_plain(f"{package['name']}=={package['version']}"))
        holes += [f"{package['name']} {package['version']}: {hole['id']}" for hole in package["vulns"]]
    unknown = [pin for pin in wanted if _plain(pin) not in clean]
    return Audit(lock, len(wanted) - len(unknown), unknown, holes)


def _plain(pin: str) -> str:
    return re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() + "==" + pin.partition("==")[2]


def verdict(audits: list[Audit], *, offline: bool) -> int:
    """Return the exit status: 1 for a known hole, and for a gap unless it was announced."""
    if any(found.holes for found in audits):
        return 1
    return 0 if offline or (audits and all(found.complete for found in audits)) else 1


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
