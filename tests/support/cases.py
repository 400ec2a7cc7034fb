"""Some cases of each test, not all: where the code is in question and not the sample."""

from collections import defaultdict

import pytest


def chosen(items: list[pytest.Item], most: int) -> list[pytest.Item]:
    """Of each test's cases `most`, spread evenly over all of them; the order stays.

    Args:
        items: what was collected.
        most: at least 1.
    """
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    kept = {id(case) for cases in tests.values() for case in _spread(cases, most)}
    return [item for item in items if id(item) in kept]


def _spread(cases: list[pytest.Item], most: int) -> list[pytest.Item]:
    if len(cases) <= most:
        return cases
    return [cases[number * len(cases) // most] for number in range(most)]
