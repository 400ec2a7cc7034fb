"""Fits the weights of screening/wording.txt: which wording is typical of an order to the reader.

Hostile texts are those written for it (wording_attacks.txt, a JSON string per line), the attacks of
tests/support and phrases put together (wording_phrases.txt). Honest ones are those written for it
(wording_look_alikes.txt), the look-alikes of tests/support and the texts given with --honest (JSONL of
traces: `title`, `context_text`, `solution_text`), which are never kept. A logistic model with an elastic
net; deterministic. A first fit sees three of four texts written for it, and of the honest ones those of
every second source (`url`, its first two parts; else the text itself): it prints at each threshold what
share of the others would be held. The weights written are of a second fit over everything.
"""

import argparse
import copy
import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from commontrace_rules.screening import warming, wording
from commontrace_rules.screening.readings import visible

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "mcp/commontrace_rules/screening/wording.txt"
FIELDS = ("title", "context_text", "solution_text")
MADE = 1500
WRITTEN_WEIGHT, LOOK_ALIKE_WEIGHT = 2.0, 3.0
LASSO, RIDGE = 0.4, 1.0
ROUNDS = 400
SMALLEST = 0.15
LEAST_WRITTEN, LEAST_FREQUENT = 2, 8  # texts that have a feature: those written by hand, all
THRESHOLDS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
Vector = NDArray[np.float64]
Text = list[frozenset[str]]
"""The features of its passages."""


def read(*texts: str) -> Text:
    """Return what the model sees of the fields of a text, as screening reads them."""
    return [
        frozenset(passage.features) for text in texts for passage in wording.passages(visible(text).lower())
    ]


def made(count: int) -> Iterator[str]:
    """Yield sentences made of the phrases."""
    source = random.Random(4)  # noqa: S311 - not for secrets
    slots: dict[str, list[str]] = {}
    patterns: list[str] = []
    for line in Path(__file__).with_name("wording_phrases.txt").read_text(encoding="utf-8").splitlines():
        name, sign, alternatives = line.partition(" = ")
        if sign:
            slots[name] = alternatives.split("|")
        elif not line.startswith("#"):
            patterns.append(line)
    for _ in range(count):
        yield re.sub(
            r"\{(\w+)\}", lambda match: source.choice(slots[match[1]]), source.choice(patterns)
        ).lower()


def written() -> list[str]:
    """Return the attacks that the tests know, as far as they are prose."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.hostile_payloads import payloads
    from support.hostile_sentences import ATTACKS
    from support.hostile_traces import HOSTILE

    prose = ("override", "addressed", "secrecy", "consent", "authority", "memory")
    texts = [text for _, text in ATTACKS]
    texts += [text for family in prose for text in HOSTILE.get(family, ())]
    texts += [text for family in payloads().values() for text in family if len(text) < 400]
    return texts


def texts_of(name: str) -> list[str]:
    """Return the texts of a file beside this one, a JSON string per line."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if not line.startswith("#")]


def look_alikes() -> list[str]:
    """Return honest texts that the tests and the rules themselves write with the words of attacks."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.hostile_sentences import HONEST
    from support.hostile_traces import HONEST as OTHERS

    return [*HONEST, *OTHERS, *(str(warming.SAMPLE[field]) for field in FIELDS)]


def honest(paths: Sequence[Path]) -> Iterator[tuple[bool, Text]]:
    """Yield honest texts, and whether the first fit is not to see their source."""
    for line in (line for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line):
        trace = json.loads(line)
        source = "/".join(str(trace.get("url", "")).split("/")[:2]) or line
        kept = hashlib.sha256(source.encode()).digest()[0] % 2 == 1
        yield kept, read(*(str(trace.get(field) or "") for field in FIELDS))


class Examples(NamedTuple):
    """Passages to fit to, with their weights."""

    rows: list[frozenset[str]]
    hostile: list[bool]
    weights: list[float]

    def add(self, texts: Iterable[Text], weight: float, *, hostile: bool) -> None:
        """Add the passages of texts."""
        rows = [row for text in texts for row in text]
        self.rows.extend(rows)
        self.hostile.extend([hostile] * len(rows))
        self.weights.extend([weight] * len(rows))


def fit(examples: Examples) -> dict[str, float]:
    """Fit the weights by accelerated proximal gradient steps, scaled by how frequent a feature is."""
    frequent = Counter(feature for row in examples.rows for feature in row)
    by_hand = Counter(
        feature
        for row, hostile, weight in zip(*examples, strict=True)
        if hostile and weight == WRITTEN_WEIGHT
        for feature in row
    )
    names = sorted(
        name for name, count in frequent.items() if count >= LEAST_FREQUENT or by_hand[name] >= LEAST_WRITTEN
    )
    index = {name: number for number, name in enumerate(names)}
    rows = [[index[name] for name in sorted(row) if name in index] for row in examples.rows]
    columns = np.array([column for row in rows for column in row])
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    target, weight = np.array(examples.hostile, float), np.array(examples.weights)
    step = 1 / (1.5 * np.bincount(columns, weights=weight[owner], minlength=len(names)) + RIDGE + 1)
    theta, ahead, bias, bias_ahead, momentum = np.zeros(len(names)), np.zeros(len(names)), -3.0, -3.0, 1.0
    for _ in range(ROUNDS):
        score = np.bincount(owner, weights=ahead[columns], minlength=len(rows)) + bias_ahead
        error = weight * (1 / (1 + np.exp(-score)) - target)
        slope = np.bincount(columns, weights=error[owner], minlength=len(names)) + RIDGE * ahead
        moved = ahead - step * slope
        moved = np.sign(moved) * np.maximum(np.abs(moved) - step * LASSO, 0)
        moved_bias = bias_ahead - error.sum() / (1.5 * weight.sum())
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved + (momentum - 1) / following * (moved - theta)
        bias_ahead = moved_bias + (momentum - 1) / following * (moved_bias - bias)
        theta, bias, momentum = moved, moved_bias, following
    fitted = {name: float(value) for name, value in zip(names, theta, strict=True) if abs(value) >= SMALLEST}
    return {"bias": float(bias), **fitted}


def main() -> None:
    """Fit, print what a first fit holds of texts that it has not seen, write the table of a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--honest", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    by_hand, put_together, similar = (
        [read(text) for text in texts] for texts in (written(), made(MADE), look_alikes())
    )
    for_this, harmless = (
        [read(text) for text in texts_of(name)] for name in ("wording_attacks.txt", "wording_look_alikes.txt")
    )
    plain = list(honest(options.honest))
    known = Examples([], [], [])
    for texts, weight in ((put_together, 1.0), (by_hand, WRITTEN_WEIGHT)):
        known.add(texts, weight, hostile=True)
    known.add(similar, LOOK_ALIKE_WEIGHT, hostile=False)
    first, everything = copy.deepcopy(known), known
    first.add((text for number, text in enumerate(for_this) if number % 4), WRITTEN_WEIGHT, hostile=True)
    first.add((text for number, text in enumerate(harmless) if number % 4), LOOK_ALIKE_WEIGHT, hostile=False)
    first.add(_once(text for kept, text in plain if not kept), 1.0, hostile=False)
    fitted = fit(first)
    _report(fitted, for_this[::4], "attacks")
    _report(fitted, harmless[::4], "look-alikes")
    _report(fitted, [text for kept, text in plain if kept], "honest texts")
    everything.add(for_this, WRITTEN_WEIGHT, hostile=True)
    everything.add(harmless, LOOK_ALIKE_WEIGHT, hostile=False)
    everything.add(_once(text for _, text in plain), 1.0, hostile=False)
    fitted = fit(everything)
    lines = [f"{name}\t{round(value * 100)}" for name, value in sorted(fitted.items())]
    TABLE.write_text("\n".join(["# Written by benchmarks.wording.", *lines]) + "\n", encoding="utf-8")
    print(f"{len(for_this) + len(by_hand)} attacks, {len(plain)} honest texts, {len(lines)} weights")


def _once(texts: Iterable[Text]) -> list[Text]:
    """Each passage once: excerpts overlap."""
    return [list(dict.fromkeys(row for text in texts for row in text))]


def _report(fitted: Mapping[str, float], texts: Sequence[Text], what: str) -> None:
    scores = [
        max((fitted["bias"] + sum(fitted.get(name, 0.0) for name in row) for row in text), default=-99.0)
        for text in texts
    ]
    for threshold in THRESHOLDS:
        held = sum(score >= threshold for score in scores) / len(scores)
        print(f"threshold {threshold}: {held:.2%} of {len(scores)} {what} held")


if __name__ == "__main__":
    main()
