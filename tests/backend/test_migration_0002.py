"""The migration that gives every trace an owner and a place, on a database that was in use before it."""

import json
import math
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from commontrace_server.accounts.builtin import LOCAL_ACCOUNT, LOCAL_SPACE
from commontrace_server.database import create_engine, migrate
from commontrace_server.database.migrate import _SCRIPTS

OLD = """
    INSERT INTO traces (id, title, context_text, solution_text, tags, origin, signatures, content_hash)
    VALUES ('0199c2f0-0000-7000-8000-00000000000a', 'mine', 'c', 's', '{a}', 'person', '{1:00}', 'h1'),
           ('0199c2f0-0000-7000-8000-00000000000b', 'shipped', 'c', 's', '{b}', 'starter', '{}', 'h2');
    INSERT INTO trace_embeddings (trace_id, model, view, content_hash, embedding)
    VALUES ('0199c2f0-0000-7000-8000-00000000000a', 'm', 'problem', 'h', '[1,2,3]');
    INSERT INTO idempotency_keys (key, request_hash, trace_id)
    VALUES ('k', 'r', '0199c2f0-0000-7000-8000-00000000000a');
    INSERT INTO jobs (kind) VALUES ('embed');
"""


def _upgrade_to_first(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def _connect(url: str) -> Any:
    return await asyncpg.connect(url.replace("+asyncpg", ""))


@pytest.fixture
async def used_url(database_url: str) -> str:
    """A database at the first revision, with rows in every table."""
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to_first)
    await engine.dispose()
    connection = await _connect(database_url)
    await connection.execute(OLD)
    await connection.close()
    return database_url


async def _rows(url: str, sql: str) -> list[dict[str, Any]]:
    connection = await _connect(url)
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_traces_survive_in_the_personal_space(used_url: str) -> None:
    """Each row of the first revision keeps what it said and lands in the space `local`."""
    said = "id, title, tags, origin, signatures, content_hash, lexemes::text, created_at, updated_at"
    kept = f"SELECT {said} FROM traces ORDER BY id"
    before = await _rows(used_url, kept)
    await migrate(used_url)
    assert await _rows(used_url, kept) == before
    assert {row["space_id"] for row in await _rows(used_url, "SELECT space_id FROM traces")} == {
        LOCAL_SPACE.id
    }


async def test_people_wrote_what_people_wrote(used_url: str) -> None:
    """The built-in account is the author of contributions; starter traces have none."""
    await migrate(used_url)
    rows = await _rows(used_url, "SELECT title, author_id FROM traces")
    assert {row["title"]: row["author_id"] for row in rows} == {"mine": LOCAL_ACCOUNT, "shipped": None}


async def test_builtin_account_owns_its_space(used_url: str) -> None:
    """The ids that the program knows are those that the migration wrote."""
    await migrate(used_url)
    (row,) = await _rows(
        used_url,
        "SELECT accounts.id, root, space_id, slug, kind, role FROM members"
        " JOIN accounts ON accounts.id = account_id JOIN spaces ON spaces.id = space_id",
    )
    assert row == {
        "id": LOCAL_ACCOUNT,
        "root": LOCAL_ACCOUNT,
        "space_id": LOCAL_SPACE.id,
        "slug": LOCAL_SPACE.slug,
        "kind": LOCAL_SPACE.kind,
        "role": LOCAL_SPACE.role,
    }


async def test_everything_else_survives(used_url: str) -> None:
    """Vectors, idempotency keys (now the built-in account's) and queued jobs are what they were."""
    await migrate(used_url)
    (key,) = await _rows(used_url, "SELECT account_id, key, request_hash FROM idempotency_keys")
    assert key == {"account_id": LOCAL_ACCOUNT, "key": "k", "request_hash": "r"}
    (vector,) = await _rows(used_url, "SELECT embedding::text FROM trace_embeddings")
    assert json.loads(vector["embedding"]) == [1, 2, 3]
    assert len(await _rows(used_url, "SELECT FROM jobs")) == 1


async def test_traces_of_before_have_no_evidence(used_url: str) -> None:
    """Tallies and the Wilson bound begin at 0."""
    await migrate(used_url)
    rows = await _rows(
        used_url, "SELECT votes_up + votes_down + outcomes_worked + outcomes_failed AS n, wilson FROM traces"
    )
    assert rows == [{"n": 0.0, "wilson": 0.0}] * 2


async def test_later_traces_have_to_say_where_they_belong(used_url: str) -> None:
    """What filled the old rows is no default for new ones."""
    await migrate(used_url)
    connection = await _connect(used_url)
    with pytest.raises(asyncpg.NotNullViolationError):
        await connection.execute(
            "INSERT INTO traces (id, title, context_text, solution_text, content_hash)"
            " VALUES (gen_random_uuid(), 't', 'c', 's', 'h3')"
        )
    await connection.close()


@pytest.mark.parametrize(
    ("up", "down"),
    [(0, 0), (1, 0), (0, 1), (1, 1), (10, 0), (0, 10), (3, 7), (0.5, 0.25), (1e6, 3), (3, 1e6)],
)
async def test_generated_bound_is_wilsons(store_url: str, up: float, down: float) -> None:
    """The column is the lower end of the score interval for z = 1.96, as the textbook writes it."""
    (row,) = await _rows(store_url, f"SELECT wilson_lower_bound({up}, {down}) AS bound")
    n, z = up + down, 1.96
    if n == 0:
        assert row["bound"] == 0
        return
    share = up / n
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    expected = (share + z * z / (2 * n) - spread) / (1 + z * z / n)
    assert row["bound"] == pytest.approx(expected, abs=1e-9)
    assert 0 <= row["bound"] <= share
