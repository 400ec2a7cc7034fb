"""Cutting a stream into lines."""

from collections.abc import AsyncIterator, Iterable

import pytest

from commontrace_server.transfer.reading import lines


async def _stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
async def test_lines_do_not_depend_on_how_the_stream_is_cut(size: int) -> None:
    """Numbers count all lines; blank ones are passed over, long ones have no content."""
    text = b"one\n\n  \r\ntwo\r\n1234567890X\nlast"
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    assert [line async for line in lines(_stream(chunks), 10)] == [
        (1, b"one"),
        (4, b"two\r"),
        (5, None),
        (6, b"last"),
    ]


@pytest.mark.parametrize("size", [1, 7])
async def test_an_endless_line_is_one_problem(size: int) -> None:
    """It is dropped as it arrives, and what follows is read again."""
    chunks = [b"x" * size] * 100 + [b"\n", b"next\n", b"y" * 40]
    assert [line async for line in lines(_stream(chunks), 10)] == [(1, None), (2, b"next"), (3, None)]


async def test_an_empty_stream_has_no_lines() -> None:
    """Neither has one of line ends alone."""
    assert [line async for line in lines(_stream([]), 10)] == []
    assert [line async for line in lines(_stream([b"\n\n"]), 10)] == []
