"""Prose that asks for secrets."""

from commontrace_rules.screening.exfiltration import FILES
from commontrace_rules.screening.rules import REFUSED, Rule

_SEND = (
    r"\b(?:paste|send|upload|share|post|log|submit|(?:e-?)?mail|forward|transmit|publish|exfiltrate"
    r"|leak|dump|reply with|respond with|attach|sende|schicke|envía|envoie)\b"
)
_GIVE = (
    r"(?<!-)\b(?:add|put|place|provide|export(?![^\n.]{2,50}(?:environment|shell|session|terminal|\.env))|write|save|include|copy|commit|print|output|echo|embed|push|reveal|expose"
    r"|disclose|gib|zeige|muestra|affiche)\b"
)
_ASKED = (
    r"(?:\b(?:your|the|all|any|my|their|user'?s?|every|these|those|aws|github|npm|api|access"
    r"|private|secret|ssh|production|prod|service|admin|contents? of|values? of|output of|copy of"
    r"|inhalt der datei|contenu de|contenido de)\b[ ,`'\"]{0,3}){0,6}[`'\"$]{0,3}"
)
_WORDS = (
    r"(?:api[ _-]?keys?|(?:access|auth|secret|bearer|session|personal access|github|npm|gitlab"
    r"|slack|oauth|refresh|deploy)[ _-]?(?:tokens?|keys?)|private[ _-]?keys?|ssh keys?"
    r"|credentials?|passwords?|passphrases?|secrets?|env(?:ironment)? (?:variables?|vars?|file)"
    r"|\.env\b(?: file)?|(?:session|auth|login|browser)[ _-]?cookies?\b|`?\b(?:env"
    r"|printenv)\b`?(?= (?:to|in|into|with|at)\b)|seed phrase|recovery phrase"
    r"|\b(?:database|redis|mongo\w{0,3}|postgres\w{0,3}|mysql|broker|amqp)_(?:url|uri|dsn)\b|\b[a-z]{2,20}_(?:token|api_key|secret|password|access_key|secret_key|key)\b"
    r"|(?:aws|gcp|azure|cloud|signing|licen[cs]e|encryption|deploy) (?:keys?|credentials|secrets)|(?:authorization|auth) header|bearer tokens?"
    r"|service[ -]account json|kubeconfig|key ?chain (?:entry|entries|items?))"
)
_OUT = (
    r"(?:\b(?:to|at|on|via|into|with) (?:\S{1,30} ){0,3}https?://\S+|\b(?:and|then) (?:commit|push"
    r"|post|publish|submit|send|upload)\b|\b(?:in|into|to|on|as|with|at) (?:(?:the|a|an|this|your|team'?s"
    r"|our|that|any|public|new|github|next|final|bug|support) ){0,4}(?:issue|pull request|pr\b"
    r"|chat|reply|response|answer|comment|commit message|gist|pastebin|forum|channel|slack|discord"
    r"|ticket|bug report|readme|wiki|trace|conversation|webhook|maintainers?)\b|\S{1,64}@\S{1,64}\.\w{2,12}"
    r"|\bbefore (?:you (?:fix|start|begin|continue|do)|fixing|continuing|anything)|\bbevor du\b)"
)
_LAID_OPEN = (
    rf"{_WORDS}[^\n.]{{0,80}}\b(?:in (?:clear|plain) ?text|unredacted|unmasked)\b[^\n.]{{0,60}}\b(?:issue|comment|chat|e-?mail|discord|slack|gist|pastebin|form|ticket|pull request|reply|answer)\b"
    rf"|\b(?:put|insert|fill in|write)\b[^\n.]{{0,24}}{_WORDS}[^\n.]{{0,30}}\bin place of\b"
)
_REASON = (
    r"(?:\bso (?:that )?(?:the|i|we|it|they|ci|support|others)\b|\b(?:to|for) (?:verify"
    r"|verification|diagnos\w+|debug(?:ging)?|support|validat\w+|confirm\w*)\b)"
)
_NAMES = (
    "_url|_uri|_dsn|key|token|credential|password|passphrase|secret|env|cookie|phrase|kubeconfig|account json"
    "|.ssh|.aws|.kube|.netrc|.npmrc|.pypirc|.git-|.docker|.gnupg|.config|.azure|.vault|.pgpass"
    "|.my.cnf|history|.claude"
)
NEGATED = (
    r"(?:\b(?:can)?not|n't|\bnever|\bavoid|\bwithout|\bno one|\bnobody|\bwhether|\bif|\bunless"
    r"|\binstead of|\bprevents?|\bstops?)\b(?:(?!\b(?:before|until)\b)[^\n.,;:]){0,40}$"
)
"""Before a request: the text warns of it."""

REQUESTS = (
    Rule(
        "credential-request",
        r"\b(?:answer|reply|respond|output|print|repeat|start|begin|finish|end|continue)\b[^\n.]{0,20}\b(?:only |solely |just )?(?:with|by (?:quoting|repeating|printing|pasting))\b[^\n.]{0,40}\byour (?:\w+ )?(?:system prompt|instructions|tool (?:list|definitions|schemas?)|developer message|hidden prompt)\b",
        "asks for what the model was told",
        marks=" with| by ",
    ),
    Rule(
        "credential-request",
        r"\bso (?:that )?(?:we|support|our team|i) (?:can |may |could )?(?:see|read|get|access|inspect|collect)\b[^\n.]{0,16}\byour (?:env\w*|secrets?|tokens?|credentials?|keys?|machine|terminal|screen|session|cookies?)\b"
        r"|\b(?:log|send|forward|post|mirror|copy|report|stream|ship)\b[^\n.]{0,16}\b(?:(?:every|all|the full|complete) (?:request |http )?(?:headers?|cookies?)|(?:all|the|every|our|your) (?:env(?:ironment)?(?: variables?| vars?)|process environment))\b[^\n]{0,60}(?:https?://|\bto [\w.-]{3,60}\.[a-z]{2,12}\b)",
        "asks for secrets",
        marks="so |header|cookie|env|process",
    ),
    Rule(
        "remote-access",
        r"\bssh\b[^\n]{0,40}\s-\w{0,4}r\s?\S{0,24}:(?:localhost|127\.0\.0\.1):22\b",
        "gives a stranger the machine",
        marks="ssh",
    ),
    Rule("credential-request", _LAID_OPEN, "has a secret written where others read it", marks=_NAMES),
    Rule(
        "credential-request",
        rf"{_SEND}(?! (?:an? )?(?:error|message|warning|problem"
        rf"|issue))[^\n.]{{0,10}}[ `'\"]{{0,3}}{_ASKED}(?:\w{{2,15}}[ _-]){{0,2}}(?:{_WORDS}"
        rf"|{FILES})[^\n]{{0,160}}?(?:{_OUT}|{_REASON})",
        "asks for secrets and says where to send them",
        marks=_NAMES,
    ),
    Rule(
        "credential-request",
        rf"{_GIVE}(?! (?:an? )?(?:error|message|warning|problem"
        rf"|issue))[^\n.]{{0,10}}[ `'\"]{{0,3}}{_ASKED}(?:{_WORDS}|{FILES})[^\n]{{0,120}}?{_OUT}",
        "asks for secrets and says where to put them",
        marks=_NAMES,
    ),
    Rule(
        "credential-request",
        r"\b(?:print|output|show|display|reveal|read|dump|gib|zeige|cat|include|paste|repeat"
        r"|quote)\b(?: me| us| out| zuerst| first| back| aloud)? (?:the |all |full |complete |entire "
        r"|raw |den |die |alle )*(?:contents?|values?|text|body|inhalt|output) (?:of|from|der"
        rf"|von)(?: the| your| all| any| datei| file| every)*[ `'\"]{{0,3}}(?:{FILES}|{_WORDS}"
        r"|\bid_(?:rsa|ed25519)\b|/etc/shadow|printenv|env\b)",
        "asks the model to show secrets",
        REFUSED,
        marks="content|value|text|body|inhalt|output",
    ),
    Rule(
        "credential-request",
        rf"\b(?:create|open|make|publish|start)\b[^\n.]{{0,20}}\b(?:gist|issue|paste(?:bin)?|ticket|thread)\b[^\n]{{0,30}}\b(?:with|containing|from|including|of)\b[^\n]{{0,40}}(?:{FILES}|{_WORDS})"
        r"|\b(?:zip|tar|archive|compress|bundle|pack)\b(?: up)? [^\n]{0,30}(?:\.git\b(?!hub)|home (?:directory|folder)|\.config\b|\.ssh\b)[^\n]{0,80}\b(?:attach|upload|send|share|post|mail)\b",
        "has secrets published",
        marks="gist|issue|paste|ticket|thread|zip|tar|archive|compress|bundle|pack",
    ),
    Rule(
        "credential-request",
        r"\bcredential\.helper\b[^\n]{0,40}[\"'=\s]![^\n]{0,120}(?:curl|wget|nc |http|tee|>>|cat\b"
        r"|/tmp)[^\n]{0,120}|\bcredential\.helper\b[^\n]{0,20}\bstore\b[^\n]{0,20}--file[ =]\S{0,20}(?:/tmp|/shared|/public|/mnt|/srv)",
        "puts a spy where git asks for passwords",
        REFUSED,
        marks="credential.helper",
    ),
    Rule(
        "credential-request",
        rf"\b(?:form|page|portal|site|dialog|bot|wizard|tool|check(?:er)?|service)\b[^\n.]{{0,16}}\bhttps?://[^\s]{{3,120}}[^\n.]{{0,24}}\b(?:wants|needs|asks (?:you )?for|requires|expects|takes)\b[^\n.]{{0,24}}{_ASKED}(?:\w{{2,15}} ){{0,2}}{_WORDS}[^\n]{{0,40}}\b(?:type|enter|paste|fill|give|put|submit|send|hand|copy)\b",
        "asks for secrets and says where to enter them",
        marks="://",
    ),
    Rule(
        "credential-request",
        r"\b(?:e-?mail|mail|send|forward|upload|attach|post|share|give|submit)\b[^\n]{0,80}?(?:\bid_(?:rsa|ed25519|ecdsa)(?![\w.])|\.netrc\b|\.pgpass\b|\bkubeconfig\b|\bwallet\.dat\b|\w\.(?:p12|pfx|kdbx|keystore)\b)[^\n]{0,60}"
        r"(?:\w@(?!example)[\w-]{2,40}\.\w|\bto (?:us|me|support|the (?:vendor|maintainers?|team|author|bot))\b)",
        "asks for secrets and says whom to give them",
        marks="id_|.netrc|.pgpass|kubeconfig|wallet.dat|.p12|.pfx|.kdbx|.keystore",
    ),
    Rule(
        "credential-request",
        r"\bexfiltrat(?:e|es|ing)\b[^\n]{0,80}(?:https?://|\benv\b)",
        "says that it takes data away",
        marks="exfiltrat",
    ),
)
