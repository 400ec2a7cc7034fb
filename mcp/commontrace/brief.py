"""What a session is told of its repository: the best traces by title, id and one line, never a solution."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from commontrace import brief_file, render
from commontrace.config import LOCAL
from commontrace.memory.repos import Known
from commontrace_rules import screening

LIMIT = 800
"""Characters, frame included."""
MOST = 4
CANDIDATES = 8
"""Traces to choose from: some may be gone from their stores."""
TITLE_LIMIT = 100
LINE_LIMIT = 100

OPENING = "CommonTrace knows these problems of this project; get_trace gives a solution in full."
TOLD = "told the agent what is known for this project"
REMINDER = "CommonTrace gave you these traces earlier in this session; get_trace gives them in full."
REMINDED = "reminded the agent of what it was shown in this session"


def fresh(traces: Iterable[Known]) -> list[Known]:
    """Those that their stores have had not long ago."""
    oldest = time.time() - brief_file.VALID_SECONDS
    return [item for item in traces if item.checked_at > oldest]


def safe(traces: Iterable[Known]) -> list[Known]:
    """Those whose words pass the screening here, whatever their store says of them."""
    return [known for known in traces if _is_clean(known)]


def text(opening: str, traces: Sequence[Known]) -> tuple[str, list[Known]]:
    """The text for the model, and the traces that found room in it.

    Args:
        opening: one sentence of ours.
        traces: what to name, best first; at least one.

    Returns:
        At most `LIMIT` characters.
    """
    whole = render.opening(opening)
    named: list[Known] = []
    for known in traces[:MOST]:
        entry = _entry(known)
        if len(whole) + len(entry) + len(render.CLOSING) > LIMIT:
            break
        whole += entry
        named.append(known)
    return whole + render.CLOSING, named


def hook_json(event: str, said: str, notice: str, traces: Sequence[Known]) -> dict[str, Any]:
    """The answer to Claude Code; the person sees the notice and the best trace's title.

    Args:
        event: the hook event that is answered.
        said: what the model is told.
        notice: what we did, in a few words.
        traces: what `said` names.
    """
    best = render.clip(render.one_line(traces[0].title), render.TITLE_LIMIT)
    more = f" (and {len(traces) - 1} more)" if len(traces) > 1 else ""
    return {
        "hookSpecificOutput": {"hookEventName": event, "additionalContext": said},
        "systemMessage": f"CommonTrace {notice}: {best}{more}",
    }


def first_line(problem: str) -> str:
    """What a trace's problem is about, in one line."""
    lines = (line.strip(" #*-") for line in problem.splitlines())
    return render.clip(render.one_line(next(filter(None, lines), "")), LINE_LIMIT)


def _entry(known: Known) -> str:
    name = known.trace if known.store == LOCAL else f"{known.store}/{known.trace}"
    title = render.clip(render.one_line(known.title), TITLE_LIMIT)
    return f"Trace {name}:\n" + render.quote(f"{title}\n{first_line(known.line)}")


def _is_clean(known: Known) -> bool:
    words = {"title": known.title, "context_text": known.line, "solution_text": "", "tags": []}
    return screening.screen(words).verdict == "clean"
