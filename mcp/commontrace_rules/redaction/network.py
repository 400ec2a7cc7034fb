"""Addresses and internal host names."""

import re
from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source

_IPV4 = r"[0-9](?<![\w.].)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w]|\.\d)"
_COLONS = r"[0-9A-Fa-f](?<![\w:.-].)[0-9A-Fa-f]{1,3}+[:-][0-9A-Fa-f:-]{2,48}+(?!\w)"
_IPV6 = r"(?:[23][0-9a-f]{3}|fe80|f[cd][0-9a-f]{2}|64)(?::{1,2}[0-9a-f]{1,4}){1,7}(?:::)?"
r"|(?:[23][0-9a-f]{3}|fe80|f[cd][0-9a-f]{2})(?::[0-9a-f]{1,4}){0,6}::"
_MAC = r"[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})"

_WELL_KNOWN = frozenset("0.0.0.0 169.254.169.254 8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 fe80::1".split())
_BLOCKS = frozenset("10.0.0.0 172.16.0.0 172.17.0.0 192.168.0.0 100.64.0.0 224.0.0.0".split())
_VERSION_WORDS = frozenset(
    "v version versions release build upgrade upgraded upgrading downgrade downgraded bump bumped pin pinned requires require "
    "since until before after revision firmware sdk driver oid section chapter rev tag update updated patch to".split()
)
_HOST_WORDS = frozenset(
    "ip host hostname addr address server inet peer client remote gateway nameserver dns bind upstream ssh ping curl scp telnet nc "
    "connect connecting connected connection listen listening tcp udp dial dialing route via src dst proxy node resolve lookup "
    "domain for to at from broker endpoint".split()
)
_BETWEEN = frozenset("from to for at".split())
_NEAR_HOST_WORDS = _HOST_WORDS - _BETWEEN
_ONLY_HOST_WORDS = _NEAR_HOST_WORDS - _VERSION_WORDS
_AFTER_VERSION = r"[-_+]\w|\.(?:tar|zip|whl|jar|tgz)"
_PORT = r":\d{2,5}\b"

_HOST = (
    r"(?<![\w.$-])(?:\*\.)?(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}"
    r"(?:internal|corp|local|lan|intra|intranet|localdomain|home\.arpa|private)(?![\w-]|\.\w|\(| import\b)"
)
_MIDDLE = (
    r"(?<![\w.$-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}(?:corp|internal|intranet|intra|int"
    r"|lan)(?:\.[a-z0-9][a-z0-9-]{0,62}){0,3}"
    r"\.(?:com|net|org|io|dev|co|cloud|de|fr|eu|ch|at|uk|us|test|example|tech|app|systems)(?![\w-]|\.\w|\(| import\b)"
)
_OWN_MACHINE = (
    r"\b(?:LAPTOP|DESKTOP|WIN)-(?=[A-Z0-9]{0,10}\d)[A-Z0-9]{7,11}\b|\b[A-Z][a-z]{1,20}s?-(?:MacBook|i?Mac)(?:-(?:Pro|Air|[Mm]ini|\d{1,2})){0,3}\b"
    r"|\b(?!windows-)[a-z]{2,20}s-(?:laptop|macbook|thinkpad|notebook|imac)\b"
)
"""What installers call a machine: a random name, or its owner's."""
_PUBLIC_NAMES = frozenset(
    "host.docker.internal gateway.docker.internal metadata.google.internal "
    "host.containers.internal kubernetes.docker.internal "
    "kubernetes.default.svc.cluster.local svc.cluster.local cluster.local host.minikube.internal "
    "localhost.localdomain "
    "compute.internal ec2.internal localhost.local host.lima.internal module.exports.local".split()
)
_PACKAGES = frozenset(
    "org com net io java javax jdk sun kotlin androidx android dev scala clojure self this "
    "threading system node std".split()
)


def addresses(source: Source) -> Iterator[Finding]:
    """Yield IP and hardware addresses; loopback, unspecified, masks and version numbers stay."""
    text = source.text
    if "." in text:
        for match in compiled(_IPV4).finditer(text):
            if _is_address(text, match):
                yield Finding("ip", *match.span())
    if text.count(":") < 2 and text.count("-") < 5:  # fewer than any such address has
        return
    for match in compiled(_COLONS).finditer(text):
        address = match[0].lower().rstrip("-") if match[0].endswith("::") else match[0].lower().rstrip(":-")
        end = match.start() + len(address)
        if compiled(_MAC).fullmatch(address) and len(set(address)) > 3 and any(map(str.isalpha, address)):
            yield Finding("mac", match.start(), end)
        elif (
            address not in _WELL_KNOWN
            and compiled(_IPV6).fullmatch(address)
            and (address.count(":") == 7 or "::" in address)
        ):
            yield Finding("ip", match.start(), end)


def _is_address(text: str, match: re.Match[str]) -> bool:
    octets = _octets(match[0])
    if not octets or match[0] in _WELL_KNOWN or _is_whole_block(text, match):
        return False
    if _is_private(octets) or compiled(_PORT).match(text, match.end()):
        return True
    before = text[max(0, match.start() - 40) : match.start()]
    if _is_versioned(before) or compiled(_AFTER_VERSION).match(text, match.end()):
        return before.endswith("://")
    version_like = (octets[0] < 20 and max(octets) < 100) or (octets[0] < 100 and max(octets[1:]) < 30)
    if octets[0] == 10 or not version_like:
        return True
    return not before.endswith("@") and _is_named_as_host(before, _NEAR_HOST_WORDS)


def _is_whole_block(text: str, match: re.Match[str]) -> bool:
    """Tell the private blocks that everybody has (`10.0.0.0/8`) from a network of somebody."""
    return match[0] in _BLOCKS and text.startswith("/", match.end())


def _octets(address: str) -> list[int]:
    """Return the parts of an address of some machine; nothing for loopback, masks, and what is no address."""
    parts = address.split(".")
    octets = [int(part) for part in parts]
    if max(octets) > 255 or octets[0] in (0, 127) or octets[0] >= 224:
        return []
    return octets if all(part == str(octet) for part, octet in zip(parts, octets, strict=True)) else []


def _is_versioned(before: str) -> bool:
    """Tell whether what stands before a dotted number makes it a version."""
    led = before.rstrip()
    if not led.endswith(("->", "=>")) and led.endswith(("==", ">=", "<=", "~=", "!=", "^", "~", ">", "<")):
        return True
    if before[-1:] in ("v", "V"):
        return True
    if before[-1:] in ("-", "/") and before[-2:-1].isalpha():
        return True
    words = [word.strip("\"'`:,([") for word in before.lower().replace("=", " ").split()[-4:]]
    return not _VERSION_WORDS.isdisjoint(words) and _ONLY_HOST_WORDS.isdisjoint(words)


def _is_private(octets: list[int]) -> bool:
    first, second = octets[:2]
    return (
        (first == 10 and max(octets[1:]) > 9)
        or (first == 172 and 16 <= second <= 31)
        or (first, second) == (192, 168)
    )


def hosts(source: Source) -> Iterator[Finding]:
    """Yield names of private networks; names that every machine knows stay."""
    text, lowered = source.text, source.lowered
    if not {"laptop", "desktop", "win", "macbook", "mac", "imac", "thinkpad", "notebook"}.isdisjoint(
        source.words
    ):
        for match in compiled(_OWN_MACHINE).finditer(text):
            yield Finding("host", *match.span())
    if any(
        mark in lowered
        for mark in (".internal", ".corp", ".local", ".lan", ".intra", ".home.arpa", ".private")
    ):
        for match in compiled(_HOST).finditer(text):
            if _is_internal(text, match):
                yield Finding("host", *match.span())
    if any(mark in lowered for mark in (".corp.", ".internal.", ".intra", ".int.", ".lan.")):
        for match in compiled(_MIDDLE).finditer(text):
            if match[0].split(".")[0] not in _PACKAGES:
                yield Finding("host", *match.span())


def _is_internal(text: str, match: re.Match[str]) -> bool:
    name = match[0]
    labels = name.lower().split(".")
    if name.lower() in _PUBLIC_NAMES or labels[0] in _PACKAGES:
        return False
    hostly = _is_named_as_host(text[max(0, match.start() - 32) : match.start()])
    ported = compiled(_PORT).match(text, match.end()) is not None
    if labels[-1] in {"local", "private", "lan"} or len(labels) == 2:
        return (
            hostly
            or ported
            or (len(labels) > 2 and labels[-1] != "private")
            or "-" in name
            or any(map(str.isdigit, labels[0]))
        )
    return name == name.lower() or hostly


_PROMPT = (
    r"(?m)^\(?(?:[\w.-]{1,20}\) )?\[?[a-z_][\w.-]{1,31}@([A-Za-z][\w.-]{1,60}|[\w-]{1,60})"
    r"(?::[~/][^\n$#%>]{0,80}[$#%>]|[: ][^\n$#%>]{0,80}[$#%](?:[ ]|$)|[ ][~\w./-]{1,60}\][$#])"
)
_CONTAINER = r"[0-9a-f]{12}|localhost(?:[.-]\w{1,20})?|runner\w*|codespaces\w*|container|docker|ubuntu|debian|fedora|host(?:name)?"


def prompts(source: Source) -> Iterator[Finding]:
    """Yield the machine in a shell prompt; the ids of containers and standard names name no machine."""
    if "@" in source.text:
        for match in compiled(_PROMPT).finditer(source.text):
            if not compiled(_CONTAINER).fullmatch(match[1].lower()):
                yield Finding("host", *match.span(1))


def _is_named_as_host(before: str, words: frozenset[str] = _HOST_WORDS) -> bool:
    """Tell whether the words before a name say that it is a machine."""
    if before.endswith(("//", "@")):
        return True
    return any(word.strip("\"'`:,(") in words for word in before.lower().replace("=", " ").split()[-2:])
