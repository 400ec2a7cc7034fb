"""Says at the start of a session what is known for its repository: a brief that the hook server prepared.

Claude Code waits for this process, so it imports next to nothing, asks nobody, and writes nothing but its
answer. Whatever is wrong with the brief or the input: it says nothing and ends well. Run it with `-I -S`.
"""

from __future__ import annotations

import os
import sys
import time

sys.dont_write_bytecode = True  # the plugin's folder holds code and nothing else
sys.path[:0] = [os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "mcp")]

from commontrace import brief_file, pauses, repository, system  # noqa: E402  the path has to be set first

INPUT_LIMIT = 64 * 1024
INPUT_SECONDS = 1.0


def main() -> None:
    """Print the brief's hook JSON, or nothing."""
    payload = _payload()
    cwd = _field(payload, "cwd") or os.getcwd()
    session = _field(payload, "session_id") or os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    briefs = brief_file.folder()
    brief = brief_file.read(briefs, repository.root(cwd), time.time())
    if brief is None or session in brief.sessions:
        return
    if not pauses.Pauses(os.path.join(briefs, pauses.FILE)).hold(session, cwd):
        os.write(1, brief.answer.encode("ascii") + b"\n")


def _payload() -> bytes:
    """What Claude Code sends: one JSON object, at once."""
    payload = b""
    while len(payload) < INPUT_LIMIT and not payload.rstrip().endswith(b"}"):
        if not system.readable(0, INPUT_SECONDS):
            break
        chunk = os.read(0, INPUT_LIMIT)
        if not chunk:
            break
        payload += chunk
    return payload


def _field(payload: bytes, name: str) -> str:
    """A text of the object; without `json`, whose import takes longer than all the rest, where it can be."""
    _, found, rest = payload.partition(b'"' + name.encode() + b'"')
    text = rest.lstrip()[1:].lstrip()
    if not found or not text.startswith(b'"'):
        return ""
    value = text[1:].partition(b'"')[0]
    if b"\\" not in value:
        return os.fsdecode(value)
    import json

    whole = json.loads(payload)
    return str(whole.get(name, "")) if isinstance(whole, dict) else ""


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)  # whatever went wrong: the session must start, and there is nobody to tell
