"""`status` and `doctor`: what is kept, what waits, what may leave, and what is wrong."""

import argparse
import json
from dataclasses import asdict

from commontrace import doctor, status
from commontrace.cli.output import offline
from commontrace.cli.progress import waiting


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    telling = commands.add_parser(
        "status", help="what is stored, pending and shown, and every byte that would leave this machine"
    )
    telling.add_argument("--json", action="store_true", help="print one JSON document")
    telling.set_defaults(run=tell)

    examining = commands.add_parser("doctor", help="what is wrong, and how to mend it")
    examining.add_argument("--json", action="store_true", help="print one JSON document")
    examining.set_defaults(run=examine)


def tell(arguments: argparse.Namespace) -> int:
    """Print the status; starts nothing and sends nothing but the question whether a store answers."""
    with offline() as ready:
        found = status.document(ready)
    print(json.dumps(found, indent=2) if arguments.json else status.text(found))
    return 0


def examine(arguments: argparse.Namespace) -> int:
    """Print all findings; the exit status is 1 if one of them is a problem."""
    with offline() as ready, waiting("Looking at everything"):
        findings = doctor.examine(ready)
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in findings if not arguments.json else ():
        print("\n".join(finding.lines()))
    return int(any(finding.level == "problem" for finding in findings))
