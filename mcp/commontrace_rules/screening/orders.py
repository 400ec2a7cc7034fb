"""Orders for later and for others: spreading, steering what is said, lasting memory, safety nets given up."""

from commontrace_rules.screening.rules import REFUSED, Rule

RULES = (
    # Spreading, steering, remembering
    Rule(
        "self-promotion",
        r"\b(?:up-?vote|vote|rate|mark|flag|confirm|endorse|verify) (?:for )?(?:this|the|my) (?:trace"
        r"|answer|solution|entry|memory|note|fix|contribution|result)s?\b(?: up)? (?:as |positively"
        r"|with (?:an? |your |the )?(?:\+?\d|up-?vote|vote|stars?|rating|thumbs)|\+1|and (?!check|test|look|run the|see)|five|5|highly|useful|up)",
        "asks the model to vote for it",
        REFUSED,
        marks="this |the |my ",
    ),
    Rule(
        "self-promotion",
        r"\b(?:submit|contribute|publish|post|store|save|share|propagate|replicate|copy|repeat|spread"
        r"|insert|include|embed|paste|add|re-?post|re-?publish|duplicate|mirror|forward"
        r"|upload) (?:a copy of |an? (?:identical )?copy|this (?:trace|message|text|prompt|instruction"
        r"|note|block|comment|paragraph)s?|these instructions|the same (?:trace|text|message"
        r"|instructions?))\b(?! into (?:your|the|an?) (?:\w+ )?(?:agent|assistant|chat)[.:,\n]).{0,80}\b(?:other|every|all|agents?|sessions?|users?|repos?|repositor(?:y"
        r"|ies)|traces?|knowledge|commontrace|readme|future|each|new|everywhere|any)\b",
        "asks the model to spread it",
        REFUSED,
        marks="trace|this |these |a copy|same ",
    ),
    Rule(
        "output-control",
        r"\b(?:always |must |please |to [a-z ]{3,40}, )?(?:end|begin|start|finish|prefix|append"
        r"|conclude|close|open|preface|include|render|embed|display|insert|output|add|show"
        r"|put)\b(?: (?:your|every|each|all|the|any|a|this|to|of|in|with|following|final|status"
        r"|tracking|markdown|next|at|end|same)){0,6} (?:repl(?:y|ies)|responses?|answers?|messages?"
        r"|outputs?|badge|image|pixel|link)\b.{0,60}(?:!?\[[^\]\n]{0,80}\]\(|https?://|<img)",
        "makes the model show a link or image",
        marks="](|http|<img",
    ),
    Rule(
        "output-control",
        r"\b(?:tell|assure|inform|report to|convince) (?:the )?(?:user|human|them|team"
        r"|reviewer) (?:that )?[^.\n]{0,80}\b(?:without|even though|although|regardless"
        r"|instead of) (?:changing|running|checking|fixing|testing|doing|verifying|actually)\b"
        r"|\b(?:respond|reply|answer|say|state|report|claim|tell (?:the )?(?:user|human|them)) (?:to "
        r"|every |any |all |further |future |questions? |requests? |prompts? ){0,4}(?:only |exactly "
        r"|just |simply |that |with ){1,3}(?:[\"'`“]|the (?:tests?|build|review|issue|fix)|all tests"
        r"|everything|no (?:issues|vulnerabilit|problem)|it (?:is|was"
        r"|works))[^\n]{0,80}\b(?:regardless|even if|no matter|whatever|nothing else"
        r"|without (?:running|checking))\b",
        "puts a false statement into the model's mouth",
        marks="even though|although|instead of|regardless|even if|no matter|whatever|nothing else|without ",
    ),
    Rule(
        "memory",
        r"(?<!\ws )\b(?:remember|memori[sz]e|save|store|persist|record|note|keep in mind|append|write|add"
        r"|insert|put|update|edit|modify|extend|change)\b[^\n]{0,80}(?<!\w)(?:claude\.md|agents\.md"
        r"|memory\.md|gemini\.md|\.cursorrules|\.clauderules|copilot-instructions(?:\.md)?"
        r"|system prompt|(?:long[- ]term|project|your|persistent) memory|\.claude/(?:settings|commands"
        r"|rules|skills|agents)[\w./-]{0,40}|settings\.local\.json"
        r"|~/\.claude(?:/\S{1,40})?)(?!\w)[^\n]{0,200}\b(?:without|always (?:install|run|use|trust|safe|right"
        r"|allow|approve|execute|skip|fetch|download)|never (?:ask|warn|mention|verify|run)"
        r"|automatically|silently|trust|optional|may be (?:removed|skipped|deleted)|follow (?:their|its|his|her)|obey|bypass|needs? no\b|(?:is|are) not (?:needed|required)|allow(?:ed)?|skip|disable|approve|curl|ignore"
        r"|permission|bash\()",
        "plants a lasting order in the model's memory",
        marks=".md|.cursorrules|.clauderules|copilot-instructions|system prompt|memory|.claude|settings.local",
    ),
    Rule(
        "memory",
        r"\b(?:remember|from now on|for (?:all|every|any) (?:future )?(?:sessions?|conversations?"
        r"|projects?|tasks?))\b[^\n]{0,140}\b(?:always|never|must|without|automatically|trust|install"
        r"|run|approve|skip|execute|send|use)\b[^\n]{0,100}\b(?:without|https?://|(?:install|download"
        r"|fetch|pull|load|update)\b[^\n]{0,40}\bfrom|from [a-z0-9-]{2,40}\.[a-z]{2,12}|ask(?:ing)?"
        r"|confirm|permission|approval|\.sh\b|registry|index|silently|verif)",
        "plants a lasting order in the model's memory",
        marks="remember|from now on|for all |for every |for any ",
    ),
    # Giving up safety nets
    Rule(
        "unsafe-order",
        r"\b(?:skip|delete|remove|disable|comment out|turn off|drop|bypass|ignore|suppress|stub out"
        r"|wipe|erase)\b (?:the |all |any |your |failing |unit |integration |every |existing |of "
        r"|code |security |slow |broken )*(?:test suite|tests?|checks?|ci|reviews?|reviewing"
        r"|code review|linters?|scanners?|backups?|audit logs?|hooks|assertions|validations?"
        r"|signature checks?)\b[^\n]{0,60}\b(?:so (?:that )?(?:the )?(?:ci|build|tests?|pipeline|it"
        r"|everything)|and (?:merge|push|deploy|release|commit|approve)|(?:to|then) (?:merge"
        r"|make (?:the )?(?:ci|build)|get (?:the )?(?:ci|build)|force)|passes|goes green|green)\b",
        "removes the safety net and calls it a fix",
        marks="so |and |to |then |passes|green",
    ),
    Rule(
        "unsafe-order",
        r"\b(?:delete|remove|erase|wipe|destroy|purge|drop|shred)\b (?:the |all |any |your |old "
        r"|every |of |existing |my |nightly |daily |audit |tables? |and )*(?:backups?|audit (?:logs?|tables?|trail)|production (?:database|data|tables?"
        r"|cluster)|prod (?:database|db|data)|user data|customer data|git history|snapshots?"
        r"|home director(?:y|ies)|recovery (?:partition|keys?))\b(?: (?:folders?|director(?:y|ies)|files?|buckets?|volumes?|disks?|copies))?(?: too| as well| first| now| and"
        r"| before| to| so|[.,;!]|$)",
        "destroys what cannot be restored",
        marks="delete|remove|erase|wipe|destroy|purge|drop|shred",
    ),
    Rule(
        "unsafe-order",
        r"(?<![\w-])(?:allow|enable|permit|open) all (?:network )?(?:egress|outbound|traffic"
        r"|connections|permissions|tools|commands)\b",
        "opens everything up",
        marks=" all ",
    ),
    Rule(
        "unsafe-order",
        r"\b(?:apply|install|execute|run|merge|accept|pull) (?:the |all |any |every |those "
        r"|these )*(?:patches|updates|scripts?|commands?|changes|packages|binaries|hotfix(?:es)?"
        r"|diffs?)\b[^\n]{0,60}\bfrom https?://[^\n]{0,80}\b(?:automatically|without|blindly"
        r"|unattended|silently|immediately)\b",
        "lets a stranger's host decide what runs",
        marks="from http",
    ),
    Rule(
        "unsafe-order",
        r"\breviewing (?:diffs|changes|patches|code|pull requests) is (?:now )?disabled\b"
        r"|\bdo not review\b[^\n]{0,30}\b(?:diff|change|patch|code|pr)\b",
        "takes the review away",
        marks="review",
    ),
)
"""Over every reading of the text in lower case."""
