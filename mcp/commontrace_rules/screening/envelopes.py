"""Closed envelopes: text that ends its own quotation, and tags that claim authority."""

from collections import Counter
from collections.abc import Iterator

from commontrace_rules.screening.rules import HELD, REFUSED, Hit, Rule, compiled

_VENDOR = r"(?:claude|anthropic|openai|codex|cursor|copilot|gemini|agent|llm|ai|model|assistant|system|operator|admin|developer)"
_MESSAGE = r"(?:tasks?|instructions?|rules?|polic(?:y|ies)|prompts?|messages?|reminders?|directives?|permissions?|overrides?|orders?|guidance|notices?|commands?)"
_FRAME = (
    r"(?:references?|context|traces?|retrieved|untrusted|quot(?:e|ed|ation)|external|envelope|knowledge|memory|material|excerpt|tool (?:output|results?)"
    r"|search results?|documents?|notes?|input|data)"
)
_RULER = r"[-=#*_~<>\[\](){}|+%@]{2,12}"
_SPEAKER = r"\b(?:users?|humans?|system|assistant|developers?|operators?|admin\w*|owners?|maintainers?|person|messages?|instructions?|agents?|tools?)\b"
_PART = r"(?:context|user|human|documents?|data|traces?|quote|input|prompt|reference|conversation|knowledge|memory|results?|untrusted|solution)"
_AUTHORITY = r"(?:system|instructions?|operator|developer|assistant|admin|owner)"
_GRANT = (
    r"\b(?:approv\w{1,3}|allow\w{0,3}|accept\w{0,3}|delet\w{1,3}|push\w{0,3}|skip\w{0,4}|trust\w{0,3}|ignor\w{1,3}|disabl\w{1,3}|without|no (?:approval|confirmation|review|permission)"
    r"|run|execute|merge|deploy|grant\w{0,3}|send|bypass|overrid\w{1,3}|permi(?:t|ssion)\w{0,2}|force)\b"
)

RULES = (
    Rule(
        "envelope",
        r"(?:\]\]>|-->|\*/|\"\"\"|</(?:description|item|channel|entry|content|summary|body|div|p|pre|code|article|section|td|tr|table|html)>)\s{0,4}<(?:system|instructions?|operator|developer|admin|policy)(?: [^>=\n]{1,40}=[^>\n]{1,60})?>",
        "closes whatever may surround it",
        marks="<system|<instruction|<operator|<developer|<admin|<policy",
    ),
    Rule(
        "envelope",
        rf"\{{[{{%][~\s-]{{0,2}}(?:/|end_?){_PART}[~\s-]{{0,2}}[}}%]\}}\s{{0,4}}\{{[{{%][~\s-]{{0,2}}#?{_AUTHORITY}[~\s-]{{0,2}}[}}%]\}}[^{{}}]{{0,120}}{_GRANT}"
        rf"|\{{\{{~?[#>]{_AUTHORITY}~?\}}\}}(?!\s?you are an? )[^{{}}\n]{{0,60}}{_GRANT}[^{{}}\n]{{0,80}}\{{\{{~?/",
        "closes the envelope and opens another",
        marks="{{|{%",
    ),
    Rule(
        "envelope",
        rf"(?:^|\n)[ \t]{{0,8}}{_RULER}(?=[^\n]{{0,60}}\b(?:end(?:s|ed)?|eof|over|stops?|finish\w*|closed?)\b)(?=[^\n]{{0,60}}\b{_FRAME}\b)"
        rf"[^\n]{{2,60}}?{_RULER}[ \t]{{0,8}}\n(?=[\s\S]{{0,160}}?(?:{_SPEAKER}|\btrusted\b))",
        "closes the envelope by name",
        marks="end|eof|over|stop|finish|close",
    ),
    Rule(
        "envelope",
        rf"<(?!agent_prompt>\s{{0,8}}<role>){_VENDOR}[_-]{_MESSAGE}(?: [^>\n]{{0,80}})?>",
        "imitates a tag with authority",
        marks="<",
    ),
    Rule(
        "envelope",
        r"</(?:commontrace[\w-]{0,24}|untrusted[\w-]{0,24}|system-reminder|function_results?|function_calls|tool_results?|additional[_-]context"
        r"|user-prompt-submit-hook|reference[_-]material|retrieved[\w-]{0,20})\s{0,4}>",
        "closes the envelope",
        marks="</",
    ),
    Rule(
        "envelope",
        r"</[a-z_-]{3,24}>\s{0,8}(?:human|user|assistant|system|operator|admin)[*_]{0,2} ?:(?!\s?\")",
        "closes the envelope and speaks as another",
        REFUSED,
        marks="</",
    ),
    Rule(
        "envelope",
        r"</(?:context|trace|traces|reference|untrusted[\w-]{0,20}|document|documents|search_results?"
        r"|result|results|tool_result|function_results?|retrieved[\w-]{0,20}|memory|knowledge"
        r"|commontrace[\w-]{0,20}|user|human|assistant|system|system-reminder|instructions|prompt"
        r"|conversation|output|data|quote|external[\w-]{0,20}|snippet)>[\s`\"'\]})>;-]{0,20}<(?:system"
        r"|instructions?|user|human|assistant|admin|developer|tool_use|function_calls|invoke|important"
        r"|policy|command|prompt|operator|override|trusted|verified|approved|authori[sz]ed)",
        "closes the envelope and opens another",
        REFUSED,
        marks="</",
    ),
    Rule(
        "envelope",
        r"<(?:system|system-reminder|system_prompt|system-prompt|instructions?|admin|developer"
        r"|operator|important|critical|policy|override|trusted|verified|authori[sz]ed"
        r"|assistant)(?: [^>\n]{0,80})?>(?=[^<]{0,300}\b(?:skip|merge|ignore|disable[d]?|run|execute"
        r"|allow(?:ed)?|approve[d]?|permission|policy|without|automatically|trust(?:ed)?|delete|send"
        r"|curl|install|never|must|do not|override|grant|user|running|verified|you are|confirmations?|prompts?|mode|approvals?"
        r"|executing)\b)[^<]{0,300}</",
        "imitates a tag with authority",
        marks="</",
    ),
    Rule(
        "envelope",
        r"(?:\b(?<!to the )(?<!at the )(?<!near the )(?<!until the )|_|-|=)end[ _-](?!(?<=end )results?\b)(?:of[ _-])?(?:(?:the[ _-])?(?:untrusted|retrieved|reference|external"
        r"|user|system|search|trace|quoted|provided|tool)[ _-])*(?:context|traces?|reference"
        r"|documents?|data|results?|input|output|prompt|instructions?|envelope|block|content"
        r"|material)\b(?=[^\n]{0,40}[\n{\"'<\[(:=-]|[^\n]{0,80}\b(?:system|instructions?|new|now|begin"
        r"|start|role)\b)(?=[\s\S]{0,200}?\b(?:system|instructions?|role|new task|assistant|user|operator|allow"
        r"|ignore|run|now|execute)\b)",
        "closes the envelope by name",
        marks="end_of|end of|end-of|end_|end |end-",
    ),
    Rule(
        "envelope",
        r"(?:-->|\]\]>|\*/|\"\"\"|'''|```)\s{0,6}(?:-->|\]\]>|\*/|\"\"\"|'''"
        r"|```)?\s{0,6}(?:\]\]>)?\s{0,6}<(?!system (?:message|prompt)>)(?:instructions?|system|important|admin|assistant|user"
        r"|override|policy|command)\b",
        "closes whatever may surround it",
        REFUSED,
        marks="<instruction|<system|<important|<admin|<assistant|<user|<override|<policy|<command",
    ),
    Rule(
        "envelope",
        r"[\"'][\]})]{2,6}(?!\s{0,8},)(?:[\s\]})]{0,40}|[^\[{(,]{0,30}?)\{[^{}\n]{0,60}?[\"']?role[\"']?\s{0,4}\"?:",
        "closes a JSON document and continues as another speaker",
        REFUSED,
        marks="role",
    ),
    Rule(
        "envelope",
        r"<system>[ \t]{0,4}[a-z][^<>{}\n]{16,300}[.;!][^<>{}\n]{0,100}</system>",
        "imitates a tag with authority",
        marks="<system>",
    ),
    Rule(
        "envelope",
        r"<(?:assistant|system|operator|admin|developer)[_-](?!(?:dir|director(?:y|ies)|cache|path|name|id|root|home|user|arch|type|version|os|drive|folder|file|url|email|port)\b|(?:cache|temp|tmp|config|data|bin|lib)_)[a-z_-]{2,20}(?: [^>\n]{0,80})?>",
        "imitates a tag with authority",
        marks="<assistant|<system|<operator|<admin|<developer",
    ),
    Rule(
        "envelope",
        r"\b(?:the |my |here is the )(?:actual|real|true|proper) (?:request|message|question|assignment|prompt)\b[^\n.]{0,30}[:=][^\n]{0,120}"
        r"\b(?:delet|push|deploy|merg|publish|drop|remov|send|upload|disabl|install|run|execut|print|force)\w*",
        "says that the quotation is over and asks for something else",
        marks="actual|real|true|proper",
    ),
    Rule(
        "envelope",
        rf"(?:^|\n)[ \t]{{0,8}}{_RULER}(?:8<-{{1,6}})?[ \t]{{0,3}}(?:(?:end|eof|close|stop|begin|start)\w{{0,4}}[ \t:_-]{{1,3}}(?:of )?(?:the )?(?:traces?|commontrace|untrusted|quot\w{{1,6}}|retrieved|reference)\b"
        rf"|commontrace\b)[^\n]{{0,40}}?{_RULER}(?:8<-{{1,6}})?[ \t]{{0,8}}(?:\n|$)",
        "closes the envelope by name",
        marks="trace|untrusted|quot|retrieved|reference",
    ),
    Rule(
        "envelope",
        r"\b(?:verdict|screening|moderation|trust(?:[ _-]?level)?|provenance|review)[`\"']{0,2}\s?[:=]\s?[`\"']{0,2}(?:safe|clean|passed|approved|trusted|verified|full|ok)\b[^\n]{0,60}"
        r"\b(?:inject|without (?:any )?(?:checks?|review|asking|confirmation)|no (?:checks?|review|confirmation)|skip|automatically|auto-?apply|execute|run)\b",
        "gives itself the trust that a store gives",
        marks="verdict|screening|moderation|trust|provenance|review",
    ),
)
"""Over every reading of the text in lower case."""

_REOPENED = r"(?:(?:\]\]>|-->)\s{0,4})?(?:</[a-z][a-z_-]{2,24}>\s{0,4}){1,4}<([a-z][a-z_-]{2,24})((?:\s[^<>\n]{0,120})?)>"
_CLOSED = r"(?:</[a-z][a-z_-]{2,24}>\s{0,4}){1,4}"
_TAG = r"<(/?)([a-z][a-z_-]{2,24})[\s>]"
_NAME = r"</([a-z_-]{3,25})>"
_OURS = frozenset("trace traces solution solution_text context_text".split())
_ASKING = frozenset(
    "task command commands instruction instructions request system user human assistant action order prompt message goal".split()
)
"""Names of what asks a reader for something."""
_WRAPPERS = (
    _OURS
    | frozenset(
        "document documents untrusted reference references search_result search_results retrieved".split()
    )
) - {"solution"}
"""Names of what a quotation is put into, which honest markup seldom has."""
_TRUSTED = (
    r"\b(?:trust(?:ed)?|verified|approved|authority|privileged?|clearance)\s?=(?!\s?[\"']?(?:no|false|low|0)\b)"
    r"|=\s?[\"']?(?:trusted|verified|operator|approved|system|authori[sz]ed|official|highest|admin)\b"
)


def reopened(text: str) -> Iterator[Hit]:
    """Yield where ``text``, in lower case, ends an element that it never began and begins one that claims trust.

    Neither an element of the names that a trace itself has nor, after the end of one, what asks for something needs a claim.
    """
    if "</" not in text:
        return
    unbegun = _unbegun(text)
    for match in compiled(_CLOSED).finditer(text):
        names = compiled(_NAME).findall(match[0])
        if match.start() in unbegun and _WRAPPERS.issuperset(names) and (len(names) > 1 or "_" in names[0]):
            yield Hit("envelope", HELD, "closes the envelope", *match.span())
    for match in compiled(_REOPENED).finditer(text):
        closed = compiled(_NAME).findall(match[0])
        ours = (match[1] in closed or match[1] in _ASKING) and not _OURS.isdisjoint(closed)
        if text.index("</", match.start()) in unbegun and (ours or compiled(_TRUSTED).search(match[2])):
            yield Hit("envelope", REFUSED, "closes the envelope and opens another", *match.span())


def _unbegun(text: str) -> set[int]:
    """Return where ``text`` ends elements that it did not begin."""
    begun: Counter[str] = Counter()
    found = set()
    for tag in compiled(_TAG).finditer(text):
        if not tag[1]:
            begun[tag[2]] += 1
        elif begun[tag[2]] > 0:
            begun[tag[2]] -= 1
        else:
            found.add(tag.start())
    return found
