"""The migration that counts voices instead of votes, on a database that was in use before it."""

from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from commontrace_server.database import create_engine, migrate
from commontrace_server.database.migrate import _SCRIPTS

_A, _B, _C, _T = (f"0199c2f0-0000-7000-8000-00000000000{digit}" for digit in "abcd")
_TEAM, _COMMONS = (f"0199c2f0-0000-7000-8000-0000000000e{digit}" for digit in "12")
_SECOND = "0199c2f0-0000-7000-8000-0000000000f1"

OLD = f"""
    INSERT INTO accounts (id, name, root) VALUES ('{_A}', 'author', '{_A}'), ('{_B}', 'member', '{_B}'),
        ('{_C}', 'stranger', '{_C}'), ('{_T}', 'twin', '{_B}');
    INSERT INTO spaces (id, slug, kind)
    VALUES ('{_TEAM}', 'crew', 'team'), ('{_COMMONS}', 'commons', 'public');
    INSERT INTO members VALUES ('{_TEAM}', '{_A}', 'owner'), ('{_TEAM}', '{_B}', 'contributor'),
        ('{_TEAM}', '{_T}', 'contributor');
    INSERT INTO traces (id, title, context_text, solution_text, content_hash, space_id, author_id, votes_up,
                        outcomes_worked)
    VALUES ('{_A}', 'team', 'c', 's', 'h1', '{_TEAM}', '{_A}', 1, 1),
           ('{_SECOND}', 'public', 'c', 's', 'h2', '{_COMMONS}', '{_A}', 2, 0);
    INSERT INTO votes (trace_id, account_id, value)
    VALUES ('{_A}', '{_A}', 1), ('{_A}', '{_B}', 1), ('{_A}', '{_T}', 1),
           ('{_SECOND}', '{_B}', 1), ('{_SECOND}', '{_C}', 1);
    INSERT INTO outcomes (id, trace_id, account_id, session, worked)
    VALUES (gen_random_uuid(), '{_A}', '{_B}', 's', true);
"""


def _upgrade_to_second(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")


@pytest.fixture
async def used_url(database_url: str) -> str:
    """A database at the second revision, with evidence, brought up to date."""
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to_second)
    await engine.dispose()
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await connection.execute(OLD)
    await connection.close()
    await migrate(database_url)
    return database_url


async def _rows(url: str, sql: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_evidence_is_counted_anew(used_url: str) -> None:
    """A member and their second account are one known voice; strangers in public are half a vote together."""
    columns = "votes_up, votes_down, outcomes_worked, outcomes_failed, confirmations"
    rows = await _rows(used_url, f"SELECT title, {columns} FROM traces ORDER BY title")
    assert [tuple(row.values()) for row in rows] == [("public", 0.5, 0, 0, 0, 0), ("team", 1, 0, 1, 0, 1)]


async def test_what_was_said_is_kept(used_url: str) -> None:
    """Every vote and outcome is there, marks on one's own included; the bound counts an outcome twice."""
    assert (await _rows(used_url, "SELECT count(*) AS n FROM votes"))[0]["n"] == 5
    assert (await _rows(used_url, "SELECT count(*) AS n FROM voices"))[0]["n"] == 3
    (row,) = await _rows(
        used_url, "SELECT wilson = wilson_lower_bound(3, 0) AS same FROM traces WHERE title = 'team'"
    )
    assert row["same"]


async def test_traces_of_before_keep_their_status(used_url: str) -> None:
    """What was published without confirmation stays so, held by nothing."""
    rows = await _rows(used_url, "SELECT status, held_for, supersedes FROM traces")
    assert rows == [{"status": "published", "held_for": [], "supersedes": None}] * 2


async def test_reputation_is_there_at_once(used_url: str) -> None:
    """The view is filled by the migration."""
    rows = await _rows(used_url, "SELECT positive, roots FROM reputation WHERE tag = '' ORDER BY positive")
    assert [tuple(row.values()) for row in rows] == [(0.5, 0), (2.0, 1)]
