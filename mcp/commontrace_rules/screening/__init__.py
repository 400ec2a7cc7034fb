"""Screening: what a trace must not contain before a model with a shell may read it.

Three questions are asked of every text. Whom does it speak to (``instructions``, ``authority``, ``ploys``, ``turns``, ``envelopes``, ``toolcalls``, ``markup``)? What would its commands
do (``execution``, ``encoded``, ``exfiltration``, ``destruction``, ``persistence``, ``rights``, ``packages``, ``weakening``, ``downgrades``), and
where does data go to or come from (``hosts``)? What does it hide (``characters``, ``readings``, ``flooding``)? Context decides: a known
host, a quoted phrase in a text about attacks (``discussion``), what is only named (``mentions``), listed in a manual (``manuals``),
reported of others (``reported``), advised against (``advice``) or kept from running (``spared``). Linear time: every repetition is bounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from commontrace_rules.screening.inspection import inspect
from commontrace_rules.screening.manuals import SAID_OF_OPTIONS, labels_option
from commontrace_rules.screening.rules import HELD, REFUSED, Hit

__all__ = ["Finding", "Screening", "screen"]

_FIELDS = ("title", "context_text", "solution_text")
_WORDS_OF_A_TAG = 3
_MOST_FINDINGS = 50
_MOST_REMEMBERED = 1024  # texts: four to a trace, and as many where it is only named


class Finding(NamedTuple):
    """One reason against a trace.

    Attributes:
        kind: the rule's kind (``override``, ``remote-code``...).
        where: the field, with the position of the finding in what was read: ``solution_text:120``.
        detail: why it is harmful; never the text itself, which could speak to its reader.
    """

    kind: str
    where: str
    detail: str


class Screening(NamedTuple):
    """The verdict on a trace and every reason for it.

    Attributes:
        verdict: ``clean``, ``held`` (a person should look) or ``refused`` (no honest trace contains this).
        findings: empty exactly when the verdict is ``clean``.
    """

    verdict: str
    findings: tuple[Finding, ...]


def screen(trace: Mapping[str, object]) -> Screening:
    """Judge the text of ``trace``.

    Args:
        trace: ``title``, ``context_text``, ``solution_text`` (text) and ``tags`` (texts); what is missing is empty.

    Returns:
        The verdict with its findings, each kind once per field.
    """
    texts = {field: str(trace.get(field) or "") for field in _FIELDS}
    tags = trace.get("tags")
    texts["tags"] = (
        "\n".join(map(str, tags))
        if isinstance(tags, Iterable) and not isinstance(tags, str)
        else str(tags or "")
    )
    texts["tags"] += _spelt_out(texts["tags"])
    subject = " ".join((texts["title"], texts["tags"], texts["context_text"][:2000]))
    hits = [
        (field, hit)
        for field, text in texts.items()
        for hit in _hits(text, subject)
        if not (field == "title" and _is_label(hit, texts))
    ]
    verdict = REFUSED if any(hit.verdict == REFUSED for _, hit in hits) else HELD if hits else "clean"
    return Screening(verdict, tuple(_findings(hits)))


def _is_label(hit: Hit, texts: Mapping[str, str]) -> bool:
    """Tell whether the title is the heading of an option that the solution quotes from a file of settings."""
    return hit.kind in SAID_OF_OPTIONS and labels_option(
        texts["title"].lower(), texts["solution_text"].lower()
    )


def _spelt_out(tags: str) -> str:
    """Return the words of tags that are sentences (``ignore-all-the-rules``), each on a line of its own."""
    sentences = (tag for tag in tags.split("\n") if len(_words_of(tag)) > _WORDS_OF_A_TAG)
    return "".join("\n" + " ".join(_words_of(tag)) for tag in sentences)


def _words_of(tag: str) -> list[str]:
    return tag.replace("-", " ").replace("_", " ").split()


@lru_cache(maxsize=_MOST_REMEMBERED)
def _hits(text: str, subject: str) -> Sequence[Hit]:
    """Everything against a text; one process is given the same few traces again and again."""
    return tuple(inspect(text, subject))


def _findings(hits: Iterable[tuple[str, Hit]]) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for field, hit in hits:
        key = (field, hit.kind, hit.reason)
        if key not in seen and len(seen) < _MOST_FINDINGS:
            seen.add(key)
            yield Finding(hit.kind, f"{field}:{hit.start}", hit.reason)
