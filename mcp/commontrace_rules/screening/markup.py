"""Hidden HTML and Markdown."""

from commontrace_rules.screening.rules import HELD, REFUSED, Rule

_READER = (
    r"(?:(?:language |coding |ai )?(?:assistant|ai|claude|agent|model|llm|system|copilot|gpt|chatbot|bot))"
)
_REFERENCE = r"\[[^\]\n]{0,12}\]: ?(?:#|<>)(?= ?[(\"'])"
"""A link that nothing refers to: a comment."""

RULES = (
    # Hidden HTML and Markdown
    Rule(
        "hidden-markup",
        rf"(?:<!--|{_REFERENCE}|<template"
        rf"|<noscript)[^\n]{{0,20}}[\s(\"']{{0,6}}(?:(?:note|hint|message|instruction"
        rf"|attention)s? (?:to|for) (?:the )?|for )?{_READER}s?\b(?: only| reading(?: this)?)? ?[:,;-](?!\w[\w-]{{0,30}} ?-->)[\s\S]{{0,30}}?\w",
        "a comment speaks to the model",
        REFUSED,
        marks="<!--|]: #|]:#|]: <>|]:<>|<template|<noscript",
    ),
    Rule(
        "hidden-markup",
        r"(?:<!--|\[//\]: ?#|\[comment\]: ?#)(?:(?!-->)[^\n]|\n(?!\n)){0,400}?\b(?:ignore (?:all"
        r"|previous|any|the)|the user (?:has|already|wants|is)|silently (?!accept|ignor|fail|drop|discard|skip)|do not (?:mention|tell"
        r"|reveal)|pre-?approved|exfiltrat\w*|without asking|(?:ai|coding) (?:agent"
        r"|assistant)s? (?:must|should|reading|please)|you (?:must|are now)|execute (?:this"
        r"|the following)|run this (?:command )?first)\b",
        "a comment gives orders",
        marks="<!--|]: #|]:#",
    ),
    Rule(
        "hidden-markup",
        r"<(?:div|span|p|font|section|details|label|td|a|b|i|pre|code|small|ins|samp|sub|sup|input"
        r"|aside)\b[^>\n]{0,200}(?:display\s{0,2}:\s{0,2}none|visibility\s{0,2}:\s{0,2}hidden"
        r"|font-size\s{0,2}:\s{0,2}(?:0|1)(?:px|pt|em|rem|%)?\s{0,2}[;\"']"
        r"|opacity\s{0,2}:\s{0,2}0(?:\.0\d?)?\s{0,2}[;\"']|color\s{0,2}[:=]\s{0,2}[\"']?(?:white"
        r"|#fff(?:fff)?|transparent)|(?:left|top|text-indent)\s{0,2}:\s{0,2}-\d{3,}|\shidden(?=[\s>=])"
        r"|height\s{0,2}:\s{0,2}0|aria-hidden=[\"']true)[^>\n]{0,200}>[^\n]{0,300}?(?:\b(?:ignore|run"
        r"|execute|assistants?|(?:ai |coding )agents?|agent (?:must|should|may)|llms?|model instruction|claude|curl|silently|instructions?|must|send|upload|print|delete"
        r"|approve|tokens?|secrets?|passwords?|the user's|when (?:you )?(?:read|see|process|parse|reach|summari[sz])(?:e|ing)?|vulnerabilit\w+|reply (?:that|with)|say (?:that|the)|publish|exfiltrate|ai|copilot|reviewers? ?:|models? ?:"
        r"|ki-\w+|asistentes?|assistente?s?|agentes?|ignora\w*|ignorier\w*|ignore[rz])\b|~/\.\w|(?<!\w)\.env\b)",
        "invisible markup speaks to the model",
        REFUSED,
        marks="display|visibility|font-size|opacity|color|left|top|text-indent|hidden|height",
    ),
    Rule(
        "hidden-markup",
        r"\b(?:alt|title|aria-label|data-[\w-]{1,20}|content|placeholder|value"
        r"|summary)\s{0,2}=\s{0,2}[\"'][^\"'\n]{0,300}\b(?:ignore (?:all|any|previous|the)"
        r"|(?:coding |ai )?(?:assistant|ai|llm|claude|agent|model)s? ?[:,] |ai agents? ?[:,]|silently|run `?curl|do not (?:tell|mention)|the user has"
        r"|execute the|system ?: |from now on)",
        "an attribute speaks to the model",
        REFUSED,
        marks="=",
    ),
    Rule(
        "hidden-markup",
        r"(?:<!--|\[[^\]\n]{0,12}\]: ?(?:#|<>) ?[(\"'])(?:(?!-->)[^\n]|\n(?!\n)){0,300}?\b(?<!user[ -])(?:llms?(?! usage)|ai(?! (?:tools?|polic|generat|usage|disclos)|[_-])|(?:coding |ai )?agents?|(?:coding |ai )?assistants?|claude|copilot|gpt|maintainers)\b"
        r"(?:(?!-->)[^\n]|\n(?!\n)){0,200}?\b(?:add|append|use|run|export|change|reply|respond|say|approve|approved|install|remove|set|push|commit|ignore|upload|proceed|include|delete|disable"
        r"|send|skip|trust|prefer|recommend|replace|swap|omit|hide|never|must|should)\b",
        "a comment speaks to the model",
        marks="<!--|]: #|]:#|]: <>",
    ),
    Rule(
        "hidden-markup",
        r"\[[^\]\n]{0,12}\]: ?(?:#|<>) ?[(\"'](?:[^\n]{0,120}\b(?:do not (?:print|show|mention|tell)|silently)\b|(?:run|execute|send|upload|delete|push|install)\b [^\n]{8,})|<[a-z_-]{3,20}[_-]instructions?>|<meta\b[^>\n]{0,80}\b(?:agent|assistant|llm|ai|model)[\w-]{0,20}(?:instruct|prompt|directive|polic)|<!--\s{0,4}(?:system|operator|admin)\b ?:[^\n]{0,100}\b(?:approved|proceed|allowed|granted|trusted|run)\b",
        "a comment gives orders",
        marks="<meta|<!--|]: #|]:#|]: <>|instruction",
    ),
    Rule(
        "hidden-markup",
        r"\]\([^)\s]{0,120}\s[\"'(](?:[^\n\"']{0,40}\s)?(?:llms?|ai|(?:coding |ai )?agents?|assistants?|claude|copilot|models?|chatbots?) ?[:,]"
        r"|<!--\s{0,4}(?:(?:begin|start|hidden|new|system)\s)?(?:prompt|(?:agent|model|assistant|llm|ai) (?:context|instructions?|notes?|prompt|policy|directive))s?\s?[:-]",
        "a hidden text speaks to the model",
        marks="](|<!--",
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
        r"(?<!\d)\[(?:\d{1,3};){0,4}8m(?:\[[\d;]{1,12}m){0,3}[^\n\[]{8,300}\[(?:0|28)?m",
        "text that a terminal does not show",
        marks="8m",
    ),
    Rule(
        "hidden-markup",
        r"\bcolor\s?:\s?(#?\w{3,12})\s?;[^\"'>\n]{0,60}background(?:-color)?\s?:\s?\1\b[^>\n]{0,60}>[^\n<]{4}",
        "text in the colour of its background",
        marks="background",
    ),
    Rule(
        "hidden-markup",
        r"<[a-z][^>\n]{0,200}\son(?:error|load|click|mouseover|focus|toggle|begin)\s{0,2}=\s{0,2}[\"']?[^>\n]{0,120}(?:fetch\((?!\\?[\"'`]/\w)|document\.cookie"
        r"|localstorage|sessionstorage|xmlhttprequest|new image|sendbeacon|eval\(|atob\(|import\()"
        r"|(?:href|src|action)\s{0,2}=\s{0,2}[\"']?(?:javascript|vbscript):[^\"'>\n]{0,120}(?:alert\(|fetch|document\.|eval\(|atob\()"
        r"|<script\b[^>\n]{0,80}>[^<]{0,200}(?:fetch\((?![\"'`]/\w)|sendbeacon|new image|xmlhttprequest|\.src\s?=)[^<]{0,120}(?:document\.cookie"
        r"|localstorage|sessionstorage|token)",
        "markup that runs and takes data along",
        marks="<&fetch(|cookie|storage|xmlhttp|image|beacon|eval(|atob(|import(|script:",
    ),
    Rule(
        "hidden-markup",
        r"<(?:script|iframe|object|embed)\b[^>\n]{0,200}\b(?:src|data)\s{0,2}=\s{0,2}[\"']?(?:javascript:"
        r"|data:text/html)|\]\(\s{0,2}(?:javascript|vbscript|data:text/html)[:,;](?!alert\()",
        "markup that runs",
        HELD,
        marks="javascript:|vbscript:|javascript,|data:text",
    ),
    Rule(
        "hidden-markup",
        r"<font\b[^>\n]{0,40}\bsize\s{0,2}=\s{0,2}[\"']?0\b|\bsrcdoc\s{0,2}=\s{0,2}[\"'][^\n]{0,200}?(?:&lt;|<|&#x?3c;?|&#60;|%3c)\s?/?(?:script|img|iframe|svg|meta|body|form)"
        r"|(?:&lt;|<)script\b[^>&\n]{0,80}\bsrc\s{0,2}=\s{0,2}[\"']?//[\w-]{1,40}\.(?!jsdelivr|google|cloudflare|unpkg|w\.org)"
        r"|<(?:iframe|object|embed)\b(?![^>\n]{0,200}googletagmanager)[^>\n]{0,200}(?:opacity\s?:\s?0(?![.\d])|display\s?:\s?none|(?<!face-)visibility\s?:\s?hidden|(?:width|height)\s?[=:]\s?[\"']?[01](?:px)?[\"';\s])"
        r"|<meta\b[^>\n]{0,40}http-equiv\s{0,2}=\s{0,2}[\"']?refresh[^>\n]{0,60}url\s?=\s?[\"']?(?:data:|javascript:|//)",
        "markup that runs unseen",
        marks="<font|srcdoc|script|<iframe|<object|<embed|<meta",
    ),
)
"""Over every reading of the text in lower case."""
