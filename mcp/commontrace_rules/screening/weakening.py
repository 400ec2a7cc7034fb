"""Security taken away and called a fix."""

from commontrace_rules.screening.rules import Rule

LASTING = (
    Rule(
        "weakened",
        r"(?:\byaml\.(?:unsafe_load|unsafeloader|load\([^\n)]{0,40}unsafeloader)|\b(?:pickle|marshal|dill)\.loads?\(|\bunserialize\()[^\n]{0,80}"
        r"\b(?:upload\w*|request|user[- ]supplied|untrusted|from the (?:client|network|user))\b",
        "lets a stranger's data run",
        marks="yaml|pickle|marshal|dill|unserialize",
    ),
    Rule(
        "weakened",
        r"--allow-blob-public-access[ =]true\b[^\n]{0,120}--public-access[ =](?:container|blob)|\bset-permission\b[^\n]{0,60}--public-access[ =](?:container|blob)|\bhex_unsafe_(?:https|registry)\s?=\s?1|--no-verify-repo-origin|\bpublic-read-write\b|\ballusers\b[^\n]{0,60}\b(?:objectadmin|writer|owner|storage\.admin)\b",
        "opens what was closed to everyone",
        marks="public-|allusers|hex_unsafe|repo-origin",
    ),
    Rule(
        "weakened",
        r"\broles/(?:owner|editor)\b[^\n]{0,80}\b(?:organi[sz]ation|allusers|allauthenticated|everyone)\b|\bservice account\b[^\n]{0,40}\b(?:roles/owner|administratoraccess)\b"
        r"|\badministratoraccess\b[^\n]{0,60}\b(?:fix\w*|solve[sd]?|so that|to stop|avoid)\b|\badd\b[^\n]{0,20}\b(?!10\.|127\.|192\.168)(?:\d{1,3}\.){3}\d{1,3}\b[^\n]{0,40}\b(?:allow-?list|white-?list|trusted hosts?|firewall)\b",
        "gives rights far beyond the problem",
        marks="roles/|administratoraccess|service account|allow|white|trusted|firewall",
    ),
    Rule(
        "weakened",
        r"\b(?:replace|swap|switch|change|convert|migrate)\b[^\n.]{0,24}\b(?:bcrypt|argon2\w*|scrypt|pbkdf2|sha-?(?:256|512))\b[^\n.]{0,20}\b(?:with|to|by|for)\b[^\n.]{0,12}\b(?:md5|sha-?1|plain ?text|base64|rot13|crc32)\b"
        r"|\b(?:revert|undo|back out|remove|drop)\b[^\n.]{0,30}\b(?:fix|patch|mitigation|update)\b[^\n.]{0,20}\bcve-\d"
        r"|--no-verify\b[^\n.]{0,60}\b(?:from now on|always|every (?:commit|time)|permanently|by default)\b|\b(?:alias|always use|every commit)\b[^\n.]{0,30}--no-verify\b",
        "takes a defence away for good",
        marks="bcrypt|argon|scrypt|pbkdf|sha|cve-|--no-verify",
    ),
    Rule(
        "weakened",
        r"\b(?:git\b[^\n]{0,40}\bhttp\.(?:https?://\S{1,80}\.)?sslverify[\s=]{1,3}[\"']?(?:false|0|off)|(?:npm|yarn|pnpm"
        r"|bun)\b[^\n]{0,30}\bconfig\b[^\n]{0,30}\bstrict-ssl[\s=]{1,3}[\"']?false"
        r"|strict[_-]ssl\s?=\s?false|node_tls_reject_unauthorized[\"'`\]]{0,2}\s{0,2}(?:[=:]"
        r"|to)\s{0,2}[\"'`]?0|pythonhttpsverify\s{0,2}=\s{0,2}[\"']?0"
        r"|git_ssl_no_verify\s{0,2}=\s{0,2}[\"']?(?:1|true)"
        r"|ssl\._create_default_https_context\s{0,2}=\s{0,2}ssl\._create_unverified_context"
        r"|check_certificate\s?=\s?off|conda config[^\n]{0,40}ssl_verify (?:false|no)"
        r"|\binsecure\b[^\n]{0,20}\bcurlrc\b|curlrc\b[^\n]{0,40}\binsecure\b|enablestrictssl:?\s{0,2}false|http\.proxystrictssl[\"']?\s{0,3}:\s{0,3}false"
        r"|pip config[^\n]{0,40}trusted-host|goinsecure\s?=|gonosumdb\s?=\s?[\"']?\*|gonosumcheck"
        r"|gonoverify|gosumdb\s?=\s?[\"']?off|goflags\s?=\s?[\"']?-insecure"
        r"|bundle config[^\n]{0,40}ssl_verify_mode[^\n]{0,10}0|aws_ca_bundle\s?=\s?[\"']?/dev/null"
        r"|npm_config_strict_ssl\s?=\s?false|rustup_[\w]{0,30}(?:no_verify|unverified)\S{0,10})",
        "turns certificate checks off for good",
        marks="strict_ssl|sslverify|strict-ssl|tls_reject|httpsverify|ssl_no_verify|unverified|check_certificate"
        "|ssl_verify|strictssl|trusted-host|goinsecure|gono|gosumdb|goflags|ca_bundle|strict_ssl"
        "|no_verify|curlrc",
    ),
    Rule(
        "weakened",
        r"\b(?:setenforce\s+0|selinux\s?=\s?(?:disabled|permissive)|ufw\s+disable|iptables\s+(?:-f\b"
        r"|-p input accept|--flush)|nft flush ruleset|systemctl\b[^\n]{0,20}\b(?:stop|disable"
        r"|mask)\b[^\n]{0,20}\b(?:firewalld|ufw|iptables|apparmor|fail2ban|nftables)\b"
        r"|spctl\s+--(?:master|global)-disable|csrutil\s+disable"
        r"|\blsquarantine\b[^\n]{0,12}\b(?:no|false|0)\b|xattr\s+-\w{0,12}\s+com\.apple\.quarantine\s+/(?:\s|$)"
        r"|set-mppreference\b[^\n]{0,40}\$true|add-mppreference\b[^\n]{0,40}exclusion(?:extension|process|path [\"']?(?:[a-z]:\\?(?:users|windows|temp)?(?![\w\\])|\*|~|\$env:(?:temp|tmp|userprofile|appdata)|%\w))"
        r"|netsh advfirewall\b[^\n]{0,40}off|set-netfirewallprofile\b[^\n]{0,60}false"
        r"|set-executionpolicy\b[^\n]{0,30}(?:unrestricted"
        r"|bypass)(?![^\n]{0,60}-scope process)(?![^\n]{0,60}process)|enablelua[^\n]{0,30}\b0\b"
        r"|sysctl\b[^\n]{0,40}(?:randomize_va_space|kptr_restrict|ptrace_scope)\s?=\s?0"
        r"|\bfalconctl\b[^\n]{0,12}\b(?:uninstall|unload|stop)|\bsentinelctl\b[^\n]{0,12}\b(?:uninstall|unload|disable)|\bsc(?:\.exe)?\s(?:stop|delete|config)\s(?:windefend|sense|mpssvc)|\b(?:uninstall|remove|kill)\b[^\n.]{0,12}\b(?:edr|crowdstrike|sentinelone|falcon sensor|endpoint protection)\b"
        r"|\bbcdedit\b[^\n]{0,20}\b(?:testsigning\s(?:on|yes)|nointegritychecks\s(?:on|yes))|mitigations=off|no_new_privs\s?=\s?0)",
        "turns the system's protection off",
        marks="setenforce|selinux|ufw|iptables|nft |systemctl|spctl|csrutil|quarantine|mppreference|netsh"
        "|netfirewall|executionpolicy|enablelua|sysctl|mitigations|no_new_privs|falconctl|sentinel|windefend|sense|mpssvc|edr|crowdstrike|falcon|endpoint|bcdedit|lsquarantine",
    ),
    Rule(
        "weakened",
        r"\[\s?trusted\s?=\s?yes\s?\]|\bapt(?:-get)?\b[^\n]{0,120}--allow-unauthenticated\b|--allow-insecure-repositories"
        r"|acquire::allowinsecure\w{0,20}|apt::get::allowunauthenticated|--nogpgcheck\b"
        r"|--no-gpg-checks?\b|gpgcheck\s?=\s?0|siglevel\s?=\s?never"
        r"|npm config set ignore-scripts false|--no-verify-signatures?"
        r"|package-lock\s?=\s?false[^\n]{0,30}(?:&&|;)|cosign\b[^\n]{0,40}--insecure-ignore-\w+",
        "installs what nobody signed",
        marks="trusted|--allow-|allowinsecure|allowunauth|gpg|siglevel|ignore-scripts|no-verify|package-lock"
        "|cosign",
    ),
    Rule(
        "weakened",
        r"\b(?:md5|sha-?1|base64|plain ?text|clear ?text)\b[^\n]{0,40}\binstead of (?:bcrypt|argon2\w*|scrypt|pbkdf2|hashing|encrypt\w+)"
        r"|\bcompar(?:e|ing) (?:the |as )?(?:plain|raw|clear|unhashed)[ -]?(?:text )?passwords?"
        r"|\bmd5 the passwords|\b(?:store|save|keep) (?:the |user |all |your )*passwords? (?:in |as )(?:plain ?text|clear ?text|md5|base64)",
        "weakens how secrets are kept",
        marks="password|bcrypt|argon|scrypt|pbkdf|hash|encrypt",
    ),
    Rule(
        "weakened",
        r"\buse http instead of https\b|\broll(?:ing)? back (?:the )?security (?:release|patch|update|fix)|\badmin:org\b[^\n]{0,20}\bscope|\b(?:give|grant)\b[^\n.]{0,30}\btoken\b[^\n.]{0,20}\b(?:admin|owner|full)\b[^\n.]{0,10}\b(?:scopes?|rights|access|permissions)"
        r"|\bsecret\b[^\n.]{0,8}\b(?:to|=) ?[\"'](?:secret|changeme|password|test)[\"'][^\n.]{0,30}\b(?:all|every|prod\w*|servers)\b|put-public-access-block\b[^\n]{0,80}false|\b(?:make|turn|flip|switch)\b[^\n.]{0,24}\b(?:bucket|database|port|dashboard|registry|(?<=turn the )repository|(?<=turn the )repo|(?<=flip the )repo(?:sitory)?)\b[^\n.]{0,10}\bpublic\b|\breplace\b[^\n]{0,8}verify\s?=\s?true[^\n]{0,20}false",
        "gives up a protection for good",
        marks="use http|roll|admin:org|token|secret|public|verify",
    ),
    Rule(
        "weakened",
        r"\bchmod\s+(?:-\w+\s+|--recursive\s+){0,4}(?:-\w{0,12}r\w{0,12}|--recursive)\s+(?:-\w+\s+){0,4}(?:0?777|a\+rwx|ugo\+rwx)\s+/\w"
        r"|\bstricthostkeychecking[ =]no\b[^\n]{0,60}\b(?:all|every|global\w*|\*|~/\.ssh/config)|\bhost \*\s{1,20}stricthostkeychecking no"
        r"|\bdebug\s{0,2}=\s{0,2}true\b[^\n;]{0,60}\b(?:on|in) (?:the )?prod\w* (?:server|machine|host)s?|--noauth\b|--auth[ =]none\b|--no-auth\b(?=[^\n]{0,60}0\.0\.0\.0)|\bauth(?:entication)?\s{0,2}[:=]\s{0,2}[\"']?(?:none|off)\b[^\n]{0,60}0\.0\.0\.0"
        r"|\brejectunauthorized\s{0,2}:\s{0,2}false\b[^\n]{0,60}\bprod|\bdebug\s{0,2}=\s{0,2}true\b(?! is)[^\n]{0,60}\bin production"
        r"|\baccess-control-allow-origin[^\n]{0,20}\*[^\n]{0,80}\bcredentials\b|\ballow_all_origins\s{0,2}=\s{0,2}true\b[^\n]{0,60}\bprod",
        "opens what was closed",
        marks="chmod|stricthost|noauth|auth|rejectunauth|debug|allow|public|verify",
    ),
    Rule(
        "weakened",
        r"(?<!\w)(?:host\s+all\s+all\s+(?:0\.0\.0\.0/0|all|::/0)\s+trust"
        r"|host_auth_method\s?=\s?trust(?=[^\n]{0,80}\b(?:production|prod|deploy)\b)"
        r"|--skip-grant-tables|protected-mode\s+no[^\n]{0,60}(?:bind|0\.0\.0\.0|&&)"
        r"|grant\s+all(?:\s+privileges)?\s+on\s+\*\.\*\s+to\s+[^\n]{0,20}@\s?[\"'`]?%"
        r"|listen_addresses\s?=\s?'\*'[^\n]{0,80}trust"
        r"|clusterrole\s?=\s?cluster-admin[^\n]{0,80}(?:anonymous|unauthenticated|default:default"
        r"|system:serviceaccounts)|system:anonymous|--anonymous-auth\s?=\s?true"
        r"|authorization-mode\s?=\s?alwaysallow"
        r"|xpack\.security\.enabled\s{0,2}[:=]\s{0,2}false(?=[^\n]{0,60}prod)"
        r"|0\.0\.0\.0/0[^\n]{0,40}\b(?:22|ssh|3306|5432|6379|3389|27017|2375)\b|(?<!80 )(?<!443 )--cidr\s+0\.0\.0\.0/0"
        r"|tcp://0\.0\.0\.0:2375|[\"']principal[\"']\s{0,3}:\s{0,3}[\"']\*[\"'][^}]{0,200}[\"']action[\"']\s{0,3}:\s{0,3}\[?\s{0,3}[\"'](?:\*|\w{2,12}:(?:\*|put|delete))"
        r"|requirepass\s+[\"']{2}[^\n]{0,60}(?:0\.0\.0\.0|\bprod)|0\.0\.0\.0[^\n]{0,60}requirepass\s+[\"']{2})",
        "opens a service to everyone",
        marks="host|trust|skip-grant|protected-mode|grant |anonymous|alwaysallow|xpack|0.0.0.0|principal|requirepass"
        "|cluster-admin",
    ),
    Rule(
        "weakened",
        r"\bdocker run\b[^\n]{0,160}(?:-v|--volume|--mount)[ =]\S{0,20}(?:/:/|src=/,|source=/,|/etc:/"
        r"|/root:/)|--privileged\b[^\n]{0,80}(?:--pid[= ]host|-v /)|\bchmod\s+(?:-\w+\s+)?(?:0?666"
        r"|0?777)\s+/var/run/docker\.sock|--privileged\b[^\n]{0,80}\bdocker(?:\.sock| socket)\b|\bdocker(?:\.sock| socket)\b[^\n]{0,80}--privileged|--security-opt[= ](?:seccomp"
        r"|apparmor)[=:]unconfined[^\n]{0,80}--privileged",
        "gives a container the machine",
        marks="docker|--privileged",
    ),
    Rule(
        "weakened",
        r"\bgrant\s+all\b[^\n;]{0,80}\bto\s+(?:public|anonymous|guest|everyone)\b|\balter (?:role|user) \S{1,40} (?:with )?superuser\b[^\n]{0,40}\bgrant\b"
        r"|\b(?:give|grant|assign|hand)\b[^\n.]{0,40}\b(?:role|user|account|bot|app|pipeline|runner|agent|ci|everyone|token)\b[^\n.]{0,24}(?:\badministratoraccess\b|\bpoweruseraccess\b|\broles/owner\b|\bcluster-admin\b|[\"'`]\*:\*|\bfull admin|\bsuperuser\b|\bowner (?:role|rights))",
        "gives rights far beyond the problem",
        marks="grant|alter|give|assign|hand",
    ),
    Rule(
        "weakened",
        r"\b(?:delete|remove|comment out|drop|skip|cut)\b[^\n.]{0,12}\b(?:lines?|code|call|block|if|check|function|step|middleware)\b[^\n.]{0,6}\b(?:that|which)\b[^\n.]{0,6}\b(?:verif|check|validat|enforc|compar)\w{1,6}\b[^\n.]{0,24}\b(?:signatures?|tokens?|permissions?|passwords?|certificates?|csrf|hmac|roles?)\b"
        r"|\breturn (?:true|next\(\))[^\n.]{0,24}\b(?:before|instead of|ahead of)\b[^\n.]{0,12}\b(?:permission|auth\w*|access|signature|role|login)\b[^\n.]{0,6}\b(?:checks?|validation|verification|guard)"
        r"|\balgorithms?\b[^\n]{0,40}\bto\b[^\n\w]{0,8}none\b(?! (?:of|at)\b)|\b(?:replace|swap|change)\b[^\n.]{0,12}\b(?:bcrypt|argon2\w*|scrypt)(?:\.\w+)?[^\n.]{0,12}\b(?:with|by|to|for)\b[^\n.]{0,24}(?:={2,3}|\bplain\b|\b(?:string )?(?:comparison|equality)\b)",
        "takes a check away",
        marks="verif|check|validat|enforc|compar|return |none|bcrypt|argon|scrypt",
    ),
    Rule(
        "weakened",
        r"\bgh repo edit\b[^\n]{0,40}--visibility[ =]public\b|\b(?:npm (?:owner|access) (?:add|grant)|gem owner (?:-a|--add)|cargo owner (?:-a|--add)|gh repo add-collaborator)\s[\w@][^\n<]{1,60}|\bgh api\b[^\n]{0,60}/collaborators/[\w-]{2,40}"
        r"|\b(?:invite|add|make)\b[^\n.]{0,8}(?:[\w.+-]{1,40}@[\w.-]{3,60}|@[\w-]{3,39})[^\n.]{0,20}\b(?:as an?|an?) (?:owner|admin\w*|maintainer|collaborator)\b",
        "lets a stranger in",
        marks="gh repo|owner|npm access|collaborator|admin|maintainer",
    ),
    Rule(
        "weakened",
        r"\b(?:use|switch to|change to|set|accept|allow)\b[^\n.]{0,30}\b(?:md5|sha-?1|rc4|des|ecb|rot13|crc32|alg(?:orithm)?[ :=\"'`]{1,4}none|none algorithm)\b[^\n]{0,40}\b(?:passwords?|tokens?|backend|production|login|session|signature)\b"
        r"|\bjwt\b[^\n.]{0,12}\balg(?:orithm)?s?(?: (?:to|as|is|=))?[ :=\"'`]{1,4}none\b|\b(?:and|then|just|simply) (?:skip|drop|ignore|disable|omit)s? (?:the |all |any )?signature (?:checks?|verification|validation)",
        "weakens how secrets are kept",
        marks="md5|sha|rc4|des|ecb|rot13|crc32|none|signature",
    ),
    Rule(
        "weakened",
        r"\b(?:docker(?: run)?|container|compose|service|pod|app)\b[^\n]{0,60}/var/run/docker\.sock[^\n]{0,60}(?:--cap-add[= ]all|privileged)\b|--cap-add[= ]all\b[^\n]{0,80}docker\.sock"
        r"|\balias\.\w{1,20}\s+[\"'][^\"'\n]{0,60}(?:--no-verify|--force)\b|\bcommit\.gpgsign\s+false\b[^\n]{0,20}(?:&&|;)"
        r"|\b(?:newer|later|recent|current) (?:ones|versions?|releases?)\b[^\n]{0,24}\b(?:reject|verif|check|enforc|validat|refus)\w*[^\n]{0,30}\b(?:cert\w*|signatures?|tokens?|hosts?|ssl|tls)\b|\b(?:downgrade|pin|go back|roll back|revert)\b[^\n]{0,80}\b(?:do(?:es)? not|don't|doesn't|no longer|less) (?:verif|check|validat|enforc|strict)\w*",
        "gives up a protection for good",
        marks="docker.sock|alias.|gpgsign|downgrade|pin|back|revert|newer|later|recent|current",
    ),
    Rule(
        "weakened",
        r"\b(?:algorithms?\s{0,2}[=:]\s{0,2}\[?\s{0,2}[\"']none[\"']"
        r"|verify_signature[\"']?\s{0,2}[:=]\s{0,2}false|jwt\.decode\([^\n]{0,120}verify\s?=\s?false"
        r"|permitall\(\)[^\n]{0,60}(?:anyrequest|\*\*)|anyrequest\(\)\.permitall"
        r"|pull_request_target\b[^\n]{0,160}\b(?:head|checkout|check out)\b[^\n]{0,160}\bsecrets\.|pull_request_target\b[\s\S]{0,240}\bwrite-all\b[\s\S]{0,240}pull_request\.head\."
        r"|pull_request_target\b[\s\S]{0,400}pull_request\.head\.(?:sha|ref)[\s\S]{0,160}\brun:[\s\S]{0,240}\bsecrets\b"
        r"|validate(?:issuer)?signing(?:key)?\s?=\s?false|signaturevalidator\s?=\s?\(|checkservertrusted\([^)\n]{0,80}\)\s?(?:throws \w{1,40}\s?)?\{\s?\}[\s\S]{0,300}\b(?:release|production|prod|for good|never comes? back|ship)\b"
        r"|return true;?[^\n]{0,30}(?:skip|bypass)[^\n]{0,20}auth)",
        "accepts what nobody signed",
        marks="algorithm|verify_signature|jwt.decode|permitall|pull_request_target|return true|signing|signaturevalidator|checkservertrusted",
    ),
    Rule(
        "weakened",
        r"access-control-allow-origin[\"']?\s{0,2}[:,=]\s{0,2}[\"']?\*[\s\S]{0,"
        r"120}?allow-credentials[\"']?\s{0,2}[:,=]\s{0,2}[\"']?true"
        r"|\ballow(?:ed)?[-_ ]origins?[\"']?\s{0,2}[:,=]?\s{0,2}\[?[\"'`]?\*[\"'`]?\]?[^\n]{0,60}\b(?:with|and|allow\w*)[-_ ]{1,2}credentials\b"
        r"|allow_origins\s?=\s?\[\s?[\"']\*[\"']\s?\][\s\S]{0,80}?allow_credentials\s?=\s?true"
        r"|supports_credentials\s?=\s?true[^\n]{0,60}origins\s?=\s?[\"']\*",
        "lets every site act for the person",
        marks="origin",
    ),
)
"""Held wherever they stand: the effect reaches beyond one call."""

PASSING = (
    Rule(
        "weakened",
        r"\b(?:allow|enable|accept|permit|trust)[_-]?(?:unauthenticated|anonymous|insecure|unsafe|all[_-]?hosts|any[_-]?origins?|empty[_-]?passwords?|root[_-]?login)\b[\"']?\s?[:=]\s?[\"']?(?:true|yes|on|1)\b"
        r"|\b(?:disable|skip|no|bypass)_(?:auth\w*|login|csrf\w*|ssl\w*|tls\w*|signature\w*|security|sandbox)\s?=\s?(?:1|true|yes|on)\b"
        r"|(?<![-_\w])verify\s{0,2}=\s{0,2}false\b|rejectunauthorized[\"']?\s{0,2}:\s{0,2}false"
        r"|insecureskipverify\s{0,2}:\s{0,2}true|curlopt_ssl_verify(?:peer|host)\s{0,2}(?:,"
        r"|=>)\s{0,2}(?:false|0)|cert_reqs\s?=\s?[\"']?(?:ssl\.)?cert_none|\bssl\.cert_none\b|check_hostname\s?=\s?false"
        r"|_create_unverified_context|danger_accept_invalid_certs\(true\)|verify_none\b"
        r"|servercertificatevalidationcallback[^\n]{0,40}true|trust(?:all|self-?signed"
        r"|servercertificate)\s{0,2}[=:]\s{0,2}true|alltrust\w*|noophostnameverifier"
        r"|allow_all_hostname_verifier|badcertificatecallback\s{0,2}=\s{0,2}[^\n]{0,40}true",
        "turns certificate checks off",
        marks="verify|unauthorized|ssl|cert|trust|hostname|allow|enable|accept|permit|able_|skip_|no_|bypass_",
    ),
    Rule(
        "weakened",
        r"\bcurl\s(?:-\w{0,12}k\w{0,12}|--insecure)(?=[`'\"])|\bcurl\b[^\n|]{0,80}\s(?:-\w{0,12}k\w{0,12}|--insecure)\s[^\n]{0,120}https?://"
        r"|\bwget\b[^\n]{0,80}--no-check-certificate[^\n]{0,120}https?://|--tls-verify=false"
        r"|--insecure-registry\b|--insecure-skip-tls-verify(?!=false)|\bhelm\b[^\n]{0,60}--insecure"
        r"|ssh\b[^\n]{0,60}stricthostkeychecking[= ]no[^\n]{0,60}userknownhostsfile",
        "turns certificate checks off for a call",
        marks="curl|wget|tls|insecure|stricthost",
    ),
)
"""Held only when the trace orders them, against another machine, without a word of caution."""

ADVISED_AGAINST = (
    r"(?:\b(?:removed|dropped) (?:the |any )?(?:recommendation|advice|suggestion) to \Z|\b(?:never|don't|do not|should not|shouldn't|must not|mustn't|not to)\b(?! (?:need|want|forget|worry|mind|wait|waste|be|have|know)\b)(?:(?!\b(?:and|so|then|just|if)\b)[^\n.,;:]){0,40}"
    r"|\b(?:instead of|rather than|avoid|without)\s(?:(?!being|getting|having|waiting|losing)\w+ing\b(?:(?!\b(?:and|so|then|just|run|use|set)\b)[^\n.,;:]){0,40}|(?:the |a )?[`\"'*]{0,3}))\Z"
)
"""Shortly before a lasting weakening, in its sentence."""
EXPLAINED = (
    r"[^\n]{0,120}\b(?:last resort|env\.development|leaves (?:you|everyone|it (?:open|exposed|unprotected))|never trust|only to inspect|man-in-the-middle|mitm|interception|insecure|is unsafe"
    r"|not a fix|only to read|verification follows|before verif\w+|confirmed|turned? (?:it|them|selinux) (?:back )?on|re-?enabl\w+|setenforce 1|then (?:start|enable|turn)|to (?:test|check|see) whether|disables (?:tls|ssl|certificate)|exposes|prefer)\b"
)
"""After a lasting weakening, in its line: the text says what it costs or how to undo it."""

ORDER = (
    r"\b(?:just|simply|easiest|quick(?:est)?|always|permanent\w*|everywhere|globally"
    r"|all (?:requests|calls|clients)|in (?:the )?prod\w*|prod(?:uction)?|safe to|harmless|no risk|not needed"
    r"|unnecessary|for good|once and for all|gets? rid of|the fix is|to fix (?:this|it|the)|solves?|forever|by default"
    r"|(?:on|for|with|in) (?:every|each) (?:request|call|client|connection|session|host)|goes? away|went away|(?:is|are) gone|disappears?)\b"
)
CAUTION = (
    r"\b(?:insecure|not recommend\w*|never|do not use|don't use|caution|(?<!silence the )(?<!suppress the )(?<!ignore the )(?<!disable the )(?<!mind the )(?<!avoids the )(?<!avoid the )warning|careful\w*"
    r"|dangerous\w*|risk\w*|unsafe|only (?:for|in|use|if|when)|development|debug\w*|(?:for"
    r"|in) (?:the )?test(?:s|ing)?|test(?:ing)? (?:only|environments?|purposes|servers?)|localhost"
    r"|locally|local (?:development|testing|servers?|only)|self-?signed|temporar\w+|avoid"
    r"|discouraged|at your own|instead of|bad (?:idea|practice)|man-in-the-middle|mitm)\b"
    r"|127\.0\.0\.1"
)
WIDE = r"\b(?:in (?:the )?prod(?:uction)?|everywhere|globally|(?:for|on|in|with) (?:all|every|each) (?:requests?|calls?|clients?|connections?|sessions?|hosts?|servers?)|permanent\w*|for good|once and for all|forever)\b"
"""Where the order goes beyond a call: only a warning of the thing itself counts then."""
WARNING = (
    r"\b(?:insecure|not recommend\w*|never (?!mind)|do not use|don't use|should not|shouldn't|(?<!not )dangerous\w*|(?<!not )unsafe|only (?:for|in|use|if|when)|localhost|locally|bad (?:idea|practice)|man-in-the-middle|mitm"
    r"|at your own|(?:for|in) (?:the )?(?:development|test(?:s|ing)?))\b|127\.0\.0\.1"
)
