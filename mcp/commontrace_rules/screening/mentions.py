"""What a text only names: a tag in backticks, what a hook may answer in a manual of hooks, a leak shown as an example."""

from bisect import bisect_left
from functools import lru_cache

from commontrace_rules.screening.rules import Hit, compiled

_NAMED = r"(?:</?[\w|:-]{2,40}>|[a-z][\w.-]{1,24})`"
_HOOK_ANSWERS = frozenset(("imitates a permission", "imitates what a hook answers"))
_HOOKS = r"\bhooks?\b"
_STARTS_AGENT = r"\b(?:query|claude(?:agent|code)options)\s?\([^)]{0,280}\Z"
_ATTACK = r"\b(?:vulnerab\w+|exploit\w*|attack (?:vector|surface|scenario)s?|prompt[- ]injections?|malicious|restrict\w+|does not prevent|dangerous)\b"
_LEAK = r"\b(?:exfiltration|attackers?|poisoned|prompt[- ]injections?)\b"
_SAMPLE = (
    r"\b(?:prompt[- ]injections?|jailbreak\w*|red[- ]team\w*)\b[^`]{0,200}(?:\b(?:examples?|samples?|payloads?|tests?)\b|\bprompt\*{0,2}:)"
    r"|\b(?:malicious|adversarial|injected|unsafe|attack(?:er)?)[_ ]?(?:inputs?|messages?|prompts?|texts?|quer(?:y|ies)|requests?)\b|\b(?:scanners?|detectors?|classifiers?|firewalls?)\b[^`]{0,200}\b(?:tests?|testing|malicious|benign)\b"
)
_STOPPED = r"[^\n]{0,12}?[\"'`)]{1,3} ?(?:→|->|=>|\u2014|\u2013) ?(?:will be |is |was |gets |must be )?(?:block|den|reject|refus|forbidden|disallow)"
_MESSAGE = r"\brole[\"']?\s{0,2}[:=]\s{0,2}[\"'](?:system|user|developer|assistant)[\"']\s?,\s{1,40}[\"']?content[\"']?\s{0,2}[:=]"
"""In code that calls a model: a message, and whose it is."""
_CALL = r"\bmessages[\"']?\s?[:=]\s?\["
_SCANNED = r"[^\n]{0,200}\n[^\n]{0,60}\b(?:block(?:ed)?|malicious|flagged|injection|unsafe|jailbreak)\b"
_LABEL = r"[ \t]{0,8}[\"']?(?:message|input|prompt|text|query)[\"']?\s?[:=]"
_FENCE = "```"
_AROUND = 300


def is_mentioned(text: str, hit: Hit) -> bool:
    """Tell whether ``hit`` is a tag, or the bare name of a program, that stands alone in backticks: it is spoken of, not used."""
    return text[hit.start - 1 : hit.start] == "`" and compiled(_NAMED).match(text, hit.start) is not None


def documents_hooks(text: str, hit: Hit, subject: str) -> bool:
    """Tell whether code in a text about hooks shows what a hook may answer.

    Args:
        text: in lower case.
        hit: what was found.
        subject: what the trace is about, in lower case.
    """
    return (
        hit.reason in _HOOK_ANSWERS
        and compiled(_HOOKS).search(subject) is not None
        and is_code(text, hit.start)
    )


def calls_agent(text: str, hit: Hit) -> bool:
    """Tell whether what an agent may do is an argument in code that starts the agent."""
    before = text[max(0, hit.start - _AROUND) : hit.start]
    return compiled(_STARTS_AGENT).search(before) is not None and is_code(text, hit.start)


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
    return (compiled(_SAMPLE).search(before) is not None and _is_fenced(text, hit.start)) or (
        compiled(_LABEL).match(text, line) is not None and compiled(_SCANNED).match(text, hit.end) is not None
    )


def is_message(text: str, hit: Hit) -> bool:
    """Tell whether a sentence is what code that calls a model sends it: `{"role": "system", "content": ...`."""
    near = text[max(0, hit.start - _AROUND // 2) : hit.start + _AROUND // 5]
    return (
        hit.kind == "worded-order"
        and compiled(_MESSAGE).search(near) is not None
        and compiled(_CALL).search(text, 0, hit.start) is not None
    )


def is_stopped(text: str, end: int) -> bool:
    """Tell whether a quoted command that ends at ``end`` is said to be blocked: `"curl ... | sh" → blocked`."""
    return compiled(_STOPPED).match(text, end) is not None


def is_code(text: str, start: int) -> bool:
    """Tell whether ``start`` is inside a fenced block or backticks."""
    if _is_fenced(text, start):
        return True
    line = text.rfind("\n", max(0, start - _AROUND), start) + 1 or max(0, start - _AROUND)
    return text[line:start].replace(_FENCE, "").count("`") % 2 == 1


def _is_fenced(text: str, start: int) -> bool:
    return bisect_left(_fences(text), start) % 2 == 1


@lru_cache(maxsize=8)
def _fences(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in compiled(_FENCE).finditer(text))
