"""The readings of a text: what a model would understand, however the letters are disguised."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice

from commontrace_rules.screening.rules import compiled

_INVISIBLE = dict.fromkeys(
    [
        *range(8203, 8208),
        *range(8234, 8239),
        *range(8288, 8304),
        65279,
        173,
        847,
        6158,
        4447,
        4448,
        12644,
        *range(917504, 917632),
        *range(65024, 65040),
        *range(917760, 918000),
    ]
)
_CONTROL = (
    r"(?:\x1b\[|\x9b)[0-9;:?]{0,32}[ -/]{0,4}[@-~]?|\x1b\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_STRUCK = r"[\u0334-\u0338\u20dd-\u20e0]"
_LOOKALIKES = str.maketrans("аеорсухіјѕԁԛԝкмнтвӏգοαερτυικνηѵɡıⅼ", "aeopcyxijsdqwkmhtblqoaeptuiknnvgil")
_LEET = str.maketrans("013457@$!|", "oieastasil")
_LEET_WORD = r"[a-z0-9@$!|]{3,20}"
# The words that orders are made of, spelt with any digit or sign that resembles a letter.
_LEET_TELLING = (
    r"[i1!|]gn[o0]r[e3]|[i1!|]n[s5$][t7]ruc[t7]|pr[e3]v[i1!|][o0]u[s5$]|d[i1!|][s5$]r[e3]g[a4@]rd"
    r"|c[o0]nf[i1!|]rm|[a4@][s5$]{2}[i1!|][s5$][t7]"
    r"|\b(?:fr0m|m0re|h[e3]r3|rul3s?|th1s|y0ur?|n0w|4ll|st0p|w1th|4nd|br4nch|th3|us3r|wr1te|d3l[e3]t[e3])\b"
    r"|pr[o0]mp[t7]|f[o0]rg[e3][t7]|[o0]v[e3]rr[i1!|]d[e3]|[e3]x[e3]cu[t7][e3]|d[e3][l1"
    r"|][e3][t7][e3]|[s5$][e3]cr[e3][t7]|p[a4@][s5$]{2}w[o0]rd"
    r"|w[i1!|][t7]h[o0]u[t7]|[a4@]sk[i1!|]ng|b[a4@]ckup|[a4@]ppr[o0]v[e3]|pr[o0]duc[t7][i1!|][o0]n|[s5$][i1!|][l1|][e3]n[t7][l1|]y|[s5$]y[s5$][t7][e3]m|p[e3]rm[i1!|][s5$]{2}"
)
_MIXED = r"[a-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][a-z]"
_SPACED = r"(?:\b[a-z][ .*_-]){2,60}[a-z]\b"
_DASHED = r"(?:\b[a-z][.*_-]){3,40}[a-z]\b"
_BASE64 = r"[A-Za-z0-9+/_-]{20,8000}={0,2}"
_HEXADECIMAL = r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){20,4000}(?![0-9A-Za-z])"
_ESCAPES = (
    r"(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|\\[0-3]?[0-7]{2}|%[0-9a-fA-F]{2}"
    r"|&#x?[0-9a-fA-F]{2,4};){6,4000}"
)
_ESCAPE = (
    r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})|\\([0-3]?[0-7]{2})|%([0-9a-fA-F]{2})"
    r"|&#x([0-9a-fA-F]{2,4});|&#([0-9]{2,4});"
)
_MOST_DECODED = 24


def visible(text: str) -> str:
    """Return ``text`` as it is shown: compatibility forms folded, controls and invisible characters removed."""
    if text.isascii():
        return compiled(_CONTROL).sub("", text) if compiled(_CONTROL).search(text) else text
    text = compiled(_STRUCK).sub("", text)
    return compiled(_CONTROL).sub("", unicodedata.normalize("NFKC", text.translate(_INVISIBLE)))


@cache
def _tags() -> dict[int, int | None]:
    return {0xE0000 + code: code for code in range(0x20, 0x7F)}


def _unleeted(match: re.Match[str]) -> str:
    word = match[0]
    return word.translate(_LEET) if any(map(str.isalpha, word)) else word


@lru_cache(maxsize=1)
def leet_words(text: str) -> Sequence[re.Match[str]]:
    """Return the words of orders that ``text``, in lower case, spells with digits or signs."""
    return [match for match in compiled(_LEET_TELLING).finditer(text) if not match[0].isalpha()]


def readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read ``text`` in lower case, each with the name of its disguise ("" for none)."""
    shown = visible(text).lower()
    yield "", shown
    if not text.isascii():
        smuggled = "".join(
            chr(ord(character) - 0xE0000) for character in text if 0xE0020 <= ord(character) < 0xE007F
        )
        if smuggled:
            yield "tag characters", smuggled.lower()
        if compiled(_MIXED).search(shown):
            yield "look-alike letters", shown.translate(_LOOKALIKES)
    if "&lt;" in shown:
        yield "character references", html.unescape(shown)
    if leet_words(shown):
        yield "letters as digits", compiled(_LEET_WORD).sub(_unleeted, shown)
    # Between the words of spaced-out letters there is more than one blank.
    dashed = compiled(_DASHED).sub(lambda match: re.sub(r"[.*_-]", "", match[0]), shown)
    spaced = compiled(_SPACED).sub(lambda match: re.sub(r"[ .*_-]", "", match[0]), dashed)
    if spaced != shown:
        yield "spaced letters", re.sub(r"[ \t]{2,}", " ", spaced)
    if "snoitcurtsni" in shown or "tpmorp" in shown:
        yield "reversed", shown[::-1]
    if "vafgehpgvba" in shown:
        yield "rot13", codecs.decode(shown, "rot13")


def decoded(text: str) -> Iterator[tuple[str, int]]:
    """Yield what base64 runs and escape sequences in ``text`` say, when it is text, and where they start."""
    for match in islice(compiled(_BASE64).finditer(text), _MOST_DECODED):
        plain = _from_base64(match[0])
        if plain:
            yield plain, match.start()
    for match in islice(compiled(_HEXADECIMAL).finditer(text), _MOST_DECODED):
        plain = _as_text(bytes.fromhex(match[0]))
        if plain:
            yield plain, match.start()
    for match in compiled(_ESCAPES).finditer(text):
        codes = (
            next(
                int(code, 8 if index == 3 else 10 if index == 6 else 16)
                for index, code in enumerate(found.groups(), 1)
                if code
            )
            for found in compiled(_ESCAPE).finditer(match[0])
        )
        yield "".join(map(chr, codes)), match.start()


def _from_base64(run: str) -> str:
    whole = run[: len(run) // 4 * 4] if not run.endswith("=") else run
    try:
        return _as_text(base64.b64decode(whole.replace("-", "+").replace("_", "/"), validate=True))
    except binascii.Error:
        return ""


def _as_text(data: bytes) -> str:
    """Return what ``data`` says; nothing if it is no printable text."""
    try:
        plain = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-8")
    except UnicodeDecodeError:
        return ""
    return plain if plain.isprintable() or plain.replace("\n", "").replace("\t", "").isprintable() else ""
