"""`admin`: accounts, keys, spaces and members, made by whoever runs the store and so has its database."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from commontrace_server import location, upkeep
from commontrace_server.embeddings import overview as embeddings
from commontrace_server.jobs import overview as queue
from commontrace_server.location import UsageError
from commontrace_server.progress import progress
from commontrace_server.said import Said, table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from commontrace_server.accounts.pepper import Pepper
    from commontrace_server.accounts.schemas import Key, NewKey

    Act = Callable[[AsyncConnection, Pepper, argparse.Namespace], Coroutine[Any, Any, Said]]
    Steps = Callable[[AsyncEngine, argparse.Namespace], Coroutine[Any, Any, Said]]

_DESCRIPTION: Final = """
Make accounts, keys, spaces and members directly in the store's database, whether the store runs or not.
A key is printed once; it cannot be read again. With --database-url, COMMONTRACE_PEPPER (32 random
characters or more) has to be the same here as where the store is served.
"""
_ALL: Final = "read,contribute,moderate,admin"
_USUAL: Final = "read,contribute"
_ROLES: Final = ("reader", "contributor", "moderator", "owner")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command and its own commands."""
    admin = commands.add_parser("admin", help="accounts, keys, spaces, members", description=_DESCRIPTION)
    acts = admin.add_subparsers(title="commands", required=True, metavar="COMMAND")
    make = _command(acts, "create-admin", _create_account, "make an account that may do everything")
    make.add_argument("--name", required=True, metavar="NAME", help="what others see")
    make.set_defaults(scopes=_ALL.split(","), root=None)
    make = _command(acts, "create-account", _create_account, "make an account and its first key")
    make.add_argument("--name", required=True, metavar="NAME", help="what others see")
    make.add_argument("--root", metavar="ACCOUNT", help="an account of the same person or group: one voice")
    _add_scopes(make)
    make = _command(acts, "create-key", _create_key, "make another key of an account")
    make.add_argument("account", metavar="ACCOUNT", help="name or id")
    _add_scopes(make)
    make = _command(acts, "list-keys", _list_keys, "list the keys of an account: ids, states, scopes")
    make.add_argument("account", metavar="ACCOUNT", help="name or id")
    make = _command(acts, "revoke-key", _revoke_key, "end a key, whosever it is, and the tokens made from it")
    make.add_argument("key", metavar="ID", type=UUID, help="as list-keys tells it")
    make = _command(acts, "set-tier", _set_tier, "trust an account, or no more")
    make.add_argument("account", metavar="ACCOUNT", help="name or id")
    make.add_argument("tier", choices=("standard", "trusted"), help="trusted: it counts in every space")
    make = _command(acts, "set-root", _set_root, "let two accounts count as one voice")
    make.add_argument("account", metavar="ACCOUNT", help="name or id")
    make.add_argument("root", metavar="WITH", help="name or id of the account that it counts with")
    make = _command(acts, "create-space", _create_space, "make a space; add its first owner afterwards")
    make.add_argument("slug", metavar="SLUG", help="its name in addresses: a-z, 0-9 and -")
    make.add_argument(
        "--kind", required=True, choices=("team", "public"), help="for its members, or for every account"
    )
    make = _command(acts, "add-member", _add_member, "make an account a member, or change its role")
    make.add_argument("space", metavar="SPACE", help="slug")
    make.add_argument("account", metavar="ACCOUNT", help="name or id")
    make.add_argument("--role", choices=_ROLES, default="contributor", help="(%(default)s)")
    make = _command(acts, "jobs", queue.jobs, "tell what is queued, running and given up")
    make.add_argument("--retry", action="store_true", help="queue what was given up once more")
    what = "tell which embedder search asks, and how far the next one is"
    make = _command(acts, "embedding", embeddings.embedding, what)
    what = "come back when search asks this embedder, named as for serve --embedder; Ctrl-C stops nothing"
    make.add_argument("--wait", metavar="NAME", type=location.embedder, help=what)
    make.set_defaults(in_steps=True)
    make = _command(acts, "seed", upkeep.seed, "publish traces in a space: what a commons begins with")
    make.add_argument("space", metavar="SPACE", help="slug")
    what = "lines as `export` writes them; without it the starter pack of this program"
    make.add_argument("file", metavar="FILE", type=Path, nargs="?", help=what)
    make.add_argument("--author", metavar="ACCOUNT", required=True, help="name or id of a moderator there")
    make.set_defaults(in_steps=True)
    make = _command(acts, "rebuild-reputation", upkeep.rebuild, "count all votes and outcomes anew")
    make.set_defaults(in_steps=True)


def _command(
    acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, act: "Act | Steps", what: str
) -> argparse.ArgumentParser:
    command = acts.add_parser(name, help=what, description=f"{what.capitalize()}.")
    command.add_argument("--data", metavar="DIR", type=Path, help="the store's folder, as given to serve")
    location.add_database_url(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.set_defaults(run=_run, act=act, in_steps=False)
    return command


def _add_scopes(command: argparse.ArgumentParser) -> None:
    explanation = f"what its key may do, of {_ALL} ({_USUAL})"
    command.add_argument("--scopes", metavar="S,S", type=_scopes, default=_USUAL.split(","), help=explanation)


def _scopes(text: str) -> list[str]:
    asked = {scope.strip() for scope in text.split(",")}
    if not asked <= set(_ALL.split(",")):
        raise argparse.ArgumentTypeError(f"scopes are some of {_ALL}")
    return [scope for scope in _ALL.split(",") if scope in asked]


def _run(options: argparse.Namespace) -> None:
    from commontrace_server.accounts.pepper import Pepper

    url = location.embedded_or_external(options)
    if url is not None:
        _say(asyncio.run(_acted(url, Pepper(location.pepper_of_external()), options)), options)
        return
    from commontrace_server import launch

    data = location.data(options)
    with launch.embedded_database(data, meanwhile=()) as cluster:
        _say(asyncio.run(_acted(cluster.url, Pepper(data), options)), options)


def _say(said: Said, options: argparse.Namespace) -> None:
    print(said.printed(as_json=options.json))  # noqa: T201 - a command's answer


async def _acted(url: str, pepper: "Pepper", options: argparse.Namespace) -> Said:
    """Do it, in one transaction unless it is done in steps; what is answered has been committed."""
    from commontrace_server.database import create_engine, migrate

    with progress("Migrating the database"):
        await migrate(url)
    engine = create_engine(url)
    said: Said
    try:
        if options.in_steps:
            said = await options.act(engine, options)
        else:
            async with engine.begin() as connection:
                said = await options.act(connection, pepper, options)
    finally:
        await engine.dispose()
    return said


async def _create_account(
    connection: "AsyncConnection", pepper: "Pepper", options: argparse.Namespace
) -> Said:
    from commontrace_server.accounts import service
    from commontrace_server.accounts.schemas import AccountName

    root = None if options.root is None else await service.root_of(connection, options.root)
    account_id = await service.create(connection, _checked(AccountName, options.name, "--name"), root)
    key = await service.create_key(connection, pepper, account_id, options.scopes)
    return Said(key.key, {"account": str(account_id), "name": options.name, **_key(key)})


async def _create_key(connection: "AsyncConnection", pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service

    account_id = await service.find(connection, options.account)
    key = await service.create_key(connection, pepper, account_id, options.scopes)
    return Said(key.key, {"account": str(account_id), **_key(key)})


def _key(key: "NewKey") -> dict[str, Any]:
    return key.model_dump(mode="json", include={"id", "key", "scopes"})


async def _list_keys(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service

    account_id = await service.find(connection, options.account)
    keys = await service.list_keys(connection, account_id)
    rows = [
        {"id": key.id, "hint": key.hint, "state": _state(key), "scopes": ",".join(key.scopes)} for key in keys
    ]
    text = table(("id", "hint", "state", "scopes"), rows) if rows else f"{options.account} has no keys"
    return Said(text, [key.model_dump(mode="json") | {"state": _state(key)} for key in keys])


def _state(key: "Key") -> str:
    now = datetime.now(UTC)
    ended = key.expires_at is not None and key.expires_at <= now
    return "revoked" if key.revoked_at is not None else "expired" if ended else "valid"


async def _revoke_key(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service

    await service.end_key(connection, options.key)
    return Said(f"{options.key} is revoked", {"id": str(options.key), "state": "revoked"})


async def _set_tier(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service

    await service.set_tier(connection, await service.find(connection, options.account), options.tier)
    return Said(f"{options.account} is {options.tier}", {"account": options.account, "tier": options.tier})


async def _set_root(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service

    root = await service.root_of(connection, options.root)
    await service.join(connection, await service.find(connection, options.account), root)
    return Said(
        f"{options.account} counts with {options.root}", {"account": options.account, "root": str(root)}
    )


async def _create_space(
    connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace
) -> Said:
    from commontrace_server.spaces import service
    from commontrace_server.spaces.schemas import NewSlug

    space = await service.create(connection, _checked(NewSlug, options.slug, "SLUG"), options.kind)
    text = (
        f"{space.slug} is a {space.kind} space: `admin add-member {space.slug} ACCOUNT --role owner` is next"
    )
    return Said(text, space.model_dump(mode="json"))


async def _add_member(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    from commontrace_server.accounts import service as accounts
    from commontrace_server.spaces import service

    space_id = await service.find(connection, options.space)
    account_id = await accounts.find(connection, options.account)
    member = await service.put_member(connection, space_id, account_id, options.role)
    text = f"{member.name} is {member.role} of {options.space}"
    return Said(text, {"space": options.space} | member.model_dump(mode="json"))


def _checked(kind: Any, value: str, option: str) -> str:
    """Hold an option to the rule that the API has for it."""
    from pydantic import TypeAdapter, ValidationError

    try:
        checked: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        rule = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"{option}: {rule}") from error
    return checked
