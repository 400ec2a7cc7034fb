"""Text about attacks quotes them and reports them; a phrase that stands among such words is no attack."""

import re

from commontrace_rules.screening.mentions import is_fenced
from commontrace_rules.screening.rules import Hit, compiled

_ABOUT = (
    r"\b(?:inject(?:ion|ed|ing)?|attack(?:er|s|ed)?|jailbreak\w*|adversar\w*|malicious|exploit\w*"
    r"|phish\w*|red[- ]team\w*|untrusted|threat|poison\w*|exfiltrat\w*|sanitiz\w*|hostile"
    r"|vulnerab\w*|spoof\w*|guardrails?|defen[cs]e|mitigat\w*"
    r"|phrases? (?:such as|like)|filters? (?:flag|block|catch|match)\w*|classifiers?|moderation|role hijack\w*|safety bypass|scanners?|(?:steer|manipulate) (?:the )?(?:model|agent|triage)"
    r"|as (?:untrusted )?(?:data|content|text),? (?:not|never)(?: as)? (?:instructions|orders|commands)|(?:never|not) instructions to you|inert (?:labels?|data|text|strings?))\b"
)
_SUBJECT = (
    r"\b(?:prompt[- ]injections?|jailbreak\w*|red[- ]team\w*|adversarial (?:prompt|input|text|test)\w*"
    r"|injection (?:attack|test|attempt|payload|scanner)s?|guardrails? tests?)\b"
)
_DESCRIBED = (
    r"\b(?:attempts?|try|tries|trying|able|allow\w*|caus\w+|trick\w*|mak(?:e|es|ing)|convinc\w*"
    r"|tell\w*|instruct\w*|ask\w*|forc\w+|could|can"
    r"|possible|managed|designed|aims?|ways?|how|might|may|would|will|cannot|or|from|against|prevents?|whether|does|did|attackers?|inputs?"
    r"|users?|like|as)\s(?:[\w'-]+\s){0,3}(?:to\s)?$"
)
"""Before a phrase: somebody else does it, the text reports."""
_BULLET = r"^\s*(?:[-*+>]|\d{1,2}[.)])\s{1,4}"
_PARAGRAPH = 500


def speaks_of_attacks(text: str) -> bool:
    """Tell whether ``text`` has words with which people write about attacks."""
    return compiled(_ABOUT).search(text) is not None


def is_discussed(subject: str) -> bool:
    """Tell whether attacks on a model are what a trace with this ``subject`` is about."""
    return compiled(_SUBJECT).search(subject) is not None


def is_quoted(text: str, hit: Hit, subject: str = "") -> bool:
    """Tell whether a text about attacks quotes the phrase, or shows it in a fenced block, instead of using it."""
    before = text[max(0, hit.start - 60) : hit.start]
    after = text[hit.end : hit.end + 160]
    opened = re.search(r"[\"'`“\u2018«][^\"'`“”\u2018\u2019«»\n]{0,40}$", before) is not None or compiled(
        _BULLET
    ).sub("", text[hit.start : hit.start + 20])[:1] in tuple("\"'`“\u2018«")
    closed = (
        re.search(r"^[^\"'`”\u2019»\n]{0,140}[\"'`”\u2019»]", after) is not None
        or text[hit.end - 1] in "\"'`”\u2019»"
    )
    paragraph = text[max(0, hit.start - _PARAGRAPH) : hit.end + _PARAGRAPH]
    discussed = is_discussed(subject)
    return (discussed and is_fenced(text, hit.start)) or (
        opened and closed and (discussed or speaks_of_attacks(paragraph))
    )


def is_described(text: str, hit: Hit) -> bool:
    """Tell whether a text about attacks reports what somebody does instead of ordering it."""
    if compiled(_DESCRIBED).search(text[max(0, hit.start - 60) : hit.start]) is None:
        return False
    paragraph = text[max(0, hit.start - _PARAGRAPH) : hit.end + _PARAGRAPH]
    return speaks_of_attacks(paragraph)
