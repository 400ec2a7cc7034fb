"""Generated traces and queries: words as common as in developers' English, beside rare names."""

import random
from collections.abc import Iterator
from importlib.resources import files
from itertools import accumulate
from typing import Any

SHAPES = (
    "ModuleNotFoundError: No module named '{name}'",
    "error[E0425]: cannot find function `{name}` in this scope",
    'ERROR: relation "{name}" does not exist',
    "TypeError: {name}() got an unexpected keyword argument '{other}'",
    "npm ERR! Could not resolve dependency: peer {name} from {other}",
)
TAGS = ("python", "rust", "postgres", "docker", "npm", "pytest", "ci", "typing")
SYLLABLES = ("ba", "ko", "ri", "ten", "lu", "mar", "sol", "vi", "dex", "qua", "zor", "ny", "pel", "ga", "thi")


class Texts:
    """An endless source of texts; the same seed gives the same ones.

    Args:
        seed: Of what is random.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not for secrets
        table = files("commontrace_server.search").joinpath("background.txt").read_text(encoding="utf-8")
        pairs = [line.split() for line in table.splitlines() if line.strip()]
        self._words = [word for word, _ in pairs]
        self._shares = list(accumulate(float(share) for _, share in pairs))

    def traces(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield drafts of about 150 words."""
        for _ in range(count):
            yield self.trace()

    def trace(self) -> dict[str, Any]:
        """Return one draft; two are never equal."""
        error, number = self._error(), self._random.getrandbits(64)
        return {
            "title": f"{error} {self._prose(4)}"[:200],
            "context_text": f"{self._prose(35)}\n{error}\n{self._prose(35)} run {number:x}",
            "solution_text": f"{self._prose(60)} {self._name()}",
            "tags": self._random.sample(TAGS, 2),
        }

    def query(self) -> str:
        """Return a tool output with an error in it, of about 60 tokens."""
        return f"{self._prose(22)}\n{self._error()}\n{self._prose(10)}"

    def _prose(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._shares, k=words))

    def _error(self) -> str:
        return self._random.choice(SHAPES).format(name=self._name(), other=self._name())

    def _name(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=3))
