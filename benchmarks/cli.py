"""`scripts/bench`: measurements by name."""

import sys
from importlib import import_module

LOADS = ("search", "write")
OTHERS = {
    "scale": "scale",
    "embed": "embedding",
    "retrieval": "retrieval",
    "fit": "fitting",
    "rules": "rules",
    "background": "background",
    "soak": "soak",
    "hooks": "hooks",
    "client": "client",
    "faults": "faults",
    "reputation": "reputation",
}
USAGE = f"usage: bench {'|'.join([*LOADS, *OTHERS])} [options]; bench NAME --help tells them"


def main(argv: list[str]) -> int:
    """Run the named measurement; 0 done, 2 wrong usage."""
    name, *rest = argv or [""]
    if name in LOADS:
        from benchmarks import load

        return load.main(name, rest)
    if name in OTHERS:
        done: int = import_module(f"benchmarks.{OTHERS[name]}").main(rest)
        return done
    print(USAGE, file=sys.stderr)
    return 2
