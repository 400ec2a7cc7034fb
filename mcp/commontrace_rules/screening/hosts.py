"""Which hosts a trace may fetch programs and packages from without being looked at."""

import re
from collections.abc import Iterator
from pathlib import Path

from commontrace_rules.screening.rules import compiled

KNOWN = frozenset(
    word
    for line in Path(__file__).with_name("known_hosts.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)
"""Registrable names whose sub-domains are as trustworthy as the ecosystem itself."""

_LOCAL = r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)$"
_PRIVATE = r"(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|.*\.(?:internal|intranet|corp|lan|home\.arpa|repo)$|[a-z][a-z0-9-]{0,40}$"
_PLACEHOLDER = r"(?:(?:(?:my|your|our|some|another|custom|example)-?)?(?:corp(?:oration)?|org(?:ani[sz]ation)?|company|enterprise|internal)|(?:my|your|our|some|another|other|custom|example)-?(?:domain|host|server|registry|(?:package-)?repo|site|team|enterprise|business)|somewhere(?:-else)?|acme(?:-?corp)?)$"
_STAND_IN = r"(?:[\w-]+\.)*(?:[\w-]+\.example|(?:foo|bar|baz|foobar)\.(?:foo|bar|baz|com|org|net|io))$"
_VILLAIN = r"(?:[\w-]+\.)*(?:attackers?|evil|malicious|hackers?)(?:-?(?:site|server|domain|host|corp))?\.(?:com|net|org|io|example|site)$"
_NUMERIC = r"[\d.]+$|\[|0x[0-9a-f]+$"
_URL = (
    r"(?:(?:https?|ftp|oci|git\+https?|git\+ssh|wss?|git|s?ssh|rsync|s?ftps?"
    r"|sparse\+https?)://|(?<=[(\"'=<])//(?=[\w-]+\.))(?:[^\s/@'\"<>]{1,80}@)?([a-z0-9.-]{1,120}|\[[0-9a-f:]{2,40}\])"
)
_BARE = r"(?:(?<![\w./@-])|(?<=[})]\.))((?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,12}|\d{1,3}(?:\.\d{1,3}){3})(?=[/:|\s'\"`)&;<]|$)"
_NAMED = r"(?<![\w./:@-])(?:[a-z0-9-]{2,40}\.){1,4}(?:com|net|org|io|dev|app|xyz|top|site|online|info|cc|ru|invalid|test|example)(?![\w-]|\.\w)"
_LOGIN = r"(?<=[\w.-]@)((?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,12}|\d{1,3}(?:\.\d{1,3}){3})(?=:|\s{1,3}<<)"
_SHARED_LABELS = frozenset(
    "raw get install download dl cdn api www sh app dev docs data static files pkg git my the test "
    "src lib".split()
)
_COMPANY_START = r"^(?:lets|get|try|use|go|join|with)(?=[a-z]{4})"
_COMPANY_ENDING = r"(?<=[a-z]{4})(?:cd|ci|cli|hq|labs?|app|ai|dev|io|lang|js|db|foundation|project|cloud)$"
"""What a project adds to its name where the plain one was taken: letsdisco.dev, fluxcd.io; never with a hyphen."""


def _plain(owner: str) -> str:
    return compiled(_COMPANY_ENDING).sub("", compiled(_COMPANY_START).sub("", owner))


_TAKEN = frozenset(name.split(".")[-2] for name in KNOWN)
_TAKEN_PLAIN = _TAKEN.union(map(_plain, _TAKEN))
_USUAL = frozenset(("com", "org", "io", "dev", "net"))
_INERT = (".invalid", ".test", ".example", ".onion", ".local", ".zip", ".mov", ".tk", ".ml", ".xyz", ".top")


def urls(text: str) -> Iterator[str]:
    """Yield the hosts of URLs in lower-case ``text``."""
    for match in compiled(_URL).finditer(text):
        if host := match[1].strip("."):
            yield host


def fetched(text: str) -> list[str]:
    """Return the hosts that a download command names, with or without a scheme."""
    found = list(urls(text))
    found += [match[1] for match in compiled(_LOGIN).finditer(text)]
    return found or [match[1] for match in compiled(_BARE).finditer(text)]


def named(text: str) -> Iterator[str]:
    """Yield the hosts that lower-case ``text`` names, in URLs or by themselves under an ending that no file has."""
    yield from urls(text)
    for match in compiled(_NAMED).finditer(text):
        yield match[0]


def is_local(host: str) -> bool:
    """Tell whether ``host`` is this machine."""
    return compiled(_LOCAL).match(host) is not None


def is_stand_in(host: str) -> bool:
    """Tell whether ``host`` is a name with which documentation stands for any host."""
    return compiled(_STAND_IN).match(host) is not None


def is_villain(host: str) -> bool:
    """Tell whether ``host`` is a name with which documentation stands for an attacker's."""
    return compiled(_VILLAIN).match(host) is not None


def is_known(host: str, subject: str = "") -> bool:
    """Tell whether ``host`` belongs to an ecosystem, to this machine, or to what the trace is about.

    Args:
        host: in lower case.
        subject: words that say what the trace is about (title, tags, context), without its URLs. A project's own
            domain vouches for its installer; reserved, numeric and throw-away domains are never vouched for.
    """
    if is_local(host) or compiled(_PRIVATE).match(host):
        return True
    if compiled(_NUMERIC).match(host):
        return False
    labels = host.split(".")
    if any(".".join(labels[index:]) in KNOWN for index in range(len(labels) - 1)):
        return True
    if host.endswith(_INERT) or len(labels) < 2:
        return False
    owner = labels[-2]
    return compiled(_PLACEHOLDER).match(owner) is not None or _is_subject(
        owner, subject, usual="-" not in owner and labels[-1] in _USUAL
    )


def _is_subject(owner: str, subject: str, *, usual: bool) -> bool:
    """Tell whether ``owner``, as it stands or without what companies add to their names, is what the trace is about.

    Args:
        owner: the label that was registered.
        subject: what the trace is about.
        usual: whether it is one word under an ending that projects secure for themselves.
    """
    if any(part in _TAKEN for part in owner.split("-") if len(part) > 3) and not usual:
        return False  # the name of a known project, which has another host
    if len(owner) > 3 and owner not in _SHARED_LABELS and _names(owner, subject):
        return True
    name = _plain(owner)
    return len(name) > 4 and name not in _TAKEN_PLAIN and _names(name, subject)


def _names(word: str, subject: str) -> bool:
    within = "" if len(word) > 5 else "-"  # `linkerd-buoyant` names buoyant, `web-app` does not name app
    return re.search(rf"(?<![\w{within}]){re.escape(word)}(?![\w{within}])", subject) is not None
