"""Makes error queries of linters' own message tables: more rules than any collection of runs holds.

`pylint --list-msgs` prints pylint's table. Those of other tools come as JSON, {tool: {rule: [message, ...]}}:
ESLint has them in `rule.meta.messages`, stylelint in `rule.messages`. A rule whose documentation the corpus
lacks gives queries without an answer, and its siblings are the near misses.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import store

SEED = 7
NAMES = ("first", "fetch_user", "Config", "total", "handle_event", "path", "value", "Client", "items")
LANGUAGES = {"pylint": "python", "eslint": "javascript", "stylelint": "css", "psalm": "php"}
_MESSAGE = re.compile(r"^:([\w-]+) \(([A-Z]\d{4})\): \*(.*?)\*$", re.MULTILINE | re.DOTALL)
_GAP = re.compile(r"%[-+\d.]*[srdf]|\{\{[^}]*\}\}")


def main(argv: list[str]) -> int:
    """Run `bench rules`."""
    parser = argparse.ArgumentParser(prog="bench rules", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="whose titles name tool and rule")
    parser.add_argument("--pylint", type=Path, help="what `pylint --list-msgs` printed")
    parser.add_argument("--messages", type=Path, help="JSON: {tool: {rule: [message, ...]}}")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    titles = {row["id"]: row["title"].lower() for row in store.rows(arguments.corpus)}
    rules = []
    if arguments.pylint:
        rules += list(_pylint(arguments.pylint.read_text(encoding="utf-8")))
    if arguments.messages:
        rules += list(_others(json.loads(arguments.messages.read_text(encoding="utf-8"))))
    rows = list(_queries(rules, titles, random.Random(SEED)))  # noqa: S311 - repeatable, not secret
    arguments.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} queries, {sum(not row['gold'] for row in rows)} of them without an answer")
    return 0


def _pylint(table: str) -> Iterator[tuple[str, str, str, str]]:
    for rule, code, message in _MESSAGE.findall(table):
        yield "pylint", rule, " ".join(message.split()), f"m.py:{{line}}:0: {code}: {{message}} ({rule})"


def _others(tables: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str, str, str]]:
    for tool, rules in tables.items():
        for rule, messages in rules.items():
            if messages:
                bare = messages[0].removesuffix(f" ({rule})")
                yield tool, rule, bare, f"  {{line}}:7  error  {{message}}  {rule}"


def _queries(
    rules: list[tuple[str, str, str, str]], titles: dict[str, str], chance: random.Random
) -> Iterator[dict[str, Any]]:
    """Each rule twice: as the tool prints it, and without its code and name."""
    for tool, rule, message, form in rules:
        words = re.compile(rf"(?<![\w-]){re.escape(rule.lower())}(?![\w-])")
        gold = [name for name, title in titles.items() if tool in title and words.search(title)]
        said = _GAP.sub(lambda _: chance.choice(NAMES), message).replace("%%", "%")
        coded = form.format(line=chance.randint(1, 200), message=said)
        place = coded.split(" ")[0] if tool == "pylint" else "src/m:4:7: error:"
        for stratum, text in (("code", coded), ("nocode", f"{place} {said}")):
            yield {
                "id": f"{tool}:{rule}:{stratum}",
                "kind": "error",
                "stratum": stratum,
                "text": text,
                "language": LANGUAGES.get(tool),
                "framework": tool,
                "gold": gold,
                "source": tool,
            }
