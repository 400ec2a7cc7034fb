"""The one-way layers of the code: pyproject.toml states them, and a machine checks them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CODE = "from importlinter.cli import lint_imports_command as main; main()"


def lint(folder: Path, *places: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CODE, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_code_keeps_its_contracts() -> None:
    """Client and store stay apart, and no layer of the client knows one above it."""
    done = lint(ROOT, ROOT / "mcp", ROOT / "backend" / "src")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("package", "text"),
    [
        ("commontrace", "import commontrace_server"),
        ("commontrace_rules", "def f():\n    import commontrace\n"),
    ],
)
def test_a_breach_is_found(tmp_path: Path, package: str, text: str) -> None:
    """An import inside a function counts as well: it would fail on a machine that has only the one part."""
    for name in ("commontrace", "commontrace_rules", "commontrace_server"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / package / "stray.py").write_text(text)
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_packages=\n  commontrace\n  commontrace_rules\n  commontrace_server\n"
        "[importlinter:contract:1]\nname=apart\ntype=independence\n"
        "modules=\n  commontrace\n  commontrace_server\n"
        "[importlinter:contract:2]\nname=below\ntype=forbidden\n"
        "source_modules=commontrace_rules\nforbidden_modules=commontrace\n"
    )
    done = lint(tmp_path, tmp_path)
    assert (done.returncode, "1 broken" in done.stdout) == (1, True)
