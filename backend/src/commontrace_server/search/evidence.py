"""What is known of a query's words and of each candidate, and what is measured of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True)
class Term:
    """A lexeme of the query and the number of traces it occurs in.

    Attributes:
        focus: Whether it stands in the telling part of the query.
    """

    lexeme: str
    focus: bool
    df: int


class Candidate(NamedTuple):
    """What the store knows of one trace with respect to one query.

    Attributes:
        wilson: Share of good evidence for it that there is at least; 0 without any.
        verified_days: Days since it was last seen to work, None when never.
        signature: Whether it shares an error signature with the query.
        signed: Whether it carries error signatures at all.
        matched: Lexemes of the query that stand in it.
        titled: Those of them that stand in its title or tags.
        mentions: Codes of the query, and names that it misses, that the trace has.
        problem: Cosine of the query to the trace's problem, None when unknown.
        solution: The same to its solution.
    """

    id: UUID
    title: str
    tags: tuple[str, ...]
    kind: str
    status: str
    origin: str
    environment: Mapping[str, Any]
    wilson: float
    verified_days: float | None
    signature: bool
    signed: bool
    matched: tuple[str, ...]
    titled: tuple[str, ...]
    mentions: tuple[str, ...]
    problem: float | None
    solution: float | None

    def labels(self) -> frozenset[str]:
        """Languages, frameworks and tools that the trace is about, lower case."""
        environment = self.environment
        named = [*self.tags, *environment.get("languages", ()), *environment.get("frameworks", ())]
        return frozenset(label.lower() for label in named)


class Features(NamedTuple):
    """The interpretable measurements that confidence is made of; each is 0 when it says nothing.

    Attributes:
        signature: 1 when the same error was seen, message for message.
        other_signature: 1 when query and trace carry signatures and none is shared.
        coverage: Share of the query's information (idf) that the trace holds anywhere.
        title_coverage: Share of the telling part's information that stands in the trace's title or tags.
        problem: Cosine to the trace's problem.
        solution: Cosine to its solution; that of the problem where both are one text.
        code_title: 1 when the title names a code of the query as a word of its own.
        code_aside: 1 when only the body does: a sibling that refers to it.
        code_missing: 1 when the query names codes and the trace none of them.
        needed_missing: 1 when the query says what could not be found and the trace is about none of that.
        words_lead: By how much the coverage of the telling part is above the next best candidate's, or below
            the best one's: near misses come in flocks, an answer stands out.
        title_lead: The same of title_coverage.
        meaning_lead: The same of the cosine to the problem.
        tool_fit: 1 when a tool or framework is shared, -1 when both name some and none is; 0 when either is
            silent.
    """

    signature: float
    other_signature: float
    coverage: float
    title_coverage: float
    problem: float
    solution: float
    code_title: float
    code_aside: float
    code_missing: float
    needed_missing: float
    words_lead: float
    title_lead: float
    meaning_lead: float
    tool_fit: float
