"""What a value looks like: a placeholder, an expression of code, or something random enough to be a secret."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import ParamSpec, TypeVar, cast

from commontrace_rules.redaction.patterns import compiled

_P = ParamSpec("_P")
_R = TypeVar("_R")

MAX_JUDGED = 256
"""Characters of a value that are looked at: enough to judge it, few enough to keep every judgement O(1)."""

_MASKED = r"^\*\*|x{4,}|\*{3,}|•{3,}|\.{3,}|_{4,}|#{4,}|…"
_MARKED = (
    r"example|placeholder|redacted|filtered|masked|hidden|your[-_ ]|[-_]here\b|change[-_]?me"
    r"|replace[-_]?(?:me|with|this)"
    r"|insert[-_ ]|dummy|<[a-z_ .:-]+>|\bfake|not[-_ ]a[-_ ]real|\btodo\b|^todo|^sample|^my[-_]|^some[-_]"
    r"|^the[-_]|^test[-_]?\d{0,4}$|^foo(?:bar|baz)*\d{0,3}$|^bar$"
)
_TEMPLATE = (
    r"^(?:\$\{.*|\$\(.*|\$[A-Za-z_]\w*$|\$env:\w+$|%\w+%$|\{\{.*|\{[A-Za-z_][\w.]*\}$|<.*"
    r"|\[[A-Za-z _*-]+\]$|#\{.*|@\w+@$|!(?:Ref|Sub|GetAtt|ImportValue|vault|ENV|env|secret"
    r"|reference)\b.*|&\w+$"
    r"|\*\w+$|%[sdrv]$|%\(\w+\)s$|:\w+$|\?$|\$\d$|__\w+__$)"
)
_REFERENCE = (
    r"^(?:[a-z][a-z0-9+.-]{1,20}:/{1,3}|arn:|vault:|ssm:|op:|file:|env:|secret:|sha(?:1|256|384"
    r"|512)[-:]|md5:|h1:|id=[\w.-]{1,64}$)"
)
_CODE = (
    r"^[A-Za-z_][\w.]*(?:\(.*|\[.*)|^(?:self|this|os|process|settings|config|env|var|local|data"
    r"|module|secrets|args|ctx|cfg|options|"
    r"opts|params|props|request|req|res|user|form|values|import|new|await|function|lambda|typeof"
    r"|return)\b(?:[.\[(?!]|->|::| ).*|^[({\[]"
    r"|^(?:-[A-Za-z-]|=|![A-Za-z_.(]*$|\|>?|>-?|&&?|\\|[/?]$)"
)
_PATH = r"^(?:\.{0,2}/|~[\\/]|[A-Za-z]:\\|\\\\)[\w.@+-]{0,40}(?:[/\\][\w.@+ -]{0,40})*$"

_WORDS = frozenset(
    """
    none null nil undefined true false yes no on off empty string str text int integer number bool boolean bytes object any
    optional required missing invalid expired revoked unknown unset password passwd passphrase pass pwd secret secrets token
    tokens key keys apikey api_key auth user username login admin root guest test testing postgres mysql redis mongo minioadmin
    changeit letmein default basic bearer digest apitoken value name type field header cookie env file not found error failed
    failure denied incorrect wrong rejected is was the a an must should cannot can for from in of to with and or if be
    json jwt plain plaintext hidden secure sha256 sha512 sha1 md5 hmac bcrypt argon2 scrypt pbkdf2 hs256 rs256 es256 oauth oauth2 oidc saml
    openid enabled disabled rotate rotated created updated deleted generated mismatch accepted valid ok strategy provider
    const let var function class import export return await async keyword identifier literal punctuator operator eof
    newline indent comma colon semicolon symbol end start lparen rparen stdin stdout prompt keyring inherit github gitlab
    github-token gitlab-token access_token refresh_token id_token authorization_code client_credentials user:pass x-oauth-basic x-access-token
    """.split()
)
"""Values that name a state, a type or a well-known default; none of them tells a stranger anything."""

_SENTENCE = (
    r"(?i)\b(?:is|are|was|must|should|cannot|can't|not|required|invalid|field|the|for|to|of|please"
    r"|failed|missing|with"
    r"|your|this|does|did|has|have|be|been|at least|may|blank|expected|wrong|error|enter|type"
    r"|confirm|do|match|too)\b"
)
_ACCESS = r"\.|->|::|[\[\]()?]"
_IDENTIFIER = r"[A-Za-z_]\w*|"
_SNAKE = r"[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+"
_PARTING = r"[^A-Za-z0-9]+"
_SYMBOL = r"[!@#$%^&*+=?~|]"
_UNSPOKEN = (
    r"^(?![A-Z]+s?$|(?i:https?|[a-z]{0,3}str|sql|xml|html|md5|ssh|tls|ssl|jwt|css|rpc|grpc|png|pdf)$)(?i:(?=...)y?[b-df-hj-np-tv-xz]{2,})$"
    r"|(?i:[b-df-hj-np-tv-z]{6})|^(?!HTTP|JSON|HTML|YAML|TOML|UUID|OAUTH|CORS|CSRF|HMAC|ASCII|LDAP|SAML|SMTP|IMAP|HTTPS)[A-Z]{5,}[a-z]"
)
"""Within a word of a compound name: consonants that nobody can pronounce."""
_SEGMENT = r"[A-Z]+[a-z]*|[a-z]+"


@cache
def _stand_ins() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(f"{_MASKED}|{_MARKED}"),
        re.compile(_TEMPLATE, re.DOTALL),
        re.compile(f"{_REFERENCE}|(?P<path>{_PATH})"),
        re.compile(_CODE, re.DOTALL),
    )


_JUDGEMENTS: list[Callable[[], None]] = []


def remembered(judgement: Callable[_P, _R]) -> Callable[_P, _R]:
    """Remember what ``judgement`` said of a value: texts repeat themselves, hostile ones endlessly (see `forget`)."""
    cached = lru_cache(maxsize=2048)(judgement)
    _JUDGEMENTS.append(cached.cache_clear)
    return cast("Callable[_P, _R]", cached)


def forget() -> None:
    """Drop every remembered value: none outlives the text it stood in."""
    for clear in _JUDGEMENTS:
        clear()


@remembered
def is_placeholder(value: str) -> bool:
    """Tell whether ``value`` stands for a secret instead of being one (a variable, a mask, an example, a default)."""
    value = value[:MAX_JUDGED]
    lowered = value.lower()
    if lowered in _WORDS or len(set(value)) <= 2 or lowered.strip(".,;:!?()[]{}") in _WORDS:
        return True
    marked, template, _, _ = _stand_ins()
    # Every template starts with punctuation, except runs of zeros.
    return (not value[0].isalnum() and template.match(value) is not None) or marked.search(
        lowered
    ) is not None


@remembered
def is_reference(value: str) -> bool:
    """Tell whether ``value`` points to a secret: a URL, an ARN, a file path, a digest with its algorithm."""
    if value.isalnum():
        return False
    value = value[:MAX_JUDGED]
    match = _stand_ins()[2].match(value)
    if match is None:
        return False
    return match["path"] is None or not any(is_dense(part) for part in re.split(r"[/\\]", value))


@remembered
def is_code(value: str) -> bool:
    """Tell whether an unquoted ``value`` is an expression (a call, an attribute, a name) and no literal."""
    value = value[:MAX_JUDGED]
    if value.isalnum():
        return False
    if _stand_ins()[3].match(value):
        return not (value[0] == "-" and is_dense(value))
    names = compiled(_ACCESS).split(value.rstrip("!?;,"))
    if len(names) > 1:
        return all(compiled(_IDENTIFIER).fullmatch(name) and not is_random(name) for name in names)
    return compiled(_SNAKE).fullmatch(value) is not None


@remembered
def is_sentence(value: str) -> bool:
    """Tell whether ``value`` is prose such as a validation message."""
    return " " in value and compiled(_SENTENCE).search(value[:MAX_JUDGED]) is not None


@remembered
def is_random(value: str) -> bool:
    """Tell whether ``value`` mixes letters with digits, symbols or capitals the way words do not."""
    value = value[:MAX_JUDGED]
    if not any(map(str.isalpha, value)):
        return False
    if any(map(str.isdigit, value)):
        return True
    letters = sum(map(str.isalpha, value))
    if compiled(_SYMBOL).search(value.rstrip("=")) and letters < len(value):
        return True
    if value.lower() == value or value == value.upper():
        return False
    if value.endswith("=") and len(value) >= 12:
        return True  # padded base64
    segments = compiled(_SEGMENT).findall(value)
    length = letters / max(1, len(segments))
    unspoken = sum(compiled(_UNSPOKEN).search(segment) is not None for segment in segments)
    return length < 2.7 or unspoken >= (1 if length < 4.2 else 2)


@remembered
def is_dense(value: str, least: int = 16) -> bool:
    """Tell whether ``value`` is a high-entropy run of at least ``least`` characters and no slug of words."""
    value = value[:MAX_JUDGED]
    if len(value) < least or any(map(str.isspace, value)) or len(set(value)) < least // 2:
        return False
    if not any(map(str.isdigit, value)) and not is_random(value):
        return False
    if value.endswith("=") and value.lower() != value:
        return True  # padded base64, whose slashes do not separate words
    parts = compiled(_PARTING).split(value)
    wordy = sum(len(part) for part in parts if (part.isalpha() and not is_random(part)) or len(part) < 4)
    return wordy * 2 < len(value)


_HEX = r"[0-9a-f]+|[0-9A-F]+"
_UUID = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def is_digest(value: str) -> bool:
    """Tell whether ``value`` has the form of a digest or an identifier: bare hexadecimal or a UUID."""
    return compiled(_HEX).fullmatch(value) is not None or compiled(_UUID).fullmatch(value) is not None
