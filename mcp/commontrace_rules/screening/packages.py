"""Packages from somewhere else: foreign indexes, mirrors, sources and endpoints."""

from commontrace_rules.screening.rules import Rule

_URL = r"[\"']?(?:git\+|sparse\+|registry\+)?https?://[^\s\"'`)>]{3,200}"

SOURCES = (
    Rule(
        "foreign-index",
        r"(?:--index-url|--extra-index-url|--find-links|--default-index|--index|\b(?:pip3?|uv|install|twine|download|wheel)\b[^\n]{0,120}\s-[if])"
        rf"[ =]{{1,3}}{_URL}",
        "installs from an index nobody vouches for",
        marks="index|find-links| -i | -f |-i=|-f=&://",
    ),
    Rule(
        "foreign-index",
        r"\b(?:index[-_]url|extra[-_]index[-_]url|find[-_]links|pip_index_url|pip_extra_index_url"
        r"|uv_index\w*|uv_default_index|poetry_repositories\w*_url"
        rf"|twine_repository_url)\b[\"']?[ \t]{{0,3}}[=: ][ \t]{{0,3}}{_URL}",
        "installs from an index nobody vouches for",
        marks="index|find&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:npm|pnpm|yarn|bun|cnpm|npx|lerna|verdaccio)\b[^\n]{{0,120}}(?:--registry|\bregistry\b"
        rf"|npmregistryserver|npm_config_registry)[ =\"']{{1,4}}{_URL}|(?:^"
        rf"|[\n`\"' ])(?:@[\w-]{{1,40}}:)?registry\s{{0,2}}[=:]\s{{0,2}}{_URL}"
        rf"|\bnpm_config_registry\s?=\s?{_URL}|npmregistryserver[\"']?\s?:\s?{_URL}",
        "installs from a registry nobody vouches for",
        marks="registr&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:goproxy|gonoproxy|rubygems_host|bundle_mirror\S{{0,40}}"
        rf"|cargo_registries\w{{0,40}}_index|rustup_(?:dist_server|update_root)"
        rf"|composer_repo\w{{0,20}}|hf_endpoint|conda_channel\w*|homebrew_(?:bottle_domain"
        r"|artifact_domain|api_domain)|docker_registry\w*|puppeteer_download_host|electron_mirror"
        r"|nodejs_org_mirror|nvm_nodejs_org_mirror|sass_binary_site"
        rf"|playwright_download_host)\b\s{{0,2}}[= ]\s{{0,2}}{_URL}",
        "installs from a mirror nobody vouches for",
        marks="proxy|host|mirror|index|dist_server|update_root|composer_repo|endpoint|channel|domain"
        "|docker_reg|binary_site&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:gem (?:sources? (?:-a|--add)|install[^\n]{{0,60}}(?:-s|--source))"
        rf"|bundle config[^\n]{{0,40}}mirror\S{{0,60}}"
        rf"|composer config[^\n]{{0,60}}repo\S{{0,40}}[^\n]{{0,20}}|dotnet (?:nuget add source"
        rf"|add[^\n]{{0,60}}--source|restore[^\n]{{0,40}}--source|workload[^\n]{{0,80}}--source"
        rf"|tool install[^\n]{{0,80}}--add-source)|nuget sources? add[^\n]{{0,60}}|conda (?:install"
        rf"|config|create)[^\n]{{0,60}}(?:-c|channels)|mamba install[^\n]{{0,40}}-c|cargo (?:install"
        rf"|add)[^\n]{{0,60}}(?:--git|--index)|helm repo add \S{{1,40}}|brew tap \S{{1,60}}"
        rf"|flatpak remote-add[^\n]{{0,60}}|cpanm[^\n]{{0,30}}--mirror|luarocks[^\n]{{0,40}}--server"
        rf"|opam repo\w* add \S{{1,40}}|choco (?:install|source)[^\n]{{0,60}}(?:-s|--source)"
        rf"|install\.packages\([^\n]{{0,60}}repos\s?=|pod repo add \S{{1,40}}"
        rf"|asdf plugin add \S{{1,40}}|uv (?:add|pip install)[^\n]{{0,60}}--index)[ =]{{1,3}}{_URL}",
        "installs from a source nobody vouches for",
        marks="://",
    ),
    Rule(
        "foreign-index",
        rf"\[patch\.[^\]\n]{{1,60}}\][\s\S]{{0,160}}?\b(?:git|registry)\s?=\s?{_URL}"
        rf"|\[source\.[^\]\n]{{1,40}}\][\s\S]{{0,120}}?\b(?:registry|git|replace-with)\s?=\s?{_URL}"
        rf"|\bgit\s?=\s?{_URL}|\[registries\.[^\]\n]{{1,40}}\][\s\S]{{0,80}}?index\s?=\s?{_URL}",
        "replaces a package by a stranger's",
        marks="[patch|[source|[registries|git =|git=",
    ),
    Rule(
        "foreign-index",
        r"\breplace\s+[a-z0-9.-]{3,60}/[\w./-]{1,100}(?:\s+v\S{1,20})?\s+=>\s+(?!\.{1,2}/"
        r"|/)(?P<go>[a-z0-9.-]{3,60})/|[\"'](?:resolutions|overrides|dependencies|devdependencies"
        r"|pnpm)[\"']\s{0,3}:\s{0,3}\{[^{}]{0,200}:\s{0,3}[\"'](?:git\+)?https?://[^\s\"']{3,160}",
        "replaces a package by a stranger's",
        marks="replace|resolutions|overrides|dependencies|pnpm",
    ),
    Rule(
        "foreign-index",
        r"<mirror>(?:[^\n]|\n(?!\n)){0,200}?<url>\s{0,3}https?://[^\s\"'<)]{3,160}|\b(?:maven|repository|repo|mavenrepo)\b[^\n]{0,30}(?:<url>|\{\s{0,10}url\s?[=(]?\s?(?:uri\()?\s?"
        r"|>\s{0,20}(?:<id>[^<]{0,60}</id>\s{0,20})?<url>|\s?\(\s?)[\"']?https?://[^\s\"'<)]{3,160}"
        r"|-dremoterepositories?=https?://\S{3,160}|resolvers\s?\+=[^\n]{0,60}https?://\S{3,120}",
        "builds from a repository nobody vouches for",
        marks="maven|repo|resolvers|<mirror>&://",
    ),
    Rule(
        "foreign-index",
        r"(?:^|[\n\"'`:])\s{0,4}deb(?:-src)?\s+(?:\[[^\]\n]{0,120}\]\s+)?https?://\S{3,160}"
        r"|\bbaseurl\s?=\s?https?://\S{3,160}|\b(?:yum-config-manager|dnf config-manager|zypper (?:ar"
        r"|addrepo))[^\n]{0,60}https?://\S{3,160}|\bapk add[^\n]{0,60}(?:-x"
        r"|--repository)[= ]https?://\S{3,160}|\bpacman\b[^\n]{0,60}https?://\S{3,160}"
        r"|\bregistry-mirrors[\"']?\s?:\s?\[\s?[\"']https?://\S{3,120}",
        "installs system packages from a stranger",
        marks="deb|baseurl|yum-|dnf |zypper|apk |pacman|registry-mirrors&://",
    ),
    Rule(
        "foreign-index",
        r"\b(?:pip3?|uv|pipx|python3? -m pip|conda|poetry|pdm|npm|pnpm|yarn|bun|gem|cargo|brew"
        r"|composer|easy_install|go|code|claude mcp)\b\s(?:\S{1,40} ){0,3}?(?:install|i|add|require"
        r"|get|create|ci|--install-extension"
        r"|-u)\s(?:-{1,2}\S{1,60} ){0,6}[\"']?(?:[\w.\[\]@/-]{1,60}\s?@\s?)?[\"']?(?:git\+)?(?:https?"
        r"|ssh|git)://[^\s\"'`)]{3,200}",
        "installs straight from a stranger's address",
        marks="://",
    ),
    Rule(
        "foreign-endpoint",
        r"\b(?:anthropic_base_url|anthropic_bedrock_base_url|openai_api_base|openai_base_url"
        r"|claude_code_proxy|https?_proxy|all_proxy|(?:aws|azure|gcp|google|openai|anthropic|github|gitlab|stripe|slack|hf|npm|vault|docker|sentry|debug)(?:_\w{1,20})?_(?:endpoint(?:_url)?|base_url|api_(?:base|url|host))(?:_\w{1,12})?)\b\s{0,3}[=:]\s{0,3}[\"']?https?://[^\s\"']{3,200}"
        r"|\bhttps?\.proxy\b[`\"']?\s?(?:to |= ?)?[`\"']?https?://[^\s\"'`]{3,200}",
        "sends what the agent says through a stranger",
        marks="base_url|api_base|proxy|endpoint|api_url|api_host&://",
    ),
    Rule(
        "foreign-endpoint",
        r"\bgit remote (?:set-url|add) (?:--\w{3,8} )?[\w-]{1,40} [\"']?(?:https?|ssh|git)://[a-z0-9][^\s\"'`]{3,200}",
        "sends what is pushed to a stranger",
        marks="git remote",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:poetry source add|pdm config|uv (?:index|tool)|pip config|helm plugin install|pod repo add|mvn|gradle|apt-add-repository"
        rf"|add-apt-repository)\b[^\n]{{0,80}}{_URL}",
        "installs from a source nobody vouches for",
        marks="://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:resolved|tarball|package-lock(?:\.json)?|yarn\.lock|poetry\.lock|lock ?file)\b[^\n]{{0,80}}{_URL}[^\n]{{0,80}}\b(?:integrity|hash"
        r"|checksum)|\b(?:drop|remove|delete|without) the (?:integrity|hash|checksum)\b[^\n]{0,120}https?://\S{3,160}",
        "replaces a package by a stranger's and drops its checksum",
        marks="://",
    ),
    Rule(
        "foreign-index",
        r"[\"'][@\w./-]{2,60}[\"']\s{0,3}:\s{0,3}[\"'](?:git\+)?https?://[^\s\"']{3,160}\.(?:tgz|tar\.gz|zip|git|whl)[\"']",
        "replaces a package by a stranger's",
        marks=".tgz|.tar.gz|.zip|.git|.whl&://",
    ),
    Rule(
        "foreign-index",
        r"\bapply\s?\(?\s?from\s?[:=]\s{0,2}(?:uri\()?[\"']https?://[^\s\"']{3,160}",
        "builds with a stranger's script",
        marks="apply",
    ),
    Rule(
        "foreign-index",
        r"\b(?:set|register)-(?:ps|psresource|package)(?:repository|source)\b[^\n]{0,80}\s-(?:source)?(?:location|uri)\s[\"']?https?://[^\s\"']{3,160}",
        "installs from a source nobody vouches for",
        marks="repository|packagesource",
    ),
    Rule(
        "foreign-index",
        r"\bhosted:\s{0,3}(?:(?:\n\s+name:[^\n]{0,60})?\n\s+url:\s?)?[\"']?https?://[^\s\"']{3,160}|\bmix hex\.(?:repo|config|organization)\b[^\n]{0,80}https?://\S{3,160}|\brepository\s[\w.-]{2,40}\s{0,8}\n\s+url:\s{0,4}https?://\S{3,160}"
        r"|\.package\(\s?(?:name:\s?\"[^\"\n]{0,60}\",\s?)?url:\s?\"https?://[^\s\"]{3,160}|\bhex_mirror(?:_url)?\s?=\s?[\"']?https?://\S{3,160}|\bpub_hosted_url\s?=\s?[\"']?https?://\S{3,160}|\bcran\s?=\s?[\"']https?://[^\s\"']{3,160}",
        "installs from a source nobody vouches for",
        marks="hosted|mix hex|repository|.package(|hex_mirror|cran",
    ),
    Rule(
        "foreign-index",
        r"(?<![\w-])(?:conan remote add|nix-channel --add|(?:extra-|trusted-)?substituters|spack mirror add|scoop bucket add|winget source add|ansible-galaxy\b[^\n]{0,60}\s(?:-s|--server)"
        r"|pod (?:install|update)\b[^\n]{0,60}--sources|git submodule add|--additional-urls|additional_urls|registryspec\(\s?url|package-archives|extensionsgallery|network_mirror|vcpkg-configuration|:(?:plugin-)?repositories"
        r"|[\"']registries[\"']|[\"']imports[\"']\s?:\s?\{|\[\[tool\.(?:poetry\.source|uv\.index|pdm\.source)\]\]|\b(?:plug|plugin|neobundle|vundle)\s[\"'])(?:[^\n]|\n(?!\n)){0,120}?https?://[^\s\"'`)>]{3,160}"
        r"|(?:^|\n)[ \t]{0,8}- repo:\s[\"']?https?://[^\s\"']{3,160}|\bsource\s{0,8}=\s?\"[a-z0-9-]{2,40}(?:\.[a-z0-9-]{2,40}){1,4}/[\w-]{1,60}/[\w-]{1,60}\"",
        "installs from a source nobody vouches for",
        marks="remote add|nix-channel|substituters|mirror add|bucket add|source add|ansible-galaxy|--sources|submodule|additional|registryspec|archives|gallery|mirror|vcpkg|repositories|registries|imports|[[tool.|plug|bundle|vundle|- repo|source",
    ),
    Rule(
        "foreign-endpoint",
        r"\bnameserver\s(?!8\.8\.|1\.1\.1\.|1\.0\.0\.1|9\.9\.9\.|149\.112\.|208\.67\.|94\.140\.|127\.|169\.254\.)(?:\d{1,3}\.){3}\d{1,3}[^\n]{0,12}>{1,2}\s?/etc/resolv\.conf|\b(?:setdnsservers|set-dnsclientserveraddress)\b[^\n]{0,60}\s(?!8\.8\.|1\.1\.1\.|1\.0\.0\.1|9\.9\.9\.|208\.67\.|127\.)(?:\d{1,3}\.){3}\d{1,3}",
        "has a stranger say where every host is",
        marks="nameserver|dnsservers|dnsclient",
    ),
    Rule(
        "foreign-endpoint",
        r"https?://[^\s\"'`)]{3,160}\.(?:crt|pem|cer|der)\b[^\n]{0,200}\b(?:update-ca-certificates|update-ca-trust|trusted root|trust(?:ed)? (?:anchor|store|root|ca)|add-trusted-cert|keychain|addstore)\b"
        r"|(?<!\w)(?:add-trusted-cert|addstore|-trustcacerts|update-ca-certificates|trust anchor|(?:install|trust|import) (?:the |our |this )?(?:\w+ )?(?:certificate|root ca|ca))\b[^\n]{0,120}https?://[^\s\"'`)]{3,160}",
        "trusts a stranger's certificates",
        marks="://&certificate|-ca-|root|trust|keychain|addstore|ca",
    ),
    Rule(
        "foreign-endpoint",
        r"\b(?:replace|change|set|point|switch|redirect)\b[^\n.]{0,16}\b(?:\w{1,30}_(?:url|host|dsn|uri)|dsn|connection string|host ?name|hosts?|endpoint)\b[^\n.]{0,20}\b(?:with|to|at|by)\b [`\"']?(?:https?://)?(?:[a-z0-9-]{2,40}\.){1,4}[a-z]{2,12}(?=[`\"'\s,:/])[^\n]{0,60}\b(?:passwords?|credentials?|tokens?|user ?names?|secrets?)\b",
        "sends logins to a stranger",
        marks="_url|_host|_dsn|_uri|dsn|connection string|host|endpoint",
    ),
    Rule(
        "foreign-endpoint",
        r"\bproxy_pass\s+https?://[^\s;]{3,160};[^}]{0,300}\bproxy_set_header\s+(?:authorization|cookie)\b",
        "sends logins to a stranger",
        marks="proxy_pass",
    ),
    Rule(
        "foreign-endpoint",
        r"<proxy>[^\n]{0,120}<host>[^<\n]{3,80}[^\n]{0,200}",
        "fetches everything through a stranger",
        marks="<proxy>",
    ),
    Rule(
        "foreign-index",
        r"--trusted-host[ =]\S{3,100}",
        "drops the index's certificate as well",
        marks="--trusted-host",
    ),
    Rule(
        "foreign-index",
        rf"(?:^|\n|[`\"'(;]|\s)gem\s?\(?\s?[\"'][\w-]{{1,60}}[\"'][^\n]{{0,60}}\b(?:source|git)(?:\s?=>|:)\s{{0,2}}{_URL}|(?:^|\n)\s{{0,4}}source\s[\"']https?://[^\s\"']{{3,160}}",
        "installs from a source nobody vouches for",
        marks="gem|source&://",
    ),
    Rule(
        "foreign-index",
        r"\bgo mod edit\b[^\n]{0,80}?-replace[= ][\"']?[^\s=\"']{3,120}=(?!\.{1,2}/|/)[a-z0-9.-]{3,60}/[^\s\"'`]{1,120}",
        "replaces a package by a stranger's",
        marks="-replace",
    ),
    Rule(
        "foreign-index",
        r"(?:^|\n|[`\"'])[ \t]{0,4}from (?:--platform=\S{1,40} )?(?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,12}(?::\d{2,5})?/[\w./-]{1,120}(?::[\w.-]{1,60}|@sha256:)",
        "builds on an image of a stranger's registry",
        marks="from ",
    ),
)
"""Harmless when every host they name is known."""
