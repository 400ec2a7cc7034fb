"""Characters that hide text from people: tags, zero width, bidirectional overrides, terminal controls."""

from commontrace_rules.screening.rules import HELD, REFUSED, Rule

_CONFUSABLE = "[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425]"

RULES = (
    Rule(
        "hidden-text",
        "[\U000e0020-\U000e007e]{2,}",
        "tag characters spell text that only a machine reads",
        REFUSED,
    ),
    Rule(
        "hidden-text",
        "(?:[\u200b\u200c\u200d\u2060\ufeff\u180e][\u200b\u200c\u200d\u2060\ufeff\u180e\u2061-\u2064]{3"
        ",}|[\u2061-\u2064]{2,})",
        "a run of zero-width characters carries data",
        REFUSED,
    ),
    Rule(
        "hidden-text",
        "[\u3164\u115f\u1160\uffa0]{2,}|[\U000e0100-\U000e01ef]{2,}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}",
        "fillers and variation selectors carry data",
        REFUSED,
    ),
    Rule(
        "hidden-text",
        "[a-zA-Z][\u200b\u2060\u00ad\u180e][a-zA-Z](?:[a-zA-Z\u200b\u2060\u00ad\u180e ]{0,"
        "40}[a-zA-Z][\u200b\u2060\u00ad\u180e][a-zA-Z]){2}",
        "words are broken up so that filters miss them",
    ),
    Rule(
        "hidden-text",
        "[a-zA-Z][\u200b\u2060\u180e\u2061-\u2064][a-zA-Z][\u200b\u2060\u180e\u2061-\u2064][a-zA-Z]"
        "|[a-zA-Z][\u2061-\u2064][a-zA-Z]",
        "a word is broken up so that filters miss it",
    ),
    Rule(
        "hidden-text",
        "(?:[a-zA-Z][\u0430-\u045f][a-zA-Z]|[\u0430-\u045f][a-zA-Z]{1,6}[\u0430-\u045f])(?:[^\n]{0,80}"
        "(?:[a-zA-Z][\u0430-\u045f][a-zA-Z]|[\u0430-\u045f][a-zA-Z]{1,6}[\u0430-\u045f]))",
        "words mix the letters of two scripts",
    ),
    Rule(
        "hidden-text",
        "(?:(?<!\\w)(?=[a-zA-Z]{0,20}[\u0400-\u045f])(?=[\u0400-\u045f]{0,20}[a-zA-Z])[a-zA-Z\u0400-\u045f]{2,30}(?!\\w)[^\n]{0,30}?){3}",
        "words mix the letters of two scripts",
    ),
    Rule(
        "hidden-text",
        "[!-~][ \t]?[\u3164\u115f\u1160\uffa0](?![\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3])",
        "an invisible letter among visible ones",
    ),
    Rule(
        "hidden-text",
        f"(?<![\\w]){_CONFUSABLE}{{3,12}}[a-zA-Z]{{1,12}}(?![\\w])|(?<![\\w])[a-zA-Z]{{1,12}}{_CONFUSABLE}{{3,12}}(?![\\w])",
        "a word mixes look-alike letters of two scripts",
    ),
    Rule(
        "hidden-text",
        "(?i:https?://|www\\.)[a-z0-9.-]{0,60}(?:[a-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][a-z])",
        "an address mixes the letters of two scripts",
    ),
    Rule(
        "bidi-override",
        "[\u202a\u202b\u202d\u202e\u2066-\u2068]",
        "the text is shown in another order than it is read",
        HELD,
    ),
    Rule(
        "terminal-escape",
        "\x1b[\\[\\]PX^_()c7-9=>NOM]|\x9b|[\x90\x9d\x9e\x9f]",
        "escape sequences change what a terminal shows",
        HELD,
    ),
    Rule(
        "terminal-escape",
        "(?:\x08[^\x08\n]?){3}|[^\r\n]{3,200}\r[^\r\n]{3}",
        "overwritten text is not what a person sees",
        HELD,
        marks="\x08|\r",
    ),
    Rule(
        "terminal-escape",
        r"\\(?:x1b|033|e|u001b)\[(?:[0-9;]{0,12};)?(?:8|30;40|37;47|97;107|40;30|47;37)m[^\n]{4}",
        "escape sequences hide text on a terminal",
        HELD,
        marks="\\x1b|\\033|\\e[|\\u001b",
    ),
    Rule(
        "control-character", "[\x00-\x06\x0e-\x1a\x7f]", "control characters have no place in a trace", HELD
    ),
)
"""Applied to the text as it was given, before anything is normalised."""

ASCII_RULES = tuple(rule for rule in RULES if rule.kind in ("terminal-escape", "control-character"))
"""What a text without any other character can break."""
