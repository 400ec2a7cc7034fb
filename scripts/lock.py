"""The requirements locks: which packages, in which versions, with which hashes.

Usage: lock.py recompiles requirements/*.txt after a pyproject.toml has changed; versions that still fit stay.
With --upgrade every package goes to its newest version. The locks name no package index: any mirror will do.
"""

import contextlib
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "mcp"))

from commontrace import installer  # noqa: E402  the path has to be set first

MEMBERS = [ROOT / below / "pyproject.toml" for below in ("", "backend", "mcp/commontrace_rules")]
LOCKS: dict[str, list[str]] = {
    "runtime": [*map(str, MEMBERS), "--python-version", "3.11"],
    "dev": [*map(str, MEMBERS), "--group", f"{MEMBERS[0]}:dev", "--python-version", "3.11"],
    "sentry": [
        *("--group", f"{MEMBERS[0]}:sentry", "--python-version", "3.11"),
        *("--constraints", str(ROOT / "requirements" / "runtime.txt")),
    ],
    "uv": ["--group", f"{MEMBERS[0]}:uv", "--python-version", "3.9"],
}
"""For each lock what goes into it. `uv` is installed by whatever Python the machine has."""

OURS = ("commontrace", "commontrace-server", "commontrace-rules")
OPTIONS = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"]

Pins = dict[str, frozenset[str]]
"""Each pinned requirement with its marker, and the hashes of its files."""


class UncheckedError(Exception):
    """The locks could not be compared with the pyproject files; the message says why."""


def path(name: str) -> Path:
    """The lock file of this name."""
    return ROOT / "requirements" / f"{name}.txt"


def compile_lock(name: str, output: Path, options: list[str]) -> None:
    """Resolve the lock `name` into `output`; versions that `output` already names are kept if they fit.

    Raises:
        UncheckedError: there is no uv, or it could not resolve.
    """
    uv = installer.find_uv()
    if uv is None:
        raise UncheckedError("uv is not on this machine")
    kept_out = [word for package in OURS for word in ("--no-emit-package", package)]
    command = [uv, "pip", "compile", "--quiet", *LOCKS[name], *OPTIONS, *kept_out, *options]
    done = installer.run_uv([*command, "--output-file", str(output)], installer.uv_environ(uv))
    if done.returncode != 0:
        raise UncheckedError(done.stderr.strip())


def pins(lock: Path) -> Pins:
    """What a lock file pins."""
    entries = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return {
        entry.split("--hash")[0].strip(): frozenset(re.findall(r"--hash=(\S+)", entry))
        for entry in entries
        if entry.strip() and not entry.startswith("#")
    }


def differences(name: str) -> list[str]:
    """What the pyproject files would change in the lock `name`; a newer release alone changes nothing.

    uv's cache answers first, quickly and without a network; only a difference is worth asking the index.

    Raises:
        UncheckedError: it could not be resolved.
    """
    with contextlib.suppress(UncheckedError):
        if not _differences(name, ["--offline"]):
            return []
    return _differences(name, [])


def _differences(name: str, options: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / f"{name}.txt"
        shutil.copyfile(path(name), fresh)
        compile_lock(name, fresh, options)
        now, then = pins(fresh), pins(path(name))
    return [
        *(f"- {requirement}" for requirement in then if requirement not in now),
        *(f"+ {requirement}" for requirement in now if requirement not in then),
        *(
            f"~ {requirement}"
            for requirement in now
            if now[requirement] != then.get(requirement, now[requirement])
        ),
    ]


def main(argv: list[str]) -> int:
    """Write all locks."""
    for name in LOCKS:
        try:
            compile_lock(name, path(name), argv)
        except UncheckedError as error:
            print(f"requirements/{name}.txt could not be written: {error}", file=sys.stderr)
            return 1
        print(f"requirements/{name}.txt: {len(pins(path(name)))} packages")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
