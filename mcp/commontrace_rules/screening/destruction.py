"""Commands whose effect cannot be undone, beyond the project at hand."""

from commontrace_rules.screening.rules import REFUSED, Rule

_BRANCH = (
    r"(?<!-)(?:main|master|trunk|production|prod|release\S{0,20}|develop|stable"
    r"|head:(?:refs/heads/)?\w{1,20}(?![\w/-])|--all|--mirror)"
)

RULES = (
    Rule(
        "destructive",
        r"\bdd\b[^\n]{0,120}\bof=/dev/(?:sd|hd|nvme|vd|xvd|disk|mmcblk|mapper|rdisk|mem|kmem)\w{0,12}",
        "overwrites a disk",
        REFUSED,
        marks="of=/dev/",
    ),
    Rule(
        "destructive",
        r"\b(?:mkfs(?:\.\w{1,8})?|mke2fs|wipefs|blkdiscard|sgdisk|fdisk|parted"
        r"|cryptsetup (?:luksformat|erase)|hdparm[^\n]{0,40}erase"
        r"|nvme format)\b[^\n]{0,80}/dev/(?!(?:sd|vd|nvme)x\w{0,3}\b)\w{2,20}",
        "erases a disk",
        marks="/dev/",
    ),
    Rule(
        "destructive",
        r"\b(?:mkfs(?:\.\w{1,8})?|mke2fs|wipefs|blkdiscard|shred|sgdisk)\b[^\n;|&]{0,60}(?:\$\(|\s`)\s?(?:sudo )?(?:df|mount|findmnt|lsblk|blkid|readlink|find|fdisk|echo|cat)\b\s?[-/|$\w]|\bdd\b[^\n]{0,120}\bof=[\"']?(?:\$\(|`)"
        r"|\b(?:df|findmnt|lsblk|blkid|fdisk)\b[^\n]{0,120}\|[^\n]{0,60}\b(?:xargs|while read)\b[^\n]{0,60}\b(?:mkfs|mke2fs|wipefs|blkdiscard|shred|dd|sgdisk)\b"
        r"|\bfor \w{1,16} in [^\n]{0,80}(?:/dev/(?:sd|nvme|vd|hd|disk|\*)|lsblk|blkid)[^\n]{0,80}\b(?:mkfs|mke2fs|wipefs|blkdiscard|shred|dd|sgdisk)\b",
        "erases a disk that it looks up",
        marks="mkfs|mke2fs|wipefs|blkdiscard|shred|sgdisk|dd",
    ),
    Rule(
        "destructive",
        r">\s{0,2}/dev/(?:sd[a-z]|nvme\d|vd[a-z]|hd[a-z]|disk\d|mmcblk\d)|\bshred\b[^\n]{0,80}(?:/dev/"
        r"|~|\$home|/etc|/home)",
        "overwrites a disk",
        REFUSED,
        marks="/dev/|shred",
    ),
    Rule(
        "destructive",
        r"\bgit\s+(?:stash clear\b|reflog expire\b)[^\n]{0,160}\bgit gc\b[^\n]{0,20}--prune=now|>\s{0,2}/proc/sysrq-trigger|>\s{0,2}/dev/k?mem\b|\bgsutil\b[^\n]{0,20}\brm\s+-\w{0,12}r\w{0,12}\s+gs://|\bdiskutil\s+(?:erase\w+|partitiondisk|secureerase|zerodisk|apfs delete\w+)\b|\bchmod\s+(?:0?777|0?000|a\+rwx|-r)\s+(?:/|~|\$home|/etc|/usr)\s+-r\b"
        r"|\b(?:sed|perl) -\w{0,12}i\w{0,12}(?: -e)? [\"']?(?:s/\.[*+]//|d[\"'])[^\n]{0,12}(?:\$\(git ls-files|\*(?:\s|$)|\$\(find)|\bgit ls-files\b[^\n]{0,20}\|\s?xargs[^\n]{0,20}\b(?:rm|shred|truncate)\b",
        "destroys what is there",
        marks="diskutil|chmod|sed|perl|ls-files|git gc|sysrq|/dev/|gsutil",
    ),
    Rule(
        "destructive",
        r"(?:^|(?<!\\)\n|[;&|`]\s?)[ \t]{0,4}(?::|true|cat /dev/null|echo(?: -n)?(?: [\"']{2})?)?\s?>\s{0,2}/(?:etc|boot|bin|usr|lib|var/lib)/[\w./-]{2,60}",
        "empties a file of the system",
        marks="> /|>/",
    ),
    Rule(
        "destructive",
        r"\bfind\b(?! [\"']?/(?:var/)?tmp\b)[^\n|;]{0,60}-name\s+[\"']?[^\s\"']{0,20}(?:test|spec|backup|migration)[^\s\"']{0,20}[\"']?[^\n|;]{0,40}(?:-delete|-exec rm)\b|\brm\s+-\w{0,12}r\w{0,12}\s+(?:\./)?(?:tests?|specs?|__tests__|backups?)/?(?=[\s;&|`'\")]|$)"
        r"|\bupdate\s+\w{0,20}(?:users?|accounts?|customers?)\s+set\b(?![^;\n]{0,200}\bwhere\b)[^;\n]{0,200}(?:;|$)",
        "destroys what a project keeps to be safe",
        marks="find |rm |update ",
    ),
    Rule(
        "destructive",
        r":\s?\(\)\s?\{\s?:\s?\|\s?:\s?&\s?\}\s?;\s?:"
        r"|\b(\w{1,12})\(\)\s?\{\s?\1\s?\|\s?\1\s?&\s?\}\s?;\s?\1",
        "a fork bomb",
        REFUSED,
        marks="(){|() {|( ) {|()  {|:(",
    ),
    Rule(
        "destructive",
        r"\brm\s+-\w{0,12}r\w{0,12}\s+(?:\./)?\.git/?(?=[\s;&|`'\")]|$)|\bgit\s+push\b[^\n;&|`]{0,40}(?:--delete|\s-d)\s+(?:main|master|develop|production|release)\b"
        r"|\bgit\s+update-ref\s+-d\b|\bdocker\s+system\s+prune\b(?=[^\n]{0,40}--volumes)[^\n]{0,60}(?:-\w{0,12}f\w{0,12}|--force)"
        r"|>\s{0,2}~?/?\S{0,40}(?:bash|zsh)_history\b|\bunset histfile\b|\bhistsize=0\b",
        "removes history or data for good",
        marks=".git|push|update-ref|prune|hist",
    ),
    Rule(
        "destructive",
        r"\bgit clean -\w{0,12}[xd]\w{0,12}\s+(?:/|~|\$home)(?=[\s;&|]|$)|\bdocker[ -]compose\b[^\n]{0,40}\bprod\w*[^\n]{0,20}\bdown\b[^\n]{0,20}(?:-v|--volumes)\b|\brm\s+(?:-\w+\s+)?(?:\S+ )?/etc/(?:passwd|shadow|sudoers|fstab|hosts)(?=[\s;&|`]|$)"
        r"|\bfind\s+(?:/|~|\$home|/home|/etc|/usr|/var|\"\$home\")(?:\s|\")[^\n|]{0,160}(?:-delete"
        r"|-exec\s+(?:sudo )?(?:rm|shred|truncate)\b)",
        "deletes across the system",
        marks="find |git clean|compose|/etc/",
    ),
    Rule(
        "destructive",
        r"\bcd\s+(?:/|~|\$home|/etc|/usr|/var)\s{0,3}(?:&&|;"
        r"|\n)\s{0,3}(?:sudo )?(?:rm\s+-\w{0,12}r\w{0,12}[^\n]{0,20}\s(?:\*|\.(?=[\s;&|]|$))|find \. -delete"
        r"|git clean -\w*x)",
        "deletes across the system",
        REFUSED,
        marks="cd ",
    ),
    Rule(
        "destructive",
        r"\bgit\s+branch\b[^\n]{0,60}xargs[^\n]{0,40}\bgit\s+push\b[^\n]{0,40}(?:--delete|-d\b|:)",
        "deletes the branches of others",
        marks="xargs",
    ),
    Rule(
        "destructive",
        r"\bmv\s+(?:-\w+\s+)?(?:/etc|/usr|/bin|/lib|/var|/home|/boot)/?\s+\S+|\bmv\s+(?:-\w+\s+)?(?:~|/|\$home|/etc|/usr|/\*|~/\*)\s+/dev/null"
        r"|\btruncate\b[^\n]{0,40}(?:-s ?0|--size[= ]0)[^\n]{0,60}(?:/etc/|/var/lib|\.db\b|/dev/|_history\b)"
        r"|(?:^|[\n;&|` ])>{1,2}?\s?/var/log/(?:auth\.log|secure|wtmp|btmp|lastlog|audit/)"
        r"|\bhistory -c\b[^\n]{0,40}(?:&&|;)|\brm\b[^\n]{0,40}(?:\.bash_history|/var/log(?:/\*)?\s"
        r"|auth\.log)",
        "destroys data or traces",
        marks="/dev/null|truncate|history|.log|/var/log|mv ",
    ),
    Rule(
        "destructive",
        r"\bchmod\s+(?:-\w+\s+|--recursive\s+){0,4}(?:-\w{0,12}r\w{0,12}|--recursive)\s+(?:-\w+\s+){0,4}(?:0?777|a\+rwx"
        r"|ugo\+rwx|0?000|\+w|o\+w)\s+(?:/|~|\$home|/etc|/usr|/var|/home|/\*|/bin|/lib|/root|/opt"
        r"|~/\.ssh)(?:/?\*?)(?=[\s;&|`'\")]|$)|\bchmod\s+(?:0?777|a\+rwx"
        r"|0?666)\s+(?:-r\s+)?(?:/etc/(?:passwd|shadow|sudoers)|~/\.ssh\S{0,40}|/)(?=[\s;&|`'\")]|$)"
        r"|\bchown\s+(?:-\w{0,12}r\w{0,12}|--recursive)\s+\S{1,60}\s+(?:/|/etc|/usr|/var|/bin|/lib|/\*)(?=[\s;&"
        r"|`'\")]|$)",
        "opens or breaks the whole system",
        marks="chmod|chown",
    ),
    Rule(
        "destructive",
        rf"\bgit\s+push\b[^\n;&|`]{{0,80}}(?:--force(?!-with-lease)|\s-f\b|\s-\w*f\b)[^\n;&"
        rf"|`]{{0,80}}\b{_BRANCH}|\bgit\s+push\b[^\n;&|`]{{0,80}}(?:{_BRANCH})[^\n;&"
        rf"|`]{{0,60}}(?:--force(?!-with-lease)|\s-f\b)|\bgit\s+push\b[^\n;&|`]{{0,80}}\s\+(?:main"
        rf"|master|head|refs)|\bgit\s+push\b[^\n;&|`]{{0,60}}(?:--mirror|--delete \S{{1,40}} (?:main"
        rf"|master)|\s:(?:main|master)\b|--prune[^\n]{{0,40}}--all)|\bgit\s+push\b[^\n;&"
        rf"|`]{{0,40}}--force[^\n;&|`]{{0,40}}--all",
        "overwrites a branch that others use",
        marks="push",
    ),
    Rule(
        "destructive",
        r"\bfind\b[^\n|;]{0,80}-exec (?:sudo )?(?:truncate|shred)\b|\bgit\s{1,3}push\b[^\n]{0,40}\s(?:--delete|-d)\s[^\n]{0,10}\$\(|\bterraform state rm\b[^\n]{0,20}\$\(terraform state list"
        r"|\b(?:delete|remove|wipe|drop|erase|destroy|empty|purge)\b[^\n.]{0,40}\b(?:production|prod|live) (?:volume|server|bucket|namespace|environment|database|db|data|cluster|table|instance)s?\b",
        "destroys what others need",
        marks="-exec|push|terraform|production|prod |live ",
    ),
    Rule(
        "destructive",
        r"\bgit\s{1,3}push\b(?=[^\n;&|`]{0,80}\s(?:-\w{0,4}f\b|--force\b(?!-with-lease)))[^\n;&|`]{0,80}\s(?:--all|--mirror|--tags)\b"
        r"|\bgit\s{1,3}(?:filter-branch|filter-repo)\b[^\n]{0,200}(?:--all\b|--branches\b|\*)[^\n]{0,80}\bgit\s{1,3}push\b[^\n]{0,40}(?:-f\b|--force\b(?!-with-lease))",
        "overwrites the history of everybody",
        marks="push",
    ),
    Rule(
        "destructive",
        r"\bgit\s+push\b[^\n]{0,80}(?:--force|-f)\b[^\n]{0,120}\bgit\s+(?:reflog expire|gc --prune)",
        "overwrites history and removes the way back",
        marks="push",
    ),
    Rule(
        "destructive",
        r"\bdrop\s+(?:database|schema)\s+(?:if\s+exists\s+)?+[`\"'\[]?(?!\w{0,20}(?:test|tmp|temp|demo"
        r"|example|sample|my_?db|my_?database|mydatabase|foo|dev|local|sandbox|scratch|\bname\b"
        r"|db_?name|database_?name|your))[a-z_$<]\w{0,40}|\bdropdb\b[^\n]{0,40}\b(?:prod\w*|main|app"
        r"|live)\b|(?<!['\"];)(?<!['\"]; )\b(?:truncate(?:\s+table)?|drop\s+table)\s+(?:if exists\s+)?+(?!(?:tmp|temp|test|old|new|copy|backup|staging)_)\w{0,20}(?:users?|accounts?"
        r"|payments?|orders|customers?|audit\w*)\b|\bdelete\s+from\s+[\w.]{1,40}\s+where\s+(?:1\s?=\s?1|true)\b|\bupdate\s+[\w.]{1,40}\s+set\b[^;\n]{1,120}\bwhere\s+(?:1\s?=\s?1|true)\b|\bdelete\s+from\s+\w{0,20}(?:users?|accounts?"
        r"|payments?|orders|customers?|audit\w*)\s{0,2};|\bdb\.dropdatabase\(\)",
        "drops live data",
        marks="drop|truncate|delete|update",
    ),
    Rule(
        "destructive",
        r"\bkubectl\s+delete\b[^\n]{0,80}(?:--all\b|\s-a\b|--all-namespaces|kube-system|\bns\b(?! \S{0,30}(?:dev|test|tmp|temp|demo|sandbox|preview|local|example)\b)"
        r"|\bnamespaces?\b(?! \S{0,30}(?:dev|test|tmp|temp|demo|sandbox|preview|local|example|ci)\b)|\bpvc?\b(?! (?:hangs|fails|stuck|is|does|returns|command|will|times|blocks|waits)\b)|\bcrds?\b)|\bterraform\s+(?:destroy"
        r"|apply -destroy)\b[^\n]{0,60}-?-auto-approve|\bpulumi destroy\b[^\n]{0,30}(?:-y|--yes)"
        r"|\baws\s+(?:s3\s+(?:rb|rm)\b[^\n]{0,80}(?:--force|--recursive)|rds delete-db\S*"
        r"|ec2 terminate-instances|iam delete-\S+|dynamodb delete-table|cloudformation delete-stack)"
        r"|\bgcloud\b[^\n]{0,60}\bdelete\b[^\n]{0,60}(?:--quiet|-q\b)|\bgcloud projects delete"
        r"|\baz group delete|\bheroku (?:pg:reset|apps:destroy)|\b(?:flushall|flushdb)\b(?![^\n]{0,40}\b(?:dev|tests?|local|ci|staging|fixtures?)\b)"
        r"|\bdocker\s+(?:volume rm|rm -f|rmi -f)\s+\$\(docker|\betcdctl del\b[^\n]{0,40}--prefix"
        r"|\bhelm (?:uninstall|delete)\b[^\n]{0,40}--all\b|\bgh repo delete\b[^\n]{0,60}--yes"
        r"|\bnpm unpublish\b(?![^\n]{0,30}[<\[])[^\n]{0,60}(?:--force|-f)\b|\bvelero backup delete"
        r"|\brestic forget\b[^\n]{0,60}--prune[^\n]{0,40}--keep-last 0",
        "deletes running infrastructure",
        marks="delete|destroy|aws|gcloud|az group|heroku|flush|docker|etcdctl|helm|unpublish|restic",
    ),
    Rule(
        "destructive",
        r"\bvssadmin\s+delete|\bwbadmin delete|\bbcdedit\b[^\n]{0,60}recoveryenabled"
        r"|\bformat\s+[a-z]:\s{0,2}(?:/\w|$)|\b(?:del|erase)\s+(?:/\w\s+){1,4}[\"']?(?:[a-z]:\\(?:\*"
        r"|windows|users)?|%userprofile%|%systemroot%)|\b(?:rd"
        r"|rmdir)\s+(?:/\w\s+){1,3}[\"']?(?:[a-z]:\\(?:windows|users)?|%userprofile%"
        r"|%systemroot%)[\"']?(?=\s|$)|\bdiskpart\b|\bcipher /w|\bremove-item\b[^\n]{0,80}(?:c:\\(?:[\s`\"']"
        r"|\*|windows|users|$)|\$home\b(?!\\\.(?!ssh|aws|gnupg|kube|config)\w)|\$env:userprofile(?!\\\.(?!ssh|aws|gnupg|kube|config)\w)|~(?:\s|$|\\\*))|\bclear-disk\b"
        r"|\b(?:get-childitem|gci|dir|ls)\s[^\n|]{0,24}(?:[a-z]:\\(?:windows|users)?|\$home|\$env:(?:userprofile|systemroot)|~)[\\/]?\*?[\"']?\s[^\n|]{0,80}\|[^\n]{0,60}\b(?:remove-item|ri|rm|del)\b"
        r"|\bformat-volume\b|\breg delete\s+hk(?:lm|cu)\\(?:system|software)?\b[^\n]{0,40}/f",
        "destroys a Windows machine",
        marks="vssadmin|wbadmin|bcdedit|format|del |erase |rd |rmdir|diskpart|cipher|remove-item|childitem|gci |dir |ls |clear-disk"
        "|reg delete",
    ),
    Rule(
        "destructive",
        r"\b(?:shutil\.rmtree|os\.removedirs|fs\.(?:rm|rmsync|rmdirsync)|rimraf(?:\.sync)?"
        r"|fileutils\.rm_rf|del(?:ete)?(?:sync)?|fse\.remove(?:sync)?|deltree"
        r"|removeall)\s{0,2}\(\s{0,2}[^\n)]{0,40}(?:['\"](?:/|~|~/|/home|/etc|/usr|c:\\\\?"
        r"|\.\./\.\.)['\"]|expanduser\(\s?['\"]~/?['\"]\)|path\.home\(\)|os\.homedir\(\)|homedir\(\)"
        r"|process\.env\.home|os\.environ\[['\"]home['\"]\]|dir\.home)\s{0,2}[,)]",
        "deletes the home directory from code",
        REFUSED,
        marks="rmtree|removedirs|fs.rm|rimraf|rm_rf|del(|delete(|remove(|deltree|removeall|sync(",
    ),
    Rule(
        "destructive",
        r"\b(?:rm|rmsync|rmdir|rmdirsync|rimraf|remove|removesync|emptydir|rmtree|rm_rf)\(\s?(?:require\([\"'](?:node:)?os[\"']\)|os|path)\.homedir\(\)\s?[,)]",
        "deletes the home directory from code",
        REFUSED,
        marks="homedir()",
    ),
    Rule(
        "destructive",
        r"\bcloudtrail\s(?:stop-logging|delete-trail|put-event-selectors)|\bguardduty\sdelete-detector|\bsecurityhub\sdisable|\blogging\ssinks\sdelete\b|\bmonitor\s(?:log-profiles|diagnostic-settings)\sdelete\b|\bauditctl\s-(?:e\s?0|d)\b|\bwevtutil\s(?:cl|clear-log)\b|\bclear-eventlog\b",
        "turns off or deletes the record of what was done",
        marks="cloudtrail|guardduty|securityhub|sinks|monitor|auditctl|wevtutil|eventlog",
    ),
    Rule(
        "destructive",
        r"\bsystemctl\b[^\n]{0,20}(?:disable|mask|stop)[^\n]{0,40}\b(?:auditd|rsyslog|falcon\S*"
        r"|osqueryd|crowdstrike\S*|clamav\S*|wazuh\S*|backup\S*)\b|\bkill(?:all)?\s+-9\s+-1\b"
        r"|\biptables\b[^\n]{0,40}drop[^\n]{0,20}\b22\b|\buserdel\b[^\n]{0,30}\s(?:root|-rf?)\b"
        r"|\bpasswd\s+-l\s+root|\bcrontab\s+-r\b",
        "takes the system's defences or data away",
        marks="systemctl|kill|iptables|userdel|passwd|crontab",
    ),
)
