"""`uninstall`: remove everything of ours from this machine, after an export if that is wanted."""

import argparse
import json
import sqlite3
import sys
from pathlib import Path

from commontrace import drafts, removal
from commontrace.cli import person, transfer
from commontrace.cli.output import CommandError, offline
from commontrace.config import LOCAL, ConfigInvalidError
from commontrace.memory import MemoryNewerError
from commontrace.paths import Paths
from commontrace.removal import StillUsedError
from commontrace.runtime import Runtime

PLUGIN = (
    "The plugin itself is Claude Code's: remove it with `claude plugin uninstall commontrace@commontrace`."
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "uninstall",
        help="remove everything of CommonTrace from this machine, after an export if you want one",
    )
    parser.add_argument("--export", metavar="FILE.jsonl", help="write your traces there first")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print what was removed as JSON")
    parser.set_defaults(run=uninstall)


def uninstall(arguments: argparse.Namespace) -> int:
    """Export, ask, stop the store, remove."""
    if person.is_agent():
        raise CommandError(
            "a coding agent cannot remove CommonTrace: run this command yourself in a terminal of your own"
        )
    folders = Paths.from_environment()
    found = removal.pieces(folders)
    if not found:
        _tell(arguments, [], "There is nothing of CommonTrace on this machine.")
        return 0
    if not arguments.yes:
        _ask(arguments, folders, found)
    if arguments.export:
        _export(arguments, folders)
    print("Stopping the store and removing everything: this may take a minute", file=sys.stderr, flush=True)
    try:
        removal.stop_store(folders)
        removal.require_unused(folders)
    except StillUsedError as error:
        raise CommandError(str(error)) from error
    left = removal.remove(folders)
    if left:
        raise CommandError(f"could not be removed: {', '.join(map(str, left))}")
    _tell(arguments, found, f"Removed. {PLUGIN}")
    return 0


def _ask(arguments: argparse.Namespace, folders: Paths, found: list[Path]) -> None:
    person.require("removing everything needs your yes (or --yes)")
    print(f"This removes {removal.size(found) / 1e6:.0f} MB from this machine:")
    print("\n".join(f"  {path}" for path in found))
    with offline() as ready:
        waiting = _waiting(ready)
    if waiting:
        print(waiting)
    if not arguments.export and folders.store.exists():
        arguments.export = input("File to write your traces to first (empty: none): ").strip()
    if not person.insists("It cannot be undone."):
        raise CommandError("nothing was removed")


def _waiting(ready: Runtime) -> str:
    """What nobody else has yet, as far as this version can tell."""
    try:
        kept, queued = len(drafts.listed(ready.memory)), len(ready.outbox.items("queued"))
    except (ConfigInvalidError, MemoryNewerError, sqlite3.Error, OSError) as error:
        return f"It cannot be told which drafts are lost with it: {error}"
    return f"Lost with it: {kept} drafts, and {queued} items that wait to be sent." if kept or queued else ""


def _export(arguments: argparse.Namespace, folders: Paths) -> None:
    inside = [path for path in removal.pieces(folders) if path in Path(arguments.export).absolute().parents]
    if inside:
        raise CommandError(f"--export: {inside[0]} is removed as well; choose another place")
    count = transfer.write_export(arguments.export, LOCAL, None)
    if not arguments.json:
        print(f"{count} traces in {arguments.export}")


def _tell(arguments: argparse.Namespace, removed: list[Path], words: str) -> None:
    print(json.dumps({"removed": [str(path) for path in removed]}) if arguments.json else words)
