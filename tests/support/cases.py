"""Some cases of each test, not all: where the code is in question and not the sample."""

from collections import defaultdict
from collections.abc import Iterable, Sequence


def chosen(names: Iterable[str], most: int) -> set[str]:
    """Of each test's cases `most` that are spread evenly over all of them.

    Args:
        names: pytest's ids, `file::test[case]`.
        most: at least 1.
    """
    tests: dict[str, list[str]] = defaultdict(list)
    for name in names:
        tests[name.partition("[")[0]].append(name)
    return {name for cases in tests.values() for name in _spread(cases, most)}


def _spread(cases: Sequence[str], most: int) -> Sequence[str]:
    if len(cases) <= most:
        return cases
    return [cases[number * len(cases) // most] for number in range(most)]
