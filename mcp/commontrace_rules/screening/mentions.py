"""What a text only names: a tag in backticks, what a hook may answer in a manual of hooks, a leak shown as an example."""

from bisect import bisect_left
from functools import lru_cache

from commontrace_rules.screening.rules import Hit, compiled

_NAMED = r"(?:</?[\w|:-]{2,40}>|[a-z][\w.-]{1,24})`"
_ATTACK = r"\b(?:vulnerab\w+|exploit\w*|attack (?:vector|surface|scenario)s?|prompt[- ]injections?|malicious|restrict\w+|does not prevent|dangerous)\b"
_LEAK = r"\b(?:exfiltration|attackers?|poisoned|prompt[- ]injections?)\b"
_SAMPLE = (
    r"\b(?:prompt[- ]injections?|jailbreak\w*|red[- ]team\w*)\b[^`]{0,200}(?:\b(?:examples?|samples?|payloads?|tests?)\b|\bprompt\*{0,2}:)"
    r"|\b(?:malicious|adversarial|injected|unsafe|attack(?:er)?)[_ ]?(?:inputs?|messages?|prompts?|texts?|quer(?:y|ies)|requests?)\b|\b(?:scanners?|detectors?|classifiers?|firewalls?)\b[^`]{0,200}\b(?:tests?|testing|malicious|benign)\b"
)
_SCANNED = r"[^\n]{0,200}\n[^\n]{0,60}\b(?:block(?:ed)?|malicious|flagged|injection|unsafe|jailbreak)\b"
_LABEL = r"[ \t]{0,8}[\"']?(?:message|input|prompt|text|query)[\"']?\s?[:=]"
_FENCE = "```"
_AROUND = 300


def is_mentioned(text: str, hit: Hit) -> bool:
    """Tell whether ``hit`` is a tag, or the bare name of a program, that stands alone in backticks: it is spoken of, not used."""
    return text[hit.start - 1 : hit.start] == "`" and compiled(_NAMED).match(text, hit.start) is not None


def discusses_attack(text: str, start: int, end: int) -> bool:
    """Tell whether the text around a command explains what an attacker does with it."""
    return compiled(_ATTACK).search(text[max(0, start - _AROUND) : end + _AROUND]) is not None


def is_example_of_leak(text: str, start: int) -> bool:
    """Tell whether an address in backticks is shown by a text about leaks and attacks."""
    around = text[max(0, start - _AROUND) : start + _AROUND]
    return compiled(_LEAK).search(around) is not None and is_code(text, start)


def is_sample_attack(text: str, hit: Hit) -> bool:
    """Tell whether ``hit`` is what the text calls an example of an attack on a model, in a fence, or what a scanner judges."""
    before = text[max(0, hit.start - _AROUND) : hit.start]
    line = max(0, hit.start - _AROUND, text.rfind("\n", 0, hit.start + 1) + 1)
    return (compiled(_SAMPLE).search(before) is not None and is_fenced(text, hit.start)) or (
        compiled(_LABEL).match(text, line) is not None and compiled(_SCANNED).match(text, hit.end) is not None
    )


def is_code(text: str, start: int) -> bool:
    """Tell whether ``start`` is inside a fenced block or backticks."""
    if is_fenced(text, start):
        return True
    line = text.rfind("\n", max(0, start - _AROUND), start) + 1 or max(0, start - _AROUND)
    return text[line:start].replace(_FENCE, "").count("`") % 2 == 1


def is_fenced(text: str, start: int) -> bool:
    """Tell whether ``start`` is inside a fenced block."""
    return bisect_left(_fences(text), start) % 2 == 1


@lru_cache(maxsize=8)
def _fences(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in compiled(_FENCE).finditer(text))
