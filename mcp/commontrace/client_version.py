"""Whether the Claude Code that a server was started by is new enough for the plugin's hooks.

Standard library only and valid on Python 3.9, because both servers ask before any environment exists.
"""

from __future__ import annotations

import re
from typing import Any

OLDEST = (2, 1, 197)
"""Older ones do not know every kind of hook that the plugin has, and drop the whole hooks file then."""
REMEDY = "update it (`claude update`) to {} or newer".format(".".join(map(str, OLDEST)))
NAME = "claude-code"
"""What Claude Code calls itself in the handshake; other clients have no hooks, and versions of their own."""

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def find(text: str) -> str:
    """The version in what a client says of itself, empty where there is none."""
    found = _VERSION.search(text)
    return found.group() if found else ""


def is_too_old(version: str) -> bool:
    """Whether hooks do not work with this version, as `find` returns it."""
    return bool(version) and tuple(map(int, version.split("."))) < OLDEST


def complaint(handshake: Any) -> str:
    """What is wrong with the client that opened a connection, empty if nothing is.

    Args:
        handshake: the parameters of its `initialize`.
    """
    client = handshake.get("clientInfo") if isinstance(handshake, dict) else None
    if not isinstance(client, dict) or client.get("name") != NAME:
        return ""
    version = find(str(client.get("version", "")))
    if not is_too_old(version):
        return ""
    return "Claude Code {} is too old for CommonTrace's hooks: {}.".format(version, REMEDY)
