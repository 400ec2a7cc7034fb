"""A store that is away is left alone, and found again."""

import threading

import pytest

from commontrace.stores import Breaker, StoreForbiddenError, StoreRestingError, StoreUnavailableError
from commontrace.stores.breaker import FAILURES, REST_MOST, REST_SECONDS


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def away() -> None:
    raise StoreUnavailableError("away")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """One that has just opened."""
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailableError, match="away"):
            breaker.call(away)
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """An answer in between begins the count anew."""
    breaker = Breaker(Clock())
    for _ in range(3 * FAILURES):
        for _ in range(FAILURES - 1):
            with pytest.raises(StoreUnavailableError, match="away"):
                breaker.call(away)
        assert breaker.call(lambda: 1) == 1


def test_an_open_one_sends_nothing(breaker: Breaker) -> None:
    """The store is not asked until it has had its rest."""
    with pytest.raises(StoreRestingError):
        breaker.call(lambda: pytest.fail("was asked"))


def test_one_trial_closes_it(breaker: Breaker, clock: Clock) -> None:
    """While the trial is under way nobody else asks; when it is answered, all do."""
    clock.now = REST_SECONDS
    asked, answer = threading.Event(), threading.Event()

    def trial_call() -> None:
        asked.set()
        answer.wait()

    trial = threading.Thread(target=breaker.call, args=(trial_call,))
    trial.start()
    asked.wait()
    with pytest.raises(StoreRestingError):
        breaker.call(lambda: 1)
    answer.set()
    trial.join()
    assert [breaker.call(lambda: 1) for _ in range(3)] == [1, 1, 1]


def test_a_trial_that_fails_begins_a_longer_rest(breaker: Breaker, clock: Clock) -> None:
    """Twice as long each time, up to a bound."""
    clock.now = REST_SECONDS
    with pytest.raises(StoreUnavailableError, match="away"):
        breaker.call(away)
    clock.now += REST_SECONDS
    with pytest.raises(StoreRestingError):
        breaker.call(away)
    for _ in range(10):
        clock.now += REST_MOST
        with pytest.raises(StoreUnavailableError, match="away"):
            breaker.call(away)
    clock.now += REST_MOST
    assert breaker.call(lambda: 1) == 1


def test_a_refusal_is_an_answer(clock: Clock) -> None:
    """A store that says no is there."""

    def refused() -> None:
        raise StoreForbiddenError("no")

    breaker = Breaker(clock)
    for _ in range(2 * FAILURES):
        with pytest.raises(StoreForbiddenError):
            breaker.call(refused)


def test_it_tells_of_each_rest_and_of_its_end(clock: Clock) -> None:
    """Once each, however many calls are made meanwhile."""
    told: list[float | None] = []
    breaker = Breaker(clock, told.append)
    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailableError, match="away"):
            breaker.call(away)
    with pytest.raises(StoreRestingError):
        breaker.call(away)
    clock.now += REST_SECONDS
    with pytest.raises(StoreUnavailableError, match="away"):
        breaker.call(away)
    clock.now += 2 * REST_SECONDS
    for _ in range(2):
        breaker.call(lambda: None)
    assert told == [REST_SECONDS, 2 * REST_SECONDS, None]
