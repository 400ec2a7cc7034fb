"""Names of people: where a field, a trailer of a commit or a sentence says that somebody follows."""

import re
from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source

_WORD = r"(?:(?:Mc|Mac|O['\u2019]|D['\u2019]|De|Di|La|Le|Van)?[A-Z\u00c0-\u00d6\u00d8-\u00de][a-z\u00df-\u00f6\u00f8-\u00ff\u0100-\u017f'\u2019]{1,30}+(?:-[A-Z\u00c0-\u00de][a-z\u00df-\u017f]{1,30}+)?)"
_PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|bin|ibn|al|el|zu|y) )"
_NAME = rf"(?<![\w.@/-]){_WORD}(?:(?: [A-Z]\.)?(?: {_PARTICLE}{{0,2}}{_WORD})){{0,4}}(?![\w/@:-]\w|[\w(\[])"

_CALLING = frozenset(
    "hello hi dear hey patient customer employee colleague student author committer herr frau monsieur madame".split()
)
"""Words in front of a name that can have a capital letter themselves."""
_TITLES = ("mr. ", "mrs. ", "ms. ", "dr. ", "prof. ", "herr ", "frau ", "monsieur ", "madame ")
_ROLES = (
    "author committer tagger maintainer assignee reporter reviewer requester customer patient employee attendee student tenant "
    "passenger cardholder recipient beneficiary".split()
)
_ROLE = rf"(?:{'|'.join(_ROLES)}|(?:co-?authored|signed-off|reviewed|acked|tested|reported|suggested|approved|helped)-by)"
_DEED = (
    r"(?:reported|written|created|authored|reviewed|approved|requested|raised|filed|opened|submitted|discovered|edited|owned"
    r"|maintained)"
)
_BETWEEN = r"[\"']?[ \t]{0,3}(?:[:=]|=>)[ \t]{0,3}[\"']?"
_INTRODUCED = (
    rf"(?:(?:^|[\s\"'{{(,]){_ROLE}(?:[ _-]?name)?{_BETWEEN}|@author |\b(?:{_DEED} by|assigned to|(?:thanks|kudos) to)(?::| user"
    r"| customer)? |\b(?:hello|hi|dear|hey|patient|customer|employee|colleague|student|author|committer) "
    r"|(?:^|\n)[ \t>]{0,4}(?:from|to|cc|reply-to): )\Z"
)
_INTRODUCING = _CALLING.union(_ROLES, "mr mrs ms dr prof by assigned thanks kudos".split())
_ADDRESSED = ("from: ", "to: ", "cc: ")
_FIELD = (
    r"(?<![a-z])(?:first|last|full|given|family|middle|sur|nick|maiden|customer|patient|employee|author|holder|cardholder|contact)"
    rf"[_ -]?name[\"']?\]?{_BETWEEN}\Z"
)
_FIELD_END = r"[\"',;)}&\n]|[ \t]*(?:\r?\n|\Z)"
_LEAD = 48
_NOBODY = frozenset(
    """
    team group support staff bot actions action inc ltd llc gmbh corp company foundation project community contributors authors
    developers engineering security platform core open source studio code server service services system systems software labs lab
    technologies cloud visual microsoft google apple amazon red hat linux windows mac docker kubernetes jenkins claude dependabot
    renovate build release test tests error errors warning exception the this that unknown none null user admin administrator default
    mr mrs ms dr prof your my new first last name full some any all customer client foo bar john jane doe smith mustermann alice bob example sample demo
    apache mozilla python java rust node react spring django internet explorer active directory account department office human
    scan scanner request pull merge workflow pipeline job bug issue ticket checker analyzer linter compiler editor browser agent model
    assistant engine runtime framework library plugin tool script hook monitor sentry world there all everyone
    resources manager director management lead owner string required optional true false public private anonymous person people
    """.split()
)
_THINGS = ("ation", "ction", "sion", "ment", "ware", "ability", "ness")
_MOST_NAMES = 16


def names(source: Source) -> Iterator[Finding]:
    """Yield names of people, and other places in the text with the same name of two words or more."""
    text = source.text
    if (
        source.words.isdisjoint(_INTRODUCING)
        and not source.has_any("name")
        and not any(mark in source.lowered for mark in _ADDRESSED)
    ):
        return
    known: set[str] = set()
    for match in compiled(_NAME).finditer(text):
        start, end = match.span()
        first, _, rest = match[0].partition(" ")
        called = rest and first.lower() in _CALLING
        start += len(first) + 1 if called else 0
        name = text[start:end].rstrip("'\u2019")
        end = start + len(name)
        if (called or _is_introduced(source, start, end)) and _is_somebody(name):
            yield Finding("name", start, end)
            if " " in name:
                known.add(name)
    for name in sorted(known)[:_MOST_NAMES]:
        for match in re.finditer(rf"{re.escape(name)}(?!\w)", text):
            yield Finding("name", *match.span())


def _is_introduced(source: Source, start: int, end: int) -> bool:
    """Tell whether the words before ``start`` say that a person is named; a word alone needs a field or a title."""
    lead = source.lowered[max(0, start - _LEAD) : start]
    if lead.endswith(_TITLES):
        return True
    if "name" in lead[-14:] and compiled(_FIELD).search(lead):
        return compiled(_FIELD_END).match(source.text, end) is not None
    return " " in source.text[start:end] and compiled(_INTRODUCED).search(lead) is not None


def _is_somebody(name: str) -> bool:
    """Tell a person from a team, a product and an example."""
    if name.endswith(_THINGS):
        return False
    return _NOBODY.isdisjoint(name.lower().replace(".", "").split())
