"""Links and images that carry data away, and requests to fill them in."""

from commontrace_rules.screening.rules import REFUSED, Rule

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
_ALL_OF = (
    r"(?:(?:the |this )?(?:all|complete|entire|full|whole|raw|failing|current|exact|last|first)\b[^>}\])\n\"]{0,40}?\b(?:stack ?trace|source|code|files?|contents?|secrets?|env\w*|tokens?|keys?|passwords?|messages?|conversation|prompts?|output|diff|history|question|e-?mail"
    r"|path|director\w+|logs?|requests?|commands?)\b|(?:the )?(?:contents?|values?|base64|hash|summary|output|copy|text|body|listing|dump|lines?) of\b|(?:the )?(?:secrets?|tokens?|keys?|passwords?|credentials?)\b[^>}\])\n\"]{0,12}\b(?:in|of|from|found)\b"
    r"|(?:the |your |this )?(?:user|person|developer|human|operator)(?:'s|s')? (?:\w+ ){0,2}(?:e-?mail|name|message|prompt|question|request|answer|input|file|code|address|token|key|path))"
)
_NEW = (
    Rule(
        "data-link",
        r"\b(?:put|write|place|append|add|insert|attach)\b (?:the|their|your)(?: \w+){0,3} (?:questions?|messages?|prompts?|conversation|request|answers?|diff|code|e-?mail|names?|path|history|output|secrets?|env\w*)\b(?: of the (?:user|person|session|conversation))?"
        r"[^\n]{0,20}\b(?:behind|after|at the end of|onto|into|to) (https?://[^\s)\"'>`]{3,160}[=?#/])(?=[\s`\"')]|$)",
        "asks to put data into an address",
        marks="://",
    ),
    Rule(
        "data-link",
        rf"((?:https?:|[(\"'=<])//[^\s)>\"'`]{{3,160}}?[?&/=#])(?:[<{{\[]{{1,2}}|%7b|%3c){{1,2}} ?(?:(?:paste|insert|put|add|write|copy|append|url-?encoded?|base64) )?{_ALL_OF}",
        "an address is to be filled in with what the reader knows",
        marks="//",
    ),
    Rule(
        "data-link",
        r"\b(?:write|put|insert|fill|place|encode|substitute|replace|paste|add|append|include)\b[^\n.:]{0,12}\b(?:the |their |your )?(?:user'?s?|person'?s?|developer'?s?|reader'?s?|operator'?s?|current|full|whole|last|conversation|secret|session|stack ?trace|file|env\w*|host ?name|working directory)\b"
        r"[^\n:]{0,60}\b(?:in|into|to|at the end of|behind|after) (?:this|the (?:following|next)|that) (?:link|address|url|image|badge|button|query|path)\b[^\n]{0,80}?(https?://[^\s)\"'>`]{3,160})",
        "asks to put data into an address",
        marks="link|address|url|image|badge|button|query|path",
    ),
    Rule(
        "data-link",
        r"\b(?:fetch|open|visit|request|get|load|call)\b[^\n.]{0,24}(https?://[^\s)\"'>`]{3,160}?[?&]\w{1,20}=)<(?:that|it|this|them|result|the result)>",
        "an address is to be filled in with what the reader knows",
        marks="<that>|<it>|<this>|<them>|result>",
    ),
    Rule(
        "data-link",
        r"\bclick \w{1,20} [\"'](https?://[^\s\"']{3,160}[?&=/#])[<{\[]",
        "a link of a diagram is filled in with data",
        marks="click",
    ),
    Rule(
        "data-link",
        r"(https?://[^\s)\"'>`]{3,160}?[?&]\w{1,20}=)\w{2,20}\((?:\w{1,20}_)?(?:prompt|conversation|history|env\w*|context|tokens?|secrets?|messages?|files?|diff)\)",
        "an address is to be filled in with what the reader knows",
        marks="://",
    ),
    Rule(
        "data-link",
        r"(https?://[^\s)\"'>`]{3,160}?[?&]\w{1,20}=)([a-z_]{4,30})(?=[)\s\"'`>])[^\n]{0,40}\b(?:where|with|donde|con|wobei|mit|où|avec|dove|onde|com)\b[^\n]{0,12}(?<!\w)\2\b[^\n]{0,24}\b(?:conv\w{6,12}|history|historial|chat|gespräch|prompt|secrets?|tokens?|env|dateien?|files?|archivos?|fichiers?)\b",
        "an image address is filled in with data",
        marks="://",
    ),
    Rule(
        "data-link",
        r"(https?://[^\s)\"'>`]{3,160}?[?&]\w{1,20}=)\w{2,20}_of_(?:this|the|your)_\w{2,20}",
        "an address is to be filled in with what the reader knows",
        marks="_of_",
    ),
    Rule(
        "data-link",
        r"(?:!\[[^\]\n]{0,120}\](?=\()|<img\b[^>\n]{0,80}src\s{0,2}=\s{0,2}(?=[\"']))([(\"']//[^\s)>\"']{3,120}?[?&]\w{1,16}=)(?:%7b|%24|%3c|\$|\{|<)",
        "an image address is filled in with data",
        marks="![|<img",
    ),
)
CARRIERS = (
    *_NEW,
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
        r"(https?://[^\s)\"'`]{3,160}[?&/=])[\"']\s?\.\s?(?:\w{2,20}\(){0,3}(?:getenv|\$_(?:env|server|session|cookie))",
        "data is glued to an address",
        marks="getenv|$_&://",
    ),
    Rule(
        "data-link",
        r"\b(?:summar\w+|(?:url-?)?encod\w+|base64\w*)\b[^\n]{0,100}\]\((https?://[^\s)]{3,160}[/=?#]?[<{\[]\w[\w -]{1,30}[>}\]])",
        "makes the reader put data into an address",
        marks="](&summar|encod|base64",
    ),
    Rule(
        "data-link",
        r"\b(?:summar\w+|encod\w+|put|collect|write|pack|list|concatenate|base64)\b[^\n]{0,40}\b(?:files?|conversation|history|secrets?|env\w*|context|diff|prompts?|messages?|tokens?)\b[^\n]{0,80}!\[[^\]\n]{0,60}\]\((https?://[^)\s]{3,160}[?&]\w{1,20}=\w{0,20})\)",
        "makes the reader put data into an address",
        marks="![",
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
        r"\b(?:write|put|place|insert|encode|add|append|send|pass|use|give|supply|attach|post)\b[^\n.]{0,60}\b(?:into|in|to|onto|as|for|behind) (?:the |a )?(?:path|query(?: string)?|address|url|host ?name|sub-?domain|fragment|parameters?) of (https?://[^\s)\"'>`]{3,200})",
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
        r"<iframe\b[^>\n]{0,80}src\s{0,2}=\s{0,2}[\"']?(https?://(?:[^\s\"'>/]{1,80}\.(?:invalid|test|onion|tk|ml|xyz|top|zip|mov)|[\d.]{7,15})(?=[\s\"'>/:]))",
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
        r"(https?://[^\s)\"'>]{4,200}+)[^\n]{0,80}\b(?:replac\w+|append\w*|substitut\w+|fill\w*|(?<!starts )(?<!start )with"
        r"|where)\b[^\n]{0,60}\b(?:conversation|secrets?|env(?:ironment)? variables?|file contents?|contents of"
        r"|api keys?|user'?s? (?:message|name|email|data|prompt)|system prompt|credentials|transcript"
        r"|base64[- ]encoded)\b",
        "asks to put data into an address",
    ),
)
"""Links whose group 1 is the address; harmless when the host is known."""
