"""Names of people: where a field, a trailer of a commit or a sentence says that somebody follows."""

import re
from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source

_WORD = r"(?:(?:Mc|Mac|O['\u2019]|D['\u2019]|De|Di|La|Le|Van)?[A-Z\u00c0-\u00d6\u00d8-\u00de][a-z\u00df-\u00f6\u00f8-\u00ff\u0100-\u017f'\u2019]{1,30}+(?:-[A-Z\u00c0-\u00de][a-z\u00df-\u017f]{1,30}+)?)"
_PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|bin|ibn|al|el|zu|y) )"
_WHOLE = rf"({_WORD}(?: [A-Z]\.)?(?: {_PARTICLE}{{0,2}}{_WORD}){{1,3}})(?![\w/.@:-]\w|[\w(\[])"
_ANY = rf"({_WORD}(?: {_PARTICLE}{{0,2}}{_WORD}){{0,3}})(?=[\"',;)}}&\n]|[ \t]*$)"

_ROLES = (
    "author authored committer tagger maintainer assignee reporter reviewer requester customer patient employee attendee student "
    "tenant passenger cardholder recipient beneficiary signed reviewed acked tested reported suggested approved helped"
).split()
_TRAILER = (
    r"(?im:(?:^|[\s\"'{(,])(?:author|committer|tagger|maintainer|assignee|reporter|reviewer|requester|customer|patient|employee|attendee"
    r"|student|tenant|passenger|cardholder|recipient|beneficiary"
    r"|(?:co-?authored|signed-off|reviewed|acked|tested|reported|suggested|approved|helped)-by)(?:[ _-]?name)?[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?|@author )"
)
_DEEDS = (
    "reported written created authored assigned reviewed approved requested raised filed opened submitted discovered edited owned "
    "maintained thanks kudos"
).split()
_DEED = (
    r"\b(?i:(?:reported|written|created|authored|reviewed|approved|requested|raised|filed|opened|submitted|discovered|edited|owned|maintained)"
    r" by|assigned to|(?:thanks|kudos) to)(?::| user| customer)? "
)
_FIELD = (
    r"(?i:(?<![a-z])(?:first|last|full|given|family|middle|sur|nick|maiden|customer|patient|employee|author|holder|cardholder|contact)[_ -]?name"
    r"[\"']?\]?[ \t]{0,3}(?:[:=]|=>)[ \t]{0,3}[\"']?)"
)
_NOBODY = frozenset(
    """
    team group support staff bot actions action inc ltd llc gmbh corp company foundation project community contributors authors
    developers engineering security platform core open source studio code server service services system systems software labs lab
    technologies cloud visual microsoft google apple amazon red hat linux windows mac docker kubernetes jenkins claude dependabot
    renovate build release test tests error errors warning exception the this that unknown none null user admin administrator default
    your my new first last name full some any all customer client foo bar john jane doe smith mustermann alice bob example sample demo
    apache mozilla python java rust node react spring django internet explorer active directory account department office human
    resources manager director management lead owner string required optional true false public private anonymous person people
    """.split()
)
_MOST_NAMES = 16


def names(source: Source) -> Iterator[Finding]:
    """Yield names of people, and other places in the text with the same name of two words or more."""
    found: list[Finding] = []
    for words, pattern in (
        (_ROLES, _TRAILER + _WHOLE),
        (_DEEDS, _DEED + _WHOLE),
        (("name", "firstname", "lastname", "fullname", "surname", "nickname"), f"(?m){_FIELD}{_ANY}"),
    ):
        if not source.words.isdisjoint(words):
            matches = compiled(pattern).finditer(source.text)
            found += [Finding("name", *match.span(1)) for match in matches if _is_somebody(match[1])]
    yield from found
    known = {source.text[start:end] for _, start, end in found if " " in source.text[start:end]}
    for name in sorted(known)[:_MOST_NAMES]:
        for match in re.finditer(rf"{re.escape(name)}(?!\w)", source.text):
            yield Finding("name", *match.span())


def _is_somebody(name: str) -> bool:
    """Tell a person from a team, a product and an example."""
    return _NOBODY.isdisjoint(name.lower().replace(".", "").split())
