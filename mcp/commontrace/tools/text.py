"""Results as text for the model: bounded, and trace text quoted so that it cannot pass for ours."""

from collections.abc import Mapping, Sequence

from commontrace import render
from commontrace.catalogue import Result
from commontrace.config import LOCAL
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


def results(found: Result, store: str | None = None) -> str:
    """The traces that a search has found, each clipped, best first.

    Args:
        found: what was found.
        store: whose word it is, where the references do not name a store.
    """
    lines = [_head(len(found.hits), confident=found.confident)]
    if found.withheld:
        lines.append(f"{found.withheld} more withheld: they failed the screening for hostile content.")
    lines += [_silent(name, error) for name, error in found.silent.items()]
    if not found.hits:
        return "\n".join(lines)
    body = [
        _hit(reference, hit, DOUBTS * (hit.id in found.doubtful), store or reference.connected)
        for reference, hit in found.hits
    ]
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
    status, kind, origin = map(render.word, (trace.status, trace.kind, trace.origin))
    head = f"Trace {reference}, {status} {kind}, origin {origin}"
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
    clean = [tag for tag in counts[:TAGS_MOST] if _fit(tag.tag)]
    listed = ", ".join(f"{render.clip(render.one_line(tag.tag), 50)} ({tag.count})" for tag in clean)
    more = f" and {len(counts) - len(clean)} more" if len(counts) > len(clean) else ""
    return _framed("The tags in use, each with its number of traces:", render.quote(listed + more))


def problem(error: StoreError) -> str:
    """Why a store did not do something; its own words are quoted, if they are fit to be read."""
    return foreign(f"{error.gist}. It says:", error.said) if error.said else str(error)


def told(store: str, sentence: str, reason: str) -> str:
    """A sentence of ours and why; the words of a store that is not on this machine are quoted."""
    return f"{sentence}: {reason}" if store == LOCAL else foreign(f"{sentence}. It says:", reason)


def foreign(sentence: str, words: str) -> str:
    """Words of a store under a sentence of ours; left out where the screening would hold such a trace."""
    if not _fit(words):
        words = "(withheld: this failed the screening for hostile content)"
    return _framed(sentence, render.quote(render.clip(words, PART_LIMIT)))


def _fit(words: str) -> bool:
    trace = {"title": "", "context_text": words, "solution_text": "", "tags": []}
    return screening.screen(trace).verdict == "clean"


def _framed(head: str, body: str) -> str:
    return render.opening(head) + body + render.CLOSING


def _head(count: int, *, confident: bool) -> str:
    if count == 0:
        return "CommonTrace has nothing on this."
    if confident:
        return f"CommonTrace found {count} trace{'s' * (count > 1)}, best first:"
    return "CommonTrace has no trace that answers this with confidence; the nearest are:"


def _hit(reference: Reference, hit: Hit, remark: str, store: str | None) -> str:
    head = (
        f"Trace {reference}, confidence {min(hit.confidence, 0.99):.2f}, "
        f"{render.evidence(hit, store)}{_tally(hit)}{remark}:\n"
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
    return f"Without the store {name}: {error.gist or error}"


def _part(text: str) -> str:
    return render.clip(text, PART_LIMIT)
