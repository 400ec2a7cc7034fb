"""The plugin's files, the client that it runs in, its environment, the disk, and the configuration."""

import os
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from commontrace import client_version
from commontrace import environment as shared
from commontrace.config import ConfigInvalidError
from commontrace.doctor.finding import Finding
from commontrace.runtime import Runtime

CLIENT_SECONDS = 20.0
NEEDED = (
    ".claude-plugin/plugin.json",
    ".mcp.json",
    "hooks/hooks.json",
    "hooks/server.py",
    "hooks/session_start.py",
    "hooks/session_start.sh",
    "mcp/server.py",
    "mcp/commontrace/hooks.py",
    "mcp/commontrace_rules/signature.py",
    "backend/src/commontrace_server/app.py",
    "requirements/runtime.txt",
    "scripts/commontrace",
    "scripts/python",
    "scripts/run.py",
)
"""Files whose absence shows that the plugin was copied in part."""
LITTLE_BYTES = 500 * 1000 * 1000
NOTHING_BYTES = 50 * 1000 * 1000


def plugin(runtime: Runtime) -> Iterator[Finding]:
    """Whether the plugin is there as a whole."""
    missing = [name for name in NEEDED if not (runtime.root / name).is_file()]
    if missing:
        remedy = "reinstall it: `claude plugin update commontrace`, or copy its whole folder again"
        yield Finding("plugin", "problem", f"{runtime.root} lacks {', '.join(missing)}", remedy)
    else:
        yield Finding("plugin", "ok", f"whole, in {runtime.root}")


def client(_: Runtime) -> Iterator[Finding]:
    """Whether Claude Code is new enough to run the hooks."""
    program = shutil.which("claude")
    if program is None or not Path(program).is_absolute():  # what lies in the project is not the person's
        yield Finding("client", "ok", "no `claude` on the PATH, so its version is not known here")
        return
    try:
        done = subprocess.run(  # noqa: S603  the person's own client
            [program, "--version"], capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
        )
        version = client_version.find(done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        version = ""
    if not version:
        yield Finding("client", "warning", f"{program} does not tell its version", f"run {program} --version")
        return
    if client_version.is_too_old(version):
        detail = f"Claude Code {version} is too old for the plugin's hooks"
        yield Finding("client", "problem", detail, client_version.REMEDY)
    else:
        yield Finding("client", "ok", f"Claude Code {version}")


def environment(_: Runtime) -> Iterator[Finding]:
    """Whether the environment that hooks and tools run in is there."""
    version = ".".join(map(str, sys.version_info[:3]))
    try:
        ready = shared.is_ready(shared.environment_dir())
    except OSError:
        detail = f"the plugin is not in {shared.ROOT} any more: it was updated or removed under this session"
        yield Finding(
            "environment", "warning", detail, "begin a new session: it uses the plugin as it is now"
        )
        return
    if ready:
        yield Finding("environment", "ok", f"Python {version} in {sys.prefix}")
    else:
        yield Finding(
            "environment",
            "warning",
            f"this runs on Python {version} in {sys.prefix}; the plugin's own environment is not built",
            "run scripts/commontrace of the plugin once; it builds the environment "
            f"({shared.log_path()} says what went wrong before)",
        )


def disk(runtime: Runtime) -> Iterator[Finding]:
    """Whether there is a place to write to, and room."""
    folder = _existing(runtime.folders.data)
    remedy = "give yourself access, or set COMMONTRACE_HOME to another folder"
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("disk", "problem", f"{folder} cannot be written", remedy)
        return
    free = shutil.disk_usage(folder).free
    room = f"{free / 1e6:.0f} MB free for {runtime.folders.data}"
    if free < NOTHING_BYTES:
        yield Finding("disk", "problem", room, "make room, or set COMMONTRACE_HOME to a folder elsewhere")
    elif free < LITTLE_BYTES:
        yield Finding("disk", "warning", room, "make room: the store and its environment grow")
    else:
        yield Finding("disk", "ok", room)


def config(runtime: Runtime) -> Iterator[Finding]:
    """Whether the configuration can be used, and is the user's alone."""
    path = runtime.folders.config
    try:
        found = runtime.config
        for store in found.stores.values():
            store.key()
    except ConfigInvalidError as error:
        yield Finding(
            "config", "problem", str(error), f"edit {path}, or move it away and run `commontrace setup`"
        )
        return
    for key in found.unknown:
        yield Finding(
            "config", "warning", f"{path}: nothing reads {key}", "correct its spelling, or remove it"
        )
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("config", "warning", f"others can read {path}", f"chmod 600 {shlex.quote(str(path))}")
    yield Finding("config", "ok", f"{len(found.stores)} connected stores, drafts go to {found.default_store}")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
