"""The vector index of one model: a partial HNSW index over its vectors, cast to its dimensions."""

import hashlib
import re

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
# Finds 0.97 of the nearest where pgvector's own 16 and 64 find 0.90: docs/performance.md has the curves.
GRAPH = "m = 24, ef_construction = 128"
_DIMENSIONS = range(1, 4001)  # what HNSW takes of half vectors


def checked(model: str, dimensions: int) -> str:
    """Return a model's name, safe to stand in SQL as a literal beside its dimensions.

    The name must be a literal: a parameter would keep the planner from the partial index.

    Raises:
        ValueError: The name or the number is not one that an index can be made for.
    """
    if not _MODEL_NAME.fullmatch(model) or dimensions not in _DIMENSIONS:
        raise ValueError(f"no index can be made for model {model!r} of {dimensions} dimensions")
    return model


def _named(model: str) -> str:
    return f"ix_trace_embeddings_{hashlib.sha256(model.encode()).hexdigest()[:16]}"


async def drop(engine: AsyncEngine, model: str) -> None:
    """Drop the index of a model that no search asks any more, without stopping those that ask others."""
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {_named(model)}")


async def ensure(connection: AsyncConnection, model: str, dimensions: int) -> None:
    """Create the model's index if this is its first vector: on an empty set that takes no time."""
    name = _named(checked(model, dimensions))
    if (await connection.execute(text("SELECT to_regclass(:name)"), {"name": name})).scalar_one() is not None:
        return
    # two workers may store a model's first vectors at the same time
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
    expression = f"(embedding::halfvec({dimensions})) halfvec_cosine_ops"
    statement = f"CREATE INDEX IF NOT EXISTS {name} ON trace_embeddings USING hnsw ({expression})"
    await connection.exec_driver_sql(f"{statement} WITH ({GRAPH}) WHERE model = '{model}'")
