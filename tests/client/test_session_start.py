"""The process that speaks when a session starts: quick, silent where it has nothing, and never in the way."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commontrace import brief_file
from support.machine import ROOT

SCRIPT = ROOT / "hooks" / "session_start.py"
LAUNCHER = ROOT / "hooks" / "session_start.sh"
ANSWER = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "known: é"}}
ALLOWED = {
    "__future__", "_collections_abc", "_stat", "commontrace", "commontrace.brief_file",
    "commontrace.pauses", "commontrace.repository", "commontrace.system",
    "genericpath", "os", "os.path", "posixpath", "select", "stat",
}  # fmt: skip


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Claude Code's folder for the plugin's data."""
    folder = tmp_path / "data"
    (folder / "briefs").mkdir(parents=True)
    return folder


def write(data: Path, repo: Path, sessions: tuple[str, ...] = ()) -> Path:
    """Write a brief for a repository."""
    file = Path(brief_file.path(str(data / "briefs"), str(repo)))
    file.write_bytes(brief_file.Brief(str(repo), ["local/a"], sessions, json.dumps(ANSWER)).to_bytes())
    file.chmod(0o600)
    return file


def start(
    data: Path, cwd: Path, payload: Mapping[str, Any] | bytes | None = None, *, command: tuple[Any, ...] = ()
) -> str:
    """Run the hook as a new session in `cwd`; it must end well and silently whatever it is given."""
    sent = payload if isinstance(payload, bytes) else json.dumps(payload or {"cwd": str(cwd)}).encode()
    done = subprocess.run(
        command or (sys.executable, "-I", "-S", SCRIPT),
        input=sent,
        env={"PATH": os.environ["PATH"], "CLAUDE_PLUGIN_DATA": str(data), "HOME": str(data)},
        cwd=cwd if cwd.exists() else data,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_the_brief_of_the_repository_is_said(data: Path, repo: Path) -> None:
    """What was prepared is printed as it is, from any folder of the repository."""
    write(data, repo)
    (repo / "src").mkdir()
    assert json.loads(start(data, repo / "src")) == ANSWER


def test_the_folder_of_the_session_counts(data: Path, repo: Path, tmp_path: Path) -> None:
    """The payload says where the session is, with escapes too; the process may be elsewhere."""
    odd = repo.rename(repo.with_name('a "shop"'))
    write(data, odd)
    said = start(data, tmp_path, json.dumps({"session_id": "s", "cwd": str(odd)}).encode())
    assert json.loads(said) == ANSWER


def test_another_repository_is_told_nothing(data: Path, repo: Path, tmp_path: Path) -> None:
    """A brief belongs to one repository."""
    write(data, repo)
    assert start(data, tmp_path) == ""


def test_a_session_that_has_had_it_all_is_told_nothing(data: Path, repo: Path) -> None:
    """A resumed session still has what it was told."""
    write(data, repo, sessions=("before", "again"))
    assert start(data, repo, {"session_id": "again", "cwd": str(repo)}) == ""
    assert start(data, repo, {"session_id": "new", "cwd": str(repo)}) != ""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: os.utime(file, (time.time() - 25 * 3600,) * 2),
        lambda file: os.utime(file, (time.time() + 3600,) * 2),
        lambda file: file.chmod(0o622),
        lambda file: file.write_bytes(file.read_bytes()[:-3]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"known", b"knowm")),
        lambda file: file.write_bytes(b"\xff" * brief_file.SIZE_LIMIT * 4),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes() * 2),
        lambda file: file.rename(file.with_name("else")) and file.symlink_to("else"),
        lambda file: subprocess.run(["sh", "-c", 'rm "$0"; mkfifo "$0"', file], check=True),
        lambda file: file.unlink() or file.mkdir(),
    ],
    ids=["old", "future", "open", "cut", "changed", "large", "empty", "double", "link", "fifo", "folder"],
)  # fmt: skip
def test_a_brief_that_cannot_be_trusted_is_not_said(data: Path, repo: Path, spoil: Any) -> None:
    """Too old, too large, damaged, not a file, or not the user's own: silence."""
    spoil(write(data, repo))
    assert start(data, repo) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_brief_is_not_said(data: Path, repo: Path) -> None:
    """What somebody else has written is not for this user's model."""
    os.chown(write(data, repo), 65534, -1)
    assert start(data, repo) == ""


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"cwd": 3}', b'{"cwd":"\\u12"}', b"\xff" * 100_000])
def test_garbage_is_survived(data: Path, repo: Path, payload: bytes) -> None:
    """Whatever arrives, the process ends well; the folder that it runs in is good enough."""
    start(data, repo, payload)


def test_it_imports_next_to_nothing(data: Path, repo: Path) -> None:
    """Each import costs every session's start; this is the whole list."""
    write(data, repo)
    wrapper = (
        "import sys; before = set(sys.modules); sys.argv = [sys.argv[1]]; import os; leave = os._exit\n"
        "os._exit = lambda _: (os.write(1, ' '.join(set(sys.modules) - before).encode()), leave(0))\n"
        "file = sys.argv[0]\n"
        "exec(compile(open(file).read(), file, 'exec'), {'__name__': '__main__', '__file__': file})"
    )
    said = start(data, repo, command=(sys.executable, "-I", "-S", "-c", wrapper, SCRIPT))
    brief, _, modules = said.partition("\n")
    assert json.loads(brief) == ANSWER
    assert set(modules.split()) - {"time", "posix"} <= ALLOWED


def test_the_launcher_prefers_the_python_that_wrote_the_briefs(data: Path, repo: Path) -> None:
    """A known interpreter saves the search for one; without it any Python does."""
    write(data, repo)
    assert json.loads(start(data, repo, command=("sh", LAUNCHER))) == ANSWER
    (data / "briefs" / brief_file.PYTHON).symlink_to("/nowhere")
    assert json.loads(start(data, repo, command=("sh", LAUNCHER))) == ANSWER
    (data / "briefs" / brief_file.PYTHON).unlink()
    (data / "briefs" / brief_file.PYTHON).symlink_to(os.path.realpath(sys.executable))
    assert json.loads(start(data, repo, command=("sh", LAUNCHER))) == ANSWER


def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    """In one line with its remedy, as there is no server that could say it; an uv would bring a Python."""
    tools = tmp_path / "tools"
    tools.mkdir()
    bare = ("env", f"PATH={tools}", "/bin/sh", LAUNCHER)
    line = json.loads(start(tmp_path, tmp_path, command=bare))["systemMessage"]
    assert "Python 3.11 or newer is needed" in line
    assert "apt-get install" in line
    (tools / "uv").symlink_to("/bin/true")
    assert start(tmp_path, tmp_path, command=bare) == ""


def test_a_machine_with_an_old_python_only_is_told_the_same(tmp_path: Path) -> None:
    """The servers would not start on it either."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    bare = ("env", f"PATH={tmp_path}", "/bin/sh", LAUNCHER)
    line = json.loads(start(tmp_path, tmp_path, command=bare))["systemMessage"]
    assert "Python 3.11 or newer is needed" in line


def environments_python(data: Path, target: str) -> None:
    """An environment in a data folder, on this Python."""
    python = data / "env" / "0123" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(target)


def test_an_environment_whose_python_was_removed_counts_for_nothing(tmp_path: Path) -> None:
    """What has worked before tells nothing about today."""
    bare = ("env", f"PATH={tmp_path}", f"COMMONTRACE_HOME={tmp_path}", "/bin/sh", LAUNCHER)
    environments_python(tmp_path, "/nowhere/python3")
    line = json.loads(start(tmp_path, tmp_path, command=bare))["systemMessage"]
    assert "Python 3.11 or newer is needed" in line


def test_the_launcher_starts_nothing_where_no_brief_was_ever_written(tmp_path: Path) -> None:
    """Most sessions have nothing to be told: then no Python starts either."""
    trace = tmp_path / "started"
    (tmp_path / "python3").write_text(f"#!/bin/sh\n: > '{trace}'\n")
    (tmp_path / "python3").chmod(0o755)
    environments_python(tmp_path, sys.executable)
    used = ("env", f"PATH={tmp_path}", f"COMMONTRACE_HOME={tmp_path}", "/bin/sh", LAUNCHER)
    assert start(tmp_path, tmp_path, command=used) == ""
    assert not trace.exists()


def test_hooks_json_starts_the_launcher() -> None:
    """The command hook is in exec form, bounded, and for the sources that mcp_tool cannot serve."""
    groups = json.loads((ROOT / "hooks" / "hooks.json").read_text())["hooks"]["SessionStart"]
    (group,) = [group for group in groups if group["hooks"][0]["type"] == "command"]
    (handler,) = group["hooks"]
    assert re.split(r"\|", group["matcher"]) == ["startup", "resume", "clear"]
    assert [handler["command"], *handler["args"]] == ["sh", "${CLAUDE_PLUGIN_ROOT}/hooks/session_start.sh"]
    assert handler["timeout"] <= 5
