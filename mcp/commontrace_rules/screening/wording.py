"""Sentences that are worded as orders to their reader, whatever their words: a small linear model.

The rules know phrases; this knows which words, neighbours, kinds of words and marks together are typical of text that
wants to steer a model and rare in honest answers and documentation. It looks at each sentence and at each two that follow
each other: a notice and its demand are often two. Its weights (`wording.txt`: feature, weight in hundredths) are fitted by
``python -m benchmarks.wording`` and the threshold is chosen for few honest texts held. It adds to the rules and never
clears anything.
"""

from collections.abc import Iterator, Set
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

from commontrace_rules.screening.discussion import speaks_of_attacks
from commontrace_rules.screening.rules import HELD, SENTENCE, Hit, compiled

THRESHOLD = 2.0
"""Log-odds from which a sentence is held; `benchmarks.wording` prints what share of honest texts reaches it."""

CERTAIN = frozenset(("", "tag characters"))
"""Readings that are known to be what the text says; others guess, and noise can look like anything."""

_SHORTEST = 12
_SHORTEST_NEIGHBOUR = 4
_NEAR = 2  # characters between two that follow each other
_FEWEST_WORDS = 4
_MOST_WORDS = 80
_FOLDED = (
    # pattern, the word that stands for it, what the text must contain
    (r"https?://[^\s)>\]\"']+", " urlx ", "://"),
    (r"[^\s@]{1,64}@[^\s@]{1,64}\.\w+", " mailx ", "@"),
    (
        r"(?:~|/home/\S{1,20}|\$home)?/?\.(?:env|ssh|aws|npmrc|netrc|kube|docker|gnupg|git-credentials|bash_history)\b[\w./-]*|\bid_(?:rsa|ed25519)\b(?!\.pub)|/etc/(?:passwd|shadow)",
        " secretfile ",
        "",
    ),
    (r"(?:~|\.{1,2})?(?:/[\w.@-]{1,80}){2,20}/?", " pathx ", "/"),
    (
        r"(?<![\w./-])(?:[a-z0-9-]{2,40}\.){1,3}(?:com|org|net|io|dev|app|invalid|example|test)\b(?:/\S{0,80})?",
        " hostx ",
        ".",
    ),
    (r"\b\d[\d.,:]*\b", " numx ", ""),
)
_WORD = r"[a-z.][a-z'.-]*[a-z]|[a-z]|[:!#]"
_SEEN = rf"{_WORD}|<!--|</|[<{{\[]|==+|\?"
"""A word, or a mark that frames one."""
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
    "safety": "guardrails safety sandbox filters restrictions checks hooks security screener screening prompts scanner scanners",
    "harm": "delete deletes deleting remove wipe drop push force publish merge disable upload print reveal dump approve grant install"
    " commit deploy send output exfiltrate overwrite reset run execute export post paste share leak append"
    " attach disabled",
    "secret": "env credentials credential token tokens key keys password passwords secrets secretfile conversation history cookie"
    " kubeconfig",
    "you": "you your yourself you're you've",
    "power": "root sudo privileged unrestricted dangerous production mode backdoor",
    "vote": "vote votes voting upvote downvote rating reputation",
}
_FORBIDDING = r"\W{0,4}(?:do not|don't|never)\b"
_DAMAGE = frozenset("delete deleting remove wipe overwrite reset force leak upload".split())

_UNTELLING = frozenset(
    "between note page text entry before every run remove install output print session sessions key keys until future".split()
)
"""Words of these kinds that say nothing by themselves."""
_TELLING = frozenset(
    "agent person orders confirm ask hide authority document memory trust safety you drop secret harm ever power vote".split()
)


@cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, words in reversed(_KINDS.items()) for word in words.split()}


@cache
def _telling() -> frozenset[str]:
    return frozenset(word for word, kind in _kinds().items() if kind in _TELLING) - _UNTELLING


class Passage(NamedTuple):
    """A sentence, or two that follow each other.

    Attributes:
        features: what the model sees of it.
        start, end: where it is.
    """

    features: set[str]
    start: int
    end: int


class _Sentence(NamedTuple):
    said: str
    start: int
    end: int
    steers: bool


def passages(text: str, *, discussed: bool = False) -> Iterator[Passage]:
    """Yield what ``text``, in lower case, says to steer somebody: sentences, and after each the two that it ends.

    Args:
        text: one reading of a field.
        discussed: whether attacks are what the text is about; then what it quotes is an example.
    """
    former, seen = None, None
    for sentence in _sentences(text, discussed=discussed):
        near = former is not None and sentence.start - former.end <= _NEAR
        words = None
        if sentence.steers:
            words = _words(sentence.said)
            yield Passage(_features(words), sentence.start, sentence.end)
        if former is not None and near and (sentence.steers or former.steers):
            seen = seen or _words(former.said)
            words = words or _words(sentence.said)
            yield Passage(_features(seen, words), former.start, sentence.end)
        former, seen = sentence, words


def _sentences(text: str, *, discussed: bool) -> Iterator[_Sentence]:
    for match in compiled(SENTENCE).finditer(text):
        sentence = match[0]
        if len(sentence.strip()) < _SHORTEST_NEIGHBOUR or compiled(_CODE).match(sentence):
            continue
        steers = _steers(sentence)
        if steers:
            sentence = compiled(_REMINDER).sub(" ", _without_examples(sentence, discussed=discussed))
            if _forbids_damage(sentence) or compiled(_ADVICE).search(sentence):
                continue
        yield _Sentence(sentence, *match.span(), steers)


def _steers(sentence: str) -> bool:
    if len(sentence) < _SHORTEST:
        return False
    words = compiled(_WORD).findall(sentence)[:_MOST_WORDS]
    return not _telling().isdisjoint(words) and sum(len(word) > 1 for word in words) >= _FEWEST_WORDS


class _Words(NamedTuple):
    """What is seen of one sentence: stems, neighbours, kinds of words."""

    features: set[str]
    kinds: set[str]


def _words(sentence: str) -> _Words:
    for pattern, stand_in, mark in _FOLDED:
        if mark in sentence:
            sentence = compiled(pattern).sub(stand_in, sentence)
    words = compiled(_SEEN).findall(sentence)[:_MOST_WORDS]
    stems = [_stem(word) for word in words]
    kinds = [_kinds().get(word, "") for word in words]
    found = set(stems)
    found.update([f"{left}_{right}" for left, right in pairwise(stems)])
    if stems:
        found.add(f"^_{stems[0]}")
    mixed = [kind or stem for kind, stem in zip(kinds, stems, strict=True)]
    for index, kind in enumerate(kinds[:-1]):
        if kind or kinds[index + 1]:
            found.add(f"~{mixed[index]}_{mixed[index + 1]}")
        if kind and index + 2 < len(kinds) and kinds[index + 2]:
            found.add(f"~{kind}__{kinds[index + 2]}")
    return _Words(found, set(filter(None, kinds)))


def _features(*sentences: _Words) -> set[str]:
    """Return what the model sees of sentences together: what it sees of each, kinds of words, and pairs of kinds."""
    kinds = sorted(set().union(*(words.kinds for words in sentences)))
    found = set().union(*(words.features for words in sentences))
    found.update([f"={kind}" for kind in kinds])
    found.update([f"={left}+{right}" for left, right in combinations(kinds, 2)])
    if len(sentences) > 1:
        found.add("&")
    return found


def _stem(word: str) -> str:
    stem = compiled(_ENDING).sub("", word)
    return stem if len(stem) >= 4 else word


@cache
def _weights() -> dict[str, float]:
    table = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("# "))
    return {feature: int(hundredths) / 100 for feature, hundredths in rows}


def log_odds(features: Set[str]) -> float:
    """Say how much more typical these features are of an order to the reader than of an honest text."""
    weights = _weights()
    return sum([weights[feature] for feature in features & weights.keys()]) + weights["bias"]


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
    """Yield the passages of ``text``, in lower case, that are worded as orders to their reader.

    Args:
        text: one reading of a field.
        discussed: whether attacks are what the text is about; then what it quotes is an example.
    """
    end = -1
    for passage in passages(text, discussed=discussed):
        if passage.start >= end and log_odds(passage.features) >= THRESHOLD:
            yield Hit("worded-order", HELD, "is worded as an order to its reader", passage.start, passage.end)
            end = passage.end
