"""Texts with made-up secrets and personal data, assembled at run time: no file holds a real look-alike.

A template is plain text in which ``[[...]]`` marks what must not survive redaction. Inside, pieces
separated by ``~`` are literal, or ``alphabet:length`` for random characters.
``((...))`` is random as well but may stay.
"""

import base64
import json
import random
import re
import string
from typing import NamedTuple

_ALPHABETS = {
    "b62": string.ascii_letters + string.digits,
    "low": string.ascii_lowercase + string.digits,
    "up": string.ascii_uppercase + string.digits,
    "b32": string.ascii_uppercase + "234567",
    "hex": "0123456789abcdef",
    "dig": string.digits,
    "url": string.ascii_letters + string.digits + "-_",
    "b64": string.ascii_letters + string.digits + "+/",
    "sym": string.ascii_letters + string.digits + "!#%^*_-+=.",
}
_MARK = re.compile(r"\[\[(.*?)\]\]|\(\((.*?)\)\)", re.DOTALL)


class Case(NamedTuple):
    """A text to redact; ``secrets`` must vanish, everything in ``keep`` must stay."""

    name: str
    text: str
    secrets: tuple[str, ...]
    keep: tuple[str, ...] = ()


def build(name: str, template: str, seed: int, keep: tuple[str, ...] = ()) -> Case:
    """Fill in ``template`` with the random values of ``seed``."""
    source = random.Random(f"{name}/{seed}")
    secrets: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = "".join(_piece(piece, source) for piece in (match[1] or match[2]).split("~"))
        if match[1]:
            secrets.append(value)
        return value

    text = _MARK.sub(fill, template)
    return Case(name, text, tuple(secrets), keep)


def _piece(piece: str, source: random.Random) -> str:
    if "{tilde}" in piece:
        return "~".join(_piece(part, source) for part in piece.split("{tilde}"))
    alphabet, _, length = piece.partition(":")
    if alphabet in _SHAPES:
        return _SHAPES[alphabet](source, length)
    if alphabet in _ALPHABETS and length.isdigit():
        return _random(alphabet, int(length), source)
    return piece


def _uuid(source: random.Random, _: str) -> str:
    digits = "".join(source.choices(_ALPHABETS["hex"], k=32))
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _pair(source: random.Random, _: str) -> str:
    return base64.b64encode(f"deploy:{_random('b62', 14, source)}".encode()).decode()


def _jwt(source: random.Random, _: str) -> str:
    head = _encoded({"alg": "HS256", "typ": "JWT"})
    return ".".join((head, _encoded({"sub": source.random()}), _random("url", 43, source)))


def _lines(source: random.Random, count: str) -> str:
    return "\n".join(_random("b64", 64, source) for _ in range(int(count)))


def _escaped(source: random.Random, count: str) -> str:
    return _lines(source, count).replace("\n", "\\n")


def _encoded(document: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def _random(alphabet: str, length: int, source: random.Random) -> str:
    """Return random characters that mix letters and digits, as a generator of secrets would."""
    while True:
        value = "".join(source.choices(_ALPHABETS[alphabet], k=length))
        if length < 6 or alphabet == "dig" or (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
            return value


_SHAPES = {"uuid": _uuid, "pair": _pair, "jwt": _jwt, "lines": _lines, "escaped": _escaped}


def cases(templates: dict[str, str], seeds: int) -> list[Case]:
    """Build every template with ``seeds`` different random fillings."""
    return [build(name, template, seed) for name, template in templates.items() for seed in range(seeds)]


def leaks(secret: str, redacted: str) -> bool:
    """Tell whether any run of 8 characters of ``secret`` (all of a shorter one) is still in ``redacted``."""
    return any(secret[index : index + 8] in redacted for index in range(max(1, len(secret) - 7)))
