"""The words of a query as the store knows them: its lexemes, and how common each is among the traces."""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.search.reading import Reading

TERM_LIMIT: Final = 32  # lexemes used per query, the rarest of the telling part first
POSTING_LIMIT: Final = 2000  # traces read per lexeme; above it a lexeme is too common to choose by
READING_LIMIT: Final = 1000  # traces read for all of them, about 1 ms; four times as many found the same
COUNT_LIMIT: Final = 2000  # up to here the store is counted, above it PostgreSQL's estimate is near enough
QUERIES: Final = 256  # recent ones whose lexemes are kept
FRESH_SECONDS: Final = 5.0  # until statistics are read anew; ANALYZE comes once a minute at most

LEXEMES: Final = text(r"""
    SELECT lexeme, bool_or(focus) AS focus
    FROM (
        SELECT lexeme, true AS focus FROM unnest(to_tsvector('english', CAST(:focus AS text)))
        UNION ALL
        SELECT lexeme, false FROM unnest(to_tsvector('english', CAST(:rest AS text)))
    ) AS words
    -- bare numbers and single letters point at nothing; very long lexemes are paths and encoded data
    WHERE length(lexeme) BETWEEN 2 AND 60 AND lexeme !~ '^[-+.,\:/0-9]+$'
    GROUP BY lexeme
""")
# ANALYZE already keeps a document frequency for every common lexeme: no table of our own to maintain.
STATISTICS: Final = text(r"""
    SELECT CASE WHEN reltuples >= :count_limit THEN CAST(reltuples AS bigint)
                ELSE (SELECT count(*) FROM (SELECT FROM traces LIMIT :count_limit) AS first) END AS total,
           CAST(CAST(most_common_elems AS text) AS text[]) AS lexemes, most_common_elem_freqs AS shares
    FROM pg_class LEFT JOIN pg_stats
        ON schemaname = current_schema() AND tablename = 'traces' AND attname = 'lexemes'
    WHERE pg_class.oid = CAST('traces' AS regclass)
""")


class Word(NamedTuple):
    """A lexeme of a query.

    Attributes:
        focus: Whether it stands in the telling part of the query.
        expected: Traces that hold it, by the statistics; 0 where they do not list it.
        read: Whether the traces that hold it are read; else its frequency is `expected`.
    """

    lexeme: str
    focus: bool
    expected: int
    read: bool


class Words(NamedTuple):
    """The telling words of a query, and the size of the store that they are looked up in."""

    total: int
    chosen: Sequence[Word]


@dataclass(frozen=True)
class Statistics:
    """What the database knows of its traces: how many there are, and which share of them holds a lexeme."""

    total: int
    shares: Mapping[str, float]

    def choose(self, lexemes: Sequence[tuple[str, bool]]) -> Words:
        """Choose the words of a query to go by.

        Args:
            lexemes: All of them, each with whether it stands in the telling part.
        """
        placed = sorted(
            lexemes, key=lambda one: (not one[1], self.shares.get(one[0], 0.0), -len(one[0]), one[0])
        )
        chosen, reading = [], 0
        for lexeme, focus in placed[:TERM_LIMIT]:
            expected = round(self.shares.get(lexeme, 0.0) * self.total)
            read = expected < POSTING_LIMIT and reading + expected <= READING_LIMIT
            reading += expected if read else 0
            chosen.append(Word(lexeme, focus, expected, read))
        return Words(self.total, chosen)


class Lexicon:
    """Keeps the statistics for some seconds, and the lexemes of recent queries."""

    def __init__(self) -> None:
        self._statistics = Statistics(0, {})
        self._stale_at = 0.0
        self._lexemes: OrderedDict[tuple[str, str], Sequence[tuple[str, bool]]] = OrderedDict()

    async def words(self, connection: AsyncConnection, reading: Reading) -> Words:
        """Return the telling words of a query; asks the database only for what is not kept."""
        if time.monotonic() >= self._stale_at:
            self._statistics = await _statistics(connection)
            self._stale_at = time.monotonic() + FRESH_SECONDS
        return self._statistics.choose(await self._of(connection, reading))

    async def _of(self, connection: AsyncConnection, reading: Reading) -> Sequence[tuple[str, bool]]:
        key = (reading.focus, reading.rest)
        found = self._lexemes.get(key)
        if found is None:
            values = {"focus": reading.focus.replace("\0", " "), "rest": reading.rest.replace("\0", " ")}
            rows = await connection.execute(LEXEMES, values)
            found = self._lexemes[key] = [(row.lexeme, row.focus) for row in rows]
            while len(self._lexemes) > QUERIES:
                self._lexemes.popitem(last=False)
        self._lexemes.move_to_end(key)
        return found


async def _statistics(connection: AsyncConnection) -> Statistics:
    row = (await connection.execute(STATISTICS, {"count_limit": COUNT_LIMIT})).one()
    # in a small store every lexeme is counted exactly
    listed = row.lexemes if row.lexemes is not None and row.total >= POSTING_LIMIT else []
    return Statistics(row.total, dict(zip(listed, row.shares or [], strict=False)))
