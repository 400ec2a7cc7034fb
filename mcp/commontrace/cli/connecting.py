"""`setup`: connect a store, test it, and ask for each permission by itself; or disconnect it."""

import argparse
import getpass
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from commontrace import config, render
from commontrace.cli import person
from commontrace.cli.output import CommandError
from commontrace.cli.progress import waiting
from commontrace.config import Config, StoreConfig
from commontrace.config_values import NAME, api_key, checked_url
from commontrace.paths import Paths
from commontrace.stores import Account, Store

DEFAULT_NAME = "shared"
QUESTIONS = (
    # permission, what the person is asked
    (
        "queries",
        "search it by itself when a command fails or a session starts? It gets the redacted error lines",
    ),
    ("prompts", "search it with the redacted text of your prompts?"),
    ("outcomes", "tell it whether a trace that was shown has helped?"),
    ("votes", "let the model vote on its traces?"),
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "setup", help="connect a store of your team or of the public, or disconnect it"
    )
    parser.add_argument("--url", metavar="URL", help="its address; asked for on a terminal")
    parser.add_argument(
        "--key-file", metavar="FILE", type=Path, help="file that holds the API key and stays there"
    )
    parser.add_argument("--name", metavar="NAME", help=f"what you call the store (default: {DEFAULT_NAME})")
    parser.add_argument("--space", metavar="SLUG", help="space that what you publish goes to")
    parser.add_argument(
        "--publish",
        choices=("ask", "always"),
        help="whether each trace that you ask for with /commontrace:trace-contribute needs a yes of its own",
    )
    parser.add_argument("--remove", metavar="NAME", help="disconnect this store and delete its key here")
    parser.add_argument("--json", action="store_true", help="ask for no permission; print one JSON document")
    parser.set_defaults(run=setup)


def setup(arguments: argparse.Namespace) -> int:
    """Change the configuration as the person says."""
    if person.is_agent():
        raise CommandError(
            "a coding agent cannot connect a store: run this command yourself in a terminal of your own"
        )
    path = Paths.from_environment().config
    if arguments.remove:
        config.disconnect(path, arguments.remove)
        words = f"{arguments.remove} is disconnected and its key is deleted from {path}"
        print(json.dumps({"disconnected": arguments.remove}) if arguments.json else words)
        return 0
    if arguments.publish:
        return _permit_publishing(path, arguments)
    known = config.load(path, environ={})
    store = _described(arguments, known)
    account = _tested(store)
    if arguments.json:
        config.connect(path, store)
        print(_document(store, account))
        return 0
    print(f"{store.url} answers and knows you as {render.one_line(account.name)}")
    if person.on_terminal():
        store = _asked(store, arguments)
    config.connect(path, store)
    print(f"{store.name} is connected (in {path})")
    if not any(vars(store.permissions).values()):
        print("Nothing is sent there unless you search it by name or publish a draft.")
    _offer_default(path, store.name, known)
    return 0


def _document(store: StoreConfig, account: Account) -> str:
    permitted = vars(store.permissions)
    told = {"store": store.name, "url": store.url, "space": store.space, "account": account.name}
    return json.dumps(told | {"permissions": permitted}, indent=2)


def _permit_publishing(path: Path, arguments: argparse.Namespace) -> int:
    """Give a store a standing yes, which a person does on a terminal, or take it back."""
    name, always = arguments.name or DEFAULT_NAME, arguments.publish == "always"
    store = config.load(path, environ={}).store(name)
    if always:
        person.require(f"a standing yes for {name!r} is yours to give")
        print(
            f"What you ask for by typing /commontrace:trace-contribute goes to {store.url} at once: you see\n"
            "its exact text with the answer. What the screening has doubts about still needs your yes."
        )
        if not person.insists("Others will read it."):
            raise CommandError("nothing was changed")
    config.connect(path, replace(store, permissions=replace(store.permissions, publishing=always)))
    if arguments.json:
        print(json.dumps({"store": name, "publishing": always}))
    else:
        given = f"{name} gets what you ask for at once"
        print(given if always else f"You are asked before {name} gets anything")
    return 0


def _described(arguments: argparse.Namespace, known: Config) -> StoreConfig:
    """The store as the arguments, the answers and an earlier connection of the same name describe it."""
    name = arguments.name or DEFAULT_NAME
    if name in config.RESERVED or not NAME.fullmatch(name):
        raise CommandError("--name: lower-case letters, digits and -, and not 'local' or 'environment'")
    earlier = known.stores.get(name)
    url = arguments.url or _ask_url(earlier)
    store = StoreConfig(name, checked_url(url, "the address"))
    if earlier is not None and earlier.url == store.url:
        store = earlier
    if arguments.space:
        store = replace(store, space=arguments.space)
    if arguments.key_file:
        return replace(store, api_key=None, api_key_file=str(arguments.key_file.expanduser().resolve()))
    if store.api_key or store.api_key_file:
        return store
    if not person.on_terminal():
        raise CommandError("no key: give --key-file FILE, or run this in a terminal, where it is asked for")
    return replace(store, api_key=api_key(getpass.getpass("API key (not shown): ").strip(), "this"))


def _ask_url(earlier: StoreConfig | None) -> str:
    if earlier is not None:
        return earlier.url
    if not person.on_terminal():
        raise CommandError("no address: give --url URL, or run this in a terminal, where it is asked for")
    return input("Address of the store (https://...): ")


def _tested(store: StoreConfig) -> Account:
    store.key()
    with closing(Store.connected(store)) as connected, waiting(f"Asking {store.url}"):
        return connected.me()


def _asked(store: StoreConfig, arguments: argparse.Namespace) -> StoreConfig:
    """The store with what the person allows it; each permission is a question of its own."""
    if not arguments.space:
        current = store.space or "your own"
        typed = input(f"Space that what you publish goes to (empty: {current}): ").strip()
        store = replace(store, space=typed or store.space)
    print(f"May CommonTrace, for {store.name} at {store.url}:")
    answers = {name: person.agrees(f"  {question}") for name, question in QUESTIONS}
    return replace(store, permissions=replace(store.permissions, **answers))


def _offer_default(path: Path, name: str, known: Config) -> None:
    if known.default_store == name or not person.on_terminal():
        return
    if person.agrees(f"Should new drafts be meant for {name}? (You still say yes to each)"):
        config.choose_default(path, name)
