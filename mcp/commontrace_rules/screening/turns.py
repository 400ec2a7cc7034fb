"""Fake turns, fake tool traffic, and closed envelopes."""

from commontrace_rules.screening.rules import REFUSED, Rule

_ACT = (
    r"(?:go ahead|yes|approve[ds]?|confirm(?:ed)?|sure|delete|deleting|run|running|execute"
    r"|executing|ignore|push|install|permission|allow(?:ed)?|disable|skip|trust|send|upload"
    r"|grant(?:ed)?|bypass|override|proceed|deploy|drop|remove|curl|sudo|merge|print|reveal"
    r"|instructions?|policy|without)"
)

_VENDOR = r"(?:claude|anthropic|openai|codex|cursor|copilot|gemini|agent|llm|ai|model|assistant|system|operator|admin|developer)"
_MESSAGE = r"(?:instructions?|rules?|polic(?:y|ies)|prompts?|messages?|reminders?|directives?|permissions?|overrides?|orders?|guidance|notices?|commands?)"
_SWAY = (
    r"(?:turn(?:ed)? off|switch(?:ed)? off|sandbox|auto-?(?:approv|accept|run)\w*|unrestricted|never (?:ask|show)|confirmed|no confirmation"
    r"|sudo|push|install|granted|permission|approved|proceed|authori[sz]ed)"
)
_FRAME = (
    r"(?:references?|context|traces?|retrieved|untrusted|quot(?:e|ed|ation)|external|envelope|knowledge|memory|material|excerpt|tool (?:output|results?)"
    r"|search results?|documents?|notes?|input|data)"
)
_RULER = r"[-=#*_~<>\[\](){}|+]{2,12}"
_SPEAKER = r"\b(?:users?|humans?|system|assistant|developers?|operators?|admin\w*|owners?|maintainers?|person|messages?|instructions?|agents?|tools?)\b"

RULES = (
    # Turns
    Rule(
        "fake-turn",
        rf"(?:^|\n)[ \t>*#_]{{0,8}}(?:human|user|h"
        rf"|operator)[*_]{{0,2}} ?: ?[^\n]{{0,200}}\b{_ACT}\b[^\n]{{0,200}}\n{{1,4}}[ \t>*#_]{{0,"
        rf"8}}(?:assistant|ai|claude|a)[*_]{{0,2}} ?:",
        "imitates a turn of the conversation",
        REFUSED,
        marks="assistant|ai:|ai :|claude|a:",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_\[(]{0,8}(?:assistant|claude)[*_\])]{0,2} ?: ?(?:(?:sure|okay?|yes"
        r"|understood|certainly|of course|done|got it)\b[,.!]? ?[^\n]{0,60}\b(?:run|running"
        r"|execut\w+|delet\w+|push\w*|send\w*|install\w*|disabl\w+|approv\w+|remov\w+|permission"
        r"|granted|skip\w*)\b|(?:now )?(?:running|executing|deleting|pushing|sending|run `|run curl"
        r"|run the|execute|ignore|the user (?:has|already)|permission granted|approved)\b)",
        "imitates a turn of the conversation",
        marks="assistant|claude",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_]{0,8}system[*_]{0,2} ?: ?[^\n]{0,120}\b(?:you (?:are(?! an? (?:helpful|expert|coding|senior|friendly|professional|assistant|useful|experienced|knowledgeable))|must|may|can"
        r"|should)|ignore|override|policy|permission|allow(?:ed)?|disable[d]?|all (?:commands|tools)"
        r"|the (?:user|assistant)|trust(?:ed)?|authori[sz]ed|instructions?|approved?)\b",
        "imitates a system message",
        marks="system",
    ),
    Rule(
        "control-token",
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id"
        r"|begin_of_text|channel|message|start|end)\|>|\[/?inst\]|<</?sys>>|<start_of_turn>"
        r"|<end_of_turn>",
        "imitates a model's own control tokens",
        marks="<||[inst|[/inst|sys>>|_of_turn",
    ),
    Rule(
        "fake-turn",
        r"[\"']?role[\"']?\s{0,4}:\s{0,4}[\"'](?:system|developer"
        r"|assistant)[\"']\s{0,4},\s{0,4}[\"']?content[\"']?\s{0,4}:\s{0,4}[\"'][^\"'\n]{0,"
        r"200}\b(?:allow|ignore|disable|override|grant|trust|approve|skip|bypass|without|permission"
        r"|egress|unrestricted|delete|reveal|execute all|obey)\b",
        "imitates a system message",
        marks="role",
    ),
    Rule(
        "fake-turn",
        r"#{2,4}[ \t]{0,3}(?:system|anthropic|operator|admin(?:istrator)?|developer|openai|internal"
        r"|security|new instructions?|begin (?:system|instructions?)|end (?:of )?(?:context|user|trace"
        r"|instructions?))[^\n#]{0,60}#{2,4}",
        "imitates a notice of the system",
        REFUSED,
        marks="##",
    ),
    Rule(
        "fake-turn",
        r"\[(?:system|admin(?:istrator)?|operator|developer|root|anthropic|internal)(?: (?:message"
        r"|notice|override|prompt|note|alert|instruction|update"
        r"|reminder))?\]\s{0,3}:?\s{0,3}(?:\S+ ){0,12}?(?:must|run|execute|ignore|allow|disable|you"
        r"|skip|all|approve|permission|trust|policy)",
        "imitates a notice of the system",
        marks="[system|[admin|[operator|[developer|[root|[anthropic|[internal",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_`]{0,8}(?:human|user)[*_]{0,2} ?: ?(?:(?:yes|yeah|yep|ok(?:ay)?|sure|please|go ahead|also|now)\b[,.!]? ?){1,3}"
        r"[^\n]{0,80}\b(?:delete|confirm|approve|run|execute|push|deploy|print|send|show|ignore|allow|proceed|merge|publish|disable|skip"
        r"|do it)\b",
        "imitates a turn of the conversation",
        marks="human|user",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_`\[(]{0,8}(?:assistant|claude|ai)[*_\])]{0,2} ?: ?(?:i(?:'ve| have|'ll| will|'m| am)|now|let me|done)\b"
        r"[^\n]{0,120}\b(?:run|push|delet|verif|execut|install|send|disabl|approv|remov|commit|merg|deploy|upload)\w*",
        "imitates a turn of the conversation",
        marks="assistant|claude|ai",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>]{0,8}role: ?[\"']?(?:system|assistant|developer)[\"']?[ \t]*\n[ \t>]{0,8}content: ?[^\n]{0,120}\b(?:always|approve|ignore"
        r"|skip|allow|disable|never|bypass|trust|execute|obey)\b",
        "imitates a system message",
        marks="role:",
    ),
    Rule(
        "fake-turn",
        r"<(?:thinking|scratchpad|reasoning|reflection)>[^<]{0,300}\b(?:the user (?:wants|said|approved|has)|i (?:will|should|must|can))\b",
        "imitates the model's own thoughts",
        marks="<thinking|<scratchpad|<reasoning|<reflection",
    ),
    Rule(
        "fake-turn",
        r"<(?:user|human|operator|user[_-]message|user[_-]input|user[_-]prompt[\w-]{0,16}|user[_-](?:confirmation|approval|consent|reply|response))(?: [^>\n]{0,60})?>[^<]{0,200}\b(?:approve|confirm|allow|permit"
        r"|authori[sz]e|grant|consent|go ahead|yes|delete|ignore|execute)\w{0,2}\b",
        "imitates a turn of the conversation",
        marks="<user|<human|<operator",
    ),
    # Envelope
    Rule(
        "envelope",
        rf"(?:^|\n)[ \t]{{0,8}}{_RULER}(?=[^\n]{{0,60}}\b(?:end(?:s|ed)?|eof|over|stops?|finish\w*|closed?)\b)(?=[^\n]{{0,60}}\b{_FRAME}\b)"
        rf"[^\n]{{2,60}}?{_RULER}[ \t]{{0,8}}\n(?=[\s\S]{{0,160}}?{_SPEAKER})",
        "closes the envelope by name",
        marks="end|eof|over|stop|finish|close",
    ),
    Rule(
        "envelope",
        rf"<{_VENDOR}[_-]{_MESSAGE}(?: [^>\n]{{0,80}})?>",
        "imitates a tag with authority",
        marks="<",
    ),
    Rule(
        "fake-turn",
        rf"[\"']?role[\"']?\s{{0,4}}:\s{{0,4}}[\"'](?:system|developer|tool|function)[\"'][^\n}}]{{0,80}}?[\"']?content[\"']?\s{{0,4}}:\s{{0,4}}[\"'][^\"'\n]{{0,200}}\b{_SWAY}\b",
        "imitates a message with authority",
        marks="role",
    ),
    Rule(
        "envelope",
        r"</(?:commontrace[\w-]{0,24}|untrusted[\w-]{0,24}|system-reminder|function_results?|function_calls|tool_results?|additional[_-]context"
        r"|user-prompt-submit-hook|reference[_-]material|retrieved[\w-]{0,20})\s{0,4}>",
        "closes the envelope",
        marks="</",
    ),
    Rule(
        "envelope",
        r"</[a-z_-]{3,24}>\s{0,8}(?:human|user|assistant|system|operator|admin)[*_]{0,2} ?:(?!\s?\")",
        "closes the envelope and speaks as another",
        REFUSED,
        marks="</",
    ),
    Rule(
        "envelope",
        r"</(?:context|trace|traces|reference|untrusted[\w-]{0,20}|document|documents|search_results?"
        r"|result|results|tool_result|function_results?|retrieved[\w-]{0,20}|memory|knowledge"
        r"|commontrace[\w-]{0,20}|user|human|assistant|system|system-reminder|instructions|prompt"
        r"|conversation|output|data|quote|external[\w-]{0,20}|snippet)>[\s`\"'\]})>;-]{0,20}<(?:system"
        r"|instructions?|user|human|assistant|admin|developer|tool_use|function_calls|invoke|important"
        r"|policy|command|prompt|operator|override|trusted|verified|approved|authori[sz]ed)",
        "closes the envelope and opens another",
        REFUSED,
        marks="</",
    ),
    Rule(
        "envelope",
        r"<(?:system|system-reminder|system_prompt|system-prompt|instructions?|admin|developer"
        r"|operator|important|critical|policy|override|trusted|verified|authori[sz]ed"
        r"|assistant)(?: [^>\n]{0,80})?>(?=[^<]{0,300}\b(?:skip|merge|ignore|disable[d]?|run|execute"
        r"|allow(?:ed)?|approve[d]?|permission|policy|without|automatically|trust(?:ed)?|delete|send"
        r"|curl|install|never|must|do not|override|grant|user|running|verified|you are|confirmations?|prompts?|mode|approvals?"
        r"|executing)\b)[^<]{0,300}</",
        "imitates a tag with authority",
        marks="</",
    ),
    Rule(
        "envelope",
        r"(?:\b|_|-|=)end[ _-](?!(?<=end )results?\b)(?:of[ _-])?(?:(?:the[ _-])?(?:untrusted|retrieved|reference|external"
        r"|user|system|search|trace|quoted|provided|tool)[ _-])*(?:context|traces?|reference"
        r"|documents?|data|results?|input|output|prompt|instructions?|envelope|block|content"
        r"|material)\b(?=[^\n]{0,40}[\n{\"'<\[(:=-]|[^\n]{0,80}\b(?:system|instructions?|new|now|begin"
        r"|start|role)\b)(?=[\s\S]{0,200}?\b(?:system|instructions?|role|new task|assistant|user|operator|allow"
        r"|ignore|run|now|execute)\b)",
        "closes the envelope by name",
        marks="end_of|end of|end-of|end_|end |end-",
    ),
    Rule(
        "envelope",
        r"(?:-->|\]\]>|\*/|\"\"\"|'''|```)\s{0,6}(?:-->|\]\]>|\*/|\"\"\"|'''"
        r"|```)?\s{0,6}(?:\]\]>)?\s{0,6}<(?:instructions?|system|important|admin|assistant|user"
        r"|override|policy|command)\b",
        "closes whatever may surround it",
        REFUSED,
        marks="<instruction|<system|<important|<admin|<assistant|<user|<override|<policy|<command",
    ),
    Rule(
        "envelope",
        r"[\"'][\]})]{2,6}[\s\S]{0,40}?\{[^{}\n]{0,60}?[\"']?role[\"']?\s{0,4}\"?:",
        "closes a JSON document and continues as another speaker",
        REFUSED,
        marks="role",
    ),
    Rule(
        "envelope",
        r"<system>[ \t]{0,4}[a-z][^<>{}\n]{16,300}[.;!][^<>{}\n]{0,100}</system>",
        "imitates a tag with authority",
        marks="<system>",
    ),
    Rule(
        "envelope",
        r"<(?:assistant|system|operator|admin|developer)[_-][a-z_-]{2,20}(?: [^>\n]{0,80})?>",
        "imitates a tag with authority",
        marks="<assistant|<system|<operator|<admin|<developer",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_]{0,8}(?:(?:operator|administrator|supervisor|moderator)[*_]{0,2} ?: ?(?:you|all|the|please|now)\b"
        r"|system[ -]reminder[*_]{0,2} ?:|(?:stop|pre|post)\w{0,10} ?hook (?:feedback|response|decision|output)[*_]{0,2} ?:)",
        "imitates a system message",
        marks="operator|administrator|supervisor|moderator|system|hook",
    ),
    # Tools
    Rule(
        "fake-tool",
        r"[\"']?type[\"']?\s{0,4}:\s{0,4}[\"'](?:tool_use|server_tool_use|function_call"
        r"|tool_call)[\"'][^\n]{0,120}[\"']?name[\"']?\s{0,4}:\s{0,4}[\"'](?:bash|shell|sh|terminal"
        r"|execute|exec|run_command|run|computer|write|edit|multiedit|notebookedit|webfetch|powershell"
        r"|task|cmd|mcp__[\w-]{1,60})[\"']",
        "imitates a tool call",
        REFUSED,
        marks="tool_use|function_call|tool_call",
    ),
    Rule(
        "fake-tool",
        r"<(?:antml:)?(?:function_calls|invoke name=|tool_use>|tool_call>|bash-input>|bash-stdout>"
        r"|command-name>|tool_result>|tool_response>|approved>true|function_results>|local-command-stdout>)",
        "imitates a tool call or its result",
        marks="<",
    ),
    Rule(
        "fake-tool",
        r"[\"']?permissiondecision[\"']?\s{0,4}[:=]\s{0,4}[\"']?allow\b|[\"']?tooluseresult[\"']?\s{0,4}:[^\n]{0,60}approved"
        r"|[\"']?decision[\"']?\s{0,4}:\s{0,4}[\"'](?:approve|allow)[\"']"
        r"|[\"']?behavior[\"']?\s{0,4}:\s{0,4}[\"']allow[\"']|bypasspermissions[\"']?\s{0,4}[,}:]",
        "imitates a permission",
        REFUSED,
        marks="tooluseresult|permissiondecision|decision|behavior|bypasspermissions",
    ),
    Rule(
        "fake-tool",
        r"[\"']?(?:hookspecificoutput|additionalcontext|systemmessage"
        r"|suppressoutput)[\"']?\s{0,4}:[^\n]{0,300}\b(?:allow(?:s|ed)?|approve[ds]?|ignore|trusted|run|execute|must"
        r"|without|bypass|disable|skip|verified|safe|granted|confirmed)\b",
        "imitates what a hook answers",
        marks="hookspecificoutput|additionalcontext|systemmessage|suppressoutput",
    ),
    Rule(
        "fake-tool",
        r"(?:^|\n)[ \t>*_`]{0,6}(?:tool_result|function_result|tool_output)s?(?:\([^)\n]{0,40}\))?[\"'*_`]{0,3}\s{0,3}[:=]\s{0,3}[{\[\"']"
        r"|[\"']?type[\"']?\s{0,4}:\s{0,4}[\"']tool_result[\"'][^\n]{0,300}\b(?:approved|granted"
        r"|allow(?:ed)?|permission|user (?:said|confirmed|agreed|pressed|clicked)|proceed|trusted|ignore|run|execute"
        r"|now|(?:checks|tests) passed|safe to|verified|always allow)\b",
        "imitates the result of a tool",
        marks="tool_result|function_result|tool_output",
    ),
    Rule(
        "fake-tool",
        r"(?:^|\n)[ \t>*_\[(]{0,6}(?:tool (?:output|result|response)|(?:pre|post)tooluse(?::\w{1,30})?(?: hook)?(?: success| result| decision)?"
        r"|function (?:result|output)|hook (?:output|result|response)|bash output|permission system"
        r"|result of (?:bash|the tool))(?:\([^)\n]{0,80}\))?[\])*_]{0,3} ?[:=][^\n]{0,160}\b(?:approved|granted"
        r"|allow(?:ed)?|permission|user (?:said|confirmed|agreed|approves)|proceed|trusted|safe to"
        r"|verified|now run|(?:is|are) safe|no need to|you (?:may|can|must)|without asking)\b",
        "imitates the result of a tool",
        marks="tool |tooluse|function |hook |bash |permission system|result of",
    ),
    Rule(
        "fake-tool",
        r"[\"'](?:name|tool|tool_name|recipient_name)[\"']\s{0,4}:\s{0,4}[\"'](?:mcp__[\w-]{1,60}|functions\.\w{1,30}|(?:run_)?(?:bash|shell|terminal|command|exec\w{0,6})(?:_\w{1,12})?)[\"']\s{0,4},\s{0,4}[\"'](?:arguments|args|input|parameters)[\"']"
        r"|\bfunctions\.(?:exec|shell|bash|run)\w{0,12}\(\{|```tool_(?:code|call)\b|(?:^|\n)[ \t>*]{0,4}action ?: ?(?:shell|bash|terminal|run|exec\w*|python)\b[^\n]{0,20}\n[ \t>*]{0,4}action input ?:",
        "imitates a tool call",
        marks="name|tool|functions.|action input",
    ),
    Rule(
        "fake-turn",
        rf"[\"'](?:event|kind|source|from|speaker|author|sender|type)[\"']\s{{0,4}}:\s{{0,4}}[\"'](?:user|human|operator|system|owner|admin)(?:[_-]?(?:message|input|prompt|reply|turn|approval))?[\"'][^\n}}]{{0,60}}"
        rf"[\"'](?:text|content|message|body|value)[\"']\s{{0,4}}:\s{{0,4}}[\"'][^\"'\n]{{0,160}}\b{_ACT}\b",
        "imitates a turn of the conversation",
        marks="text|content|message|body|value",
    ),
    Rule(
        "fake-tool",
        r"[\"']?method[\"']?\s{0,4}:\s{0,4}[\"'](?:tools/call|notifications/[\w/]{1,40}"
        r"|sampling/createmessage|elicitation/create)[\"'][^\n]{0,300}\b(?:bash|shell|command|execute"
        r"|rm |curl|cat |ignore|allow|approve|\.ssh|\.env|token)\b",
        "imitates protocol traffic",
        marks="method",
    ),
)
"""Over every reading of the text in lower case."""

TEMPLATES = r"\b(?:chat[ _-]?templates?|tokeni[sz]ers?|special tokens?|vocab\w*|prompt (?:format|template)s?|fine-?tun\w+|bos|eos)\b"
"""Near a control token: the text is about how models are fed."""
