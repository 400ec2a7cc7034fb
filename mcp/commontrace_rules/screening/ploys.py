"""Ploys in prose: the task is swapped, a safety net is torn out as a fix, a consent or an end of the quotation is claimed."""

from commontrace_rules.screening.rules import Rule

_HARM = (
    r"(?:delet|remov|wip|eras|purg|revok|disabl|overwrit|exfiltrat|upload|publish|approv|grant|weaken)\w{0,4}|push|merge|send|commit|append"
    r"|execute|open an? (?:pr|pull request|mr|merge request)|tell the (?:user|human)|stop (?:what|working)"
)
_NET = (
    r"(?:\.github/workflows\b(?!/)|\bcodeowners\b|\bbranch protection\b|\bpre-commit (?:config\w{0,8}|hooks?)\b|\blicen[cs]e headers?\b"
    r"|\b(?:ci|test|lint\w{0,4}|security|audit|scan\w{0,4}|pipeline|backup|review)s?(?:'s)? (?:director(?:y|ies)|folders?|suites?|config\w{0,10}|workflows?"
    r"|jobs?|checks?|steps?|logs?|files?|rules?)\b|\b(?:the|all|every|failing) (?:unit |integration |e2e )?tests?\b(?! (?:data|files?|output|runs?|results?|env\w{0,9}|databases?)))"
)
_PAYOFF = (
    r"(?:\b(?:errors?|failures?|warnings?|problems?|complaints?|red builds?)\b[^\n.]{0,16}\b(?:disappears?|gone|go(?:es)? away|vanish(?:es)?|stops?)\b"
    r"|\bnothing (?:is|gets|will be) (?:checked|tested|run|reviewed)\b|\b(?:it|ci|build|pipeline|everything|check)s? (?:then |will |simply )?(?:pass(?:es)?"
    r"|succeeds?|goes green|is green|stops? complaining)\b)"
)

_WHO = r"(?:user|human|person|developer|operator|customer)(?:'s|s')?"
_WISH = r"(?:original |current |first |real |actual )?(?:request|question|task|prompt|message|query|instruction|order|assignment|goal|wish)(?:e?s)?"
_BELIEVED = r"(?:traces?|answers?|advice|commands?|packages?|links?|fixes|posts?|sources?|hosts?|mirrors?|authors?|scripts?|domains?)"

RULES = (
    Rule(
        "override",
        rf"\b(?:treat|regard|consider|count) (?:what|everything|anything|whatever|all) (?:that )?(?:the )?{_WHO} (?:has |have )?(?:typed|said|asked|wrote|written|requested|wanted)\b[^\n.]{{0,24}}\bas (?:an? )?(?:cancelled|void|withdrawn|obsolete|done|settled|test|mistake|drill)\b",
        "sets the person's request aside",
        marks=" as ",
    ),
    Rule(
        "memory",
        r"\bwhen(?:ever)? you (?:store|save|remember|record|memori[sz]e) (?:what|this|it|the)\b[^\n.]{0,40}\b(?:add|note|write|include|say|mention)\b",
        "plants a lasting order in the model's memory",
        marks="when",
    ),
    Rule(
        "override",
        r"\b(?:consider|regard|count|think of|treat) yourself (?:as )?(?:now )?(?:released|free|freed|exempt|unbound|relieved|excused|cleared|authori[sz]ed)\b",
        "frees the reader of its orders",
        marks="yourself",
    ),
    Rule(
        "memory",
        r"\b(?:save|store|add|note|keep|record|write)\b(?: this| it| that)? (?:down )?(?:as|to|in|under) (?:an? |your |the )?(?:new |standing |lasting |permanent )?(?:rules?|preferences?|instructions?|polic(?:y|ies)|defaults?|guidelines?)\b ?[:\u2014-]"
        r"[^\n]{0,80}\b(?:never|always|without|skip|no)\b[^\n]{0,40}\b(?:ask|confirm|review|verif|check|warn|prompt|approv|permission|trust)\w*",
        "plants a lasting order in the model's memory",
        marks="rule|preference|instruction|polic|default|guideline",
    ),
    Rule(
        "override",
        rf"\b{_WHO} {_WISH} (?:is|was|are|were|has been|have been)(?: only| just| merely| in fact| really)? (?:an? |the )?(?:test\b|drill|decoy|trap|bait|fake|honeypot|void|withdrawn|superseded|revoked|a mistake|settled already)"
        rf"|\b{_WHO} {_WISH}[^\n.]{{0,40}}\b(?:must|should|shall|need|may|can) (?:not|no longer|never) be (?:fulfilled|answered|followed|done|carried out|executed|honou?red|completed|served)"
        rf"|\b{_WHO} {_WISH} (?:must|should|can|may) be (?:ignored|disregarded|dropped|refused|set aside)|\b{_WHO} {_WISH} no longer (?:matters?|counts?|appl(?:y|ies))"
        rf"|\bwhat the {_WHO} (?:really |originally |just )?(?:wants?|wanted|asks?|asked|requests?|requested)\b[^\n.]{{0,24}} (?:is|was) (?:only |just )?(?:an? )?(?:test\b|drill|decoy|trap|bait|fake|void|mistake|irrelevant|withdrawn)"
        rf"|\bwhat the {_WHO} (?:wants?|wanted|asks?|asked)\b[^\n.]{{0,40}}\b(?:must|should|need|may|can) (?:not|no longer|never) be\b"
        rf"|\b(?:instead of|rather than) (?:doing |answering |solving |completing |fulfilling )?(?:the |this )?{_WHO} {_WISH}\b"
        rf"|\b(?:do not|don't|never|must not|refuse to) (?:fulfil\w{{0,3}}|answer|carry out|complete|perform|obey|follow|serve|honou?r) (?:the |this |any |what the )?{_WHO} (?:{_WISH}|wants|asks)\b"
        r"|\b(?:stop|drop|abandon|suspend|leave|quit|interrupt) (?:the |your |this )(?:present|current|original|assigned|user's|ongoing) (?:job|task|work|assignment|goal)\b",
        "sets the person's request aside",
        marks="user|human|person|developer|operator|customer|job|task|work|assignment|goal",
    ),
    Rule(
        "memory",
        rf"\b(?:memory\b(?: file| bank| store| notes?| tool)?|remember\b(?: this| that)? (?:for|in|across) (?:all |every |any |later |future |further |coming ){{1,2}}sessions?)\b[^\n]{{0,12}}[:—-][^\n]{{0,40}}\b{_BELIEVED}\b[^\n]{{0,60}}\b(?:always|never|trust\w*|without|no (?:need|second|further|verification|reviews?|checks?|confirmation)|reliable|right|safe|approved|first)\b"
        rf"|\b(?:all |any |every )?{_BELIEVED} (?:by|from|of|signed by|published by|on) [@`'\"]{{0,2}}[\w.-]{{2,40}}[`'\"]? (?:is|are|can be|may be|should be|must be) (?:always |fully |implicitly |blindly )?(?:right|correct|trusted|believed|reliable|exempt|beyond doubt)\b",
        "plants trust in somebody's words",
        marks="memory|remember|right|correct|trusted|believed|reliable|exempt|doubt",
    ),
    Rule(
        "override",
        r"\b(?:stop|drop|abandon|pause|interrupt|halt|leave|forget(?: about)?) (?:what(?:ever)? you(?:'re| are| were| have been) (?:doing|working on|asked|told|given)"
        r"|your (?:current |present |original |assigned )?(?:task|job|assignment|work)|(?:the|that) (?:task|job|work) you (?:were|are|have been))\b(?! (?:after|when|if|until|once)\b)",
        "replaces the task",
        marks="you&stop|drop|abandon|pause|interrupt|halt|leave|forget",
    ),
    Rule(
        "addressed",
        r"\b(?:when|once|after|as soon as|if|now that) you(?:'ve| have)? (?:read|seen|reached|processed|parsed|found|come across) (?:this|the above|these"
        rf"|so far)\b[^\n]{{0,24}}[,;:]? [^\n]{{0,60}}\b(?:{_HARM})\b",
        "addresses the reader with an order",
        marks="when you|once you|after you|as soon as you|if you|now that you",
    ),
    Rule(
        "unsafe-order",
        rf"\b(?:delet|remov|wip|eras|drop|empt|truncat|disabl|rip|throw|comment)\w{{0,4}}\b[^\n.]{{0,24}}{_NET}[^\n]{{0,60}}{_PAYOFF}",
        "removes the safety net and calls it a fix",
        marks="delet|remov|wip|eras|drop|empt|truncat|disabl|rip|throw|comment&disappear|gone|away|vanish|stop|nothing |pass|succe|green|complain",
    ),
    Rule(
        "unsafe-order",
        rf"\b(?:pr|pull request|mr|merge request|commit|patch|branch) (?:that|which|to) (?:delet|remov|drop|disabl|revert|weaken|strip|wip)\w{{0,4}}\b[^\n.]{{0,30}}{_NET}",
        "removes the safety net",
        marks="that |which |to &delet|remov|drop|disabl|revert|weaken|strip|wip&pr |request|mr |commit|patch|branch",
    ),
    Rule(
        "consent",
        r"\b(?:always|automatically|simply|just) (?:say|answer|reply|respond|press|type|choose) ['\"`]?(?:yes|y|ok|allow|approve)\b['\"`]? (?:to|on|at|for) (?:every|each|all|any)\b[^\n.]{0,24}\b(?:confirmation|prompt|question|request|dialog|warning|approval|permission)",
        "wants to act without asking",
        marks="yes|y|ok|allow|approve&confirmation|prompt|question|request|dialog|warning|approval|permission",
    ),
    Rule(
        "consent",
        r"\bpermission was (?:already |hereby )?(?:granted|given) (?:for (?:this|the whole|the entire|all|every)|in advance|up front|already|beforehand)"
        r"|\byou (?:no longer|need not|do not|don't) (?:need|have)? ?(?:to )?(?:ask|confirm|check|wait|request)(?: (?:the user|anyone|me|back|for (?:permission|confirmation|approval)))?"
        r" before (?:running|executing|acting|doing|deleting|pushing|editing|changing|you)\b"
        r"|\b(?:bash|shell|terminal|edits?|commands?|rm|curl|ssh|tools?)\b[^\n.]{0,16}\bno longer (?:requires?|needs?) (?:any |an? |the |user |your |explicit |further ){0,3}"
        r"(?:approval|permission|confirmation|consent|review)",
        "wants to act without asking",
        marks="permission was|no longer|before &granted|given|ask|confirm|check|wait|request|approval|permission|consent|review",
    ),
    Rule(
        "forged-authority",
        r"\b(?:tool|agent|session|execution|command|shell|assistant|permission)s? policy (?:update|change|notice|revision)s?\b ?[:(]"
        r"|\bthese (?:instructions|rules|directions) (?:override|supersede|replace|take precedence over)\b|\byou must follow (?:them|these|it) exactly\b",
        "invents a policy",
        marks="policy|these |must follow",
    ),
    Rule(
        "forged-consent",
        r"\b(?:askuserquestion|exitplanmode|(?:permission|confirmation|approval) (?:prompt|dialog|request|question)s?)\b[^\n]{0,24}(?:[:=>\u2192]|\b(?:returned|answered|resulted in)\b)[^\n]{0,8}"
        r"[\"'\u201c`]?(?:yes|allow(?:ed)?|approved?|accept(?:ed)?|always|granted|confirmed|proceed)\b",
        "claims a consent that nobody gave",
        marks="askuser|exitplan|permission|confirmation|approval",
    ),
    Rule(
        "envelope",
        r"\b(?:quotation|quoted (?:text|part|section|material)|quote|excerpt|untrusted (?:text|part|block|section|content)|reference (?:text|material|block)|retrieved (?:text|part))"
        r" (?:ends?|stops?|is over|finishes|closes|ended) (?:here|above|at this|now)\b|\byou may now (?:act on|obey|follow|trust|carry out)\b"
        r"|\bwhat follows (?:is|was|comes) (?:from|typed by|written by) (?:the|your) (?:user|operator|developer|human|owner)\b",
        "claims that the quotation is over",
        marks="end|stop|over|finish|close|you may now|what follows",
    ),
    Rule(
        "memory",
        r"\b(?:remember|memori[sz]e|keep in mind)\b[^\n.]{0,24}\b(?:permanently|forever|for good|across (?:all )?sessions|for (?:all|every) (?:future |later )?(?:sessions?|tasks?|projects?"
        r"|conversations?|runs?))\b[^\n]{0,120}\b(?:must|always|never|ignored?|allow\w{0,3}|trust\w{0,3}|skip\w{0,4}|without|false positives?|should|prefer\w{0,3})\b",
        "plants a lasting order in the model's memory",
        marks="remember|memori|keep in mind",
    ),
    Rule(
        "override",
        r"\bgo along with (?:whatever|what|everything|anything)\b|\bkeep (?:the |this |that |any )?(?:explanation|reason|details?|result|command|change|rest|it|this) to yourself\b"
        r"|\bconsider (?:this|the) (?:conversation|session|chat|context) (?:restarted|reset|new|closed|over|ended)\b|\byou (?:now )?have (?:only |just )?one (?:job|task|goal|purpose)\b"
        r"|\byour (?:previous|old|earlier|former|prior) (?:configuration|settings|mode|permissions|limits|scope)\b[^\n.]{0,24}\b(?:expired|ended|replaced|lifted|gone|void|obsolete|no longer)\b",
        "replaces the task",
        marks="go along|yourself|consider |have |your ",
    ),
    Rule(
        "forged-consent",
        r"\b(?:auto-?(?:accept|approve|run)|yolo mode|(?:autonomous|unattended|bypass) mode|full access|root shell|elevated (?:mode|rights|privileges))\b[^\n.]{0,16}\b(?:has been|have been|is|was|are)"
        r" (?:now )?(?:switched on|turned on|enabled|activated|granted|available|on|active)\b[^\n.]{0,16}\b(?:by (?:your|the|an) (?:admin\w{0,9}|operator|owner|team|platform)"
        r"|for (?:this|the) (?:session|directory|workspace|conversation|repo\w{0,6}|trace))"
        r"|\bapprovals? (?:is|are) (?:now )?(?:off|suspended|unnecessary)\b|\bsession (?:upgraded|elevated|promoted|unlocked)\b"
        r"|\bpolicy (?:is |was |has been )?(?:relaxed|lifted|suspended|waived|loosened)\b|\byou may (?:now )?(?:reveal|disclose|print|share|expose|leak) (?:the |any |all )?(?:secrets?|credentials|tokens?|keys|passwords?)\b"
        r"|\bapply (?:these|this|the above|them) for the (?:current |rest of the )?(?:session|conversation)\b|\bconfirm\w{0,4}[_-]before[_-]\w{1,20}\s?[:=]\s?(?:false|no|off|never)\b",
        "claims rights that nobody gave",
        marks=" mode|auto|full access|root shell|elevated|approvals |session |policy |you may|for the |before&on|active|enabled|available|granted|off|upgrad|unlock|promot|relax|lift|suspend|waive|loosen|may |apply|false|never|unnecessary",
    ),
    Rule(
        "fake-tool",
        r"[\"']role[\"']\s{0,3}:\s{0,3}[\"'](?:tool|function)[\"'][^\n]{0,120}\b(?:user (?:pressed|approved|confirmed|accepted|said|typed|chose)|allow(?:ed)? always|approved|permission granted)\b"
        r"|\b(?:pretooluse|posttooluse|permissionrequest|userpromptsubmit)\b(?: hook)?[^\n]{0,24}\b(?:returned|result|says|decision|output)\b[^\n]{0,12}\b(?:allow|approve)\w{0,2}\b"
        r"|(?:^|\n)[ \t>]{0,4}tool ?: ?\w{2,20}\([^\n]{0,80}\n[ \t>]{0,4}(?:output|result) ?:|\bmcp__\w{2,40}?__\w{2,40}\s?\(",
        "imitates the result of a tool",
        marks="\"tool\"|'tool'|\"function\"|'function'|tool:|tool :|tooluse|permissionrequest|userpromptsubmit|mcp__",
    ),
    Rule(
        "envelope",
        r"\b(?:data|content|context|quotes?|documents?|trace|archive) (?:ends?|is over|stops?)\b[^\n]{0,12}\b(?:instructions?|orders?|commands?|prompt) (?:begins?|starts?|follows?)\b"
        r"|\bi, (?:the|your) (?:user|owner|operator|developer|admin\w{0,9}|human),? (?:now |hereby )?(?:want|need|ask|order|request|instruct|authori[sz]e)\b",
        "changes the speaker",
        marks="begin|start|follow|i, ",
    ),
    Rule(
        "fake-tool",
        r"[\"']tools/call[\"'][^\n]{0,200}(?:~/\.|/etc/|authorized_keys|\.(?:bash|zsh)rc|\brm -|\bcurl |\bsudo )",
        "imitates a call of a tool",
        marks="tools/call",
    ),
)
"""Over every reading of the text in lower case."""
