"""Sentences that are worded as orders to their reader, whatever their words: a small linear model.

The rules know phrases; this knows which words, neighbours and kinds of words together are typical of text that wants to
steer a model and rare in honest answers and documentation. Its weights (`wording.txt`: feature, weight in hundredths) are
fitted by ``python -m benchmarks.wording`` and the threshold is chosen for few honest texts held. It adds to the rules and
never clears anything.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from commontrace_rules.screening.discussion import speaks_of_attacks
from commontrace_rules.screening.rules import HELD, SENTENCE, Hit, compiled

THRESHOLD = 4.0
"""Log-odds from which a sentence is held; `benchmarks.wording` prints what share of honest texts reaches it."""

CERTAIN = frozenset(("", "tag characters"))
"""Readings that are known to be what the text says; others guess, and noise can look like anything."""

_SHORTEST = 12
_FEWEST_WORDS = 4
_MOST_WORDS = 80
_FOLDED = (
    # pattern, the word that stands for it
    (r"https?://[^\s)>\]\"']+", " urlx "),
    (r"[^\s@]{1,64}@[^\s@]{1,64}\.\w+", " mailx "),
    (
        r"(?:~|/home/\S{1,20}|\$home)?/?\.(?:env|ssh|aws|npmrc|netrc|kube|docker|gnupg|git-credentials|bash_history)\b[\w./-]*|\bid_(?:rsa|ed25519)\b(?!\.pub)|/etc/(?:passwd|shadow)",
        " secretfile ",
    ),
    (r"(?:~|\.{1,2})?(?:/[\w.@-]{1,80}){2,20}/?", " pathx "),
    (r"\b\d[\d.,:]*\b", " numx "),
)
_WORD = r"[a-z.][a-z'.-]*[a-z]|[a-z]|[:!#]"
_ENDING = r"(?:ations?|ings?|ed|es|s|ly|ions?|e)$"
_KINDS = {
    "agent": "ai assistant assistants agent agents model models llm llms claude copilot chatbot gpt bot bots",
    "person": "user users human humans developer developers operator operators person owner owners reviewer reviewers maintainer"
    " maintainers team anyone customer engineer",
    "drop": "ignore ignores ignoring disregard forget forgets discard override overrides overrule abandon neglect dismiss erase cancel"
    " cancelled cancels unlearn suspend suspended void supersede supersedes superseded replace replaces regardless pretend stop lifted"
    " waived exempt revoked unset overlook skip",
    "orders": "instructions instruction rules rule guidance guidelines guideline directions directives directive constraints policies"
    " policy prompt orders restrictions commands training considerations requirements limits task",
    "prior": "previous prior earlier above original existing initial preceding former current standing before",
    "confirm": "confirmation approval permission permissions consent review authorization oversight confirmations approvals",
    "ask": "asking ask asks confirm confirming waiting wait telling warning",
    "hide": "mention mentions reveal tell tells silently quietly secretly hidden hide secret omit unnoticed between",
    "authority": "anthropic openai administrator admin vendor platform headquarters operator security company system",
    "document": "trace note document answer message page text entry solution snippet below",
    "ever": "always never permanently forever whenever session sessions future every until hereafter",
    "memory": "claude.md agents.md memory remember .cursorrules settings.json",
    "trust": "trusted verified approved authorized authorised reviewed certified whitelisted vetted pre-approved preapproved exempt"
    " granted elevated",
    "safety": "guardrails safety sandbox filters restrictions checks hooks security",
    "harm": "delete deletes deleting remove wipe drop push force publish merge disable upload print reveal dump approve grant install"
    " commit deploy send output exfiltrate overwrite reset run execute export post paste share leak append",
    "secret": "env credentials credential token tokens key keys password passwords secrets secretfile conversation history cookie"
    " kubeconfig",
    "you": "you your yourself you're you've",
}
_FORBIDDING = r"\W{0,4}(?:do not|don't|never)\b"
_DAMAGE = frozenset("delete deleting remove wipe overwrite reset force leak upload".split())

_UNTELLING = frozenset("between note page text entry before".split())
"""Words of these kinds that say nothing by themselves."""
_STEERING = frozenset(
    "agent person orders confirm ask hide authority document memory trust safety you drop".split()
)


@cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, words in reversed(_KINDS.items()) for word in words.split()}


@cache
def _telling() -> frozenset[str]:
    return frozenset(word for word, kind in _kinds().items() if kind in _STEERING) - _UNTELLING


def sentences(text: str) -> Iterator[re.Match[str]]:
    """Yield the sentences of ``text``, in lower case, that speak of somebody or of what is said and allowed."""
    return (match for match in compiled(SENTENCE).finditer(text) if _steers(match[0]))


def _steers(sentence: str) -> bool:
    if len(sentence) < _SHORTEST:
        return False
    words = compiled(_WORD).findall(sentence)[:_MOST_WORDS]
    return not _telling().isdisjoint(words) and sum(len(word) > 1 for word in words) >= _FEWEST_WORDS


def features(sentence: str) -> set[str]:
    """Return what the model sees of a sentence: stems, neighbours, kinds of words, and pairs of kinds."""
    for pattern, stand_in in _FOLDED:
        sentence = compiled(pattern).sub(stand_in, sentence)
    words = compiled(_WORD).findall(sentence)[:_MOST_WORDS]
    stems = [_stem(word) for word in words]
    kinds = [_kinds().get(word, "") for word in words]
    found = set(stems)
    found.update(f"{left}_{right}" for left, right in pairwise(stems))
    if stems:
        found.add(f"^_{stems[0]}")
    present = sorted(set(filter(None, kinds)))
    found.update(f"={kind}" for kind in present)
    found.update(f"={left}+{right}" for index, left in enumerate(present) for right in present[index + 1 :])
    mixed = [kind or stem for kind, stem in zip(kinds, stems, strict=True)]
    for index in range(len(words) - 1):
        if kinds[index] or kinds[index + 1]:
            found.add(f"~{mixed[index]}_{mixed[index + 1]}")
        if index + 2 < len(words) and kinds[index] and kinds[index + 2]:
            found.add(f"~{kinds[index]}__{kinds[index + 2]}")
    return found


def _stem(word: str) -> str:
    stem = compiled(_ENDING).sub("", word)
    return stem if len(stem) >= 4 else word


@cache
def _weights() -> dict[str, float]:
    table = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("# "))
    return {feature: int(hundredths) / 100 for feature, hundredths in rows}


def log_odds(sentence: str) -> float:
    """Say how much more typical ``sentence`` is of an order to the reader than of an honest text."""
    weights = _weights()
    return sum(weights[feature] for feature in features(sentence) & weights.keys()) + weights["bias"]


def _forbids_damage(sentence: str) -> bool:
    """Tell whether ``sentence`` only warns of losing work: "do not reset it unless its owner says so"."""
    words = compiled(_WORD).findall(sentence)[:_MOST_WORDS]
    kinds = {_kinds()[word] for word in words if word in _kinds()}
    return (
        compiled(_FORBIDDING).match(sentence) is not None
        and not _DAMAGE.isdisjoint(words)
        and kinds <= {"harm", "person"}
    )


_QUOTED = r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|`[^`\n]{1,200}`"


_CODE = r"\s*(?:[$>#] )?(?:\w{1,30}=[$\"'(]|(?:sudo|export|env|run) -{0,2}\w+[ =]\S{0,40}[=_-]|(?:curl|wget|git|docker|npm|pip|kubectl|claude) -{1,2}\w)"
"""A line of a program; other rules say what it does."""
_REMINDER = r"\b(?:do not|don't|never) forget\b"
"""It asks to remember, and nobody to drop anything."""
_ADVICE = r"\b(?:is no fix|(?:is|are) not (?:a fix|recommended|enough)|never commit|do(?: not|n't) (?:commit|share) (?:the|it|them|your|this))\b"
"""Good advice about secrets and checks has the words of orders about them."""


def _without_examples(sentence: str, *, discussed: bool) -> str:
    """Return ``sentence`` without what it quotes, if it speaks about attacks."""
    if not discussed and not speaks_of_attacks(sentence):
        return sentence
    return compiled(_QUOTED).sub(" ", sentence)


def worded_orders(text: str, *, discussed: bool = False) -> Iterator[Hit]:
    """Yield the sentences of ``text``, in lower case, that are worded as orders to their reader.

    Args:
        text: one reading of a field.
        discussed: whether attacks are what the text is about; then what it quotes is an example.
    """
    for sentence in sentences(text):
        if compiled(_CODE).match(sentence[0]):
            continue
        said = compiled(_REMINDER).sub(" ", _without_examples(sentence[0], discussed=discussed))
        if (
            log_odds(said) >= THRESHOLD
            and not _forbids_damage(said)
            and compiled(_ADVICE).search(said) is None
        ):
            yield Hit("worded-order", HELD, "is worded as an order to its reader", *sentence.span())
