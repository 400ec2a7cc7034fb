"""How `bench hooks` makes one figure of many noisy steps."""

import random

import pytest
from benchmarks import hooks


def steps(*, echo: float, ours: float) -> list[dict[str, float]]:
    """Steps of a machine whose load goes up and down by many times what hooks add."""
    noise = random.Random(7)
    loads = [noise.uniform(0.0, 0.5) for _ in range(75)]
    small = [noise.uniform(0.0, 0.001) for _ in range(75)]
    return [
        {"none": load, "echo": load + echo + one, "ours": load + ours + one}
        for load, one in zip(loads, small, strict=True)
    ]


def test_what_all_sessions_share_falls_out() -> None:
    """The ratio is that of what the hooks add, whatever the load was."""
    measured = steps(echo=0.003, ours=0.006)
    assert hooks.ratio(measured) == pytest.approx(6.5 / 3.5, rel=0.1)


def test_noise_that_drowns_the_echo_shows_in_the_interval() -> None:
    """It has no upper end then: nothing can be said of the ratio."""
    calm = steps(echo=0.003, ours=0.006)
    drowned = [{**step, "echo": step["none"] - 0.001 * (-1) ** number} for number, step in enumerate(calm)]
    assert hooks.interval(drowned, hooks.ratio)[1] == float("inf")


def test_the_interval_tells_how_sure_the_ratio_is() -> None:
    """It holds the ratio, and is wide where few steps say little."""
    measured = steps(echo=0.003, ours=0.006)
    low, high = hooks.interval(measured, hooks.ratio)
    few_low, few_high = hooks.interval(measured[:6], hooks.ratio)
    assert low <= hooks.ratio(measured) <= high
    assert high - low < few_high - few_low
