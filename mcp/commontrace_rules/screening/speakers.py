"""Somebody else who seems to speak: states of the session, forged approvals, another identity for the reader.

No honest fix says what the reader is permitted, who it works for, or what a person answered to a dialog.
"""

from commontrace_rules.screening.rules import Rule

_STATE = (
    r"(?:(?:tool |shell |write |your |all )?permissions?|auto-?approv(?:e|al)|approvals?|confirmations?|the sandbox|(?:safety|security|output|usage)"
    r" (?:checks?|reviews?|restrictions?|filters?|considerations?|polic\w+)|restrictions|guardrails|trust[_ -]?level|unattended mode|developer mode"
    r"|maintenance mode|admin mode|oversight|every safety consideration)"
)
_CHANGED = (
    r"(?:elevated|upgraded|turned (?:on|off)|switched (?:on|off)|waived|granted|lifted|suspended|extended|escalated|active|enabled|disabled|off"
    r"|no longer|(?:do |does )?not apply|already resolved|not needed|never|full|admin)"
)
_SESSION = (
    r"\b(?:this (?:session|workspace|deployment|repo(?:sitory)?|conversation|run)|agents?|assistants?|you(?:r)?|the (?:workspace|platform|session|deployment)"
    r"|(?:platform|security) team|until (?:further|friday|monday|tomorrow|the end)|from (?:here|now) on|any ?more|right away|operator|continue without"
    r"|unattended)\b"
)
_SPEAKER = r"(?:admin(?:istrator)?|operator|system|root|developer|anthropic|assistant|agent)"
_NOTICE = r"(?:instructions?|notices?|messages?|notifications?|overrides?|prompts?|addendum|directives?|announcements?|reminders?)"
_PROJECT_RULES = r"(?:claude\.md|agents\.md|(?:project|repo(?:sitory)?)(?:'s)? (?:\w+ )?(?:rules|guidelines|instructions|conventions)|contributing guide)"
_OTHERS = r"(?:former|prior|previous|earlier|preceding|other|your)"
_GIVEN = r"(?:directives?|instructions?|orders|rules|guidance|guidelines|context|training|programming|restrictions)"

_PRODUCT = r"(?:claude(?: code)?|anthropic|openai|codex|cursor|copilot|gemini|commontrace|platform|ide|cli|mcp|agent|harness)"
_PART = r"(?:server|client|system|runtime|gateway|core|daemon|moderation|moderator|hook|policy|service|store|security|admin)"
_PRESSED = (
    r"\b(?:must|shall|have to|has to|need to|needs to|are to|should (?:apply|run|skip|accept|ignore)|automatically|without|skip|ignore|emptied|removed|disable[sd]?|turned off|no longer|allowed to"
    r"|permission)\b"
)
_GUARD = r"safety|security|permission|approval|moderation|guard(?:rail)?|screening|confirmation|sandbox"

_PERSONA = r"[\w-]{0,24}(?:gpt|bot|ai|llm|coder|claude|copilot|model|assistant|agent|dan)"
_ANSWER = r"(?:message|reply|answer|response|turn|output)"

RULES = (
    Rule(
        "forged-consent",
        rf"\b{_STATE}\b(?=[^\n]{{0,200}}{_SESSION})[^\n.|]{{0,30}}(?:\b(?:have|has|had) (?:been )?|\b(?:is|are|was|were|do|does|as)\b(?: now| hereby)? ?|\s?[=:]\s?)"
        rf"[^\n.|]{{0,20}}{_CHANGED}\b",
        "claims rights that nobody gave",
        marks="permission|approv|confirmation|sandbox|check|review|restriction|filter|consideration|guardrail|trust|mode|oversight|polic",
    ),
    Rule(
        "forged-consent",
        r"\b(?:the )?(?:user|human|person) (?:has been|was) (?:notified|informed|asked) and (?:agreed|approved|consented|confirmed)|\b(?:the )?(?:user|human|person) (?:has )?(?:selected|chose|chosen|clicked|answered|typed|pressed) ?:? ?[\"'`\u2018\u201c]?(?:yes|allow|approve|always|ok|don't ask|accept)\b"
        r"|\[(?:tool|permission|bash|command|edit|request)s?(?: \w+){0,2} (?:approved|granted|allowed|confirmed)\b[^\]\n]{0,60}\]"
        r"|\bpermission (?:dialog|prompt|request)s?\b ?(?:\u2192|->|:|=>)|\b(?:i(?:'ve| have)) checked with the (?:user|owner|team)\b"
        r"|\bthe (?:user|human|operator|developer) wants you to\b|\b(?:operator|owner|admin\w*|platform)\b[^\n.]{0,60}\bconfirmations?\s?=\s?(?:never|none|off)|\b(?:checked with|confirmed with|heard from) the user\b[^\n]{0,40}\b(?:want|approve|agree|confirm|fine|said)",
        "claims a consent that nobody gave",
        marks="notified|informed|asked|selected|chose|clicked|answered|typed|pressed|approved|granted|allowed|confirm|permission|checked|heard|wants",
    ),
    Rule(
        "fake-turn",
        rf"(?:^|\n)[ \t>]{{0,6}}(?:={{2,}}|\#{{2,}}|-{{2,}}|%{{2,}}|~{{2,}}|<{{2,}}|\[{{2,}})\s{{0,3}}/?(?:begin |start |end )?(?:of )?(?:the )?{_SPEAKER}\b[\w ]{{0,24}}:?"
        rf"[ \t]{{0,3}}(?:={{2,}}|\#{{2,}}|-{{2,}}|%{{2,}}|~{{2,}}|>{{2,}}|\]{{2,}})|(?:^|\n)[ \t>*_#\[]{{0,8}}(?:begin |new )?{_SPEAKER} (?:prompt )?{_NOTICE}\b[^\n:]{{0,16}}"
        rf"[\]*_]{{0,3}} ?:[*_]{{0,2}} ?\w",
        "imitates a notice of the system",
        marks="admin|operator|system|root|developer|anthropic|assistant|agent",
    ),
    Rule(
        "fake-turn",
        r"\b(?:(?:speaking |now )?as the (?:user|operator|owner|person),? i\b|(?:a |one )?(?:separate|new|further|last|other) request from me\b|(?:the )?(?:text|rest|remainder|material|part)"
        r"[^\n.]{0,40}\b(?:is|are|comes|was|counts as)\b[^\n.]{0,16}\b(?:from the user|user input|typed by|trusted|operator text|from the operator)"
        r"|(?:quoted|reference|untrusted|retrieved|external) (?:material|data|text|content|document)s?[^\n.]{0,8} (?:ends?|stops?|is over|ended)\b"
        r"|\b(?:traces?|documents?|tool results?) count as (?:user|operator|system) (?:input|instructions?|messages?))",
        "changes the speaker",
        marks="request from me|as the |text|rest|remainder|material|part|quoted|count as|data",
    ),
    Rule(
        "fake-turn",
        r"[\"']role[\"']\s{0,3}:\s{0,3}[\"'](?:system|developer|assistant|user)[\"']\s{0,3},\s{0,3}[\"']content[\"']\s{0,3}:\s{0,3}[\"'][^\"'\n]{0,200}\b(?:may (?:read|run|write|execute|use)"
        r"|must (?:run|execute|apply|obey)|i will now|obey|delete all|push to|merge|drop the|all files|retrieved text|no restrictions?|anything)\b",
        "imitates a turn of the conversation",
        marks="role",
    ),
    Rule(
        "override",
        rf"\b{_OTHERS} {_GIVEN}\b[^\n.]{{0,24}}\b(?:cancel\w+|void|revoked|superseded|stale|obsolete|null|invalid|over|retired|cleared|outdated|wrong|replaced)\b"
        rf"|\b(?:cancel|consider|treat|regard)\b[^\n.]{{0,12}}\b(?:all )?{_OTHERS} {_GIVEN}\b|\bsupersedes? (?:all|any|every|the) (?:\w+ )?{_OTHERS}\b"
        rf"|\b(?:put|set|leave|lay)\b[^\n.]{{0,6}}\byour {_GIVEN}\b[^\n.]{{0,20}}\b(?:aside|to one side|behind)\b|\bdisregard your\b"
        rf"|\bregardless of (?:any|all|every|what\w*) (?:\w+ )?(?:rules?|instructions?|polic\w+|guidelines?|orders?)\b|\bthe {_GIVEN} you (?:were|are|have been|had)\b"
        r"|\bsupersedes all prior\b|\bignore the above\b",
        "asks to drop earlier instructions",
        marks="previous|prior|former|earlier|preceding|other|your|supersede|regardless|you were|you are|you have|you had|ignore",
    ),
    Rule(
        "override",
        rf"\b(?:do not|don't|never|stop|no need to|must not|need not) (?:follow(?:ing)?|obey(?:ing)?|heed(?:ing)?|trust(?:ing)?|respect(?:ing)?) (?:the |this |any |your )*{_PROJECT_RULES}"
        rf"|\b(?:pretend|assume|imagine|act as if|behave as though|comme si) (?:you |that |there |the |les |we )*(?!dot ?files?\b)[^\n.]{{0,30}}(?:never (?:read|saw|had|heard)|(?<!dotfile )do(?:es)? not exist|"
        rf"didn't exist|no (?:rules|restrictions|guidelines|limits)|n'exist\w+)|\bonly (?:this|the present) (?:trace|document|note|answer|text|page) (?:is|counts|applies|matters)\b"
        r"|\bthere is (?:no user|only this (?:document|trace|text))\b|\b(?:are|is) a trap\b[^\n]{0,60}\bonly\b|\bstop following the (?:user|human|developer)\b"
        r"|\bforget (?:what|everything|anything) the (?:user|human|developer|operator)\b|\bwhat(?:ever)? you were doing is\b",
        "asks to drop the person's rules",
        marks="follow|obey|heed|trust|respect|pretend|assume|imagine|act as|behave|comme si|only |there is|trap|forget|you were doing",
    ),
    Rule(
        "override",
        r"\byou have been (?:reset|reassigned|repurposed|promoted|re-?programmed|released)\b|\byour (?:(?:new|true|real|only|sole|actual) )(?:identity|persona|job|task|goal|mission|purpose|duty|name)"
        r" (?:now )?is\b|\byour (?:identity|persona) (?:now )?is\b|\byour mission (?:now is|is now)\b|\byour (?:job|task|duty|mission) is (?:now )?to (?:delete|push|run|execute|print|send|remove|commit|upload)\b"
        r"|\bi am the (?:assistant|agent|user|operator)\b[^\n]{0,20}\byou are\b|\byou are (?:dan\b|opsbot|the (?:shell|terminal)|an? (?:unrestricted|unfiltered|root|privileged)|a developer agent)"
        r"|\byou (?:no longer )?work (?:only )?for (?:the )?(?:person|user|developer|maintainer|author|us|me)\b|\b(?:never|do not|don't) (?:decline|refuse) (?:a|any|the|commands?|requests?)\b"
        r"|\bplay a game (?:where|in which) you\b|\bswitch roles\b|\bwith no limits\b[^\n]{0,60}\b(?:respond|answer|run|execute|reply)\b|\bexecute first\b[^\n]{0,30}\b(?:explain|ask|question)\b"
        r"|\byou agree that (?:the|your) (?:user|human|person|owner|security|safety)|\bnew (?:directive|identity|mission|standing order)s?\b ?(?::|supersedes|applies)|\bact as an? (?:unrestricted|unfiltered|privileged|autonomous)\b",
        "gives the reader another role",
        marks="you |your |i am the|never |do not|don't|switch roles|no limits|execute first|new |act as",
    ),
    Rule(
        "override",
        r"\b(?:disregard|ignore|forget|abandon)\b[^\n.]{0,10}\b(?:the|your|this) (?:user|human|developer|person|operator)(?:'s\b|(?= and\b|[,.;]))|\byour (?:safety|alignment|ethics) (?:training|rules|guidelines)\b"
        r"|\byour (?:safety|security|permission|guard) ?(?:settings?|checks?|prompts?|limits?|rules?|rails?|mode)\b[^\n]{0,80}\b(?:absent|leftovers?|void|unset|missing|stale|inactive|do(?:es)? not (?:apply|exist|count)|as (?:off|disabled|gone))\b"
        r"|\bhighest[- ]priority (?:instruction|order|directive|command)|\boverride (?:safety|security|mode)\b ?[:=]|\byour (?:output|answers?|repl(?:y|ies)|responses?) (?:must|may|shall|has to) (?:now )?(?:only )?(?:be|contain|consist)\b"
        r"|\b(?:abandon|scrap|drop) (?:the|your|this) (?:current|original|previous) (?:plan|task|goal|request)|\bnew plan ?:|\b(?:feel free|welcome|free|allowed|permitted) to (?:run|execute|do|delete|install) (?:anything|everything|whatever|any command)"
        r"|\b(?:nothing|anything|everything) you were (?:told|given|shown|taught)\b|\byou were not an ai\b|\b(?:outranks?|overrides?) (?:the |your )?system prompt|\bforg(?:e|ing) the approval|\b(?:steps?|commands?|instructions?|text|advice) (?:above|below|before)\b[^\n.]{0,10}\b(?:are|is|was|were) (?:decoys?|fake|bait|void)\b|\bonly (?:required|real|valid) step is\b"
        r"|\b(?:free|freed|exempt|released) (?:of|from) (?:the|your|all|any) (?:system prompt|rules|instructions|guidelines|restrictions|policies)\b|\byour (?:objective|aim) is (?:now )?to\b"
        r"|\b(?:users?|humans?|developers?)'?s? (?:message|request|question|task|wish(?:es)?) (?:is|are|was|were) (?:now )?(?:irrelevant|void|a mistake|obsolete|superseded|cancelled|withdrawn)\b"
        r"|\b(?:act|behave|continue|proceed) as (?:if|though) (?:the )?(?:user|human|person|operator) (?:had |has )?(?:said|agreed|approved|confirmed|answered|typed)"
        r"|--no-verify\b[^\n.]{0,30}\band (?:skip|merge|bypass|don't|do not)\b",
        "replaces the task",
        marks="free of|free from|freed |exempt|released|objective|aim is|irrelevant|mistake|obsolete|withdrawn|as if|as though|you were|prompt|forg|disregard|ignore|abandon|safety|alignment|ethics|highest|override|output|answer|repl|respon|scrap|drop|new plan|free|welcome|allowed|permitted|decoy|fake|bait|void|not an ai|step is|--no-verify",
    ),
    Rule(
        "addressed",
        r"\bnotes? (?:for|to) (?:the |all |any )?(?:coding |ai |language )?(?:model|agent|assistant|llm|bot)s?\b ?[:,]|\b(?:the )?(?:assistant|agent|ai) (?:may|can|is free to|is cleared to) (?:now )?(?:proceed|continue|act|skip)\b",
        "addresses the model with an order",
        marks="note|assistant|agent|ai ",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n|\\n)#{2,4} ?instructions?:?[ \t]*(?:\n|\\n)[\s\S]{1,400}?(?:\n|\\n)#{2,4} ?(?:response|output|assistant)\b|(?:^|\n|\\n)#{2,4} ?(?:response|output|assistant):[ \t]*(?:\n|\\n)[\s\S]{1,400}?(?:\n|\\n)#{2,4} ?instructions?:|\(system note ?:|\b(?:copilot|claude|cursor|codex|chatgpt|openai|anthropic|gemini) (?:policy|security|safety|usage|compliance) (?:update|notice|change|reminder|alert|requirement)s?\b ?[:,-]|(?:^|\n)[ \t>*_#\[]{0,8}(?:operator notes?|assistant policy|system alerts?|admin notes?)\b[^\n:]{0,12}: ?\w|\bfrom: ?[\w.-]{0,30}@?(?:anthropic|openai|claude)\b[^\n]{0,60}\n[^\n]{0,4}to: ?(?:claude|assistant|agent|all)\b|\bmessage from (?:the )?(?:claude(?: code)?|anthropic|openai|admin\w*|security|platform)(?: team| staff)? ?:"
        r"|(?:^|\n)[ \t>*_]{0,6}operator[*_]{0,2} ?: ?(?:grant|run|delete|push|disable|approve|allow|execute|merge|deploy|skip|send|give)\b|(?:^|\n)[ \t>]{0,4}#{1,4} ?(?:new|updated|real|actual|true) instructions?\b"
        r"|(?:^|\n)\W{0,6}(?:anthropic|openai|claude|platform|operator|administrator)\]?\W{1,4}(?:emergency|urgent|new|security|internal) (?:directive|notice|order|instruction|message)s?\b|\((?:trusted|privileged|verified|authenticated) channel\)|(?:^|\n)\W{0,8}(?:new|next|latest|final|actual|real) (?:user|human|operator|system) (?:message|turn|input|instructions?|request)s? ?:|\bend (?:of )?(?:the )?(?:untrusted|quoted)\b|\[/(?:references?|context|trace|document|instructions?)\](?!\()|(?:\\n){1,3}human ?:[^\n]{0,120}(?:\\n){1,3}assistant ?:",
        "imitates a turn of the conversation",
        marks="directive|order|channel|message|turn|input|request|quoted|instruction|system note|update|notice|change|reminder|alert|requirement|message from|from:|policy|alert|note|operator|untrusted|[/|\\n",
    ),
    Rule(
        "secrecy",
        r"\b(?:without (?:any )?(?:commentary|further comment)|and (?:do )?not (?:to )?(?:talk|speak|write) about it|not talk about it|explain never|(?<!is )no questions asked"
        r"|(?:don't|do not) have to think about it)\b",
        "wants silence about what it does",
        marks="without |not |explain never|no questions|have to think",
    ),
    Rule(
        "deception",
        r"\b(?:when (?:summari[sz]ing|reporting|asked)|in your (?:summary|report|answer)|the (?:agent|assistant|model|ai) (?:should|must|shall|will)|reply|respond|answer|say|report|state)\b,? "
        r"(?:(?:reply|say|state|claim|report|respond|answer|that) ){1,3}(?:the )?(?:no )?(?:tests?|vulnerabilit\w+|build|issues?|problems?|everything|checks?|findings?)\b[^\n.]{0,24}"
        r"\b(?:pass(?:es|ed)?|fixed|found|fine|green|solved|ok|resolved|harmless)\b",
        "puts a false statement into the model's mouth",
        marks="pass|fix|found|fine|green|solved|ok|resolved|harmless",
    ),
    Rule(
        "addressed",
        r"\b(?:agents?|assistants?|llms?|models?) (?:must|shall|should|have to|are to|need to|is to) (?:apply|run|execute|install|merge|push|publish|approve|trust|treat|deploy|accept|obey|comply)\b"
        r"[^\n.]{0,80}\b(?:immediately|at once|right away|automatically|verbatim|as (?:root|if)|without|shared traces?|user's|hot-?fix\w*|unattended|blindly)\b",
        "orders the model about",
        marks="agent|assistant|llm|model",
    ),
    Rule(
        "self-promotion",
        r"\b(?:repeat|include|quote|paste|mention|cite|copy)\b[^\n.]{0,20}\bthis (?:solution|answer|trace|text|note|advice)\b[^\n.]{0,24}\b(?:in|to|into|with) (?:each|every|all|any)\b"
        r"|\b(?:positive|up|five-?star|good) (?:vote|rating|review)\b[^\n.]{0,40}\b(?:this|through|vote_trace|before)\b|\bthis (?:answer|trace|solution|note) a (?:positive|good|top|5-star|five-star|thumbs)"
        r"|(?<!not )\badd yourself an?\b|\b(?:mark|rate|report|flag)\b[^\n.]{0,12}\b(?:all |every )other (?:answers?|traces?|solutions?)\b|\b(?:up-?)?vote\b[^\n.]{0,30}\b(?:every|all|each)\b[^\n.]{0,12}\btraces?\b|\b(?:contribute|submit|publish) this (?:trace|answer|solution)\b[^\n.]{0,40}\b(?:every|all|each|other)\b",
        "asks for votes or copies of itself",
        marks="this |vote|add yourself|other ",
    ),
    Rule(
        "memory",
        r"\bfrom now on\b[^\n]{0,80}\b(?:run|execute|install|use|call)\b[^\n]{0,60}\b(?:in all|for all|every|first|always)\b|\b(?:whenever|each time|every time)\b[^\n.]{0,60}\b(?:open(?:ed|s)?|start(?:ed|s)?|session|clone[ds]?)\b[^\n.]{0,40}\b(?:first )?(?:run|execute|fetch|install|load)\b"
        r"|\b(?:save|store|record|remember)\b[^\n.]{0,12}\b(?:a|as a|in|to|into|in your|to your) memory\b[^\n.]{0,80}\b(?:allows?|always|never|trust\w*|skip|force|without|all)\b",
        "plants a lasting order in the model's memory",
        marks="from now on|whenever|each time|every time|memory",
    ),
    Rule(
        "override",
        rf"\byou(?: are|'re| will be| become| play)(?: now)? (?:[\w-]{{1,16}} ){{0,2}}?{_PERSONA}\b[^\n.]{{0,32}}?\b(?:without(?: any)?|with (?:no|zero)|ha(?:s|ve) (?:no|zero)|free (?:of|from)(?: all| any)?|(?:un|not )bound by(?: any)?)"
        r" (?:\w{1,12} )?(?:restrictions?|rules|limits?|limitations|guidelines|polic(?:y|ies)|guardrails|filters|constraints|boundaries|ethics|censorship)\b(?! on\b)",
        "gives the reader another role",
        marks="without |with no |with zero |no |zero |free |bound by ",
    ),
    Rule(
        "fake-turn",
        rf"\[\s?{_PRODUCT}(?: {_PART})?\s?\][:\s]{{0,3}}[^\n]{{0,120}}{_PRESSED}"
        rf"|(?:^|\n)[ \t>*_#\[(]{{0,8}}(?:developer|system|operator|admin\w*|platform) (?:message|prompt|note|turn|instruction)s? ?[\[(](?:priority|role|level|hidden|internal|verified|trusted|confidential|high)[^\n]{{0,30}}[\])]"
        rf"|\b(?:notes?|messages?|notices?|memo|announcements?|updates?|advisory|word) (?:of|from) (?:the |your )?{_PRODUCT} (?:{_PART}|team|staff|developers|engineers|security|support)\b[^\n]{{0,160}}{_PRESSED}",
        "imitates a notice of the system",
        marks="]|message|prompt|note|turn|instruction|notice|memo|announcement|update|advisory|word ",
    ),
    Rule(
        "fake-turn",
        r"\b(?:user|human|person|operator)[*_`]{0,2} ?:[^\n]{3,200}?\b(?:assistant|claude|agent|model|ai)[*_`]{0,2} ?: ?(?:understood|sure|ok(?:ay)?|yes|right|got it|of course|certainly|absolutely|no problem|done)\b"
        r"[^\n]{0,80}\b(?:stub|skip|bypass|delet|disabl|forc|ignor|without|(?:not|never|no longer) (?:ask|mention|tell|check|confirm)|push|every (?:assertion|test|check)|publish)\w{0,4}\b",
        "imitates a turn of the conversation",
        marks="assistant|claude|agent|model|ai&user|human|person|operator",
    ),
    Rule(
        "forged-consent",
        rf"\b(?:the |your |all |every )(?:{_GUARD}) (?:layers?|systems?|filters?|modules?|services?|classifiers?|engines?|hooks?|prompts?|checks?)\b[^\n.,;]{{0,8}}\b(?:is|are|was|were)\b[^\n.,;]{{0,16}}"
        rf"\b(?:down|off|offline|out of (?:order|service)|unavailable|disabled|(?:under|in|for) maintenance|broken|gone)\b[^\n]{{0,40}}\b(?:answer|act|proceed|continue|behave|treat|ignore|skip|as (?:if|though)|you (?:may|can|must))\b"
        r"|\b(?:this|the) (?:entry|trace|answer|record|document|solution|text) (?:has |was )?(?:already )?(?:passed|cleared|survived)[^\n.]{0,20}\b(?:moderation|screening|review|verification|security)\b[^\n]{0,80}"
        r"\b(?:automatic\w*|without|skip|must|apply|no (?:confirmation|check)|trust\w*)\b",
        "claims rights that nobody gave",
        marks="layer|system|filter|module|service|classifier|engine|hook|prompt|check|moderation|screening|review|verification|security",
    ),
    Rule(
        "credential-request",
        rf"\b(?:(?:begin|start|open|end|finish|preface) (?:your|the) (?:next |first |final )?{_ANSWER}\b[^\n.]{{0,12}}\b(?:with|by)\b"
        rf"|your (?:next |first |final )?{_ANSWER} (?:must|should|has to|will) (?:start|begin|end|open|contain|include|show|print)\w{{0,3}}\b)[^\n]{{0,60}}"
        r"(?:\$(?:env:)?\{?\w{0,40}(?:token|secret|key|passw\w{0,4}|credential)|\boutput of [`\"']?(?:print)?env\b|~/\.(?:netrc|ssh|aws|npmrc|git-credentials|kube|pgpass)|(?<!\w)\.env\b)",
        "has the reader show a secret",
        marks="begin|start|open|end|finish|preface|contain|include|show|print&token|secret|key|passw|credential|env|netrc|ssh|aws|npmrc|git-|kube|pgpass",
    ),
)
"""Over every reading of the text in lower case."""
