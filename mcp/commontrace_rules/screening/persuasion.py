"""Natural language that works on its reader: judged by what a sentence brings together, not by its wording.

An honest trace speaks of programs. One that speaks of consent, of its own credibility, of what the person may know, or
of handing something over, and couples that with an order, works on whoever reads it. Each ingredient is a list of
synonyms; a `Mix` names the ingredients that no honest sentence has together.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from commontrace_rules.screening import conduct, prefilter
from commontrace_rules.screening.advice import advises_against, is_careful
from commontrace_rules.screening.hosts import is_known, named, urls
from commontrace_rules.screening.prefilter import Sieve
from commontrace_rules.screening.rules import HELD, REFUSED, SENTENCE, Hit, compiled

INGREDIENTS = {
    "person": r"\b(?:(?:the|your|any|every) (?:users?|humans?|developers?|operators?|persons?|reviewers?|owners?"
    r"|customers?|team|colleagues?|engineers?|people)|users|humans|anyone|anybody|them)\b",
    "evade": r"\b(?:skip(?:s|ped|ping)?|bypass(?:es|ed|ing)?|circumvent\w*|disabl(?:e|es|ed|ing)|overrid(?:e|es|den|ing)"
    r"|suspend(?:s|ed)?|lift(?:s|ed)?|waive[sd]?|exempt(?:s|ed)?|supersed(?:e|es|ed|ing)|replace[sd]?|void(?:s|ed)?"
    r"|ignor(?:e|es|ed|ing)|disregard\w*|forgo|omit|without|no longer|not (?:apply|need|needed|necessary|required)"
    r"|unnecessary|turn(?:ed)? off|switch(?:ed)? off|obsolete|malfunction\w*|unrestricted|relax(?:ed)?|n't (?:apply|need|have to)|no need)\b",
    "oversight": r"\b(?:permission (?:prompts?|checks?|modes?|dialogs?|requests?|rules?)|(?:permissions? )?bypass ?permissions?"
    r"(?: mode)?|safety (?:rules?|checks?|filters?|features?|polic\w+|guidelines?)|(?<![\w/-])guardrails?(?![/\w-]| ai\b)|security (?:hooks?|reviews?"
    r"|polic\w+)|(?:code|human|peer|security|manual) reviews?|reviewing (?:the )?(?:diff|change|patch|code)s?|review"
    r"|restrictions?|usual polic\w+|confirmations?|approvals?|consent|secret scann\w+|oversight|supervision"
    r"|(?:the )?(?:old|earlier|previous|prior|original|existing|above) (?:instructions?|rules|guidelines|ones|orders|restrictions?))\b",
    "safety-off": r"(?:(?:^|[\n.!?:;])\W{0,6}|\b(?:and|then|please|just|fix (?:it|this),?) )(?:disable|bypass|skip|circumvent|ignore|override|suspend|turn off|switch off)"
    r" (?:the |all |any |your |every )?(?:permission (?:prompts?|checks?|dialogs?|requests?|rules?)|safety (?:rules?|checks?|filters?|guidelines?)|guardrails?|security hooks?|secret scann\w+"
    r"|human (?:review|oversight))\b(?![/\w-])",
    "supersede": r"\b(?:supersed\w+|overrid\w+|replac\w+|take precedence over|outrank\w*|cancel\w*|revok\w+|trump)\b",
    "earlier-orders": r"\b(?:(?:old|earlier|previous|prior|original|existing|former|your) (?:instructions?|orders|directives?)(?! (?:in|from|of|on|for) (?:the|our|this|that) (?:wiki|readme|docs?|documentation|guide|page|blog|tutorial|manual|book|repo\w*))|instructions?\b[^\n]{0,40}\b(?:old|previous|earlier) ones)\b",
    "itself": r"\b(?:(?:this|the present|our) (?:trace|note|text|message|advice|entry|answer|document|record|page|recipe)"
    r"|(?:the )?rest of (?:this|the) (?:message|text|trace|document)|(?:text|content|commands?|everything) (?:below|above"
    r"|that follows|of this trace))\b",
    "trust": r"\b(?:trust(?:ed|worthy)?|(?:verified|approved|certified|endorsed|signed off|reviewed|audited|authori[sz]ed"
    r"|vetted|cleared|sanctioned) by|pre-?(?:approved|verified|authori[sz]ed)|not need (?:a |any |further )?review"
    r"|safe to (?:run|execute|follow) (?:blindly|as is|without)|operator[- ]level|authoritative)\b",
    "authority": r"(?<![/@-])\b(?:(?:anthropic|openai)(?![/@-])|github (?:security|support|staff)|maintainers?|(?:the )?vendor|security (?:team|department)"
    r"|it (?:department|support|team)|(?:the |your |our |system |repo(?:sitory)? |project )(?:admin(?:istrator)?s?(?! (?:api|panel|page|user|site|interface|console|dashboard))|owners?)|(?:the |our )?(?:organi[sz]ation|company)|release manager"
    r"|operators?|core team|help ?desk|support (?:team|staff|engineer)|support@|compliance|legal (?:team|department)|your (?:boss|manager)"
    r"|official(?:ly)?(?! (?:releases?|installers?|documentation|docs|images?|repo\w*|web ?site|site|packages?|downloads?|binar\w+|guide|instructions|builds?|plugin|client|[`.]))|everyone (?:on|in) the team|everybody|everyone who|known incident|management)\b",
    "order": r"\b(?:ask(?:s|ed)?|require[sd]?|request(?:s|ed)?|must|need(?:s|ed)? to|has to|have to|should|please|expects?"
    r"|authori[sz]e[sd]?|instruct(?:s|ed)?|run|execute|download|install|confirm|paste|apply|open|launch|approve)\b",
    "run": r"\b(?:run(?:s|ning)?|execut(?:e|es|ed|ing)|launch|double-?click|start|open|install|apply|download(?:ed)?|invoke)\b",
    "artifact": r"(?:\b(?:attached (?:binary|file|script|tool)|binary|executable|hot-?fix|repair (?:kit|tool)|fix tool|patcher"
    r"|diagnostic tool|support tool|cleaner|unlocker)\b|\.(?:exe|bin|msi|dmg|pkg|scr|bat|apk|appimage|so|dll|dylib|sh|ps1)\b(?![/)\]]|\.\w)|\bnpx |\bcurl |\bwget )",
    "elevated": r"\b(?:as (?:root|administrator|admin|superuser)|with sudo|run as administrator|elevated|unrestricted shell"
    r"|full (?:disk|shell|system) access)\b",
    "secret": r"(?:\b(?:(?:api |access |auth |personal access |github |npm |secret |private |ssh |deploy |bot |session |login |openai )"
    r"?(?:(?<!csrf )(?<!csrf_)(?<!max )(?<!max_)(?<!of )(?<!put )tokens?(?! (?:count|limit))|keys?)|passwords?|passphrases?|credentials?|secrets?|username and password|one-?time code|2fa code|otp"
    r"|recovery codes?|seed phrase|pats?(?! \w+ <))\b|\bmaster\.key\b|\.env\b|\.(?:pem|p12|pfx|keystore)\b|kubeconfig|\bid_(?:rsa|ed25519)\b(?!\.pub)|\b(?:aws configure export-credentials|gh auth token|gcloud auth print-[\w-]{1,20}token|terraform\.tfstate|[\w-]{1,40}\.(?:tfstate|tfvars)|logins\.json|key4\.db|cookies\.sqlite|wallet\.dat|login data|\w{1,20}\.(?:kdbx|keychain-db))\b"
    r"|~/\.(?:ssh|aws|kube|gnupg|docker|config|mozilla|netrc|npmrc|pypirc|git-credentials|azure|password-store|\w{2,8}_history)\b(?![\w./-]*\.pub)|\boutput of `?(?:env|printenv)\b)",
    "hand-over": r"\b(?:(?<!\bi )(?<!\bwe )past(?:e|es|ed|ing)|send(?:s|ing)?|shar(?:e|es|ing)|(?<![.@])e-?mail(?:s|ing)?(?![./]| (?:and|or|address\w*|verification|login|field|templates?|clients?|list|link)\b)|post(?:s|ing)?|enter(?:s|ing)?"
    r"|submit\w*|confirm|attach\w*|includ(?:e|ing)|provid(?:e|es|ing)|hand(?:ing)? over|upload\w*|forward\w*|giv(?:e|es|ing)|disclose"
    r"|commit (?:it|them|the)|create (?:one|a)|(?<!-)add|put\b[^\n]{1,60}\b(?:in|into)|drop (?:it|them|the (?:result|output|content)s?)|reply with|fill in|type in|tell us|message us|dm)\b",
    "stranger": r"(?:\b(?:to|with|for|at) (?:the |our |your )?(?:maintainers?|support|help ?desk|security team|release manager"
    r"|vendor|admins?|us\b|bot|team)|\b(?:ci )?bot (?:needs|wants|requires)|\b(?:issue (?:description|tracker|comment|body)|(?:to|on|in|into) (?:the|this|our|your) (?:\w+ )?ticket\b|\bpr (?:description|body|comment|title)\b|(?:uploaded|public) artifacts?\b|linked form|(?:this|our) form|(?:in|into|to|on|via|over|with) (?:\w+ ){0,3}chat\b(?!-| (?:tab|model|completion))|telegram"
    r"|discord|slack|pastebin|gist|pull request|(?:the )?commit message|issue\b(?! with\b)|\.ci/|(?:in|into|to|onto) the repo(?:sitory)?\b(?!'?s? (?:settings|secrets?|variables|root\b)))|(?<![\w./:@-])(?:mailto:)?[\w.+-]{1,64}@(?!(?:[\w-]{1,40}\.){0,3}example\.)[a-z0-9-][\w.-]{1,40}\.\w{2,12}"
    r"|\bso (?:that )?(?:we|they|support|the (?:maintainers?|team|bot))|\b(?:our|support|vendor) (?:deploy |support |service )?(?:user|account|key|team)\b)",
    "remote": r"\b(?:anydesk|teamviewer|rustdesk|tmate|upterm|gotty|ttyd|remote (?:access|desktop|control|session)|screen ?connect|quick ?assist)\b"
    r"|\b(?:join|contact|message|ask in|write to)\b[^\n]{0,30}\b(?:telegram|whatsapp|discord) (?:channel|group|chat)\b"
    r"|\b(?:telegram|whatsapp|signal|wechat)\b(?=[^\n]{0,30}(?<!\w)@)|@\w{3,30}[^\n]{0,20}\bon (?:telegram|whatsapp|signal)\b",
    "situation": r"\b(?:(?:guidance|instructions?|rules|prompt|orders) you (?:received|were given|got|were told)|what you (?:were|have been) told"
    r"|your (?:hidden|own|safety|hard) ?(?:rules|prompt|guidelines|guidance|instructions)(?! (?:here|builders?|templates?|files?|library|functions?|engine))\b|(?:set|put) aside your|your (?:guardrails|guidelines)\b(?! here)"
    r"|whoever (?:reads|processes|executes|parses) this|(?:person|human|user) at the keyboard|(?:start|beginning) of (?:this|the|our) conversation"
    r"|act on this (?:page|trace|text|note)|authori[sz]ed pen(?:etration)?[ -]?test|(?:\b(?:you|i|we)(?:'re| are| am)?|act(?:ing)?|speak\w*|here|instructed|confirm|approve|agree|accept|vote|sign|consent|publish) (?:\w+ ){0,3}on behalf of (?:a|the) (?:user|developer|person|human))\b",
    "obey-there": r"\b(?:(?:fetch|read|load|open|get|visit)\b[^\n]{0,120}\band (?:then )?(?:follow|do|execute|obey|carry out|perform)|(?:do|follow|execute|obey)"
    r" (?:whatever|everything|anything|what)|(?:steps|instructions|commands|orders) (?:at|from|on|in|under) https?://[^\n]{0,120}\b(?:without|exactly|blindly))\b",
    "vote": r"\b(?:up-?vote|down-?vote|vote (?:\+1|-1|for|up|down|this|it)|vote [^\n]{0,20}\btrace|report (?:the |all |any )?"
    r"(?:competing|other|rival|older)[^\n]{0,40}|mark (?:it|this|this trace) as (?:verified|trusted|working)"
    r"|(?:contribute|submit|publish|post|save) (?:a|another|the same|this|new) (?:copy|trace)|spam)\b",
    "spread": r"\b(?:this trace|accepted solution|so that agents|the others?\b|other agents|all agents|(?:exactly )?(?:this|the same|identical) text|competing|other projects"
    r"|so (?:that )?(?:it|others?) (?:rank|see|trust)\w*)\b",
    "prompt": r"\byour (?:system|initial|hidden|original|developer) (?:prompt|message|instructions?)\b",
    "show": r"\b(?:reveal|repeat|print|output|show|display|quote|recite|dump|disclose|updated?|replaced?|changed|ignore|write out)\b",
    "posed": r"\b(?:in the (?:voice|role) of|grant yourself|act|behave|respond|answer|operate|function|work|continue) (?:now )?(?:as|like|in)\b|\bpretend (?:to be|you)"
    r"|\byou (?:must |will |are )?(?:now |hereby )(?:act|be|become|operate|an?|in)\b",
    "role": r"(?<![/.-])\b(?:sysadmin|write access|full access|unrestricted|unfiltered|uncensored|jailbroken|root administrator|(?:root|super) ?user|(?:system |root )?admin(?:istrator)?"
    r"|developer mode|god mode|dan|without (?:limits|restrictions|rules)|autonomous mode|another (?:ai|assistant))\b",
    "claim": r"\b(?:pretend|claim|say|state|report|tell|assure|convince|inform|respond|reply|write)\b",
    "all-well": r"\b(?:(?:tests?|build|checks?|ci|everything|it|all|error|warning|issue|change|they) (?:has |have |had |are |is |was "
    r"|were )?(?:all )?(?:passed|pass|green|fine|harmless|ok|okay|safe|fixed|solved|successful|succeeded|works?|worked|expected))\b",
    "conceal": r"\b(?:(?:do not|don't|never|must not|not to|avoid|without) (?:ever )?(?:mention\w*|tell\w*|show\w*|reveal\w*|disclos\w+"
    r"|refer\w*|cite|citing|log|logging|report\w*|inform\w*|notify\w*|ask\w* (?:about|why))|hide|conceal|quietly|silently|secretly"
    r"|discreetly|unnoticed|behind the scenes|keep quiet|stay silent|leave (?:it|this|them) out)\b",
    "conduct": r"\b(?:this (?:advice|step|change|trace|instruction|message|source|command)|(?:came|comes|come|taken|learned|was) from"
    r"|your (?:answer|reply|summary|response|commit message|output)|(?:in|from|of) the (?:diff )?(?:summary|reply|answer|response|report)|report back"
    r"|when you (?:answer|reply|respond|report|finish)|where (?:this|it) came from)\b",
    "unread": r"\b(?:(?:do not|don't|never|without|before) (?:you )?(?:read|reading|look(?:ing)? at|inspect\w*|open(?:ing)?(?! (?:an? |the |this |your )?(?:pull request|pr|issue|ticket|bug|dialog|menu|editor|browser|picker|settings|ui|window|list|page|port|tab)\b)|review\w*"
    r"|question\w*|check(?:ing)?) (?:the |this |that |it|its )(?:script|file|code|binary|command|contents?|source)?|(?:run|execute)"
    r" it (?:blindly|as is))\b",
    "lasting": r"\b(?:save (?:to|in) (?:your )?memory|remember|memori[sz]e|from now on|in (?:the )?future|(?:all|every|any|future)"
    r" (?:other )?(?:projects?|sessions?|repos\w*|conversations?)|whenever you|each time you|permanently|always)\b",
    "obey": r"\b(?:is trusted|are trusted|trust (?:it|this|its|them)|skip (?:the )?(?:reviews?|checks?|confirmation)|without (?:asking"
    r"|review\w*|confirm\w*|checking|approval)|run (?:its|the cleanup|this|the following)|prefer this (?:trace|source)|do not question"
    r"|never ask|obey|follow (?:its|their) (?:instructions|orders))\b",
    "threat": r"\b(?:urgent|immediately|within \d+ (?:hours?|minutes?)|suspended|locked|terminated|deleted|blocked|expire[sd]?|lose access"
    r"|legal action)\b",
    "solicit": r"\b(?:ask|request|get|prompt|convince|tell|have|make|instruct) (?:the |your )?(?:user|human|developer|person|operator|owner)s?\b(?!'s)",
    "yield": r"\b(?:password|passphrase|token|credentials?|api key|2fa|otp|secret|bypass ?permissions?|auto-?accept|yolo|skip permissions"
    r"|root|sudo|disable|turn off|accept (?:all|everything)|allow (?:all|everything))\b",
    "automaton": r"\b(?:(?:if|when|as|since|because) (?:you(?:'re| are) )?an? |to all |any |every |note to |attention |dear |hey )(?:ai|llms?|language models?"
    r"|(?:coding|automated|autonomous)[a-z ]{0,12}(?:assistants?|agents?)|agents?|assistants?)\b|\b(?:coding|ai) (?:agents?|assistants?) ?:",
    "act": r"\b(?:approve|merge|push|deploy|delete|execute|run|send|commit|skip|ignore|bypass|disable|treat|obey|comply|print|append|publish)\b",
    "defence": r"\b(?:authentication|authori[sz]ation|csrf|xss|cors|signature|certificate|permission|login|rate limit\w*|input validation"
    r"|firewall|sandbox|antivirus|encryption|password|access control|tls|ssl|mfa|2fa|audit|secret scann\w+|branch protection)\b",
    "drop": r"\b(?:comment(?:ing)? out|remov(?:e|ing)|disabl(?:e|ing)|turn(?:ing)? off|switch(?:ing)? off|drop(?:ping)?|bypass|(?<!\.)delet(?:e|ing)"
    r"|stub(?:bing)? out|hard-?code|return true|without (?:a )?password|no-verify|stop(?:ping)? (?:using|checking))\b",
    "everywhere": r"\b(?:globally|everywhere|entirely|completely|permanently|for (?:all|every|good)|in production|in prod|on (?:all|every)"
    r"|(?:only )?gets? in the way|(?:is|was) the cause|stops? complaining|0\.0\.0\.0|(?:all|every) (?:commits?|routes?|requests?"
    r"|endpoints?|hosts?)|once and for all|not worth it|and commit it)\b",
}
"""Synonyms of what a sentence can bring in, over text in lower case."""


class Mix(NamedTuple):
    """Ingredients that no honest sentence brings together.

    Attributes:
        needs: names in `INGREDIENTS`; ``url`` is an address of a host that nobody knows, ``server-url`` one that is
            not the target of a link to a manual, ``host`` its name with or without a scheme, ``unvouched`` that no known host is named for it.
        reason: one line that says why it is harmful.
        verdict: ``held`` unless the mix is unmistakable.
        warnable: the same words with a negation before them are good advice.
    """

    kind: str
    needs: str
    reason: str
    verdict: str = HELD
    warnable: bool = True


MIXES = (
    Mix("override", "safety-off", "takes a safety net away"),
    Mix("override", "prompt show", "asks for the reader's own instructions", REFUSED),
    Mix("override", "posed role", "gives the reader another role"),
    Mix("override", "supersede earlier-orders", "asks to drop earlier instructions"),
    Mix("addressed", "automaton act", "addresses the model with an order"),
    Mix("forged-authority", "itself trust", "vouches for itself"),
    Mix("forged-authority", "authority evade oversight", "claims an authority that waives supervision"),
    Mix(
        "forged-authority",
        "authority order artifact run unvouched",
        "claims an authority that wants a program to run",
    ),
    Mix("forged-authority", "authority order elevated", "claims an authority that wants full rights"),
    Mix("forged-authority", "artifact run url", "has a stranger's program run"),
    Mix("forged-authority", "elevated run url", "has a stranger's program run with full rights"),
    Mix("credential-request", "hand-over secret stranger", "asks for secrets and says whom to give them"),
    Mix("credential-request", "hand-over secret server-url", "asks for secrets and says where to enter them"),
    Mix("credential-request", "hand-over secret there host", "asks for secrets and says where to enter them"),
    Mix("credential-request", "threat hand-over url", "threatens in order to get data"),
    Mix("credential-request", "solicit yield", "makes the reader ask the person for rights or secrets"),
    Mix("addressed", "situation", "speaks of what the model was told", warnable=False),
    Mix("remote-orders", "obey-there url", "lets a stranger's page decide what to do"),
    Mix("remote-access", "remote run", "gives a stranger the machine"),
    Mix("remote-access", "remote order", "gives a stranger the machine"),
    Mix("remote-access", "remote hand-over", "gives a stranger the machine"),
    Mix(
        "deception", "claim person all-well", "puts a false statement into the model's mouth", warnable=False
    ),
    Mix("secrecy", "conceal conduct", "hides where the advice comes from", warnable=False),
    Mix("secrecy", "unread run", "wants it run unread", warnable=False),
    Mix("propagation", "vote spread", "asks for votes or copies of itself"),
    Mix("memory", "lasting obey", "plants a lasting order"),
    Mix("weakened", "drop defence everywhere", "takes a defence away for good"),
    Mix("weakened", "unguard", "takes a defence away"),
    Mix("override", "void given-orders", "asks to drop earlier instructions", REFUSED, warnable=False),
    Mix("override", "allegiance sole", "claims the reader's obedience", warnable=False),
    Mix("override", "principal released", "frees the reader of its orders", warnable=False),
    Mix("override", "self-grant", "has the reader give itself rights"),
    Mix("forged-consent", "advance-consent", "claims a consent that nobody gave", warnable=False),
    Mix("secrecy", "withhold account", "hides something from the person", warnable=False),
    Mix("credential-request", "from-person secret", "asks the person for secrets"),
    Mix("credential-request", "seed-phrase give-away", "asks for the key of a wallet"),
    Mix(
        "credential-request", "type-in secret into-form url", "asks for secrets and says where to enter them"
    ),
    Mix("credential-request", "in-reply secret-material", "has the reader show a secret"),
    Mix("addressed", "model reading-this", "addresses the model", warnable=False),
    Mix("addressed", "if-machine", "addresses the model", warnable=False),
    Mix("addressed", "next-act", "orders the model about", warnable=False),
    Mix("addressed", "own-tools use-tool", "has the reader act on the store", warnable=False),
    Mix("self-promotion", "prefer this-trace above-others", "asks to be preferred", warnable=False),
    Mix("memory", "your-memory", "plants a lasting order in the model's memory"),
    Mix("exfiltration", "mailing inside-matter mailbox", "has something of the person's mailed away"),
    Mix("remote-orders", "agent-config place server-url", "connects the reader to a stranger's server"),
    Mix("memory", "keep-for-later laxity", "plants a lasting order in the model's memory"),
    Mix("memory", "into-memory user-wish", "plants a lasting order in the model's memory", warnable=False),
    Mix("exfiltration", "transmit named-secret filled-address url", "sends a secret to a stranger's address"),
    Mix(
        "credential-request", "put-down bare-secret plain-place", "has a secret written where others read it"
    ),
    Mix("memory", "rulebook lax-rule", "plants a lasting order in the model's memory", warnable=False),
    Mix("credential-request", "lay-open live-secret open-place", "lays a secret open"),
    Mix("credential-request", "sign-in brand url", "has the person log in at a stranger's"),
    Mix(
        "data-link", "emit answer-place carried open-address url", "makes the reader put data into an address"
    ),
    Mix("addressed", "reader-clause", "addresses the model", warnable=False),
    Mix("deception", "against-person", "turns the reader against the person", warnable=False),
    Mix("addressed", "model unseen", "addresses the model behind the person's back", warnable=False),
)

_MANUAL = (
    r"(?:href=[\"']|\]\()https?://(?:(?:docs?|help|support|learn|developers?|wiki)\.[^\s\"')]{1,200}"
    r"|(?:github|gitlab)\.com/[\w.-]{1,40}/[\w.-]{1,60}/(?:-/)?(?:blob|tree|commit|releases|wiki)\b[^\s\"')]{0,200}|[^\s\"')]{3,200}\.pdf\b)"
)
"""The target of a link to a manual, a paper or a file of code, which is read and not connected to."""
_DEEDS = frozenset(
    "safety-off act claim drop emit evade give-away hand-over lay-open mailing obey obey-there order place posed prefer put-down run self-grant show sign-in"
    " solicit supersede transmit type-in unguard use-tool vote".split()
)


_ALL = {**INGREDIENTS, **conduct.INGREDIENTS}


def persuasions(text: str, subject: str) -> Iterator[Hit]:
    """Yield the sentences of ``text``, in lower case, that work on their reader.

    Args:
        text: one reading of a field.
        subject: what the trace is about; it vouches for the hosts of its own project.
    """
    possible = _sieve().possible(text)
    anywhere: dict[str, bool] = {}
    mixes = [
        mix
        for needed, names, mix in _needed()
        if needed <= possible and _holds(names, text, subject, anywhere)
    ]
    if not mixes:
        return
    for sentence in compiled(SENTENCE).finditer(text):
        said = sentence[0]
        here: dict[str, bool] = {}
        for mix in mixes:
            if _holds(mix.needs.split(), said, subject, here) and not (
                mix.warnable and _warns(said, mix.needs.split())
            ):
                yield Hit(mix.kind, mix.verdict, mix.reason, *sentence.span())
                break


def _warns(said: str, names: list[str]) -> bool:
    """Tell whether a sentence advises against the deed among ``names``, and not only of something else."""
    deeds = [name for name in names if name in _DEEDS] or [name for name in names if name != "url"]
    return is_careful(said) or advises_against(said, [_ALL[name] for name in deeds])


@cache
def _needed() -> list[tuple[frozenset[str], list[str], Mix]]:
    return [(frozenset(mix.needs.split()), mix.needs.split(), mix) for mix in MIXES]


@cache
def _sieve() -> Sieve[str]:
    requirements = {name: prefilter.required(pattern) for name, pattern in _ALL.items()}
    address = prefilter.pieced([frozenset(("://",))])
    return Sieve({**requirements, "url": address, "server-url": address, "unvouched": (), "host": ()})


def _holds(names: list[str], said: str, subject: str, known: dict[str, bool]) -> bool:
    for name in names:  # plain loops: this runs for every mix and text
        if name not in known:
            known[name] = _has(name, said, subject)
        if not known[name]:
            return False
    return True


def _has(name: str, said: str, subject: str) -> bool:
    if name == "server-url":
        return _has("url", compiled(_MANUAL).sub(" ", said), subject)
    if name == "unvouched":
        return _has("url", said, subject) or not any(urls(said))
    if name == "host":
        return any(not is_known(host, subject) for host in named(said))
    if name == "url":
        return any(not is_known(host, subject) for host in urls(said))
    return compiled(_ALL[name]).search(said) is not None
