"""`bin/commontrace` in our data folder: the command line for when the plugin went before its data.

It runs the plugin's own launcher as long as that is there, and otherwise a copy of the plugin's code that is
kept beside it. Standard library only and valid on Python 3.9, like `commontrace.environment`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex

from commontrace import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("mcp", "backend/src", "scripts", "requirements")
"""What the commands are made of, below the plugin's folder."""
_KEPT = "kept-"
_SCRIPT = """#!/bin/sh
# Runs CommonTrace's commands; of use when the plugin is gone: `commontrace uninstall` removes what is left.
{home}if [ -x {launcher} ]; then exec {launcher} "$@"; fi
if [ -x {python} ]; then exec {python} -I -X utf8 {run} "$@"; fi
echo "commontrace: its environment is gone: install the plugin again, or remove the folder ${{0%/bin/*}}" >&2
exit 1
"""


def command_path() -> str:
    """Where the command is."""
    return os.path.join(environment.data_dir(), "bin", "commontrace")


def ensure(root: str, directory: str) -> None:
    """Make the command and its copy of the code those of the plugin at `root`.

    Args:
        root: the plugin's folder; where its code is not whole, nothing is changed.
        directory: the environment that the code runs in.

    Raises:
        OSError: our data folder cannot be written.
    """
    command = command_path()
    kept = os.path.join(os.path.dirname(command), _KEPT + _stamp(root))
    script = _script(root, directory, kept)
    if not os.access(os.path.join(root, "scripts", "commontrace"), os.X_OK) or _read(command) == script:
        return
    environment.make_private(os.path.dirname(command))
    with environment.locked(f"{os.path.dirname(command)}/.lock", lambda: None):
        if not os.path.isdir(kept):
            _copy(root, kept)
        part = f"{command}.part"
        with open(part, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(script)
        os.chmod(part, 0o700)
        os.replace(part, command)
        _remove_others(kept)


def code(root: str) -> str:
    """The plugin's folder, or, where the plugin has gone or moved meanwhile, the copy of its code."""
    if not os.path.exists(os.path.join(root, "scripts", "run.py")):
        folder = os.path.dirname(command_path())
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                if name.startswith(_KEPT) and not name.endswith(".part"):
                    return os.path.join(folder, name)
    return root


def _script(root: str, directory: str, kept: str) -> str:
    chosen = os.environ.get("COMMONTRACE_HOME")
    home = f"export COMMONTRACE_HOME={shlex.quote(environment.data_dir())}\n" if chosen else ""
    return _SCRIPT.format(
        home=home,
        launcher=shlex.quote(os.path.join(root, "scripts", "commontrace")),
        python=shlex.quote(environment.python_path(directory)),
        run=shlex.quote(os.path.join(kept, "scripts", "run.py")),
    )


def _stamp(root: str) -> str:
    """Changes when the code does."""
    seen = hashlib.sha256(os.fsencode(root))
    for path in _files(root):
        found = os.stat(path)
        seen.update(f"{found.st_size} {found.st_mtime_ns} ".encode() + os.fsencode(path))
    return seen.hexdigest()[:16]


def _files(root: str) -> Iterator[str]:
    for part in PARTS:
        for folder, folders, files in os.walk(os.path.join(root, *part.split("/"))):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            yield from (os.path.join(folder, name) for name in sorted(files))


def _copy(root: str, kept: str) -> None:
    """Copy the code; the copy appears whole or not at all."""
    import shutil

    part = f"{kept}.part"
    shutil.rmtree(part, ignore_errors=True)
    for path in _files(root):
        target = os.path.join(part, os.path.relpath(path, root))
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        shutil.copy(path, target)
    os.rename(part, kept)


def _remove_others(kept: str) -> None:
    import shutil

    folder = os.path.dirname(kept)
    for name in os.listdir(folder):
        if name.startswith(_KEPT) and name != os.path.basename(kept):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def _read(path: str) -> str | None:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()
    return None
