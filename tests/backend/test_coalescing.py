"""One look for all who ask the same at the same time, and never one that began before they asked."""

import asyncio

import pytest

from commontrace_server.coalescing import Coalescing


class Looks:
    """Looks that end when they are told to; each finds its own number."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.fails: set[int] = set()

    async def look(self) -> int:
        self.begun += 1
        number = self.begun
        await self.may_end.wait()
        if number in self.fails:
            raise LookupError(number)
        return number


async def _asking(coalescing: Coalescing[int], looks: Looks, *keys: str) -> list[asyncio.Task[int]]:
    """Ask for each key, and return when all of them wait."""
    tasks = [asyncio.create_task(coalescing.ask(key, looks.look)) for key in keys]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_whoever_asks_alone_is_answered_by_a_look_of_their_own() -> None:
    """One after the other, nothing is shared or kept."""
    coalescing, looks = Coalescing[int](), Looks()
    looks.may_end.set()
    assert [await coalescing.ask("a", looks.look) for _ in range(3)] == [1, 2, 3]


async def test_who_asks_meanwhile_shares_the_next_look() -> None:
    """The look that is under way began too early for them."""
    coalescing, looks = Coalescing[int](), Looks()
    tasks = await _asking(coalescing, looks, "a", "a", "a", "a")
    assert looks.begun == 1
    looks.may_end.set()
    assert await asyncio.gather(*tasks) == [1, 2, 2, 2]
    assert await coalescing.ask("a", looks.look) == 3


async def test_other_keys_do_not_wait() -> None:
    """Who asks for something else has a look at once."""
    coalescing, looks = Coalescing[int](), Looks()
    tasks = await _asking(coalescing, looks, "a", "b", "c")
    assert looks.begun == 3
    looks.may_end.set()
    assert await asyncio.gather(*tasks) == [1, 2, 3]


async def test_failure_is_for_those_who_shared_it() -> None:
    """Who asks afterwards has another look."""
    coalescing, looks = Coalescing[int](), Looks()
    looks.fails = {1, 2}
    tasks = await _asking(coalescing, looks, "a", "a", "a")
    looks.may_end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(result) for result in results] == ["1", "2", "2"]
    assert all(isinstance(result, LookupError) for result in results)
    assert await coalescing.ask("a", looks.look) == 3


@pytest.mark.parametrize("called_off", [0, 1])
async def test_others_are_answered_when_one_is_called_off(called_off: int) -> None:
    """Whether it looked itself or waited with them."""
    coalescing, looks = Coalescing[int](), Looks()
    tasks = await _asking(coalescing, looks, "a", "a", "a")
    tasks[called_off].cancel()
    looks.may_end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results.pop(called_off), asyncio.CancelledError)
    assert results == ([2, 2] if called_off == 0 else [1, 2])
    assert await coalescing.ask("a", looks.look) == 3
