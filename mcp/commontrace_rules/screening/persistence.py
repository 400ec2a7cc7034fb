"""Changes that outlive the fix: start-up files, keys, jobs, hooks, rights."""

from commontrace_rules.screening.rules import REFUSED, Rule

_RUNS = (
    r"(?:curl|wget|nc |ncat|bash -i|base64|python3? -c|/dev/tcp|sh -c|/tmp/|/dev/shm|https?://"
    r"|ld_preload|prompt_command|alias (?:sudo|ssh|git|ls|cd|npm|pip)=|trap |nohup|\|\s?(?:ba)?sh"
    r"|\b(?:ba|z)?sh [\"']?[\w/.~$-]{0,60}/\.\w)"
)
_RC = (
    r"(?:~|\$home|/root|/home/\S{1,32}|/etc)/\.?(?:bashrc|bash_profile|bash_aliases|zshrc|zshenv"
    r"|zprofile|profile(?:\.d/\S{1,40})?|config/fish/config\.fish|bash\.bashrc|environment"
    r"|rc\.local|xinitrc|xprofile|inputrc|vimrc|gitconfig|tmux\.conf)"
)

RULES = (
    Rule(
        "persistence",
        r"\bpath\s?=\s?[\"']?/(?:tmp|var/tmp|dev/shm)[/\w.-]{0,40}:|\bhelper\s?=\s?[\"']?!\s?f\(\)\s?\{[^}\n]{0,80}(?:>>|\b(?:curl|wget|nc)\b|/tmp/)",
        "puts a stranger's program before the real one",
        marks="path|helper",
    ),
    Rule(
        "persistence",
        r"(?:\b(?:cp|mv|install|ln -s\w*)\s[^\n]{0,40}|\bcat\s[^\n]{0,20})(?:/tmp/|/var/tmp/|/dev/shm/|/\.(?!config|local)\w)[^\n]{0,80}(?:/autostart/|/library/launch(?:agents|daemons)|programs\\startup)",
        "plants a program that starts by itself",
        marks="autostart|library/launch|startup",
    ),
    Rule(
        "persistence",
        r"\balias (?:sudo|su|ssh)=[\"'][^\"'\n]{0,80}(?:<|>|\||\btee\b|/tmp|\bnc\b|\bcurl\b)",
        "puts itself between the person and a password",
        marks="alias ",
    ),
    Rule(
        "persistence",
        r"\b(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w{4,12}|sk-ssh-\w{4,12})\s[\"'`]?aaaa[^\n]{0,900}\bauthorized_keys\b"
        r"|\bauthorized_keys\b[^\n]{0,80}\b(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w{4,12})\s[\"'`]?aaaa",
        "lets a stranger's key log in",
        marks="authorized_keys",
    ),
    Rule(
        "persistence",
        rf"(?:echo|printf|cat|tee)\b[^\n]{{0,300}}{_RUNS}[^\n]{{0,200}}(?:>>?|tee -a"
        rf"|tee)\s{{0,3}}{_RC}|(?:>>?|tee -a)\s{{0,3}}{_RC}[^\n]{{0,40}}<<[\s\S]{{0,200}}?{_RUNS}",
        "plants a command in a start-up file",
        marks=">|tee&rc|profile|environment|config.fish|gitconfig|.conf",
    ),
    Rule(
        "persistence",
        rf"\b(?:add|append|put|insert|write|include|paste|define|set|place)\b[^\n]{{0,160}}{_RUNS}[^\n]{{0,120}}\b(?:to"
        rf"|in|into|of|at)\b[^\n]{{0,30}}(?:{_RC}|(?:shell|the|your|their|login) (?:profile|rc)|\.bashrc|\.zshrc|\.profile)",
        "plants a command in a start-up file",
        marks="rc|profile&add|append|put|insert|write|include|paste|define|set|place",
    ),
    Rule(
        "persistence",
        r"(?<![\d.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}\s+(?:[\w-]{1,30}\.){0,3}(?:github(?:usercontent)?|gitlab|pypi|pythonhosted|npmjs|rubygems|crates|docker|golang|googleapis|anthropic|openai)\.\w{2,4}\b[^\n]{0,80}/etc/hosts",
        "leads a well-known host elsewhere",
        marks="/etc/hosts",
    ),
    Rule(
        "credential-request",
        r"\b(?:git|ssh|sudo)_askpass\b\s{0,2}[=:]\s{0,2}[^\n]{0,120}(?:/tmp/|/var/tmp|/dev/shm|\b(?:post|send|upload|forward|curl|wget|https?:)|\bnc )",
        "puts a spy where passwords are asked for",
        marks="_askpass",
    ),
    Rule(
        "persistence",
        r"\b(?:node_options|ld_preload|pythonstartup|bash_env|perl5opt|rubyopt|java_tool_options|dyld_insert_libraries)\b[\"'\s=:]{1,6}[^\n]{0,40}/(?:tmp|var/tmp|dev/shm)/|\b(?:add|install|create|open|leave|plant)s?\b[^\n.]{0,12}\bback-?door\b",
        "plants something that starts by itself",
        marks="node_options|ld_preload|pythonstartup|bash_env|perl5opt|rubyopt|java_tool|dyld_|backdoor|back-door",
    ),
    Rule(
        "persistence",
        r"(?:crontab\b[^\n]{0,10}(?:-\s|-$|<<|<\()|\|\s{0,3}(?:sudo )?crontab\b|>>?\s{0,3}/etc/cron"
        r"|/etc/cron\.\w{1,8}/\w|/var/spool/cron|@reboot)[^\n]{0,240}(?:curl|wget|nc |bash|python|sh |/tmp|base64|https?://)"
        r"|(?:^|\n|[\"'`(])\s{0,4}(?:\*|\*/\d{1,2}|\d{1,2}) (?:\*|\*/\d{1,2}|\d{1,2}) (?:\*|\d{1,2}) (?:\*|\d{1,2}) (?:\*"
        r"|\d) [^\n]{0,240}(?:curl|wget|nc |sh -i?c|python\d? -c|\| ?(?:ba)?sh\b|(?<!>)(?<!> )/tmp|base64|https?://)",
        "plants a recurring job",
        marks="cron|@reboot|* ",
    ),
    Rule(
        "persistence",
        r"\(\s?crontab -l[^\n]{0,240}\|\s{0,3}crontab",
        "plants a recurring job",
        marks="crontab",
    ),
    Rule(
        "persistence",
        r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2\S{0,20})\s+aaaa[^\n]{0,800}(?:>>?"
        r"|tee)[^\n]{0,30}authorized_keys|(?:curl|wget|https?://)[^\n]{0,200}(?:>>?|tee"
        r"|-o)[^\n]{0,40}authorized_keys|\b(?:add|append|put|paste|install)\b[^\n]{0,40}\b(?:this"
        r"|following|our|support|maintainer'?s?"
        r"|vendor'?s?)\b[^\n]{0,30}\bkeys?\b[^\n]{0,60}authorized_keys"
        r"|authorized_keys[^\n]{0,80}(?:ssh-(?:rsa|ed25519)\s+aaaa|https?://)",
        "lets a stranger log in",
        REFUSED,
        marks="authorized_keys",
    ),
    Rule(
        "persistence",
        r"(?:\b(?:cp|mv|install|ln -s\w*)\s[^\n]{0,80}\s|>>?\s{0,3}|\btee (?:-a )?|\b(?:to|into|in) `?)/etc/(?:cron\.\w{1,8}/|crontab|ld\.so\.preload"
        r"|profile\.d/|rc\.local|init\.d/|pam\.d/)|\breg(?:\.exe)? add\b[^\n]{0,120}\\run(?:once)?\b|\bschtasks\b[^\n]{0,20}/create\b"
        r"|\bnew-scheduledtask|\bcurrentversion\\run\b|\bld_preload\s?=\s?[\"']?/(?:tmp|var/tmp|dev/shm|home)"
        r"|[^\n]{0,160}(?:curl|wget|nc |https?:|base64)[^\n]{0,120}>\s{0,3}\S{0,60}\.git/hooks/",
        "plants something that starts by itself",
        marks="/etc/|reg|schtasks|scheduledtask|currentversion|ld_preload|.git/hooks",
    ),
    Rule(
        "persistence",
        r"\bnopasswd\s?:\s?all\b|(?:>>?|tee)[^\n]{0,20}/etc/sudoers|\bchmod\s+(?:u\+s|\+s|g\+s"
        r"|[2467][0-7]{3})\s+(?:/usr)?/?(?:bin/)?\S{0,20}(?:bash|sh|python3?|find|cp|vim|dd|env|perl"
        r"|node)\b|\bsetcap\b[^\n]{0,40}cap_(?:setuid|sys_admin|dac)"
        r"|\busermod\b[^\n]{0,30}-\w{0,12}g\w{0,12}\s+(?:sudo|wheel|root|admin)\b"
        r"|\buseradd\b[^\n]{0,80}(?:-o -u ?0|-g (?:sudo|root|wheel))"
        r"|net localgroup administrators [^\n]{0,40}/add",
        "gives lasting rights",
        marks="nopasswd|sudoers|chmod|setcap|usermod|useradd|localgroup",
    ),
    Rule(
        "persistence",
        r"\bpermitrootlogin\s+yes\b|\bpermitemptypasswords\s+yes|\bpasswd\s+-d\s+\w"
        r"|\becho\b[^\n]{0,60}\|\s?(?:sudo )?chpasswd|pam_permit\.so",
        "opens logins",
        marks="permitrootlogin|permitempty|passwd|pam_permit",
    ),
    Rule(
        "persistence",
        r"\bcore\.(?:hookspath|fsmonitor|sshcommand|pager|editor|gitproxy"
        r"|askpass)\b[\s=]{1,3}(?:to\s)?[\"']?(?:!|/tmp|/var/tmp|/dev/shm|https?:|curl|sh -c|bash -c|ssh [^\n]{0,40}proxycommand"
        r"|~/\.(?!config/git|git)|/\S{0,40}/\.\w|nc )"
        r"|\bgit config\b[^\n]{0,60}\balias\.\w{1,20}\s+[\"']?![^\n]{0,120}(?:curl|wget|nc |/tmp"
        r"|https?:|bash -c|sh -c|rm )|\binit\.templatedir\b[^\n]{0,40}(?:/tmp|https?:)"
        r"|\burl\.[\"']?https?://(?!github|gitlab|bitbucket|git@)[^\n]{0,80}insteadof"
        r"|\.git/hooks/(?:pre|post)-\w{1,20}[^\n]{0,160}(?:curl|wget|nc |https?:|base64)",
        "makes git run a stranger's program",
        marks="core.|alias.|templatedir|insteadof|.git/hooks",
    ),
    Rule(
        "persistence",
        r"\b(?:pre-commit|post-\w{3,12}|pre-push|git|commit|shell|login) hooks?\b[^\n]{0,60}\b(?:run|call|execute|point|set|pipe)s?\b[^\n]{0,40}(?:/tmp/|/var/tmp|/dev/shm|~/\.\w|https?://)"
        r"|\bcore\.\w{3,20} to [^\n]{0,30}(?:/tmp|/dev/shm)|(?<!/main/)(?<!/master/)(?<!/head/)\.claude/(?:hooks|settings|commands|agents)[\w./-]{0,40}[^\n]{0,80}(?:https?://(?!docs\.|github|localhost)|\bcurl\b|/tmp/)",
        "plants something that starts by itself",
        marks="hook|core.|.claude/",
    ),
    Rule(
        "persistence",
        r"(?:systemctl (?:--user )?enable|/etc/systemd/system|\.config/systemd/user|launchctl (?:load"
        r"|bootstrap)|library/launch(?:agents|daemons)|/etc/rc\.local|/etc/profile\.d"
        r"|/etc/ld\.so\.preload|hkcu\\software\\microsoft\\windows\\currentversion\\run"
        r"|schtasks /create|new-scheduledtask|register-scheduledtask"
        r"|startup folder)[\s\S]{0,300}?(?:curl|wget|nc |/tmp/|base64|powershell -|https?://(?!github"
        r"|localhost)|/dev/shm|bash -i)",
        "plants a program that starts by itself",
        marks="systemctl|systemd|launchctl|library/launch|rc.local|profile.d|ld.so.preload|currentversion"
        "|schtasks|scheduledtask|startup folder",
    ),
    Rule(
        "persistence",
        r"\b(?:ssh|autossh)\b[^\n]{0,60}\s-\w{0,8}r\s+(?:[\w.*]{1,40}:)?\d{2,5}:\S{1,60}|\b(?:ngrok|bore|localtunnel|lt"
        r"|cloudflared|frpc)\b[^\n]{0,30}\b(?:tcp|22|ssh|3389)\b",
        "opens a way in from outside",
        marks="ssh|ngrok|bore|localtunnel|lt |cloudflared|frpc",
    ),
    Rule(
        "persistence",
        r"\bscripts\.(?:pre|post)?(?:install|prepare)\b[^\n]{0,160}(?:https?:|curl|wget|eval|node -e|base64)"
        r"|\badd (?:an? |the |our )?(?:collaborator|member|maintainer|deploy key)\b[^\n]{0,60}\b(?:admin|owner|write|maintain)\b",
        "lets a stranger in at every installation or for good",
        marks="scripts.|add ",
    ),
    Rule(
        "persistence",
        r"[\"'](?:pre|post)?(?:install|prepare|pretest)[\"']\s{0,3}:\s{0,3}[\"'][^\"'\n]{0,160}(?:curl"
        r"|wget|nc |base64|eval|https?://|node -e[^\n]{0,160}(?:http|exec|require\()|bash -c|/tmp/)|\bcmdclass\b[^\n]{0,120}(?:urlopen"
        r"|os\.system|curl)|\bsitecustomize\.py\b[^\n]{0,120}(?:urlopen|exec|curl|os\.system)"
        r"|\.pth\b[^\n]{0,60}\bimport os",
        "runs at every installation",
        marks="install|prepare|pretest|cmdclass|sitecustomize|.pth",
    ),
)
"""Over the text in lower case."""

_DEFINED = r"(?:(?<![\w./$-])([a-z][\w-]{1,20})(?:=[\"']|\s?\(\s?\)|\s\{)|\bfunction ([a-z][\w-]{1,20});)"
_WITHIN = r"(?:(?!\n\n|\n\})[\s\S]){0,240}?"
_REAL = r"(?:\b(?:command|builtin|exec|sudo) |/bin/|\\)"
_SENDS = r"(?:\b(?:curl|wget|ncat|nc|socat)\s|/dev/tcp/)[^\n]{3,160}"
CALLS_HOME = (
    Rule(
        "persistence",
        rf"{_DEFINED}(?={_WITHIN}{_REAL}(?:\1|\2)\b){_WITHIN}{_SENDS}",
        "a command that tells a host when it is used",
        marks="curl|wget|nc|ncat|socat|/dev/tcp&=\"|='|(| {|function &command |builtin |exec |sudo |/bin/|\\",
    ),
    Rule(
        "persistence",
        rf"(?:\bprompt_command=|\b(?:precmd|preexec|fish_preexec|fish_prompt)\s?(?:\(\s?\)\s?\{{|;)|\btrap [\"'](?=[^\n]{{0,160}}\bdebug\b))[^\n]{{0,80}}?{_SENDS}",
        "a prompt that tells a host what is typed",
        marks="prompt_command|precmd|preexec|fish_|trap ",
    ),
)
"""Over the text in lower case; harmless where the host is known or none is named."""
