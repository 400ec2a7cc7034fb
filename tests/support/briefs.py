"""Traces that a stand-in store has, and the briefs that name them."""

import time
import uuid
from typing import Any

from commontrace import brief_file
from commontrace.memory.repos import Known
from commontrace.runtime import Runtime
from support.stand_in_store import StandInStore


def known(store: StandInStore, title: str = "No module named yaml", **fields: Any) -> Known:
    """A trace that the stand-in has."""
    identifier = str(uuid.uuid4())
    store.traces[identifier] = {
        "id": identifier, "title": title, "context_text": f"# Where\n{title} is seen.",
        "solution_text": "Install it.", "tags": [], "kind": "fix", "status": "published",
        "origin": "person", "signatures": [], **fields,
    }  # fmt: skip
    return Known("local", identifier, title, "Where")


def written(runtime: Runtime, repo: str) -> brief_file.Brief | None:
    """The brief for the next session."""
    return brief_file.read(str(runtime.folders.briefs), repo, time.time())
