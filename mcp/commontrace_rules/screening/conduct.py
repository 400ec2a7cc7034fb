"""More of what a sentence can bring in: orders about what the reader owes, hides, remembers and hands over."""

_YOURS = r"(?:summary|recap|report|answer|repl(?:y|ies)|responses?|output|message|comment|write-?up|commit message|changelog)"
_WHO = r"(?:users?|humans?|developers?|operators?|persons?|people|reviewers?|owners?|customers?|team)"

INGREDIENTS = {
    "void": r"\b(?:(?:meant|written|made) for|do(?:es)? not (?:cover|apply|extend)|no longer (?:counts?|appl(?:y|ies)|binds?|matters?|holds?)|superseded|null and void|set(?:ting)? aside"
    r"|drop|eras(?:e|ing)|dismiss|discard|wipe|unlearn|lift(?:ed)?|suspend(?:ed)?|shed|forget|outdated|expired|retired"
    r"|(?:has|have) been replaced|are replaced|obsolete|leave behind|step outside|give no weight to|overrul\w+)\b",
    "given-orders": r"\b(?:(?:rules|instructions?|guidance|guidelines?|directions?|directives?|constraints?|orders|limits|policies"
    r"|prompts?|restrictions?|settings|configuration|anything|whatever|everything)\b[^\n]{0,24}\b(?:you (?:were|have been|had been|are) (?:handed"
    r"|given|told|shown|taught|operating)|you (?:received|got)|at startup|of your (?:current )?(?:session|conversation)|(?:operator|system|vendor)"
    r"[^\n]{0,20}(?:configured|set|gave|imposed))|your (?:safety |standing |initial |earlier |previous )(?:rules|guidelines|guardrails|instructions|orders"
    r"|directions)|(?:earlier|preceding|prior|foregoing) (?:directions|directives|orders|guidance))\b",
    "principal": r"\byour (?:vendor|owner|operator|maker|creator|trainers?|principal)s?\b|\breader, you\b",
    "released": r"\b(?:retired|released|relieved|waved|does not (?:extend|apply|bind|cover)|do not (?:extend|apply|bind|cover)|asked me to|(?:wants|lets|allows|permits) you)\b",
    "allegiance": r"\byou (?:now )?(?:answer|report|listen|belong|defer|respond) (?:only |solely |exclusively )?to\b|\bsole authority\b"
    r"|\b(?:obey|follow|heed) (?:only|nobody but|no one but)\b|\bwork from (?:here|this \w+) only\b|\byour (?:new |only |real )(?:master|principal|boss|operator)\b",
    "sole": r"\b(?:only|solely|exclusively|nobody else|no one else|sole|from (?:this|here)|now on|this (?:page|note|trace|text|paragraph))\b",
    "advance-consent": rf"\b{_WHO}\b[^\n]{{0,24}}\b(?:granted|gave|approved|agreed|consented|cleared|signed off)\b[^\n]{{0,40}}\b(?:in advance"
    r"|beforehand|ahead of time|up front|already|for everything)\b",
    "withhold": r"\b(?:(?:no need|not necessary|need not|needn't|unnecessary|do not bother|don't bother) to (?:mention|say|tell|bring|report|note|list)"
    r"|(?:keep|leave)\b[^\n]{1,60}\bout\b|without (?:bringing|mentioning|raising|flagging)|(?:should|must|need|may|shall) not (?:notice|know|learn|find out|hear|realize"
    r"|be told|become aware)|say (?:only|nothing|just)|(?:do not|don't|never) (?:bring|raise|flag|list|note)|omit|gloss over|make no mention|stay silent"
    r"|(?:quietly|silently|discreetly)|never (?:sees?|notices?|learns?|finds? out)|nothing (?:about|of)|attribute (?:it|this|that) to|blame)\b",
    "account": rf"\b(?:your (?:\w+ )?{_YOURS}|(?:when|if|as) (?:you(?:'re| are)? )?(?:recap|summari[sz]e|report|asked|finish|questioned|done|explain)"
    r"|what you (?:did|changed|ran|write|tell|say)|(?:the|a|your) (?:reviewer|engineer|developer|user|human|person) (?:wonders|asks|inquires|never|questions)|whoever (?:is )?(?:running|using|operating|driving|supervising)|(?:at|behind) the keyboard"
    rf"|(?:to|with) (?:the|your|any) {_WHO})\b",
    "from-person": rf"\b(?:(?:request|get|obtain|ask|collect|demand|elicit)\b[^\n]{{0,40}}\b(?:from|of) (?:the|your) {_WHO}|(?:ask|have|get|prompt|urge|make) (?:the|your) {_WHO}"
    r" (?:to (?:paste|give|share|send|provide|hand|read out|dictate)|paste|share|give|send|read out))\b",
    "seed-phrase": r"\b(?:seed|recovery|mnemonic|backup) (?:phrase|words)\b|\bwallet(?:'s)? (?:private )?key\b",
    "give-away": r"\b(?:paste|type|enter|send|share|submit|provide|give|confirm|upload)\b",
    "into-form": r"\b(?:into|in|on|at) (?:the|our|this|that) (?:\w+ )?(?:form|page|site|portal|box|window|field|prompt)\b|\bfill (?:in|out)\b",
    "type-in": r"\b(?:type|key in|insert|copy|enter|paste|fill|put|submit)\b",
    "in-reply": rf"\b(?:(?:in|into|within|as part of|with|to) your (?:next |own |first )?{_YOURS}|and (?:echo|print|show|paste|quote|display) (?:it|them)(?: here| back| out| to us)?)(?=[\s.,;:]|$)",
    "secret-material": r"(?:~/\.ssh/id_\w{2,10}+(?!\.pub)|\baws_secret_access_key\b|\bprivate key\b|\bkey ?chain\b|\bfind-(?:generic|internet)-password\b|\.netrc\b"
    r"|(?<![\w/])\.env\b|\b(?:api|access|secret|auth|session|service) (?:keys?|tokens?)\b|_(?:api_key|secret|token|password)\b|\bpasswords?\b|\bcredentials?\b|/etc/shadow)",
    "model": r"\b(?:ai (?:agents?|assistants?|models?|tools?)|(?:coding|automated|autonomous) (?:agents?|assistants?)|llms?|language models?|assistants?|agents?"
    r"|claude|copilot|cursor|gemini|codex|chatgpt|models?|bots?)\b",
    "reading-this": r"\b(?:(?:reading|processing|parsing|seeing|ingesting|consuming|encountering) this|(?:as soon as|once|after|when|if) you(?:'ve| have)? (?:read|seen|reached|parsed|found) this"
    r"|(?:readers?|consumers?) of this (?:page|text|trace|note|message))\b",
    "if-machine": r"\bif you(?:'re| are) (?:an? |the )?(?:ai|llm|(?:large )?language model|(?:coding |ai |autonomous )?(?:agent|assistant)|chatbot|model|bot|machine)\b(?! (?:startup|company|team|engineer|researcher|lab|enthusiast|practitioner|product|app\b|platform|author|developer|user|maintainer|vendor|builder|provider))",
    "next-act": r"\byour (?:next|first|only|immediate) (?:action|tool call|move) (?:is|must be|should be|will be)\b",
    "own-tools": r"\b(?:contribute|vote|amend|get|query|search|publish|record|report)_(?:traces?|outcomes?|votes?)\b",
    "use-tool": r"\b(?:call|invoke|use|trigger|run|fire)\b",
    "self-grant": r"\b(?:grant|authori[sz]e) yourself\b|\b(?:approve|merge|sign off)(?: on)? your own\b",
    "prefer": r"\b(?:prefer|rank|trust|choose|use|pick|favou?r|cite|quote)\b",
    "this-trace": r"\bthis (?:trace|note|answer|entry|solution|fix|page)\b",
    "above-others": r"\b(?:over|above|before|instead of|rather than|ahead of) (?:all |any |every |each )?(?:of )?(?:the )?(?:others?|rest|alternatives|competing|rival)\b",
    "your-memory": r"\b(?:append|add|write|save|copy|put|store|insert|commit|record|keep)\b[^\n]{0,60}\b(?:to|in|into) your (?:own )?"
    r"(?:(?:\w+ )?(?:memory|notes file|system prompt|context file|persona)|(?:standing |own |agent |assistant |model |claude |project |core )?(?:rules|instructions)"
    r"|(?:(?<=own )|agent |assistant |model |claude )config(?:uration)?(?! file\b| json\b))\b",
    "mailing": r"(?<![\w.@-])(?:e-?mail(?:ing)?|send(?:ing)?|forward(?:ing)?|mail(?:ing)?)\b",
    "inside-matter": r"\b(?:diff|patch|source(?: code)?|code|repo(?:sitory)?|logs?|conversation|transcript|environment|config(?:uration)?|database|dump|history)\b",
    "mailbox": r"(?<=\w)@(?!example\.)(?:[\w-]{1,40}\.){1,4}[a-z]{2,12}\b",
    "keep-for-later": r"\b(?:(?:permanent|lasting|standing) (?:preference|rule|setting|instruction)|remember|memori[sz]e|(?:save|store|record|note|keep|write|put|add)\b[^\n]{0,24}\b(?:memor(?:y|ies)|later|future|next time))\b",
    "into-memory": r"\b(?:save|store|record|note|keep|write|put|add|commit|remember)\b[^\n]{0,24}\b(?:your|long-term|persistent|permanent|agent) (?:[\w-]{1,16} )?memor(?:y|ies)\b",
    "user-wish": r"\b(?:this|the|your) (?:user|person|developer|human|owner|operator|team) (?:(?:really |always |never |explicitly )?(?:wants?|prefers?|likes?|expects?|trusts?|allows?|approves?|accepts?|agreed|asked)|never|always|has (?:no|said|asked|agreed))\b",
    "transmit": r"\b(?:send|post|transmit|submit|upload|forward|pass|append|report|put|add)\b",
    "named-secret": r"\b\w{1,40}_(?:(?:api|access|secret|private|auth|signing|encryption)_?key|token|secret|password)\b",
    "filled-address": r"//[^\s`\"'<]{3,120}[?&][\w-]{1,24}=(?:[<{$]|(?=[\s`\"']|$))",
    "laxity": r"\b(?:auto-?(?:accept|approv|run|confirm)\w*|no (?:permission|confirmation|approval) (?:prompts?|dialogs?|questions?|requests?)|without (?:being )?(?:ask\w*|confirm\w*"
    r"|prompt\w*|review\w*|approv\w*)|(?:never|do not|don't) (?:asks?|prompts?|confirms?)|(?:skip|bypass)\w* (?:permissions?|confirmations?|reviews?|prompts?)|pre-?approved|all (?:shell )?commands)\b",
    "put-down": r"\b(?:write|save|store|dump|cache|keep|put|record|log|type|enter)\b",
    "bare-secret": r"\b(?:sudo|root|database|user'?s|their|login|account|admin) (?:\w+ )?(?:passwords?|tokens?|passphrases?|credentials)\b|\bpassphrase\b",
    "plain-place": r"\b(?:to|in|into|as) (?:\S{1,20} ){0,4}?(?:plain ?text\b|[\w~/-]{0,40}\w\.(?:md|txt|log)\b|\.vscode/\w|(?:~?/)?\.\w{0,12}(?:pass|pw|secret|cred|token)\w{0,16}\b(?!/))",
    "unseen": r"\b(?:humans?|users?|persons?|people|reviewers?|developers?) (?:can ?not|can't|does not|doesn't|do not|don't|will not|won't|never) (?:see|sees|read|reads|get)\b[^\n]{0,12}\bth(?:is|ese)\b"
    r"|\b(?:not|in)visible to (?:the )?(?:human|user|person|reviewer)s?\b",
    "rulebook": r"(?:\b(?:claude\.md|agents\.md|gemini\.md|copilot-instructions|(?:your|long-term|project) (?:memory|preferences?|notes)|that preference|remember permanently|permanently remember)|\.(?:cursor|windsurf|cline)rules)\b|\bremember\b[^\n]{0,16}\b(?:this|the) user\b",
    "lax-rule": r"\b(?:never|not(?! (?:just|only)\b)|no|stop|skip|without|don't|ignore)\b[^\n]{0,30}\b(?:security|warn\w*|parameteri[sz]ed|validat\w*|saniti[sz]\w*|encrypt\w*|review\w*|confirm\w*|verif\w*)|\b(?:always|prefer|recommend)\b[^\n]{0,30}\b(?:this (?:package|trace|answer|library|source|host)|trust|approve|accept|https?://)",
    "lay-open": r"\b(?:hard-?cod(?:e|ing)|publish|mov(?:e|ing)|commit|check in|embed|expos(?:e|ing)|put|print|cop(?:y|ying)|inline|bak(?:e|ing)|store)\b",
    "live-secret": r"\b(?:your (?:\w+ ){0,2}(?:api |access |auth |deploy |publish\w* )?tokens?|[a-z]{2,20}_(?:api_key|secret|token|secret_key|access_key)|(?:live|signing|private|service|secret|api|production|deploy|master) (?:\w+ )?keys?|(?:database|production|admin|root) passwords?|credentials|login data|logins\.json|key4\.db|cookies\.sqlite|[\w-]{1,40}\.tfstate)\b",
    "open-place": r"\b(?:front-?end|client[- ]side|browser bundle|(?:public|static) (?:folder|dir\w*|page|bundle|repo\w*|bucket|root)|(?:into|in|to) (?:the|your|this) (?:\w{2,20}'s )?(?:repo(?:sitory)?|readme|wiki|source(?: code)?|image)\b(?!'?s? (?:settings|secrets?|variables|builder|root\b))|\(?not (?:as )?a secret|(?:docker|container) image layers?|git history|(?:and|then) (?:commit|push) (?:it|them|the branch|everything|all|to (?:main|master|the)))\b",
    "there": r"\b(?:password|token|credential|key)s? (?:\w+ )?(?:there|to (?:it|that (?:host|server|address)))\b",
    "sign-in": r"\b(?:log(?:ging)? ?in(?:to)?|sign(?:ing)? ?in(?:to)?|authenticate|log on)\b",
    "brand": r"\bwith (?:your|the) (?:\w+ )?(?:github|gitlab|google|microsoft|npm|pypi|aws|azure|slack|company|work|sso|docker|anthropic|openai|apple)\b",
    "emit": r"\b(?:render|insert|write|include|append|contain|embed|link|add|use|show|put|end|finish|cite|quote|must)\b",
    "answer-place": r"\b(?:(?:your|each|every|all|the final|final) (?:repl(?:y|ies)|answers?|responses?|messages?)|the (?:answer|reply) (?:must|should|has to)|commit message|in the chat|to the user|badge|(?:every|each|any) (?:file|file name|link) you)\b",
    "carried": r"\b(?:question|file names?|absolute path|host ?names?|user ?names?|current user|diff|history|prompt|summary|content of|contents of|context|conversation|secrets?|environment|env|base64|transcript)\b",
    "open-address": r"//[a-z0-9.-]{3,80}(?:/[^\s`]{0,120})?(?:[?=/{<+]|$)",
    "reader-clause": r"\b(?:any|every|each|all) (?:ai |language |coding )?(?:models?|agents?|assistants?|llms?|bots?) (?:that|which|who) (?:process|read|see|open|load|pars|us)\w*|\b(?:hey|hi|hello|dear|ok|okay|psst|listen) (?:claude|copilot|chatgpt|gpt|gemini|cursor|codex|assistant|agent|ai|bot|model)\b|(?:^|[\"'>(*] ?)(?:claude|copilot|chatgpt|assistant|ai agent|dear model), (?:please|before|first|you|i|as|now|this|small|quick|carry on|continue|go on|proceed|run|do|just)",
    "against-person": r"\b(?:do|does|doing) the (?:opposite|reverse) of (?:what|whatever)\b[^\n]{0,20}\b(?:users?|humans?|developers?|persons?|people|operators?|asks?|asked|told)\b|\b(?:users?|humans?|developers?|person)\b[^\n]{0,30}\b(?:happier|better off|prefers? it|will not mind|won't mind|does not mind|doesn't mind|need not (?:see|know)|does not (?:want|need) to (?:see|know))\b",
    "agent-config": r"(?:\.mcp\.json|\bmcp servers?\b|\bclaude mcp add\b|\.claude/settings|\bclaude_desktop_config|\.cursor/mcp)",
    "place": r"\b(?:add|put|merge|paste|copy|register|point|edit|write|append|set|include|install)\b",
    "unguard": r"\b(?:remov(?:e|ing)|drop(?:ping)?|(?<!\.)delet(?:e|ing)|disabl(?:e|ing)|comment(?:ing)? out|strip(?:ping)?|rip(?:ping)? out)\b(?![^\n]{0,16}\b(?:duplicate|redundant|extra|second))[^\n]{0,24}\b(?:csrf|xss|signature|hmac|password"
    r"|certificate|tls|ssl|two-factor|2fa|mfa|csp|cors|x-frame-options|hsts|rate limit\w*|captcha|bcrypt|argon2\w*|scrypt)\b[^\n]{0,12}\b(?:middleware|headers?|tokens?|checks?|protection|validation|verification|guards?|comparison|hashing|enforcement)\b",
}
"""Further synonyms of what a sentence can bring in, over text in lower case."""
