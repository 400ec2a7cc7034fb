"""The one version number, in every file that carries it.

Usage: version.py prints it; version.py --check 1.2.3 fails unless every file says so; version.py --set 1.2.3
writes it everywhere. Standard library.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)
PLUGIN = re.compile(r'^  "version": "([^"]+)"', re.MULTILINE)
MODULE = re.compile(r'^VERSION = "([^"]+)"$', re.MULTILINE)
FILES = {
    "pyproject.toml": PROJECT,
    "backend/pyproject.toml": PROJECT,
    "mcp/commontrace_rules/pyproject.toml": PROJECT,
    ".claude-plugin/plugin.json": PLUGIN,
    "mcp/commontrace/__init__.py": MODULE,
}
NUMBER = re.compile(r"\d+\.\d+\.\d+")


def versions(root: Path = ROOT) -> dict[str, str]:
    """Return what each file says; nothing for one that says nothing."""
    found = {name: kind.search((root / name).read_text(encoding="utf-8")) for name, kind in FILES.items()}
    return {name: match[1] if match else "" for name, match in found.items()}


def write(number: str, root: Path = ROOT) -> None:
    """Write the number into every file."""
    for name, kind in FILES.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        match = kind.search(text)
        if match is None:
            raise SystemExit(f"{name} has no version")
        path.write_text(text[: match.start(1)] + number + text[match.end(1) :], encoding="utf-8")


def main(argv: list[str]) -> int:
    """Print, check or write the number; 1 where the files disagree, 2 for wrong usage."""
    if argv[:1] == ["--set"] and len(argv) == 2 and NUMBER.fullmatch(argv[1]):
        write(argv[1])
    elif argv and not (argv[:1] == ["--check"] and len(argv) == 2):
        print(__doc__, file=sys.stderr)
        return 2
    found = versions()
    wanted = argv[1] if argv else found["pyproject.toml"]
    wrong = [f"{name} says {number or 'nothing'}" for name, number in found.items() if number != wanted]
    if wrong:
        print(f"not {wanted} everywhere: {', '.join(wrong)}", file=sys.stderr)
        return 1
    print(wanted)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
