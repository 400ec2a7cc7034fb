"""Migrations, on databases of their own."""

import asyncio
import json
import secrets
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database import create_engine, metadata, migrate
from commontrace_server.database.address import DatabaseUrlError, normalised
from commontrace_server.database.migrate import (
    _SCRIPTS,
    HEAD,
    DatabaseTooNewError,
    VectorRightMissingError,
    current_revision,
)
from commontrace_server.jobs import queue
from support import postgres


def _differences(connection: Connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def _revision(url: str) -> str | None:
    engine = create_engine(url)
    async with engine.connect() as connection:
        revision = await current_revision(connection)
    await engine.dispose()
    return revision


async def _upgrade_to(url: str, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def test_empty_database_becomes_what_the_tables_say(database_url: str) -> None:
    """After the migrations nothing differs from the metadata."""
    await migrate(database_url)
    engine = create_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_generated_column_is_what_the_tables_say(store_url: str) -> None:
    """Autogeneration does not compare generated columns, so this does."""
    columns = "SELECT generation_expression FROM information_schema.columns"
    expression = await postgres.query(store_url, f"{columns} WHERE column_name = 'lexemes'")
    assert expression == str(metadata.tables["traces"].c.lexemes.computed.sqltext)  # type: ignore[union-attr]


async def test_check_constraints_are_what_the_tables_say(store_url: str) -> None:
    """Autogeneration does not compare check constraints, so this does."""
    found = await postgres.query(
        store_url,
        "SELECT array_agg(conname ORDER BY conname) FROM pg_constraint"
        " WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
    )
    tables = metadata.tables.values()
    named = (str(item.name) for table in tables for item in table.constraints)
    assert sorted(found) == sorted(name for name in named if name.startswith("ck_"))


async def test_words_have_statistics_that_reach(store_url: str) -> None:
    """Autogeneration does not compare them either; a search reads the traces of each word without."""
    target = "SELECT attstattarget FROM pg_attribute WHERE attrelid = 'traces'::regclass"
    assert await postgres.query(store_url, f"{target} AND attname = 'lexemes'") == 400


async def test_indexes_of_words_are_what_the_tables_say(store_url: str) -> None:
    """Nor how much may be pending in an index: every search reads it."""
    said = {
        str(index.name): [
            f"{name}={value}" for name, value in index.dialect_kwargs["postgresql_with"].items()
        ]
        for index in metadata.tables["traces"].indexes
        if index.dialect_kwargs["postgresql_using"] == "gin"
    }
    options = "SELECT json_object_agg(relname, reloptions)::text FROM pg_class"
    found = await postgres.query(store_url, f"{options} WHERE relname = ANY (ARRAY{sorted(said)})")
    assert len(said) == 3
    assert json.loads(found) == said


async def test_many_starters_migrate_once(database_url: str) -> None:
    """Starters that come at the same time all end with a migrated database."""
    await asyncio.gather(*(migrate(database_url) for _ in range(6)))
    assert await _revision(database_url) == HEAD


async def test_migrating_again_changes_nothing(store_url: str) -> None:
    """A database that is up to date is left as it is."""
    await postgres.query(store_url, "INSERT INTO jobs (kind) VALUES ('kept')")
    await migrate(store_url)
    assert await postgres.query(store_url, "SELECT count(*) FROM jobs") == 1


_IN_USE = """
    INSERT INTO accounts (id, name, root)
    VALUES ('0199c2f0-0000-7000-8000-00000000000a', 'author', '0199c2f0-0000-7000-8000-00000000000a');
    INSERT INTO spaces (id, slug, kind) VALUES ('0199c2f0-0000-7000-8000-0000000000e1', 'crew', 'team');
    INSERT INTO traces (id, title, context_text, solution_text, content_hash, space_id, author_id)
    VALUES ('0199c2f0-0000-7000-8000-0000000000f1', 't', 'c', 's', 'h',
            '0199c2f0-0000-7000-8000-0000000000e1', '0199c2f0-0000-7000-8000-00000000000a');
    INSERT INTO embedding_models (model, choice, state) VALUES ('m', 'minilm', 'serving');
    INSERT INTO jobs (kind, payload, state, attempts, run_at, last_error)
    VALUES ('embed', '{"trace_id": "0199c2f0-0000-7000-8000-0000000000f1"}', 'queued', 1,
            now() - interval '1 h', 'e'),
           ('recount', '{}', 'failed', 5, now() - interval '2 h', 'gone');
"""
_KEPT = """
    SELECT (SELECT json_agg(row_to_json(accounts)) FROM accounts)::text
        || (SELECT json_agg(row_to_json(traces)) FROM traces)::text
        || (SELECT json_agg(row_to_json(embedding_models)) FROM embedding_models)::text
        || (SELECT json_agg(json_build_array(id, kind, payload, state, attempts, run_at, last_error)
                            ORDER BY id) FROM jobs)::text
"""


async def test_last_revision_keeps_what_is_there(database_url: str) -> None:
    """Rows of before say the same afterwards; a job that waited is taken, before any import."""
    await _upgrade_to(database_url, "0004")
    for statement in filter(str.strip, _IN_USE.split(";")):
        await postgres.query(database_url, statement)
    before = await postgres.query(database_url, _KEPT)
    await migrate(database_url)
    assert await postgres.query(database_url, _KEPT) == before
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await queue.enqueue_all(connection, "import", [{}], priority=queue.OF_AN_IMPORT)
        taken = await queue.claim(connection, ["import", "embed", "recount"], limit=2)
    await engine.dispose()
    assert {(job.kind, job.attempts) for job in taken} == {("embed", 2), ("import", 1)}


async def test_newer_database_is_refused(store_url: str) -> None:
    """A database of a later program is not touched."""
    await postgres.query(store_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNewError, match="newer"):
        await migrate(store_url)
    assert await _revision(store_url) == "9999"


async def test_owner_who_may_not_create_extensions_is_told_what_to_do(database_url: str) -> None:
    """Whoever owns a database seldom is one; once a superuser has created pgvector, nothing is missing."""
    plain = make_url(database_url).set(username=f"plain_{secrets.token_hex(4)}")
    await postgres.query(database_url, f"CREATE ROLE {plain.username} LOGIN")
    await postgres.query(database_url, f"ALTER DATABASE {plain.database} OWNER TO {plain.username}")
    with pytest.raises(VectorRightMissingError, match="CREATE EXTENSION vector"):
        await migrate(plain.render_as_string(hide_password=False))
    await postgres.query(database_url, "CREATE EXTENSION vector")
    await migrate(plain.render_as_string(hide_password=False))
    assert await _revision(database_url) == HEAD
    await postgres.query(database_url, f"REASSIGN OWNED BY {plain.username} TO CURRENT_USER")
    await postgres.query(database_url, f"DROP ROLE {plain.username}")


async def test_failed_migration_leaves_nothing_behind(database_url: str) -> None:
    """All revisions are one transaction: a failure half way leaves the database as it was."""
    await postgres.query(database_url, "CREATE TABLE jobs (in_the_way int)")
    with pytest.raises(Exception, match="jobs"):
        await migrate(database_url)
    assert await postgres.query(database_url, "SELECT to_regclass('traces')::text") is None
    assert await _revision(database_url) is None


def test_head_is_the_newest_revision() -> None:
    """HEAD, which spares a start the import of Alembic, names the newest revision there is."""
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__code__.co_filename).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_lexemes_do_not_depend_on_the_search_path(store_url: str) -> None:
    """The function of the generated column names what it uses, so that a restored dump means the same."""
    engine = create_engine(store_url)

    async def lexemes(connection: AsyncConnection) -> object:
        return await connection.scalar(
            text("SELECT public.trace_lexemes('Failing tests', ARRAY['a b', 'c'], 'x', 'y')::text")
        )

    async with engine.connect() as connection:
        usual = await lexemes(connection)
        await connection.execute(text("SET search_path TO ''"))
        assert await lexemes(connection) == usual
    await engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"]
)
def test_postgresql_urls_get_the_driver(url: str) -> None:
    """However a PostgreSQL URL is written, asyncpg is what connects."""
    assert normalised(url) == "postgresql+asyncpg://u:p@h/d"


def test_libpq_name_for_encryption_is_understood() -> None:
    """The name sslmode is what people copy from their provider."""
    assert normalised("postgres://h/d?sslmode=require").endswith("?ssl=require")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://h/d", "postgresql+psycopg://h/d", "postgres://h:x/d"]
)
def test_other_urls_are_refused(url: str) -> None:
    """What is not a PostgreSQL URL is refused with an example of one."""
    with pytest.raises(DatabaseUrlError, match="postgresql://user"):
        normalised(url)
