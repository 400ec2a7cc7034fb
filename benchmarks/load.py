"""`bench search` and `bench write`: a served store under load, and the floor that nothing could go below.

`write` contributes, then votes; beside that it says how long a contribution waits for its vectors.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks import lag
from benchmarks.echo import Echo
from benchmarks.floor import CHECKED, Floor, Load, votes
from benchmarks.serving import Served, served, written_to
from benchmarks.texts import Texts

FILLING, ASKING, WARMING = 1, 2, 3  # seeds
REPEATED = 50  # queries that are asked again and again
WARM = 30  # requests per client before anything is measured
READY_SECONDS = 120.0
FLOOR_SHARE = 0.5  # of the seconds of the load
TURNS = 4  # between load and floor
PARTS = ("api", "embedding", "postgres")

Call = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Measured:
    """What one load did: seconds of each answer, how many failed, seconds in all."""

    latencies: list[float]
    errors: int
    seconds: float

    def __add__(self, other: "Measured") -> "Measured":
        """Return both loads as one."""
        latencies = self.latencies + other.latencies
        return Measured(latencies, self.errors + other.errors, self.seconds + other.seconds)

    def milliseconds(self, percent: float) -> float:
        """Return a percentile of the latencies; 0 without any."""
        return round(float(np.percentile(self.latencies, percent)) * 1000, 3) if self.latencies else 0.0


class Turns:
    """A floor that takes turns with a load.

    Args:
        floor: It.
        times: That each of its calls may be made in a turn, where it is not made for as long as one wishes.
    """

    def __init__(self, floor: Floor | Echo, times: int | None = None) -> None:
        self._floor = floor
        self._times = times
        self._measured = Measured([], 0, 0.0)
        self._cpu = 0.0

    async def warm(self) -> None:
        """Make the calls before anything is measured."""
        await under(self._floor.calls, times=self._times or WARM)

    async def turn(self, seconds: float) -> None:
        """Make the calls for some seconds."""
        before = self._floor.cpu()
        self._measured += await under(self._floor.calls, seconds=seconds, times=self._times)
        self._cpu += self._floor.cpu() - before

    def figures(self) -> dict[str, float]:
        """Return the median and the processor time of a call, in milliseconds."""
        made = max(len(self._measured.latencies), 1)
        return {"p50_ms": self._measured.milliseconds(50), "cpu_ms": round(self._cpu / made, 2)}


class Client:
    """One connection to the store, kept open; small, so that the load itself costs little."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, approval: str) -> None:
        self._reader = reader
        self._writer = writer
        self._approval = approval  # as a person's client brings it: what is contributed is knowledge at once

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post JSON; return the status and the JSON of the answer."""
        return await self.send("POST", path, body)

    async def send(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send JSON; return the status and the JSON of the answer."""
        data = json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: store\r\nContent-Type: application/json\r\n"
        head += f"CommonTrace-Approval: {self._approval}\r\n"
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length:")[1].split(b"\r\n")[0])
        return int(answer.split()[1]), json.loads(await self._reader.readexactly(length))

    def close(self) -> None:
        """End the connection."""
        self._writer.close()


def main(name: str, argv: list[str]) -> int:
    """Put load on a temporary store, print what came of it and write it as JSON."""
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--traces", type=int, default=10_000, help="traces in the store (%(default)s)")
    parser.add_argument("--clients", type=int, default=1, help="requests under way (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="length of the load (%(default)s)")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    if name == "search":
        kinds = parser.add_mutually_exclusive_group()
        kinds.add_argument("--distinct", action="store_true", help="no query twice: all embedded (default)")
        kinds.add_argument("--repeated", action="store_true", help="the same queries: none embedded")
        parser.add_argument(
            "--changing", action="store_true", help="something is written meanwhile: nothing found is kept"
        )
        kinds.add_argument("--profile", action="store_true", help="only tell where the time of one goes")
    options = parser.parse_args(argv)
    if name == "search" and options.profile:
        asyncio.run(_profiled(options.traces))
        return 0
    result = asyncio.run(_measure(name, options))
    for key, value in result.items():
        print(f"{key:16} {value}")
    if options.json is not None:
        options.json.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return 0


async def _profiled(traces: int) -> None:
    from benchmarks.profiling import profiled

    async with served(traces, FILLING) as store, written_to(store.url):
        await profiled(store.url)


async def _measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    async with served(options.traces, FILLING) as store:
        if name == "search":
            async with written_to(store.url) if options.changing else nullcontext():
                return await measured(
                    "search", store, options.clients, options.seconds, repeated=options.repeated
                )
        alone = await lag.alone(store, lambda: _client(store))
        written = await measured("write", store, options.clients, options.seconds)
        behind = await lag.behind(store)
        voted = await measured("vote", store, options.clients, options.seconds)
        return written | {"embedding_lag": {"alone_ms": alone, **behind}, "votes": voted}


async def measured(
    name: Load, store: Served, clients: int, seconds: float, *, repeated: bool = False
) -> dict[str, Any]:
    """Put load on a store and on the floor by turns, so that what else the machine does slows both."""
    load = Measured([], 0, 0.0)
    spent = dict.fromkeys(PARTS, 0.0)
    async with AsyncExitStack() as stack:
        calls = await _calls(name, store, clients, stack, repeated=repeated)
        floors = {
            "floor": Turns(await stack.enter_async_context(Floor.of(name, store, clients, repeated=repeated)))
        }
        if name == "write":  # beside it, what the rules have no part in
            sql = await stack.enter_async_context(Floor.of("store", store, clients, repeated=False))
            floors["sql"] = Turns(sql, times=CHECKED // (TURNS + 1))
        floors["echo"] = Turns(await stack.enter_async_context(Echo.served(clients)))
        for floor in floors.values():
            await floor.warm()
        for _ in range(TURNS):
            before = store.cpu()
            load += await under(calls, seconds=seconds / TURNS)
            spent = {part: spent[part] + used - before[part] for part, used in store.cpu().items()}
            for floor in floors.values():
                await floor.turn(seconds * FLOOR_SHARE / TURNS)
    done = max(len(load.latencies), 1)
    figures = {which: floor.figures() for which, floor in floors.items()}
    return {
        "traces": store.traces,
        "clients": clients,
        **{f"p{percent}_ms": load.milliseconds(percent) for percent in (50, 95, 99)},
        "per_second": round(len(load.latencies) / load.seconds, 1),
        "errors": load.errors,
        "cpu_ms": {part: round(used / done, 2) for part, used in spent.items()},
        **figures,
        **{f"ratio_to_{which}": _ratio(load, figures[which]) for which in figures if which != "echo"},
        "ratio_with_echo": _ratio(load, figures.get("sql", figures["floor"]), figures["echo"]),
    }


def _ratio(load: Measured, *floors: dict[str, float]) -> float | None:
    """Return how many times as long an answer of the load takes as what floors do one after the other."""
    own = sum(floor["p50_ms"] for floor in floors)
    return round(load.milliseconds(50) / own, 2) if own else None


async def _client(store: Served) -> Client:
    approval = (store.socket.parent / "store" / "approval").read_bytes().hex()
    return Client(*await asyncio.open_unix_connection(store.socket), approval)


async def _calls(
    name: Load, store: Served, clients: int, stack: AsyncExitStack, *, repeated: bool
) -> list[Call]:
    """Connect the clients and warm the store up; return what each does again and again."""
    connected = [await _client(store) for _ in range(clients)]
    for client in connected:
        stack.callback(client.close)
    await _embedding(connected[0])
    warming, asking = Texts(WARMING), Texts(ASKING)
    if name == "write":
        await under([_writing(client, warming) for client in connected], times=WARM)
        return [_writing(client, asking) for client in connected]
    if name == "vote":
        ballots = await votes(store, 0)
        await under([_voting(client, ballots) for client in connected], times=WARM)
        return [_voting(client, ballots) for client in connected]
    await under([_searching(client, _endless(warming)) for client in connected], times=WARM)
    queries = _endless(asking)
    if repeated:
        kept = [asking.query() for _ in range(REPEATED)]
        await under([_searching(connected[0], iter(kept))], times=REPEATED)
        queries = itertools.cycle(kept)
    return [_searching(client, queries) for client in connected]


async def under(calls: list[Call], *, seconds: float = READY_SECONDS, times: int | None = None) -> Measured:
    """Make each call again and again, all at a time, for some seconds or some times."""
    latencies: list[float] = []
    errors = 0
    began = time.perf_counter()

    async def work(call: Call) -> None:
        nonlocal errors
        for _ in itertools.count() if times is None else range(times):
            start = time.perf_counter()
            if start - began >= seconds:
                return
            good = await call()
            latencies.append(time.perf_counter() - start)
            errors += not good

    await asyncio.gather(*(work(call) for call in calls))
    return Measured(latencies, errors, time.perf_counter() - began)


async def _embedding(client: Client) -> None:
    """Return when searches are no longer answered from words alone."""
    deadline = time.monotonic() + READY_SECONDS
    while (await client.post("/v1/search", {"query": "is the embedder ready?"}))[1]["degraded"]:
        if time.monotonic() > deadline:
            raise TimeoutError("the embedder was not ready in time")
        await asyncio.sleep(0.1)


def _endless(texts: Texts) -> Iterator[str]:
    return (texts.query() for _ in itertools.count())


def _searching(client: Client, queries: Iterator[str]) -> Call:
    async def search() -> bool:
        status, answer = await client.post("/v1/search", {"query": next(queries), "kind": "error"})
        # an answer without its vector is cheaper, and not the one that was asked for
        return status == 200 and not answer["degraded"]

    return search


def _writing(client: Client, texts: Texts) -> Call:
    async def write() -> bool:
        return (await client.post("/v1/traces", texts.trace()))[0] == 201

    return write


def _voting(client: Client, ballots: Iterator[tuple[UUID, int]]) -> Call:
    async def vote() -> bool:
        trace, value = next(ballots)
        reason = {} if value > 0 else {"reason": "outdated"}
        return (await client.send("PUT", f"/v1/traces/{trace}/vote", {"value": value} | reason))[0] == 200

    return vote
