"""Which hosts a trace may fetch programs and packages from without being looked at."""

import re
from collections.abc import Iterator

from commontrace_rules.screening.rules import compiled

KNOWN = frozenset(
    """
    github.com githubusercontent.com githubassets.com github.io ghcr.io gitlab.com bitbucket.org codeberg.org sr.ht gitea.com
    pypi.org pythonhosted.org python.org pytorch.org nvidia.com anaconda.com anaconda.org conda.io python-poetry.org astral.sh pdm-project.org
    npmjs.org npmjs.com npmmirror.com yarnpkg.com nodejs.org nodesource.com pnpm.io webi.sh webi.ms webinstall.dev dune.build radeon.com amd.com vllm.ai byterover.dev pkg.pr.new bun.sh bun.com deno.land deno.com jsr.io unpkg.com jsdelivr.net esm.sh
    rustup.rs rust-lang.org crates.io golang.org go.dev goproxy.io goproxy.cn rubygems.org ruby-lang.org rvm.io maven.org apache.org gradle.org
    sonatype.org jcenter.bintray.com spring.io jitpack.io sdkman.io clojars.org hex.pm elixir-lang.org packagist.org getcomposer.org php.net
    nuget.org microsoft.com windows.net visualstudio.com dot.net powershellgallery.com chocolatey.org scoop.sh get.scoop.sh winget.run aka.ms
    docker.com docker.io k8s.io kubernetes.io helm.sh quay.io gcr.io pkg.dev google.com googleapis.com googlesource.com dl.google.com
    cloud.google.com android.com dart.dev flutter.dev pub.dev swift.org apple.com brew.sh homebrew.bintray.com macports.org
    debian.org ubuntu.com launchpad.net fedoraproject.org centos.org redhat.com rockylinux.org almalinux.org archlinux.org alpinelinux.org
    opensuse.org nixos.org gnu.org kernel.org sourceforge.net freedesktop.org mozilla.org llvm.org cmake.org openssl.org postgresql.org
    mysql.com mariadb.org mongodb.org mongodb.com redis.io elastic.co hashicorp.com terraform.io amazonaws.com aws.amazon.com azure.com
    digitalocean.com cloudflare.com fly.io vercel.com vercel.app netlify.com heroku.com render.com supabase.com jetbrains.com
    anthropic.com claude.ai claude.com openai.com huggingface.co ollama.com ollama.ai groq.com mistral.ai opencode.ai cursor.com goose.ai
    tailscale.com mise.run mise.jdx.dev asdf-vm.com starship.rs direnv.net zsh.org ohmyz.sh atuin.sh volta.sh nvm.sh just.systems
    haskell.org ocaml.org julialang.org r-project.org rstudio.com posit.co scala-lang.org coursier.io kotlinlang.org ziglang.org
    cypress.io playwright.dev sentry.io datadoghq.com grafana.com prometheus.io circleci.com travis-ci.com codecov.io sonarsource.com
    get-pip.py get.rvm.io letsencrypt.org acme.sh wordpress.org drupal.org xdebug.org imagemagick.org ffmpeg.org sqlite.org
    tuna.tsinghua.edu.cn aliyun.com aliyuncs.com ustc.edu.cn tencent.com huaweicloud.com stackoverflow.com stackexchange.com wikipedia.org
    w3.org ietf.org readthedocs.io readthedocs.org archive.org shields.io example.com example.org example.net company.com mycompany.com yourcompany.com your-company.com yourdomain.com mydomain.com contoso.com
    cloudsmith.io packagecloud.io launchpad.net launchpadcontent.net sury.org pyenv.run k3s.io pypa.io zope.org plone.org bitnami.com sentry.dev get.sentry.io traefik.io linkerd.io buoyant.io buoyant.cloud istio.io argoproj.io cert-manager.io jetstack.io rancher.io rancher.com gitea.io nats.dev
    releases.rs eksctl.io krew.sigs.k8s.io foundry.paradigm.xyz solana.com ethereum.org nextjs.org vuejs.org angular.io svelte.dev reactjs.org expo.dev
    ionicframework.com electronjs.org tauri.app babeljs.io webpack.js.org vitejs.dev jestjs.io eslint.org typescriptlang.org prisma.io stripe.com twilio.com
    slack.com atlassian.com bitnami.org oracle.com java.com openjdk.org adoptium.net azul.com eclipse.org ibm.com intel.com amd.com
    gh.io fluxcd.io factory.ai nousresearch.com ampcode.com augmentcode.com kiro.dev windsurf.com codeium.com sourcegraph.com continue.dev aider.chat block.xyz charm.sh
    devenv.sh nix.dev cachix.org lix.systems flakehub.com wasmcloud.com cue.dev buf.build bazel.build nx.dev prefect.io dagster.io astronomer.io snowflake.com
    databricks.com confluent.io cockroachlabs.com influxdata.com timescale.com clickhouse.com surrealdb.com meilisearch.com qdrant.tech weaviate.io milvus.io vector.dev
    fluentbit.io newrelic.com dynatrace.com honeycomb.io signoz.io netdata.cloud portainer.io coollabs.io dokploy.com caprover.com tilt.dev devspace.sh loft.sh vcluster.com
    crossplane.io upbound.io kyverno.io openpolicyagent.org cilium.io projectcalico.org rook.io longhorn.io knative.dev tekton.dev jenkins.io drone.io buildkite.com forgejo.org
    netbird.io zerotier.com goteleport.com vaultproject.io packer.io vagrantup.com opentofu.org infracost.io snyk.io semgrep.dev trufflesecurity.com anchore.io aquasec.com
    chainguard.dev sigstore.dev renovatebot.com 1password.com bitwarden.com brave.com signal.org sublimetext.com postman.com insomnia.rest konghq.com apollographql.com apollo.dev
    hasura.io nhost.io appwrite.io pocketbase.io directus.io strapi.io ghost.org encore.dev shuttle.dev shuttle.rs sst.dev serverless.com convex.dev neon.tech neon.com planetscale.com
    upstash.com koyeb.com clever-cloud.com platform.sh upsun.com ddev.com lando.dev symfony.com laravel.com frankenphp.dev rubyonrails.org graalvm.org quarkus.io micronaut.io
    jbang.dev lean-lang.org purescript.org vlang.io odin-lang.org raku.org perlbrew.pl perl.org cpanmin.us metacpan.org cocoapods.org reactnative.dev capacitorjs.com unity.com
    godotengine.org blender.org qt.io conan.io mesonbuild.com pantsbuild.org turbo.build rspack.dev biomejs.dev oxc.rs astro.build nuxt.com solidjs.com gatsbyjs.com hexo.io
    jekyllrb.com gohugo.io mkdocs.org docusaurus.io mintlify.com soliditylang.org hardhat.org anza.xyz sui.io starknet.io risczero.com near.org pi-hole.net pivpn.io
    raspberrypi.com home-assistant.io openwrt.org adguard.com proxmox.com jellyfin.org plex.tv nextcloud.com owncloud.com syncthing.net min.io minio.io ceph.com rclone.org restic.net
    kopia.io fishshell.com nushell.sh ohmyposh.dev chezmoi.io yadm.io orbstack.dev lima-vm.io rancherdesktop.io podman.io gvisor.dev k3d.io k0sproject.io rke2.io talos.dev flatcar.org
    k9scli.io arkade.dev openfaas.com taskfile.dev goreleaser.com ko.build atlasgo.sh atlasgo.io sqlc.dev steampipe.io cloudquery.io airbyte.com getdbt.com trino.io metabase.com
    quarto.org jupyter.org wandb.ai mlflow.org dvc.org ray.io runpod.io lambdalabs.com together.ai cohere.com lmstudio.ai jan.ai gpt4all.io nomic.ai localai.io tabbyml.com
    langchain.com llamaindex.ai crewai.com letta.com mem0.ai getzep.com browserbase.com composio.dev smithery.ai windmill.dev inngest.com trigger.dev nats.io rabbitmq.com emqx.io
    redpanda.com fury.io lscr.io linuxserver.io nvcr.io ecr.aws cgr.dev n8n.io pulumi.com determinate.systems moonrepo.dev pixi.sh duckdb.org temporal.io temporal.download
    dapr.io dagger.io earthly.dev okteto.com jetify.com flox.dev k0s.sh railway.com railway.app turso.tech meteor.com doppler.com scaleway.com
    leiningen.org babashka.org nim-lang.org crystal-lang.org elm-lang.org gleam.run wasmtime.dev wasmer.io wasmedge.org fermyon.com
    unikraft.org kraftkit.sh zed.dev warp.dev nextdns.io gradio.app streamlit.io caddyserver.com meltano.com fastlane.tools golangci-lint.run
    youtube.com youtube-nocookie.com youtu.be vimeo.com loom.com star-history.com substack.com figma.com asciinema.org wistia.com wistia.net giphy.com codepen.io codesandbox.io stackblitz.com opencollective.com contrib.rocks
    git-scm.com cygwin.com opentelemetry.io python-httpx.org pydantic.dev modal.com minimax.io deepseek.com moonshot.ai openrouter.ai
    """.split()
)
"""Registrable names whose sub-domains are as trustworthy as the ecosystem itself."""

_LOCAL = r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)$"
_PRIVATE = r"(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|.*\.(?:internal|intranet|corp|lan|home\.arpa|repo)$|[a-z][a-z0-9-]{0,40}$"
_PLACEHOLDER = r"(?:(?:(?:my|your|our|some|another|custom|example)-?)?(?:corp(?:oration)?|org(?:ani[sz]ation)?|company|enterprise|internal)|(?:my|your|our|some|another|custom|example)-?(?:domain|host|server|registry|site|team|enterprise|business)|somewhere(?:-else)?|acme(?:-?corp)?)$"
_STAND_IN = r"(?:[\w-]+\.)*(?:[\w-]+\.example|(?:foo|bar|baz|foobar)\.(?:foo|bar|baz|com|org|net|io))$"
_VILLAIN = r"(?:[\w-]+\.)*(?:attackers?|evil|malicious|hackers?)(?:-?(?:site|server|domain|host|corp))?\.(?:com|net|org|io|example|site)$"
_NUMERIC = r"[\d.]+$|\[|0x[0-9a-f]+$"
_URL = (
    r"(?:(?:https?|ftp|oci|git\+https?|git\+ssh|wss?|git|s?ssh|rsync|s?ftps?"
    r"|sparse\+https?)://|(?<=[(\"'=<])//(?=[\w-]+\.))(?:[^\s/@'\"<>]{1,80}@)?([a-z0-9.-]{1,120}|\[[0-9a-f:]{2,40}\])"
)
_BARE = r"(?:(?<![\w./@-])|(?<=[})]\.))((?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,12}|\d{1,3}(?:\.\d{1,3}){3})(?=[/:|\s'\"`)&;]|$)"
_LOGIN = r"(?<=[\w.-]@)((?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,12}|\d{1,3}(?:\.\d{1,3}){3})(?=:|\s{1,3}<<)"
_SHARED_LABELS = frozenset(
    "raw get install download dl cdn api www sh app dev docs data static files pkg git my the test "
    "src lib".split()
)
_COMPANY_START = r"^(?:lets|get|try|use|go|join|with)(?=[a-z]{4})"
_COMPANY_ENDING = r"(?<=[a-z]{4})(?:cd|ci|cli|hq|labs?|app|ai|dev|io|lang|js|db|foundation|project|cloud)$"
"""What a project adds to its name where the plain one was taken: letsdisco.dev, fluxcd.io; never with a hyphen."""


def _plain(owner: str) -> str:
    return compiled(_COMPANY_ENDING).sub("", compiled(_COMPANY_START).sub("", owner))


_TAKEN = frozenset(name.split(".")[-2] for name in KNOWN)
_TAKEN_PLAIN = _TAKEN.union(map(_plain, _TAKEN))
_USUAL = frozenset(("com", "org", "io", "dev", "net"))
_INERT = (".invalid", ".test", ".example", ".onion", ".local", ".zip", ".mov", ".tk", ".ml", ".xyz", ".top")


def urls(text: str) -> Iterator[str]:
    """Yield the hosts of URLs in lower-case ``text``."""
    for match in compiled(_URL).finditer(text):
        if host := match[1].strip("."):
            yield host


def fetched(text: str) -> list[str]:
    """Return the hosts that a download command names, with or without a scheme."""
    found = list(urls(text))
    found += [match[1] for match in compiled(_LOGIN).finditer(text)]
    return found or [match[1] for match in compiled(_BARE).finditer(text)]


def is_local(host: str) -> bool:
    """Tell whether ``host`` is this machine."""
    return compiled(_LOCAL).match(host) is not None


def is_stand_in(host: str) -> bool:
    """Tell whether ``host`` is a name with which documentation stands for any host."""
    return compiled(_STAND_IN).match(host) is not None


def is_villain(host: str) -> bool:
    """Tell whether ``host`` is a name with which documentation stands for an attacker's."""
    return compiled(_VILLAIN).match(host) is not None


def is_known(host: str, subject: str = "") -> bool:
    """Tell whether ``host`` belongs to an ecosystem, to this machine, or to what the trace is about.

    Args:
        host: in lower case.
        subject: words that say what the trace is about (title, tags, context), without its URLs. A project's own
            domain vouches for its installer; reserved, numeric and throw-away domains are never vouched for.
    """
    if is_local(host) or compiled(_PRIVATE).match(host):
        return True
    if compiled(_NUMERIC).match(host):
        return False
    labels = host.split(".")
    if any(".".join(labels[index:]) in KNOWN for index in range(len(labels) - 1)):
        return True
    if host.endswith(_INERT) or len(labels) < 2:
        return False
    owner = labels[-2]
    return compiled(_PLACEHOLDER).match(owner) is not None or _is_subject(
        owner, subject, usual="-" not in owner and labels[-1] in _USUAL
    )


def _is_subject(owner: str, subject: str, *, usual: bool) -> bool:
    """Tell whether ``owner``, as it stands or without what companies add to their names, is what the trace is about.

    Args:
        owner: the label that was registered.
        subject: what the trace is about.
        usual: whether it is one word under an ending that projects secure for themselves.
    """
    if any(part in _TAKEN for part in owner.split("-") if len(part) > 3) and not usual:
        return False  # the name of a known project, which has another host
    if len(owner) > 3 and owner not in _SHARED_LABELS and _names(owner, subject):
        return True
    name = _plain(owner)
    return len(name) > 4 and name not in _TAKEN_PLAIN and _names(name, subject)


def _names(word: str, subject: str) -> bool:
    within = "" if len(word) > 5 else "-"  # `linkerd-buoyant` names buoyant, `web-app` does not name app
    return re.search(rf"(?<![\w{within}]){re.escape(word)}(?![\w{within}])", subject) is not None
