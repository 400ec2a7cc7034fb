"""The `commontrace` command: the same steps as the slash commands, for people and scripts."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence

from commontrace import render
from commontrace.cli import (
    connecting,
    contributing,
    demo,
    explaining,
    gateway,
    health,
    hook,
    judging,
    pausing,
    traces,
    transfer,
    uninstalling,
)
from commontrace.cli.lines import LineInvalidError
from commontrace.cli.output import CommandError
from commontrace.config import ConfigInvalidError
from commontrace.drafts import DraftInvalidError, DraftNotFoundError
from commontrace.environment import NotPreparedError
from commontrace.memory import MemoryNewerError
from commontrace.paths import RuntimeFolderUnsafeError
from commontrace.references import ReferenceInvalidError
from commontrace.settings import SettingInvalidError
from commontrace.stores import StoreError

Command = Callable[[argparse.Namespace], int]
FORESEEN = (
    CommandError,
    ConfigInvalidError,
    DraftInvalidError,
    DraftNotFoundError,
    LineInvalidError,
    MemoryNewerError,
    NotPreparedError,
    ReferenceInvalidError,
    RuntimeFolderUnsafeError,
    SettingInvalidError,
    StoreError,
    OSError,
)


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused or failed (the reason on stderr, one line), 2 wrong usage.
    """
    parser = _parser()
    if not argv:
        parser.print_help(sys.stderr)
        return 2
    arguments = parser.parse_args(argv)
    command: Command = arguments.run
    try:
        return command(arguments)
    except BrokenPipeError:
        return 1
    except FORESEEN as error:
        # it may quote a store, a file's name or a file
        print(f"commontrace: {render.one_line(_said(error))}", file=sys.stderr)
        return 1
    except sqlite3.Error as error:
        print(
            f"commontrace: the memory cannot be used: {error}; `commontrace doctor` looks at it",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


def _said(error: Exception) -> str:
    """What an error says, for people: of a file, its name and what is wrong with it."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="commontrace",
        description="Known fixes for failing commands, from a private store on this machine.",
        epilog="The store's own commands: serve, worker, migrate, admin (each with --help).",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    hook.add_to(commands)
    explaining.add_to(commands)
    traces.add_to(commands)
    contributing.add_to(commands)
    judging.add_to(commands)
    transfer.add_to(commands)
    connecting.add_to(commands)
    health.add_to(commands)
    pausing.add_to(commands)
    uninstalling.add_to(commands)
    gateway.add_to(commands)
    demo.add_to(commands)
    return parser
