"""What search finds, and when it is silent: queries sent the way the plugin sends them."""

import argparse
import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import store
from commontrace import recall
from commontrace.config import LOCAL
from commontrace.failure import query as condensed
from commontrace.stores import Found
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signatures
from commontrace_server.embeddings import Embedder
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.search import service
from commontrace_server.search.schemas import SearchContext, SearchRequest, SearchResponse

EMBEDDERS = ("minilm", "none")
RETURNED = 10  # documents per query in the run file
PATIENCE_SECONDS = 60.0  # a measurement waits for every vector


@dataclass
class Run:
    """What was found: query id to (document id, confidence), best first; and to what a hook would inject."""

    found: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    injected: dict[str, list[str]] = field(default_factory=dict)


def main(argv: list[str]) -> int:
    """Run `bench retrieval`."""
    parser = argparse.ArgumentParser(prog="bench retrieval", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="JSONL of traces")
    parser.add_argument("--queries", type=Path, required=True, help="JSONL of {id, text, kind, ...}")
    parser.add_argument("--out", type=Path, required=True, help="run file to write")
    parser.add_argument("--injected", type=Path, help="file to write of what a hook would inject")
    parser.add_argument("--embedder", choices=EMBEDDERS, default="minilm")
    parser.add_argument("--cache", type=Path, help="file that keeps vectors between runs")
    arguments = parser.parse_args(argv)
    corpus, queries = store.rows(arguments.corpus), store.rows(arguments.queries)
    run = asyncio.run(measure(corpus, queries, embedder_of(arguments.embedder, arguments.cache)))
    arguments.out.write_text(json.dumps(run.found), encoding="utf-8")
    if arguments.injected is not None:
        arguments.injected.write_text(json.dumps(run.injected), encoding="utf-8")
    silent = sum(not documents for documents in run.injected.values())
    print(f"{len(corpus)} traces, {len(queries)} queries, {silent} of them answered with silence")
    return 0


def embedder_of(name: str, cache: Path | None = None) -> Embedder | None:
    """Return the embedder of a name, embedding each text once; None for "none"."""
    return None if name == "none" else store.OnceEmbedder(MiniLM(), cache)


async def measure(
    corpus: list[dict[str, Any]], queries: list[dict[str, Any]], embedder: Embedder | None
) -> Run:
    """Search a store that holds the corpus for every query."""
    run, kept = Run(), service.Kept(QueryCache(patience=PATIENCE_SECONDS))
    async with store.filled(corpus, embedder) as filled:
        for query in queries:
            response = await service.search(filled.engine, embedder, asked(query), kept)
            run.found[query["id"]] = _documents(filled, response)[:RETURNED]
            run.injected[query["id"]] = [name for hit in _shown(response) for name in filled.documents[hit]]
    return run


def asked(query: dict[str, Any]) -> SearchRequest:
    """Return what the plugin would send: tool output is redacted, then condensed to its error lines."""
    text = redact(query["text"]).text
    context = SearchContext(
        languages=[query["language"]] if query.get("language") else [],
        frameworks=[query["framework"]] if query.get("framework") else [],
    )
    if query["kind"] != "error":
        return SearchRequest(query=text[:20_000], kind=query["kind"], context=context, limit=RETURNED)
    return SearchRequest(
        query=condensed(text) or text[-1000:],
        signatures=signatures(text),
        kind="error",
        context=context,
        limit=RETURNED,
    )


def _shown(response: SearchResponse) -> list[UUID]:
    """The traces that a hook would inject into a session that has had none: certain, trusted, screened."""
    found = Found.model_validate_json(response.model_dump_json())
    return [chosen.hit.id for chosen in recall.choose([(LOCAL, found)], ())]


def _documents(filled: store.FilledStore, response: SearchResponse) -> list[tuple[str, float]]:
    return [(name, hit.confidence) for hit in response.hits for name in filled.documents[hit.id]]
