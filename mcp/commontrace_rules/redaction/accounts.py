"""Names of accounts: where systems, logs and commands write them, and which of them belong to nobody."""

from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source

_SHARED = frozenset(
    "runner node ubuntu vscode app circleci jenkins travis linuxbrew user username users you your "
    "vagrant coder gitpod codespace ec2-user "
    "www-data airflow jovyan me runneradmin containeradministrator public default shared guest "
    "deploy ci build builder docker root "
    "admin administrator name nonroot appuser service webapp python dev developer test tester "
    "example opc debian fedora centos core pi "
    "git abuild mockbuild postgres mysql jboss sandbox work workspace project projects index "
    "dashboard page pages settings profile assets static "
    "circleci- vsts vsts_azpcontainer containeruser defaultaccount wdagutilityaccount user1 myuser "
    "agent some-user someuser someone yourusername myname "
    "youruser yourname your-name your_name".split()
)

_SERVICES = frozenset(
    "nginx apache httpd redis mongodb mongo elasticsearch elastic kafka zookeeper solr tomcat jetty wildfly odoo zabbix nagios "
    "grafana prometheus influxdb rabbitmq couchdb cassandra hadoop hdfs hive spark oracle keycloak nobody daemon bin sys sync "
    "mail news proxy backup list irc messagebus sshd systemd systemd-network systemd-resolve steam minecraft gitlab gitlab-runner "
    "gogs gitea forgejo haproxy squid bind named ftp postfix dovecot mosquitto consul vault nomad minio clickhouse superset celery "
    "rails django flask metabase airbyte jira confluence bitbucket sonar nexus artifactory vaultwarden nextcloud wordpress drupal magento "
    "missing required empty optional exists deleted locked disabled enabled active inactive verified banned blocked number integer "
    "boolean object array text email foo bar baz alias subject member client server service role groups group team organization "
    "rails django flask node-red pulse rpc operator anonymous system kernel wheel staff sudo primary replica replicator "
    "replication reader writer readonly editor viewer owner manager member none null true false current self this that token "
    "string str int bool float dict any bytes uuid unknown invalid cannot command not".split()
)
_SERVICE_PARTS = frozenset("app svc db api web bot role service server daemon test user admin runner".split())

_ACCOUNTS: tuple[tuple[str | tuple[str, ...], str, str], ...] = (
    # what every such text contains (one of several), pattern with the account name as group 1, reason
    ("USER=", r"USER=(?<![\w$]USER=)[\"']?([A-Za-z][\w.-]{2,31})", "environment of a login shell"),
    ("SUDO_USER=", r"SUDO_USER=[\"']?([A-Za-z][\w.-]{2,31})", "who called sudo"),
    (
        "USERNAME=",
        r"USERNAME=(?<![\w$]USERNAME=)[\"']?([A-Za-z][\w.-]{2,31})",
        "environment of a login shell",
    ),
    (
        ("user", "User"),
        r"(?m)[Uu]ser(?<![\w.$-][Uu]ser)(?:_?[Nn]ame)?[\"']?: {1,2}[\"']?([a-z]{3,20})[\"']?(?=[ \t]*(?:[,})\]]|$))",
        "account in a configuration or a record",
    ),
    ("owner", r"owne(?<!\wowne)(?:r|d by):? ([a-z][\w.-]{2,31})(?=:[a-z])", "owner of a file"),
    ("LOGNAME=", r"LOGNAME=[\"']?([A-Za-z][\w.-]{2,31})", "environment of a login shell"),
    ("id=", r"[ug]id=\d{4,6}\(([a-z][\w.-]{2,31})\)", "output of id"),
    (
        "r",
        (
            r"[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-][.+@]?[ \t]{1,4}\d{1,6}[ \t]{1,8}([A-Za-z][\w.-]{2,"
            r"31})[ \t]{1,8}[\w.-]{1,32}[ \t]{1,12}\d"
        ),
        "owner in a long listing",
    ),
    (
        tuple(f"@{digit}" for digit in range(1, 10)),
        r"([a-z](?<![\w.:/@-].)[\w.-]{2,31})@(?=\d{1,3}(?:\.\d{1,3}){3}(?![\w.]))",
        "account on a machine",
    ),
    (
        "@",
        r"(?m)^\(?(?:[\w.-]{1,20}\) )?\[?([a-z][\w.-]{2,31})@[\w.-]{2,60}[: ][^\n$#%]{0,80}[$#%] ",
        "shell prompt",
    ),
    (
        "user",
        r"[Uu]ser(?:[_-]?[Nn]ame)?[\"']?(?:[:=]| =|:)? {0,2}[\"']([a-z]{2,20}[._-][a-z]{2,20})[\"']",
        "name and surname of an account",
    ),
    ("ssh ", r"ssh (?:-[\w]{1,3} (?:[^\s-]\S{0,80} )?){0,4}([a-z][\w.-]{2,31})@[\w.-]{2,80}", "remote login"),
    (
        "for ",
        r"(?:session opened for user|Failed password for(?: invalid user)?|Accepted \w{1,20} for) (?!invalid )([a-z][\w.-]{2,31})\b",
        "login log",
    ),
    ("nvalid user ", r"Invalid user ([a-z][\w.-]{2,31})(?= from | [\d.]|$)", "login log"),
    ("~", r"~(?<![\w/~.]~)([a-z][\w.-]{2,31})(?=/)", "home directory by name"),
    (
        "whoami",
        r"(?m)(?:^|[$#>%;&|`(+:])[ \t]{0,2}(?<!name: )(?:npm |sudo )?whoami[^\n:]{0,8}[\n:>= ]{1,4}(?:[\w-]{2,20}\\)?([A-Za-z][\w.-]{2,31})(?![\w(:])",
        "who is logged in",
    ),
    ("uid=", r"uid=(?<!\wuid=)([a-z][\w.-]{2,31}),(?:ou|cn|dc)=", "entry of a directory"),
    (
        "\\",
        r"[A-Z](?<!\w.)[A-Z0-9-]{2,14}\\{1,2}([a-z][\w.-]{2,31})(?=[\"'\s,;:]*(?:logged|login|log|failed|denied|does|is|was|has|not|cannot|as|on|$))",
        "account of a Windows domain",
    ),
    (" ALL", r"(?m)^([a-z][\w.-]{2,31})[ \t]{1,8}ALL ?=", "line of a sudoers file"),
    ("sudo: ", r"sudo: {1,4}([a-z][\w.-]{2,31}) : ", "sudo log"),
    (" is not in the sudoers", r"\b([a-z][\w.-]{2,31}) is not in the sudoers", "who was refused sudo"),
    (
        ("ser=", "name=", "login=", "owner="),
        r"(?:user(?<![\w.$(]user)(?:name)?|login(?<![\w.$(]login)|logname(?<![\w.$(]logname)|owner(?<![\w.$(]owner))=[\"']?([a-z][a-z-]{3,31}(?:\.[a-z]{2,31})?)(?=[\"']?(?:[\s;&]|$))",
        "account of a process or a connection",
    ),
    (
        "~",
        r"\b(?:cd|ls|cat|du|cp|mv|pushd|vim|less|tail) (?:-\w{1,8} ){0,2}~([a-z][\w.-]{2,31})(?=[\s;&|\"')]|$)",
        "home directory by name",
    ),
    ("su -", r"su -(?<!\wsu -)(?:l|-login)? ([a-z][\w.-]{2,31})(?=[\s;&\"'`]|$)", "login as somebody else"),
    (
        "sudo -",
        r"sudo (?<!\wsudo )(?:-[A-Zi] ){0,2}-i?u ?([a-z][\w.-]{2,31})(?=[\s;&\"'`]|$)",
        "command as somebody else",
    ),
    (("pts/", "tty"), r"(?m)(?:^|: )([a-z][\w.-]{2,31}) {1,12}(?:pts/\d|tty\d)", "who is logged in"),
    (
        "chown ",
        r"chown (?<!\wchown )(?:-\w{1,8} |--[\w-]{1,20} ){0,3}([a-z][\w.-]{2,31})(?=(?::[\w.-]{0,32})? [\w/~.$\"'])",
        "owner of a file",
    ),
    (
        ("useradd", "adduser", "usermod", "userdel", "deluser"),
        r"(?m)(?:useradd|adduser|usermod|userdel|deluser)(?:(?<=^.{7})|(?<=[;&|$#`(].{7})|(?<=[;&|$#`(] .{7})|(?<=sudo .{7})|(?<=RUN .{7}))(?: -{1,2}[\w-]{1,24}(?:[ =][\w/.,-]{1,60})??){0,6} ([a-z][\w.-]{2,31})(?=[;&|`)\"']|[ \t]*$)",
        "account that is made or changed",
    ),
    (
        "adduser ",
        r"(?m)adduser (?<!\wadduser )([a-z][\w.-]{2,31}) [a-z][\w-]{1,31}(?=[;&|`)\"']|[ \t]*$)",
        "account that joins a group",
    ),
    ("user ", r"authenticating user (?<!\wauthenticating user )([a-z][\w.-]{2,31})\b", "login log"),
    ("sudoers", r"user (?<!\wuser )([a-z][\w.-]{2,31}) NOT in sudoers", "sudo log"),
    (" : ", r"(?m)^(?:groups: )?([a-z][\w.-]{2,31}) : (?=\1\b)", "output of groups"),
    (
        ("AUTHOR_NAME=", "COMMITTER_NAME="),
        r"GIT_(?:AUTHOR|COMMITTER)_NAME=[\"']?(?![Yy]our|[Ff]irst|[Jj]ohn [Dd]oe)([A-Z][\w'-]{1,30}(?: [A-Z][\w.'-]{0,30}){1,3})",
        "author of commits",
    ),
    (
        "://",
        r"\b(?:smb|nfs|afp|webdavs?)://[\w.-]{1,60}/(?:homes?|users)/([A-Za-z][\w.-]{2,31})(?=[/\s\"']|$)",
        "home directory on a file server",
    ),
    (
        ("-Users-", "/-home-"),
        r"-(?:(?<![\w.-]-)Users|(?<=projects/-)home)-([A-Za-z][\w.]{2,31})(?=[-/\s\"'\\]|$)",
        "home directory in the name of a project's folder",
    ),
    (
        "://",
        r"(?:s?ftp|ssh|scp|rsync)://([a-z][\w.-]{2,31})@(?=[\w\[])",
        "login at a file server",
    ),
    ("login ", r"login (?<!\wlogin )([a-z][\w.-]{2,31}) from (?=\d)", "login log"),
    ("login as: ", r"login as: ([a-z][\w.-]{2,31})\b", "login prompt"),
    (
        ("for user", 'role "', "denied for user"),
        r"(?:for user(?:(?<=authentication failed for user)|(?<=[Aa]ccess denied for user))|role(?<!\wrole)) [\"']([a-z][\w.-]{2,31})[\"'](?=@| does not exist| is not permitted to log|[\s,.]{0,2}$)",
        "login that a database refused",
    ),
    (
        "user.name",
        r"user\.name(?<!\wuser.name)[ =\"']{1,3}(?![Yy]our|[Ff]irst|[Jj]ohn [Dd]oe)([A-Z][\w'-]{1,30}(?: [A-Z][\w.'-]{0,30}){1,3})",
        "author of commits",
    ),
    (
        "\\\\",
        r"(?i)\\{2,4}[\w.-]{1,60}\\{1,2}(?:users|homes?|profiles?|userdata)\$?\\{1,2}([a-z][\w.-]{2,31})(?=[\\\s\"'<>|;,)]|$)",
        "home directory on a file server",
    ),
    (
        "//",
        r"//(?<![\w:/\"'=]//)[\w-]{1,60}/(?:users|homes?)\$?/([a-z][\w.-]{2,31})(?=[/\s]|$)",
        "home directory on a file server",
    ),
)


def is_person(name: str) -> bool:
    """Tell whether an account may be somebody's; accounts of services, of CI runners and of examples are nobody's."""
    name = name.lower()
    return len(name) >= 3 and name not in _SHARED and name not in _SERVICES


def _is_service(name: str) -> bool:
    """Tell whether a name is put together like those of services (`svc-backup`, `app_reader`, `myuser`)."""
    name = name.lower()
    parts = compiled(r"[-_.\d]+").split(name)
    return not _SERVICE_PARTS.isdisjoint(parts) or name.endswith(
        ("svc", "user", "admin", "service", "runner")
    )


def accounts(source: Source) -> Iterator[tuple[Finding, str]]:
    """Yield where a text names an account of a person, with the name."""
    for mark, pattern, _ in _ACCOUNTS:
        if source.holds(mark) if isinstance(mark, str) else source.holds(*mark):
            for match in compiled(pattern).finditer(source.text):
                if is_person(match[1]) and not _is_service(match[1]):
                    yield Finding("user", *match.span(1)), match[1]
