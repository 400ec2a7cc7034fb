"""`--jsonl`: one item per line in, one JSON result per line out, in the same order, in one process."""

import json
import sys
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

AHEAD = 64
"""Lines that are read before the first of them is answered."""


class LineInvalidError(Exception):
    """A line is not the item that the command takes."""


def answer(each: Callable[[Any], object], *, workers: int = 1) -> int:
    """Answer every line of standard input; what is no item gets `{"error": ...}` on its own line.

    Args:
        each: makes the result of one parsed line. Raises LineInvalidError for what it cannot take.
        workers: lines that are worked on at once.

    Returns:
        The exit status: 1 if a line was no item, though all others were answered.
    """
    sound = True
    with ThreadPoolExecutor(workers) as pool:
        for result, is_sound in _ordered(pool, each, sys.stdin.buffer):
            print(json.dumps(result), flush=True)
            sound = sound and is_sound
    return 0 if sound else 1


def _ordered(
    pool: ThreadPoolExecutor, each: Callable[[Any], object], lines: Iterable[bytes]
) -> "Iterable[tuple[object, bool]]":
    pending: deque[Future[tuple[object, bool]]] = deque()
    for line in lines:
        if line.strip():
            pending.append(pool.submit(_one, each, line))
        if len(pending) >= AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _one(each: Callable[[Any], object], line: bytes) -> tuple[object, bool]:
    try:
        return each(json.loads(line)), True
    except (ValueError, RecursionError) as error:
        return {"error": f"not JSON: {error}"}, False
    except LineInvalidError as error:
        return {"error": str(error)}, False
