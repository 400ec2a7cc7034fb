"""Lines out of a stream of bytes, none of them longer than allowed. Pure."""

from collections.abc import AsyncIterable, AsyncIterator


async def lines(chunks: AsyncIterable[bytes], limit: int) -> AsyncIterator[tuple[int, bytes | None]]:
    """Yield the number of every line that is not blank, from 1, with its content or None when it is too long.

    Args:
        chunks: The stream, cut anywhere.
        limit: Bytes of the longest line; no more than that and a chunk is kept at any time.
    """
    number, rest, dropping = 1, b"", False
    async for chunk in chunks:
        *ended, tail = chunk.split(b"\n")
        for piece in ended:
            line = rest + piece
            if dropping or len(line) > limit:
                yield number, None
            elif line.strip():
                yield number, line
            number, rest, dropping = number + 1, b"", False
        rest += tail
        if len(rest) > limit:
            rest, dropping = b"", True
    if dropping:
        yield number, None
    elif rest.strip():
        yield number, rest
