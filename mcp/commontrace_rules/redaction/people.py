"""Personal data: mail addresses, home directories, account names, phone, card and account numbers."""

import re
from collections.abc import Iterator, Sequence

from commontrace_rules.redaction.accounts import accounts, is_person
from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.values import remembered

_MAIL = r"@((?:[\w-]{1,63}+\.(?=\w)){1,10}+[^\W\d_][\w-]{1,24}+)"
_NAMED_MAIL = r"([A-Z][\w'\u2019-]{1,30}(?: [A-Z][\w.'\u2019-]{0,30}){1,3}) <\Z"
_LOCAL = r"(?:(?<![\w.+-])|^)\w[\w.+-]*\Z"
_ROLES = frozenset("git hg svn noreply no-reply donotreply".split())
_STAND_INS = frozenset(
    "user username you your-name your.name yourname name me email mail someone somebody foo bar address test "
    "support info contact hello sales help office team billing security abuse postmaster webmaster".split()
)
_RESERVED = r"(?i)(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid)$"
_NO_DOMAIN = frozenset(
    "service socket timer target mount slice scope device path swap automount png jpg jpeg gif svg "
    "webp ico py js ts tsx jsx mjs cjs "
    "css scss html json yml yaml toml md txt lock log sh java go rs rb php so dll exe jar whl gz "
    "zip tgz tar xml".split()
)

_HOME = (
    r"[\\/](?:[Hh]ome\d?|[Uu]sers|Documents and Settings)[\\/]{1,4}([^\s\\/:*?\"'<>"
    r"|;,()\[\]{}$`&=#@%]{1,64}+(?:(?: |%20)[A-Z][a-z]{1,30}(?=[\\/]))?)"
    r"(?=[\\/:\s\"'<>|;,()\]}`&#]|$)"
)
_MOUNT = (
    r"(?:(?<![A-Za-z0-9])[A-Za-z]:|/mnt/[a-z]|/[a-z]|/var|/export|/usr"
    r"|/System/Volumes/Data|/Volumes/[\w .-]{1,30}|//wsl[$.\w]{1,10}/[\w.-]{1,20}|\\\\wsl[$.\w]{1,10}\\{1,2}[\w.-]{1,20}|(?<![\w\\/])(?=Documents and))?[\\/]?\Z"
)
_ROUTE = r"(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b[\"':=( ]{1,4}|\b(?:route|path|href|url)\b ?[\"':=(]{1,3} ?[\"']?)\Z"
_MOST_NAMES = 16

_PHONE = (
    r"\+(?<![\w+.-].)\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}(?![\w-]|\.\d)"
    r"|\((?<![\w.)-].)\d{3}\)[ -]?\d{3}[-. ]\d{4}(?![\w-]|\.\d)"
    r"|[1-9](?<![\w.+/-].)(?:(?<=1)-[2-9]|(?<!1))\d{2}-[2-9]\d{2}-\d{4}(?![\w-]|\.\d)"
)
_PHONE_SAID = (
    r"(?:phone|tel(?:ephone|efon|efoon|éfono?)?|handy|kontakt|mobil(?:e|telefon)?|cell|fax|sms|whatsapp|msisdn|call(?:ed)?|caller"
    r"|contact)(?:[_ -]?(?:number|no|nr))?[\"'.:= #]{1,6}"
    r"(?:to |at |is |was )?[\"']?(\+?\(?\d[\d ().-]{5,20}\d|0\d{2,5}/\d{4,9})(?![\w-])"
)
_PHONE_WORDS = "phone tel handy kontakt mobil cell fax sms whatsapp msisdn call contact".split()
_CARD = r"(?<![\w.+-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -]?)\d{6}\2\d{4,5})(?![\w.-]|\.\d)"
_SSN = r"(?<![\w.-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|\.\d)"
_IBAN = r"[A-Z][A-Z]\d{2}(?<![A-Za-z0-9].{4})(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"


def mail(source: Source) -> Iterator[Finding]:
    """Yield mail addresses and the name that stands before one in angle brackets."""
    text = source.text
    if "@" not in text:
        return
    for match in compiled(_MAIL).finditer(text):
        before = text[max(0, match.start() - 64) : match.start()]
        local = compiled(_LOCAL).search(before)
        if local and _is_mailbox(local[0], match[1]) and not _is_in_url(before[: local.start()]):
            start = match.start() - len(local[0])
            yield Finding("email", start, match.end())
            name = compiled(_NAMED_MAIL).search(text, max(0, start - 100), start)
            if name:
                yield Finding("name", *name.span(1))


def _is_in_url(before: str) -> bool:
    """Tell whether an address continues the user information of a URL that starts in ``before``."""
    _, scheme, rest = before.rpartition("://")
    return bool(scheme) and not any(character in rest for character in " \t\n/?")


def _is_mailbox(local: str, domain: str) -> bool:
    stands_in = local.lower() in _STAND_INS or not is_person(local)
    if stands_in and compiled(_RESERVED).search(domain):
        return False
    return local.lower() not in _ROLES and domain.rpartition(".")[2].lower() not in _NO_DOMAIN


def owners(source: Source) -> Iterator[Finding]:
    """Yield home directories and account names of people, and other places in the text with the same name.

    Homes and accounts of services and CI runners name nobody.
    """
    text = source.text
    found = [*_homes(text), *accounts(source)]
    yield from (finding for finding, _ in found)
    known = sorted({name for _, name in found if len(name) >= 4})[:_MOST_NAMES]
    for name in map(re.escape, known):
        # The boundary stands after the name, so that the engine can look for the name itself.
        for match in re.finditer(rf"{name}(?<![\w</\\]{name})(?![\w>])", text):
            yield Finding("user", *match.span())


def _homes(text: str) -> Iterator[tuple[Finding, str]]:
    for match in compiled(_HOME).finditer(text):
        name = match[1].rstrip(".")
        if not is_person(name) or not any(map(str.isalpha, name)):
            continue
        start = _mounted(text, match.start())
        if _is_inner(text, start):
            continue
        if match[0].startswith(("/home", "/users")) and compiled(_ROUTE).search(
            text, max(0, start - 16), start
        ):
            continue
        yield Finding("home", start, match.end() - len(match[1]) + len(name)), name


def _mounted(text: str, start: int) -> int:
    """Return where the drive or mount point begins that stands before the home directory at ``start``."""
    before = text[start - 1 : start]
    if not before or not (before.isalnum() or before in ":/\\"):
        return start
    mount = compiled(_MOUNT).search(text, max(0, start - 40), start)
    return mount.start() if mount else start


def _is_inner(text: str, start: int) -> bool:
    """Tell whether the path at ``start`` continues a longer one or a host name, unless an editor's URL holds it."""
    before = text[start - 1 : start]
    if before == "e" and text[max(0, start - 7) : start] == "://file":
        return False
    return before.isalnum() or before in ("_", ".", "~", "-")


_DIGITS = r"[+(0-9][0-9][0-9 ().-]{6}(?<![\w+.-].{8})[0-9 ().-]*+"


def numbers(source: Source) -> Iterator[Finding]:
    """Yield phone, payment card, social security and bank account numbers."""
    text, lowered = source.text, source.lowered
    for run in compiled(_DIGITS).finditer(text):
        # What follows a number tells whether it ends there, what stands before it whether it is one.
        first = max(0, run.start() - 2)
        for kind, start, end in _numbers(text[first : run.end() + 1], run.start() - first):
            yield Finding(kind, first + start, first + end)
    for match in compiled(_PHONE_SAID).finditer(lowered) if source.has_any(*_PHONE_WORDS) else ():
        if 7 <= sum(map(str.isdigit, match[1])) <= 15:
            yield Finding("phone", *match.span(1))
    for match in compiled(_IBAN).finditer(text):
        if _is_iban(match[0].replace(" ", "")):
            yield Finding("iban", *match.span())


_BORN = r"\b(?:date of birth|dob|birth[ _-]?da(?:te|y)|born(?: on)?|geboren am|geburtsdatum)[\"']?[ :=]{1,4}[\"']?(\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{4})\b"
_PASSPORT = r"\b(?:passport|id card|driver'?s? licen[cs]e)(?: (?:no|number|nr))?[.:# =]{1,4}([a-z]{0,3}(?=[a-z0-9]{0,8}\d{2})[a-z0-9]{6,9})\b"


def papers(source: Source) -> Iterator[Finding]:
    """Yield dates of birth and numbers of identity papers where the text says what they are."""
    for words, kind, pattern in (
        (("birth", "dob", "born", "birthday", "birthdate", "geboren", "geburtsdatum"), "birth", _BORN),
        (("passport", "card", "license", "licence"), "passport", _PASSPORT),
    ):
        if not source.words.isdisjoint(words):
            for match in compiled(pattern).finditer(source.lowered):
                yield Finding(kind, *match.span(1))


@remembered
def _numbers(text: str, start: int) -> Sequence[Finding]:
    """Return what a run of digits and separators contains, which begins at ``start`` and ends a character before ``text``."""
    return tuple(_numbered(text, start))


def _numbered(text: str, start: int) -> Iterator[Finding]:
    for match in compiled(_PHONE).finditer(text, start):
        digits = sum(map(str.isdigit, match[0]))
        plain = match[0].lstrip("+").isdigit() and text[max(0, match.start() - 1) : match.start()] in (
            "",
            "\n",
        )
        if 8 <= digits <= 15 and not plain:
            yield Finding("phone", *match.span())
    for match in compiled(_CARD).finditer(text, start):
        if _is_card("".join(filter(str.isdigit, match[0]))):
            yield Finding("card", *match.span())
    for match in compiled(_SSN).finditer(text, start):
        yield Finding("ssn", *match.span())


def _is_card(digits: str) -> bool:
    """Check issuer range, length and the Luhn sum (ISO/IEC 7812)."""
    if (
        not 13 <= len(digits) <= 19
        or not re.match(r"4|5[1-5]|2[2-7]|3[0-8]|6", digits)
        or len(set(digits)) < 2
    ):
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(value - 9 * (value > 9) for value in doubled)) % 10 == 0


@remembered
def _is_iban(account: str) -> bool:
    """Check length and the sum of ISO 13616 (mod 97)."""
    moved = account[4:] + account[:4]
    return 15 <= len(account) <= 34 and int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
