"""What the client makes is this user's alone, whatever the session's umask."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from commontrace import system
from support import terminal
from support.keeping_store import FERRY

ROOT = Path(__file__).parents[2]
STARTS = ("scripts/run.py", "scripts/launch.py", "mcp/commontrace/hook_startup.py")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_what_a_command_makes_is_private(tmp_path: Path) -> None:
    """Folders, drafts and compiled modules: a module that others can replace would run as this user."""
    home = tmp_path / "open" / "home"
    draft = str(FERRY).replace("'", '"')
    line = f'umask 000; exec "{sys.executable}" "{terminal.RUN}" contribute'
    subprocess.run(
        ["/bin/sh", "-c", line], input=draft, text=True, check=True, capture_output=True,
        env=terminal.environment(home, CLAUDECODE="1"),
    )  # fmt: skip
    made = [home, *home.rglob("*")]
    assert {"memory.sqlite3", "pycache"} <= {path.name for path in made}
    assert [path for path in made if stat.S_IMODE(path.lstat().st_mode) & 0o077] == []


def test_the_servers_keep_to_themselves() -> None:
    """Both servers of the plugin and both launchers begin with it."""
    for start in (*STARTS, "mcp/commontrace/tool_startup.py"):
        assert "    system.keep_to_ourselves()\n" in (ROOT / start).read_text(), start


def test_the_mask_is_the_processs_own() -> None:
    """Files and folders alike."""
    before = os.umask(0o022)
    try:
        system.keep_to_ourselves()
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(before)
