"""What a ranking is worth: what it finds, and whether it knows when to be silent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from benchmarks.fitting import Sample

Matrix = NDArray[np.float64]
KINDS = ("error", "question", "session_context")
ALLOWED_FALSE = 0.02  # share of unanswerable queries that may get anything injected
INJECTED = 2
RRF = 60.0  # the constant that everybody uses


@dataclass(frozen=True)
class Judged:
    """A sample and the score of each of its candidates."""

    sample: "Sample"
    scores: Matrix

    @property
    def top(self) -> float:
        """The best score."""
        return float(self.scores.max(initial=0.0))


def logistic(logits: Matrix) -> Matrix:
    """Turn logits into probabilities."""
    chance: Matrix = 1.0 / (1.0 + np.exp(-logits))
    return chance


def show(title: str, judged: Sequence[Judged]) -> None:
    """Print what a ranking reaches on every part of the data."""
    print(f"\n{title}")
    for part in dict.fromkeys(one.sample.part for one in judged):
        chosen = [one for one in judged if one.sample.part == part]
        _show_part(part, chosen)
        for kind in KINDS:
            _show_kind(kind, [one for one in chosen if one.sample.query["kind"] == kind])


def baselines(samples: Sequence["Sample"], names: Sequence[str]) -> Iterator[tuple[str, list[Judged]]]:
    """Yield the orders that need no model: words alone, meaning alone, both by reciprocal ranks."""
    words, meaning = names.index("coverage"), names.index("problem")
    yield "words alone", [Judged(sample, sample.features[:, words]) for sample in samples]
    yield "meaning alone", [Judged(sample, sample.features[:, meaning]) for sample in samples]
    yield (
        "reciprocal ranks of both",
        [
            Judged(sample, _reciprocal(sample.features[:, words]) + _reciprocal(sample.features[:, meaning]))
            for sample in samples
        ],
    )


def _reciprocal(scores: Matrix) -> Matrix:
    ranks = np.argsort(np.argsort(-scores, kind="stable"), kind="stable")
    shares: Matrix = 1.0 / (RRF + 1.0 + ranks.astype(np.float64))
    return shares


def _uses(judged: Sequence[Judged]) -> tuple[list[Judged], list[Judged], list[Judged]]:
    """The queries as they are, those that nothing answers, and those whose answers were taken away."""
    asked = [one for one in judged if one.sample.query["gold"] and one.sample.whole]
    silent = [one for one in judged if not one.sample.query["gold"]]
    deprived = [one for one in judged if not one.sample.whole]
    return asked, silent, deprived


def _show_part(part: str, judged: Sequence[Judged]) -> None:
    asked, silent, deprived = _uses(judged)
    found = np.mean([_found(one) for one in asked], axis=0)
    line = f"  {part}: {len(asked)} answerable: R@3 {found[0]:.3f} R@10 {found[1]:.3f} nDCG@10 {found[2]:.3f}"
    print(
        f"{line}; AUROC {_auroc(asked, silent):.3f}, against answers taken away {_auroc(asked, deprived):.3f}"
    )


def _show_kind(kind: str, judged: Sequence[Judged]) -> None:
    asked, silent, deprived = _uses(judged)
    if not asked:
        return
    threshold = float(np.quantile([one.top for one in [*silent, *deprived]], 1 - ALLOWED_FALSE)) + 1e-6
    shown = [_shown(one, threshold) for one in asked]
    right = [answers for one in shown for answers in one]
    precision = float(np.mean(right or [False]))
    false = np.mean([one.top >= threshold for one in silent]) if silent else float("nan")
    print(
        f"    {kind}: threshold {threshold:.3f} for {ALLOWED_FALSE:.0%} of {len(silent)} unanswerable and"
        f" {len(deprived)} deprived; false of the former {false:.3f}, precision {precision:.3f},"
        f" answered {np.mean([any(one) for one in shown]):.3f} of {len(asked)}"
    )


def _shown(one: Judged, threshold: float) -> list[bool]:
    """Whether each candidate that would be injected answers the query."""
    best = np.argsort(-one.scores, kind="stable")[:INJECTED]
    return [bool(one.sample.gold[index]) for index in best if one.scores[index] >= threshold]


def _found(one: Judged) -> tuple[float, float, float]:
    """Recall at 3 and 10, and nDCG at 10."""
    order = np.argsort(-one.scores, kind="stable")[:10]
    names = [name for index in order for name in one.sample.documents[index]][:10]
    gold = set(one.sample.query["gold"])
    gains = sum(1 / np.log2(place + 2) for place, name in enumerate(names) if name in gold)
    ideal = sum(1 / np.log2(place + 2) for place in range(min(len(gold), 10)))
    return (
        len(gold & set(names[:3])) / min(len(gold), 3),
        len(gold & set(names)) / min(len(gold), 10),
        float(gains / ideal),
    )


def _auroc(asked: Sequence[Judged], silent: Sequence[Judged]) -> float:
    """Chance that an answerable query scores higher than one without an answer."""
    if not asked or not silent:
        return float("nan")
    tops = np.array([one.top for one in silent])
    return float(np.mean([np.mean(tops < one.top) + np.mean(tops == one.top) / 2 for one in asked]))
