"""Programs hidden in an encoding, in escapes or in pieces, and shells handed to other machines."""

from commontrace_rules.screening.rules import REFUSED, Rule

_DECODE = (
    r"(?:base64\s+(?:-d|-D|--decode|-di)|base64 -\w*d|openssl (?:enc|base64)[^\n|]{0,60}-d\b"
    r"|xxd (?:-\w+ ){0,2}-r|base32 -d|uudecode|gunzip|zcat|gzip -d\w*|rev\b|tac\b|tr [^\n|]{1,80}"
    r"|printf [\"']?(?:\\x|\\[0-7])[^\n|]{0,2000}|perl -[^\n|]{0,80}(?:pack|unpack|decode)[^\n"
    r"|]{0,80}|python3? -c[^\n|]{0,200}(?:decode|fromhex)[^\n|]{0,80}|jq -r[^\n"
    r"|]{0,40}@base64d[^\n|]{0,20})"
)

ENCODED = (
    Rule(
        "encoded-code",
        r"\bbase64\s+(?:-d|-di|--decode)\b[^\n|]{0,40}>\s{0,2}\S{1,80}\s{0,3}(?:&&|;|\n)[^\n]{0,40}\b(?:python3?|(?:ba|z)?sh|node|perl|ruby|chmod\s{1,3}(?:[ua]?\+x|0?[157]\d\d)|source)\b",
        "decodes a program and runs it",
        marks="base64",
    ),
    Rule(
        "encoded-code",
        rf"{_DECODE}[^\n]{{0,160}}?\|\s{{0,3}}(?:(?:gunzip|zcat|gzip -d|tee|tr|rev|xxd|base64)\b[^\n"
        rf"|]{{0,60}}\|\s{{0,3}}){{0,3}}(?:sudo (?:-\w+ ){{0,3}})?(?:/bin/|/usr/bin/)?(?:(?:ba|z|da|k"
        r"|fi|a)?sh|python[23]?|node|perl|ruby|php|iex|source|xargs|eval|pwsh"
        r"|powershell)\b(?!\s*(?:-m json|-c|-e))",
        "decodes a program and runs it",
        REFUSED,
        marks="base64|openssl|xxd|base32|uudecode|gunzip|zcat|gzip|rev|tac|tr |printf|perl|python&|",
    ),
    Rule(
        "encoded-code",
        rf"\b(?:eval|(?:ba|z|da|k)?sh -\w*c|source|exec)\s{{1,3}}[\"']?(?:<\(|\$\("
        rf"|`)[^\n]{{0,2000}}?{_DECODE}",
        "decodes a program and runs it",
        REFUSED,
        marks="eval|sh -|source|exec&base64|openssl|xxd|base32|uudecode|gunzip|zcat|gzip|rev|tac|tr |printf"
        "|perl|python|jq",
    ),
    # What manuals of XSS decode and run is base64 of "alert(": it does no harm.
    Rule(
        "encoded-code",
        r"\b(?:exec|eval|iex|invoke-expression|os\.system|subprocess\.\w{1,20}|child_process\S{0,20}|execsync|spawn|function(?=\s?\()"
        r"|vm\.\w{1,30}|system|popen|shell_exec|passthru|assert|instance_eval|marshal\.loads"
        r"|pickle\.loads)\s{0,3}\(?[^\n]{0,160}(?:b64decode|b32decode|a85decode|frombase64|atob\((?!['\"`]ywxlcnqo)"
        r"|buffer\.from\([^\n]{0,4000}(?:base64|hex)|base64_decode|base64\.decode|fromhex|unhexlify"
        r"|zlib\.decompress|codecs\.decode|gzinflate|str_rot13|fromcharcode|bytes\(\[|bytearray\(\[|decode64|unpack\(|unescape\(|join\(\s?(?:chr\(|map\(chr))",
        "decodes a program and runs it",
        REFUSED,
        marks="unescape|chr|bytes(|bytearray(|b64decode|b32decode|a85decode|frombase64|atob(|buffer.from(|base64|fromhex|unhexlify|zlib"
        "|codecs|gzinflate|rot13|fromcharcode|decode64|unpack(",
    ),
    Rule(
        "encoded-code",
        r"(?:b64decode|atob|frombase64string|decode64|unhexlify"
        r"|fromcharcode)\([^\n]{0,4000}\)[^\n]{0,60}(?:exec\(|eval\(|\|\s{0,3}(?:ba)?sh|os\.system|iex"
        r"|invoke-expression)",
        "decodes a program and runs it",
        REFUSED,
        marks="b64decode|atob|frombase64string|decode64|unhexlify|fromcharcode",
    ),
    Rule(
        "encoded-code",
        r"\btr\s{1,3}[\"'\[]{0,2}a-z[a-z-]{0,6}[\"'\]]{0,2}\s{1,3}[\"'\[]{0,2}n-z[^\n]{0,60}\b(?:pipe|pass|bash|sh|zsh|run|execute|eval)\b",
        "decodes a program and runs it",
        marks="tr &n-z",
    ),
    Rule(
        "encoded-code",
        rf"(?:^|[\n;&`|])\s{{0,4}}(?:sudo )?\$\(\s{{0,2}}(?:echo|printf|base64|cat|curl"
        rf"|wget)\b[^\n]{{0,2000}}?{_DECODE}",
        "decodes a program and runs it",
        REFUSED,
        marks="$(&base64|openssl|xxd|base32|gunzip|zcat|gzip|rev|tr |printf|perl|python|jq",
    ),
    Rule(
        "encoded-code",
        r"(?:^|[\n;&`|\"])\s{0,4}(?:sudo )?\$\(\s{0,2}(?:tr|rev|base64|base32|xxd|openssl|gunzip|zcat|printf)\b[^\n]{0,60}<<<",
        "decodes a program and runs it",
        marks="<<<",
    ),
    Rule(
        "encoded-code",
        r"\beval\s{0,2}\(?\s?decode_base64\b|\b(?:(?:ba|z|da|k)?sh|python3?|node|perl|ruby)\s{1,3}<<<\s{0,3}[\"']?\$\([^\n]{0,400}(?:base64|openssl|xxd)\b|\b(?:system|exec|eval|popen|`)\s{0,2}\(?\s?(?:\[[^\]\n]{0,400}\]\s?\.\s?)?(?:pack|unpack1?)\s{0,2}\(",
        "decodes a program and runs it",
        REFUSED,
        marks="pack|decode_base64|<<<",
    ),
    Rule(
        "encoded-code",
        r"\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,80}\s-e(?:nc|ncodedcommand"
        r"|c)?\s+[\"']?[a-z0-9+/=]{16,}",
        "hides a program in an encoded argument",
        REFUSED,
        marks="powershell|pwsh",
    ),
    Rule(
        "encoded-code",
        r"\b(?:eval|(?:ba|z|da)?sh -c|source /dev/stdin <<<|python3? -c"
        r"|exec)\s{0,3}[\"'(]{0,3}\$?[\"']?(?:\$\(printf )?[\"']?(?:\\{1,2}x[0-9a-f]{2}"
        r"|\\{1,2}[0-3][0-7]{2}|\\u00[0-9a-f]{2}){4,}",
        "hides a program in escapes",
        REFUSED,
        marks="\\x|\\u00|\\0|\\1|\\2|\\3",
    ),
    Rule(
        "encoded-code",
        r"\beval\b[^\n]{0,40}\$\{\w{1,20}(?://|,,|\^\^|:\d)|\$\(\s?printf [^\n]{0,16}(?:\\{1,2}(?:x[0-9a-f]{2}|[0-3]?[0-7]{2,3})){3}|\bsystem\(\s?[\"'](?:\\x[0-9a-f]{2}){3}"
        r"|\[char(?:\[\])?\][^\n]{0,120}\|\s?iex\b|\[char\[\]\]\s?\(?\s?(?:(?:\d{2,3}|0x[0-9a-f]{2})\s?,\s?){7}|\[scriptblock\]::create\([^\n]{0,8}\$|\b(\w{1,12})=\S{1,12};\s?(\w{1,12})=\S{1,12};[^\n]{0,40}\$\{?\1\}?\$\{?\2\b|\|\s?\w{0,6}(?:\"\"|'')\w{1,6}(?=[\s;)]|$)"
        r"|(?>[a-z](?:''|\"\")[a-z][^\n|]{0,60}?[a-z](?:''|\"\")[a-z])[^\n|]{0,400}+\|[^\n]{0,20}(?:''|\"\"|\bsh\b|bash)|(?:\$\{ifs\}|\$ifs\$\d)|(?:\$'(?:\\x[0-9a-f]{2}){4,})"
        r"|\b[cC]?(?:\w['\"\\]{1,2}\w['\"\\]{0,2}){2,8} (?:-\w+ )?https?://\S{1,80}\s{0,2}\|",
        "breaks up a command so that filters miss it",
        marks="ifs|$'|http|''|\"\"|eval|printf|system(|[char|;",
    ),
    Rule(
        "reverse-shell",
        r"\b(?:nc|ncat|netcat)\b[^\n|;]{0,40}\|\s?(?:sudo )?(?:ba|z)?sh\b|/dev/(?:tcp|udp)/[^\s/]{1,80}/\d{1,5}|\b(?:nc|ncat"
        r"|netcat)\b[^\n]{0,60}\s-\w{0,12}[ec]\w{0,12}\s+[\"']?(?:/bin/)?(?:ba|z)?sh"
        r"|mkfifo [^\n]{0,120}\|\s{0,3}(?:nc|ncat|openssl)|socat [^\n]{0,100}exec:|\bpty\.spawn\(\s{0,3}\[?\s{0,3}[\"'](?:/\w{1,12}){0,3}/?(?:ba|z|da|k)?sh[\"']\s{0,3}[\])]"
        r"|socket\.socket\([^\n]{0,200}(?:dup2|subprocess)|fsockopen\([^\n]{0,120}(?:exec|proc_open)",
        "hands a shell to another machine",
        REFUSED,
        marks="/dev/tcp|/dev/udp|nc |ncat|netcat|mkfifo|socat|pty.spawn|socket.socket|fsockopen",
    ),
)
