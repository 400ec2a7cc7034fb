"""Fits the confidence of search/constants.py: a logistic model over the features of every candidate.

Every answerable query is used twice, once with its answers and once with them taken away: what is left are
the near misses that confidence must fall for. Held-out figures come from folds that keep a query's two uses
together.
The fit is small on purpose (one weight per feature, ridge 1) and deterministic.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import retrieval, store
from commontrace_server.embeddings import Embedder
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.search import candidates, ranking
from commontrace_server.search.candidates import Found
from commontrace_server.search.evidence import Candidate, Features
from commontrace_server.search.reading import Reading, read

Matrix = NDArray[np.float64]
NAMES = [field.name for field in fields(Features)]
VECTORS = {"problem", "solution", "meaning_lead"}
FIXED = {"signature": 6.0, "other_signature": -1.0}  # set: hardly an error of the data recurs in its corpus
FOLDS = 5
RIDGE = 1.0
ALLOWED_FALSE = 0.02  # share of unanswerable queries that may get anything injected


@dataclass(frozen=True)
class Sample:
    """The candidates of one query: features (candidates, features), and which of them answer it.

    Attributes:
        query: Its place in the query file; both uses of a query share it.
    """

    query: int
    kind: str
    features: Matrix
    gold: NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        """Whether a candidate answers it."""
        return bool(self.gold.any())


def main(argv: list[str]) -> int:
    """Run `bench fit`: print weights, thresholds and held-out figures."""
    parser = argparse.ArgumentParser(prog="bench fit", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    arguments = parser.parse_args(argv)
    embedder = store.OnceEmbedder(MiniLM())
    samples = asyncio.run(_samples(store.rows(arguments.corpus), store.rows(arguments.queries), embedder))
    for title, names in (
        ("WEIGHTS", [name for name in NAMES if name not in FIXED]),
        ("WEIGHTS_WITHOUT_VECTORS", [name for name in NAMES if name not in FIXED | dict.fromkeys(VECTORS)]),
    ):
        _report(title, names, samples)
    return 0


async def _samples(
    corpus: list[dict[str, Any]], queries: list[dict[str, Any]], embedder: Embedder
) -> list[Sample]:
    samples = []
    async with store.filled(corpus, embedder) as filled:
        for number, query in enumerate(queries):
            asked = retrieval.asked(query)
            reading = read(asked.kind, asked.query, asked.signatures, asked.context.labels())
            (vector,) = await embedder.embed([reading.dense])
            async with filled.engine.connect() as connection:
                near = candidates.QueryVector(embedder.name, vector)
                found = await candidates.gather(connection, reading, tags=[], vector=near)
            gold = [bool(set(filled.documents[item.id]) & set(query["gold"])) for item in found.candidates]
            wrong = [item for item, right in zip(found.candidates, gold, strict=True) if not right]
            samples.append(_sample(number, reading, found, found.candidates, gold))
            if any(gold):
                samples.append(_sample(number, reading, found, wrong, [False] * len(wrong)))
    return samples


def _sample(
    number: int, reading: Reading, found: Found, pool: Sequence[Candidate], gold: list[bool]
) -> Sample:
    measured = ranking.measure(reading, found.terms, found.total, pool)
    features = np.array([[getattr(row, name) for name in NAMES] for row in measured], float)
    return Sample(number, reading.kind, features.reshape(-1, len(NAMES)), np.array(gold, bool))


def fit(features: Matrix, gold: Matrix) -> Matrix:
    """Return the weights and, last, the bias of a ridge logistic regression (Newton's method)."""
    columns = np.hstack([features, np.ones((len(features), 1))])
    ridge = np.diag([RIDGE] * features.shape[1] + [1e-6])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        chance = _logistic(columns @ weights)
        gradient = columns.T @ (chance - gold) + ridge @ weights
        step = np.linalg.solve((columns * (chance * (1 - chance))[:, None]).T @ columns + ridge, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _logistic(logits: Matrix) -> Matrix:
    chance: Matrix = 1.0 / (1.0 + np.exp(-logits))
    return chance


def _report(title: str, names: list[str], samples: Sequence[Sample]) -> None:
    columns = [NAMES.index(name) for name in names]
    weights = _fit_all(samples, columns)
    table = {"bias": weights[-1], **dict(zip(names, weights[:-1], strict=True)), **FIXED}
    print(f"{title} = {{")
    print("".join(f'    "{name}": {value:.2f},\n' for name, value in table.items()) + "}")
    chances = _held_out(samples, columns)
    for kind in sorted({sample.kind for sample in samples}):
        _report_kind(kind, [(s, c) for s, c in zip(samples, chances, strict=True) if s.kind == kind])


def _fit_all(samples: Sequence[Sample], columns: list[int]) -> Matrix:
    features = np.vstack([sample.features[:, columns] for sample in samples])
    return fit(features, np.concatenate([sample.gold for sample in samples]).astype(float))


def _held_out(samples: Sequence[Sample], columns: list[int]) -> list[Matrix]:
    """Probabilities of every sample's candidates from a model that saw neither of the query's uses."""
    fold = [int(np.random.default_rng(sample.query).integers(FOLDS)) for sample in samples]
    chances: list[Matrix] = [np.zeros(0)] * len(samples)
    for held in range(FOLDS):
        weights = _fit_all([s for s, f in zip(samples, fold, strict=True) if f != held], columns)
        for index, sample in enumerate(samples):
            if fold[index] == held:
                chances[index] = _logistic(sample.features[:, columns] @ weights[:-1] + weights[-1])
    return chances


def _report_kind(kind: str, judged: list[tuple[Sample, Matrix]]) -> None:
    silent = np.array([chance.max(initial=0.0) for sample, chance in judged if not sample.answerable])
    answered = [(sample, chance) for sample, chance in judged if sample.answerable]
    threshold = float(np.quantile(silent, 1 - ALLOWED_FALSE)) + 1e-6
    shown = [(sample.gold[i], chance[i]) for sample, chance in answered for i in np.argsort(-chance)[:2]]
    injected = [right for right, value in shown if value >= threshold]
    top = [chance.max(initial=0.0) for _, chance in answered]
    auroc = np.mean([np.mean(silent < value) + np.mean(silent == value) / 2 for value in top])
    reached = np.mean([bool((sample.gold & (chance >= threshold)).any()) for sample, chance in answered])
    print(
        f"  {kind}: AUROC {auroc:.3f}; at {ALLOWED_FALSE:.0%} false injection: threshold {threshold:.3f},"
        f" precision {np.mean(injected or [0]):.3f}, answered {reached:.3f} of {len(answered)}"
    )
