"""Whether a store already has what a draft says: then a vote or an amendment helps more than a trace."""

import json
import re
from typing import TYPE_CHECKING

from commontrace import drafts
from commontrace.config import LOCAL
from commontrace.drafts import DraftRecord
from commontrace.references import Reference
from commontrace.stores import Hit, Query, StoreError
from commontrace_rules.errors import error_lines
from commontrace_rules.signature import signature

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

CANDIDATES = 5
SAME_PROBLEM = 0.6
"""Confidence of the store that a trace is about the draft's problem."""
SAME_SOLUTION = 0.6
"""Share of the shorter solution's words that the other one has too."""
QUERY_LIMIT = 4000
STARTING_SECONDS = 10
_WORD = re.compile(r"[\w./-]{2,}")


def mark(runtime: "Runtime", record: DraftRecord) -> DraftRecord:
    """The draft, with the trace that says the same if its store has one and may be asked."""
    try:
        found = _find(runtime, record)
    except StoreError as error:
        runtime.record("duplicates", error)
        return record
    return drafts.resembles(runtime.memory, record.id, str(found)) if found else record


def advice(record: DraftRecord) -> list[str]:
    """What the person and the model are told of a draft that is nothing new."""
    if not record.similar:
        return []
    line = f"/commontrace:trace-vote {record.similar} up"
    return [f"Trace {record.similar} already says this: vote for it ({line}), or add only what it lacks."]


def _find(runtime: "Runtime", record: DraftRecord) -> Reference | None:
    store = runtime.stores.get(record.store)
    if store is None or not store.permissions.queries:
        return None
    if record.store == LOCAL and not runtime.connected:
        runtime.local.wait_ready(STARTING_SECONDS)
    body = json.loads(record.body)
    problem = f"{body['title']}\n{body['context_text']}"
    lines = error_lines(problem, limit=1)
    query = Query(
        query=problem[:QUERY_LIMIT],
        kind="error" if lines else "question",
        signature=signature(lines[0].text) if lines else None,
        limit=CANDIDATES,
    )
    for hit in store.search(query).hits:
        if hit.confidence >= SAME_PROBLEM and _says(hit, str(body["solution_text"])):
            return Reference(record.store, hit.id)
    return None


def _says(hit: Hit, solution: str) -> bool:
    theirs, ours = (set(_WORD.findall(text.casefold())) for text in (hit.solution_text, solution))
    shorter = min(len(theirs), len(ours))
    return shorter > 0 and len(theirs & ours) / shorter >= SAME_SOLUTION
