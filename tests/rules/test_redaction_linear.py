"""Redaction takes linear time on any text: a rule that did not would keep these tests busy for hours."""

import random

import pytest

from commontrace_rules.redaction import redact
from support.fake_personal_texts import CLEAN, PERSONAL
from support.fake_secret_texts import SECRETS
from support.fake_secrets import build

LENGTH = 400_000
"""Characters; a quadratic rule takes at least 10^11 steps for them, an hour and more."""

REPEATED = (
    "a", "A", "1", " ", "\n", "=", ":", "@", ".", "-", "_", "/", '"', "\\", "<", ">", "%", "$", "{",
    "é", "\u0130", "a@", "a.", "a-", "1.", "1-", "1:", "a:", "::", "..", "a=", "a/", '\\"', "://",
    "http://a:", "http://a:b@", "a@b.", "password", "password=", "password: ", 'password="',
    "password='", "token ", "key-", "auth=", 'auth="', "auth:", "secret is ", "--token ", "Bearer ",
    "Basic ", "Authorization: ", "Cookie: a=b; ", "cookie:", "eyJ", "eyJ-", "eyJ.", "ghp_", "sk-",
    "AKIA", "xoxb-1", "AB1/", "Q~", "12345678:AA", "mysql -p", "curl -u a", "echo a | ",
    "name: a\n", "/home/", "/home/a ", "C:\\Users\\", "1.2.3.4 ", "fe80:", "aa:", "+1 ", "(415) ",
    "4111 1111 ", "DE89 ", "123-45-", "a.internal ", "a.corp.", "-----BEGIN " + "PRIVATE KEY-----",
    "-----END " + "PRIVATE KEY-----\n", "user@a: ",
)  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_a_repeated_piece_takes_linear_time(piece: str) -> None:
    """No text of one repeated piece makes a rule go back over what it has read."""
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    assert len(redact(text).text) <= 12 * LENGTH


@pytest.mark.parametrize("seed", range(6))
def test_broken_and_mixed_texts_take_linear_time(seed: int) -> None:
    """Halves of secrets glued together in any order do not make a rule go back either."""
    source = random.Random(seed)
    templates = list({**SECRETS, **PERSONAL, **CLEAN}.items())
    pieces: list[str] = []
    while sum(map(len, pieces)) < LENGTH:
        case = build(*source.choice(templates), source.randrange(100))
        pieces.append(case.text[source.randrange(len(case.text)) :] * source.choice((1, 1, 30)))
    assert redact(source.choice(("", " ", "\n")).join(pieces)).findings
