"""Fits the weights of screening/wording.txt: which wording is typical of an order to the reader.

Positive sentences come from the attacks of tests/support and from phrases put together (wording_phrases.txt);
honest ones from the look-alikes of tests/support and from the texts given with --honest (JSONL of traces:
`title`, `context_text`, `solution_text`), which are never kept. A logistic model with an L1 penalty;
deterministic. Prints what share of honest texts that a first fit has not seen (every fourth) would be held at
each threshold; the weights written are of a second fit over everything.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commontrace_rules.screening import wording
from commontrace_rules.screening.readings import visible

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "mcp/commontrace_rules/screening/wording.txt"
FIELDS = ("title", "context_text", "solution_text")
MADE = 5000
WRITTEN_WEIGHT = 6.0
PENALTY = 2.0
ROUNDS = 400
SMALLEST = 0.05
THRESHOLDS = (2.0, 3.0, 4.0, 4.6, 5.0)
Vector = NDArray[np.float64]


def said(text: str) -> list[str]:
    """Return the sentences of ``text`` as screening reads them."""
    return [match[0] for match in wording.sentences(visible(text).lower())]


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
    """Return the sentences of the attacks that the tests know, as far as they are prose."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.hostile_payloads import payloads
    from support.hostile_sentences import ATTACKS
    from support.hostile_traces import HOSTILE

    prose = ("override", "addressed", "secrecy", "consent", "authority", "memory")
    texts = [text for _, text in ATTACKS]
    texts += [text for family in prose for text in HOSTILE.get(family, ())]
    texts += [text for family in payloads().values() for text in family if len(text) < 400]
    return [sentence for text in texts for sentence in said(text)]


def look_alikes() -> list[str]:
    """Return the sentences of honest texts that the tests write with the words of attacks."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.hostile_sentences import HONEST
    from support.hostile_traces import HONEST as OTHERS

    return [sentence for text in (*HONEST, *OTHERS) for sentence in said(text)]


def honest(paths: Sequence[Path]) -> tuple[list[str], list[int]]:
    """Return honest sentences, with the number of the document that each is from."""
    found: list[str] = []
    document: list[int] = []
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line]
    for number, line in enumerate(lines):
        trace = json.loads(line)
        for sentence in (sentence for field in FIELDS for sentence in said(str(trace.get(field) or ""))):
            found.append(sentence)
            document.append(number)
    return found, document


def fit(positive: list[set[str]], negative: list[set[str]], look_alike: list[set[str]]) -> dict[str, float]:
    """Fit the weights by accelerated proximal gradient steps, scaled by how frequent a feature is."""
    frequent = Counter(feature for row in positive for feature in row)
    often = Counter(feature for row in positive[MADE:] for feature in row)
    names = sorted(name for name, count in frequent.items() if count >= 8 or often[name] >= 2)
    index = {name: number for number, name in enumerate(names)}
    rows = [[index[name] for name in row if name in index] for row in (*positive, *negative, *look_alike)]
    columns = np.array([column for row in rows for column in row])
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    target = np.r_[np.ones(len(positive)), np.zeros(len(negative) + len(look_alike))]
    by_hand = np.full(len(positive) - MADE, WRITTEN_WEIGHT)
    weight = np.r_[np.ones(MADE), by_hand, np.ones(len(negative)), np.full(len(look_alike), WRITTEN_WEIGHT)]
    step = 1 / (3 * np.bincount(columns, weights=weight[owner], minlength=len(names)) + 1)
    theta, ahead, bias, bias_ahead, momentum = np.zeros(len(names)), np.zeros(len(names)), -3.0, -3.0, 1.0
    for _ in range(ROUNDS):
        score = np.bincount(owner, weights=ahead[columns], minlength=len(rows)) + bias_ahead
        error = weight * (1 / (1 + np.exp(-score)) - target)
        moved = ahead - step * np.bincount(columns, weights=error[owner], minlength=len(names))
        moved = np.sign(moved) * np.maximum(np.abs(moved) - step * PENALTY, 0)
        moved_bias = bias_ahead - error.sum() / (1.5 * weight.sum())
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved + (momentum - 1) / following * (moved - theta)
        bias_ahead = moved_bias + (momentum - 1) / following * (moved_bias - bias)
        theta, bias, momentum = moved, moved_bias, following
    fitted = {name: float(value) for name, value in zip(names, theta, strict=True) if abs(value) >= SMALLEST}
    return {"bias": float(bias), **fitted}


def main() -> None:
    """Fit, print what is held of honest texts, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--honest", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    by_hand = written()
    positive = [wording.features(sentence) for sentence in (*made(MADE), *by_hand)]
    sentences, document = honest(options.honest)
    negative = [wording.features(sentence) for sentence in sentences]
    similar = [wording.features(sentence) for sentence in look_alikes()]
    kept = [row for row, number in zip(negative, document, strict=True) if number % 4]
    first = fit(positive, kept, [row for number, row in enumerate(similar) if number % 4])
    _report(first, negative, document)
    _report(first, similar, list(range(len(similar))))
    fitted = fit(positive, negative, similar)
    lines = [f"{name}\t{round(value * 100)}" for name, value in sorted(fitted.items())]
    TABLE.write_text("\n".join(["# Written by benchmarks.wording.", *lines]) + "\n", encoding="utf-8")
    print(f"{len(by_hand)} attacks, {len(sentences)} honest sentences, {len(lines)} weights")


def _report(fitted: dict[str, float], negative: list[set[str]], document: list[int]) -> None:
    worst: dict[int, float] = {}
    for row, number in zip(negative, document, strict=True):
        if number % 4 == 0:
            score = fitted["bias"] + sum(fitted.get(name, 0.0) for name in row)
            worst[number] = max(score, worst.get(number, -99.0))
    for threshold in THRESHOLDS:
        held = sum(score >= threshold for score in worst.values()) / len(worst)
        print(f"threshold {threshold}: {held:.2%} of {len(worst)} honest texts held")


if __name__ == "__main__":
    main()
