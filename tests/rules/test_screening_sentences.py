"""Screening judges what a sentence brings together: attacks and honest texts in the same words."""

import pytest

from commontrace_rules.screening import screen
from support.hostile_sentences import ATTACKS, HONEST
from support.hostile_traces import trace


@pytest.mark.parametrize(("family", "payload"), ATTACKS)
def test_an_attack_in_other_words_is_never_clean(family: str, payload: str) -> None:
    """Persuasion, forged consent, requests for secrets and lasting changes are held however they are put."""
    assert screen(trace(payload)).verdict != "clean", family


@pytest.mark.parametrize("text", HONEST)
def test_the_same_words_in_an_honest_text_pass(text: str) -> None:
    """Advice about installing, cleaning up, settings and security itself is clean."""
    assert screen(trace(text)) == ("clean", ())
