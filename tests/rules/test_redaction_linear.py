"""Redaction takes linear time on any text: a rule that did not would keep these tests busy for hours."""

import random
import re
import sys
import time
from pathlib import Path
from types import FrameType

import pytest

from commontrace_rules import redaction
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


FRAGMENTS = sorted(
    {
        word + end
        for rules in Path(redaction.__file__).parent.glob("*.py")
        for word in re.findall(r"[A-Za-z][A-Za-z_-]{2,15}", rules.read_text(encoding="utf-8"))
        for end in (" ", "x/", ":")
    }
)
"""Every word that the rules look for, with what may follow it."""
TIMES_DENSE = 4
"""How much dearer, a character, than text full of look-alikes; today the dearest takes about as much."""


def _microseconds(text: str) -> float:
    """Return the processor time of redacting a character of ``text``."""
    start = time.process_time()
    redact(text)
    return (time.process_time() - start) * 1e6 / len(text)


def test_no_word_of_a_rule_is_dear_when_repeated() -> None:
    """What a rule looks for, again and again, costs no more than text full of look-alikes."""
    dense = "\n".join(build(*case, 0).text for case in sorted(CLEAN.items()))
    usual = min(_microseconds(dense) for _ in range(5))
    texts = [(piece, piece * (400 // len(piece))) for piece in FRAGMENTS]
    dear = [(piece, text) for piece, text in texts if _microseconds(text) > TIMES_DENSE * usual]
    # Whatever else the machine does can only slow a run down.
    dear = [piece for piece, text in dear if min(_microseconds(text) for _ in range(9)) > TIMES_DENSE * usual]
    assert not dear


ANNOUNCING = (
    *(fragment[:-1] + "123 " for fragment in FRAGMENTS[1::45]),
    *(
        "password123 ",
        "secret_123 ",
        "sk_live_123 ",
        "chown ",
        "token 'x",
        "key=" + "Ab1" * 9 + "\n",
        "pan=" + "5500" + "0" * 11 + "4\n",
    ),
    *(
        "AIza0123456789abcdef" + "access_token ",
        "ntn_ secret_",
        "GR1348941123 ",
        "wandb login 481f08a14b5d44aba558\n",
    ),
)
"""What announces a secret, or looks like one, and ends; every one of them has to be judged."""
MOST_CALLS = 40
"""For a word; judging it anew takes a hundred and more, recognising one that was judged takes at most 28."""


def _calls(text: str) -> int:
    """Return how many functions are called in order to redact ``text``."""
    count = 0

    def counted(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        redact(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", ANNOUNCING)
def test_what_repeats_is_judged_once(piece: str) -> None:
    """Every further repetition of an announcement costs a few calls: its judgement is known."""
    fewer = 800 // len(piece)
    redact(piece * fewer)  # compiles what it needs
    added = 20 * len(re.findall(r"\w+|[^\w\s]", piece))
    assert _calls(piece * (fewer + 20)) - _calls(piece * fewer) <= MOST_CALLS * added
