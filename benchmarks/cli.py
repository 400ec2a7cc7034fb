"""`scripts/bench`: measurements by name."""

import sys

USAGE = "usage: bench retrieval|fit|rules|background|soak [options]; bench NAME --help tells them"


def main(argv: list[str]) -> int:
    """Run the named measurement; 0 done, 2 wrong usage."""
    name, *rest = argv or [""]
    if name == "retrieval":
        from benchmarks import retrieval

        return retrieval.main(rest)
    if name == "fit":
        from benchmarks import fitting

        return fitting.main(rest)
    if name == "rules":
        from benchmarks import rules

        return rules.main(rest)
    if name == "background":
        from benchmarks import background

        return background.main(rest)
    if name == "soak":
        from benchmarks import soak

        return soak.main(rest)
    print(USAGE, file=sys.stderr)
    return 2
