"""The `commontrace` command: the same steps as the slash commands, for people and scripts.

A command loads its own module and no other.
"""

import argparse
import importlib
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence

from commontrace import render

Command = Callable[[argparse.Namespace], int]
MODULES = {
    "hook": ("hook",),
    "explaining": ("explain", "redact", "screen"),
    "traces": ("search", "show"),
    "contributing": ("contribute", "drafts", "publish"),
    "judging": ("vote", "report", "forget"),
    "transfer": ("import", "export"),
    "connecting": ("setup",),
    "health": ("status", "doctor"),
    "pausing": ("pause", "resume"),
    "uninstalling": ("uninstall",),
    "gateway": ("mcp-http",),
    "demo": ("demo",),
}
"""Which module has which commands, in the order of the help."""


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused or failed (the reason on stderr, one line), 2 wrong usage.
    """
    parser = _parser(*argv[:1])
    if not argv:
        parser.print_help(sys.stderr)
        return 2
    arguments = parser.parse_args(argv)
    command: Command = arguments.run
    try:
        return command(arguments)
    except BrokenPipeError:
        return 1
    except sqlite3.Error as error:
        print(
            f"commontrace: the memory cannot be used: {error}; `commontrace doctor` looks at it",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not isinstance(error, _foreseen()):
            raise
        # it may quote a store, a file's name or a file
        print(f"commontrace: {render.one_line(_said(error))}", file=sys.stderr)
        return 1


def _foreseen() -> tuple[type[Exception], ...]:
    """The errors that say what to do; they are loaded when there is one."""
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

    return (
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


def _said(error: Exception) -> str:
    """What an error says, for people: of a file, its name if that is known and what is wrong with it."""
    if isinstance(error, OSError) and error.strerror:
        name = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return name + error.strerror
    return str(error)


def _parser(name: str = "") -> argparse.ArgumentParser:
    """The parser of one command, or of all if there is none of this name."""
    parser = argparse.ArgumentParser(
        prog="commontrace",
        description="Known fixes for failing commands, from a private store on this machine.",
        epilog="The store's own commands: serve, worker, migrate, admin (each with --help).",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in [module for module, names in MODULES.items() if name in names] or MODULES:
        importlib.import_module(f"{__name__}.{module}").add_to(commands)
    return parser
