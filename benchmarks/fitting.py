"""Fits the confidence of search/constants.py, and shows what every signal is worth.

Two logistic models over the features of every candidate: one for errors, one for what people write. Every
answerable query is used twice, once with its answers and once with them taken away: what is left are the near
misses that confidence must fall for. Every error is also used without the caller's languages and tools, at a
lower weight, because not every caller knows them. Further query files (--extra, such as `bench rules` writes)
teach at a lower weight still, so that a tool with hundreds of rules does not outvote the rest.

Held-out figures come from folds by document: all queries that the same trace answers are in one fold. The fit
is small on purpose (one weight per feature, ridge 1) and deterministic.
"""

import argparse
import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import figures, retrieval, store
from commontrace_server.embeddings import Embedder
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.search import candidates, ranking
from commontrace_server.search.candidates import Found
from commontrace_server.search.evidence import Candidate, Features
from commontrace_server.search.reading import Reading, read

Matrix = NDArray[np.float64]
NAMES = Features._fields
VECTORS = {"problem", "solution", "meaning_lead"}
# set: hardly an error of the data recurs in its corpus, or names what is missing; no question names a code
_SET = {"signature": 6.0, "other_signature": -1.0, "needed_missing": -4.0}
FIXED = {"error": _SET, "question": _SET | {"code_title": 1.0, "code_aside": 0.0, "code_missing": -0.5}}
FITTED = [name for name in NAMES if name not in _SET]
FOLDS = 5
RIDGE = 1.0
WEIGHTS = {"given": 1.0, "given, tools unknown": 0.3, "further": 0.15, "further, tools unknown": 0.045}


@dataclass(frozen=True)
class Sample:
    """The candidates of one use of one query.

    Attributes:
        query: The query's row.
        features: (candidates, features).
        gold: Which of the candidates answer it.
        documents: The corpus ids of each candidate.
        whole: Whether its answers were left among the candidates.
        fold: The part that holds it out.
        part: A key of WEIGHTS, which says what it counts in the fit.
    """

    query: dict[str, Any]
    features: Matrix
    gold: NDArray[np.bool_]
    documents: list[list[str]]
    whole: bool
    fold: int
    part: str

    @property
    def group(self) -> str:
        """The model that judges it."""
        return "error" if self.query["kind"] == "error" else "question"


def main(argv: list[str]) -> int:
    """Run `bench fit`: print the tables of constants.py and, per table, the held-out figures."""
    parser = argparse.ArgumentParser(prog="bench fit", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--extra", type=Path, help="further queries for the fit")
    parser.add_argument("--cache", type=Path, help="file that keeps vectors between runs")
    parser.add_argument("--ablation", action="store_true", help="also the figures without each signal")
    arguments = parser.parse_args(argv)
    queries = store.rows(arguments.queries)
    extra = store.rows(arguments.extra) if arguments.extra else []
    embedder = store.OnceEmbedder(MiniLM(), arguments.cache)
    samples = asyncio.run(_samples(store.rows(arguments.corpus), queries, extra, embedder))
    for title, names in (
        ("WEIGHTS", FITTED),
        ("WEIGHTS_WITHOUT_VECTORS", [name for name in FITTED if name not in VECTORS]),
    ):
        _print_table(title, names, samples)
        figures.show("held out", held_out(samples, names))
    if arguments.ablation:
        for row, judged in figures.baselines(samples, NAMES):
            figures.show(row, judged)
        for name in FITTED:
            figures.show(f"without {name}", held_out(samples, [other for other in FITTED if other != name]))
    return 0


async def _samples(
    corpus: list[dict[str, Any]],
    queries: list[dict[str, Any]],
    extra: list[dict[str, Any]],
    embedder: Embedder,
) -> list[Sample]:
    samples: list[Sample] = []
    async with store.filled(corpus, embedder) as filled:
        for part, rows in (("given", queries), ("further", extra)):
            for query in rows:
                reading, found = await _gathered(filled, query, embedder)
                names = [filled.documents[item.id] for item in found.candidates]
                samples += _uses(query, reading, found, names, part)
    return samples


async def _gathered(
    filled: store.FilledStore, query: dict[str, Any], embedder: Embedder
) -> tuple[Reading, Found]:
    asked = retrieval.asked(query)
    reading = read(asked.kind, asked.query, asked.signatures, asked.context.labels())
    (vector,) = await embedder.embed([reading.dense])
    async with filled.engine.connect() as connection:
        near = candidates.QueryVector(embedder.name, vector)
        return reading, await candidates.gather(connection, reading, candidates.Scope(), near)


def _uses(
    query: dict[str, Any], reading: Reading, found: Found, names: list[list[str]], part: str
) -> list[Sample]:
    """The query with its answers and without them, each with the caller's labels and, of errors, without."""
    gold = set(query["gold"])
    pairs = list(zip(found.candidates, names, strict=True))
    pools = [_Pool(pairs, whole=True)]
    if gold:
        rest = [(item, documents) for item, documents in pairs if not gold.intersection(documents)]
        pools.append(_Pool(rest, whole=False))
    readings = [(reading, part)]
    if reading.kind == "error":
        readings.append((replace(reading, labels=frozenset()), f"{part}, tools unknown"))
    return [_sample(query, asked, found, pool, named) for pool in pools for asked, named in readings]


class _Pool(NamedTuple):
    """Candidates with their corpus ids; `whole` as in Sample."""

    pairs: list[tuple[Candidate, list[str]]]
    whole: bool


def _sample(query: dict[str, Any], reading: Reading, found: Found, pool: _Pool, part: str) -> Sample:
    measured = ranking.measure(reading, found.terms, found.total, [item for item, _ in pool.pairs])
    features = np.array([[getattr(row, name) for name in NAMES] for row in measured], float)
    gold = set(query["gold"])
    return Sample(
        query=query,
        features=features.reshape(-1, len(NAMES)),
        gold=np.array([bool(gold.intersection(documents)) for _, documents in pool.pairs], bool),
        documents=[documents for _, documents in pool.pairs],
        whole=pool.whole,
        fold=_fold(min(gold, default=query["id"])),
        part=part,
    )


def _fold(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS


def fit(samples: Sequence[Sample], columns: list[int]) -> Matrix:
    """Return the weights and, last, the bias of a weighted ridge logistic regression (Newton's method)."""
    features = np.vstack([sample.features[:, columns] for sample in samples])
    gold = np.concatenate([sample.gold for sample in samples]).astype(float)
    counts = np.concatenate([np.full(len(sample.gold), WEIGHTS[sample.part]) for sample in samples])
    matrix = np.hstack([features, np.ones((len(features), 1))])
    ridge = np.diag([RIDGE] * len(columns) + [1e-6])
    weights = np.zeros(matrix.shape[1])
    for _ in range(50):
        chance = figures.logistic(matrix @ weights)
        gradient = matrix.T @ (counts * (chance - gold)) + ridge @ weights
        curvature = (matrix * (counts * chance * (1 - chance))[:, None]).T @ matrix + ridge
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def held_out(samples: Sequence[Sample], names: list[str]) -> list[figures.Judged]:
    """Judge every sample by a model that saw no query with the same answers."""
    columns = {group: _columns(group, names) for group in FIXED}
    models = {
        (group, fold): fit([s for s in samples if s.group == group and s.fold != fold], columns[group])
        for group in FIXED
        for fold in range(FOLDS)
    }
    judged = []
    for sample in samples:
        weights = models[sample.group, sample.fold]
        logits = sample.features[:, columns[sample.group]] @ weights[:-1] + weights[-1]
        judged.append(figures.Judged(sample, figures.logistic(logits)))
    return judged


def _columns(group: str, names: Sequence[str]) -> list[int]:
    """Where the features are that are fitted for a group."""
    return [NAMES.index(name) for name in names if name not in FIXED[group]]


def _print_table(title: str, names: list[str], samples: Sequence[Sample]) -> None:
    print(f"{title} = {{")
    for group, fixed in FIXED.items():
        columns = _columns(group, names)
        weights = fit([sample for sample in samples if sample.group == group], columns)
        fitted = dict(zip((NAMES[column] for column in columns), weights[:-1], strict=True))
        table = {"bias": weights[-1], **fitted, **fixed}
        rows = "".join(f'        "{name}": {value:.2f},\n' for name, value in table.items())
        print(f'    "{group}": {{\n{rows}    }},')
    print("}")
