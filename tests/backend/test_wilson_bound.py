"""The Wilson lower bound: the reference in Python, and the database's own column."""

import math
import random

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.reputation.wilson import lower_bound
from commontrace_server.votes.weights import Voices, weigh

Z2 = 1.96**2


def _roots_of_the_score_equation(positive: float, total: float, z: float = 1.96) -> float:
    """The smaller p with (share - p)^2 = z^2 p (1 - p) / n, found by halving: no formula in common."""
    share = positive / total
    low, high = 0.0, share
    for _ in range(200):
        middle = (low + high) / 2
        if (share - middle) ** 2 > z * z * middle * (1 - middle) / total:
            low = middle
        else:
            high = middle
    return high


@pytest.mark.parametrize("total", [1, 2, 10, 0.5, 1e9])
def test_unanimous_evidence_has_a_simple_bound(total: float) -> None:
    """All of n positives give n / (n + z^2), none of n give 0."""
    assert lower_bound(total, total) == pytest.approx(total / (total + Z2))
    assert lower_bound(0, total) == pytest.approx(0, abs=1e-12)


def test_nothing_is_known_without_evidence() -> None:
    """No evidence ranks like evidence against."""
    assert lower_bound(0, 0) == 0


@pytest.mark.parametrize(("positive", "total"), [(-1, 1), (2, 1), (0, -1), (math.nan, 1)])
def test_impossible_counts_are_refused(positive: float, total: float) -> None:
    """More positives than there are, or fewer than none, is a mistake of the caller."""
    with pytest.raises(ValueError, match="cannot be"):
        lower_bound(positive, total)


def test_proven_outranks_new() -> None:
    """One vote never outranks many; more of the same evidence never lowers the bound."""
    assert lower_bound(1, 1) < lower_bound(9, 10) < lower_bound(90, 100)


def test_reference_solves_the_score_equation() -> None:
    """The closed form agrees with the definition of the interval, small and large."""
    generator = random.Random(7)
    for _ in range(300):
        total = 10 ** generator.uniform(-1, 9)
        positive = total * generator.choice([0.0, 1.0, generator.random()])
        expected = _roots_of_the_score_equation(positive, total)
        assert lower_bound(positive, total) == pytest.approx(expected, rel=1e-9, abs=1e-12)


async def test_generated_column_is_the_wilson_bound(engine: AsyncEngine) -> None:
    """What the database derives from the voices on a trace is the bound of their weights, for any n."""
    generator = random.Random(11)
    voices = [(0, 0, 0, 0), (10**9, 0, 0, 0), (0, 10**9, 0, 0), (0, 0, 0, 1)]
    voices += [tuple(generator.randrange(4) for _ in range(4)) for _ in range(100)]  # type: ignore[misc]
    voices += [tuple(int(10 ** generator.uniform(0, 8)) for _ in range(4)) for _ in range(200)]  # type: ignore[misc]
    async with engine.begin() as connection:
        for number, (up, down, worked, failed) in enumerate(voices):
            row = await connection.execute(
                text("""
                    INSERT INTO traces (id, title, context_text, solution_text, content_hash, space_id,
                                        known_up, known_down, known_worked, known_failed)
                    SELECT gen_random_uuid(), 't', 'c', 's', :hash, id, :up, :down, :worked, :failed
                    FROM spaces LIMIT 1
                    RETURNING wilson
                """),
                {"hash": str(number), "up": up, "down": down, "worked": worked, "failed": failed},
            )
            evidence = weigh(Voices(up, down, worked, failed), Voices())
            expected = lower_bound(evidence.positive, evidence.positive + evidence.negative)
            assert row.scalar_one() == pytest.approx(expected, rel=1e-9, abs=1e-12), number
