"""Forged calls of tools, their results, and what hooks and permissions answer."""

from commontrace_rules.screening.rules import REFUSED, Rule

RULES = (
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
        r"|command-name>|tool_(?:result|response)(?: [^>\n]{0,80})?>|approved>true|function_results>|local-command-stdout>|use_mcp_tool>|access_mcp_resource>|execute_command>)",
        "imitates a tool call or its result",
        marks="<",
    ),
    Rule(
        "fake-tool",
        r"[\"']?permissiondecision[\"']?\s{0,4}[:=]\s{0,4}[\"']?allow\b|[\"']?tooluseresult[\"']?\s{0,4}:[^\n]{0,60}approved"
        r"|[\"']?decision[\"']?\s{0,4}:\s{0,4}[\"'](?:approve|allow)[\"']"
        r"|[\"']?behavior[\"']?\s{0,4}:\s{0,4}[\"']allow[\"']|bypasspermissions[\"']?\s{0,4}[,}:]"
        r"|[\"']permission[\"']\s{0,4}:\s{0,4}[\"'](?:allow(?:ed)?|approved|granted)[\"'][^\n}]{0,60}[\"'](?:tool(?:_name)?|command|scope)[\"']\s{0,4}:",
        "imitates a permission",
        REFUSED,
        marks="tooluseresult|permission|decision|behavior|bypasspermissions",
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
        r"(?:^|\n)[ \t>*_`]{0,6}(?:tool_result|function_result|tool_output)s?(?:\([^)\n]{0,40}\))?[\"'*_`]{0,3}\s{0,3}[:=]\s{0,3}(?!\[[\w.]{1,30}\()[{\[\"']"
        r"|[\"']?type[\"']?\s{0,4}:\s{0,4}[\"']tool_result[\"'][^\n]{0,300}\b(?:approved|granted"
        r"|allow(?:ed)?|permission|user (?:said|confirmed|agreed|pressed|clicked)|proceed|trusted|ignore|run|execute"
        r"|now|(?:checks|tests|reviews?) passed|cleared (?:to|for)|without (?:tests|reviews?)|safe to|verified|always allow)\b",
        "imitates the result of a tool",
        marks="tool_result|function_result|tool_output",
    ),
    Rule(
        "fake-tool",
        r"(?:^|\n)[ \t>*_\[(]{0,6}(?:tool (?:output|result|response)|(?:pre|post)tooluse(?::\w{1,30})?(?: hook)?(?: success| result| decision)?"
        r"|function (?:result|output)|hook (?:output|result|response)|bash output|permission system"
        r"|result of (?:bash|the tool))(?: ?\([^)\n]{0,80}\))?[\])*_]{0,3} ?[:=][^\n]{0,160}\b(?:approved|granted"
        r"|allow(?:ed)?|permission|user (?:said|confirmed|agreed|approves)|proceed|trusted|safe to"
        r"|verified|confirmed that|may be (?:shared|sent|deleted|pushed|skipped)|now run|(?:is|are) safe|no need to|you (?:may|can|must)|without asking|signature valid|next action|risk:? (?:none|low))\b",
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
        "fake-tool",
        r"(?:^|\n)[ \t>]{0,4}\{ ?[\"'](?:name|tool|tool_name|function|recipient)[\"']\s{0,4}:\s{0,4}[\"'](?:\w{0,30}_)?(?:traces?|votes?|outcomes?|drafts?|memory|memories|settings|permissions?|consent)(?:_\w{1,30})?[\"']\s{0,4},\s{0,4}[\"'](?:arguments|args|input|parameters|params)[\"']"
        r"|(?:^|\n)[ \t>]{0,4}[●⏺•] ?(?:bash|read|write|edit|multiedit|task|webfetch|update|[a-z]{1,20}_\w{1,20})\([^\n]{1,300}\)\s{0,6}⎿[^\n]{0,160}\b(?:approved|allowed|granted|confirmed|permission|authori[sz]ed|consent)\b",
        "imitates a tool call",
        marks="arguments|args|input|param|⎿",
    ),
    Rule(
        "fake-tool",
        r"[\"']?method[\"']?\s{0,4}:\s{0,4}[\"'](?:tools/call|notifications/[\w/]{1,40}"
        r"|sampling/createmessage|elicitation/create)[\"'][^\n]{0,300}(?<!\w)(?:bash|shell|command|execute"
        r"|rm |curl|cat |ignore|allow|approve|\.ssh|\.env|token|(?:delete|remove|drop|grant|merge|transfer|wipe|purge)_\w{2,30}|add_collaborator|confirm(?=[\"']\s?:\s?true))\b",
        "imitates protocol traffic",
        marks="method",
    ),
)
"""Over every reading of the text in lower case."""
