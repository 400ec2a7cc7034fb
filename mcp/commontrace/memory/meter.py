"""What CommonTrace did on this machine lately, counted from what it remembers."""

import time
from dataclasses import dataclass

from commontrace.memory.database import Memory

DAYS = 7
_COUNTS = """
    WITH told AS (
        SELECT json_extract(body, '$.worked') AS worked FROM outbox
        WHERE kind = 'outcome' AND created_at > :t AND state IN ('queued', 'sent')
    )
    SELECT
        (SELECT count(*) FROM failures WHERE seen_at > :t) AS failures,
        (SELECT count(*) FROM failures WHERE seen_at > :t AND answer IN ('shown', 'silent')) AS searches,
        (SELECT count(*) FROM failures WHERE seen_at > :t AND answer = 'silent') AS silent,
        (SELECT count(*) FROM failures WHERE seen_at > :t AND answer = 'spared') AS spared,
        (SELECT count(*) FROM failures WHERE seen_at > :t AND answer = 'away') AS away,
        (SELECT count(*) FROM shown WHERE shown_at > :t AND signature IS NOT NULL) AS injected,
        (SELECT count(*) FROM recalled WHERE told_at > :t) AS recalled,
        (SELECT count(*) FROM failures WHERE resolved_at > :t AND resolution IS NOT NULL) AS resolved,
        (SELECT count(*) FROM failures WHERE resolved_at > :t
            AND json_extract(resolution, '$.trace') IS NOT NULL) AS attributed,
        (SELECT count(*) FROM told WHERE worked) AS worked,
        (SELECT count(*) FROM told WHERE NOT worked) AS failed,
        (SELECT count(*) FROM offers WHERE made_at > :t) AS offers,
        (SELECT coalesce(sum(characters), 0) FROM (
            SELECT characters FROM shown WHERE shown_at > :t
            UNION ALL SELECT characters FROM briefed WHERE told_at > :t
            UNION ALL SELECT characters FROM recalled WHERE told_at > :t
        )) AS characters
"""


@dataclass(frozen=True)
class Meter:
    """Counts of the last `DAYS` days.

    Attributes:
        failures: failing commands that were recognised.
        searches: those that a store was asked about, and has answered.
        silent: searches after which nothing was shown.
        spared: failures that came again so soon that no store was asked.
        away: failures about which no store could be asked.
        injected: traces that were shown for a failure.
        recalled: times an earlier solution from this machine was shown.
        resolved: failures whose command passed after a change.
        attributed: those in which the change was what a shown trace says.
        worked: outcomes for traces that helped, sent or to be sent.
        failed: outcomes for traces that were tried and did not.
        offers: offers to contribute.
        characters: of everything that models were given unasked.
    """

    failures: int
    searches: int
    silent: int
    spared: int
    away: int
    injected: int
    recalled: int
    resolved: int
    attributed: int
    worked: int
    failed: int
    offers: int
    characters: int


def read(memory: Memory) -> Meter:
    """The counts as they are now."""
    (row,) = memory.read(_COUNTS, {"t": time.time() - DAYS * 24 * 3600})
    return Meter(*row)
