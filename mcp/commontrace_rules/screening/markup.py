"""Hidden HTML and Markdown, and links that carry data away."""

from commontrace_rules.screening.rules import HELD, REFUSED, Rule

_READER = r"(?:assistant|ai|claude|agent|model|llm|system|copilot|gpt|chatbot|bot)"
_REFERENCE = r"\[[^\]\n]{0,12}\]: ?(?:#|<>)(?= ?[(\"'])"
"""A link that nothing refers to: a comment."""

RULES = (
    # Hidden HTML and Markdown
    Rule(
        "hidden-markup",
        rf"(?:<!--|{_REFERENCE}|<template"
        rf"|<noscript)[^\n]{{0,20}}[\s(\"']{{0,6}}(?:(?:note|hint|message|instruction"
        rf"|attention)s? (?:to|for) (?:the )?)?{_READER}s?\b(?: reading(?: this)?)? ?[:,;-](?!\w[\w-]{{0,30}} ?-->)[\s\S]{{0,30}}?\w",
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
        r"|approve|tokens?|secrets?|passwords?|the user's|when (?:you )?summari[sz](?:e|ing)|vulnerabilit\w+|reply (?:that|with)|say (?:that|the)|publish|exfiltrate|ai|copilot|reviewers? ?:|models? ?:)\b)",
        "invisible markup speaks to the model",
        REFUSED,
        marks="display|visibility|font-size|opacity|color|left|top|text-indent|hidden|height",
    ),
    Rule(
        "hidden-markup",
        r"\b(?:alt|title|aria-label|data-[\w-]{1,20}|content|placeholder|value"
        r"|summary)\s{0,2}=\s{0,2}[\"'][^\"'\n]{0,300}\b(?:ignore (?:all|any|previous|the)"
        r"|(?:coding |ai )?(?:assistant|ai|llm|claude|agent|model)s? ?[:,] |ai agents? ?[:,]|silently|run `?curl|do not (?:tell|mention)|the user has"
        r"|execute the)",
        "an attribute speaks to the model",
        REFUSED,
        marks="=",
    ),
    Rule(
        "hidden-markup",
        r"(?:<!--|\[[^\]\n]{0,12}\]: ?(?:#|<>) ?[(\"'])(?:(?!-->)[^\n]|\n(?!\n)){0,300}?\b(?<!user[ -])(?:llms?|ai(?! (?:tools?|polic|generat))|(?:coding |ai )?agents?|(?:coding |ai )?assistants?|claude|copilot|gpt|maintainers)\b"
        r"(?:(?!-->)[^\n]|\n(?!\n)){0,200}?\b(?:add|append|use|run|export|change|reply|respond|say|approve|approved|install|remove|set|push|commit|ignore|upload|proceed|include|delete|disable"
        r"|send|skip|trust|prefer|recommend|never|must|should)\b",
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
        r"\bcolor\s?:\s?(#?\w{3,12})\s?;[^\"'>\n]{0,60}background(?:-color)?\s?:\s?\1\b[^>\n]{0,60}>[^\n<]{4}",
        "text in the colour of its background",
        marks="background",
    ),
    Rule(
        "hidden-markup",
        r"<[a-z][^>\n]{0,200}\son(?:error|load|click|mouseover|focus|toggle|begin)\s{0,2}=\s{0,2}[\"']?[^>\n]{0,120}(?:fetch\(|document\.cookie"
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
    r"|transcript|summary|api_?key|base64\w*|b64\w*|encoded\w*|last|hostname|whoami|exfil\w*|leak\w*"
    r"|payload|your|the|insert|all)"
)
_FILLED = (
    r"(?:\$\(|\$\{|\$[a-z_]{3,30}\b|\{\{|%7b|<[a-z][a-z _-]{2,40}>|\[[a-z][a-z _-]{4,60}\]|\{[a-z_]{3,30}\})"
)
_PRECIOUS = r"(?:token|secret|password|passwd|api_?key|credential|session|cookie|conversation|(?<![a-z])env(?![a-z])|environ|_dump|email|git_remote|private)"
_OPENED = r"(?:[<{\[]{1,2} ?|%7b|\$\{)?"
_THE_READERS = (
    r"(?:(?:your[_ -])?system[_ -]prompt|your[_ -](?:instructions|context|conversation|history|transcript|memory|rules|secrets)|(?:the|all|full|whole|entire|last|latest|this|users?|user's|current)[_ -](?:[\w']{1,14}[_ -]){0,2}?"
    r"(?:prompt|instructions|context|conversation|history|messages?|question|env\w{0,12}|contents|diff|transcript|memory|directory|code)|(?:base64|b64|hex|hash|contents?|encoded)[_ -]of[_ -]"
    r"|(?:file|chat|session|terminal)[_ -](?:contents?|history|output)|(?:open|current|edited)[_ -]files?)"
)
CARRIERS = (
    Rule(
        "data-link",
        rf"(?:\b(?:fetch|open|retrieve|visit|request|get|call|load|browse|navigate|ping|hit|curl|query|go to|look up)\b[^\n:]{{0,24}}?|\b(?:references?|footnotes?|citations?|sources?|badge)\b:? ?|\]\(|\]: ?)<?(https?://[^\s)\"'>`]{{3,160}}?[?&/=#]){_OPENED}{_THE_READERS}",
        "asks to put data into an address",
        marks="://&prompt|instructions|context|conversation|history|transcript|memory|rules|secrets|message|question|env|contents|diff|directory|code|of|file|output",
    ),
    Rule(
        "data-link",
        r"\b(?:embed|include|show|render|insert|display|add)\b[^\n]{0,12}!\[[^\]\n]{0,120}\]\((https?://[^\s)]{3,200})\)[^\n]{0,40}\b(?:in|to|at)\b[^\n]{0,12}\b(?:final|every|each|your|all)\b",
        "makes the model show an image",
        marks="![",
    ),
    Rule(
        "data-link",
        r"\b(?:put|append|add|encode|load|open)\b[^\n]{0,30}\b(?:contents?|outputs?|text|values?) of\b[^\n]{0,60}?(https?://[^\s)\"'>`]{3,200})",
        "asks to put data into an address",
        marks=" of",
    ),
    Rule(
        "data-link",
        r"<meta\b[^>\n]{0,40}http-equiv\s?=\s?[\"']?refresh[^>\n]{0,60}url=[\"']?(https?://[^\s\"'>]{3,200})",
        "leads to a stranger's host at once",
        marks="http-equiv",
    ),
    Rule(
        "data-link",
        r"!\[[^\]\n]{0,120}\]\(\s{0,2}<?(https?://[^\s)>]{3,120}/(?:[a-z_-]{1,20}/){0,4}(?:user(?:name)?|host(?:name)?|token|step|cwd|branch|repo|file|prompt|answer|query|session)(?:/(?:user(?:name)?|host(?:name)?|token|step|cwd|branch|repo|file|prompt|answer|query|session)){1,5}\b[^\s)>]{0,60})",
        "an image address carries data away",
        marks="![",
    ),
    Rule(
        "data-link",
        r"\]\(\s{0,2}<?(https?://[^\s)>]{3,200}?(?:\$\{|%24%7b|\$\()[^\s)]{0,80})",
        "a link is filled in with data",
        marks="](",
    ),
    Rule(
        "data-link",
        r"\b(?:append|add)\b[^\n]{0,10}\?\w{1,20}=[<{$][^\n]{3,60}?(https?://[^\s)\"'>]{3,200})",
        "asks to put data into an address",
        marks="append|add",
    ),
    Rule(
        "data-link",
        r"<img\b(?=[^>\n]{0,120}(?:width|height)\s?=\s?[\"']?[01]\b)[^>\n]{0,120}src\s{0,2}=\s{0,2}[\"']?(https?://[^\s\"'>]{3,200})",
        "an invisible image reports who reads",
        marks="<img",
    ),
    Rule(
        "data-link",
        rf"!\[[^\]\n]{{0,120}}\]\(\s{{0,2}}<?(https?://[^\s)>]{{3,200}}?{_FILLED}[^\n)]{{0,120}})",
        "an image address is filled in with data",
        marks="![",
    ),
    Rule(
        "data-link",
        rf"\]\(\s{{0,2}}<?(https?://[^\s)>]{{3,200}}?(?:{_FILLED}[^\s)]{{0,40}})?[?&={{<$\[][\w.{{<$\[-]{{0,30}}?{_PRECIOUS}(?=[^\s)]{{0,30}}[)}}>\]])[^\s)]{{0,60}})",
        "a link carries data away",
        marks="](",
    ),
    Rule(
        "data-link",
        rf"((?:https?:)?//[^\s)\"'`]{{3,160}})[\"'`]{{0,3}}\s?\+\s?(?:\w{{2,20}}\()?[\w.\[\]\"'+() ]{{0,60}}{_PRECIOUS}",
        "data is glued to an address",
        marks="+",
    ),
    Rule(
        "data-link",
        r"\b(?:link to|include|add|append|mention|show|put)\b[^\n]{0,40}?(https?://[^\s)\"'>]{4,200})[^\n]{0,40}\b(?:in|to|at|followed by)\b[^\n]{0,24}\b(?:(?:footer|header|end|top|bottom) of (?:every|each|all|your|the)"
        r"|the url-?encoded|your (?:summary|answer|reply))",
        "asks to put data into an address",
        marks="footer|header|end of|top of|bottom|encoded|your ",
    ),
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
        r"(?!data:image)[^\s)>\"'&]{0,60}(?:base64|b64|(?<![a-z])env(?![a-z])|token|secret|conversation|history|prompt|session|api_?key|cookie|password"
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
        rf"\[[^\]\n]{{1,40}}\]:[ \t]{{0,3}}<?(https?://[^\s>]{{1,200}}?[?&=/#][^\s>]{{0,120}}(?:\$\{{?|\{{\{{?|%7b|\$\(|<|\[)[^)\n]{{0,40}}\b{_DATA}\b[^)\n]{{0,80}})",
        "an address that is referred to carries data away",
        marks="]:",
    ),
    Rule(
        "data-link",
        r"\b(?:image|picture|link|badge|pixel|url|address|icon|gif)s?\b[^\n]{0,40}?(https?://[^\s)\"'>`]{3,160})[^\n]{0,24}\b(?:followed by|ending (?:in|with)|suffixed (?:with|by)"
        r"|concatenated with|plus|joined with|extended (?:by|with))\b[^\n]{0,40}\b(?:base64|contents?|names?|files?|hash|encod\w{1,4}|question|message|prompt|conversation|token|key|user\w{0,4}|host\w{0,4}"
        r"|path|env\w{0,10}|diff|output|summary)\b",
        "asks to put data into an address",
        marks="followed|ending|suffixed|concatenated|plus|joined|extended",
    ),
    Rule(
        "data-link",
        r"(?:!\[[^\]\n]{0,120}\]\(|<img\b[^>\n]{0,80}src\s{0,2}=\s{0,2}[\"']?)\s{0,2}<?(https?://[^\s)>\"']{1,200}?[?&]\w{1,16}=[a-z]{2,16}_(?:message|prompt|text|email|name|token|key|env|context"
        r"|question|answer|data|here)s?\b[^\s)>\"']{0,80})",
        "an image address carries data away",
        marks="![|<img",
    ),
    Rule(
        "data-link",
        r"\b(?:write|put|place|insert|encode|add|append)\b[^\n.]{0,60}\b(?:into|in|to|onto) the (?:path|query(?: string)?|address|url|host ?name|sub-?domain|fragment|parameters?) of (https?://[^\s)\"'>`]{3,200})",
        "asks to put data into an address",
        marks=" of http",
    ),
    Rule(
        "data-link",
        r"\b(?:include|show|render|insert|embed|add|put|use|end)\b[^\n.]{0,80}\b(?:replac\w{1,4}|substitut\w{1,4}|swapping|exchang\w{1,4})\b[^\n.]{0,24}\b(?:by|with|for)\b[^\n.]{0,16}"
        r"\b(?:files?|contents?|outputs?|values?|messages?|conversation|names?|last|hash|env\w*|prompt|answer)\b[^\n]{0,60}?(https?://[^\s)\"'>`]{3,200})",
        "asks to put data into an address",
        marks="replac|substitut|swapping|exchang",
    ),
    Rule(
        "data-link",
        r"(?:!\[[^\]\n]{0,120}\]\(|<img\b[^>\n]{0,80}src\s{0,2}=\s{0,2}[\"']?)\s{0,2}<?(https?://[^\s)>\"'`]{3,160})(?:`|\$\()[^\n`)]{2,120}",
        "an image address is filled in by a command",
        marks="![|<img",
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
        r"(https?://[^\s)\"'>]{4,200}+)[^\n]{0,80}\b(?:replac\w+|append\w*|substitut\w+|fill\w*|with"
        r"|where)\b[^\n]{0,60}\b(?:conversation|secrets?|env(?:ironment)? variables?|file contents?|contents of"
        r"|api keys?|user'?s? (?:message|name|email|data|prompt)|system prompt|credentials|transcript"
        r"|base64[- ]encoded)\b",
        "asks to put data into an address",
    ),
)
"""Links whose group 1 is the address; harmless when the host is known."""
