"""How strongly the name of a field, variable or flag says that its value is secret."""

from enum import IntEnum
from functools import lru_cache

from commontrace_rules.redaction.patterns import compiled


class Claim(IntEnum):
    """What a name claims about its value; a lower claim needs a more random value."""

    NONE = 0
    WEAK = 1  # "key": only a long, mixed-case random value counts
    MEDIUM = 2  # "auth", "STRIPE_KEY": any high-entropy value counts
    STRONG = 3  # "password", "token": everything but placeholders counts


_DEFINITION = r"^-[DPJ](?=[a-z])"
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_PASSWORD = frozenset(
    "password passwd passphrase passcode pwd passwort pw storepass keypass psk userpass mnemonic "
    "requirepass masterauth srcstorepass deststorepass srckeypass destkeypass".split()
)
_PASSWORD_ENDS = ("password", "passwd", "passphrase", "pwd")
_SECRET = frozenset(
    "secret token apikey authtoken accesskey secretkey privatekey apitoken accesstoken jwt "
    "dockerconfigjson dockercfg".split()
)
_MEDIUM = frozenset(
    "auth authorization authentication signature sig session sessionid cookie sid bearer "
    "credential credentials creds cred dsn salt hmac otp "
    "seed secrets webhook passwords login pat".split()
)
_KEY_QUALIFIERS = frozenset(
    "api access secret private auth encryption signing sign master account storage shared service "
    "app application license deploy preshared shared "
    "ssh client jwt hmac admin write webhook consumer ingest ingestion integration subscription "
    "function functions crypt cipher "
    "symmetric gpg pgp rsa openai anthropic stripe instrumentation".split()
)
_KEY_STRONG = frozenset("secret private preshared api access account signing encryption master auth".split())
_KEY_EXCLUDED = frozenset(
    "public pub primary foreign cache sort partition hash range row map dict object idempotency "
    "lookup routing group unique composite "
    "index translation registry json column duplicate candidate surrogate host known order dedup "
    "label config i18n bucket s3 "
    "query react item entity node keyboard hot short ordering".split()
)
_TAILS = frozenset(
    "file path dir directory name names id ids type types url uri endpoint host port limit limits "
    "count size length len ttl expiry "
    "expires expiration expire expired age timeout field fields policy min max prefix suffix "
    "header headers param params regex "
    "pattern format encoding algorithm alg enabled disabled required provider manager store class "
    "service model validator validators "
    "reset change hint prompt label mode version ref arn namespace mount engine scope scopes usage "
    "budget window rotation index "
    "position kind source var vars backend backends handler view views form input error errors "
    "exception validation config "
    "strength confirmation hasher hashers per cost price rate stdin fingerprint flow middleware "
    "guard method methods strategy user "
    "username users model models module plugin".split()
)
_COUNTED = frozenset(
    "max min num total count n prompt completion input output context eos bos pad unk sep cls mask "
    "stop special next page "
    "continuation used remaining unexpected expected syntax is has use no not show hide needs "
    "require requires without invalid "
    "missing pagination cancellation cancel".split()
)


@lru_cache(maxsize=1024)
def claim(name: str) -> tuple[Claim, str]:
    """Say what ``name`` claims of its value and the kind to report.

    Args:
        name: the whole identifier as written (``DB_PASSWORD``, ``clientSecret``, ``spring.datasource.password``).

    Returns:
        The claim and a kind such as ``secret:password``.
    """
    words = [word.lower() for word in compiled(_WORD).findall(compiled(_DEFINITION).sub("", name))]
    while words and (words[-1].isdigit() or words[-1] in {"data", "value", "base", "b", "plain", "hex"}):
        words.pop()
    if words[-2:] == ["pass", "phrase"]:
        words[-2:] = ["passphrase"]
    if words[-2:] == ["token", "hint"]:
        words.pop()  # OpenID's `id_token_hint` is the token itself
    if words[-3:] == ["private", "key", "id"]:
        return Claim.STRONG, "secret:key"
    if words[-2:] == ["secret", "id"]:
        return Claim.MEDIUM, "secret:credential"
    if not words or words[-1] in _TAILS:
        return Claim.NONE, ""
    if "token" in words and not _COUNTED.isdisjoint(words[: words.index("token")]):
        return Claim.NONE, ""
    return _claim_of_words(words, screaming=name.upper() == name)


def _claim_of_words(words: list[str], *, screaming: bool) -> tuple[Claim, str]:
    found = set(words)
    if (
        found & _PASSWORD
        or any(word.endswith(_PASSWORD_ENDS) for word in words)
        or (words[-1] == "pass" and (len(words) > 1 or not screaming))
    ):
        return Claim.STRONG, "secret:password"
    if words[-1] == "key" or (len(words) > 1 and "key" in words[:-1]):
        before = words[: len(words) - 1 - words[::-1].index("key")]
        if before[-1:] and before[-1] in _KEY_STRONG:
            return Claim.STRONG, "secret:key"
        return _claim_of_key(set(before), screaming=screaming and len(words) > 1)
    if found & _SECRET or words[-1].endswith(("token", "secret")):
        return Claim.STRONG, "secret:token" if "token" in " ".join(words) else "secret:value"
    if found & _MEDIUM or words[-1].endswith(("sessionid", "sessid")):
        return Claim.MEDIUM, "secret:credential"
    return Claim.NONE, ""


def _claim_of_key(before: set[str], *, screaming: bool) -> tuple[Claim, str]:
    if before & _KEY_EXCLUDED:
        return Claim.NONE, ""
    if before & _KEY_STRONG:
        return Claim.STRONG, "secret:key"
    if screaming or before & _KEY_QUALIFIERS:
        return Claim.MEDIUM, "secret:key"
    return Claim.WEAK, "secret:key"
