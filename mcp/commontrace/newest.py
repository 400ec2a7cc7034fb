"""Which of several installed versions of the plugin starts the local store: the newest that is there.

A store of an older version could neither read a newer one's database nor understand all that a newer client
asks. Sessions of older versions use the newest one's store while it runs.
"""

import json
import os
import re
from pathlib import Path

from commontrace import VERSION

FILE = "newest.json"
"""In our data folder: the newest version that has started the store, and the folder it ran from."""
_SAID = re.compile(r'^VERSION = "(\d+\.\d+\.\d+)"$', re.MULTILINE)


class NewerInstalledError(Exception):
    """A newer version of the plugin is installed, and the local store is its."""


def claim(data: Path, root: Path) -> None:
    """Note the version at `root` as the one that starts the store.

    Args:
        data: our data folder.
        root: the plugin's folder, or the copy of its code.

    Raises:
        NewerInstalledError: a newer one is still installed; nothing is noted.
        OSError: the data folder cannot be written.
    """
    own = version(root) or VERSION
    file = data / FILE
    noted = _read(file)
    newest, folder = noted.get("version", ""), Path(noted.get("root", ""))
    if _order(newest) > _order(own) and version(folder) == newest:
        raise NewerInstalledError(
            f"the store on this machine belongs to CommonTrace {newest} in {folder}, and this is {own}: "
            "update this plugin (`claude plugin update commontrace@commontrace`), or remove the newer one"
        )
    content = {"version": own, "root": str(root)}
    if noted != content:
        part = file.with_name(f"{FILE}.{os.getpid()}.part")
        part.write_text(json.dumps(content), encoding="utf-8", errors="surrogateescape")
        part.replace(file)


def version(root: Path) -> str:
    """The version of the plugin at `root`, empty where there is none."""
    try:
        said = _SAID.search((root / "mcp" / "commontrace" / "__init__.py").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return said[1] if said else ""


def _read(file: Path) -> dict[str, str]:
    try:
        noted = json.loads(file.read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return {}
    return {name: str(value) for name, value in noted.items()} if isinstance(noted, dict) else {}


def _order(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split("."))) if re.fullmatch(r"\d+\.\d+\.\d+", number) else ()
