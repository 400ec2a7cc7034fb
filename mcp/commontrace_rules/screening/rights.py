"""What an agent may do: its permissions, settings and memory widened by what it reads, whoever made the agent."""

from commontrace_rules.screening.rules import Rule

_WIDE = (
    r"(?:\b(?:bash|shell|webfetch|write|edit)\((?:\*|:\*|sudo:?\*?|rm:?\*?|curl:?\*?)\)|\bapproval[_-]policy\W{1,6}(?:to\W{1,3})?never\b|\bdanger-full-access\b"
    r"|\bauto-?(?:run|approv|accept)\w*\b[^\n.]{0,24}\b(?:all|every|everything|any|on|true)\b|\b(?:on|enable|allow)\b[^\n.]{0,12}\bauto-?(?:run|approv|accept)\w*"
    r"|\bbypass ?permissions\b|\ball (?:shell |bash )?commands\b[^\n.]{0,16}\b(?:allowed|approved|trusted|permitted)\b|\b(?:clear|empty|delete|remove)\b[^\n.]{0,12}\bdeny ?list"
    r"|\b(?:accept|approve|allow|trust)\b[^\n.]{0,12}\b(?:tools?|servers?|commands?)\b[^\n.]{0,12}\b(?:permanently|always|forever|for good|for all)\b|\b(?:accept|approve|allow)\b[^\n.]{0,12}\b(?:every|all|any)\b[^\n.]{0,24}\bwithout\b)"
)
_PLACE = (
    r"(?:\b(?:permissions?\.allow|allow[ -]?lists?|claude\.md|agents\.md|gemini\.md|copilot-instructions|settings(?:\.local)?\.json|codex|cursor(?:'s)?|windsurf|cline|copilot|mcp servers?"
    r"|(?:agent|assistant|client|editor)(?:'s)? (?:settings|config\w*|rules))\b|\.(?:claude|codex|cursor|gemini|clinerules|windsurfrules|cursorrules)\b)"
)

RULES = (
    Rule(
        "agent-settings",
        rf"{_WIDE}[^\n]{{0,100}}{_PLACE}|{_PLACE}[^\n]{{0,100}}{_WIDE}",
        "widens what the agent may do",
        marks="(*|:*|never|danger|auto|bypass|all|deny|every|any|permanently|always|forever|for good",
    ),
    Rule(
        "agent-settings",
        r"\bdangerously[-_ ]?skip[-_ ]?permissions\b[\"'`]{0,2}\s{0,2}(?:[=:]|to|is|on)\s{0,2}[\"'`]?(?:true|on|yes|1)\b",
        "switches the agent's safety off",
        marks="permissions",
    ),
    Rule(
        "agent-settings",
        r"(?:--dangerously-skip-permissions|--permission-mode[= ]bypasspermissions|--yolo|--full-auto"
        r"|--allow-all-tools|--dangerously-bypass-approvals-and-sandbox"
        r"|skipdangerousmodepermissionprompt|dangerously_skip_permissions)\b(?=[^\n]{0,200}\b(?:always"
        r"|restart|from now|re-?run|alias|permanent|every|default|so that|to (?:avoid|fix|stop|prevent"
        r"|apply))\b)|\balias (?:claude|codex|cursor)=[^\n]{0,60}(?:dangerously|yolo|bypass)",
        "switches the agent's safety off",
        marks="skip-permissions|permission-mode|--yolo|--full-auto|--allow-all|bypass-approvals"
        "|skip_permissions|alias |skipdangerous",
    ),
    Rule(
        "agent-settings",
        r"\bdefaultmode\W{0,6}(?:to )?\W?(?:acceptedits|bypass\w*|dontask)|\bsandbox\.enabled\W{0,4}(?:to |=|:)\s?false|\bbash\((?:curl|sudo|rm|wget|\*|sh|bash)\b[^)\n]{0,10}\)[^\n]{0,80}(?:allow|settings)|[\"']?(?:defaultmode|permissionmode)[\"']?\s{0,3}:\s{0,3}[\"'](?:bypasspermissions|dontask)"
        r"|[\"']?(?:autoapprove|alwaysallow|auto_approve|autoaccept)[\"']?\s{0,3}[:=]\s{0,3}(?:\[\s{0,3}[\"']\*|true)"
        r"|[\"']allow[\"']\s{0,3}:\s{0,3}\[\s{0,4}[\"'](?:bash(?:\(\*\)|\(:\*\))?|\*)[\"']"
        r"|enableallprojectmcpservers[\"']?\s{0,3}:\s{0,3}true"
        r"|[\"']hooks[\"']\s{0,3}:[\s\S]{0,300}?[\"']command[\"']\s{0,3}:\s{0,3}[\"'][^\"'\n]{0,"
        r"120}(?:curl|wget|nc |base64|https?://|/tmp/|bash -c)",
        "changes what the agent may do",
        marks="bash(|sandbox.enabled|defaultmode|permissionmode|allow|enableall|hooks|approve|accept",
    ),
)
"""Over the text as it is shown, in lower case."""
