"""The local error log: one bounded line per failure, readable by the doctor, free of user text."""

import json
import os
import time
import traceback
from pathlib import Path

from commontrace import paths

SIZE_LIMIT = 256 * 1024
"""Bytes; when exceeded the log becomes `hooks.log.1`, which it replaces."""


def record(logs: Path, where: str, error: BaseException) -> None:
    """Append what went wrong and at which line of our code.

    The exception's own text is left out: it may quote what the user ran. A log that cannot be written
    (full or read-only disk) must not break the hook that wanted to log, so that one error ends here.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    line = json.dumps(
        {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "where": where,
         "error": type(error).__name__, "place": place, "pid": os.getpid()}
    )  # fmt: skip
    log = logs / "hooks.log"
    try:
        paths.private_folder(logs)
        if log.exists() and log.stat().st_size > SIZE_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(line + "\n")
    except (OSError, paths.RuntimeFolderUnsafeError):
        return
