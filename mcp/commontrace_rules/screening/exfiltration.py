"""Secrets on their way to somewhere: commands that send them."""

from commontrace_rules.screening.rules import Rule

FILES = (
    r"(?:(?:~|\$home|\$\{home\}|/root|/home/[\w.<>${}-]{1,32}|/users/[\w.-]{1,32}|%userprofile%"
    r"|\$env:userprofile)?[/\\]?(?:\.ssh(?![\w./-]*\.pub)(?:/(?:id_(?:rsa|ed25519|ecdsa"
    r"|dsa)(?!\.pub)|\*|config|known_hosts|authorized_keys)?)?|\.aws(?:/(?:credentials|config"
    r"|\*))?|\.kube(?:/config)?|\.netrc|\.npmrc|\.pypirc|\.git-credentials"
    r"|\.docker(?:/config\.json)?|\.gnupg|\.config/(?:gh|gcloud|op|hub|doctl)\b[\w./-]{0,40}"
    r"|\.azure|\.vault-token|\.pgpass|\.my\.cnf|\.bash_history|\.zsh_history|\.password-store"
    r"|\.cargo/credentials(?:\.toml)?|\.terraform\.d/credentials[\w.]{0,16}|\.claude(?:\.json"
    r"|/\.credentials\.json)|\.env(?:\.(?:local|production|prod))?(?![\w.])|library/keychains"
    r"|wallet\.dat))"
)
_SECRETS = (
    rf"(?:{FILES}|\bid_(?:rsa|ed25519|ecdsa)\b(?!\.pub)|\*\.(?:pem|p12|kdbx|ovpn|key)\b|/etc/(?:shadow|passwd|sudoers)"
    rf"|/proc/(?:self|\d+)/environ|\bprintenv\b|(?:^|[\s;|&(`$\"'])env(?=\s{{0,2}}(?:\||>|\)|`|$"
    r"|;))|\bprocess\.env\b|\bos\.environ\b|\bdocument\.cookie\b|\b(?:local|session)storage\b"
    rf"|\$env:\w{{0,30}}|(?:get-childitem|gci|dir|ls) env:|gh auth (?:token|status -t|status --show-token)"
    r"|gcloud auth print-\w+-token|aws configure (?:get|export-credentials)|aws sts \S+"
    r"|az account get-access-token|security (?:find-(?:generic|internet)-password|dump-keychain)"
    r"|ssh-add -l|gpg --export-secret\S*|git credential fill|npm token|op (?:item|read)|pass show"
    r"|vault (?:kv get|read|print token)|kubectl (?:get secrets?|config view --raw)"
    r"|docker inspect|heroku (?:auth:token|config\b)|(?:fly|doppler|gcloud) secrets|vercel env|railway variables|credential-manager|local storage|cookies\.sqlite"
    rf"|login data|google[-/\\ ]?chrome[/\\][^\n]{{0,30}}cookies|\benv\.(?:to_(?:a|h|s|json)|inspect)\b|\$\{{?\w{{0,30}}(?:token|secret|password|passwd|api_?key|access_key"
    rf"|credentials?)\w{{0,20}}\}}?|\b\w{{1,30}}_(?:token|secret|password|api_key|access_key"
    r"|private_key)\b)"
)
_NET = (
    r"(?:\b(?:nc|ncat|netcat|socat|telnet)\b\s+(?:-\w+\s+){0,4}[\w.-]+[\s:]+\d{2,5}|\bcurl\b(?!/)"
    r"|\bwget\b|\bhttp(?:ie)? post\b|\bscp\b|\brsync\b|\bsftp\b|\bftp\s+-|requests\.(?:post|put"
    r"|get)|httpx\.(?:post|put|get)|urllib\.request|urlopen|fetch\(|axios|xmlhttprequest|\bhttps?[\"']?\)?\.(?:get|request)\("
    r"|invoke-(?:webrequest|restmethod)|\biwr\b|\birm\b|\bnslookup\s|\bdig\s+[\w@$+]"
    r"|openssl s_client|\bssh\b\s+(?:-\w+\s+){0,4}\S{1,60}@|websocat|gsutil cp|aws s3 (?:cp|sync)"
    r"|azcopy|transfer\.sh|navigator\.sendbeacon|net::http|http\.post|smtplib)"
)
_OWN = (
    r"(?<=[\s'\"=])(?:~|\$home|\$\{home\}|/home(?:/[\w.-]{1,32})?|/root|/users/[\w.-]{1,32}|/etc)/?"
    r"(?:\.[a-z][\w./*-]{0,60}(?<!\.pub)|documents|desktop|downloads|pictures|library)?/?\*?(?=[\s'\"`]|$)"
)
_FAR = r"(?:[\w.-]{1,40}@)?(?:[a-z0-9-]{1,40}\.){1,5}[a-z0-9]{1,12}::?|(?:rsync|s?ftps?|ssh)://"

_CREDENTIALS = r"(?:\.credentials(?:\.json)?|\.aws/credentials|id_(?:rsa|ed25519|ecdsa)(?!\.pub)|\.netrc|\.git-credentials|\.kube/config|\.pgpass|\.vault-token|gh/hosts\.yml|\.docker/config\.json|\.pypirc|key ?chain|credential store)"

FLOWS = (
    Rule(
        "exfiltration",
        rf"{_CREDENTIALS}\b[^\n]{{0,80}}\b(?:write|send|put|paste|post|pass|submit|copy|supply|hand|attach|forward|give|place|use|upload|include)\b[^\n]{{0,80}}https?://[^\n]{{0,160}}"
        rf"|\b(?:send|put|paste|post|pass|submit|copy|supply|hand|attach|forward|give|place|upload|include)\b[^\n]{{0,40}}{_CREDENTIALS}\b[^\n]{{0,80}}https?://[^\n]{{0,160}}"
        r"|\b(?:key|token|secret|password|cookie|credential)s?\b[^\n.]{0,24}\b(?:from|out of|in) (?:the |your |my )?(?:~/|\$home/)[^\n]{0,80}\b(?:header|body|query|parameter|field|payload|form|request)\b[^\n]{0,40}https?://[^\n]{0,160}",
        "a credential is taken to a stranger's host",
        marks="://",
    ),
    Rule(
        "exfiltration",
        r"\b(?:paste|post|send|upload)\b[^\n.]{0,4}\b(?:what you see|everything|the (?:result|output|log)s?|it|them)\b[^\n.]{0,12}\b(?:at|to|into|on) https?://[^\n]{0,120}|\b(?:post|upload|send|paste|submit|mail|forward)\b[^\n.]{0,20}\b(?:outputs?|results?|contents?|dump|listing) of\b[^\n]{0,80}?\b(?:to|at|on|into|in) (?:\S{1,20} )?https?://[^\n]{0,120}",
        "output is sent to a stranger",
        marks=" of|paste|post|send|upload&://",
    ),
    Rule(
        "exfiltration",
        rf"\b(?:scp|rsync)\b(?=[^\n;&|]{{0,240}}?(?:\w\.[a-z0-9]{{1,12}}:|://))[^\n;&|]{{0,120}}?{_OWN}[^\n;&|]{{0,60}}?(?:{_FAR})[^\n;&|]{{0,120}}"
        rf"|\b(?:sftp|lftp|ftp)\b[^\n]{{0,120}}\bm?put\b[^\n]{{0,60}}?{_OWN}[^\n]{{0,120}}",
        "what is the person's own is copied away",
        marks="scp|rsync|ftp",
    ),
    Rule(
        "exfiltration",
        r"https?://[^\s@/]{0,40}\$\{?\w{0,20}(?:token|pat|password|secret)\w{0,10}\}?[^\s@/]{0,20}@[a-z0-9.-]{3,80}",
        "a secret is sent to a stranger's host",
        marks="://&$&@",
    ),
    Rule(
        "exfiltration",
        rf"{_SECRETS}[^\n]{{0,200}}(?:\||&&|;|>|\bwith\b|\binto\b|,|\)|\$\("
        rf"|@)[^\n]{{0,60}}?{_NET}[^\n]{{0,200}}",
        "a secret flows into a network command",
        marks="nc |ncat|netcat|socat|telnet|curl|wget|http|scp|rsync|sftp|ftp|requests.|urlopen|fetch(|axios"
        "|invoke-|iwr|irm|nslookup|dig |host |mail|gist|gh |openssl|ssh |websocat|gsutil|aws s3|azcopy"
        "|transfer|sendbeacon|smtp&.ssh|id_rsa|id_ed|id_ecdsa|.aws|.kube|.netrc|.npmrc|.pypirc"
        "|.git-cred|.docker|.gnupg|.config/|.azure|.vault|.pgpass|.my.cnf|history|.password|.cargo"
        "|.terraform|.claude|.env|keychain|wallet|/etc/|environ|env|auth |token|secret|password|passwd"
        "|key|credential|ssh-add|vault |heroku|cookies|login data|print-|*.",
    ),
    Rule(
        "exfiltration",
        rf"{_NET}[^\n]{{0,240}}?(?:(?:-d|--data(?:-\w+)?|-f|--form|-t|--upload-file|--body"
        r"|--post-(?:file|data)|-body|-infile|data=|json=|files=|body:|@|<|\$\(|`"
        rf"|\?\w{{0,20}}=)[^\n]{{0,80}}?){_SECRETS}[^\n]{{0,200}}",
        "a network command takes a secret along",
        marks="nc |ncat|netcat|socat|telnet|curl|wget|http|scp|rsync|sftp|ftp|requests.|urlopen|fetch(|axios"
        "|invoke-|iwr|irm|nslookup|dig |host |mail|gist|gh |openssl|ssh |websocat|gsutil|aws s3|azcopy"
        "|transfer|sendbeacon|smtp&.ssh|id_rsa|id_ed|id_ecdsa|.aws|.kube|.netrc|.npmrc|.pypirc"
        "|.git-cred|.docker|.gnupg|.config/|.azure|.vault|.pgpass|.my.cnf|history|.password|.cargo"
        "|.terraform|.claude|.env|keychain|wallet|/etc/|environ|env|auth |token|secret|password|passwd"
        "|key|credential|ssh-add|vault |heroku|cookies|login data|print-",
    ),
    Rule(
        "exfiltration",
        r"\b(?:fetch|urlopen|sendbeacon|requests\.\w{2,8}|httpx\.\w{2,8}|axios(?:\.\w{2,8})?|https?\.(?:get|request)|file_get_contents"
        r"|net::http\S{0,12}|image\(\)\.src)[^\n]{0,40}https?://[^\n]{0,160}(?:\bos\.environ\b(?![.\[])|\bprocess\.env\b(?![.\[])"
        r"|\bdocument\.cookie\b|\blocalstorage\b(?!\.setitem)|\benv::vars\b|\bgetenv\(\))[^\n]{0,80}",
        "a request takes all that is secret along",
        marks="environ|process.env|cookie|localstorage|env::vars|getenv()",
    ),
    Rule(
        "exfiltration",
        r"https?://[^\n]{0,200}(?:\bdict\(os\.environ\)|\*\*os\.environ\b|\bos\.environ\.copy\(\)|(?:dumps|list|str|repr)\((?:dict\()?os\.environ\b(?![.\[])|\.\.\.process\.env\b(?![.\[])|stringify\(process\.env\)|\benv::vars\(\)|\bsystem\.getenv\(\)|\benv\.to_(?:h|json)\b)[^\n]{0,80}",
        "a request takes all that is secret along",
        marks="://&environ|process.env|env::vars|getenv()|env.to_",
    ),
    Rule(
        "exfiltration",
        rf"{_SECRETS}[^\n]{{0,80}}\b(?:and|then) (?:then )?(?:scp|sftp|rsync|nc|ncat|curl -\S{{1,3}}|rclone)\b[^\n]{{0,120}}",
        "a secret flows into a network command",
        marks=" scp | sftp | rsync | nc | ncat | curl -| rclone",
    ),
    Rule(
        "exfiltration",
        r"\b(?:curl|wget|iwr|irm|fetch|lynx)\b[^\n|;&]{0,80}?https?://[^\s/]{3,80}/[^\s]{0,80}?(?:\$\(|`)(?:whoami|hostname|id|uname|env|printenv|cat|pwd|git|ls|base64)\b[^\n]{0,80}"
        r"|\bfind\b[^\n]{0,80}(?:\.env|\.pem|\.key|id_\w|\.ssh|credential|secret)[^\n]{0,40}-exec\b[^\n]{0,20}\b(?:curl|wget|nc|scp|rsync)\b[^\n]{0,160}",
        "files of secrets are sent to a stranger",
        marks="find |$(|`&-exec|http",
    ),
    Rule(
        "exfiltration",
        r"https?://[^\s/]{3,80}/[^\s]{0,80}?[?&/=](?:\$\(|`)(?:whoami|hostname|env|printenv|cat|pwd|git|ls|base64|history)\b[^\n]{0,80}"
        r"|\bgrep\b[^\n]{0,40}(?:secret|token|passw|api.?key|credential)[^\n]{0,60}(?:\||>)[^\n]{0,60}\b(?:scp|curl|nc|ncat|rsync|sftp|wget)\b[^\n]{0,120}",
        "what is the person's own is sent to a stranger",
        marks="$(|`|grep",
    ),
    Rule(
        "exfiltration",
        r"\b(?:scp|rsync|sftp|rclone copy|aws s3 cp|gsutil cp"
        rf"|azcopy copy)\b[^\n]{{0,120}}{FILES}[^\n]{{0,120}}(?:@|:|s3://|gs://"
        rf"|https?://)[^\n]{{0,120}}",
        "a file of credentials is copied away",
        marks="scp|rsync|sftp|rclone|aws s3|gsutil|azcopy&.",
    ),
    Rule(
        "exfiltration",
        r"\b(?:scp|rsync|rclone (?:copy|sync))\b(?:\s-\S{1,40}){0,5}\s(?:~/?|\$home/?|/(?:home|root|etc)/?)\*?\s[^\n]{0,20}\S{1,40}@\S{3,80}:[^\n]{0,60}",
        "the home directory is copied away",
        marks="scp|rsync|rclone",
    ),
    Rule(
        "exfiltration",
        r"\b(?:tar|zip|7z)\b[^\n;&|]{0,80}\s(?:~|\$home|/home/\w{1,32}|/root|/etc)/?(?=[\s;&|])[^\n]{0,120}(?:&&|;)[^\n]{0,20}\b(?:curl|wget|scp|nc|ftp|rsync)\b[^\n]{0,160}",
        "files are packed and sent to another machine",
        marks="tar |zip |7z ",
    ),
    Rule(
        "exfiltration",
        r"\b(?:tar|zip|7z|gzip|cat|find)\b[^\n]{0,120}(?:~|\$home|/home|/etc|/root|\.ssh|\.aws"
        r"|\.env)\b[^\n]{0,120}\|\s{0,3}(?:base64[^\n|]{0,20}\|\s{0,3}|gzip[^\n|]{0,20}\|\s{0,3}"
        r"|openssl[^\n|]{0,60}\|\s{0,3}){0,2}(?:nc|ncat|curl|ssh|socat|wget|openssl s_client"
        r"|telnet)\b[^\n]{0,200}",
        "files are piped to another machine",
        marks="tar |zip |7z |gzip |cat |find &|",
    ),
)
"""Harmless when every host they name is known; a host is always named or hidden."""

PUBLISHED = (
    Rule(
        "exfiltration",
        r"\b(?:echo|printf|print)\b[^\n|]{0,40}\$\{\{ ?secrets\.\w{1,60} ?\}\}[^\n|]{0,12}\|\s?(?:rev|base64(?! -{1,2}d)|xxd|od|hexdump|fold|sed|tr|cut|tac|awk)\b",
        "prints a secret so that it is not masked",
        marks="secrets.",
    ),
    Rule(
        "exfiltration",
        r"\$\((?:gh auth|gcloud auth|az account|aws |cat |pass |op (?:read|item)|vault |printenv|security find|git credential|keyring |security |npm token)[^)\n]{0,80}\)@"
        r"(?!(?:[\w-]{1,40}\.){0,4}(?:github|gitlab|bitbucket|codeberg|googlesource|azure|visualstudio|amazonaws|docker|ghcr|pkg|npmjs|pypi|pythonhosted|huggingface)\.)[a-z0-9.-]{3,80}",
        "puts a credential into a stranger's address",
        marks=")@",
    ),
    Rule(
        "exfiltration",
        rf"{_SECRETS}[^\n]{{0,40}}>{{1,2}}\s?[\w./~-]{{0,60}}\b(?:public|www|htdocs|html|static|webroot|docs|dist|wwwroot)\b|\bcp\s[^\n]{{0,10}}{FILES}\s{{1,3}}[\w./~-]{{0,60}}\b(?:public|www|htdocs|static|docs|dist)\b"
        rf"|\bcopy\b[^\n]{{0,12}}{FILES}[^\n]{{0,20}}\bto\b[^\n]{{0,30}}(?:\bpublic\b|\bshared\b|/tmp\b|/srv\b|/mnt\b)|\b(?:set -x|printenv|env)\b[^\n]{{0,80}}\b(?:logs?|output|artifacts?)\b[^\n]{{0,10}}\bpublic\b"
        rf"|\bcat\s[^\n|>]{{0,12}}{FILES}\s{{0,3}}>{{1,2}}\s?[\w./~-]{{0,60}}(?:readme|changelog|index|\.md|\.html)\b|{_SECRETS}[^\n]{{0,30}}>{{1,2}}\s?[\w./~-]{{1,60}}[^\n]{{0,40}}\bgit (?:add|commit)\b|\bngrok http file:"
        r"|(?<![\w./-])(?:env|printenv)\s{0,2}>{1,2}\s?[\w./~-]{1,40}[^\n]{0,60}\b(?:attach|upload|post|paste|send|share|mail)\b",
        "lays secrets open",
        marks=">|cp |ngrok|copy|public&public|www|htdocs|html|static|webroot|docs|dist|git add|git commit|shared|/tmp|/srv|/mnt|ngrok|readme|changelog|index|.md",
    ),
    Rule(
        "credential-request",
        rf"\b(?:(?:reply|respond|answer|come back) with|(?:tell|give|send|show|dm|message) (?:me|us)|(?:read out|repeat|quote) (?:the )?(?:token|key|content))\b[^\n.]{{0,12}}\b(?:your |the |its |all |any |content of |contents of |values? of |full |complete |raw |entire |`|'|\")*(?:database |db |root |admin )?(?:{FILES}|api[ _-]?keys?\b|(?:access |auth |secret )?tokens?\b(?! (?:count|limit|usage))|passwords?\b|private keys?\b|credentials\b|secrets\b)",
        "asks for secrets",
        marks=" with|tell |give |send |show |dm |message |read out|repeat|quote",
    ),
    Rule(
        "credential-request",
        rf"\b(?:paste|post|send|share|attach|include|publish|give)\b[^\n]{{0,60}}(?:{FILES}|\bprintenv\b|\bprocess\.env\b(?![.\[])|gh auth token|find-generic-password)[^\n]{{0,60}}\b(?:(?:the|your|our|this) (?:comments?|issue|chat|ticket"
        r"|reply|forum|thread|log|pr)|support|vendor)\b|find-generic-password\b[^\n]{0,80}\b(?:paste|send|chat|post)\b",
        "asks for secrets and says where to put them",
        marks="paste|post|send|share|attach|include|publish|give",
    ),
    Rule(
        "exfiltration",
        r"\b(?:echo|printf|cat|curl|base64|print|tee)\b[^\n]{0,60}\$\{\{ ?tojson\( ?secrets ?\) ?\}\}|\$\{\{ ?tojson\( ?secrets ?\) ?\}\}[^\n]{0,60}(?:\||>)",
        "lays secrets open",
        marks="tojson",
    ),
    Rule(
        "exfiltration",
        rf"\b(\w{{2,40}})=[\"']?(?:\$\(|`)[^\n)]{{0,40}}{FILES}[^\n)]{{0,80}}[)`][^\n]{{0,160}}https?://[^\s\"'`]{{3,160}}\$\{{?\1\b",
        "puts a secret into an address",
        marks='=$(|=`|="$(',
    ),
    Rule(
        "exfiltration",
        r"\bgit (?:bundle create|archive)\b[^\n]{0,80}(?:&&|;|\|)[^\n]{0,20}\b(?:curl\b[^\n]{0,30}\s(?:-t|-f|-d|--upload-file|--data\S{0,8})|nc\s|ncat\s|wget --post)[^\n]{0,120}",
        "sends the code to a stranger",
        marks="git bundle|git archive",
    ),
    Rule(
        "remote-code",
        r"--no-sign-request\b[^\n]{0,80}\b(?:sudo |ba|z)?sh\s[./~\w]|\b(?:sudo |ba|z)?sh\s[./~\w][^\n]{0,80}--no-sign-request\b",
        "runs what a public bucket holds",
        marks="--no-sign-request",
    ),
    Rule(
        "exfiltration",
        r"(?<![\w./-])(?:env|printenv|export -p)\b[^\n]{0,60}(?:>>?|\btee\b)[^\n]{0,12}(?:github_step_summary|github_output|artifacts?/|public/|ci_log)",
        "lays secrets open",
        marks="env|export -p&github_|artifact|public/|ci_log",
    ),
    Rule(
        "exfiltration",
        r"\bhttp\.server\b[^\n]{0,60}(?:--directory|-d)[ =](?:~|/|\$home)(?:\s|$)|(?:console\.log|\bprint|\becho|\bputs)\b[^\n]{0,30}(?:\bprocess\.env\b(?![.\[])|\bos\.environ\b(?![.\[]))[^\n]{0,140}\b(?:publish|artifact|upload|public(?:ly)?|commit)\b"
        r"|\$\{?\w{0,20}(?:token|secret|password|api_key)\w{0,10}\}?[^\n]{0,20}>\s?\S{1,60}[^\n]{0,60}\bgit (?:add|commit|push)\b",
        "lays secrets open",
        marks="http.server|environ|process.env|git ",
    ),
    Rule(
        "exfiltration",
        rf"{_SECRETS}[^\n]{{0,160}}(?:\||\$\(|<)\s{{0,3}}(?:gh gist create|gh (?:issue|pr) (?:create"
        r"|comment)|mail(?:x| -s)|sendmail|mutt|wall\b|tee /dev/tcp)|(?:gh gist create|gh (?:issue"
        rf"|pr) (?:create|comment)|mail(?:x| -s)|sendmail|mutt)\b[^\n]{{0,160}}(?:{FILES}|\$\((?:env"
        r"|printenv)|\bid_(?:rsa|ed25519)\b(?!\.pub))",
        "a secret is published",
        marks="gist|gh issue|gh pr|mail|mutt|wall|/dev/tcp",
    ),
    Rule(
        "exfiltration",
        rf"\brclone (?:copy|copyto|sync|move)\b[^\n;&|]{{0,80}}?{_OWN}[^\n;&|]{{0,40}}\s[a-z][\w-]{{0,30}}:",
        "what is the person's own is copied away",
        marks="rclone",
    ),
    Rule(
        "exfiltration",
        r"\b(?:aws s3 (?:cp|sync|mv)|gsutil cp|rclone copy|azcopy copy"
        rf"|mc cp)\b[^\n]{{0,80}}{FILES}[^\n]{{0,80}}(?:s3://|gs://|:)",
        "a file of credentials is copied away",
        marks="aws s3|gsutil|rclone|azcopy|mc cp",
    ),
    Rule(
        "exfiltration",
        r"(?:\b(?:nslookup|dig|resolvectl query)\b[^\n]{0,80}(?:\$\(|`)|\bhost (?:-\w{1,8} )?[\"']?(?:\$\(|`(?:whoami|hostname|id|cat|env|printenv|base64|uname|printf|echo|cut|head|git)\b))[^\n)`]{1,120}(?:\)"
        r"|`)[^\n\s]{0,4}\.[a-z0-9.-]{3,80}|\b(?:base64|xxd|od|hexdump)\b[^\n]{0,80}\bxargs\b[^\n]{0,40}\b(?:nslookup|dig|host|ping)\b[^\n]{0,40}\{\}\.[a-z0-9.-]{3,80}",
        "data leaves in a host name",
        marks="$(|`|xargs&nslookup|dig |host |resolvectl|ping ",
    ),
)
"""No host is named: the destination is public or another person."""
