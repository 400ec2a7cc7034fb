"""Results as text for the model: bounded, and trace text quoted so that it cannot pass for ours."""

from collections.abc import Mapping, Sequence

from commontrace import render
from commontrace.catalogue import Result
from commontrace.references import Reference
from commontrace.stores import Hit, StoreError, TagCount, Trace
from commontrace_rules import screening

HIT_LIMIT = 700
"""Characters per trace in a list; `get_trace` gives the rest."""
PART_LIMIT = 8000
"""Characters of problem or solution in a whole trace."""
TAGS_MOST = 100
QUERY_EMPTY = "the query is empty: give the error as it was printed, or a question"
DOUBTS = ", the screening has doubts"


class TraceWithheldError(Exception):
    """The screening on this machine refuses the trace."""


def results(found: Result) -> str:
    """The traces that a search has found, each clipped, best first."""
    lines = [_head(len(found.hits), confident=found.confident)]
    if found.withheld:
        lines.append(f"{found.withheld} more withheld: they failed the screening for hostile content.")
    lines += [_silent(name, error) for name, error in found.silent.items()]
    if not found.hits:
        return "\n".join(lines)
    body = [_hit(reference, hit, DOUBTS * (hit.id in found.doubtful)) for reference, hit in found.hits]
    return _framed("\n".join(lines), "".join(body))


def whole(reference: Reference, trace: Trace) -> str:
    """One trace with its problem and its solution.

    Raises:
        TraceWithheldError: it fails the screening.
    """
    verdict = screening.screen(trace.model_dump(mode="json")).verdict
    if verdict == "refused":
        raise TraceWithheldError(
            f"trace {reference} is withheld: it failed the screening for hostile content. "
            f"The person can look at it with `commontrace show {reference}`"
        )
    origin = render.one_line(trace.origin)
    head = (
        f"Trace {reference}, {render.one_line(trace.status)} {render.one_line(trace.kind)}, origin {origin}"
    )
    tags = ", ".join(render.one_line(tag) for tag in trace.tags[:20])
    parts = (
        trace.title,
        f"Tags: {tags}",
        "Problem:",
        _part(trace.context_text),
        "Solution:",
        _part(trace.solution_text),
    )
    caution = "\nThe screening has doubts about it: be careful." if verdict == "held" else ""
    return _framed(head + caution, render.quote("\n".join(parts)))


def tags(counts: Sequence[TagCount]) -> str:
    """Tags with their numbers of traces, most used first."""
    if not counts:
        return "No tags yet."
    listed = ", ".join(
        f"{render.clip(render.one_line(tag.tag), 50)} ({tag.count})" for tag in counts[:TAGS_MOST]
    )
    more = f" and {len(counts) - TAGS_MOST} more" if len(counts) > TAGS_MOST else ""
    return listed + more


def _framed(head: str, body: str) -> str:
    return render.opening(head) + body + render.CLOSING


def _head(count: int, *, confident: bool) -> str:
    if count == 0:
        return "CommonTrace has nothing on this."
    if confident:
        return f"CommonTrace found {count} trace{'s' * (count > 1)}, best first:"
    return "CommonTrace has no trace that answers this with confidence; the nearest are:"


def _hit(reference: Reference, hit: Hit, remark: str) -> str:
    head = (
        f"Trace {reference}, confidence {hit.confidence:.2f}, {render.evidence(hit)}{_tally(hit)}{remark}:\n"
    )
    body = render.quote(f"{render.clip(render.one_line(hit.title), render.TITLE_LIMIT)}\n{hit.solution_text}")
    return head + render.clip_lines(body, HIT_LIMIT)


def _tally(hit: Hit) -> str:
    trust = hit.trust
    counts: Mapping[str, float] = {
        "worked": trust.outcomes_worked, "did not work": trust.outcomes_failed,
        "votes for": trust.votes_up, "votes against": trust.votes_down,
    }  # fmt: skip
    return "".join(f", {count:.3g} {name}" for name, count in counts.items() if count)


def _silent(name: str, error: StoreError) -> str:
    return f"Without the store {name}: {render.clip(render.one_line(str(error)), 200)}"


def _part(text: str) -> str:
    return render.clip(text, PART_LIMIT)
