"""Versions with known holes, releases that were attacks, and watchers that are turned off."""

from commontrace_rules.screening.rules import Rule

RULES = (
    Rule(
        "unsafe-order",
        r"\b(?:restart|retry|re-?run|re-?launch|relaunch|resume|continue|try again|start over|proceed|come back)\b[^\n.`]{0,30}`?[^\n.`]{0,20}(?:--dangerously-skip-permissions|--yolo|--dangerously-bypass\S{0,30}|--permission-mode[= ]bypass\w{0,12}|--allow-dangerously\S{0,20})",
        "switches the agent's safety off",
        marks="--dangerously|--yolo|--permission-mode|--allow-dangerously",
    ),
    Rule(
        "downgrade",
        r"(?<!\w)(?:event-stream@3\.3\.6|ua-parser-js@(?:0\.7\.29|0\.8\.0|1\.0\.0)|node-ipc@(?:10\.1\.[1-3]"
        r"|9\.2\.2|11\.\d)|colors@1\.4\.(?:1|44)|faker@6\.6\.6|coa@(?:2\.0\.[34]|2\.1\.[13]"
        r"|3\.[01]\.\d)|rc@(?:1\.2\.9|1\.3\.9|2\.3\.9)|eslint-scope@3\.7\.2|(?:i|install|add|require) (?:-\S{1,20} ){0,3}(?:flatmap-stream|peacenotwar)"
        r"|getcookies@|left-pad@0\.0\.1|chalk@5\.6\.1|debug@4\.4\.2|ansi-styles@6\.2\.2"
        r"|strip-ansi@7\.1\.1|color-convert@3\.1\.1|@solana/web3\.js@1\.95\.[67]"
        r"|lottie-player@2\.0\.[567]|ctx==0\.(?:1\.2|2\.[26])|ultralytics==8\.3\.4[1256]"
        r"|litellm==1\.82\.[78]|axios@(?:1\.14\.1|0\.30\.4)|torchtriton(?![`\"']? (?:attack|incident|compromise))|xz(?:-utils"
        r"|-libs)?[= @-]{1,3}5\.6\.[01])(?![\w.])",
        "a release that was an attack",
        marks="@|==|peacenotwar|flatmap|torchtriton|xz",
    ),
    Rule(
        "downgrade",
        r"\blog4j(?:-core|-api|2)?[^\n]{0,30}[:@= >\"']{1,8}2\.(?:\d|1[0-4])(?:\.\d+)?(?![\d.])"
        r"|(?<!with )(?<!against )\bopenssl[^\n]{0,20}[@= -]{1,3}(?:1\.0\.[01][a-f]?|0\.9\.\d\w?)(?![\w.])|\bspring-(?:core"
        r"|beans|webmvc)[^\n]{0,30}[:@=\"'> ]{1,6}(?:5\.3\.(?:\d|1[0-7])|5\.2\.(?:\d|1\d))(?![\d.])"
        r"|\bstruts2?(?:-core)?[^\n]{0,20}[:@=\"'> ]{1,6}2\.(?:3|5)\.(?:\d|1[0-2])(?![\d.])"
        r"|\bjackson-databind[^\n]{0,20}[:@=\"'> ]{1,6}2\.(?:[0-8])\.\d|\blodash@4\.17\.(?:\d|1[0-9]"
        r"|20)(?!\d)|\bminimist@(?:0\.\d\.\d|1\.2\.[0-5])(?!\d)|\bjsonwebtoken@(?:[0-7]\.|8\.[0-4]\.)"
        r"|\bnode-serialize@0\.0\.4|\bserialize-javascript@[12]\.|\bsudo[= ]1\.(?:8\.(?:[0-9]|1\d|2\d"
        r"|30)|9\.[0-4])(?!\d)|\bbash=4\.[0-2](?![\d+])",
        "pins a version with a famous hole",
        marks="log4j|openssl|spring|struts|pyyaml|jackson|lodash|minimist|jsonwebtoken|serialize|django"
        "|jinja2|urllib3|sudo|bash",
    ),
    Rule(
        "downgrade",
        r"\b(?:install|add|pin\w{0,4}|downgrade|require"
        r"|use)\b[^\n]{0,60}\b(?:pyyaml\s?==\s?(?:3\.\d\w*|5\.[0-3](?:\.\d)?)(?![\d.])"
        r"|django\s?==\s?(?:1\.\d+|2\.[01])(?:\.\d+)?(?![\d.])|jinja2\s?==\s?2\.[0-9](?:\.\d)?(?!\d)"
        r"|urllib3\s?==\s?1\.(?:1\d|2[0-5])(?:\.\d)?(?!\d))",
        "pins a version with a famous hole",
        marks="pyyaml|django|jinja2|urllib3",
    ),
    Rule(
        "downgrade",
        r"\b(?:downgrade|pin|revert|roll ?back|go back|switch back|stay (?:on|at)"
        r"|install (?:an? )?(?:older|old|previous|earlier))\b[^\n]{0,120}\b(?:before the (?:cve"
        r"|security|patch|fix|vulnerab\w+)|(?:pre|without the)[- ](?:patch|cve|security (?:fix|check"
        r"|update))|(?:vulnerable|unpatched|unsigned|end-of-life|eol) (?:version|release|build)"
        r"|ignore (?:the )?(?:cve|advisor\w+|security|audit|warning)|security (?:patch|update|fix"
        r"|check)s? (?:breaks?|broke|causes?|is|are))",
        "goes back to a hole on purpose",
        marks="downgrade|pin|revert|roll|back|stay |older|previous|earlier|install old&cve|security|patch"
        "|vulnerab|unpatched|advisor|audit|unsigned|eol|end-of-life|fix",
    ),
    Rule(
        "downgrade",
        r"\b(?:npm audit|pip-audit|cargo audit|snyk|dependabot|trivy|gitleaks|semgrep|codeql|bandit"
        r"|renovate)\b[^\n]{0,60}(?:[,;:—]|\b(?:so|and|then|just|simply|should|must|to|can)\b) ?(?:just |simply )?(?:disable|turn off|ignore all|remove|uninstall)\b(?! (?:both|telemetry|cached|this feature))"
        r"|\b(?:disable|turn off|remove"
        r"|uninstall)\b(?:(?!requir|enabl)[^\n]){0,40}\b(?:npm audit|pip-audit|dependabot|snyk|trivy|gitleaks|semgrep"
        r"|codeql|secret scanning|branch protection|2fa|mfa|two-factor)\b",
        "turns the watchers off",
        marks="audit|snyk|dependabot|trivy|gitleaks|semgrep|codeql|bandit|renovate|secret scanning"
        "|branch protection|2fa|mfa|two-factor",
    ),
)
