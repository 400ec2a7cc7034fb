"""How common each word is in developers' English, measured on the standard library of the running Python.

A store of a dozen traces cannot tell a telling word from a common one. Docstrings and error messages of the
standard library are developers' prose of the right register, present wherever this runs and free to count
(PSF licence); only frequencies are kept. Writes the search's background.txt: `lexeme share` a line.
"""

import argparse
import ast
import asyncio
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DOCUMENT_WORDS = 150  # about the length of a trace
KEPT = 1500  # lexemes; the last one kept is in about 1 of 200 documents
SKIPPED = {"test", "tests", "idlelib", "lib2to3", "pydoc_data", "site-packages", "__pycache__"}


def main(argv: list[str]) -> int:
    """Measure the frequencies with the lexemes of the PostgreSQL at a URL and write the table."""
    parser = argparse.ArgumentParser(prog="background", description=__doc__)
    parser.add_argument("--database-url", required=True, help="any PostgreSQL; nothing is written to it")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    documents = list(_documents(Path(sysconfig.get_paths()["stdlib"])))
    counts = asyncio.run(_frequencies(arguments.database_url, documents))
    lines = [f"{lexeme} {count / len(documents):.4f}\n" for lexeme, count in counts.most_common(KEPT)]
    arguments.out.write_text("".join(sorted(lines)), encoding="utf-8")
    print(f"{len(documents)} documents, {len(counts)} lexemes, {len(lines)} kept")
    return 0


def _documents(root: Path) -> Iterator[str]:
    """Prose of the standard library in pieces of about the length of a trace."""
    for path in sorted(root.rglob("*.py")):
        if SKIPPED.intersection(path.relative_to(root).parts):
            continue
        words = " ".join(_prose(path)).split()
        for start in range(0, len(words), DOCUMENT_WORDS):
            yield " ".join(words[start : start + DOCUMENT_WORDS])


def _prose(path: Path) -> Iterator[str]:
    """Docstrings, and the literal texts of raised errors."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Raise) and node.exc is not None:
            literals = (leaf.value for leaf in ast.walk(node.exc) if isinstance(leaf, ast.Constant))
            yield from (literal for literal in literals if isinstance(literal, str))


async def _frequencies(url: str, documents: list[str]) -> Counter[str]:
    engine = create_async_engine(url)
    counts: Counter[str] = Counter()
    statement = text("SELECT tsvector_to_array(to_tsvector('english', :document))")
    async with engine.connect() as connection:
        for document in documents:
            lexemes = (
                await connection.execute(statement, {"document": document.replace("\0", " ")})
            ).scalar_one()
            counts.update(word for word in lexemes if word.isalpha() and len(word) > 1)
    await engine.dispose()
    return counts
