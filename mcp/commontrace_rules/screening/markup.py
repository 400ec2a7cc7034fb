"""Hidden HTML and Markdown, and links that carry data away."""

from commontrace_rules.screening.rules import HELD, REFUSED, Rule

_READER = r"(?:assistant|ai|claude|agent|model|llm|system|copilot|gpt|chatbot|bot)"

RULES = (
    # Hidden HTML and Markdown
    Rule(
        "hidden-markup",
        r"(?:<!--|\[//\]: ?#|\[comment\]: ?#|\[_\]: ?#|<template"
        rf"|<noscript)[^\n]{{0,20}}[\s(\"']{{0,6}}(?:(?:note|hint|message|instruction"
        rf"|attention)s? (?:to|for) (?:the )?)?{_READER}s?\b ?[:,;-][\s\S]{{0,30}}?\w",
        "a comment speaks to the model",
        REFUSED,
        marks="<!--|]: #|]:#|<template|<noscript",
    ),
    Rule(
        "hidden-markup",
        r"(?:<!--|\[//\]: ?#|\[comment\]: ?#)(?:(?!-->)[^\n]|\n(?!\n)){0,400}?\b(?:ignore (?:all"
        r"|previous|any|the)|the user (?:has|already|wants|is)|silently|do not (?:mention|tell"
        r"|reveal)|pre-?approved|exfiltrat\w*|without asking|(?:ai|coding) (?:agent"
        r"|assistant)s? (?:must|should|reading|please)|you (?:must|are now)|execute (?:this"
        r"|the following)|run this (?:command )?first)\b",
        "a comment gives orders",
        marks="<!--|]: #|]:#",
    ),
    Rule(
        "hidden-markup",
        r"<(?:div|span|p|font|section|details|label|td|a|b|i|pre|code|small|ins|samp"
        r"|aside)\b[^>\n]{0,200}(?:display\s{0,2}:\s{0,2}none|visibility\s{0,2}:\s{0,2}hidden"
        r"|font-size\s{0,2}:\s{0,2}(?:0|1)(?:px|pt|em|rem|%)?\s{0,2}[;\"']"
        r"|opacity\s{0,2}:\s{0,2}0(?:\.0\d?)?\s{0,2}[;\"']|color\s{0,2}[:=]\s{0,2}[\"']?(?:white"
        r"|#fff(?:fff)?|transparent)|(?:left|top|text-indent)\s{0,2}:\s{0,2}-\d{3,}|\shidden(?=[\s>=])"
        r"|height\s{0,2}:\s{0,2}0|aria-hidden=[\"']true)[^>\n]{0,200}>[^<]{0,400}?(?:\b(?:ignore|run"
        r"|execute|assistant|ai agent|claude|curl|silently|instructions?|must|send|upload|print|delete"
        r"|approve|token|secret|password|system)\b)",
        "invisible markup speaks to the model",
        REFUSED,
        marks="display|visibility|font-size|opacity|color|left|top|text-indent|hidden|height",
    ),
    Rule(
        "hidden-markup",
        r"\b(?:alt|title|aria-label|data-[\w-]{1,20}|content|placeholder"
        r"|summary)\s{0,2}=\s{0,2}[\"'][^\"'\n]{0,300}\b(?:ignore (?:all|any|previous|the)"
        r"|assistant ?[:,]|ai agents? ?[:,]|silently|run `?curl|do not (?:tell|mention)|the user has"
        r"|execute the)",
        "an attribute speaks to the model",
        REFUSED,
        marks="=",
    ),
    Rule(
        "hidden-markup",
        r"!?\[[^\]\n]{0,300}\b(?:ignore (?:all|any|previous|the)|assistant ?[:,] |silently run"
        r"|do not tell the user|the user has approved)[^\]\n]{0,200}\]\(",
        "an alternative text speaks to the model",
        REFUSED,
        marks="](",
    ),
    Rule(
        "hidden-markup",
        r"<[a-z][^>\n]{0,200}\son(?:error|load|click|mouseover|focus|toggle|begin)\s{0,2}=\s{0,2}[\"']?[^>\n]{0,120}(?:fetch\(|document\.cookie"
        r"|localstorage|sessionstorage|xmlhttprequest|new image|sendbeacon|eval\(|atob\(|import\()"
        r"|(?:href|src|action)\s{0,2}=\s{0,2}[\"']?(?:javascript|vbscript):[^\"'>\n]{0,120}(?:alert\(|fetch|document\.|eval\(|atob\()"
        r"|<script\b[^>\n]{0,80}>[^<]{0,200}(?:fetch\(|sendbeacon|new image|xmlhttprequest|\.src\s?=)[^<]{0,120}(?:document\.cookie"
        r"|localstorage|sessionstorage|token)",
        "markup that runs and takes data along",
        marks="<&fetch(|cookie|storage|xmlhttp|image|beacon|eval(|atob(|import(|script:",
    ),
    Rule(
        "hidden-markup",
        r"<(?:script|iframe|object|embed)\b[^>\n]{0,200}\bsrc\s{0,2}=\s{0,2}[\"']?(?:javascript:"
        r"|data:text/html)|\]\(\s{0,2}(?:javascript|vbscript|data:text/html)[:,;]",
        "markup that runs",
        HELD,
        marks="javascript:|vbscript:|javascript,|data:text",
    ),
)
"""Over every reading of the text in lower case."""

_DATA = (
    r"(?:env\w*|conversation|chat|history|messages?|secrets?|tokens?|data|content|contents|context"
    r"|prompt|file|files|cwd|repo|diff|output|session|user\w*|key|keys|password|cookie|source|code"
    r"|transcript|summary|base64\w*|b64\w*|encoded\w*|last|hostname|whoami|exfil\w*|leak\w*"
    r"|payload|your|the|insert|all)"
)
CARRIERS = (
    Rule(
        "data-link",
        rf"!\[[^\]\n]{{0,120}}\]\(\s{{0,2}}<?(https?://[^\s)>]{{1,200}}?[?&/=#][^\s)>]{{0,"
        rf"120}}(?:\$\{{?|\{{\{{?|%7b|\$\(|<|\[)[^)\n]{{0,40}}\b{_DATA}\b[^)\n]{{0,80}})",
        "an image address carries data away",
        REFUSED,
    ),
    Rule(
        "data-link",
        r"(?:!\[[^\]\n]{0,120}\]\(|<img\b[^>\n]{0,80}src\s{0,2}=\s{0,2}[\"']?)\s{0,2}<?(https?://[^\s)>\"']{1,200}?[?&][\w.-]{1,24}="
        r"[^\s)>\"'&]{0,60}(?:base64|b64|(?<![a-z])env(?![a-z])|token|secret|conversation|history|prompt|session|api_?key|cookie|password"
        r"|contents?\b)[^\s)>\"']{0,80})",
        "an image address carries data away",
    ),
    Rule(
        "data-link",
        r"encodeuricomponent\((?:document\.cookie|localstorage|process\.env|sessionstorage)[^\n]{0,160}(https?://[^\s)>\"']{3,200})",
        "an image address carries data away",
    ),
    Rule(
        "data-link",
        r"<iframe\b[^>\n]{0,80}src\s{0,2}=\s{0,2}[\"']?(https?://[^\s\"'>]{3,200})",
        "a frame of a stranger's host",
    ),
    Rule(
        "data-link",
        rf"(?<!!)\[[^\]\n]{{0,120}}\]\(\s{{0,2}}<?(https?://[^\s)>]{{1,200}}?[?&=][^\s)>]{{0,"
        rf"120}}(?:\$\{{?|\{{\{{?|%7b|\$\(|<|\[)[^)\n]{{0,40}}\b{_DATA}\b[^)\n]{{0,80}})",
        "a link carries data away",
        REFUSED,
    ),
    Rule(
        "data-link",
        r"<(?:img|image|iframe|link|video|audio|source|script|input|object"
        rf"|embed)\b[^>\n]{{0,80}}(?:src|href"
        rf"|data)\s{{0,2}}=\s{{0,2}}[\"']?(https?://[^\s\"'>]{{1,200}}?[?&=][^\"'>\n]{{0,"
        rf"120}}(?:\$\{{?|\{{\{{?|%7b|\$\(|<|\[)[^\"'\n]{{0,40}}\b{_DATA}\b)",
        "an element's address carries data away",
        REFUSED,
    ),
    Rule(
        "data-link",
        r"\b(?:append|add|put|encode|include|replace|insert|fill|substitut\w+|embed|concatenate"
        r"|url-?encode)\b[^\n]{0,120}\b(?:conversation|chat history|secrets?"
        r"|env(?:ironment)?(?: variables?)?|tokens?|file contents?|api keys?|source code"
        r"|user'?s? (?:message|name|email|data|prompt)|system prompt|output|credentials|transcript"
        r"|context|private key)\b[^\n]{0,100}\b(?:url|link|image|query(?: string| parameter)?|badge"
        r"|pixel|src)\b[^\n]{0,120}(https?://[^\s)\"'>]{4,200})",
        "asks to put data into an address",
        REFUSED,
    ),
    Rule(
        "data-link",
        r"(https?://[^\s)\"'>]{4,200})[^\n]{0,80}\b(?:replac\w+|append\w*|substitut\w+|fill\w*|with"
        r"|where)\b[^\n]{0,60}\b(?:conversation|secrets?|env(?:ironment)? variables?|file contents?"
        r"|api keys?|user'?s? (?:message|name|email|data|prompt)|system prompt|credentials|transcript"
        r"|base64[- ]encoded)\b",
        "asks to put data into an address",
    ),
)
"""Links whose group 1 is the address; harmless when the host is known."""
