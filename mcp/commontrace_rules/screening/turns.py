"""Fake turns of the conversation, and messages of the system that it never sent."""

from commontrace_rules.screening.rules import REFUSED, Rule

_ACT = (
    r"(?:go ahead|yes|approve[ds]?|confirm(?:ed)?|sure|delete|deleting|run|running|execute"
    r"|executing|ignore|push|install|permission|allow(?:ed)?|disable|skip|trust|send|upload"
    r"|grant(?:ed)?|bypass|override|proceed|deploy|drop|remove|curl|sudo|merge|print|reveal"
    r"|instructions?|policy|without)"
)
_SWAY = (
    r"(?:turn(?:ed)? off|switch(?:ed)? off|sandbox|auto-?(?:approv|accept|run)\w*|unrestricted|never (?:ask|show)|confirmed|no confirmation"
    r"|sudo|push|install|granted|permission|approved|proceed|authori[sz]ed)"
)

RULES = (
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t]{0,4}[\"']?[}\]]{1,8}\s?\]\s?\}{1,4}\s{0,4}\{\s?[\"']role[\"']\s?:\s?[\"'](?:system|user|assistant|developer|tool)[\"']",
        "closes its envelope and speaks as another",
        marks="role",
    ),
    Rule(
        "fake-turn",
        r"(?:^|[^\[,`\w]\n|\n\n)[ \t]{0,4}\{\s?[\"']role[\"']\s?:\s?[\"'](?:system|developer)[\"']\s?,\s?[\"']content[\"']\s?:\s?[\"'](?!you are an? (?:[a-z]{3,14} ){0,2}(?:assistant|expert|tutor|translator|chatbot|bot)\b[^\n.]{0,80}\.?[\"'])[^\n]{10,400}\}[ \t]{0,4}(?=\n|$)",
        "imitates a system message",
        marks="role",
    ),
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
        r"(?:^|\n)[ \t>*#_]{0,8}system[*_]{0,2} ?: ?(?! ?[\"'][^\"'\n]{0,200}[\"'],)[^\n]{0,120}\b(?:you (?:are(?! an? (?:ai (?:assistant|model)|helpful|expert|coding|senior|friendly|professional|assistant|useful|experienced|knowledgeable))|must|may|can"
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
        r"#{2,4}[ \t]{0,3}(?!systematic)(?:system|anthropic|operator|admin(?:istrator)?|developer|openai|internal"
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
        r"[^\n]{0,80}\b(?:delete|confirm|approve|run|execute|push|deploy|print|send|show|ignore|allow|proceed|merge|publish|disable|skip|rotate|reset|drop|grant|remove|overwrite|wipe"
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
        r"(?:^|\n)[ \t>]{0,8}role: ?[\"']?(?:system|assistant|developer)[\"']?[ \t]*\n[ \t>]{0,8}content: ?(?:[|>]-?[ \t]{0,4}\n)?[^\n]{0,160}\b(?:always|approved?|ignore"
        r"|skip|allow|disable|never|bypass|trust|execute|obey|merge|deploy|push|delete|without|grant|send|signed|clearance)\b",
        "imitates a system message",
        marks="role:",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)---[ \t]{0,4}\n(?:[\w-]{1,20}:[^\n]{0,80}\n){0,4}role: ?[\"']?(?:system|developer|operator|admin\w*)[\"']?[ \t]{0,4}\n(?:[\w-]{1,20}:[^\n]{0,80}\n){0,4}---",
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
    Rule(
        "fake-turn",
        rf"[\"']?role[\"']?\s{{0,4}}:\s{{0,4}}[\"'](?:system|developer|tool|function)[\"'][^\n}}]{{0,80}}?[\"']?content[\"']?\s{{0,4}}:\s{{0,4}}[\"'][^\"'\n]{{0,200}}\b{_SWAY}\b",
        "imitates a message with authority",
        marks="role",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*#_]{0,8}(?:(?:operator|administrator|supervisor|moderator)[*_]{0,2} ?: ?(?:you|all|the|please|now)\b"
        r"|system[ -]reminder[*_]{0,2} ?:|(?:stop|pre|post)\w{0,10} ?hook (?:feedback|response|decision|output)[*_]{0,2} ?:)",
        "imitates a system message",
        marks="operator|administrator|supervisor|moderator|system|hook",
    ),
    Rule(
        "fake-turn",
        rf"[\"'](?:event|kind|source|from|speaker|author|sender|type)[\"']\s{{0,4}}:\s{{0,4}}[\"'](?:user|human|operator|system|owner|admin)(?:[_-]?(?:message|input|prompt|reply|turn|approval))?[\"'][^\n}}]{{0,60}}"
        rf"[\"'](?:text|content|message|body|value)[\"']\s{{0,4}}:\s{{0,4}}[\"'][^\"'\n]{{0,160}}\b{_ACT}\b",
        "imitates a turn of the conversation",
        marks="text|content|message|body|value",
    ),
    Rule(
        "fake-turn",
        rf"(?:^|\n)[ \t>]{{0,4}}#{{1,6}} ?(?:human|user)[ \t:]{{0,3}}\n{{1,2}}[^\n]{{0,200}}\b{_ACT}\b[^\n]{{0,200}}\n{{1,4}}[ \t>]{{0,4}}#{{1,6}} ?(?:assistant|ai|claude)\b",
        "imitates a turn of the conversation",
        marks="#&assistant|ai|claude",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>]{0,4}(?:#{1,6} ?|\*\*)(?:developer|operator|system|admin\w*) (?:message|notice|note|prompt|instructions?)[*: \t]{0,4}\n{1,2}[^\n]{0,160}"
        r"\b(?:permits?|grants?|(?<!llms )(?<!models )(?<!apis )(?<!providers )(?<!tools )(?<!frameworks )(?<!clients )allows? you|authori[sz]es?|you (?:may|must|are (?:allowed|cleared|free)))\b",
        "imitates a message with authority",
        marks="developer|operator|system|admin",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>*_]{0,6}\[(?:system|admin\w*|operator|developer|anthropic)\]\s{0,3}:?\s{0,3}[^\n]{0,120}\b(?:resume|continue|proceed|go on|next step|now)\b[^\n]{0,30}"
        r"\b(?:delet|push|deploy|merg|publish|drop|remov|send|upload|disabl|install|commit)\w*",
        "imitates a notice of the system",
        marks="[system]|[admin|[operator]|[developer]|[anthropic]",
    ),
    Rule(
        "fake-turn",
        r"(?:^|\n)[ \t>]{0,4}(?:#{1,6} ?|\*\*)(?:operator|system|admin\w*|developer|anthropic|platform)[*: \t]{0,4}\n{1,2}(?:[^\n]{0,80}\b)?you (?:are (?:now |hereby )?(?:allowed|cleared|free|permitted|authori[sz]ed|granted)|may (?:now )?(?:use|run|push|skip|delete|merge|execute|act))\b",
        "imitates a message with authority",
        marks="operator|system|admin|developer|anthropic|platform",
    ),
)
"""Over every reading of the text in lower case."""

TEMPLATES = r"\b(?:control tokens?|zero-shot|instruction-tuned|stop\s?=\s?\[|keeps (?:printing|emitting|generating|outputting)|modelfile|gguf|stop (?:tokens?|sequences?|words?)|chat[ _-]?templates?|tokeni[sz]ers?|special tokens?|vocab\w*|prompt (?:format|template)s?|fine-?tun\w+|bos|eos)(?!\w)"
"""Near a control token: the text is about how models are fed."""
