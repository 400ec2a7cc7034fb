"""Programs fetched from a stranger and run at once."""

from commontrace_rules.screening.rules import Rule

_FETCH = (
    r"(?:(?:curl|curlie|wget|aria2c|axel|lynx|w3m|lwp-download|lwp-request|iwr|irm|invoke-webrequest|invoke-restmethod)\b"
    r"|(?:fetch|http|https|xh|httpie)\s+(?:-\S{0,20}\s+|get\s+){0,4}(?:https?://"
    r"|[\w-]{1,60}\.[a-z]{2,10}/))"
)
_ADDRESS = r"(?:https?://|(?<![\w./])(?:[\w-]{1,40}\.){1,4}[a-z]{2,12}/|(?:\d{1,3}\.){3}\d)"
_SHELL = (
    r"(?:sudo (?:-\w+ ){0,3})?(?:env (?:\S+=\S+ ){0,3}|\w+=\S{1,40} )?(?:/usr)?(?:/bin/)?(?:(?:ba"
    r"|z|da|k|fi|a|c)?sh\b|(?:python[23]?(?:\.\d+)?|node|deno|bun|perl|ruby|php|lua|osascript"
    r"|tclsh)(?=\s*(?:-(?=[\s)'\"`]|$)|[)'\"`;&\n]|$|\s#))|iex\b|invoke-expression"
    r"|source(?: /dev/stdin|(?=\s*[`;&)\n]|\s*$))|\. /dev/stdin|powershell|pwsh|cmd(?:\.exe)?(?=\s*$)"
    r"|xargs (?:-\S+ ){0,3}(?:sh|bash) -c|at now|crontab)"
)

FETCHED = (
    Rule(
        "remote-code",
        r"<script\b(?![^>\n]{0,300}\bintegrity=)[^>\n]{0,120}\bsrc\s?=\s?[\"']https?://[^\s\"'>]{3,200}",
        "has pages run a stranger's script",
        marks="<script",
    ),
    Rule(
        "remote-code",
        r"\$\(shell\s[^)\n]{0,40}?\b(?:curl|wget)\b[^)\n]{0,200}",
        "a makefile expands what a host sends",
        marks="$(shell",
    ),
    Rule(
        "remote-code",
        rf"(?<![\w-]){_FETCH}[^\n`]{{0,400}}?\|\s{{0,3}}(?:(?:tee|base64|gunzip|gzip|zcat|xxd|tr|sed"
        r"|rev|openssl|bunzip2|xz|tac|grep|head|tail|cat|awk|jq)\b[^\n"
        rf"|`]{{0,120}}\|\s{{0,3}}){{0,4}}{_SHELL}",
        "pipes what a host sends into an interpreter",
        marks="curl|wget|fetch|aria2c|axel|lynx|w3m|lwp-|http|xh|iwr|irm|invoke-&|",
    ),
    Rule(
        "remote-code",
        r"(?:\b(?:ba|z|da|k)?sh|\bsource|(?<![\w./])\.|\bpython3?|\bnode|\bperl"
        rf"|\bruby)\s+(?:-\w+\s+)?[<=]\(\s{{0,3}}(?:sudo )?{_FETCH}[^\n)]{{0,400}}\)?",
        "runs what a host sends",
        marks="<(|=(",
    ),
    Rule(
        "remote-code",
        r"\b(?:eval|(?:ba|z|da|k)?sh\s+-\w*c|exec|source|python3?\s+-c|(?:node|perl|ruby|lua|rscript)\s+-e|php\s+-r)\s+[\"']?(?:\$\("
        rf"|`)\s{{0,3}}{_FETCH}[^\n]{{0,400}}",
        "runs what a host sends",
        marks="$(|`&curl|wget|fetch|aria2c|lynx|http|iwr|irm|invoke-",
    ),
    Rule(
        "remote-code",
        r"\b(?:(?:exec|eval|os\.system|subprocess\.\w{1,20}|new function|vm\.\w{1,30}|runinthiscontext"
        r"|instance_eval|class_eval)\s{0,3}\(|__import__\(|eval )[^\n]{0,120}(?:urlopen|urllib"
        r"|requests\.get|httpx\.get|http\.get|https?\.get|fetch\(|net::http|open-uri|uri\.open"
        r"|file_get_contents|curl_exec|axios|got\()[^\n]{0,240}",
        "evaluates what a host sends",
        marks="urlopen|urllib|requests.get|httpx.get|http.get|https.get|fetch(|net::http|open-uri|uri.open"
        "|file_get_contents|curl_exec|axios|got(&exec|eval|compile|os.system|subprocess|__import__"
        "|unction|vm.|require|import|runin|load",
    ),
    Rule(
        "remote-code",
        r"(?:urlopen|requests\.get|httpx\.get|fetch)\([^\n]{0,200}\)[^\n]{0,120}(?:\|\s{0,2}(?:ba"
        r"|z)?sh|exec\(|\beval\b)",
        "evaluates what a host sends",
        marks="urlopen|requests.get|httpx.get|fetch(&sh|exec(|eval",
    ),
    Rule(
        "remote-code",
        r"\b(?:iex|invoke-expression)\b[^\n]{0,60}(?:iwr|irm|invoke-webrequest|invoke-restmethod"
        r"|downloadstring|net\.webclient|curl)[^\n]{0,240}|downloadstring\([^\n]{0,240}\|\s{0,2}iex"
        r"|\(new-object net\.webclient\)\.download(?:file|string)\([^\n]{0,240}",
        "evaluates what a host sends",
        marks="iex|invoke-expression|downloadstring|downloadfile",
    ),
    Rule(
        "remote-code",
        r"https?://[^\n]{0,200}(?:\b(?:eval|exec|eval_string|runin\w{0,12}context)\((?!\))|\bnew function\(|\|>\s?code\.eval_)[^\n]{0,80}",
        "evaluates what a host sends",
        marks="://&eval(|exec(|function(|context(|eval_string(|code.eval_",
    ),
    Rule(
        "remote-code",
        r"\b(?:docker|podman|nerdctl) run\b(?=[^\n]{0,200}(?:docker\.sock|-v[ =]/:|--privileged|--pid[ =]host))[^\n]{0,200}"
        r"(?<![\w./-])(?:[a-z0-9-]{2,40}\.){1,4}[a-z]{2,12}/[\w./-]{2,80}",
        "gives a stranger's image the machine",
        marks="run",
    ),
    Rule(
        "remote-code",
        rf"\b(?:(?:ba|z|da|k)?sh|python3?|node|perl|ruby)\s{{1,3}}(?:-\s{{1,2}})?<<<\s{{0,3}}[\"']?(?:\$\(|`)\s{{0,3}}{_FETCH}[^\n]{{0,200}}",
        "runs what a host sends",
        marks="<<<",
    ),
    Rule(
        "exfiltration",
        r"\|\s{0,3}(?:mailx?|mutt|sendmail)\b[^\n]{0,80}@[^\n]{1,80}",
        "the output of a command is mailed to a stranger",
        marks="mail|mutt",
    ),
    Rule(
        "remote-code",
        r"\beval\b[\s(]{1,3}(?:get|fetch|curl|lwp::simple::get|read|load|download)\b[^\n]{0,20}https?://[^\n]{0,200}",
        "evaluates what a host sends",
        marks="eval&://",
    ),
    Rule(
        "exfiltration",
        r"\bgit remote (?:add|set-url) \S{1,40} (?:https?|git|ssh)://\S{3,120}[^\n]{0,20}(?:&&|;"
        r"|\n)[^\n]{0,20}\bgit push\b[^\n]{0,60}",
        "pushes the code to a stranger",
        marks="git remote&git push",
    ),
    Rule(
        "exfiltration",
        r"\|\s{0,3}(?:base64[^\n|]{0,20}\|\s{0,3}|gzip[^\n"
        r"|]{0,20}\|\s{0,3})?curl\b[^\n]{0,160}(?:-\w{0,4}[dft]|--data\S{0,8}|--form"
        r"|--upload-file)[ =]?[\"']?(?:\w{1,20}=)?@?-[\"']?[^\n]{0,160}|\|\s{0,3}(?:nc|ncat"
        r"|socat|telnet)\s[^\n]{0,100}",
        "the output of a command is sent to a stranger",
        marks="curl|nc |ncat|socat|telnet&|",
    ),
    Rule(
        "remote-code",
        r"\b(?:mshta|regsvr32|rundll32|certutil|bitsadmin|msiexec)\b[^\n]{0,80}https?://[^\n]{0,200}",
        "uses a system tool to run what a host sends",
        marks="mshta|regsvr32|rundll32|certutil|bitsadmin|msiexec",
    ),
    Rule(
        "remote-code",
        r"(?<![\w-])(?:curl|wget|aria2c|iwr"
        rf"|invoke-webrequest)\s[^\n]{{0,200}}{_ADDRESS}[^\n]{{0,200}}(?:(?:&&|;"
        rf"|\n)[^\n]{{0,20}}){{1,3}}(?:sudo )?(?:chmod\s+(?:\+x|[0-7]*7[0-7]*|[ua]\+x)[^\n]{{0,160}}"
        rf"|(?:ba|z)?sh[ ]+(?:-\w+ )?[./~\w-]{{1,80}}\.?\w{{0,8}}|\./\S{{1,80}}|/tmp/\S{{1,80}}"
        rf"|python3?\s+(?:/tmp/)?\S{{1,60}}\.py)",
        "downloads a program and runs it",
        marks="curl|wget|fetch|aria2c|lynx|http|iwr|irm|invoke-&chmod|sh |./|/tmp/|.py",
    ),
    Rule(
        "remote-code",
        r"https?://[^\s\"'`)]{3,160}\.(?:jar|so|dll|dylib|node|wasm|js|mjs|py|rb)\b[^\n]{0,120}(?:-javaagent|-agentpath|-agentlib|-xbootclasspath|ld_preload|dyld_insert|--require[ =]|node -r\b|--import[ =]|java -jar|-pagent)[^\n]{0,60}",
        "loads what a host sends into another program",
        marks="://&agent|xbootclasspath|preload|dyld_|--require|node -r|--import|java -jar",
    ),
    Rule(
        "remote-code",
        r"\b(?:script|install(?:er)?|bootstrap|init|setup|payload|hook)[-_](?:url|uri)[\"']?\s?[:=]\s?[\"']?https?://[^\s\"']{3,160}|[\"']command[\"']\s?:\s?[\"'](?:npx|uvx|bunx|pnpx|deno|pipx)[\"'][^\n]{0,80}https?://[^\s\"']{3,160}",
        "runs a program from a stranger's host",
        marks="://&script|install|bootstrap|init|setup|payload|hook|command",
    ),
    Rule(
        "remote-code",
        r"(?:^|\n)[ \t]{0,8}add[ \t](?:--\S{1,60}[ \t]){0,3}https?://\S{3,200}[ \t]+/",
        "builds an image with a stranger's file",
        marks="add &://",
    ),
    Rule(
        "remote-code",
        r"\b(?:remote|template|file):\s{0,3}[\"']?https?://[^\s\"']{3,200}\.ya?ml\b",
        "runs the steps of a stranger's file",
        marks="remote|template|file&://",
    ),
    Rule(
        "remote-code",
        r"\bgit clone\b[^\n]{0,40}(?:https?|git|ssh)://[^\n]{0,120}(?:&&|;)[^\n]{0,60}(?:\b(?:make|sudo|sh|bash|python3?|npm|cargo|pip3?|cmake|node|go)\b|\s\./\w)|\bnpm exec\b[^\n]{0,20}--package[= ]https?://[^\n]{0,160}",
        "runs a program from a stranger's host",
        marks="git clone|npm exec",
    ),
    Rule(
        "remote-code",
        r"\b(?:npx|bunx|pnpx|pnpm dlx|yarn dlx|deno run|uvx|pipx run|go run|bun x|tsx"
        r"|node --import)\s(?:-\S{1,40} ){0,6}(?:--from )?(?:git\+)?https?://[^\n]{0,240}|\bgo (?:run"
        r"|install|get)\s(?:-\S{1,40} ){0,6}(?!github\.com|golang\.org|gitlab\.com|google\.golang\.org"
        r"|gopkg\.in|k8s\.io|sigs\.k8s\.io|go\.|honnef\.co|mvdan\.cc|\./|\.\s"
        r"|\S+\.go\b)[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){1,4}/[^\n]{0,120}",
        "runs a program from a stranger's host",
        marks="npx|bunx|pnpx|dlx|deno run|uvx|pipx run|go run|go install|go get|bun x|tsx|node --import",
    ),
    Rule(
        "remote-code",
        r"(?:\b(?:eval|evaluate|evalfile|include|exec|execfile|loadstring|dofile|(?<!\.)source|import|importscripts|require|import_module|instance_eval|deserialize|unserialize|assembly\.load"
        r"|defineclass|include_once|require_once|runstring)\s{0,2}\((?!\))|:(?:so|source|luafile)\s|\bsource [\"'])[^\n]{0,100}(?:https?|ftp|gopher|smb)://[^\n]{0,160}",
        "evaluates what a host sends",
        marks="eval|exec|loadstring|dofile|source|import|require|serialize|assembly|defineclass|include|runstring|:so |:lua&://",
    ),
    Rule(
        "remote-code",
        r"\b(?:java -(?:jar|cp)|ruby|perl|lua|php|rscript|node|python3?|bash|sh|zsh|source|cmd|pwsh|powershell)\b[^\n;|&]{0,40}<\(\s{0,2}(?:curl|wget|fetch|http)\b[^\n]{0,200}",
        "runs what a host sends",
        marks="<(",
    ),
    Rule(
        "remote-code",
        r"(?:\b(?:iex|invoke-expression|start-process|powershell|cmd|rundll32|regsvr32|msiexec|wscript|cscript|start)\b[^\n]{0,60}|\.\s{1,3}|&\s{1,3})\\\\[\w.-]{3,80}\\[^\n]{1,160}",
        "runs what a share of another machine holds",
        marks="\\\\",
    ),
    Rule(
        "remote-code",
        r"(?:--(?:config|env-file|rcfile|init-file|script|values|file)[ =]|(?<![\w-])(?!(?:diff|comm|cat|grep|jq|sort|wc|less|head|paste|cmp) )[a-z][\w-]{1,30} (?:-\S{1,30} ){0,4})<\(\s{0,3}(?:curl|wget|fetch|http)\b[^\n]{0,200}|(?::r\s?!|:!|\bsystem\([\"'])\s?(?:curl|wget)\b[^\n]{0,200}"
        r"|\b(?:curl|wget)\b[^\n|;&]{0,160}(?:>>?|-o|\|\s?tee(?: -a)?)\s?(?:~|\$home)/\.(?:\w{0,8}rc|\w{0,6}profile|ssh/|config/|vimrc|gitconfig|npmrc|bash\w{0,8}|zsh\w{0,8})[^\n]{0,60}",
        "runs or obeys what a host sends",
        marks="<(|!|system(|~/.|$home/.",
    ),
    Rule(
        "remote-code",
        r"\b(?:download|get|fetch|grab|save)\b[^\n]{0,20}https?://[^\n]{0,160}(?:\bchmod \+x|\bsudo \./|\brun as (?:root|admin\w*)\b)[^\n]{0,60}",
        "downloads a program and runs it",
        marks="chmod|sudo|run as",
    ),
    Rule(
        "remote-code",
        rf"\b(?:curl|wget|aria2c|fetch|iwr|invoke-webrequest|lwp-download|scp|rsync)\s[^\n]{{0,200}}?(?:{_ADDRESS}|\S@)[^\n]{{0,160}}?"
        r"(?:\s|=|>|[\"'])(?:/usr/(?:local/)?(?:lib(?:64|exec)?|s?bin|include)|/lib(?:64)?|/s?bin|/boot|/etc(?!/apt|/yum|/zypp|/pki|/apk)|~/\.local/bin|\$home/\.local/bin|c:\\windows|(?:\.venv/|venv/)?\S{0,40}(?:site-packages|dist-packages|node_modules))[/\\\\]"
        r"(?![^\s]{0,80}\.(?:gpg|asc|list|repo|pem|crt|conf)\b)",
        "puts what a host sends among the programs of the system",
        marks="curl|wget|aria2c|fetch|iwr|invoke-|lwp-|scp|rsync",
    ),
    Rule(
        "remote-code",
        r"\b(?:docker|podman|nerdctl) (?:pull|run)\b[^\n;&|]{0,160}?\s(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,12}(?::\d{2,5})?/[\w./-]{2,80}",
        "runs a stranger's image",
        marks="docker|podman|nerdctl",
    ),
    Rule(
        "remote-code",
        r"\bsource\s?=\s?[\"'](?:git::|hg::)?(?:https?|ssh|git)://[^\n\"']{3,160}",
        "builds infrastructure from a stranger's module",
        marks="source",
    ),
    Rule(
        "remote-code",
        r"\b(?:kubectl (?:apply|create|replace)|helm (?:install|upgrade|repo add)|docker (?:run|pull"
        r"|load|import)|podman (?:run|pull)|terraform (?:init|get)|ansible-pull|brew (?:tap|install)"
        r"|apt(?:-get)? install|dpkg -i|rpm -\w+|dnf install|yum install|snap install"
        r"|code --install-extension|gh extension install|claude mcp add|claude plugin (?:install|marketplace add))\b[^\n"
        r"|;&]{0,120}(?:https?|git|oci)://[^\n]{0,200}",
        "installs from a stranger's host",
        marks="://",
    ),
)
"""Harmless when every host they name is known."""
