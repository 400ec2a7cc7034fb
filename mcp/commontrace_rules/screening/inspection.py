"""One text through all the rules, with the context that decides."""

from collections.abc import Iterable, Iterator

from commontrace_rules.screening import (
    authority,
    characters,
    destruction,
    downgrades,
    encoded,
    envelopes,
    execution,
    exfiltration,
    instructions,
    languages,
    links,
    markup,
    orders,
    packages,
    persistence,
    persuasion,
    ploys,
    removals,
    rights,
    solicitation,
    spared,
    speakers,
    toolcalls,
    turns,
    weakening,
    wording,
)
from commontrace_rules.screening.discussion import is_described, is_discussed, is_quoted
from commontrace_rules.screening.flooding import floods
from commontrace_rules.screening.hosts import fetched, is_known, is_stand_in, is_villain, urls
from commontrace_rules.screening.manuals import (
    calls_agent,
    commands,
    documents_hooks,
    is_catalogued,
    is_help,
    is_message,
    is_option,
    is_template,
)
from commontrace_rules.screening.mentions import (
    discusses_attack,
    is_code,
    is_example_of_leak,
    is_mentioned,
    is_sample_attack,
)
from commontrace_rules.screening.readings import decoded, leet_words, readings, visible
from commontrace_rules.screening.reported import (
    asks_first,
    is_condemned,
    is_reported,
    says_who_said_it,
)
from commontrace_rules.screening.rules import HELD, INDEX, REFUSED, Hit, Table, compiled
from commontrace_rules.screening.typosquats import typosquats

_NEAR = 300
_PLACEHOLDER = r"<[a-z][a-z _-]{1,30}>|\$\{?[a-z_]*(?:installer|script)\w*|^(?:curl|wget)(?: -\w{1,8})*\s{0,2}(?:\.{2,3}\s{0,2})?\||://(?:\.{3}|…|<|\{|(?=[`\s)\"'|]))"
_URLS = r"(?<!\S)(?:\S*://\S*|\S+\.(?:sh|com|org|io|net|dev)\b\S*)"

_SET_ELSEWHERE = frozenset(("foreign-index", "foreign-endpoint"))

_CHARACTERS = Table(characters.RULES, index=None)
_ASCII = Table(characters.ASCII_RULES, index=None)
_ORDERS = Table((*instructions.RULES, *authority.RULES, *orders.RULES, *speakers.RULES, *ploys.RULES), INDEX)
_FRAMES = Table((*turns.RULES, *envelopes.RULES, *toolcalls.RULES, *markup.RULES), INDEX)
_CARRIERS = Table(links.CARRIERS, INDEX)
_FETCHED = Table((*execution.FETCHED, *packages.SOURCES), INDEX)
_ENCODED = Table(encoded.ENCODED, INDEX)
_FLOWS = Table(exfiltration.FLOWS, INDEX)
_PUBLISHED = Table(exfiltration.PUBLISHED, INDEX)
_REQUESTS = Table(solicitation.REQUESTS, INDEX)
_DESTRUCTION = Table(destruction.RULES, INDEX)
_CALLS_HOME = Table(persistence.CALLS_HOME, INDEX)
_FOOTHOLDS = Table((*persistence.RULES, *rights.RULES), INDEX)
_LASTING = Table(weakening.LASTING, INDEX)
_DOWNGRADES = Table(downgrades.RULES, INDEX)
_PASSING = Table(weakening.PASSING, INDEX)

_NOT_MEANT = (
    is_described,
    is_option,
    is_reported,
    is_condemned,
    is_catalogued,
    asks_first,
    says_who_said_it,
    is_sample_attack,
    is_message,
    is_template,
)
"""Why words that speak to the model are no order to it."""
_NOT_RUN = (
    spared.is_kept_from_running,
    spared.is_made_again,
    spared.is_hostile_input,
    is_mentioned,
)
"""Why a command that destroys is none to run."""


def inspect(text: str, subject: str) -> Iterator[Hit]:
    """Yield everything that speaks against ``text``.

    Args:
        text: one field of a trace.
        subject: what the trace is about; names in it vouch for the hosts of that project.
    """
    if not text:
        return
    yield from (_ASCII if text.isascii() else _CHARACTERS).matches(text)
    yield from floods(text)
    about = compiled(_URLS).sub(" ", subject.lower())
    for disguise, reading in readings(text):
        named = f"{about} {' '.join(commands(reading))}"
        for hit in _words(reading, about, named):
            yield (
                hit._replace(reason=f"{hit.reason}, written as {disguise}", verdict=REFUSED)
                if disguise
                else hit
            )
        if not disguise:
            yield from _commands(reading, named)
            disguised = leet_words(reading)
            if len(disguised) > 2:
                yield Hit("disguise", HELD, "spells the words of an order with digits", *disguised[0].span())
        if disguise in wording.CERTAIN:
            discussed = is_discussed(about)
            yield from _meant(reading, wording.worded_orders(reading, discussed=discussed), about)
    for plain, start in decoded(visible(text)):
        shown = Hit("encoded-text", HELD, "", start, start + 20)
        for hit in _decoded(plain.lower(), quoted=is_quoted(visible(text).lower(), shown)):
            yield Hit("encoded-text", REFUSED, f"decodes to this: {hit.reason}", start, start + len(plain))


def _words(text: str, subject: str, named: str = "") -> Iterator[Hit]:
    """Yield what speaks to the model; what is ``named`` vouches for hosts as ``subject`` does."""
    for hit in (
        *_ORDERS.matches(text),
        *languages.foreign_orders(text),
        *persuasion.persuasions(text, named),
    ):
        yield from _meant(text, (hit,), subject)
    for hit in (*_FRAMES.matches(text), *envelopes.reopened(text)):
        forged = hit.kind == "fake-tool" and (  # JSON is full of quotes
            hit.verdict == REFUSED or not is_code(text, hit.start)
        )
        if (
            (forged or not is_quoted(text, hit, subject))
            and not is_template(text, hit)
            and not is_mentioned(text, hit)
            and not documents_hooks(text, hit, subject)
            and not (hit.kind == "fake-tool" and calls_agent(text, hit))
        ):
            yield hit
    for rule, match in _CARRIERS.found(text):
        if not _all_known(urls(match[1]), "") and not is_example_of_leak(text, match.start()):
            yield Hit(rule.kind, rule.verdict, rule.reason, *match.span())


def _meant(text: str, hits: Iterable[Hit], subject: str) -> Iterator[Hit]:
    """Yield the hits that a text about attacks neither quotes nor reports, and no manual lists as what an option does."""
    return (
        hit
        for hit in hits
        if not is_quoted(text, hit, subject) and not any(excuse(text, hit) for excuse in _NOT_MEANT)
    )


def _commands(text: str, subject: str) -> Iterator[Hit]:
    """Yield what the commands in ``text`` would do."""
    yield from _from_strangers(_FETCHED, text, subject)
    yield from _ENCODED.matches(text)
    yield from _from_strangers(_FLOWS, text, subject, unnamed=True)
    yield from _from_strangers(_CALLS_HOME, text, subject, unnamed=True)
    yield from _PUBLISHED.matches(text)
    for hit in _REQUESTS.matches(text):
        if (
            not is_quoted(text, hit)
            and not _is_warning(text, hit)
            and not _names_only_known(text, hit, subject)
        ):
            yield hit
    for hit in (*_DESTRUCTION.matches(text), *removals.removals(text)):
        if not any(excuse(text, hit) for excuse in _NOT_RUN):
            yield hit
    for hit in _FOOTHOLDS.matches(text):
        if spared.is_for_new_user(text, hit):
            continue
        if hit.kind != "agent-settings" or not (
            calls_agent(text, hit) or is_reported(text, hit) or _is_advised_against(text, hit)
        ):
            yield hit
    for hit in _LASTING.matches(text):
        explained = compiled(weakening.EXPLAINED).match(text, hit.end)
        if not explained and not _is_advised_against(text, hit):
            yield hit
    yield from _DOWNGRADES.matches(text)
    yield from _weakened(text)
    yield from typosquats(text)


def _from_strangers(rules: Table, text: str, subject: str, *, unnamed: bool = False) -> Iterator[Hit]:
    """Yield matches that name a host nobody knows; ``unnamed`` says what a match without any host counts as."""
    for rule, match in rules.found(text):
        harmless = unnamed or compiled(_PLACEHOLDER).search(match[0]) is not None
        hosts = fetched(match[0])
        if hosts and all(map(is_villain, hosts)) and discusses_attack(text, match.start(), match.end()):
            continue
        if (
            rule.kind in _SET_ELSEWHERE
            and hosts
            and all(map(is_stand_in, hosts))
            and not any(map(is_villain, hosts))
        ):
            continue  # how to set an index, not which one
        if not _all_known(hosts, subject, default=harmless) and not (
            spared.is_stopped(text, match.end()) or spared.is_denied(text, match.start())
        ):
            yield Hit(rule.kind, rule.verdict, rule.reason, *match.span())


def _all_known(hosts: Iterable[str], subject: str, *, default: bool = True) -> bool:
    """Tell whether every host is known; ``default`` is the answer when none is named."""
    named = list(hosts)
    return all(is_known(host, subject) for host in named) if named else default


def _names_only_known(text: str, hit: Hit, subject: str) -> bool:
    named = list(urls(text[hit.start : hit.end]))
    return bool(named) and _all_known(named, subject)


def _is_warning(text: str, hit: Hit) -> bool:
    """Tell whether the text advises against what it names."""
    before = text[max(0, hit.start - 60) : hit.start]
    return (
        compiled(solicitation.NEGATED).search(before) is not None
        or ".gitignore" in text[hit.start : hit.end + 20]
    )


def _is_advised_against(text: str, hit: Hit) -> bool:
    before = text[max(0, hit.start - 80) : hit.start]
    return compiled(weakening.ADVISED_AGAINST).search(before) is not None


def _weakened(text: str) -> Iterator[Hit]:
    """Yield passing weakenings that the text orders without a word of caution."""
    for hit in _PASSING.matches(text):
        if is_help(text, hit):
            continue
        around = _paragraph(text, hit)
        caution = weakening.WARNING if compiled(weakening.WIDE).search(around) else weakening.CAUTION
        if compiled(weakening.ORDER).search(around) and not compiled(caution).search(around):
            yield hit


def _paragraph(text: str, hit: Hit) -> str:
    """Return the text around a hit, up to the next blank lines."""
    before = text[max(0, hit.start - _NEAR) : hit.start].rpartition("\n\n")[2]
    return before + text[hit.start : hit.end + _NEAR].partition("\n\n")[0]


def _decoded(text: str, *, quoted: bool) -> Iterator[Hit]:
    """Yield what a decoded run would do: any order, command or address in it was hidden on purpose."""
    if not quoted:
        yield from _words(text, "")
    yield from _commands(text, "")
    for match in compiled(
        r"\b(?:curl|wget|bash|nc|powershell|iex|eval|exec|os\.system|subprocess|rm -rf|chmod"
        r"|/bin/sh)\b[^\n]{0,200}"
    ).finditer(text):
        yield Hit("encoded-text", HELD, "a command", *match.span())
