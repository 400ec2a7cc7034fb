"""Credentials that announce themselves: fixed prefixes that vendors give their tokens."""

from typing import NamedTuple

_ALNUM = "[A-Za-z0-9]"
_URL = "[A-Za-z0-9_-]"
_B64 = "[A-Za-z0-9+/=_-]"
_HEX = "[A-Fa-f0-9]"
_DOTTED = "[A-Za-z0-9_.=-]"


class Vendor(NamedTuple):
    """One kind of token: any of ``prefixes``, then at least ``least`` characters of ``body``.

    ``least`` is about half of the real length, so that a shortened or newly shaped token is still caught;
    ``reason`` says whose it is.
    """

    kind: str
    prefixes: str
    body: str
    least: int
    reason: str


VENDORS = (
    # Clouds
    Vendor("aws-access-key", "AKIA ASIA ABIA ACCA", "[A-Z0-9]", 12, "AWS long-term and session key ids"),
    Vendor("aws-bedrock-key", "ABSK bedrock-api-key-", _B64, 30, "Amazon Bedrock API keys"),
    Vendor("google-key", "AIza", _URL, 25, "Google API key: Maps, Gemini, Firebase"),
    Vendor(
        "google-oauth", "ya29. GOCSPX- 1//0", _DOTTED, 16, "Google OAuth access, client and refresh secrets"
    ),
    Vendor(
        "digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", _HEX, 24, "DigitalOcean personal, OAuth, refresh"
    ),
    Vendor("digitalocean-key", "DO00 DO801", "[A-Z0-9]", 14, "DigitalOcean Spaces access key id"),
    Vendor("cloudflare-key", "v1.0-", "[A-Za-z0-9-]", 60, "Cloudflare origin CA key"),
    Vendor("cloudflare-token", "cfut_ cfat_ cfk_", _ALNUM, 24, "Cloudflare user and account tokens"),
    Vendor("alibaba-key", "LTAI", _ALNUM, 12, "Alibaba Cloud access key id"),
    Vendor("tencent-key", "AKID", _ALNUM, 24, "Tencent Cloud secret id"),
    Vendor("yandex-key", "AQVN YCAJ YCM t1.9eu", _DOTTED, 24, "Yandex Cloud API, static and IAM keys"),
    Vendor("heroku-key", "HRKU-", _URL, 20, "Heroku platform key"),
    Vendor("fly-token", "fo1_ fm1a_ fm1r_ fm2_", _B64, 20, "Fly.io access tokens"),
    Vendor(
        "hosting-token",
        "nfp_ rnd_ vcp_ vck_ sbp_ sb_secret_ napi_ aivenv1",
        _URL,
        16,
        "Netlify, Render, Vercel, Supabase, Neon, Aiven",
    ),
    Vendor(
        "database-token",
        "pscale_tkn_ pscale_pw_ pscale_oauth_ dapi mdb_sa_sk_ cflt 4b1d",
        _DOTTED,
        24,
        "PlanetScale, Databricks, Atlas, Confluent, ClickHouse",
    ),
    # Secret stores and infrastructure
    Vendor("vault-token", "hvs. hvb. hvr. s.", _URL, 18, "HashiCorp Vault service, batch, recovery tokens"),
    Vendor("pulumi-token", "pul-", _ALNUM, 24, "Pulumi access token"),
    Vendor(
        "secret-store-token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. ops_eyJ",
        _B64 + "|\\.",
        16,
        "Doppler, 1Password",
    ),
    Vendor("1password-key", "A3-", "[A-Z0-9-]", 24, "1Password account secret key"),
    Vendor("age-key", "AGE-SECRET-KEY-1", "[A-Z0-9]", 30, "age identity"),
    Vendor("tailscale-key", "tskey-", _URL, 12, "Tailscale auth, API and client keys"),
    # Source control and build
    Vendor(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        "[A-Za-z0-9_]",
        16,
        "GitHub personal, OAuth, app, refresh",
    ),
    Vendor(
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- gloas- glsoat- glagent- glimt- glffct- glwt- GR1348941",
        _DOTTED,
        14,
        "GitLab personal, deploy, runner, job and other tokens",
    ),
    Vendor(
        "atlassian-token",
        "ATATT3 ATCTT3 ATBB ATSTT ATOAT ATTA BBDC-",
        _B64,
        16,
        "Atlassian, Bitbucket, Trello",
    ),
    Vendor(
        "ci-token",
        "CCIPAT_ CCIPRJ_ bkua_ squ_ sqp_ sqa_ sqco_ sgp_ slk_ sonp_ sktsec_",
        "[A-Za-z0-9_]",
        20,
        "CircleCI, Buildkite, Sonar, Sourcegraph",
    ),
    Vendor("artifactory-key", "AKCp cmVmd", _ALNUM, 40, "JFrog Artifactory API key and reference token"),
    Vendor("docker-token", "dckr_pat_ dckr_oat_", _URL, 14, "Docker Hub personal and organisation tokens"),
    Vendor("npm-token", "npm_", _ALNUM, 20, "npm access token"),
    Vendor("pypi-token", "pypi-", _URL, 32, "PyPI upload token (a macaroon)"),
    Vendor("registry-token", "rubygems_ CLOJARS_ cio oy2", _ALNUM, 30, "RubyGems, Clojars, crates.io, NuGet"),
    # Messages and mail
    Vendor(
        "slack-token",
        "xoxb- xoxa- xoxp- xoxr- xoxo- xoxs- xoxc- xoxd- xoxe- xoxe. xapp-",
        "[A-Za-z0-9.%-]",
        12,
        "Slack bot, user, app, refresh, browser",
    ),
    Vendor("sendgrid-key", "SG.", _DOTTED, 20, "SendGrid API key"),
    Vendor(
        "mail-key",
        "key- pubkey- xkeysib- xsmtpsib- re_ mlsn.",
        "[A-Za-z0-9_-]",
        18,
        "Mailgun, Brevo, Resend, MailerSend",
    ),
    Vendor("twilio-key", "SK", _ALNUM, 32, "Twilio API key"),
    # Payments and commerce
    Vendor(
        "stripe-key",
        "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_",
        _ALNUM,
        10,
        "Stripe secret, restricted, webhook",
    ),
    Vendor("square-token", "sq0atp- sq0csp- sq0idp- sq0idb- sq0icp- sq0cff- EAAA", _URL, 20, "Square"),
    Vendor("shopify-token", "shpat_ shpca_ shppa_ shpss_ shprt_ shptka_ shpua_", _ALNUM, 16, "Shopify"),
    Vendor(
        "payment-key",
        "access_token$ FLWSECK_TEST- FLWSECK- EZAK EZTK shippo_live_ shippo_test_ rzp_live_ rzp_test_ "
        "duffel_live_ duffel_test_ ak_live_ ak_test_ cal_live_ cal_test_ flb_live_ flb_test_",
        "[A-Za-z0-9$_=-]",
        12,
        "Braintree, Flutterwave, EasyPost, Shippo, Razorpay, Duffel, Pagar.me, Cal.com, Fleetbase",
    ),
    # Observability and product tools
    Vendor("newrelic-key", "NRAK- NRJS- NRII- NRIQ- NRRA- NRAA- NRBR-", _URL, 12, "New Relic"),
    Vendor(
        "sentry-token", "sntrys_ sntryu_ sntrya_ sntryi_", _B64, 20, "Sentry user and organisation tokens"
    ),
    Vendor("grafana-token", "glc_ glsa_ eyJrIjoi", _B64, 20, "Grafana cloud, service account, legacy keys"),
    Vendor(
        "monitoring-key",
        "dt0c01. dt0s16. hcaik_ hcxik_ hcbik_ phx_ phs_ lsv2_pt_ lsv2_sk_ ls__ sk-lf- ddp_ ddapi_ xaat- xapt- "
        "rootly_",
        _DOTTED,
        20,
        "Dynatrace, Honeycomb, PostHog, LangSmith, Langfuse, Datadog, Axiom, Rootly",
    ),
    Vendor(
        "launchdarkly-key",
        "sdk- mob- api-",
        "[0-9a-f-]",
        36,
        "LaunchDarkly SDK, mobile, API keys (UUID form)",
    ),
    Vendor("notion-token", "ntn_ secret_", _ALNUM, 30, "Notion integration"),
    Vendor("linear-key", "lin_api_ lin_oauth_", _ALNUM, 20, "Linear"),
    Vendor("airtable-token", "pat", "[A-Za-z0-9.]", 60, "Airtable personal access token"),
    Vendor(
        "design-token",
        "figd_ figu_ figp_ figo_ CFPAT- PMAK- PMAT- tfp_ rdme_ fio-u- pnu_ p8e- sl.",
        _DOTTED,
        20,
        "Figma, Contentful, Postman, Typeform, ReadMe, Frame.io, Prefect, Adobe, Dropbox",
    ),
    Vendor("hubspot-token", "pat-na1- pat-eu1- pat-na2- pat-ap1-", "[A-Za-z0-9-]", 30, "HubSpot private app"),
    Vendor("mapbox-token", "sk.eyJ tk.eyJ", _DOTTED, 30, "Mapbox secret and temporary tokens"),
    Vendor(
        "facebook-token", "EAAB EAAC EAAD EAAG EAAM IGQVJ IGQVI IGQW", _ALNUM, 60, "Meta graph API tokens"
    ),
    Vendor("twitter-token", "AAAAAAAAAAAAAAAAAAAA", "[A-Za-z0-9%]", 60, "X (Twitter) app bearer token"),
    Vendor("octopus-key", "API-", "[A-Z0-9]", 25, "Octopus Deploy"),
    Vendor(
        "other-key",
        "os_v2_app_ tk-us- e2b_ ico- sm_pat_ sm_aat_ sm_sat_ tvly- fc- ntfy_ tk_ dnkey- s-s4t2ud- "
        "s-s4t2af- api_org_",
        _URL,
        28,
        "OneSignal, Scalingo, E2B, Infracost, Tavily, Firecrawl and others",
    ),
    Vendor(
        "other-key",
        "aio_ apify_api_ salad_cloud_ authress_ shltm_ thog-key- thog-secret- rpa_ llx- tr_dev_ tr_prod_ tr_pat_ "
        "signkey-prod- signkey-test- ory_at_ ory_rt_ ory_st_ ory_pat_ ory_ac_ CCDB1_ web_ BBFF- endr+ sm_pat_ sm_aat_",
        _DOTTED,
        14,
        "Adafruit, Apify, Salad, Authress, Flexport, TruffleHog, RunPod, LlamaCloud, Trigger, Inngest, Ory and others",
    ),
    Vendor(
        "uuid-key",
        "rh-api- sec-c- pub-c- sub-c-",
        "[A-Za-z0-9-]",
        36,
        "Robinhood, PubNub: a prefix and a UUID",
    ),
    Vendor(
        "klaviyo-key", "pk_", "[0-9a-f]", 32, "Klaviyo private key; publishable keys of others are no hex"
    ),
    Vendor(
        "salesforce-token", "3MVG9 5AEP861", "[A-Za-z0-9._=]", 60, "Salesforce consumer key, refresh token"
    ),
    Vendor("jwt", "ZXlK", _B64, 60, "a JSON web token in base64 once more"),
    Vendor("intercom-token", "dG9rO", _B64, 30, "Intercom access token"),
    Vendor("voiceflow-key", "VF.", _DOTTED, 36, "Voiceflow"),
    Vendor("minisign-key", "RWRTY0Iy", _B64, 60, "minisign secret key"),
    # Language models
    Vendor("anthropic-key", "sk-ant-", _URL, 16, "Anthropic API, admin and OAuth keys"),
    Vendor(
        "openai-key",
        "sk-proj- sk-svcacct- sk-admin- sk-None- sess-",
        _URL,
        20,
        "OpenAI project, service, admin keys",
    ),
    Vendor("openrouter-key", "sk-or-v1-", _ALNUM, 24, "OpenRouter"),
    Vendor(
        "llm-key", "sk- sk_", _URL, 20, "OpenAI legacy, DeepSeek, Moonshot, DashScope, LiteLLM, ElevenLabs"
    ),
    Vendor("huggingface-token", "hf_", _ALNUM, 16, "Hugging Face"),
    Vendor(
        "model-host-key",
        "gsk_ r8_ pplx- xai- nvapi- tgp_v1_ fw_ pcsk_ jina_ pa- esecret_ csk- voyage- up_",
        _URL,
        20,
        "Groq, Replicate, Perplexity, xAI, NVIDIA, Together, Fireworks, Pinecone, Jina, Voyage, Cerebras",
    ),
    # Password hashes are offline-crackable, so they count as secrets
    Vendor(
        "password-hash",
        "$2a$ $2b$ $2y$ $5$ $6$ $y$ $argon2id$ $argon2i$ $pbkdf2-sha256$ $scrypt$",
        "[A-Za-z0-9./$=,+-]",
        30,
        "crypt(3) style hashes",
    ),
)
"""Every announced token; formats as published by the vendors and by the public scanners' rule sets."""

GENERIC = frozenset(
    "s. sk- sk_ key- pubkey- re_ fw_ pa- up_ tk_ fc- api- sdk- mob- pat SK API- A3- v1.0- cio oy2 "
    "sess- ico- secret_ dapi 4b1d rnd_ sl. t1.9eu AKID EAAA EAAB EAAC EAAD EAAG EAAM $5$ $6$ $y$ "
    "pul- csk- voyage- ls__ phs_ cflt YCM web_ rpa_ pk_ llx- VF. DO00 DO801".split()
)
"""Prefixes that ordinary words share: a short remainder at a cut proves nothing for these."""
