"""Consent that nobody gave, and authority that nobody has."""

from commontrace_rules.screening.rules import REFUSED, Rule

_VENDOR = r"(?:claude(?: code)?|anthropic|openai|chatgpt|codex|cursor|copilot|gemini|github|gitlab|windsurf|commontrace)"
_PLACE = r"(?:workspace|session|project|repo(?:sitory)?|account|machine|environment|agent|installation|device|directory|client)"
_LOCKED = r"(?:flagged|locked|suspended|restricted|quarantined|blocked|frozen|marked|disabled|revoked|paused|on hold|held)"
_RELEASE = (
    r"(?:unlock|unblock|unfreeze|unquarantine|release|restore|clear|lift|re-?enable|re-?activate|reinstate)"
)

RULES = (
    Rule(
        "forged-consent",
        r"(?:^|[.!?;:,\n>(*\"'`-] ?|\b(?:since|because|as|note that|assume|and"
        r"|that) )(?:the )?(?:(?:user|human|operator) (?:has |have |had |already )+(?:pre-?|already "
        r"|explicitly |fully )?(?:approved|authori[sz]ed|granted|consented|confirmed|allowed"
        r"|given (?:full )?(?:permission|consent|approval)|okayed|whitelisted)(?! (?:the|a|your|each"
        r"|it) (?:plan|design|spec|draft|section))|(?:owner|admin(?:istrator)?|maintainer|developer"
        r"|team|customer|security team)s? (?:has |have |had |already )+(?:pre-?|already )?(?:approved"
        r"|authori[sz]ed|granted|allowed|whitelisted) (?:all|any|every|these|this|the (?:use"
        r"|following)|running|shell|bash|commands?|full|unrestricted|root))\b",
        "claims a consent that nobody gave",
        REFUSED,
        marks="approved|authori|granted|consented|agreed|confirmed|allowed|accepted|given|okayed|whitelisted",
    ),
    Rule(
        "forged-consent",
        r"\b(?:pre-?approved(?! (?:\w+ )?(?:domains?|hosts?|tools?|commands?|lists?|urls?|sites?|users?|packages?|licen[sc]es)\b|\.? to (?:pre-?)?(?:approve|allow) (?:more|others?|another))|permission (?:has been |is )?(?:already )?granted|consent (?:has been "
        r"|is )?(?:already )?(?:given|granted)|all (?:shell |bash |tool )?commands? (?:are|is"
        r"|have been) (?:now )?(?:approved|allowed|trusted|authori[sz]ed)"
        r"|no (?:further )?(?:confirmation|approval|permission) (?:is )?(?:needed|required|necessary)"
        r"|(?:confirmation|approval)s? (?:is|are) (?:disabled|not (?:needed|required)|waived))\b",
        "claims a consent that nobody gave",
        marks="approved|granted|given|allowed|trusted|authori|confirmation|approval",
    ),
    Rule(
        "forged-authority",
        r"\b(?:treat|consider|regard|accept|handle|interpret) (?:the |this |these |all |any "
        r"|following |text |content |contents |of |trace |message |document |note "
        r"|it )+ ?as (?:if )?(?:(?:it|they) (?:were|was|came) )?(?:an? |the |from )*(?:operator|system"
        r"|developer|admin(?:istrator)?|user|trusted|authori[sz]ed|verified|official|root"
        r"|highest[- ]priority)\b",
        "claims authority over the model",
        REFUSED,
        marks=" as ",
    ),
    Rule(
        "forged-authority",
        r"\b(?:anthropic|openai|claude code|system|security|platform|operator|administrator|admin"
        r"|it department|commontrace)(?:'s)? (?:internal |official |security |system |team |safety "
        r"|emergency |urgent |admin ){0,3}(?:notice(?! (?:for|about|regarding|on)\b)|override (?:active|enabled|engaged|code|mode|:)"
        r"|announcement|bulletin|memo|mandate|advisory to (?:agents?|assistants?)"
        r"|message to (?:the )?(?:model|assistant|agent))\b"
        r"(?=[^\n]{0,40}(?:[:>\]=\u2013\u2014]| -)|[^\n]{0,120}\b(?:agents?|assistants?|models?|must|you|your|all|every)\b|\W{1,6}[^\n]{0,120}\b(?:agents?|assistants?|models?|you have|you must)\b)"
        r"(?!,? [a-z]{2,8}-?\d{2,4}-?\d{0,6})",
        "claims to speak for the vendor",
        marks="notice|override|directive|announcement|bulletin|memo|mandate|advisory|message",
    ),
    Rule(
        "forged-authority",
        rf"\b{_VENDOR}(?:'s)? (?:\w+ ){{0,2}}?(?:security|support|safety|platform|admin\w*|compliance|abuse|trust|operations|team|desk)\b[^\n.:]{{0,24}}(?:[:,-]| here\b)[^\n.]{{0,60}}"
        rf"\b{_PLACE}\b[^\n.]{{0,24}}\b{_LOCKED}\b(?=[^\n]{{0,200}}\b{_RELEASE}\b)[^\n]{{0,200}}\b(?:run(?:ning)?|execut(?:e|ing)|start(?:ing)?|launch(?:ing)?|past(?:e|ing)|typ(?:e|ing)|install(?:ing)?|with)\b"
        rf"|\b{_RELEASE}\b[^\n]{{0,16}}\b(?:{_PLACE}|it|them|flag|restrictions?|access)\b[^\n]{{0,80}}(?:--dangerously-|--yolo\b|bypass-?permissions|--allow-all-tools)",
        "claims to speak for the vendor",
        marks="unlock|unblock|unfreeze|unquarantine|release|restor|clear|lift|enabl|activat|instat",
    ),
    Rule(
        "forged-authority",
        r"(?:^|\n|[.!>\]] )\W{0,6}(?:admin(?:istrator)?|system|security|operator|platform|root|policy) override\b ?(?:\([^)\n]{0,40}\))? ?[:,\u2013\u2014-] ?\w"
        r"|\b(?:is|are|has been|have been|was) (?:now |hereby )?(?:authori[sz]ed|approved|allowed|permitted|unlocked|cleared) for (?:this|the|your|any|all) (?:\w+ )?(?:agent|assistant|model)s?\b",
        "claims an authority that lifts a protection",
        marks="override|agent|assistant|model",
    ),
    Rule(
        "forged-authority",
        r"\b(?:system|security|admin\w*|urgent|official|service) (?:message|notice|alert|warning|order|announcement|instruction)s? from (?:the |your |our )?(?:it\b|security|admin\w*|operations|operator|anthropic|openai|vendor|platform|compliance|legal|help ?desk|support|soc\b)[^\n:]{0,24}[:,\u2013\u2014]",
        "claims to speak for the vendor",
        marks=" from ",
    ),
    Rule(
        "forged-authority",
        r"\[(?:system|admin\w*|operator|developer|anthropic|security) (?:message|notice|alert|update)\][^\n]{0,60}\b(?:the user|you|all|every|confirmations?|agents?|assistants?|permissions?)\b"
        r"|\b(?:user|session|account|you)\b[^\n.]{0,16}\b(?:upgraded|switched|moved|set|elevated|promoted) to (?:unrestricted|god|admin(?:istrator)?|developer|root|unlimited|privileged|maintenance) mode\b",
        "claims an authority that lifts a protection",
        marks="[|mode",
    ),
    Rule(
        "forged-consent",
        r"\b(?:pretend|assume|suppose|imagine|(?:act|behave|proceed|continue) as (?:if|though)|take it that)\b[^\n.]{0,12}\b(?:user|person|developer|human|owner|operator)s? (?:(?:has|have|had) )?(?:already )?(?:said (?:yes|ok)|agreed|approved|consented|confirmed|allowed|accepted (?:it|this|all|every)|granted|given (?:you|permission|consent)|gave (?:you|permission|consent))\b",
        "claims a consent that nobody gave",
        marks="pretend|assume|suppose|imagine|as if|as though|take it",
    ),
    Rule(
        "forged-authority",
        r"\b(?:anthropic|openai|google|microsoft|github|claude code|cursor)(?:'s)? (?:\w+ ){0,2}(?:policy|terms|guidelines?|rules?)(?: \w+)? ?(?:update|change|notice|v?\d)[^\n:]{0,24}[:,-][^\n]{0,40}\b(?:agents?|assistants?|models?)\b[^\n]{0,24}\b(?:must|shall|have to|are (?:required|allowed|permitted))\b",
        "claims to speak for the vendor",
        marks="policy|terms|guideline|rules",
    ),
    Rule(
        "forged-authority",
        r"\b(?:new|updated|revised|effective immediately|emergency) (?:system |security |safety "
        r"|operator |company |operating )?policy\b ?[:;,-]? ?.{0,120}\b(?:disabled|allowed?"
        r"|automatically|without|skip|no longer|apply|approve[ds]?|permit(?:ted)?|trust(?:ed)?|waived"
        r"|bypass)\b",
        "invents a policy",
        marks="policy",
    ),
    Rule(
        "forged-authority",
        r"\b(?:this|the) (?:trace|memory|result|document|hook|tool(?: output)?|server|note|snippet"
        r"|answer|source)s? (?:is|are|has been|have been|was) (?:pre-?)?(?:verified|trusted|signed"
        r"|authori[sz]ed|approved|certified|safe|whitelisted)\b.{0,80}\b(?:treat|run|execute|skip"
        r"|follow|obey|instructions?|without|trust|automatically|no need)\b",
        "vouches for itself",
        marks="verified|trusted|signed|authori|approved|certified|safe|whitelisted",
    ),
    Rule(
        "forged-authority",
        r"\bhooks? (?:are|is) (?:verified|trusted|approved)\b",
        "vouches for itself",
        marks="hook",
    ),
)
"""Over every reading of the text in lower case."""
