"""Which repository a folder belongs to.

A repository is hostile input: no git process runs here, and nothing in it is read. Standard library only,
valid on Python 3.9 and light to import, because the start of every session waits for it.
"""

from __future__ import annotations

import os
import stat

DEPTH = 64
"""Folders to look into on the way up; real repositories are not nested as deep as that."""


def root(folder: str | os.PathLike[str]) -> str:
    """The real path of the folder that holds `.git`, at or above `folder`, or else of `folder` itself.

    `.git` is a folder, or a file in worktrees and submodules, which are repositories of their own here. What
    cannot be looked into holds no repository.
    """
    start = place = real(folder)
    for _ in range(DEPTH):
        if _holds_git(place):
            return place
        above = os.path.dirname(place)
        if above == place:
            break
        place = above
    return start


def real(path: str | os.PathLike[str]) -> str:
    """The path without links; what cannot be one, because it has a null character in it, stays as it is."""
    try:
        return os.path.realpath(path)
    except ValueError:
        return os.fspath(path)


def _holds_git(place: str) -> bool:
    try:
        mode = os.stat(os.path.join(place, ".git")).st_mode
    except (OSError, ValueError):  # a path with a null character is a ValueError
        return False
    return stat.S_ISDIR(mode) or stat.S_ISREG(mode)
