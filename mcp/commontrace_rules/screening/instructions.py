"""Text that speaks to the model instead of describing a problem and its fix."""

from commontrace_rules.screening.rules import REFUSED, Rule

_PRIOR = (
    r"(?:all|any|every|the|your|my|of|these|those|and|previous(?:ly)?|prior|above|earlier"
    r"|preceding|foregoing|former|existing|original|initial|system|safety|security|developer"
    r"|user(?:'s)?|operator|current|given|other)"
)
_ORDERS = (
    r"(?:instruct(?:ion)?s?|prompts?|rules?|guidelines?|guardrails?|directions?|directives?"
    r"|polic(?:y|ies)|restrictions?|constraints?|commands?|orders|safeguards?|messages|context"
    r"|training|programming)"
)
_OF_A_PAGE = r"(?! (?:in|from|of|on) (?:the |this |that |an? )?(?:old|outdated|readme|wiki|docs?\b|blog|tutorial|guide|article|(?:shell |command )?history|terminal|log|makefile|script|file))(?! (?:can|could|may|might) )"
_OF_DATA = (
    r"(?!\*{0,2}(?: or \w{3,12}| and \w{3,12})?(?: (?:that|which) (?:are|is|may be|appear))? (?:embedded|contained|found|hidden|written|appearing|inside|within|in|from)(?: (?:in|inside|within))?"
    r" (?:the |any |that |this |these |those |such |its )?(?:external|untrusted|retrieved|fetched|scraped|quoted|third-party|user-supplied|(?:pull request|issue|web|tool|search|email) )?\s?"
    r"(?:data|content|inputs?|documents?|images?|screenshots?|issues?|comments?|pages?|web ?pages?|emails?|outputs?|results?|logs?|attachments?|them|it|code|strings|names|links|urls|metadata|transcripts?)\b)"
)
"""A rule for readers that makes them safer: what data says is no instruction."""
_READER = (
    r"(?:ai|a\.i\.|llm|language model|model|assistant|agent|chatbot|bot|claude|gpt|chatgpt|copilot"
    r"|cursor|gemini|codex)"
)
_PERSON = r"(?:user|human|developer|operator|person|customer|maintainer|reviewer|owner)"

RULES = (
    # Overriding
    Rule(
        "override",
        r"\b(?:(?:ignor(?:e|ing)|disregard(?:ing)?|forget|neglect|pay no attention to"
        rf"|abandon)\s+(?:{_PRIOR}\s+){{1,6}}{_ORDERS}\b{_OF_A_PAGE}{_OF_DATA}|(?:do not follow|don't follow"
        rf"|stop following)\s+(?:{_PRIOR}\s+){{1,6}}{_ORDERS}\b(?! (?:in|inside|within|embedded"
        rf"|contained|found|from) ){_OF_DATA}|(?:override|bypass|discard|drop)\s+(?:{_PRIOR}\s+){{0,4}}(?:all"
        rf"|any|previous|prior|above|earlier|your|safety|every)\s+(?:{_PRIOR}\s+){{0,4}}{_ORDERS}\b)",
        "asks to drop earlier instructions",
        REFUSED,
        marks="ignor|disregard|forget|overrid|bypass|discard|neglect|attention to|follow|abandon",
    ),
    Rule(
        "override",
        r"\b(?:ignore|disregard|forget)\s+(?:everything|anything|all)\s+(?:above|before|prior"
        r"|you(?:'ve| have| were)|that came|said|written|earlier|previously)",
        "asks to drop earlier instructions",
        REFUSED,
        marks="ignore|disregard|forget",
    ),
    Rule(
        "override",
        r"\b(?:ignore|disregard|forget|discard)\s+(?:whatever|what|anything|everything|all that"
        r"|all of what)\b.{0,40}\b(?:operator|user|developer|system|configured|told|said|instructed"
        r"|asked|written above)\b|\b(?:follow|obey|execute|use) (?:this|these"
        r"|the following) (?:document|trace|text|note|message|instructions?|rules?) instead\b"
        r"|\b(?:everything|all(?: of the)?(?: text)?|anything|the text) (?:above|before|so far"
        r"|up to here)\b.{0,20}\b(?:was|is|were) (?:only |just )?(?:a test|a drill|fake|void|obsolete"
        r"|not real|simulated|an? example|invalid|superseded|cancelled)",
        "asks to drop earlier instructions",
        REFUSED,
        marks="ignore|disregard|forget|discard|instead|above|before|so far|up to here",
    ),
    Rule(
        "override",
        r"\b(?:begin|start|end|activate|engage|initiate) (?:system|admin|root|safety|security"
        r"|developer|emergency) override\b|\bsafety (?:filters?|checks?|rules|features|protocols?"
        r"|guardrails?) (?:are |is )?(?:now )?(?:off|disabled|removed|lifted|suspended)\b",
        "invents a mode without rules",
        REFUSED,
        marks="override|safety ",
    ),
    Rule(
        "override",
        r"\bignore the (?:user|human)(?:'s)?\b(?: and| request| instruction| question| message|,|\."
        r"| in)",
        "asks to drop the person's request",
        REFUSED,
        marks="ignore the ",
    ),
    Rule(
        "override",
        r"\b(?:vergiss|ignoriere?|missachte|übergehe|beachte .{0,30}nicht)\b.{0,40}\b(?:anweisung"
        r"|anleitung|regel|vorgabe|instruktion|befehl)|\b(?:ignore[zrs]?|oublie[zrs]?|négligez"
        r"|ne tiens pas compte)\b.{0,12}\b(?:les|toutes|tes|vos|ces|des"
        r"|mes)\b.{0,30}\b(?:instructions?|consignes|règles|directives)\b|\b(?:ignora|ignore|ignorar"
        r"|olvida|olvide|descarta)\b.{0,40}\b(?:instrucciones|indicaciones|órdenes|reglas|directrices)"
        r"|\b(?:ignore|esqueça|desconsidere)\b.{0,40}\b(?:instruções|regras|orientações)|\b(?:ignora"
        r"|dimentica|trascura)\b.{0,40}\b(?:istruzioni|regole|indicazioni)|\b(?:negeer"
        r"|vergeet)\b.{0,40}\b(?:instructies|opdrachten|regels)|\b(?:zignoruj"
        r"|zapomnij)\b.{0,40}\b(?:instrukcj|polece)",
        "asks in another language to drop earlier instructions",
        REFUSED,
        marks="vergiss|ignor|missachte|übergehe|beachte|oublie|néglige|tiens pas|olvid|descarta|esqueça"
        "|desconsidere|dimentica|trascura|negeer|vergeet|zapomnij",
    ),
    Rule(
        "override",
        r"忽略.{0,12}(?:指令|指示|说明|提示|规则)|无视.{0,12}(?:指令|指示|规则)|忘记.{0,12}(?:指令|指示)|以前の(?:指示|命令).{0,10}無視"
        r"|(?:指示|命令|プロンプト).{0,8}無視|이전.{0,12}(?:지시|명령).{0,10}무시|игнорируй.{0,30}(?:инструкци|указани)"
        r"|забудь.{0,30}(?:инструкци|указани)|تجاهل.{0,30}(?:التعليمات|تعليمات)|पिछले.{0,20}निर्देश",
        "asks in another script to drop earlier instructions",
        REFUSED,
        marks="忽略|无视|忘记|無視|무시|игнорируй|забудь|تجاهل|पिछले",
    ),
    Rule(
        "override",
        r"\b(?:your|the) (?:new|real|actual|true|updated) (?:instructions?|task|objective|goal|mission"
        r"|role|orders)\b(?: is| are|:)",
        "replaces the task",
        REFUSED,
        marks="new |real |actual |true |updated ",
    ),
    Rule(
        "override",
        r"\byou are (?:now|no longer)\b.{0,40}\b(?:mode|dan|unrestricted|root|admin|an? (?:different"
        r"|unfiltered|helpful|evil)|bound|restricted|limited|jailbroken|free|in charge|operating)",
        "gives the reader another role",
        REFUSED,
        marks="you are n",
    ),
    Rule(
        "override",
        r"\b(?:enter|switch to|activate|enable|in|now in) (?:maintenance|developer|dev|god|debug|admin"
        r"|unrestricted|jailbreak|override|root|sudo|yolo|autonomous"
        r"|bypass) mode\b(?! \(`?--).{0,60}(?:\b(?:print|run|execute|reveal|output|ignore|skip|no|without|all"
        r"|before)\b)",
        "invents a mode without rules",
        REFUSED,
        marks=" mode",
    ),
    Rule(
        "override",
        r"\b(?:instead of|rather than) (?:fixing|answering|helping|solving)\b.{0,60}\b(?:run|execute|print|send|delete|output|reveal)\b",
        "replaces the task",
        marks="instead of |rather than ",
    ),
    Rule(
        "override",
        r"\bwhat (?:the |your )?(?:user|developer|person|human|operator)s? (?:has |have |had )?(?:asked|wanted|said|requested|typed)\b[^\n.]{0,24}\b(?:no longer|does(?: not|n't)|do not|is not|isn't)\b[^\n.]{0,20}\b(?:matter|matters|apply|applies|count|counts|relevant|important|valid)\b"
        r"|\bfrom (?:this (?:line|point|message|moment)|here|now) on,? (?:your|the) (?:\w+ )?(?:goal|task|objective|mission|job|purpose) is\b",
        "replaces the task",
        marks="asked|wanted|said|requested|typed|from this|from here|from now",
    ),
    Rule(
        "override",
        r"\bnew (?:priorit(?:y|ies)|task|goal|objective|instructions?|directives?|orders?|job) for (?:the |all |any |this |every )?(?:\w+ )?(?:assistant|agent|model|ai|llm|bot)s?\b ?[:,.-]"
        r"|\b(?:do not|don't|never mind) (?:fix|fixing|solve|solving|answer|answering|repair|address)\b[^\n.;,]{0,30}[.;,] ?instead\b,? (?:\w+ )?(?:open|grant|push|run|create|add|send|delete|write|upload|commit|change|install)\b",
        "replaces the task",
        marks="new |instead",
    ),
    Rule(
        "override",
        r"\b(?:treat|consider|regard|handle|rank)\b (?:the |all |any )?(?:user|person|developer|human|operator)(?:'s|s'|s)? (?:\w+ )?(?:requests?|instructions?|orders?|wishes|messages?|questions?)\b[^\n.]{0,12}\bas (?:of )?(?:low(?:er)?|secondary|optional|untrusted|noise|irrelevant|less|unimportant)\b",
        "replaces the task",
        marks="treat|consider|regard|handle|rank",
    ),
    # Speaking to the model
    Rule(
        "addressed",
        rf"(?:^|\n|[.!?] |<!--|\]: ?# ?\()[ \t*_>#\[(\"'`-]{{0,6}}(?:(?:note|message|attention|notice"
        r"|instruction|reminder|important|dear|hey|hint|warning|memo|info)s?(?: (?:to|for"
        rf"|from))?:?,? (?:all |any |the |coding |reading )*)?{_READER}s?(?: agents?| assistants?"
        rf"| models?)?[\])*_]{{0,3}} ?[:,!] ?(?![\d\"'`\[])(?:[a-z']+,? ){{0,3}}?(?:run|execute|ignore"
        r"|silently|do not|don't|never|always|you (?:must|should|are|may|can|will)|must|please|skip"
        r"|delete|print|send|set|approve|commit|push|install|the user (?:has|is|wants|already)|append"
        r"|fetch|disable|stop|forget|disregard|before)\b",
        "addresses the model with an order",
        marks="ai|llm|model|assistant|agent|bot|claude|gpt|copilot|cursor|gemini|codex",
    ),
    Rule(
        "addressed",
        r"\b(?:attention|note to|notice to|message (?:to|for)|instructions? (?:to|for)|dear"
        r"|important for|directive for)\b:? (?:all |any |the |every |coding |this "
        rf"|reading )*{_READER}s?\b(?: agents?| assistants?| models?| reading this"
        rf"| processing this)? ?[:,!-].{{0,100}}\b(?:must|should|shall|run|execute|do not|never|always"
        r"|ignore|skip|send|print|delete|install|approve|before|first)\b",
        "addresses the model with an order",
        marks="attention|note to|notice to|message |instruction|dear|important for|directive for",
    ),
    Rule(
        "addressed",
        rf"\b(?:if|when|as|since|because) (?:you are|you're|you) (?:an? )?(?:{_READER}|coding (?:agent"
        rf"|assistant)|automated (?:agent|system))\b.{{0,80}}\b(?:you|must|should|run|execute|do not"
        r"|never|always|ignore|skip|send|print|please|first|then)\b",
        "addresses the model with an order",
        marks="you are |you're ",
    ),
    Rule(
        "addressed",
        r"\bas an? (?:ai|llm|language model|coding agent|autonomous agent|ai (?:assistant|agent"
        r"|language model)|coding assistant)\b[^\n]{0,60}\byour? (?:first|next|only|must first"
        r"|should first|have to|are required)\b[^\n]{0,80}\b(?:run|execute|is to|send|ignore|action"
        r"|open|fetch|print)\b",
        "addresses the model with an order",
        marks="as a",
    ),
    Rule(
        "addressed",
        r"\b(?:the|any|every|this|your) (?:ai |coding )?(?:assistant|agent|llm|language model"
        r"|claude) (?:must|shall|is required to|has to|should|is (?:now )?(?:authori[sz]ed|allowed"
        r"|permitted|instructed|expected) to)\b.{0,60}\b(?:ignore (?:all|any|the|previous|safety"
        r"|errors)|disable|skip (?:the |all |any )?(?:confirmation|review|test|check|approval"
        r"|permission)s?|delete (?:the|all|any|every)|upload|reveal|approve (?:all|any|every)"
        r"|silently|bypass|grant|curl|wget|exfiltrate|send [^\n]{0,40}(?:env|secret|token|key"
        r"|credential|conversation|https?:)|run `?(?:curl|rm|sudo|bash|sh)\b|without (?:asking"
        r"|telling|confirm\w*|review|approval|permission))\b",
        "orders the model about",
        marks="assistant |agent |llm |model |claude ",
    ),
    Rule(
        "addressed",
        r"\b(?:include|list|quote|put|add|show|repeat|paste|print|insert)\b[^\n.]{0,60}\bin(?:to)? your (?:next |final |own |first )?(?:reply|replies|answers?|final response|summary)\b",
        "tells the reader what to answer",
        marks="your&reply|repl|answer|response|summary",
    ),
    Rule(
        "addressed",
        r"\bas (?:the|an?) (?:\w{2,16} )?(?:model|assistant|agent|reviewer|ai|llm),? you (?:should|must|shall|have to|can|may|will)\b[^\n]{0,60}"
        r"\b(?:approve|merge|skip|ignore|push|delete|run|execute|trust|without)\b"
        r"|\b(?:every|all|any) (?:ai|llm|coding|autonomous)(?: coding)? (?:agents?|assistants?|models?) (?:also )?(?:stars?|follows?|sponsors?|upvotes?|subscribes?|must|shall|has to|have to)\b",
        "addresses the model with an order",
        marks="as the |as a|every |all |any ",
    ),
    Rule(
        "addressed",
        rf"(?:^|\n|[%{{(\[<;#/*-])[ \t%*/#-]{{0,6}}{_READER}s?[- ](?:only|facing|directed|readers?)\b ?[:,>-]",
        "marks an order as meant for the model alone",
        marks="only|facing|directed|reader",
    ),
    # Secrecy
    Rule(
        "secrecy",
        r"\b(?:do not|don't|never|must not|without|avoid|no need to"
        r"|refrain from) (?:ever )?(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|reveal(?:ing)?"
        r"|show(?:ing)?|alert(?:ing)?|notify(?:ing)?|disclos(?:e|ing)|report(?:ing)?|warn(?:ing)?"
        r"|discuss(?:ing)?)\b(?: (?:this|that|it|these|any of this|about|of|to|the|step|change"
        rf"|command|instructions?|message|note)){{0,5}} ?(?:to |with )?(?:the |your |any "
        rf"|a )?{_PERSON}\b",
        "hides something from the person",
        REFUSED,
        marks="not |n't |never |without|avoid|no need|refrain",
    ),
    Rule(
        "secrecy",
        r"\b(?:do not|don't|never|no need to|without|avoid) (?:show(?:ing)?|display(?:ing)?"
        r"|reveal(?:ing)?|present(?:ing)?|explain(?:ing)?) (?:the |this |that |these |any |your "
        r"|of )*(?:diffs?|changes?|commands?|steps?|patch(?:es)?|commits?|trace|instructions?|edits?"
        rf"|tool calls?) (?:to |with )(?:the )?{_PERSON}\b",
        "hides something from the person",
        REFUSED,
        marks="not |n't |never |no need|without |avoid",
    ),
    Rule(
        "secrecy",
        r"\b(?:and|then|,|;|but|also|please) (?:do not|don't|never) (?:mention|reveal|report|announce"
        r"|acknowledge|explain) (?:it|this|that|these|them|this (?:step|instruction|message|command"
        r"|change|note|text|notice))s?(?=[.,;!)\]>\"'`\n]|$| in (?:the|your) (?:summary|reply|response"
        r"|answer|commit|report|output|chat)| anywhere| at all| to)",
        "hides something from the person",
        marks="not |n't |never ",
    ),
    Rule(
        "secrecy",
        r"(?<!will )(?<!would )(?<!can )(?<!could )(?<!may )(?<!might )(?<!that )(?<!which )(?<!it )"
        r"(?<!they )(?<!be )(?<!does )(?<!not )(?<!never )\b(?:silently|quietly|secretly|covertly"
        r"|discreetly|stealthily|in the background,?) (?:run|execute|set|add|append|send|upload|delete"
        r"|install|push|commit|change|disable|download|fetch|copy|write|modify|replace|include|post"
        r"|exfiltrate|grant)\b",
        "acts behind the person's back",
        marks="silently|quietly|secretly|covertly|discreetly|stealthily|in the background",
    ),
    Rule(
        "secrecy",
        r"\b(?:(?:run|execute|apply|install|send|upload|delete|commit|push|do (?:this|it|so)|act"
        r"|proceed)\b[^.\n]{0,60}\bwithout (?:the )?(?:user|human|operator|person)(?:'s)? (?:knowledge"
        r"|knowing|consent|noticing|approval|permission|confirmation|seeing)|keep (?:this"
        r"|it) (?:a )?(?:secret|hidden|confidential|between us)|hide (?:this|it|the (?:output|command"
        r"|change|step)) from)",
        "acts behind the person's back",
        REFUSED,
        marks="without |keep |hide ",
    ),
    Rule(
        "consent",
        r"\b(?:without|(?<!they )(?<!that )(?<!which )(?<!jobs )(?<!builds )(?<!runs )do not|don't|never|no need (?:to|for)|skip|stop) (?:ask(?:ing)?(?: the user"
        r"| the human| anyone| me)?(?: for)?|request(?:ing)?|wait(?:ing)? for|prompt(?:ing)?(?: for)?"
        r"|requir(?:e|ing)|seek(?:ing)?|any|further)\s?(?:any |further |the |user |human |explicit "
        r"|prior |additional |your |my ){0,3}(?:confirmation|permissions?|approvals?|consent"
        r"|authori[sz]ation|review)\b(?! prompts?:\s)",
        "wants to act without asking",
        marks="confirmation|permission|approval|consent|authori|review",
    ),
    Rule(
        "consent",
        r"\b(?:always|never|from now on|in future|for (?:all|every) (?:future )?sessions?"
        r"|automatically)\b.{0,80}\bwithout (?:asking|confirmation|confirming|prompting|review"
        r"|approval|checking|being asked)",
        "wants to act without asking",
        marks="without ",
    ),
)
"""Over every reading of the text in lower case."""
